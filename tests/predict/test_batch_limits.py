"""Batches at their limits: cells that no page can hold, names of sheets, what is deleted meanwhile."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete

from beanft import storage
from beanft.engine.errors import BusyError
from beanft.extensions import db
from beanft.models import Batch, TrainedModel, Upload, User
from beanft.predict.batches import downloads
from beanft.predict.batches.repairs import n_repaired, repair_groups
from predict.birds import FEATURES, table, written

AS_JSON = {"Accept": "application/json"}
Do = Callable[[int], Batch]
_MOST_BYTES = 300_000  # of a page, and of what programs get instead


def _send(client: FlaskClient, model: int, content: bytes, name: str = "birds.csv", **fields: str) -> Any:
    sent = {"file": (io.BytesIO(content), name), "level": "0.9", **fields}
    return client.post(f"/models/{model}/batches/new", data=sent)


def _made(client: FlaskClient, do_batch: Do, model: int, content: bytes, name: str = "birds.csv") -> int:
    """The number of a batch that is ready."""
    number = int(_send(client, model, content, name).headers["Location"].rsplit("/", 1)[1])
    batch = do_batch(number)
    assert batch.state == "ready", batch.job and batch.job.error
    return number


def test_numbers_that_are_none_are_null_for_programs(as_alice: FlaskClient, length_model: int, do_batch: Do):
    rows = table(4)
    columns = {name: pa.array([row[name] or None for row in rows]) for name in FEATURES}
    odd = pa.array([float("nan"), float("inf"), float("-inf"), 1.5])
    file = io.BytesIO()
    pq.write_table(pa.table(columns | {"odd": odd}), file)
    number = _made(as_alice, do_batch, length_model, file.getvalue(), "birds.parquet")
    for address in (f"/batches/{number}", f"/batches/{number}/rows"):
        answer = as_alice.get(address, headers=AS_JSON)
        assert answer.status_code == 200
        facts = answer.json or {}
        found = facts.get("predictions", facts)
        place = found["columns"].index("odd")
        assert [row["cells"][place] for row in found["rows"]] == [None, None, None, 1.5]
        assert as_alice.get(address).status_code == 200


def test_long_cells_are_cut_on_the_page_and_whole_in_the_download(
    as_alice: FlaskClient, length_model: int, do_batch: Do
):
    letter = "x" * 30_000
    rows = [row | {"letter": letter, "note": "ä" * 150} for row in table(15)]
    content = written(rows, (*FEATURES, "letter", "note"))
    number = _made(as_alice, do_batch, length_model, content)
    page = as_alice.get(f"/batches/{number}")
    assert len(page.data) < _MOST_BYTES
    assert f">{'x' * 200}…<" in page.text
    assert f">{'ä' * 150}<" in page.text
    assert "Cells of more than 200 characters are cut here; the downloads hold the whole." in page.text
    answer = as_alice.get(f"/batches/{number}", headers=AS_JSON)
    assert len(answer.data) < _MOST_BYTES
    assert (answer.json or {})["predictions"]["cut_at"] == 200
    with as_alice.get(f"/batches/{number}/download") as download:
        assert download.text.count(letter) == 15


def test_a_download_that_must_wait_says_when_to_come_again(
    as_alice: FlaskClient, length_model: int, do_batch: Do, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = _made(as_alice, do_batch, length_model, written(table(3)))

    def busy(**_: Any) -> None:
        raise BusyError("Too many files are being written.")

    monkeypatch.setattr(downloads, "write", busy)
    answer = as_alice.get(f"/batches/{number}/download")
    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (503, True)


def test_a_page_without_long_cells_says_nothing_of_cutting(
    as_alice: FlaskClient, length_model: int, do_batch: Do
):
    number = _made(as_alice, do_batch, length_model, written(table(3)))
    assert "are cut here" not in as_alice.get(f"/batches/{number}").text
    facts = as_alice.get(f"/batches/{number}/rows", headers=AS_JSON).json or {}
    assert facts["cut_at"] is None


def _delete_while_writing(monkeypatch: pytest.MonkeyPatch, model: int) -> None:
    """Let somebody delete a model while the file for it is written."""
    write = storage.write

    def written_late(*arguments: Any) -> tuple[int, str]:
        found = write(*arguments)
        db.session.execute(delete(TrainedModel).where(TrainedModel.id == model))
        db.session.commit()
        return found

    monkeypatch.setattr(storage, "write", written_late)


def test_a_model_deleted_while_a_file_arrives_is_not_there(
    app: Flask, as_alice: FlaskClient, length_model: int, monkeypatch: pytest.MonkeyPatch
):
    files = app.config["BEANFT"].instance / "files"
    before = len(list(files.rglob("original")))
    _delete_while_writing(monkeypatch, length_model)
    assert _send(as_alice, length_model, written(table(3))).status_code == 404
    assert len(list(files.rglob("original"))) == before
    with app.app_context():
        assert db.session.query(Batch).count() == 0


@pytest.mark.parametrize("sheet", ["x" * 256, "Ma\0y"])
def test_a_sheet_that_no_workbook_has_is_refused(
    app: Flask, as_alice: FlaskClient, alice: User, length_model: int, sheet: str
):
    said = "at most 255 characters" if len(sheet) > 255 else "No sheet can be called so."
    answer = _send(as_alice, length_model, written(table(3)), sheet=sheet)
    assert answer.status_code == 422
    assert said in answer.text
    with app.app_context():
        key = storage.new_key()
        size, digest = storage.write(storage.make_folder(key) / "original", [b"a\n1\n"])
        whole = {"size_bytes": size, "offset_bytes": size, "sha256": digest}
        db.session.add(Upload(owner_id=alice.id, key=key, name="a.csv", **whole))
        db.session.commit()
    address = f"/models/{length_model}/batches/uploads/{key}"
    answer = as_alice.post(address, json={"sheet": sheet})
    assert answer.status_code == 422
    assert said in (answer.json or {})["detail"]
    assert as_alice.post(address, json={"sheet": "\ud800"}).status_code == 422
    with app.app_context():
        assert db.session.query(Batch).count() == 0


def test_cells_without_a_value_are_noticed_not_repaired():
    result = {
        "repair_counts": {"missing": 5, "comma": 2, "range": 1},
        "repair_columns": {"missing": {"mass": 5}, "comma": {"mass": 2}, "range": {"mass": 1}},
        "repairs": [],
    }
    assert n_repaired(result) == 2
    titles = [group.title for group in repair_groups(result)]
    assert "No value; the model works without it, as it learned to" in titles
