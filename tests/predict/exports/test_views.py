"""The page of a model's files: what is offered, made, downloaded, and to whom."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from beanft.extensions import db
from beanft.models import ModelFile, TrainedModel
from beanft.quota import QuotaError
from factories import run_job

AS_JSON = {"Accept": "application/json"}


@pytest.fixture
def do_export(app: Flask) -> Callable[[int, str], str]:
    """Does the job of a file in this process; gives its state."""

    def do(model: int, kind: str) -> str:
        with app.app_context():
            file = db.session.scalar(
                select(ModelFile).where(ModelFile.model_id == model, ModelFile.kind == kind)
            )
            assert file is not None
            assert file.job is not None
            return str(run_job(file.job).state)

    return do


def files_of(client: FlaskClient, model: int) -> dict[str, dict[str, Any]]:
    facts = client.get(f"/models/{model}/files", headers=AS_JSON).json
    assert facts is not None
    return {one["kind"]: one for one in facts["files"]}


def test_the_page_offers_three_files_and_the_model_links_to_it(as_alice: FlaskClient, species_model: int):
    page = as_alice.get(f"/models/{species_model}/files")
    assert page.status_code == 200
    assert all(
        f'data-name="{kind}" data-state="none"' in page.text for kind in ("skops", "reproduce", "onnx")
    )
    assert f"/models/{species_model}/files" in as_alice.get(f"/models/{species_model}").text
    assert files_of(as_alice, species_model) == {}


def test_a_file_is_made_once_and_downloaded(
    as_alice: FlaskClient, species_model: int, do_export: Callable[[int, str], str]
):
    address = f"/models/{species_model}/files/skops"
    assert as_alice.get(address).status_code == 404
    assert as_alice.post(address).status_code == 302
    assert as_alice.post(address).status_code == 302  # a second click makes no second job
    assert files_of(as_alice, species_model)["skops"]["state"] == "queued"
    assert "hx-get" in as_alice.get(f"/models/{species_model}/files").text
    assert as_alice.get(address).status_code == 404
    assert do_export(species_model, "skops") == "ready"
    made = files_of(as_alice, species_model)["skops"]
    assert made["result"]["agreement"]["is_same"]
    assert made["current"]
    page = as_alice.get(f"/models/{species_model}/files").text
    assert "same to the last bit" in page
    assert made["sha256"] in page
    sent = as_alice.get(address)
    assert sent.status_code == 200
    assert sent.headers["Content-Disposition"].startswith("attachment; filename=species-")
    assert sent.headers["X-Content-Type-Options"] == "nosniff"
    assert len(sent.data) == made["size_bytes"]
    sent.close()
    with zipfile.ZipFile(io.BytesIO(sent.data)) as archive:
        assert {"model.skops", "predict.py", "README.md", "SHA256SUMS"} <= set(archive.namelist())


def test_a_file_of_the_model_before_it_was_trained_further_is_told(
    app: Flask, as_alice: FlaskClient, species_model: int, do_export: Callable[[int, str], str]
):
    as_alice.post(f"/models/{species_model}/files/skops")
    do_export(species_model, "skops")
    with app.app_context():
        model = db.session.get(TrainedModel, species_model)
        assert model is not None
        model.sha256 = "0" * 64
        db.session.commit()
    assert not files_of(as_alice, species_model)["skops"]["current"]
    assert "made before the model was trained further" in as_alice.get(f"/models/{species_model}/files").text


def test_a_file_that_cannot_be_made_says_why_and_can_be_tried_again(
    app: Flask,
    as_alice: FlaskClient,
    species_model: int,
    do_export: Callable[[int, str], str],
    model_file: Callable[[int], Path],
):
    as_alice.post(f"/models/{species_model}/files/reproduce")
    (model_file(species_model).parent / "evidence.json").unlink()
    assert do_export(species_model, "reproduce") == "failed"
    page = as_alice.get(f"/models/{species_model}/files").text
    assert "The files of this experiment are missing or damaged" in page
    assert "Try it again" in page
    assert as_alice.get(f"/models/{species_model}/files/reproduce").status_code == 404
    as_alice.post(f"/models/{species_model}/files/reproduce")
    assert files_of(as_alice, species_model)["reproduce"]["state"] == "queued"
    with app.app_context():
        assert len(db.session.scalars(select(ModelFile)).all()) == 1


def test_a_deleted_model_takes_its_files_along(app: Flask, as_alice: FlaskClient, species_model: int):
    as_alice.post(f"/models/{species_model}/files/skops")
    with app.app_context():
        db.session.delete(db.session.get(TrainedModel, species_model))
        db.session.commit()
        assert db.session.scalars(select(ModelFile)).all() == []
    assert as_alice.get(f"/models/{species_model}/files").status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_there_are_no_other_kinds(as_alice: FlaskClient, species_model: int, method: str):
    assert getattr(as_alice, method)(f"/models/{species_model}/files/pickle").status_code == 404


@pytest.mark.parametrize(("method", "end"), [("get", ""), ("get", "/skops"), ("post", "/skops")])
def test_others_see_nothing(
    as_charlie: FlaskClient, visitor: FlaskClient, species_model: int, method: str, end: str
):
    address = f"/models/{species_model}/files{end}"
    assert getattr(as_charlie, method)(address).status_code == 404
    assert getattr(visitor, method)(address).status_code == 302


def test_no_room_is_said(as_alice: FlaskClient, species_model: int, monkeypatch: pytest.MonkeyPatch):
    def refuse(**_: Any) -> None:
        raise QuotaError("There is no room for this.")

    monkeypatch.setattr("beanft.predict.exports.services.quota.require", refuse)
    sent = as_alice.post(f"/models/{species_model}/files/skops", follow_redirects=True)
    assert "There is no room for this." in sent.text
    assert files_of(as_alice, species_model) == {}
