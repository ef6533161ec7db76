"""The database connection: SQLite made safe for several writers, and the check of its revision."""

from functools import cache
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, g, has_request_context, request
from flask_migrate import upgrade
from sqlalchemy import Engine, Select, event, func, select

from beanft.extensions import db
from beanft.settings import SettingsError

_MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
_BUSY_TIMEOUT_MS = 10_000
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def init_app(app: Flask) -> None:
    """Prepare each connection of SQLite; other databases need nothing."""
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", _prepare_connection)
            event.listen(db.engine, "begin", _begin)


def _prepare_connection(connection: Any, _record: Any) -> None:
    """WAL lets readers go on while one writes; transactions are begun by `_begin`, not by the driver."""
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Any) -> None:
    """Take the write lock at once, except for pages that only read.

    A transaction that reads and then writes fails with "database is locked" when another wrote in
    between, however long the busy timeout; with BEGIN IMMEDIATE it waits its turn.
    """
    only_reads = has_request_context() and (request.method in _SAFE_METHODS or g.get("only_reads", False))
    immediate = connection.get_execution_options().get("immediate", not only_reads)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def release_locks() -> None:
    """End the transaction at hand, which has changed nothing yet, before something that takes a while.

    SQLite's one write lock is taken as a transaction begins (`_begin`): everybody else's write would wait
    while a file is read or written, bytes arrive, a password is checked or a child process computes. Rows
    at hand are read again when they are looked at.
    """
    db.session.rollback()


def only_read() -> None:
    """Take no lock for the rest of this request: what is left is a page that takes a while to make."""
    release_locks()
    g.only_reads = True


def count_rows(query: Select[Any]) -> int:
    """How many rows a query finds."""
    return db.session.scalar(select(func.count()).select_from(query.subquery())) or 0


def migrate_database() -> None:
    """Bring the database to this version's revision.

    Raises
    ------
    SettingsError
        When the database was written by a newer version of Beanft.
    """
    known = {script.revision for script in _scripts().walk_revisions()}
    current = _current_revision(db.engine)
    if current is not None and current not in known:
        raise SettingsError(
            f"The database is from a newer version of Beanft (revision {current}). "
            "Start that version, or restore a backup made before the upgrade."
        )
    upgrade(directory=str(_MIGRATIONS))


def is_current() -> bool:
    """Whether the database has the newest revision."""
    return _current_revision(db.engine) == _newest_revision()


@cache
def _newest_revision() -> str | None:
    return _scripts().get_current_head()


def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return ScriptDirectory.from_config(config)


def _current_revision(engine: Engine) -> str | None:
    with engine.connect().execution_options(immediate=False) as connection:
        return MigrationContext.configure(connection).get_current_revision()
