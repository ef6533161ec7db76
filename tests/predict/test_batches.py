"""A whole file: sent, predicted, looked at, downloaded, deleted."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from beanft import listing, storage
from beanft.extensions import db
from beanft.models import AuditEvent, Batch, Job
from beanft.predict.batches import services
from predict.birds import FEATURES, read, table, written

AS_JSON = {"Accept": "application/json"}
Do = Callable[[int], Batch]


def send(client: FlaskClient, model: int, content: bytes, name: str = "birds.csv", **fields: str) -> int:
    """Send a file; the number of its batch."""
    sent = {"file": (io.BytesIO(content), name), **fields}
    answer = client.post(f"/models/{model}/batches/new", data=sent)
    assert answer.status_code == 302, answer.text
    found = re.fullmatch(r"/batches/([0-9]+)", answer.headers["Location"])
    assert found
    return int(found[1])


def fetch(client: FlaskClient, address: str) -> bytes:
    """The bytes of a file; closing the answer closes the file."""
    with client.get(address) as answer:
        assert answer.status_code == 200
        return answer.data


def predicted(client: FlaskClient, do_batch: Do, model: int, content: bytes) -> list[list[str]]:
    """The rows of the file that comes back, its header first."""
    batch = send(client, model, content)
    assert do_batch(batch).state == "ready"
    return read(fetch(client, f"/batches/{batch}/download"))


def test_the_page_says_what_a_file_needs(as_alice: FlaskClient, species_model: int):
    page = as_alice.get(f"/models/{species_model}/batches/new")
    assert page.status_code == 200
    assert "The 10 columns it needs" in page.text
    assert "also inside gzip, zip, zstd, bzip2 or xz; up to 2" in page.text
    assert 'name="file"' in page.text
    assert "a[b]" in page.text


def test_sending_a_file_makes_a_batch_and_its_job(app: Flask, as_alice: FlaskClient, species_model: int):
    content = written(table(3))
    number = send(as_alice, species_model, content, "/home/alice/birds.csv")
    with app.app_context():
        batch = db.session.get_one(Batch, number)
        assert batch.job is not None
        assert (batch.job.kind, batch.job.subject, batch.job.subject_id) == ("predict", "batch", number)
        assert batch.original_name == "birds.csv"
        original = storage.folder(batch.key) / "original"
        assert original.read_bytes() == content
        assert storage.sha256(original) == batch.original_sha256


def test_a_file_sent_twice_by_one_form_is_one_batch(app: Flask, as_alice: FlaskClient, species_model: int):
    address = f"/models/{species_model}/batches/new"
    found = re.search(r'name="once"[^>]*value="([0-9a-f]{32})"', as_alice.get(address).text)
    assert found

    def post(content: bytes) -> str:
        sent = {"once": found[1], "file": (io.BytesIO(content), "birds.csv")}
        return as_alice.post(address, data=sent).headers["Location"]

    files = app.config["BEANFT"].instance / "files"
    before = len(list(files.rglob("original")))
    assert post(written(table(3))) == post(written(table(3)))
    assert len(list(files.rglob("original"))) == before + 1
    assert post(written(table(4))) != post(written(table(3)))
    with app.app_context():
        assert db.session.query(Batch).count() == db.session.query(Job).filter_by(kind="predict").count() == 2


def test_the_list_of_batches_says_how_many_rows_each_has(
    app: Flask, as_alice: FlaskClient, species_model: int, do_batch: Do
):
    number = send(as_alice, species_model, written(table(17)))
    assert do_batch(number).n_rows == 17
    listed = as_alice.get(f"/models/{species_model}/batches/new", headers=AS_JSON).json
    assert listed is not None
    assert listed["batches"][0]["n_rows"] == 17
    with app.app_context():
        batch = db.session.get_one(Batch, number)
        assert batch.job is not None
        batch.job.state = "failed"
        services.retry(batch=batch)
        assert batch.n_rows is None


def test_a_waiting_batch_refreshes_itself(as_alice: FlaskClient, species_model: int):
    number = send(as_alice, species_model, written(table(3)))
    page = as_alice.get(f"/batches/{number}").text
    assert f'data-object="batch" data-id="{number}" data-state="queued"' in page
    assert 'hx-trigger="every 2s"' in page
    assert as_alice.get(f"/batches/{number}/download").status_code == 404


def test_a_ready_batch_shows_rows_shares_and_downloads(
    as_alice: FlaskClient, species_model: int, do_batch: Do
):
    number = send(as_alice, species_model, written(table(60)))
    assert do_batch(number).state == "ready"
    page = as_alice.get(f"/batches/{number}").text
    assert 'data-state="ready"' in page
    assert "hx-trigger" not in page
    assert 'data-name="predictions"' in page
    assert "Rows 1–25 of 60" in page
    assert page.count('<th scope="row" class="num">') == 25
    assert re.search(r"<dt>Most often</dt><dd>(Gentoo|Adelie) ", page)
    assert 'id="sort-prediction"' in page
    assert "Nothing had to be repaired." in page


def test_numbers_are_summed_up(app: Flask, as_alice: FlaskClient, length_model: int, do_batch: Do):
    number = send(as_alice, length_model, written(table(9)))
    batch = do_batch(number)
    assert batch.result_json is not None
    header, *rows = read(fetch(as_alice, f"/batches/{number}/download"))
    made = sorted(float(row[header.index("prediction")]) for row in rows)
    spread = batch.result_json["spread"]
    assert (spread["minimum"], spread["median"], spread["maximum"]) == (made[0], made[4], made[8])
    assert "drawn at random" not in as_alice.get(f"/batches/{number}").text
    with app.app_context():
        stored = db.session.get_one(Batch, number)
        stored.result_json = batch.result_json | {"spread": spread | {"sampled": 4}}
        db.session.commit()
    assert "those of 4 predictions drawn at random" in as_alice.get(f"/batches/{number}").text
    assert "Half of the predictions lie between" in as_alice.get(f"/batches/{number}").text


def test_the_original_columns_are_kept_in_order_and_to_the_letter(
    as_alice: FlaskClient, species_model: int, do_batch: Do
):
    columns = ("note", *reversed(FEATURES), "empty", "island2")
    rows = [row | {"note": ' =1+1, "quoted"\nline', "empty": "", "island2": "007"} for row in table(5)]
    rows[0]["mass"] = "052,50 "
    made = predicted(as_alice, do_batch, species_model, written(rows, columns))
    assert made[0][: len(columns)] == list(columns)
    added = ["prediction", "probability of Adelie", "probability of Gentoo", "set", "confidence", "warnings"]
    assert made[0][len(columns) :] == added
    assert [row[: len(columns)] for row in made[1:]] == [[row[name] for name in columns] for row in rows]


@pytest.mark.parametrize("model", ["species_model", "length_model"])
def test_shuffling_or_cutting_a_file_changes_no_prediction(
    as_alice: FlaskClient, do_batch: Do, model: str, request: pytest.FixtureRequest
):
    number = request.getfixturevalue(model)
    rows = table(40)
    whole = predicted(as_alice, do_batch, number, written(rows))
    mixed = rows[:]
    random.Random(3).shuffle(mixed)
    shuffled = predicted(as_alice, do_batch, number, written(mixed))
    cut = predicted(as_alice, do_batch, number, written(rows[20:27]))
    alone = predicted(as_alice, do_batch, number, written(rows[33:34]))
    assert shuffled[0] == whole[0]
    assert sorted(shuffled[1:]) == sorted(whole[1:])
    assert cut[1:] == whole[21:28]
    assert alone[1:] == whole[34:35]


def test_form_and_file_say_the_same(as_alice: FlaskClient, length_model: int, do_batch: Do):
    row = table(1)[0]
    made = predicted(as_alice, do_batch, length_model, written([row]))
    sent = {name: row[name] for name in FEATURES}
    form = as_alice.post(f"/models/{length_model}/predict", data=sent, headers=AS_JSON).json
    assert form is not None
    assert float(made[1][made[0].index("prediction")]) == form["prediction"]


def test_repairs_are_counted_and_shown_with_row_and_column(
    as_alice: FlaskClient, species_model: int, do_batch: Do
):
    rows = table(4)
    rows[1]["island"] = "Atlantis"
    rows[3]["mass"] = "1000"
    number = send(as_alice, species_model, written(rows))
    do_batch(number)
    page = as_alice.get(f"/batches/{number}").text
    assert "Row 2, column “island”: Unknown category “Atlantis”, treated as missing." in page
    assert "Row 4, column “mass”: 1000 lies outside" in page
    assert "<strong>Category never seen in training, treated as missing</strong>: 1 time, in island" in page


def test_a_missing_column_is_refused_by_name(as_alice: FlaskClient, species_model: int, do_batch: Do):
    number = send(as_alice, species_model, written(table(3), FEATURES[1:]))
    assert do_batch(number).state == "failed"
    page = as_alice.get(f"/batches/{number}").text
    assert "The column is missing: mass." in page
    assert "Try another file" in page
    assert fetch(as_alice, f"/batches/{number}/original") == written(table(3), FEATURES[1:])


def test_text_for_a_number_is_refused_with_row_and_column(
    as_alice: FlaskClient, species_model: int, do_batch: Do
):
    rows = table(3)
    rows[1]["mass"] = "heavy"
    number = send(as_alice, species_model, written(rows))
    do_batch(number)
    assert "Row 2, column “mass”: “heavy” is not a number." in as_alice.get(f"/batches/{number}").text


def test_a_header_without_rows_fails_with_a_sentence(as_alice: FlaskClient, species_model: int, do_batch: Do):
    number = send(as_alice, species_model, written([]))
    assert do_batch(number).state == "failed"
    assert 'data-state="failed"' in as_alice.get(f"/batches/{number}").text


def test_an_empty_file_is_refused_at_once(app: Flask, as_alice: FlaskClient, species_model: int):
    page = as_alice.post(
        f"/models/{species_model}/batches/new", data={"file": (io.BytesIO(b""), "nothing.csv")}
    )
    assert page.status_code == 422
    assert "“nothing.csv” is empty." in page.text
    with app.app_context():
        assert db.session.query(Batch).count() == 0
        assert not list((Path(app.instance_path) / "files").rglob("original.part"))


def test_no_file_is_a_sentence(as_alice: FlaskClient, species_model: int):
    page = as_alice.post(f"/models/{species_model}/batches/new", data={})
    assert page.status_code == 422
    assert "Choose a file with a table first." in page.text


@pytest.mark.parametrize(
    "content", [b"\x00\x01\x02PNG\xff", b'a,b\n"open', b"\n\n\n", "mass\n1\n".encode("utf-16")]
)
def test_strange_files_fail_with_a_sentence(
    as_alice: FlaskClient, species_model: int, do_batch: Do, content: bytes
):
    number = send(as_alice, species_model, content)
    batch = do_batch(number)
    assert batch.state == "failed"
    assert batch.job is not None
    assert batch.job.error
    assert batch.job.error.endswith(".")
    assert as_alice.get(f"/batches/{number}").status_code == 200


def test_a_file_too_large_is_refused(as_alice: FlaskClient, species_model: int):
    answer = as_alice.post(
        f"/models/{species_model}/batches/new", environ_overrides={"CONTENT_LENGTH": str(18 << 20)}
    )
    assert answer.status_code == 413


def test_a_failed_batch_can_be_tried_again(
    app: Flask, as_alice: FlaskClient, species_model: int, do_batch: Do, model_file: Callable[[int], Path]
):
    number = send(as_alice, species_model, written(table(3)))
    right = model_file(species_model).read_bytes()
    model_file(species_model).write_bytes(b"damaged")
    assert do_batch(number).state == "failed"
    page = as_alice.get(f"/batches/{number}").text
    assert "damaged" in page
    assert "Try this again as it is" in page
    assert 'value="missing"' not in page  # no cell was at fault
    model_file(species_model).write_bytes(right)
    assert as_alice.post(f"/batches/{number}/retry").status_code == 302
    assert do_batch(number).state == "ready"
    as_alice.post(f"/batches/{number}/retry")  # nothing is done twice
    with app.app_context():
        assert db.session.query(Job).filter_by(kind="predict").count() == 2
    as_alice.post(f"/batches/{number}/delete")
    with app.app_context():
        assert db.session.query(Job).filter_by(kind="predict").count() == 0


def test_cells_that_cannot_be_read_may_count_as_missing(
    app: Flask, as_alice: FlaskClient, species_model: int, do_batch: Do
):
    rows = table(5)
    number_column = next(name for name, text in rows[0].items() if text.replace(".", "").isdecimal())
    rows[2][number_column] = "about a dozen"
    number = send(as_alice, species_model, written(rows))
    assert do_batch(number).state == "failed"
    page = as_alice.get(f"/batches/{number}").text
    assert "Row 3, column" in page
    assert 'name="unreadable" value="missing"' in page
    assert "Try this again as it is" not in page  # it would fail in the same way
    as_alice.post(f"/batches/{number}/retry", data={"unreadable": "missing"})
    assert do_batch(number).state == "ready"
    facts = as_alice.get(f"/batches/{number}?warning=unreadable", headers=AS_JSON).json
    assert facts is not None
    assert facts["unreadable_as_missing"] is True
    assert [row["row"] for row in facts["predictions"]["rows"]] == [3]
    assert "could not be read; it was taken as missing" in as_alice.get(f"/batches/{number}").text
    with app.app_context():
        batch = db.session.get_one(Batch, number)
        assert batch.job is not None
        batch.job.state = "cancelled"
        services.retry(batch=batch)
        assert batch.unreadable_as_missing  # as it was


def test_how_unreadable_cells_are_taken_changes_only_where_somebody_says_so(
    app: Flask, as_alice: FlaskClient, species_model: int, do_batch: Do
):
    number = send(as_alice, species_model, b"a,b\n1,2\n", unreadable_as_missing="y")
    assert do_batch(number).state == "failed"  # columns are missing
    page = as_alice.get(f"/batches/{number}").text
    assert "These columns are missing" in page
    assert f'action="/batches/{number}/retry"' not in page  # no way of reading it brings the columns
    assert "Try another file" in page
    as_alice.post(f"/batches/{number}/retry")
    assert do_batch(number).unreadable_as_missing
    with app.app_context():
        assert db.session.get_one(Batch, number).once
    as_alice.post(f"/batches/{number}/retry", data={"unreadable": "refuse"})
    assert not do_batch(number).unreadable_as_missing
    with app.app_context():
        assert db.session.get_one(Batch, number).once is None  # the form asked for something else


def test_a_column_that_is_lost_is_said_before_all_else(
    as_alice: FlaskClient, species_model: int, do_batch: Do
):
    rows = [row | {"mass": "?!"} for row in table(60)]
    number = send(as_alice, species_model, written(rows), unreadable_as_missing="y")
    batch = do_batch(number)
    assert batch.result_json is not None
    drift = batch.result_json["drift"]
    assert drift["level"] == "strong"
    assert drift["verdict"].startswith("Most rows have no value for mass, unlike in training. Of ")
    assert "lean less on these predictions" in drift["verdict"]
    page = as_alice.get(f"/batches/{number}").text
    assert "<dt>Cells taken as missing</dt><dd>60</dd>" in page
    assert "<dt>Repaired cells</dt><dd>0</dd>" in page


def test_cells_that_were_lost_are_named_however_many_others_were_repaired(
    as_alice: FlaskClient, species_model: int, do_batch: Do
):
    rows = [row | {"island": f" {row['island']}".upper()} for row in table(120) * 3]
    for at in (200, 250, 300):
        rows[at]["mass"] = "heavy"
    number = send(as_alice, species_model, written(rows), unreadable_as_missing="y")
    batch = do_batch(number)
    assert batch.result_json is not None
    named = [one["row"] for one in batch.result_json["repairs"] if one["code"] == "unreadable"]
    assert named == [201, 251, 301]
    assert "Row 201, column “mass”: “heavy” is not a number." in as_alice.get(f"/batches/{number}").text


def test_a_download_is_saved_and_never_shown_as_a_page(
    as_alice: FlaskClient, species_model: int, do_batch: Do
):
    number = send(as_alice, species_model, written(table(3)), "vö;gel.csv")
    do_batch(number)
    for path in ("download", "download?safe=1", "original"):
        with as_alice.get(f"/batches/{number}/{path}") as answer:
            headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"].startswith("sandbox")
        assert headers["Cache-Control"] == "no-store"
        assert headers["Content-Disposition"].startswith("attachment; filename=")
    with as_alice.get(f"/batches/{number}/download") as answer:
        named = answer.headers["Content-Disposition"]
    assert "filename*=UTF-8''v%C3%B6%3Bgel-predictions.csv" in named


def test_the_csv_for_spreadsheets_disarms_formulas_and_keeps_numbers(
    as_alice: FlaskClient, species_model: int, do_batch: Do
):
    notes = ["=1+1", "-2.5", "@x", "plain", " =HYPERLINK(1)", "%x"]
    rows = [row | {"note": note} for row, note in zip(table(6), notes, strict=True)]
    number = send(as_alice, species_model, written(rows, (*FEATURES, "note")))
    do_batch(number)
    place = len(FEATURES)
    exact = read(fetch(as_alice, f"/batches/{number}/download"))
    safe = fetch(as_alice, f"/batches/{number}/download?safe=1")
    assert [row[place] for row in exact[1:]] == notes
    disarmed = ["'=1+1", "-2.5", "'@x", "plain", "' =HYPERLINK(1)", "'%x"]
    assert [row[place] for row in read(safe)[1:]] == disarmed
    assert safe.startswith(b"\xef\xbb\xbf")


def test_a_batch_as_json(as_alice: FlaskClient, species_model: int, do_batch: Do):
    number = send(as_alice, species_model, written(table(2)))
    waiting = as_alice.get(f"/batches/{number}", headers=AS_JSON).json
    assert waiting is not None
    assert (waiting["state"], waiting["n_rows"], waiting["result"]) == ("queued", None, None)
    do_batch(number)
    ready = as_alice.get(f"/batches/{number}", headers=AS_JSON).json
    assert ready is not None
    assert (ready["state"], ready["n_rows"]) == ("ready", 2)
    assert ready["predictions"]["n_matching"] == len(ready["predictions"]["rows"]) == 2
    assert ready["predictions"]["rows"][0]["prediction"] in ("Adelie", "Gentoo")


def test_earlier_files_are_listed_in_pages(
    as_alice: FlaskClient, species_model: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(listing, "PER_PAGE", 2)
    for number in range(3):
        send(as_alice, species_model, written(table(1)), f"file-{number}.csv")
    first = as_alice.get(f"/models/{species_model}/batches/new").text
    second = as_alice.get(f"/models/{species_model}/batches/new?page=2").text
    assert "file-2.csv" in first
    assert "file-0.csv" not in first
    assert "file-0.csv" in second
    assert "file-0.csv" in as_alice.get(f"/models/{species_model}/batches/new?page=99").text
    assert as_alice.get(f"/models/{species_model}/batches/new?page=x").status_code == 200


def test_deleting_asks_first_and_then_leaves_nothing(
    app: Flask, as_alice: FlaskClient, species_model: int, do_batch: Do
):
    number = send(as_alice, species_model, written(table(1)))
    batch = do_batch(number)
    assert "birds.csv" in as_alice.get(f"/batches/{number}/delete").text
    assert as_alice.get(f"/batches/{number}").status_code == 200
    answer = as_alice.post(f"/batches/{number}/delete", follow_redirects=True)
    assert "“birds.csv” and its predictions were deleted." in answer.text
    assert as_alice.get(f"/batches/{number}").status_code == 404
    with app.app_context():
        assert not (Path(app.instance_path) / "files" / batch.key[:2] / batch.key).exists()
        assert db.session.query(Job).filter_by(kind="predict").count() == 0
        assert db.session.query(AuditEvent).filter_by(action="batch-delete").count() == 1


def test_a_batch_under_way_is_not_deleted(as_alice: FlaskClient, species_model: int):
    number = send(as_alice, species_model, written(table(1)))
    page = as_alice.post(f"/batches/{number}/delete")
    assert page.status_code == 409
    assert "Cancel it first" in page.text


@pytest.mark.parametrize("path", ["", "/download", "/original", "/delete"])
def test_strangers_and_visitors_learn_nothing(
    as_alice: FlaskClient,
    as_charlie: FlaskClient,
    visitor: FlaskClient,
    species_model: int,
    do_batch: Do,
    path: str,
):
    number = send(as_alice, species_model, written(table(1)))
    do_batch(number)
    assert as_charlie.get(f"/batches/{number}{path}").status_code == 404
    assert visitor.get(f"/batches/{number}{path}").status_code == 302


def test_strangers_change_nothing(as_alice: FlaskClient, as_charlie: FlaskClient, species_model: int):
    number = send(as_alice, species_model, written(table(1)))
    assert as_charlie.post(f"/batches/{number}/delete").status_code == 404
    assert as_charlie.post(f"/batches/{number}/retry").status_code == 404
    content = {"file": (io.BytesIO(b"a\n1\n"), "a.csv")}
    assert as_charlie.post(f"/models/{species_model}/batches/new", data=content).status_code == 404
    assert as_alice.get(f"/batches/{number}").status_code == 200
