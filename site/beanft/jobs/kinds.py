"""The kinds of long work; each feature registers its own in tasks.py."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from beanft.models import Job


@dataclass(frozen=True, kw_only=True)
class JobKind:
    """How one kind of job is prepared, done and settled.

    The work itself runs in a child process without database, secrets or Flask: it gets plain values and
    paths, and gives plain values back. Only the worker that supervises it touches the database.
    """

    name: str
    """Such as “ingest”; stands in the job's row."""
    work: str
    """Engine function, as “beanft.engine.tables.read:ingest”; it gets what `prepare` gives and `progress`."""
    prepare: Callable[[Job], dict[str, Any]]
    """Loads rows and gives the keyword arguments of `work`, as JSON values."""
    finish: Callable[[Job, dict[str, Any]], None]
    """Stores the result, in the transaction that makes the job ready: both happen or neither."""
    record: Callable[[Job, dict[str, Any]], None] | None = None
    """Stores one finished part, at once; it stays when the job is cancelled or dies."""
    takes_all_cores: bool = False
    """Whether it keeps the whole machine busy: an owner runs few of these at a time, so that they neither
    slow each other down nor hold every worker."""
    folder: Path | None = None
    """Where `work` is imported from when it is not in the engine, as in tests of the queue."""


_KINDS: dict[str, JobKind] = {}


def register(kind: JobKind) -> None:
    """Make a kind of job known to the workers."""
    _KINDS[kind.name] = kind


def kinds_of_all_cores() -> list[str]:
    """Names of the registered kinds that take all cores."""
    return [kind.name for kind in _KINDS.values() if kind.takes_all_cores]


def kind_of(name: str) -> JobKind:
    """Return the registered kind; KeyError when there is none."""
    return _KINDS[name]
