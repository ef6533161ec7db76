"""The page of a batch that is ready: rows, filters, score, drift, downloads; and where batches come from."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from beanft import storage
from beanft.engine.learning.answers import CODES, OUTSIDE
from beanft.engine.learning.batches import work
from beanft.extensions import db
from beanft.models import Batch, Dataset, Job, TrainedModel, Upload, User
from beanft.predict.batches.words import WARNINGS, measured_here
from beanft.predict.rows import predict_many
from beanft.predict.served import served
from beanft.predict.worth import overall_worth
from factories import make_dataset, run_job
from predict.birds import FEATURES, table, written
from predict.conftest import Trained

AS_JSON = {"Accept": "application/json"}
AS_HTMX = {"HX-Request": "true"}
Do = Callable[[int], Batch]


def send(client: FlaskClient, model: int, content: bytes, name: str = "birds.csv", **fields: str) -> int:
    """Send a file; the number of its batch."""
    sent = {"file": (io.BytesIO(content), name), "level": "0.9", **fields}
    answer = client.post(f"/models/{model}/batches/new", data=sent)
    assert answer.status_code == 302, answer.text
    return int(answer.headers["Location"].rsplit("/", 1)[1])


def _rows(strange: int = 0) -> list[dict[str, str]]:
    """Rows of which the first are unlike those of training."""
    rows = table(60)
    for row in rows[:strange]:
        row |= {"island": "Atlantis", "mass": "4000"}
    return rows


@pytest.fixture
def number(as_alice: FlaskClient, species_model: int, do_batch: Do) -> int:
    """A batch of sixty rows with the truth, the first seven of them strange."""
    made = send(as_alice, species_model, written(_rows(7), (*FEATURES, "species")))
    assert do_batch(made).state == "ready"
    return made


def _told(client: FlaskClient, number: int, query: str = "") -> list[int]:
    facts = client.get(f"/batches/{number}/rows{query}", headers=AS_JSON).json
    assert facts is not None
    return [row["row"] for row in facts["rows"]]


def test_the_page_says_how_far_to_trust_what_moved_and_how_good_it_is(as_alice: FlaskClient, number: int):
    page = as_alice.get(f"/batches/{number}").text
    assert "How far to trust them" in page
    assert "unseen category: 7" in page
    assert 'data-name="scores"' in page
    assert 'data-metric="accuracy"' in page
    assert 'data-name="drift"' in page
    assert "holds the true values of 60 rows" in page
    assert "Row 1, column “island”: Unknown category “Atlantis”, treated as missing." in page
    assert "strange" not in page


def _beyond(*, true: bool) -> bytes:
    """Birds far heavier than any in training, with or without their true length."""
    rows = [row | {"mass": str(900 + i), "length": str(3000 + i)} for i, row in enumerate(table(60))]
    return written(rows, (*FEATURES, *(("length",) if true else ())))


def test_what_was_measured_on_the_rows_themselves_comes_first(
    as_alice: FlaskClient, length_model: int, do_batch: Do
):
    made = send(as_alice, length_model, _beyond(true=True))
    result = do_batch(made).result_json
    assert result is not None
    assert result["score"]["covered"]["beside"] == "fewer"
    assert "not measured" not in result["drift"]["verdict"]
    page = as_alice.get(f"/batches/{made}").text
    trust = page[page.index("How far to trust them") : page.index('aria-label="On this page"')]
    here = trust.index("their typical error (RMSE) on the 60 rows of this file whose true length is known")
    assert here < trust.index("Before, in training: ± ")
    assert "was not measured" not in trust
    assert "The 90 % intervals held 0 % of the 60 true values" in trust
    assert "fewer than they promise, beyond what chance explains" in trust
    assert trust.count("guessing, beyond what chance explains") == 1  # said once


@pytest.mark.parametrize(
    ("task", "own", "ranks", "said"),
    [
        ("classification", "accuracy", "roc_auc", "Guessing alone was right on 50 % of them."),
        ("classification", "accuracy", "f1", ""),  # its guess always names the rarer class
        ("classification", "accuracy", "f1_macro", ""),
        ("regression", "rmse", "r2", "Guessing alone erred by ± 0.500 on them."),
        ("regression", "rmse", "mae", ""),
        ("regression", "rmse", "mape", ""),
    ],
)
@pytest.mark.parametrize("has_report", [True, False])
def test_of_guessing_only_what_is_its_best_is_said(
    task: str, own: str, ranks: str, said: str, has_report: bool
):
    score = {"value": 0.8, "low": 0.7, "high": 0.9}
    known = {"metrics": {own: score, ranks: score}, "baseline": {own: 0.5}, "n_rows": 60}
    if has_report:  # it has all scores, and says which ranks
        known["metrics"] = dict.fromkeys(("accuracy", "f1", "rmse", "mae"), score)
        known["difference"] = {"metric": ranks}
    first, *others = overall_worth(task, {"unseen": known})
    assert "never seen in training" in first
    assert others == ([said] if said else [])


@pytest.mark.parametrize(("headline", "told"), [("accuracy", 2), ("f1", 1)])
def test_batches_of_earlier_releases_do_not_tell_a_guess_that_was_made_for_another_score(
    headline: str, told: int
):
    own = {"value": 0.9, "low": 0.8, "high": 0.95}
    score = {"metrics": {"accuracy": own, headline: own}, "guess": {"accuracy": 0.125}, "headline": headline}
    score |= {"n_rows": 80, "sampled": 0}
    assert len(measured_here(score, "kind", source="file")) == told
    both = measured_here(score | {"guessed_each": True}, "kind", source="file")
    assert both[1] == "Guessing alone was right on 12.5 % of them."


def test_rows_beyond_training_are_told_on_top_and_beside_their_confidence(
    as_alice: FlaskClient, length_model: int, do_batch: Do
):
    made = send(as_alice, length_model, _beyond(true=False))
    assert do_batch(made).state == "ready"
    page = as_alice.get(f"/batches/{made}").text
    assert "Most rows lie outside the range that training saw, in “mass” 60 of the 60 rows." in page
    assert "confidence were measured on rows within it and do not hold here" in page
    assert "was not measured: lean less" in page
    assert page.count(">†</span>") == 25 + 1  # each row of the page, and the footnote
    facts = as_alice.get(f"/batches/{made}/rows", headers=AS_JSON).json
    assert facts is not None
    assert {row["confidence"] for row in facts["rows"]} == {None}
    usual = send(as_alice, length_model, written(table(60), FEATURES))
    assert do_batch(usual).state == "ready"
    page = as_alice.get(f"/batches/{usual}").text
    assert set(OUTSIDE) < set(WARNINGS)
    assert set(WARNINGS) == set(CODES)
    assert "Most rows lie outside" not in page
    assert "Before, in training" not in page
    assert "its typical error (RMSE)" in page


def test_facts_for_programs(as_alice: FlaskClient, number: int):
    facts = as_alice.get(f"/batches/{number}", headers=AS_JSON).json
    assert facts is not None
    result = facts["result"]
    assert result["score"]["metrics"]["accuracy"]["value"] > 0.8
    assert result["summary"]["kind"] == "classes"
    assert {one["name"] for one in result["drift"]["columns"]} >= {"mass", "island"}
    assert facts["predictions"]["n_pages"] == 3
    figure = as_alice.get(f"/batches/{number}/figures/predicted").json
    assert figure is not None
    assert [one["name"] for one in figure["series"]] == ["this batch", "training rows, unseen"]
    assert as_alice.get(f"/batches/{number}/figures/other").status_code == 404


@pytest.mark.parametrize("headers", [{}, AS_HTMX])
def test_rows_are_filtered_sorted_and_paged(as_alice: FlaskClient, number: int, headers: dict[str, str]):
    assert _told(as_alice, number, "?warning=unknown") == list(range(1, 8))
    assert _told(as_alice, number, "?page=3") == list(range(51, 61))
    assert _told(as_alice, number, "?sort=row_number&order=desc&per=50")[:2] == [60, 59]
    facts = as_alice.get(f"/batches/{number}/rows?sort=confidence", headers=AS_JSON).json
    assert facts is not None
    confidence = [row["confidence"] for row in facts["rows"]]
    assert confidence == sorted(confidence)
    page = as_alice.get(f"/batches/{number}?warning=unknown&sort=confidence", headers=headers).text
    assert "of 7 that match, 60 in all" in page
    assert 'aria-sort="ascending"' in page


@pytest.mark.parametrize(
    "query",
    [
        "?sort=nothing&order=x&page=x&per=7",
        "?warning=%00&answer=nobody",
        "?q=%00x%ff",
        "?page=99999999999999999",
    ],
)
def test_an_address_that_makes_no_sense_is_read_as_well_as_can_be(
    as_alice: FlaskClient, number: int, query: str
):
    assert as_alice.get(f"/batches/{number}{query}").status_code == 200


def test_a_page_beyond_the_end_says_so(as_alice: FlaskClient, number: int):
    assert "No rows match" in as_alice.get(f"/batches/{number}?page=500").text
    assert "No rows match" in as_alice.get(f"/batches/{number}?q=nowhere").text


def test_lost_predictions_are_a_sentence(app: Flask, as_alice: FlaskClient, number: int):
    with app.app_context():
        batch = db.session.get_one(Batch, number)
        (storage.folder(batch.key) / "predictions.parquet").unlink()
    page = as_alice.get(f"/batches/{number}")
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    answer = as_alice.get(f"/batches/{number}/download")
    assert answer.status_code == 409
    assert "Predict the file again." in answer.text


def test_downloads_in_all_formats(as_alice: FlaskClient, number: int, tmp_path: Path):
    for chosen, ending in (("csv", "csv"), ("safe", "csv"), ("parquet", "parquet"), ("xlsx", "xlsx")):
        with as_alice.get(f"/batches/{number}/download?format={chosen}") as answer:
            assert answer.status_code == 200
            assert f".{ending}" in answer.headers["Content-Disposition"]
            (tmp_path / chosen).write_bytes(answer.data)
    sheet = CalamineWorkbook.from_path(tmp_path / "xlsx").get_sheet_by_index(0).to_python()
    assert len(sheet) == 61
    assert sheet[0][-1] == "warnings"
    assert (tmp_path / "parquet").read_bytes().startswith(b"PAR1")
    assert as_alice.get(f"/batches/{number}/download?format=pickle").status_code == 422


def test_a_large_workbook_is_written_by_a_job_when_asked_for(
    app: Flask,
    as_alice: FlaskClient,
    species_model: int,
    do_batch: Do,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(work, "QUICK_CELLS", 10)
    number = send(as_alice, species_model, written(table(5)))
    assert do_batch(number).state == "ready"
    answer = as_alice.get(f"/batches/{number}/download?format=xlsx")
    assert answer.status_code == 409
    assert "not written yet" in answer.text
    assert "Write for Excel" in as_alice.get(f"/batches/{number}").text
    for _ in range(2):  # asked twice, it is one job
        assert as_alice.post(f"/batches/{number}/workbook").status_code == 302
    assert "Writing for Excel" in as_alice.get(f"/batches/{number}").text
    assert as_alice.post(f"/batches/{number}/delete").status_code == 409
    with app.app_context():
        (job,) = db.session.query(Job).filter_by(kind="workbook").all()
        assert run_job(job).state == "ready"
    with as_alice.get(f"/batches/{number}/download?format=xlsx") as found:
        assert found.data.startswith(b"PK")


def test_a_dataset_is_predicted_with_what_it_was_trained_on(
    app: Flask, as_alice: FlaskClient, length_model: int, do_batch: Do
):
    with app.app_context():
        own = db.session.query(Dataset).one()
        version, made = own.versions[0].id, f"{own.versions[0].created_at:%Y-%m-%d}"
        other = make_dataset(db.session.get_one(User, own.owner_id), name="other", csv="colour,size\nred,1\n")
        unfit = other.versions[0].id
    page = as_alice.get(f"/models/{length_model}/batches/new").text
    assert f'<option value="{version}">length, version 1 of {made} (120 rows)</option>' in page
    assert f'<option value="{unfit}">' not in page  # it has none of the columns
    assert "1 version of your datasets lacks a column that this model needs." in page
    sent = {"version": version, "level": "0.8"}
    answer = as_alice.post(f"/models/{length_model}/batches/datasets", data=sent)
    number = int(answer.headers["Location"].rsplit("/", 1)[1])
    batch = do_batch(number)
    assert batch.state == "ready", batch.job and batch.job.error
    assert (batch.source_kind, batch.level, batch.n_rows) == ("dataset", 0.8, 120)
    page = as_alice.get(f"/batches/{number}").text
    assert "This is the table that the model was trained on." in page
    assert "80 % interval" in page
    assert as_alice.get(f"/batches/{number}/original").status_code == 404
    shown = as_alice.get(f"/batches/{number}/rows", headers=AS_JSON).json
    assert shown is not None
    ringed = {row["cells"][shown["columns"].index("ringed")] for row in shown["rows"]}
    assert ringed == {"yes", "no"}  # as the file had it, and not as it is stored


def test_rows_of_the_training_table_are_told_wherever_they_come_from(
    as_alice: FlaskClient, species_model: int, do_batch: Do
):
    """Part of the table, in another order and spelled otherwise, is no unseen table."""
    rows = [row | {"mass": f" {float(row['mass']):.3f}"} for row in reversed(table(120)[:50])]
    seen = send(as_alice, species_model, written(rows, (*FEATURES, "species")))
    batch = do_batch(seen)
    assert batch.result_json is not None
    assert batch.result_json["known"] == {"n": 50, "of": 50, "share_distinct": 1.0}
    page = as_alice.get(f"/batches/{seen}").text
    assert "50 of the 50 rows stand in the table that the model was trained on" in page
    assert "so the score flatters it" in page
    others = [row | {"mass": f"{float(row['mass']) + 0.01:.2f}"} for row in table(60)]
    unseen = send(as_alice, species_model, written(others, (*FEATURES, "species")))
    batch = do_batch(unseen)
    assert batch.result_json is not None
    assert batch.result_json["known"]["n"] == 0
    assert "flatters" not in as_alice.get(f"/batches/{unseen}").text


def test_only_datasets_of_ones_own_can_be_chosen(
    app: Flask, as_alice: FlaskClient, species_model: int, charlie: User
):
    with app.app_context():
        theirs = make_dataset(charlie).versions[0].id
    for version in (theirs, 10**30, "x", ""):
        sent = {"version": version, "level": "0.9"}
        answer = as_alice.post(f"/models/{species_model}/batches/datasets", data=sent)
        assert answer.status_code == 422
        assert "Choose a dataset and a level of the lists." in answer.text
    with app.app_context():
        assert db.session.query(Batch).count() == 0


def test_a_dataset_deleted_meanwhile_is_a_sentence(
    app: Flask, as_alice: FlaskClient, species_model: int, alice: User, do_batch: Do
):
    with app.app_context():
        dataset = make_dataset(alice, name="other")
        version, dataset_id = dataset.versions[0].id, dataset.id
    sent = {"version": version, "level": "0.9"}
    answer = as_alice.post(f"/models/{species_model}/batches/datasets", data=sent)
    with app.app_context():
        db.session.delete(db.session.get_one(Dataset, dataset_id))
        db.session.commit()
    batch = do_batch(int(answer.headers["Location"].rsplit("/", 1)[1]))
    assert batch.job is not None
    assert batch.job.error == "The dataset was deleted before it was predicted."


def _upload(app: Flask, owner: User, content: bytes, *, whole: bool = True) -> str:
    with app.app_context():
        key = storage.new_key()
        size, digest = storage.write(storage.make_folder(key) / "original", [content])
        upload = Upload(
            owner_id=owner.id,
            key=key,
            name="large.csv",
            size_bytes=size,
            offset_bytes=size if whole else 0,
            sha256=digest if whole else None,
        )
        db.session.add(upload)
        db.session.commit()
        return key


def test_a_file_that_came_in_slices_is_predicted_once(
    app: Flask, as_alice: FlaskClient, as_charlie: FlaskClient, alice: User, species_model: int, do_batch: Do
):
    rows = table(4)
    rows[1]["mass"] = "heavy"
    key = _upload(app, alice, written(rows))
    address = f"/models/{species_model}/batches/uploads/{key}"
    assert as_charlie.post(address, json={}).status_code == 404
    asked = {"sheet": "", "level": "0.95", "unreadable_as_missing": True}
    first, again = (as_alice.post(address, json=asked) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    batch = do_batch((first.json or {})["id"])
    assert (batch.state, batch.level, batch.original_name) == ("ready", 0.95, "large.csv")
    with app.app_context():
        assert db.session.query(Upload).count() == 0


def test_slices_that_are_not_all_there_are_refused(
    app: Flask, as_alice: FlaskClient, alice: User, species_model: int
):
    key = _upload(app, alice, b"a\n1\n", whole=False)
    address = f"/models/{species_model}/batches/uploads/{key}"
    assert "not complete" in as_alice.post(address, json={}).text
    for level in ("0.5", "x", [], "1e9"):
        answer = as_alice.post(address, json={"level": level})
        assert answer.status_code == 422
        assert "Choose one of these levels: 80, 90, 95, 99 %." in answer.text
    assert as_alice.post(f"/models/{species_model}/batches/uploads/{'0' * 32}", json={}).status_code == 404


def test_an_unknown_level_is_refused(as_alice: FlaskClient, species_model: int):
    sent = {"file": (io.BytesIO(b"a\n1\n"), "a.csv"), "level": "0.5"}
    assert as_alice.post(f"/models/{species_model}/batches/new", data=sent).status_code == 422


def test_all_batches_are_listed(as_alice: FlaskClient, as_charlie: FlaskClient, species_model: int):
    send(as_alice, species_model, written(table(1)), "one.csv")
    assert "one.csv" in as_alice.get("/batches").text
    listed = as_alice.get("/batches", headers=AS_JSON).json
    assert listed is not None
    assert [one["file"] for one in listed["batches"]] == ["one.csv"]
    assert "Nothing predicted yet" in as_charlie.get("/batches").text


def test_strangers_and_visitors_learn_nothing_of_results(
    as_alice: FlaskClient, as_charlie: FlaskClient, visitor: FlaskClient, number: int
):
    for path in ("/rows", "/figures/predicted", "/download?format=parquet", "/download?format=xlsx"):
        with as_alice.get(f"/batches/{number}{path}") as answer:
            assert answer.status_code == 200
        assert as_charlie.get(f"/batches/{number}{path}").status_code == 404
        assert visitor.get(f"/batches/{number}{path}").status_code == 302
    assert as_charlie.post(f"/batches/{number}/workbook").status_code == 404


def test_a_batch_that_is_not_ready_has_no_rows(as_alice: FlaskClient, species_model: int):
    number = send(as_alice, species_model, written(table(1)))
    assert as_alice.get(f"/batches/{number}/rows").status_code == 404
    assert as_alice.get(f"/batches/{number}/figures/predicted").status_code == 404
    assert as_alice.post(f"/batches/{number}/workbook").status_code == 302
    assert "not ready yet" in as_alice.get(f"/batches/{number}").text


def test_the_page_has_no_name_of_a_column_unescaped(as_alice: FlaskClient, number: int):
    page = as_alice.get(f"/batches/{number}").text
    assert "q&#34;u&lt;b&gt;o&lt;/b&gt;te" in page
    assert not re.search(r"<b>o</b>", page)


def test_a_batch_of_an_earlier_release_can_be_predicted_again(app: Flask, as_alice: FlaskClient, number: int):
    with app.app_context():
        db.session.get_one(Batch, number).result_json = {"n_rows": 60, "preview": []}
        db.session.commit()
    page = as_alice.get(f"/batches/{number}")
    assert page.status_code == 200
    assert "an earlier release" in page.text
    assert as_alice.get(f"/batches/{number}/rows").status_code == 404
    assert as_alice.get(f"/batches/{number}/download").status_code == 404
    as_alice.post(f"/batches/{number}/retry")
    assert 'data-state="queued"' in as_alice.get(f"/batches/{number}").text


def test_form_batch_and_api_say_alike_what_is_not_known(
    app: Flask,
    as_alice: FlaskClient,
    alice: User,
    forecaster: Trained,
    make_model: Callable[..., int],
    do_batch: Do,
):
    """A day later than was measured has a warning and no confidence; up to which day it was is said."""
    model = make_model(alice, forecaster)
    rows = [row | {"seen": day} for row in table(1) for day in ("2025-08-01", "2031-05-01")]
    made = send(as_alice, model, written(rows))
    assert do_batch(made).state == "ready"
    facts = as_alice.get(f"/batches/{made}/rows", headers=AS_JSON).json
    assert facts is not None
    usual, late = facts["rows"]
    assert "later" in late["warnings"]
    assert "later" not in usual["warnings"]
    assert late["confidence"] is None
    assert usual["confidence"] is not None
    page = as_alice.get(f"/batches/{made}").text
    assert "Errors were measured up to “seen” 2025-12-" in page
    assert "later than measured: 1" in page
    with app.app_context():
        found = predict_many(model=served(db.session.get_one(TrainedModel, model)), rows=rows)
    assert [one["confidence"] for one in found.answers] == [usual["confidence"], None]
    assert any("Errors were measured up to" in said for said in found.uncertainty["sentences"])
    shown = as_alice.post(f"/models/{model}/predict", data=rows[1]).text
    assert "later than what was measured: dates up to 2026-" in shown
    assert "Confidence not known." in shown
