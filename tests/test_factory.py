"""What create_app() settles, whichever entry calls it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from beanft import jobs, storage
from beanft.database import migrate_database
from beanft.extensions import db
from beanft.factory import create_app
from beanft.models import User
from factories import make_job, make_user

ROOT = Path(__file__).resolve().parents[1]
_HEAVY = {"sklearn", "scipy.stats", "scipy.optimize", "lightgbm", "onnx", "openpyxl"}
"""What takes long to load, and only jobs and single pages need."""


@pytest.fixture
def _usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def _open_to_others(folder: Path) -> list[str]:
    """What somebody else on the machine may look into."""
    return [str(path) for path in (folder, *folder.rglob("*")) if path.stat().st_mode & 0o077]


@pytest.mark.usefixtures("_usual_umask")
def test_what_a_site_makes_is_its_owners_alone(tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    app = create_app(instance=instance)
    with app.app_context():
        migrate_database()
        owner = make_user("alice")
        storage.write(storage.make_folder(storage.new_key()) / "original", [b"a\n1\n"])
        jobs.enqueue(kind="ingest", owner_id=owner.id, title="Reading", subject="", subject_id=None)
        db.session.commit()
    app.test_client().get("/login")
    names = {path.name for path in instance.rglob("*")}
    assert {"beanft.sqlite3", "beanft.sqlite3-wal", "original", "queue", "beanft.log", "secret_key"} <= names
    assert _open_to_others(instance) == []
    with app.app_context():
        db.engine.dispose()


@pytest.mark.usefixtures("_usual_umask")
@pytest.mark.parametrize("entry", ["app", "app.celery"])
def test_every_entry_starts_light_and_makes_files_for_their_owner_only(tmp_path: Path, entry: str) -> None:
    program = f"import app, os, sys; {entry}; print(oct(os.umask(0)), sys.modules.keys() & {_HEAVY})"
    answer = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | {"BEANFT_INSTANCE": str(tmp_path / "instance")},
        capture_output=True,
        text=True,
    )
    assert answer.stdout.strip() == "0o77 set()", answer.stderr
    assert _open_to_others(tmp_path / "instance") == []


def test_a_statement_that_fails_does_not_tell_its_values(app: Flask, alice: User) -> None:
    with app.app_context():
        make_job(alice, title="a cell of somebody")
        db.session.rollback()
        with pytest.raises(DBAPIError) as caught:
            db.session.execute(text("INSERT INTO nowhere VALUES (:cell)"), {"cell": "a cell of somebody"})
    assert "nowhere" in str(caught.value)
    assert "a cell of somebody" not in str(caught.value)


def _status(app: Flask, host: str) -> int:
    client: FlaskClient = app.test_client()
    return client.get("/help", headers={"Host": host}).status_code


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "127.0.0.1:5000", "[::1]", "[::1]:5000", "localhost:80"]
)
def test_a_site_for_this_machine_answers_to_its_names(app: Flask, host: str) -> None:
    assert _status(app, host) == 200


@pytest.mark.parametrize(
    "host", ["rebound.example", "localhost.evil.example", "192.0.2.7", "[::2]", "[::1].evil", "["]
)
def test_a_site_for_this_machine_answers_to_no_other_name(app: Flask, host: str) -> None:
    assert _status(app, host) == 400


@pytest.mark.parametrize(
    ("choices", "status"),
    [
        ({}, 400),
        ({"host": "::1"}, 400),
        ({"host": "localhost"}, 400),
        ({"host": "0.0.0.0"}, 200),
        ({"proxies": 1}, 200),
        ({"trusted_hosts": ("beans.example",)}, 200),
        ({"trusted_hosts": ("beans.example",), "proxies": 1}, 200),
        ({"trusted_hosts": ("other.example",), "host": "0.0.0.0"}, 400),
    ],
)
def test_another_name_is_answered_to_where_it_is_chosen(
    tmp_path: Path, choices: dict[str, object], status: int
) -> None:
    app = create_app(instance=tmp_path, **choices)
    assert _status(app, "beans.example:8080") == status
    with app.app_context():
        db.engine.dispose()


def test_another_address_of_this_machine_that_is_listened_on_is_answered_to(tmp_path: Path) -> None:
    app = create_app(instance=tmp_path, host="127.0.0.2")
    assert [_status(app, host) for host in ("127.0.0.2:5000", "127.0.0.3:5000")] == [200, 400]
    with app.app_context():
        db.engine.dispose()


def test_no_answer_holds_what_json_does_not_know(app: Flask) -> None:
    with app.app_context(), pytest.raises(ValueError, match="not JSON compliant"):
        app.json.dumps({"a": float("nan")})
