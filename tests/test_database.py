"""SQLite made safe: no lost update, no child row lost in a migration, no database from the future."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import select, text

from beanft.database import is_current, migrate_database
from beanft.extensions import db
from beanft.factory import create_app
from beanft.models import Dataset, Version
from beanft.settings import SettingsError
from factories import make_user

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def app(new_app: Flask) -> Flask:
    """One in the folder of the test, whose database no other test gets."""
    return new_app


def test_connections_are_prepared(context: None) -> None:
    facts = {
        name: db.session.scalar(text(f"PRAGMA {name}"))
        for name in ("journal_mode", "foreign_keys", "synchronous")
    }
    assert facts == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 1}


def test_the_tables_are_those_of_the_newest_revision(app: Flask) -> None:
    with app.app_context():
        assert is_current()
        check(directory=str(ROOT / "migrations"))  # raises when a table and the revisions differ


def test_every_revision_can_be_undone_and_done_again(tmp_path: Path) -> None:
    app = create_app(instance=tmp_path)
    with app.app_context():
        migrate_database()
        downgrade(directory=str(ROOT / "migrations"), revision="base")
        assert db.session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all() == [
            "alembic_version"
        ]
        db.session.remove()
        migrate_database()
        assert is_current()
        db.engine.dispose()


_WRITER = """
import sys; sys.path.insert(0, "site")
from beanft.factory import create_app
from beanft.models import Dataset, Version
from beanft.extensions import db
from sqlalchemy import select, text
app = create_app(instance=sys.argv[1])
for _ in range(30):
    with app.app_context():
        n = db.session.scalar(text("SELECT at FROM counter"))
        db.session.execute(text("UPDATE counter SET at = :n"), {"n": n + 1})
        db.session.commit()
"""


def test_read_then_write_from_several_processes_loses_nothing(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        db.session.execute(text("CREATE TABLE counter (at INTEGER)"))
        db.session.execute(text("INSERT INTO counter VALUES (0)"))
        db.session.commit()
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(tmp_path / "instance")], cwd=ROOT, stderr=subprocess.PIPE
        )
        for _ in range(2)
    ]
    for writer in writers:
        _, errors = writer.communicate(timeout=60)
        assert writer.returncode == 0, errors.decode()
    with app.app_context():
        assert db.session.scalar(text("SELECT at FROM counter")) == 60


def test_rebuilding_a_table_in_a_migration_keeps_the_rows_that_refer_to_it(
    app: Flask, tmp_path: Path
) -> None:
    """The batch-migration trap: with foreign keys on, DROP TABLE cascades and deletes every dataset."""
    with app.app_context():
        user = make_user("alice")
        db.session.add(Dataset(owner_id=user.id, name="a"))
        db.session.commit()
    migrations = _one_revision_more(tmp_path / "migrations", _REBUILD)
    with app.app_context():
        upgrade(directory=str(migrations))
        assert db.session.scalar(text("SELECT count(*) FROM dataset")) == 1
        assert db.session.scalar(text("SELECT count(*) FROM user")) == 1
        assert db.session.scalar(text("PRAGMA foreign_keys")) == 1
        db.session.remove()


_REBUILD = """
    with op.batch_alter_table("user", recreate="always") as batch:
        batch.alter_column("username", type_=sa.String(80))
"""
_BREAK = """
    op.execute("INSERT INTO dataset (owner_id, name, source, created_at) VALUES (99, 'a', '', '2026-01-01')")
"""


def _one_revision_more(target: Path, upgrade_body: str) -> Path:
    """The real migrations, and one more on top of them."""
    shutil.copytree(ROOT / "migrations", target)
    newest = max(path.name[:4] for path in (target / "versions").glob("[0-9]*.py"))
    (target / "versions" / "9999_more.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision, down_revision, branch_labels, depends_on = '9999', '{newest}', None, None\n\n\n"
        f"def upgrade():{upgrade_body}"
    )
    return target


def test_a_migration_that_breaks_references_is_rolled_back(
    app: Flask, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    migrations = _one_revision_more(tmp_path / "migrations", _BREAK)
    with app.app_context():
        with pytest.raises(SystemExit):  # Flask-Migrate prints the reason and leaves
            upgrade(directory=str(migrations))
        assert "without what they refer to" in caplog.text
        assert db.session.scalar(text("SELECT count(*) FROM dataset")) == 0
        assert is_current()
        db.session.remove()


def test_a_database_from_a_newer_version_is_refused(app: Flask) -> None:
    with app.app_context():
        db.session.execute(text("UPDATE alembic_version SET version_num = 'f00d'"))
        db.session.commit()
        with pytest.raises(SettingsError, match="newer version of Beanft"):
            migrate_database()


_OLD_VERSION = """
    INSERT INTO version (id, dataset_id, number, key, original_name, original_bytes, original_sha256,
                         kinds, created_at)
    VALUES (:id, :dataset, :id, :key, 'a.csv', 1, '', :kinds, '2026-01-01 00:00:00')
"""


def test_kinds_of_the_first_revision_become_wishes_and_go_back(tmp_path: Path) -> None:
    app = create_app(instance=tmp_path)
    migrations = str(ROOT / "migrations")
    with app.app_context():
        upgrade(directory=migrations, revision="0001")
        db.session.execute(
            text(
                "INSERT INTO user (id, username, username_key, email, password_hash, active, created_at) "
                "VALUES (1, 'a', 'a', 'a', 'a', 1, '2026-01-01 00:00:00')"
            )
        )
        db.session.execute(
            text(
                "INSERT INTO dataset (id, owner_id, name, source, created_at) "
                "VALUES (1, 1, 'a', '', '2026-01-01 00:00:00')"
            )
        )
        for number, kinds in ((1, '{"a": "text"}'), (2, "{}")):
            values = {"id": number, "dataset": 1, "key": f"k{number}", "kinds": kinds}
            db.session.execute(text(_OLD_VERSION), values)
        db.session.commit()
        db.session.remove()
        upgrade(directory=migrations)
        first, second = db.session.scalars(select(Version).order_by(Version.id)).all()
        assert (first.wishes.kinds, first.roles) == ({"a": "text"}, {})
        assert (second.wishes_json, second.roles) == ({}, {})
        first.wishes_json = {"columns": {"a": {"kind": "text", "missing": []}, "b": {"format": "plain"}}}
        db.session.commit()
        db.session.remove()
        downgrade(directory=migrations, revision="0001")
        kinds = db.session.scalars(text("SELECT kinds FROM version ORDER BY id")).all()
        assert [json.loads(one) for one in kinds] == [{"a": "text"}, {}]
        db.session.remove()
        db.engine.dispose()


def test_numbers_of_versions_go_on_from_what_the_second_revision_held_and_go_back(tmp_path: Path) -> None:
    app = create_app(instance=tmp_path)
    migrations = str(ROOT / "migrations")
    with app.app_context():
        upgrade(directory=migrations)
        db.session.remove()
        downgrade(directory=migrations, revision="0002")
        db.session.execute(
            text(
                "INSERT INTO user (id, username, username_key, email, password_hash, active, created_at) "
                "VALUES (1, 'a', 'a', 'a', 'a', 1, '2026-01-01 00:00:00')"
            )
        )
        db.session.execute(
            text(
                "INSERT INTO dataset (id, owner_id, name, source, created_at) "
                "VALUES (1, 1, 'a', '', '2026-01-01 00:00:00')"
            )
        )
        db.session.execute(
            text(
                "INSERT INTO version (id, dataset_id, number, key, original_name, original_bytes, "
                "original_sha256, wishes_json, roles, created_at) "
                "VALUES (1, 1, 7, 'k', 'a.csv', 1, '', '{}', '{}', '2026-01-01 00:00:00')"
            )
        )
        db.session.commit()
        db.session.remove()
        upgrade(directory=migrations)
        dataset = db.session.get_one(Dataset, 1)
        assert (dataset.last_deleted, dataset.next_number) == (0, 8)
        dataset.last_deleted = 9
        db.session.commit()
        assert dataset.next_number == 10
        db.session.remove()
        downgrade(directory=migrations, revision="0002")
        assert db.session.scalars(text("SELECT number FROM version")).all() == [7]
        db.session.remove()
        db.engine.dispose()
