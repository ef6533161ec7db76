"""A summary saved as a dataset: the same rows and figures, its owner's alone, made once."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from beanft import storage
from beanft.engine.summaries.summarised import Summarised
from beanft.engine.summaries.summary import Measure, Summary
from beanft.engine.summaries.table import summarise
from beanft.engine.tables.queries.conditions import Filter
from beanft.engine.tables.queries.pages import Page, page
from beanft.extensions import db
from beanft.models import Dataset, User
from beanft.uploader.summaries import services
from factories import make_dataset, run_job

JSON = {"Accept": "application/json"}
TOWNS = ["Ulm", "Bonn", "NA", "", '"Köln, ""K"""']
CSV = "town,zip,price,day,paid\n" + "".join(
    f"{TOWNS[i % 5]},{i % 7:05},{i * 1.25},{1960 + i % 9}-01-0{i % 9 + 1},{['ja', 'nein'][i % 2]}\n"
    for i in range(90)
)
KINDS = {"town": "category", "zip": "category"}


@pytest.fixture
def dataset_id(app: Flask, alice: User) -> int:
    with app.app_context():
        return make_dataset(alice, name="shops", csv=CSV, kinds=KINDS).id


def summary(*by: str, measures: tuple[tuple[str, str], ...] = (), **more: Any) -> Summary:
    figures = tuple(Measure(what=what, column=column) for what, column in measures)
    return Summary(by=by, measures=figures, **more)


def send(client: FlaskClient, dataset_id: int, wanted: Summary, **fields: str) -> Any:
    data = {"summary": json.dumps(wanted.to_dict()), "filters": "[]", "version": "1", **fields}
    return client.post(f"/datasets/{dataset_id}/summary/save", data=data)


def read(
    app: Flask, answer: Any, dataset_id: int, wanted: Summary, *filters: Filter
) -> tuple[Page, Summarised]:
    """The rows of the dataset that was made, and those of the summary."""
    assert answer.status_code == 302, answer.text
    with app.app_context():
        made = db.session.get_one(Dataset, int(answer.location.rpartition("/")[2]))
        assert run_job(made.latest.job).error is None
        table = storage.folder(made.latest.key) / "table.parquet"
        saved = page(table, made.latest.profile, limit=500)
        of = db.session.get_one(Dataset, dataset_id).current
        path = storage.folder(of.key) / "table.parquet"
        return saved, summarise(path, of.profile, wanted, filters=filters)


def plain(value: Any) -> Any:
    return str(value.date() if hasattr(value, "date") else value) if hasattr(value, "year") else value


SUMMARIES = [
    summary("town", measures=(("mean", "price"), ("distinct", "zip"), ("max", "day"))),
    summary("zip", "town", measures=(("sum", "price"),), order="-rows"),
    summary("price"),
    summary("day", bucket="month", measures=(("sd", "price"),)),
    summary("zip", across="town", measures=(("median", "price"),)),
    summary("paid", measures=(("missing", "town"),)),
]


@pytest.mark.parametrize("wanted", SUMMARIES, ids=range(len(SUMMARIES)))
def test_the_dataset_holds_the_rows_of_the_summary(app, as_alice, dataset_id, wanted):
    saved, found = read(app, send(as_alice, dataset_id, wanted), dataset_id, wanted)
    assert saved.columns == found.header
    labels = {True: "ja", False: "nein"} if "paid" in wanted.by else {}
    assert len(saved.rows) == len(found.rows)
    for got, row in zip(saved.rows, found.rows, strict=True):
        got = [labels.get(one, one) if isinstance(one, bool) else plain(one) for one in got]
        assert got == [pytest.approx(one) if isinstance(one, float) else one for one in row]


def test_filters_choose_the_rows_and_the_dataset_says_where_it_comes_from(app, as_alice, dataset_id):
    wanted, only = summary("town"), Filter("price", "at-least", "50")
    answer = send(as_alice, dataset_id, wanted, filters=json.dumps([["price", "at-least", "50"]]))
    saved, found = read(app, answer, dataset_id, wanted, only)
    assert [tuple(row) for row in saved.rows] == list(found.rows)
    with app.app_context():
        made = db.session.scalars(select(Dataset).order_by(Dataset.id.desc())).first()
        assert made.name == "shops by town"
        assert made.latest.original_name == "shops by town.csv"
        assert made.source == "Summary of “shops”, version 1: rows by town, 50 rows that pass 1 filter."


def test_the_same_form_makes_one_dataset(app, as_alice, dataset_id):
    one = send(as_alice, dataset_id, summary("town"), once="k", name="mine")
    other = send(as_alice, dataset_id, summary("town"), once="k", name="mine")
    assert one.location == other.location
    assert send(as_alice, dataset_id, summary("zip"), once="k", name="mine").location != one.location
    with app.app_context():
        names = db.session.scalars(select(Dataset.name)).all()
        assert sorted(names) == ["mine", "mine (2)", "shops"]


def test_nobody_saves_what_is_someone_elses(app, visitor, as_charlie, dataset_id):
    assert "/login" in send(visitor, dataset_id, summary("town")).location
    assert send(as_charlie, dataset_id, summary("town")).status_code == 404
    with app.app_context():
        assert len(db.session.scalars(select(Dataset)).all()) == 1


GOOD = json.dumps(summary("town").to_dict())
UNREADABLE = "This is no summary."


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"summary": ""}, UNREADABLE),
        ({"summary": "[1]"}, UNREADABLE),
        ({"summary": "{}"}, UNREADABLE),
        ({"summary": '{"by": 3, "measures": [7]}'}, UNREADABLE),
        ({"summary": "[" * 100_000}, UNREADABLE),
        ({"filters": "{"}, UNREADABLE),
        ({"filters": '{"a": 1}'}, UNREADABLE),
        ({"filters": '[["price", "at-least"]]'}, UNREADABLE),
        ({"filters": '[["price", ["a"], "1"]]'}, UNREADABLE),
        ({"filters": '[["price", "1; drop table x", "1"]]'}, "is no question for"),
        ({"filters": '[["town", "equals", "nowhere"]]'}, "nothing to save"),
        ({"summary": GOOD.replace("town", "zz")}, "The table has no column “zz”."),
        ({"name": "12"}, "A name of digits only"),
        ({"name": "x" * 200}, "A name has at most 120 characters"),
        ({"version": "9"}, "This version is not there any more."),
        ({"version": "x"}, "This version is not there any more."),
    ],
)
def test_what_cannot_be_saved_is_said_and_leaves_nothing(app, as_alice, dataset_id, fields, sentence):
    answer = send(as_alice, dataset_id, summary("town"), **fields)
    assert answer.status_code == 422
    assert sentence in answer.text.replace("&#39;", "'")
    with app.app_context():
        assert len(db.session.scalars(select(Dataset)).all()) == 1


def test_a_full_quota_refuses(app, as_alice, alice, dataset_id, monkeypatch):
    known = app.config["BEANFT"]
    monkeypatch.setitem(app.config, "BEANFT", type(known)(**{**vars(known), "storage_per_user_mb": 1}))
    with app.app_context():
        of = db.session.get_one(Dataset, dataset_id).latest
        (storage.folder(of.key) / "table.duckdb").write_bytes(b"x" * (1 << 20))
    answer = send(as_alice, dataset_id, summary("town"))
    assert answer.status_code == 422
    assert "There is no room for this" in answer.text
    data = {"summary": GOOD, "version": "1"}
    asked = as_alice.post(f"/datasets/{dataset_id}/summary/save", data=data, headers=JSON)
    assert (asked.status_code, list(asked.get_json())) == (507, ["error"])


HOSTILE = ["=1+1", '"; drop table x--', "__import__('os')", "<script>alert(1)</script>", "NA", "x" * 190]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_and_values_come_back_as_they_are(app, as_alice, alice, name):
    out = io.StringIO()
    csv.writer(out).writerows([["t " + name, "n"], *[[name + "!", "1"], ["b\n'", "2"], ["007", "4"]] * 4])
    with app.app_context():
        dataset_id = make_dataset(alice, name=f"a/b {name}"[:100], csv=out.getvalue()).id
    wanted = summary("t " + name, measures=(("sum", "n"),))
    saved, found = read(app, send(as_alice, dataset_id, wanted), dataset_id, wanted)
    assert [tuple(row) for row in saved.rows] == list(found.rows)
    assert "<script>alert" not in send(as_alice, dataset_id, wanted, name="1").text


def test_nobodys_writing_waits_while_a_summary_is_made(
    as_alice: FlaskClient, dataset_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[bool] = []

    def slow(*asked: Any, **more: Any) -> Summarised:
        held.append(db.session().in_transaction())
        return summarise(*asked, **more)

    monkeypatch.setattr(services, "summarise", slow)
    assert send(as_alice, dataset_id, summary("town")).status_code == 302
    assert held == [False]
