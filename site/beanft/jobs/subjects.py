"""The object that a job works on."""

from datetime import datetime
from typing import Protocol, TypeVar

from beanft.engine.errors import EngineError
from beanft.extensions import db
from beanft.models import Job


class _Dated(Protocol):
    """A row that knows when it was made."""

    @property
    def created_at(self) -> datetime:
        """The moment, in UTC."""


_Row = TypeVar("_Row", bound=_Dated)


def subject_of(job: Job, table: type[_Row], gone: str) -> _Row:
    """The row of a table that a job works on.

    Raises
    ------
    EngineError
        With the sentence `gone`, when it was deleted.
    """
    return row_of(job, table, job.subject_id, gone)


def row_of(job: Job, table: type[_Row], number: int | None, gone: str) -> _Row:
    """The row of a number that a job was given when it was queued.

    SQLite gives the number of a deleted row to the next one, which may be somebody else's: what was made
    after the job is not what it was queued for.

    Raises
    ------
    EngineError
        With the sentence `gone`, when it was deleted.
    """
    row = None if number is None else db.session.get(table, number)
    if row is None or row.created_at > job.created_at:
        raise EngineError(gone)
    return row
