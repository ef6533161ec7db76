"""The board and the saved charts: made, arranged, filtered, drawn anew, taken along, private."""

from __future__ import annotations

import copy
import re
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from beanft.extensions import db
from beanft.models import Board, Dataset, SavedChart, User
from beanft.uploader.versions.services import delete_dataset
from factories import make_dataset

JSON = {"Accept": "application/json"}
PART = {"HX-Request": "true"}
CSV = "species,mass,sex\n" + "".join(
    f"{['Adelie', 'Gentoo'][i % 2]},{3000 + 37 * i},{['f', 'm', ''][i % 3]}\n" for i in range(40)
)
BARS = {"kind": "bar", "x": "species"}
SCATTER = {"kind": "histogram", "x": "mass"}
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" viewBox="0 0 9 9">{}</svg>'


@pytest.fixture
def dataset(app: Flask, alice: User) -> str:
    """The address of alice's dataset."""
    with app.app_context():
        return f"/datasets/{make_dataset(db.session.merge(alice), name='birds', csv=CSV).id}"


def save(client: FlaskClient, dataset: str, name: str, **values: Any) -> Any:
    return client.post(f"{dataset}/charts/saved", data={"name": name, **(values or BARS)})


def board(client: FlaskClient, dataset: str, query: str = "") -> Any:
    return client.get(f"{dataset}/board{query}", headers=JSON).get_json()


def names(client: FlaskClient, dataset: str) -> list[str]:
    return [chart["name"] for chart in board(client, dataset)["charts"]]


def number_of(client: FlaskClient, dataset: str, name: str) -> int:
    charts = client.get(f"{dataset}/charts/saved", headers=JSON).get_json()["charts"]
    return next(chart["id"] for chart in charts if chart["name"] == name)


def arrange(client: FlaskClient, dataset: str, name: str, **values: Any) -> Any:
    return client.post(f"{dataset}/board/charts/{number_of(client, dataset, name)}", data=values)


def add_version(app: Flask, dataset: str, csv: str) -> None:
    """A second version of another table."""
    with app.app_context():
        first = db.session.get_one(Dataset, int(dataset.rsplit("/", 1)[1]))
        owner = db.session.get_one(User, first.owner_id)
        other = make_dataset(owner, name="other", csv=csv)
        version = other.versions[0]
        version.number = 2
        first.versions.append(version)
        db.session.commit()


def test_an_empty_board_leads_to_the_chart_builder(as_alice: FlaskClient, dataset: str) -> None:
    for page in ("board", "charts/saved"):
        answer = as_alice.get(f"{dataset}/{page}")
        assert answer.status_code == 200
        assert "No chart is saved yet" in answer.text
        main = answer.text[answer.text.index("<main") :]
        assert re.findall(r'btn-primary" href="([^"]+)"', main) == [f"{dataset}/charts"]
    assert board(as_alice, dataset)["charts"] == []


def test_the_builder_offers_to_save_the_chart_with_its_whole_address(
    as_alice: FlaskClient, dataset: str
) -> None:
    query = "kind=bar&x=species&y=mass&aggregation=mean&column=sex&operator=one-of&value=f;m"
    page = as_alice.get(f"{dataset}/charts?{query}").text
    form = page[page.index(f'action="{dataset}/charts/saved"') :]
    form = form[: form.index("</form>")]
    sent = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    sent["name"] = " Mean  mass "
    answer = as_alice.post(f"{dataset}/charts/saved", data=sent)
    assert answer.status_code == 302
    assert answer.location.startswith(f"{dataset}/charts?kind=bar")
    assert "“Mean mass” is saved and stands on the board." in as_alice.get(answer.location).text
    chart = board(as_alice, dataset)["charts"][0]
    assert (chart["name"], chart["kind"], chart["error"]) == ("Mean mass", "bar", "")
    opened = as_alice.get(chart["address"], headers=JSON).get_json()
    asked = as_alice.get(f"{dataset}/charts?{query}", headers=JSON).get_json()
    assert opened == asked


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": "  "}, "Give the chart a name."),
        ({"name": "x" * 121}, "A name has at most 120 characters."),
        ({"name": "a", "note": "x" * 2001}, "A note has at most 2,000 characters."),
        ({"name": "a", "x": "nothing"}, "There is no column “nothing”."),
        ({"name": "a", "kind": "pie"}, "There is no chart “pie”."),
        ({"name": "a", "title": "x" * 300}, "The title is longer than 200 characters."),
        ({"name": "a", "column": "nothing", "operator": "equals", "value": "1"}, "has no column “nothing”"),
        ({"name": "a", "column": "mass", "operator": "DROP", "value": "1"}, "“DROP” is no question"),
        ({"name": "taken", "x": "sex"}, "This dataset has a saved chart “taken” already."),
    ],
)
def test_what_cannot_be_saved_is_said_and_the_form_keeps_the_chart(
    as_alice: FlaskClient, dataset: str, values: dict[str, str], sentence: str
) -> None:
    save(as_alice, dataset, "taken")
    answer = as_alice.post(f"{dataset}/charts/saved", data={**BARS, **values})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert len(board(as_alice, dataset)["charts"]) == 1
    facts = as_alice.post(f"{dataset}/charts/saved", data={**BARS, **values}, headers=JSON)
    assert sentence in " ".join(facts.get_json()["errors"])


def test_a_hundred_charts_are_the_most_and_a_board_holds_two_dozen(
    app: Flask, as_alice: FlaskClient, dataset: str
) -> None:
    save(as_alice, dataset, "first")
    with app.app_context():
        first = db.session.scalars(select(SavedChart)).one()
        for place in range(1, 99):
            row = {"name": f"c{place}", "place": place if place < 24 else None, "note": "", "kind": "bar"}
            db.session.add(SavedChart(dataset_id=first.dataset_id, chart_json=first.chart_json, **row))
        db.session.commit()
    answer = save(as_alice, dataset, "last")
    assert "is saved but the board is full" in as_alice.get(answer.location).text
    assert "100 saved charts, which is the most" in save(as_alice, dataset, "beyond").text
    arrange(as_alice, dataset, "last", move="on", back="saved")
    assert "holds at most 24 charts" in as_alice.get(f"{dataset}/charts/saved").text
    assert len(names(as_alice, dataset)) == 24


def test_charts_are_arranged_sized_taken_off_and_put_back(as_alice: FlaskClient, dataset: str) -> None:
    for name in "abc":
        save(as_alice, dataset, name)
    assert names(as_alice, dataset) == ["a", "b", "c"]
    answer = arrange(as_alice, dataset, "c", move="earlier", column="sex", operator="equals", value="f")
    where = f"{dataset}/board?column=sex&operator=equals&value=f#chart-{number_of(as_alice, dataset, 'c')}"
    assert answer.location == where
    assert names(as_alice, dataset) == ["a", "c", "b"]
    arrange(as_alice, dataset, "a", move="earlier")
    arrange(as_alice, dataset, "b", move="later")
    assert names(as_alice, dataset) == ["a", "c", "b"]
    arrange(as_alice, dataset, "b", move="to", place="0")
    assert names(as_alice, dataset) == ["b", "a", "c"]
    arrange(as_alice, dataset, "a", move="size", width="full", height="tall")
    arrange(as_alice, dataset, "b", move="off")
    facts = board(as_alice, dataset)["charts"]
    assert [(one["name"], one["width"], one["height"]) for one in facts] == [
        ("a", "full", "tall"),
        ("c", "half", "usual"),
    ]
    assert arrange(as_alice, dataset, "b", move="on", back="saved").location == f"{dataset}/charts/saved"
    assert names(as_alice, dataset) == ["a", "c", "b"]
    assert "tile-full tile-tall" in as_alice.get(f"{dataset}/board").text
    address = f"{dataset}/board/charts/{number_of(as_alice, dataset, 'a')}"
    bad = as_alice.post(address, data={"move": "size", "width": "9"}, headers=PART)
    assert (bad.status_code, "There is no such size" in bad.text) == (422, True)
    assert as_alice.post(address, data={"move": "later"}, headers=PART).status_code == 204
    assert arrange(as_alice, dataset, "a", move="nonsense").status_code == 302
    assert names(as_alice, dataset) == ["c", "a", "b"]


def test_title_and_text_of_a_board_stay_text(as_alice: FlaskClient, dataset: str) -> None:
    save(as_alice, dataset, "<script>a", **BARS, note="<b>one\r\ntwo\0")
    data = {"title": "<i>Board", "note": "line <script>\r\nline"}
    assert as_alice.post(f"{dataset}/board", data=data).location == f"{dataset}/board"
    page = as_alice.get(f"{dataset}/board").text
    assert "&lt;i&gt;Board" in page
    assert "line &lt;script&gt;\nline" in page
    assert "<script>a" not in page
    assert board(as_alice, dataset)["charts"][0]["note"] == "<b>one\ntwo"
    bad = as_alice.post(f"{dataset}/board", data={"title": "x" * 121, "note": ""})
    assert (bad.status_code, "A title has at most 120 characters" in bad.text) == (422, True)


def test_a_saved_chart_is_renamed_and_deleted(as_alice: FlaskClient, dataset: str) -> None:
    save(as_alice, dataset, "a")
    save(as_alice, dataset, "b")
    address = f"{dataset}/charts/saved/{number_of(as_alice, dataset, 'a')}"
    assert 'value="a"' in as_alice.get(address).text
    taken = as_alice.post(address, data={"name": "b", "note": ""})
    assert (taken.status_code, "a saved chart “b” already" in taken.text) == (422, True)
    assert as_alice.post(address, data={"name": "a", "note": "new"}).status_code == 302
    assert as_alice.post(address, data={"name": "c", "note": "new"}).status_code == 302
    assert names(as_alice, dataset) == ["c", "b"]
    assert "Delete it for ever" in as_alice.get(f"{address}/delete").text
    assert names(as_alice, dataset) == ["c", "b"]
    assert as_alice.post(f"{address}/delete").status_code == 302
    assert names(as_alice, dataset) == ["b"]
    assert as_alice.post(f"{address}/delete").status_code == 404


def test_filters_of_the_board_hold_on_top_of_those_of_each_chart(as_alice: FlaskClient, dataset: str) -> None:
    save(as_alice, dataset, "a", **BARS, column="species", operator="equals", value="Adelie")
    number = number_of(as_alice, dataset, "a")
    query = "?column=sex&operator=equals&value=f"
    facts = as_alice.get(f"{dataset}/board/charts/{number}{query}", headers=JSON).get_json()
    assert facts["table"]["rows"][0][:2] == ["Adelie", 7]
    part = as_alice.get(f"{dataset}/board/charts/{number}{query}", headers=PART).text
    figure = re.findall(r'data-figure="([^"]+)"', part)[0].replace("&amp;", "&")
    assert figure.count("column=") == 2
    assert "version=1" in figure
    assert as_alice.get(figure).status_code == 200
    assert "Only rows where" in part
    page = as_alice.get(f"{dataset}/board{query}").text
    assert "Remove the filter on sex" in page
    assert f"{dataset}/board/charts/{number}{query.replace('&', '&amp;')}" in page
    bad = as_alice.get(f"{dataset}/board?column=mass&operator=DROP&value=1")
    assert (bad.status_code, "“DROP” is no question" in bad.text) == (422, True)
    many = "&".join("column=mass&operator=at-least&value=" + str(n) for n in range(20))
    too_many = as_alice.get(f"{dataset}/board/charts/{number}?{many}", headers=JSON)
    assert (too_many.status_code, "has 21 filters, and 20 are the most" in too_many.text) == (422, True)


def test_a_newer_version_is_shown_and_says_what_it_lacks(
    app: Flask, as_alice: FlaskClient, dataset: str
) -> None:
    save(as_alice, dataset, "mass", **SCATTER)
    save(as_alice, dataset, "sexes", kind="bar", x="sex")
    save(as_alice, dataset, "filtered", **BARS, column="sex", operator="equals", value="f")
    add_version(app, dataset, "species,mass\n" + "a,heavy\nb,light\n" * 3)
    page = as_alice.get(f"{dataset}/board").text
    assert "Version 2 of 2, 6 rows, the newest." in page
    errors = {one["name"]: one["error"] for one in board(as_alice, dataset)["charts"]}
    assert errors["mass"].startswith("It does not fit version 2. A histogram needs numbers")
    assert errors["sexes"] == "Version 2 has no column “sex”. This chart needs it."
    assert errors["filtered"] == "Version 2 has no column “sex”. This chart needs it."
    assert errors["mass"] in page
    assert '<option value="1" >1: 40 rows' in page
    older = as_alice.get(f"{dataset}/board?version=1").text
    assert "Version 1 of 2, 40 rows." in older
    assert "has no column" not in older
    assert as_alice.get(f"{dataset}/board?version=9").status_code == 404
    number = number_of(as_alice, dataset, "sexes")
    assert as_alice.get(f"{dataset}/board/charts/{number}").status_code == 422
    assert as_alice.get(f"{dataset}/board/charts/{number}?version=1").status_code == 200


@pytest.mark.parametrize("spoilt", [None, [], {}, {"chart": {"kind": "pie"}, "filters": []}, {"chart": 1}])
def test_a_description_that_cannot_be_read_stops_nothing_else(
    app: Flask, as_alice: FlaskClient, dataset: str, spoilt: Any
) -> None:
    save(as_alice, dataset, "a")
    save(as_alice, dataset, "b")
    with app.app_context():
        chart = db.session.scalars(select(SavedChart).where(SavedChart.name == "a")).one()
        chart.chart_json = copy.deepcopy(spoilt) if spoilt is not None else {"chart": None, "filters": [1]}
        db.session.commit()
    first, second = board(as_alice, dataset)["charts"]
    assert "cannot be read any more" in first["error"]
    assert second["error"] == ""
    assert as_alice.get(f"{dataset}/board").status_code == 200
    assert as_alice.get(f"{dataset}/charts/saved").status_code == 200
    assert as_alice.get(f"{dataset}/board/charts/{first['id']}").status_code == 422


def send(client: FlaskClient, dataset: str, pictures: dict[int, str], **values: str) -> Any:
    files = {
        f"picture-{number}": FileStorage(BytesIO(text.encode()), filename="chart.svg")
        for number, text in pictures.items()
    }
    boundary, body = encode_multipart({**values, **files})  # the client would leave a large body's file open
    kind = f"multipart/form-data; boundary={boundary}"
    return client.post(f"{dataset}/board/file", data=body, content_type=kind)


def test_nobodys_writing_waits_while_the_charts_of_a_file_are_drawn(
    app: Flask, as_alice: FlaskClient, dataset: str
) -> None:
    save(as_alice, dataset, "Species")
    with app.app_context(), db.engine.connect().execution_options(immediate=True) as other:
        other.exec_driver_sql("SELECT 1")  # holds the write lock
        assert send(as_alice, dataset, {}).status_code == 200
        other.rollback()


def test_the_file_holds_words_numbers_and_pictures_and_runs_nothing(
    as_alice: FlaskClient, dataset: str
) -> None:
    save(as_alice, dataset, "<script>alert(1)</script>", **BARS, note="of birds")
    number = board(as_alice, dataset)["charts"][0]["id"]
    drawn = SVG.format(
        '<script>evil()</script><text onload="evil()" style="fill:url(//x);font-size:12px">'
        "&lt;script&gt;label&lt;/script&gt;</text><image href='//x/y.png'/><a href='javascript:evil()'/>"
        "<foreignObject><p>evil</p></foreignObject><rect fill='url(#g)' width='3' height='3'/>"
    )
    answer = send(as_alice, dataset, {number: drawn}, column="sex", operator="equals", value="f")
    page = answer.text
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="birds board version 1.html"'
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "&lt;script&gt;label&lt;/script&gt;</text>" in page
    assert f'fill="url(#c{number}-g)"' in page
    assert not re.search(r"<script|evil|javascript:|foreignObject|<image|href=|src=|@import|//x", page)
    for part in (
        "of birds",
        "Adelie",
        "version 1 of 1",
        "40 rows",
        "All charts: only rows where",
        "default-src 'none'",
    ):
        assert part in page
    assert len(answer.data) < 20_000


def test_without_pictures_the_file_has_words_and_tables(as_alice: FlaskClient, dataset: str) -> None:
    save(as_alice, dataset, "a")
    page = send(as_alice, dataset, {}).text
    assert "<svg" not in page
    assert "left out" not in page
    assert "<td>Adelie</td><td>20</td>" in page


def test_the_file_stays_below_a_megabyte(as_alice: FlaskClient, dataset: str) -> None:
    numbers = []
    for name in "ab":
        save(as_alice, dataset, name)
        numbers.append(number_of(as_alice, dataset, name))
    sizes = (27_000, 24_000)
    drawn = {n: SVG.format("<path d='M1 2L3 4'/>" * size) for n, size in zip(numbers, sizes, strict=True)}
    answer = send(as_alice, dataset, drawn)
    assert answer.status_code == 200
    assert 300_000 < len(answer.data) < 1_000_000
    assert answer.text.count("The picture is left out") == 1
    broken = send(as_alice, dataset, {numbers[0]: "<svg", numbers[1]: "<!DOCTYPE x []>" + SVG})
    assert broken.text.count("The picture is left out") == 2


def test_the_file_refuses_filters_that_cannot_be_asked(as_alice: FlaskClient, dataset: str) -> None:
    save(as_alice, dataset, "a")
    answer = send(as_alice, dataset, {}, column="mass", operator="DROP", value="1")
    assert (answer.status_code, "“DROP” is no question" in answer.text) == (422, True)


def test_deleting_the_dataset_deletes_what_was_saved(
    app: Flask, alice: User, as_alice: FlaskClient, dataset: str
) -> None:
    save(as_alice, dataset, "a")
    as_alice.post(f"{dataset}/board", data={"title": "t", "note": ""})
    with app.app_context():
        delete_dataset(dataset=db.session.scalars(select(Dataset)).one(), user_id=alice.id)
        assert db.session.scalar(select(func.count()).select_from(SavedChart)) == 0
        assert db.session.scalar(select(func.count()).select_from(Board)) == 0


ONE = ("charts/saved/{}", "charts/saved/{}/delete", "board/charts/{}")
ADDRESSES = [
    *(("GET", page) for page in ("board", "charts/saved", *ONE)),
    *(("POST", page) for page in ("board", "board/file", "charts/saved", *ONE)),
]


@pytest.mark.parametrize(("method", "page"), ADDRESSES)
def test_visitors_log_in_first_and_strangers_find_nothing(
    app: Flask,
    visitor: FlaskClient,
    as_alice: FlaskClient,
    as_charlie: FlaskClient,
    dataset: str,
    method: str,
    page: str,
) -> None:
    save(as_alice, dataset, "a")
    number = number_of(as_alice, dataset, "a")
    data = {"name": "theirs", "title": "theirs", "note": "", "move": "off", **BARS}
    address = f"{dataset}/{page.format(number)}"
    answer = visitor.open(address, method=method, data=data if method == "POST" else None)
    assert (answer.status_code, answer.location.startswith("/login")) == (302, True)
    answer = as_charlie.open(address, method=method, data=data if method == "POST" else None)
    assert answer.status_code == 404
    if "{}" in page:  # the number of a chart opens nothing below another dataset
        with app.app_context():
            charlie = db.session.scalars(select(User).where(User.username == "charlie")).one()
            own = f"/datasets/{make_dataset(charlie, name='own', csv=CSV).id}"
        assert as_charlie.open(f"{own}/{page.format(number)}", method=method, data=data).status_code == 404
    assert names(as_alice, dataset) == ["a"]


def test_a_dataset_that_is_not_read_leads_to_its_page(
    app: Flask, as_alice: FlaskClient, dataset: str
) -> None:
    with app.app_context():
        job = db.session.scalars(select(Dataset)).one().latest.job
        assert job is not None
        job.state = "running"
        db.session.commit()
    for page in ("board", "charts/saved"):
        assert as_alice.get(f"{dataset}/{page}").location == dataset
    assert save(as_alice, dataset, "a").status_code == 404
    assert as_alice.post(f"{dataset}/board/file").status_code == 404


def test_a_chart_saved_twice_by_a_double_click_is_one(as_alice: FlaskClient, dataset: str) -> None:
    for _ in range(2):
        assert save(as_alice, dataset, "Species").status_code == 302
    assert names(as_alice, dataset) == ["Species"]
    assert save(as_alice, dataset, "Species", **SCATTER).status_code == 422


def test_numbers_beyond_any_database_are_not_there(as_alice: FlaskClient, dataset: str) -> None:
    save(as_alice, dataset, "Species")
    save(as_alice, dataset, "Mass", **SCATTER)
    beyond = "9" * 30
    for page in (f"charts/saved/{beyond}", f"charts/saved/{beyond}/delete", f"board/charts/{beyond}"):
        assert as_alice.get(f"{dataset}/{page}").status_code == 404
    assert arrange(as_alice, dataset, "Species", move="to", place=beyond).status_code < 500
    picture = FileStorage(BytesIO(b"<svg/>"), "chart.svg", f"picture-{beyond * 200}")
    answer = as_alice.post(f"{dataset}/board/file", data={picture.name: picture})
    assert answer.status_code == 200


def test_a_chart_of_an_older_version_is_saved_from_that(
    app: Flask, as_alice: FlaskClient, dataset: str
) -> None:
    add_version(app, dataset, "colour,size\nred,1\nblue,2\n")
    page = as_alice.get(f"{dataset}/charts?version=1&kind=bar&x=species").text
    hidden = dict(re.findall(r'<input type="hidden" name="(version|kind|x)" value="([^"]*)">', page))
    assert hidden["version"] == "1"
    answer = save(as_alice, dataset, "Species", **hidden)
    assert (answer.status_code, "version=1" in answer.location) == (302, True)


def test_gaps_in_the_file_leave_no_row_out(as_alice: FlaskClient, dataset: str) -> None:
    save(as_alice, dataset, "Gaps", kind="missing")
    page = as_alice.post(f"{dataset}/board/file").text
    assert "40 rows, complete or not." in page
    assert "complete in the columns" not in page
