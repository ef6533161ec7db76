"""Batches over HTTP that cannot be made or downloaded: each answer says why, and none is a crash."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete

from api.conftest import Program
from beanft import storage
from beanft.extensions import db
from beanft.models import Batch, TrainedModel
from predict.birds import table, written


def _file(**fields: str) -> dict[str, Any]:
    return {"file": (io.BytesIO(written(table(3))), "birds.csv"), **fields}


@pytest.mark.parametrize("sheet", ["x" * 256, "Ma\0y"])
def test_a_sheet_that_no_workbook_has_is_refused(
    app: Flask, program: Program, length_model: int, sheet: str
) -> None:
    answer = program.post(f"/models/{length_model}/batches", data=_file(sheet=sheet))
    assert answer.status_code == 422
    (fault,) = answer.json["errors"]
    assert fault["field"] == "sheet"
    assert fault["sentence"] == answer.json["detail"]
    with app.app_context():
        assert db.session.query(Batch).count() == 0


def test_a_model_deleted_while_a_file_arrives_is_not_there(
    program: Program, length_model: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = storage.write

    def written_late(*arguments: Any) -> tuple[int, str]:
        found = write(*arguments)
        db.session.execute(delete(TrainedModel).where(TrainedModel.id == length_model))
        db.session.commit()
        return found

    monkeypatch.setattr(storage, "write", written_late)
    answer = program.post(f"/models/{length_model}/batches", data=_file())
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"


def test_what_an_earlier_release_predicted_is_a_sentence(
    app: Flask, program: Program, length_model: int, do_batch: Callable[[int], Batch]
) -> None:
    number = program.post(f"/models/{length_model}/batches", data=_file()).json["id"]
    do_batch(number)
    assert program.get(f"/batches/{number}").json["download"] is not None
    with app.app_context():
        db.session.get_one(Batch, number).result_json = {"n_rows": 3, "preview": []}
        db.session.commit()
    answer = program.get(f"/batches/{number}/download")
    assert answer.status_code == 409
    assert "an earlier release" in answer.json["detail"]
    assert program.get(f"/batches/{number}").json["download"] is None


def test_unreadable_cells_refuse_a_file_unless_they_count_as_missing(
    program: Program, length_model: int, do_batch: Callable[[int], Batch]
) -> None:
    columns = program.get(f"/models/{length_model}").json["columns"]
    column = next(one["name"] for one in columns if one["kind"] == "number")
    rows = table(3)
    rows[1][column] = "heavy"

    def send(**fields: str) -> Any:
        data = {"file": (io.BytesIO(written(rows)), "birds.csv"), **fields}
        return program.post(f"/models/{length_model}/batches", data=data).json

    refused = send()["id"]
    do_batch(refused)
    reason = program.get(f"/batches/{refused}").json["error"]
    assert f"Row 2, column “{column}”: “heavy” is not a number." in reason
    taken = send(unreadable_as_missing="true")["id"]
    do_batch(taken)
    facts = program.get(f"/batches/{taken}").json
    assert facts["unreadable_as_missing"] is True
    assert facts["result"]["warning_counts"]["unreadable"] == 1
    for wrong in ({"unreadable_as_missing": "perhaps"}, {"unreadable-as-missing": "true"}):
        (fault,) = send(**wrong)["errors"]
        assert fault["field"] in wrong
