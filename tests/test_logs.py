"""The log: one line an event, and no secrets in it."""

from __future__ import annotations

import logging
import os
import stat
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path
from urllib.parse import quote

import pytest
from celery.signals import celeryd_init
from flask import Flask
from flask.testing import FlaskClient

from beanft import logs
from beanft.models import User
from factories import PASSWORD


@pytest.fixture
def app(new_app: Flask) -> Flask:
    """One that pages can be added to, and whose log holds nothing else."""
    return new_app


def _lines(app: Flask) -> list[str]:
    path = Path(app.config["BEANFT"].instance / "logs" / "beanft.log")
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def test_every_request_is_one_line_with_its_id(app: Flask, visitor: FlaskClient) -> None:
    answer = visitor.get("/login?next=/datasets/cell-of-a-table")
    (line,) = _lines(app)
    assert f"[{answer.headers['X-Request-Id']}] beanft.requests: GET /login 200 " in line
    assert "cell-of-a-table" not in line


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_what_a_visitor_sends_cannot_forge_a_line(app: Flask, visitor: FlaskClient, end: str) -> None:
    visitor.get("/" + quote(f"a{end}2026-01-01T00:00:00Z INFO [x] beanft: admin logged in"))
    (line,) = _lines(app)
    assert "admin logged in" in line
    assert line.startswith("20")


def test_terminal_codes_are_written_out(app: Flask, visitor: FlaskClient) -> None:
    visitor.get("/" + quote("\x1b[2J\x9b31m\u202eevil"))
    (line,) = _lines(app)
    assert "\\x1b[2J\\x9b31m\\u202eevil" in line
    assert line.isprintable()


def test_a_message_without_end_is_cut(app: Flask) -> None:
    logging.getLogger("beanft").error("x" * 1_000_000)
    (line,) = _lines(app)
    assert len(line) < 21_000
    assert "characters)" in line


def test_a_traceback_is_one_line(app: Flask, visitor: FlaskClient) -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        logging.getLogger("beanft.test").exception("it failed")
    (line,) = _lines(app)
    assert "it failed\\nTraceback" in line
    assert "first\\nsecond" in line


def test_no_password_cookie_or_token_is_logged(app: Flask, alice: User) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def crash() -> str:
        raise RuntimeError("on purpose")

    app.add_url_rule("/crash", "crash", crash, methods=["POST"])
    client = app.test_client()
    client.post("/login", data={"login": "alice", "password": "a wrong password"})
    client.post("/login", data={"login": "alice", "password": PASSWORD})
    client.post("/crash", data={"password": PASSWORD})
    cookie = client.get_cookie("beanft")
    assert cookie is not None
    with client.session_transaction() as session:
        token = session["_user_id"]
    text = "\n".join(_lines(app))
    assert "on purpose" in text
    for secret in (PASSWORD, "a wrong password", cookie.value, token, "$argon2", "alice@example.org"):
        assert secret not in text


def test_the_folder_of_the_log_is_closed_to_others(app: Flask) -> None:
    folder = Path(app.config["BEANFT"].instance / "logs")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_second_site_in_the_process_does_not_write_twice(app: Flask, visitor: FlaskClient) -> None:
    logger = logging.getLogger("beanft")
    files = [handler for handler in logger.handlers if isinstance(handler, RotatingFileHandler)]
    consoles = [handler for handler in logger.handlers if type(handler) is logging.StreamHandler]
    assert (len(files), len(consoles)) == (1, 1)
    assert not logger.propagate


def test_each_worker_that_shares_an_instance_has_a_log_of_its_own(app: Flask) -> None:
    folder = Path(app.config["BEANFT"].instance / "logs")
    old, fresh, rotated = (folder / f"worker-{name}" for name in ("old@a.log", "new@a.log", "old@a.log.1"))
    for path in (old, fresh, rotated, folder / "worker.log"):
        path.write_text("-")
        if path != fresh:
            os.utime(path, (time.time() - 31 * 86_400,) * 2)
    for name in ("celery@one", "../celery@two/"):
        logs.write_as(name, app.config["BEANFT"])
        logging.getLogger("beanft.test").warning("here is %s", name)
    assert {path.name for path in folder.iterdir()} == {
        "worker.log",
        "worker-new@a.log",
        "worker-celery@one.log",
        "worker-.._celery@two_.log",
    }
    assert "here is celery@one" in (folder / "worker-celery@one.log").read_text()
    assert _lines(app) == []


def test_a_worker_of_its_own_does_not_write_into_the_sites_log(app: Flask) -> None:
    folder = Path(app.config["BEANFT"].instance / "logs")
    celeryd_init.send(sender="celery@here", instance=None, conf=None, options={})
    logging.getLogger("beanft.test").warning("from the worker")
    assert "from the worker" in (folder / "worker-celery@here.log").read_text()
    assert _lines(app) == []


def test_a_log_that_was_taken_away_begins_anew(app: Flask) -> None:
    logging.getLogger("beanft.test").warning("first")
    (app.config["BEANFT"].instance / "logs" / "beanft.log").unlink()
    logging.getLogger("beanft.test").warning("second")
    (line,) = _lines(app)
    assert "second" in line


def test_warnings_are_on_standard_error_too_as_one_line(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger("beanft.test").info("quiet")
    logging.getLogger("beanft.test").warning("loud\nsecond")
    assert "WARNING [-] beanft.test: loud\\nsecond\n" in capsys.readouterr().err
