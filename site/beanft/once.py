"""Forms that are sent twice: what one brought is found again by a stamp that is kept with its row."""

import hashlib
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from beanft.extensions import db
from beanft.models import Batch, Dataset, Experiment

Row = TypeVar("Row", Batch, Dataset, Experiment)


def stamp(form_key: str, *content: Any) -> str | None:
    """Make the stamp of a form from its random key and what was sent; None where there is no key.

    Somebody may go back to a form and send it with other content: that is a new wish.

    >>> stamp("k", 1) == stamp("k", 1), stamp("k", 1) == stamp("k", 2), stamp("")
    (True, False, None)
    """
    return hashlib.sha256(repr((form_key, *content)).encode()).hexdigest() if form_key else None


def add(row: Row) -> Row:
    """Add a row to the transaction at hand; where its owner has one with its stamp, return that instead."""
    made = _find(row)
    if made is not None:
        return made
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:  # the other request of the two was a moment quicker
        made = _find(row)
        if made is None:
            raise
        return made
    return row


def _find(row: Row) -> Row | None:
    if row.once is None:
        return None
    table = type(row)
    return db.session.scalar(select(table).where(table.owner_id == row.owner_id, table.once == row.once))
