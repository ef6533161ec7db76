"""Static files: nobody runs the code of an earlier version."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient

from beanft import assets

FOLDER = Path(assets.__file__).parent / "static"
_ADDRESS = re.compile(r'(?:src|href)="(/static/[^"]*)"')


@pytest.fixture(autouse=True)
def _forget_versions() -> None:
    assets.version_of.cache_clear()


def _address(app: Flask, name: str) -> str:
    with app.test_request_context():
        return url_for("static", filename=name)


@pytest.mark.parametrize("name", ["js/page.js", "vendor/htmx-4.0.1/htmx.min.js"])
def test_the_address_changes_with_the_file(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    copy = tmp_path / "static"
    (copy / name).parent.mkdir(parents=True)
    shutil.copyfile(FOLDER / name, copy / name)
    before = _address(app, name)
    assert re.fullmatch(rf"/static/{re.escape(name)}\?v=[0-9a-f]{{12}}", before)
    monkeypatch.setattr(assets, "_FOLDER", copy)
    assets.version_of.cache_clear()
    assert _address(app, name) == before
    (copy / name).write_text("// the next version")
    assets.version_of.cache_clear()
    assert _address(app, name) not in (before, f"/static/{name}")


def test_a_file_that_is_not_there_has_no_version(app: Flask) -> None:
    assert _address(app, "js/none.js") == "/static/js/none.js"


def test_every_static_address_of_a_page_has_its_version_and_leads_to_a_file(
    visitor: FlaskClient, as_alice: FlaskClient
) -> None:
    for text in (visitor.get("/").text, as_alice.get("/datasets/new").text):
        found = _ADDRESS.findall(text)
        assert len(found) > 5
        for address in found:
            assert "?v=" in address
            with visitor.get(address) as answer:
                assert answer.status_code == 200


def test_browsers_ask_again_for_our_own_files_and_keep_the_vendored_ones(visitor: FlaskClient) -> None:
    with visitor.get("/static/js/page.js") as ours:
        assert ours.headers["Cache-Control"] == "max-age=0, public"
        unchanged = {"If-None-Match": ours.headers["ETag"]}
    with visitor.get("/static/js/page.js", headers=unchanged) as answer:
        assert (answer.status_code, answer.data) == (304, b"")
        assert answer.headers["Cache-Control"] == "max-age=0, public"
    with visitor.get("/static/vendor/htmx-4.0.1/htmx.min.js") as vendored:
        assert "immutable" in vendored.headers["Cache-Control"]
