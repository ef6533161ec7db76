"""How Alembic reaches the database: through the Flask app at hand."""

from typing import Any

from alembic import context
from flask import current_app

from beanft.models.types import UtcDateTime

database = current_app.extensions["migrate"].db


def render_item(kind: str, item: Any, _autogenerate_context: Any) -> str | bool:
    """Write our moments as plain DateTime: revisions must not depend on today's code."""
    return "sa.DateTime()" if kind == "type" and isinstance(item, UtcDateTime) else False


def run_migrations() -> None:
    """Migrate with SQLite's foreign keys switched off.

    A batch migration copies a table, drops the old one and renames the copy. With foreign keys on, the
    drop deletes every row that refers to it (ON DELETE CASCADE). So they are off here, the references
    are checked before the commit, and on again afterwards.
    """
    with database.engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        raw = connection.connection.driver_connection
        if sqlite:
            raw.execute("PRAGMA foreign_keys=OFF")
        try:
            context.configure(
                connection=connection,
                target_metadata=database.metadata,
                render_item=render_item,
                # Alembic believes that SQLite cannot undo a CREATE TABLE; with an explicit BEGIN it can.
                transactional_ddl=True,
                **current_app.extensions["migrate"].configure_args,
            )
            with context.begin_transaction():
                context.run_migrations()
                broken = raw.execute("PRAGMA foreign_key_check").fetchall() if sqlite else []
                if broken:
                    raise RuntimeError(f"it would leave rows without what they refer to: {broken[:5]}")
        finally:
            if sqlite:
                raw.execute("PRAGMA foreign_keys=ON")


run_migrations()
