"""Every error has a page that says what happened and where to go, and an answer for programs."""

from __future__ import annotations

import errno
import re
import sqlite3
from pathlib import Path

import pytest
from flask import Flask, abort, request
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from beanft.access import accepts_body, public
from beanft.engine.errors import EngineError
from beanft.error_pages.sentences import WORDS
from beanft.extensions import db
from beanft.factory import create_app

JSON = {"Accept": "application/json"}
ASKED_FOR = {400, 401, 403, 404, 405, 409, 411, 413, 415, 422, 429, 500, 503, 507}


@pytest.fixture
def app(new_app: Flask) -> Flask:
    """One that pages can be added to, and whose log holds nothing else."""
    return new_app


def _database_says(words: str) -> OperationalError:
    return OperationalError("SELECT 'a cell of somebody'", {}, sqlite3.OperationalError(words))


@pytest.fixture
def troubled(app: Flask) -> Flask:
    """The site with addresses where things go wrong, answering as in production."""
    app.config["PROPAGATE_EXCEPTIONS"] = False

    @public
    def fail(status: int) -> str:
        if status == 507:
            raise OSError(errno.ENOSPC, "No space left on device")
        if status == 418:
            abort(409, "Somebody else renamed it to <b>beans</b>.")
        abort(status)

    @public
    def crash(how: str) -> str:
        raise {
            "bug": ZeroDivisionError("division of SECRET by zero"),
            "engine": EngineError("Line 3 has 5 values, but <b>4</b> are expected. Mend the line."),
            "locked": _database_says("database is locked"),
            "gone": _database_says("unable to open database file"),
            "full": _database_says("database or disk is full"),
            "pool": PoolTimeoutError("QueuePool limit of size 5 overflow 10 reached"),
            "file": PermissionError("a file of SECRET"),
            "mistake": _database_says("no such column: SECRET"),
        }[how]

    @public
    @accepts_body(100)
    def take() -> str:
        return str(len(request.get_data()))

    app.add_url_rule("/fail/<int:status>", "fail", fail)
    app.add_url_rule("/crash/<how>", "crash", crash, methods=["GET", "POST"])
    app.add_url_rule("/take", "take", take, methods=["POST"])
    return app


@pytest.fixture
def client(troubled: Flask) -> FlaskClient:
    return troubled.test_client()


def _log(app: Flask) -> str:
    return Path(app.config["BEANFT"].instance / "logs" / "beanft.log").read_text(encoding="utf-8")


def test_there_are_words_for_every_error_that_was_asked_for() -> None:
    assert set(WORDS) == ASKED_FOR
    assert all(words.detail.endswith(".") for words in WORDS.values())


@pytest.mark.parametrize("status", sorted(ASKED_FOR))
def test_an_error_is_a_designed_page_or_json(client: FlaskClient, status: int) -> None:
    page = client.get(f"/fail/{status}")
    assert page.status_code == status
    assert f"<h1>{WORDS[status].title}</h1>" in page.text
    assert 'href="/"' in page.text
    assert "<nav" in page.text
    answer = client.get(f"/fail/{status}", headers=JSON)
    assert answer.status_code == status
    assert answer.mimetype == "application/json"
    assert answer.json == {
        "status": status,
        "title": WORDS[status].title,
        "detail": answer.json["detail"],
        "reference": answer.headers["X-Request-Id"],
    }


def test_a_rare_error_has_a_page_too(client: FlaskClient) -> None:
    assert "<h1>Gone</h1>" in client.get("/fail/410").text
    assert "<h1>Insufficient Storage</h1>" not in client.get("/fail/410").text


def test_other_trouble_with_files_is_a_mistake_of_ours(client: FlaskClient) -> None:
    answer = client.get("/crash/file")
    assert answer.status_code == 500
    assert WORDS[500].title in answer.text
    assert "SECRET" not in answer.text


def test_the_words_of_a_view_are_shown_as_text(client: FlaskClient) -> None:
    answer = client.get("/fail/418")
    assert answer.status_code == 409
    assert "renamed it to &lt;b&gt;beans&lt;/b&gt;." in answer.text


def test_an_unforeseen_exception_gives_a_reference_that_is_in_the_log(
    troubled: Flask, client: FlaskClient
) -> None:
    answer = client.get("/crash/bug")
    assert answer.status_code == 500
    reference = re.search(r"Reference: <code>(\w+)</code>", answer.text)
    assert reference is not None
    logged = [line for line in _log(troubled).splitlines() if f"[{reference[1]}]" in line]
    assert any("Exception on /crash/bug" in line and "ZeroDivisionError" in line for line in logged)
    for secret in ("Traceback", "ZeroDivision", "SECRET", "site/beanft", ".py", "Werkzeug", "Flask"):
        assert secret not in answer.text


def test_a_program_gets_the_reference_and_no_traceback(client: FlaskClient) -> None:
    answer = client.get("/crash/bug", headers=JSON)
    assert answer.status_code == 500
    assert answer.json["reference"] == answer.headers["X-Request-Id"]
    assert "SECRET" not in answer.text


def test_the_sentence_of_the_engine_is_shown(client: FlaskClient) -> None:
    answer = client.get("/crash/engine")
    assert answer.status_code == 422
    assert "Line 3 has 5 values, but &lt;b&gt;4&lt;/b&gt; are expected." in answer.text
    assert client.get("/crash/engine", headers=JSON).json["detail"].startswith("Line 3 has 5 values")


@pytest.mark.parametrize("how", ["locked", "gone", "full", "pool"])
def test_a_busy_database_is_a_moments_trouble(troubled: Flask, client: FlaskClient, how: str) -> None:
    answer = client.get(f"/crash/{how}")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "Busy at the moment" in answer.text
    assert "SELECT" not in answer.text
    assert "a cell of somebody" not in _log(troubled)


def test_a_mistake_in_our_sql_is_no_moments_trouble(client: FlaskClient) -> None:
    answer = client.get("/crash/mistake")
    assert answer.status_code == 500
    assert "SECRET" not in answer.text


def test_the_page_is_drawn_when_the_database_is_gone(troubled: Flask, as_alice: FlaskClient) -> None:
    with troubled.app_context():
        db.engine.dispose()
    path = Path(troubled.config["BEANFT"].instance / "beanft.sqlite3")
    path.write_bytes(b"this is no database at all" * 200)
    answer = as_alice.get("/account")
    assert answer.status_code == 500
    assert "<h1>" in answer.text
    assert "Reference: <code>" in answer.text
    assert "Traceback" not in answer.text


def test_a_logged_in_person_stays_logged_in_on_an_error_page(troubled: Flask, as_alice: FlaskClient) -> None:
    for address in ("/nope", "/crash/bug", "/crash/engine"):
        assert "Log out" in as_alice.get(address).text


def test_a_body_that_is_too_large_names_the_limit(client: FlaskClient) -> None:
    assert client.post("/take", data=b"x" * 100).text == "100"
    answer = client.post("/take", data=b"x" * 101)
    assert answer.status_code == 413
    assert "at most 100 bytes" in answer.text
    answer = client.post("/login", data={"login": "x" * (1 << 20)})
    assert "at most 1 MiB" in answer.text


def test_a_part_of_a_page_gets_a_part_as_its_error(client: FlaskClient) -> None:
    for address in ("/fail/404", "/crash/bug", "/crash/locked", "/fail/401"):
        answer = client.get(address, headers={"HX-Request": "true"})
        assert 'role="alert"' in answer.text
        assert "<html" not in answer.text


def test_a_wrong_method_says_which_are_right(client: FlaskClient) -> None:
    for method in ("TRACE", "PUT", "BREW", "DELETE"):
        answer = client.open("/login", method=method)
        assert answer.status_code == 405
        assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


@pytest.mark.parametrize(
    "address",
    [
        "/nope",
        "/console",
        "/.git/config",
        "/.env",
        "/static/nope.js",
        "/%00",
        "/datasets/",
    ],
)
def test_an_unknown_page_is_a_404_that_does_not_repeat_the_address(client: FlaskClient, address: str) -> None:
    answer = client.get(address + "?q=<marker>")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text
    assert "<marker>" not in answer.text


def test_another_host_name_is_refused(tmp_path: Path) -> None:
    app = create_app(instance=tmp_path, trusted_hosts=("beans.example.org",))
    client = app.test_client()
    assert client.get("/help", base_url="http://beans.example.org").status_code == 200
    for headers in ({"Host": "evil.example"}, {"Host": "evil.example:80@beans.example.org"}):
        answer = client.get("/login", headers=headers)
        assert answer.status_code == 400
        assert "evil" not in answer.text
        assert "does not answer to the host name" in answer.text
    forwarded = client.get(
        "/account", base_url="http://beans.example.org", headers={"X-Forwarded-Host": "evil.example"}
    )
    assert forwarded.location == "/login?next=/account"
    with app.app_context():
        db.engine.dispose()


def test_errors_carry_the_security_headers(client: FlaskClient) -> None:
    for address in ("/fail/404", "/crash/bug", "/crash/locked", "/fail/413"):
        answer = client.get(address)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
