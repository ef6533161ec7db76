"""The chart page: the address is the chart, the numbers stand on the page, the picture comes as JSON."""

from __future__ import annotations

import csv
import json
import re
import shutil
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from beanft import storage
from beanft.engine.charts.catalogue import KINDS
from beanft.explore import chart_services
from beanft.explore.drawings import Drawings
from beanft.extensions import db
from beanft.models import Dataset, User, Version
from factories import make_dataset, make_job

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


def test_the_page_opens_with_suggestions_and_a_histogram_of_the_first_number(
    as_alice: FlaskClient, dataset: str
):
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
    assert "My <title>" not in page.text
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
    assert f'href="{dataset}/rows?column=species&amp;operator=equals&amp;value=Adelie"' in page


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?kind=pie&x=mass", "There is no chart “pie”."),
        ("?kind=bar&x=species&layout=piled", "There is no layout “piled”."),
        ("?kind=bar&x=species&top=0", "Choose 1 to 100 groups"),
        ("?kind=correlations&columns=nothing&columns=mass", "There is no column “nothing”."),
        ("?kind=bar&x=nothing", "There is no column “nothing”."),
        ("?kind=scatter&x=species&y=mass", "A scatter chart needs numbers for “x (horizontal axis)”, but"),
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
    shown = as_alice.get(f"{page}/charts{query}")
    assert len(shown.data) < 300_000
    assert "The chart draws an even sample of 5,000 rows, these lines give all 6,000." in shown.text
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
    page = as_alice.get(f"{dataset}/charts").text
    assert page.index('<optgroup label="Ignored">') > page.index("<option>sex</option>")


def _chosen(page: str, part: str) -> str:
    """What is chosen in the list of a part."""
    field = re.search(rf'<select class="form-select" id="{part}".*?</select>', page, re.DOTALL)
    assert field is not None, part
    found = re.search(r"<option[^>]* selected>([^<]*)", field[0])
    return unescape(found[1]) if found else ""


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_drawn_from_a_form_that_had_another_one(
    as_alice: FlaskClient, app: Flask, alice: User, kind: str
) -> None:
    rows = "".join(f"{'AB'[i % 2]},{i * 37 % 101}.5,{i * 7 % 90}.25,{i * 3 % 80}.125\n" for i in range(60))
    places = address(app, alice, f"species,mass,lon,lat\n{rows}", name="places")
    for was in ("?was=missing", "?was=bar&x=species&y=mass&aggregation=mean"):
        answer = as_alice.get(f"{places}/charts{was}&kind={kind}")
        assert answer.status_code == 200, (was, re.findall(r'role="alert">([^<]*)', answer.text))
        assert f'id="kind-{kind}" aria-describedby="says-{kind}" checked' in answer.text
        assert "numbers =" in answer.text, "the pandas code"
        short = unescape(re.findall(r'data-here="([^"]*)"', answer.text)[0])
        assert "was=" not in short
    figure = as_alice.get(short.replace("/charts", "/charts/figure", 1))
    assert figure.status_code == 200, "the short address shows the same chart"
    assert len(figure.data) < 300_000
    assert len(figure.json["links"]["series"]) == len(figure.json["series"])


def test_a_new_kind_keeps_what_fits(as_alice: FlaskClient, dataset: str) -> None:
    boxes = as_alice.get(
        f"{dataset}/charts?was=bar&kind=box&x=species&y=mass&aggregation=mean&colour=sex"
    ).text
    assert [_chosen(boxes, part) for part in ("x", "y", "colour")] == ["species", "mass", "sex"]
    histogram = as_alice.get(f"{dataset}/charts?was=box&kind=histogram&x=species&y=mass&colour=sex").text
    assert [_chosen(histogram, part) for part in ("x", "colour")] == ["mass", "sex"]
    means = as_alice.get(f"{dataset}/charts?was=scatter&kind=bar&x=mass&y=mass").text
    assert [_chosen(means, part) for part in ("x", "y")] == ["species", "mass"]


def test_the_same_kind_keeps_what_was_typed_and_says_why_it_does_not_fit(
    as_alice: FlaskClient, dataset: str
) -> None:
    answer = as_alice.get(f"{dataset}/charts?was=histogram&kind=histogram&x=species")
    assert answer.status_code == 422
    assert "A histogram needs numbers" in answer.text


def test_the_lists_offer_what_fits_before_what_does_not(as_alice: FlaskClient, dataset: str) -> None:
    page = as_alice.get(f"{dataset}/charts?kind=histogram&x=mass").text
    field = re.search(r'<select class="form-select" id="x".*?</select>', page, re.DOTALL)
    assert field is not None
    numbers, rest = field[0].split('<optgroup label="Do not fit" disabled>')
    assert ("mass" in numbers, "species" in numbers, "species" in rest) == (True, False, True)


def test_a_fragment_is_the_builder_alone(as_alice: FlaskClient, dataset: str) -> None:
    headers = {"HX-Request": "true"}
    part = as_alice.get(f"{dataset}/charts?kind=bar&x=species&was=histogram", headers=headers)
    assert part.status_code == 200
    assert part.text.lstrip().startswith('<div class="builder" id="charts"')
    assert "<html" not in part.text
    assert as_alice.get(f"{dataset}/charts?kind=pie", headers=headers).status_code == 422


@pytest.mark.parametrize("query", [
    "?kind=bar&x=species", "?kind=bar&x=species&colour=sex&y=mass&aggregation=mean", "?kind=histogram&x=mass",
    "?kind=histogram&x=mass&colour=sex&column=species&operator=equals&value=Adelie",
    "?kind=box&x=species&y=mass", "?kind=line&x=day",
])  # fmt: skip
def test_each_line_of_the_table_leads_to_its_rows(as_alice: FlaskClient, dataset: str, query: str) -> None:
    accept = {"Accept": "application/json"}
    page = as_alice.get(f"{dataset}/charts{query}").text
    table = as_alice.get(f"{dataset}/charts{query}", headers=accept).json["table"]
    links = [unescape(link) for link in re.findall(r'<td><a href="([^"]*)" aria-label="Rows of line', page)]
    assert len(links) == len([row for row in table["rows"] if any(row)])
    counted = [place for place, head in enumerate(table["header"]) if head.startswith("rows")]
    for row, link in list(zip(table["rows"], links, strict=False))[:8]:
        found = as_alice.get(link, headers=accept)
        assert found.status_code == 200, found.json
        assert found.json["n_matching"] == sum(row[place] for place in counted), (row, link)


@pytest.mark.parametrize("query", ["?kind=bar&x=species&colour=sex", "?kind=histogram&x=mass&colour=sex"])
def test_marks_of_the_figure_lead_to_the_rows_they_count(
    as_alice: FlaskClient, dataset: str, query: str
) -> None:
    figure = as_alice.get(f"{dataset}/charts/figure{query}").json
    leading = [
        (one, marks) for one, marks in zip(figure["series"], figure["links"]["series"], strict=True) if marks
    ]
    assert leading
    for series, marks in leading:
        assert len(marks) == len(series["data"])
        for mark, places in list(zip(series["data"], marks, strict=True))[:3]:
            triples = [figure["links"]["filters"][place] for place in places]
            address = {
                name: [one[at] for one in triples] for at, name in enumerate(("column", "operator", "value"))
            }
            found = as_alice.get(
                f"{dataset}/rows", query_string=address, headers={"Accept": "application/json"}
            )
            drawn = mark["value"] if isinstance(mark, dict) else mark
            assert found.json["n_matching"] == (drawn[-1] if isinstance(drawn, list) else drawn)


def test_points_name_the_columns_of_their_axes(as_alice: FlaskClient, app: Flask, alice: User) -> None:
    page = address(app, alice, "a,b\n" + "".join(f"{i % 9}.5,{i * i % 7}.5\n" for i in range(40)), name="few")
    links = as_alice.get(f"{page}/charts/figure?kind=scatter&x=a&y=b").json["links"]
    assert (links["series"][0], links["axes"], links["exact"]) == ("points", [["a", "b"]], True)


def test_an_older_version_is_drawn_and_named(app: Flask, as_alice: FlaskClient, dataset: str) -> None:
    with app.app_context():
        first = db.session.scalars(select(Version)).one()
        copied = ("original_name", "original_bytes", "original_sha256", "wishes_json", "parquet_sha256",
                  "parquet_bytes", "n_rows", "n_columns", "profile_json", "correlations_json")  # fmt: skip
        values = {name: getattr(first, name) for name in copied}
        key = storage.new_key()
        shutil.copytree(storage.folder(first.key), storage.make_folder(key), dirs_exist_ok=True)
        second = Version(
            number=2, key=key, job=make_job(db.session.get_one(User, first.dataset.owner_id)), **values
        )
        first.dataset.versions.append(second)
        db.session.commit()
    page = as_alice.get(f"{dataset}/charts?kind=bar&x=species&version=1")
    assert page.status_code == 200
    assert "You look at version 1 of 2." in page.text
    assert '<input type="hidden" name="version" value="1">' in page.text
    for link in re.findall(r'data-(?:figure|rows|here)="([^"]*)"', page.text):
        assert parse_qs(urlsplit(unescape(link)).query)["version"] == ["1"], link
    assert as_alice.get(f"{dataset}/charts?kind=bar&x=species&version=7").status_code == 404
    assert as_alice.get(f"{dataset}/charts/figure?kind=bar&x=species&version=1").status_code == 200
    assert "You look at" not in as_alice.get(f"{dataset}/charts?kind=bar&x=species").text


def test_suggestions_open_the_page_and_can_be_about_a_column(as_alice: FlaskClient, dataset: str) -> None:
    opened = as_alice.get(f"{dataset}/charts").text
    assert "Charts worth seeing" in opened
    cards = re.findall(r'<a class="stretched-link" href="([^"]*)"', opened)
    assert 1 <= len(cards) <= 8
    about = as_alice.get(f"{dataset}/charts?target=species").text
    assert all("species" in unescape(link) for link in re.findall(r'stretched-link" href="([^"]*)"', about))
    assert "stretched-link" not in as_alice.get(f"{dataset}/charts?kind=bar&x=species").text
    assert as_alice.get(f"{dataset}/charts?target=nothing").status_code == 200


def test_the_page_of_200_columns_stays_below_60_kb(as_alice: FlaskClient, app: Flask, alice: User) -> None:
    names = [f"column_{place}" for place in range(200)]
    rows = "".join(",".join(str(i * (place + 3) % 97) for place in range(200)) + "\n" for i in range(60))
    page = address(app, alice, ",".join(names) + "\n" + rows, name="200")
    for query in ("", "?kind=scatter&x=column_1&y=column_2", "?kind=pairs", "?kind=correlations"):
        assert len(as_alice.get(f"{page}/charts{query}").data) < 60_000, query


def test_a_title_of_hostile_text_is_text(as_alice: FlaskClient, dataset: str) -> None:
    title = "</script><script>alert(1)</script>{{ 7*7 }}\"onload='x'"
    page = as_alice.get(
        f"{dataset}/charts", query_string={"kind": "bar", "x": "species", "title": title}
    ).text
    assert "<script>alert" not in page
    assert "{{ 7*7 }}" in page


def test_drawings_are_kept_up_to_a_number_of_bytes(as_alice: FlaskClient, dataset: str, monkeypatch) -> None:
    kept = Drawings(most_bytes=40_000)
    monkeypatch.setattr(chart_services, "_kept", kept)
    for place in range(20):
        assert as_alice.get(f"{dataset}/charts/figure?kind=bar&x=species&title={place}").status_code == 200
    assert 0 < kept.n_bytes <= 40_000


def test_filters_are_written_as_people_write_them(as_alice: FlaskClient, dataset: str) -> None:
    page = as_alice.get(
        f"{dataset}/charts?kind=bar&x=species&column=mass&operator=between&value=3000.0..4000.5"
    ).text
    assert '<bdi class="fw-medium">3,000 and 4,000.5</bdi>' in page


def test_charts_of_gaps_do_not_say_that_rows_are_complete(as_alice: FlaskClient, dataset: str) -> None:
    page = as_alice.get(f"{dataset}/charts?kind=missing").text
    assert "40 rows, complete or not." in page
    assert "rows are complete" not in page


def test_few_charts_about_a_column_are_said_to_be_all(as_alice: FlaskClient, dataset: str) -> None:
    page = as_alice.get(f"{dataset}/charts?target=species").text
    assert "Nothing else goes with <bdi>species</bdi>." in page
    assert "Nothing else goes with" not in as_alice.get(f"{dataset}/charts").text


def test_the_keyboard_can_skip_the_suggestions(as_alice: FlaskClient, dataset: str) -> None:
    page = as_alice.get(f"{dataset}/charts").text
    assert page.index('class="skip-link" href="#chart-form"') < page.index('id="suggested"')
    assert 'id="chart-form"' in page


@pytest.mark.parametrize("name", ["dataset", "endpoint", "_scheme", "_anchor", "_method", "_external"])
def test_numbers_that_cannot_be_drawn_lead_to_the_page_whatever_the_names_in_the_address(
    as_alice: FlaskClient, dataset: str, name: str
):
    answer = as_alice.get(f"{dataset}/charts/numbers?kind=bar&x=nosuch&{name}=1")
    assert (answer.status_code, answer.location) == (302, f"{dataset}/charts?kind=bar&x=nosuch&{name}=1")
