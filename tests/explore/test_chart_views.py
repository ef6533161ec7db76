"""The chart page: the address is the chart, the numbers stand on the page, the picture comes as JSON."""

from __future__ import annotations

import csv
import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from beanft.explore import chart_services
from beanft.extensions import db
from beanft.models import Dataset, User, Version
from factories import make_dataset

CSV = "species,mass,sex,day\n" + "".join(
    f"{['Adelie', 'Gentoo'][i % 2]},{3000 + 37 * i},{['f', 'm', ''][i % 3]},1968-{i % 12 + 1:02}-05\n"
    for i in range(40)
)
PAGES = ("charts", "charts/figure", "charts/numbers")


@pytest.fixture
def dataset(app: Flask, alice: User) -> str:
    """The address of alice's dataset."""
    return address(app, alice, CSV)


def address(app: Flask, owner: User, content: str, name: str = "birds") -> str:
    with app.app_context():
        return f"/datasets/{make_dataset(db.session.merge(owner), name=name, csv=content).id}"


def test_the_page_opens_with_a_histogram_of_the_first_number(as_alice: FlaskClient, dataset: str):
    page = as_alice.get(f"{dataset}/charts")
    assert page.status_code == 200
    assert "Distribution of mass" in page.text
    assert 'data-object="dataset"' in page.text
    assert "40 of 40 rows are complete" in page.text
    assert 'data-name="numbers"' in page.text
    assert "needs JavaScript" in page.text


@pytest.mark.parametrize("query", [
    "?kind=histogram&x=mass&colour=sex&bins=7", "?kind=bar&x=species&y=mass&aggregation=mean&colour=sex",
    "?kind=line&x=day&y=mass&aggregation=sum", "?kind=scatter&x=mass&y=mass&colour=species",
    "?kind=box&x=species&y=mass", "?kind=box&y=mass",
])  # fmt: skip
def test_page_figure_and_numbers_show_the_same_chart(as_alice: FlaskClient, dataset: str, query: str):
    page = as_alice.get(f"{dataset}/charts{query}&title=My+%3Ctitle%3E")
    facts = as_alice.get(f"{dataset}/charts{query}", headers={"Accept": "application/json"}).json
    figure = as_alice.get(f"{dataset}/charts/figure{query}")
    numbers = as_alice.get(f"{dataset}/charts/numbers{query}")
    assert page.status_code == figure.status_code == numbers.status_code == 200
    assert "My &lt;title&gt;" in page.text
    assert "<title>My" not in page.text
    assert figure.json["aria"]["label"]["description"] == facts["description"]
    assert figure.json["animation"] is False
    header, *rows = list(csv.reader(numbers.text.splitlines()))
    assert header == facts["table"]["header"]
    assert len(rows) == len(facts["table"]["rows"])


def test_means_stand_on_the_page_and_in_the_facts(as_alice: FlaskClient, dataset: str):
    query = "?kind=bar&x=species&y=mass"  # a column to measure means its mean
    facts = as_alice.get(f"{dataset}/charts{query}", headers={"Accept": "application/json"}).json
    assert facts["chart"]["aggregation"] == "mean"
    assert facts["table"]["header"] == ["species", "mean of mass", "95 % from", "95 % to", "rows", "remark"]
    assert [row[1] for row in facts["table"]["rows"]] == [3703.0, 3740.0]
    assert "95 % intervals of the means" in as_alice.get(f"{dataset}/charts{query}").text


def test_filters_of_the_rows_page_hold_for_charts(as_alice: FlaskClient, dataset: str):
    query = "?kind=bar&x=species&column=species&operator=equals&value=Adelie"
    facts = as_alice.get(f"{dataset}/charts{query}", headers={"Accept": "application/json"}).json
    assert facts["table"]["rows"] == [["Adelie", 20, ""]]
    page = as_alice.get(f"{dataset}/charts{query}").text
    assert "Clear filters" in page
    assert '<input type="hidden" name="value" value="Adelie">' in page


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?kind=pie&x=mass", "Not a valid choice"),
        ("?kind=bar&x=nothing", "There is no column “nothing”."),
        ("?kind=scatter&x=species&y=mass", "A scatter chart needs numbers for “x”, but “species” holds"),
        ("?kind=histogram&x=mass&bins=9999", "Choose 2 to 100 bins"),
        ("?kind=histogram&x=mass&bins=many", "Not a valid integer value"),
        ("?kind=bar&x=species&title=" + "a" * 300, "The title is longer than 200 characters."),
        ("?kind=bar&x=species&column=mass&operator=DROP&value=1", "“DROP” is no question for “mass”"),
    ],
)
def test_bad_input_gives_a_sentence(as_alice: FlaskClient, dataset: str, query: str, sentence: str):
    page = as_alice.get(f"{dataset}/charts{query}")
    figure = as_alice.get(f"{dataset}/charts/figure{query}")
    assert (page.status_code, figure.status_code) == (422, 422)
    assert sentence in page.text
    assert sentence in figure.json["error"]
    facts = as_alice.get(f"{dataset}/charts{query}", headers={"Accept": "application/json"})
    assert (facts.status_code, sentence in facts.json["error"]) == (422, True)
    assert as_alice.get(f"{dataset}/charts/numbers{query}").status_code == 302


def test_hostile_names_and_values_stay_text(as_alice: FlaskClient, app: Flask, alice: User):
    content = '"<b>x""; DROP","=1+1"\n' + "".join(f"<script>{i % 3},{i}\n" for i in range(30))
    page = address(app, alice, content, name="hostile")
    query = {"kind": "bar", "x": '<b>x"; DROP', "y": "=1+1", "aggregation": "max"}
    answer = as_alice.get(f"{page}/charts", query_string=query)
    assert answer.status_code == 200
    assert "<script>0" not in answer.text
    assert "<b>x" not in answer.text
    numbers = as_alice.get(f"{page}/charts/numbers", query_string={"kind": "histogram", "x": "=1+1"})
    assert numbers.status_code == 200
    scatter = {"kind": "scatter", "x": "=1+1", "y": "=1+1"}
    assert "'=1+1" in as_alice.get(f"{page}/charts/numbers", query_string=scatter).text.splitlines()[0]


def test_nothing_to_draw_is_an_empty_state_with_the_reason(as_alice: FlaskClient, app: Flask, alice: User):
    page = address(app, alice, "a,b\n1,\n,2\n3,\n", name="holes")
    answer = as_alice.get(f"{page}/charts?kind=scatter&x=a&y=b")
    assert answer.status_code == 200
    assert "Nothing to draw" in answer.text
    assert "1 without “a”, 2 without “b”" in answer.text


def test_wide_tables_offer_names_once(as_alice: FlaskClient, app: Flask, alice: User):
    names = [f"column_{place}" for place in range(400)]
    page = address(
        app, alice, f"{','.join(names)}\n" + (",".join("17" for _ in names) + "\n") * 2, name="wide"
    )
    answer = as_alice.get(f"{page}/charts")
    assert answer.text.count("column_399") == 1
    assert len(answer.data) < 300_000


def test_answers_stay_below_300_kb(as_alice: FlaskClient, app: Flask, alice: User):
    rows = "".join(f"{(i * 0.7310585786300049) % 1},{(i * 0.37754066879814546) % 1}\n" for i in range(6000))
    query = "?kind=scatter&x=a&y=b&colour=a"
    page = address(app, alice, f"a,b\n{rows}", name="long")
    assert len(as_alice.get(f"{page}/charts/figure{query}").data) < 300_000
    assert len(as_alice.get(f"{page}/charts{query}").data) < 300_000
    assert len(as_alice.get(f"{page}/charts/numbers{query}").text.splitlines()) == 5001


def test_a_version_that_is_not_ready_leads_to_its_page(as_alice: FlaskClient, app: Flask, dataset: str):
    with app.app_context():
        job = db.session.get_one(Dataset, int(dataset.rsplit("/", 1)[1])).latest.job
        assert job is not None
        job.state = "running"
        db.session.commit()
    answer = as_alice.get(f"{dataset}/charts")
    assert (answer.status_code, answer.location) == (302, dataset)
    assert as_alice.get(f"{dataset}/charts/figure").status_code == 422


def test_a_drawing_is_made_once_for_page_picture_and_csv(as_alice: FlaskClient, dataset: str, monkeypatch):
    calls = []
    real = chart_services.draw
    monkeypatch.setattr(
        chart_services, "draw", lambda *args, **choices: calls.append(1) or real(*args, **choices)
    )
    for page in PAGES:
        assert as_alice.get(f"{dataset}/{page}?kind=bar&x=sex&title=once").status_code == 200
    assert len(calls) == 1


@pytest.mark.parametrize("page", PAGES)
def test_visitors_log_in_first_and_strangers_find_nothing(
    visitor: FlaskClient, as_charlie: FlaskClient, dataset: str, page: str
):
    answer = visitor.get(f"{dataset}/{page}")
    assert (answer.status_code, answer.location.startswith("/login")) == (302, True)
    assert as_charlie.get(f"{dataset}/{page}").status_code == 404


def test_figures_are_json_that_every_browser_reads(as_alice: FlaskClient, app: Flask, alice: User):
    page = address(app, alice, "a,b\n" + "1e308,x\n-1e308,x\n1.5e308,y\n" * 3, name="huge")
    for query in ("?kind=bar&x=b&y=a&aggregation=sum", "?kind=histogram&x=a", "?kind=box&y=a"):
        answer = as_alice.get(f"{page}/charts/figure{query}")
        assert json.loads(answer.text, parse_constant=pytest.fail)["series"]


def test_a_line_is_drawn_over_the_column_that_tells_the_time(
    app: Flask, as_alice: FlaskClient, dataset: str
) -> None:
    with app.app_context():
        version = db.session.scalars(select(Version)).one()
        version.roles = {"day": "time", "species": "ignore"}
        db.session.commit()
    accept = {"Accept": "application/json"}
    opened = as_alice.get(f"{dataset}/charts", headers=accept).get_json()["chart"]
    assert (opened["kind"], opened["x"], opened["y"]) == ("line", "day", "mass")
    asked = as_alice.get(f"{dataset}/charts?kind=line&y=mass", headers=accept).get_json()["chart"]
    assert asked["x"] == "day"
    options = re.findall(r'<option value="(\w+)"', as_alice.get(f"{dataset}/charts").text)
    assert options.index("species") > options.index("sex"), "an ignored column comes last"
