"""Lists that are shown a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Select, func
from sqlalchemy.sql.base import ExecutableOption

from beanft.extensions import db

PER_PAGE = 25
"""Rows on one page of a list."""

Row = TypeVar("Row")


@dataclass(frozen=True, kw_only=True)
class Listing(Generic[Row]):
    """One page of a list."""

    items: Sequence[Row]
    """Rows of this page."""
    page: int
    """Number of this page, from 1."""
    n_pages: int
    """Pages in all, at least 1."""
    total: int
    """Rows in all."""

    def numbers(self) -> dict[str, int]:
        """Which page this is, as plain values."""
        return {"page": self.page, "n_pages": self.n_pages, "total": self.total}


def list_page(query: Select[Row], *, page: int, options: Sequence[ExecutableOption] = ()) -> Listing[Row]:
    """One page of what a query finds; a page that is not there is the nearest one.

    `options` say what is loaded with each row; they are apart from the query, which is counted without.
    """
    counted = query.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    total = db.session.scalar(counted) or 0
    n_pages = max(1, -(-total // PER_PAGE))
    page = min(max(1, page), n_pages)
    shown = query.options(*options).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    return Listing(items=db.session.scalars(shown).all(), page=page, n_pages=n_pages, total=total)
