"""Who may do what, over every address the site has."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from flask_login import current_user
from sqlalchemy import delete, update
from werkzeug.routing import Rule

from beanft.access import accepts_body, body_limit, public
from beanft.extensions import db
from beanft.models import Dataset, User
from conftest import log_in
from factories import make_dataset, make_job

PUBLIC = {
    "static",
    "api_docs.docs",
    "api_docs.document",
    "core.home",
    "core.health",
    "core.help",
    "core.help_index",
    "users.login",
    "users.register",
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
JSON = {"Accept": "application/json"}


@pytest.fixture
def app(new_app: Flask) -> Flask:
    """One that pages can be added to, and whose log holds nothing else."""
    return new_app


def _address(app: Flask, rule: Rule) -> str:
    """The address of a rule with something in each of its parts."""
    values: dict[str, Any] = {}
    for name in rule.arguments:
        converter = rule._converters[name]
        items = getattr(converter, "items", None)
        values[name] = sorted(items)[0] if items else 1
    with app.test_request_context():
        return str(app.url_map.bind("localhost").build(rule.endpoint, values))


def _rules(app: Flask) -> list[tuple[str, str, str]]:
    """(endpoint, method, address) of everything that can be asked for."""
    return [
        (rule.endpoint, method, _address(app, rule))
        for rule in app.url_map.iter_rules()
        for method in METHODS
        if method in (rule.methods or ())
    ]


def test_every_page_but_the_public_ones_sends_a_visitor_to_the_login_page(app: Flask) -> None:
    asked = [asked for asked in _rules(app) if asked[0] not in PUBLIC and not asked[0].startswith("api.")]
    assert len(asked) > 20  # tests/api/test_entry.py asks for the API
    for endpoint, method, address in asked:
        answer = app.test_client().open(address, method=method)
        assert answer.status_code == 302, (endpoint, method)
        assert answer.location.startswith("/login"), (endpoint, method)
        program = app.test_client().open(address, method=method, headers=JSON)
        assert program.status_code == 401, (endpoint, method)


def test_the_public_pages_are_exactly_these(app: Flask) -> None:
    marked = {name for name, view in app.view_functions.items() if getattr(view, "is_public", False)}
    assert marked == PUBLIC - {"static"}


def test_what_belongs_to_someone_else_cannot_be_told_from_what_is_not_there(
    app: Flask, alice: User, as_alice: FlaskClient, as_charlie: FlaskClient
) -> None:
    with app.app_context():
        dataset = make_dataset(alice, name="harvest")
        job = make_job(alice)
        db.session.commit()
        ids = {"dataset": dataset.id, "job": job.id}
    assert as_alice.get(f"/datasets/{ids['dataset']}").status_code == 200
    assert as_alice.get("/datasets/harvest").status_code == 200
    assert as_alice.get(f"/jobs/{ids['job']}").status_code == 200
    pairs = [
        (f"/datasets/{ids['dataset']}", "/datasets/999"),
        ("/datasets/harvest", "/datasets/nothing"),
        (f"/jobs/{ids['job']}", "/jobs/999"),
    ]
    for theirs, missing in pairs:
        answers = [as_charlie.get(address) for address in (theirs, missing)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].text == answers[1].text


@pytest.mark.parametrize(
    "name",
    [
        "0",
        "-1",
        "1.0",
        "²",
        "1e3",
        "9" * 18,
        "9" * 40,
        "%00",
        "a%00b",
        "..",
        "%2e%2e%2f",
        "' or 1=1 --",
        "<b>",
        "ä" * 300,
    ],
)
def test_strange_names_in_addresses_are_not_found(as_alice: FlaskClient, name: str) -> None:
    for kind in ("datasets", "jobs", "experiments", "models", "batches"):
        assert as_alice.get(f"/{kind}/{name}", follow_redirects=True).status_code == 404, kind


def test_a_form_may_send_a_mebibyte_and_no_more(app: Flask) -> None:
    with app.test_request_context():
        assert body_limit("users.login") == 1 << 20
        assert body_limit(None) == 1 << 20
        assert body_limit("users.change_picture") == 5 << 20


@pytest.fixture
def files(app: Flask) -> Flask:
    """The site with a view that takes 100 bytes and one that takes what a setting says."""

    @accepts_body(100)
    def small() -> str:
        return str(sum(len(file.read()) for file in request.files.values()) + len(request.form))

    @accepts_body("slice_mb")
    @public
    def large() -> str:
        return str(len(request.get_data()))

    app.add_url_rule("/small", "small", small, methods=["POST"])
    app.add_url_rule("/large", "large", large, methods=["POST", "PATCH"])
    return app


def test_a_limit_can_be_the_name_of_a_setting(files: Flask) -> None:
    limit = (files.config["BEANFT"].slice_mb + 1) << 20
    client = files.test_client()
    assert client.patch("/large", data=b"x" * limit).text == str(limit)
    assert client.patch("/large", data=b"x" * (limit + 1)).status_code == 413


def test_a_body_of_unknown_length_is_refused_instead_of_cut_off(files: Flask) -> None:
    environ = {
        "wsgi.input_terminated": True,
        "wsgi.input": io.BytesIO(b"x"),
        "HTTP_TRANSFER_ENCODING": "chunked",
    }
    answer = files.test_client().post("/large", environ_overrides=environ)
    assert answer.status_code == 411
    assert "does not say how long it is" in answer.text


def test_a_visitors_upload_is_refused_before_it_is_read(files: Flask) -> None:
    class Unread(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise AssertionError("the body was read")

    for length in ("90", "5000000000"):
        environ = {"wsgi.input": Unread(), "CONTENT_LENGTH": length, "CONTENT_TYPE": "text/plain"}
        answer = files.test_client().post("/small", environ_overrides=environ)
        assert answer.location == "/login"


def test_a_form_that_is_too_long_is_refused_before_the_csrf_check_reads_it(
    files: Flask, as_alice: FlaskClient
) -> None:
    files.config["WTF_CSRF_ENABLED"] = True
    assert as_alice.post("/small", data={"a": "x" * 200}).status_code == 413
    assert as_alice.post("/small", data={"a": "x"}).status_code == 400


class _Body(io.BytesIO):
    """A body that tells when it is read, as on servers that do not wait for its end."""

    def __init__(self, content: bytes, on_read: Callable[[], None]) -> None:
        super().__init__(content)
        self._on_read = on_read

    def read(self, size: int | None = -1) -> bytes:
        self._on_read()
        return super().read(size)

    def readinto(self, buffer: Any) -> int:
        self._on_read()
        return super().readinto(buffer)


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
def test_no_database_lock_is_held_while_a_form_arrives(
    app: Flask, as_alice: FlaskClient, alice: User, kind: str
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    with app.app_context():
        dataset_id = make_dataset(alice).id
        db.session.commit()
    held: list[bool] = []
    content = b"name=table&x=" + b"y" * 1000
    body = _Body(content, lambda: held.append(db.session().in_transaction()))
    environ = {"wsgi.input": body, "CONTENT_LENGTH": str(len(content)), "CONTENT_TYPE": kind}
    for address in (f"/datasets/{dataset_id}/retry", f"/datasets/{dataset_id}/delete", "/datasets/new"):
        body.seek(0)
        held.clear()
        as_alice.post(address, environ_overrides=environ)
        assert held, address
        assert not any(held), address


@pytest.mark.parametrize("deleted", [False, True])
def test_what_was_loaded_before_a_body_is_looked_at_again_after_it(
    app: Flask, alice: User, deleted: bool
) -> None:
    with app.app_context():
        dataset_id = make_dataset(alice, name="old").id
        db.session.commit()

    def late(dataset: Dataset) -> str:
        request.get_data()
        return f"{current_user.username}: {dataset.name}"

    def meanwhile() -> None:
        with db.engine.begin() as other:
            change = delete(Dataset) if deleted else update(Dataset).values(name="new")
            other.execute(change.where(Dataset.id == dataset_id))

    app.add_url_rule("/late/<dataset>", "late", late, methods=["POST"])
    environ = {"wsgi.input": _Body(b"x=y", meanwhile), "CONTENT_LENGTH": "3"}
    answer = log_in(app, "alice").post(f"/late/{dataset_id}", environ_overrides=environ)
    if deleted:
        assert answer.status_code == 404
        assert "There is no such page" in answer.text
    else:
        assert answer.text == "alice: new"


def test_no_database_lock_is_held_while_a_large_body_arrives(app: Flask, alice: User) -> None:
    held: list[bool] = []

    @accepts_body("slice_mb")
    def arriving() -> str:
        held.append(db.session().in_transaction())
        return ""

    app.add_url_rule("/arriving", "arriving", arriving, methods=["POST"])
    assert log_in(app, "alice").post("/arriving", data=b"x").status_code == 200
    assert held == [False]
