"""The page of a summary: its state is the address, and every group leads to exactly its rows."""

from __future__ import annotations

import csv
import html
import io
import re
from urllib.parse import quote_plus

import pytest
from flask import Flask
from flask.testing import FlaskClient

from beanft.engine.summaries.measures import Figure
from beanft.explore.summaries.services import mean_words
from beanft.models import User
from factories import make_dataset

JSON = {"Accept": "application/json"}
FRAGMENT = {"HX-Request": "true"}
CSV = "species,mass,sex,day,paid\n" + "".join(
    f"{['Adelie', 'Gentoo', 'Chinstrap', ''][i % 4]},{3000 + 37 * i},{['f', 'm', ''][i % 5 % 3]},"
    f"{1960 + i % 20}-{i % 12 + 1:02}-05,{['ja', 'nein'][i % 2]}\n"
    for i in range(120)
)
MEAN = "what=mean&of=mass"


@pytest.fixture
def dataset_id(app: Flask, alice: User) -> int:
    with app.app_context():
        return make_dataset(alice, name="penguins", csv=CSV).id


def page(client: FlaskClient, dataset_id: int, query: str = "", status: int = 200) -> str:
    answer = client.get(f"/datasets/{dataset_id}/summary?{query}")
    assert answer.status_code == status, answer.text[:2000]
    return answer.text


def facts(client: FlaskClient, dataset_id: int, query: str = "") -> dict:
    return client.get(f"/datasets/{dataset_id}/summary?{query}", headers=JSON).get_json()


def group_links(text: str) -> list[str]:
    body = text.partition("<tbody>")[2].partition("</tbody>")[0]
    return [html.unescape(one) for one in re.findall(r'<th scope="row"[^>]*><a href="([^"]+)"', body)]


@pytest.mark.parametrize("path", ["summary", "summary/download"])
def test_visitors_and_strangers_see_nothing(visitor, as_charlie, dataset_id, path):
    assert "/login" in visitor.get(f"/datasets/{dataset_id}/{path}").location
    assert as_charlie.get(f"/datasets/{dataset_id}/{path}").status_code == 404


def test_it_opens_with_a_table_worth_seeing(as_alice, dataset_id):
    found = facts(as_alice, dataset_id)
    assert found["header"][:3] == ["species", "rows", "mean of mass"]
    assert [row[:2] for row in found["rows"]] == [
        ["Adelie", 30],
        ["Chinstrap", 30],
        ["Gentoo", 30],
        [None, 30],
    ]
    text = page(as_alice, dataset_id)
    assert "4 groups of 120 rows." in text
    assert re.search(r"5,\d{3} \(4,\d{3} to 5,\d{3}\)", text)


QUERIES = [
    "by=species",
    f"by=species&by=sex&{MEAN}",
    "by=mass",
    "by=day&bucket=month",
    "by=day&bucket=quarter",
    "by=day&bucket=week",
    "by=day",
    "by=paid",
    f"by=sex&across=species&{MEAN}&what=distinct&of=day",
    f"by=species&{MEAN}&column=mass&operator=at-least&value=5000",
]


@pytest.mark.parametrize("query", QUERIES)
def test_each_group_leads_to_exactly_its_rows(as_alice, dataset_id, query):
    found = facts(as_alice, dataset_id, query)
    counts = [place for place, name in enumerate(found["header"]) if name.endswith("rows")]
    wanted = [sum(row[place] for place in counts) for row in found["rows"]]
    links = group_links(page(as_alice, dataset_id, query))
    got = [as_alice.get(link, headers=JSON).get_json()["n_matching"] for link in links]
    assert got == wanted
    assert sum(wanted) == found["n_rows"]


def test_each_cell_and_each_head_of_a_crossed_table_leads_to_its_rows(as_alice, dataset_id):
    query = "by=sex&across=species"
    found, text = facts(as_alice, dataset_id, query), page(as_alice, dataset_id, query)
    body = text.partition("<tbody>")[2].partition("</tbody>")[0]
    cells = re.findall(r'<td class="num[^>]*><a href="([^"]+)">(\d+)</a>', body)
    assert len(cells) == 3 * 4
    for link, n in cells:
        assert as_alice.get(html.unescape(link), headers=JSON).get_json()["n_matching"] == int(n)
    heads = re.findall(r'<a href="([^"]+)"><bdi>', text.partition("</thead>")[0].partition("<thead>")[2])
    assert [as_alice.get(html.unescape(one), headers=JSON).get_json()["n_matching"] for one in heads] == [
        30
    ] * 4
    assert sum(int(n) for _, n in cells) == found["n_rows"] == 120


def test_missing_keys_are_named_and_booleans_speak_the_owners_words(as_alice, dataset_id):
    assert "<bdi>missing</bdi>" in page(as_alice, dataset_id, "by=species")
    assert [row[0] for row in facts(as_alice, dataset_id, "by=paid")["rows"]] == ["nein", "ja"]
    assert "<bdi>1960</bdi>" in page(as_alice, dataset_id, "by=day&bucket=year")
    assert re.search(r"<bdi>19\d\d Q\d</bdi>", page(as_alice, dataset_id, "by=day&bucket=quarter"))


def test_heads_order_the_groups_and_say_so(as_alice, dataset_id):
    text = page(as_alice, dataset_id, f"by=species&{MEAN}&order=-mean+of+mass")
    assert text.count('aria-sort="descending"') == 1
    means = [row[2] for row in facts(as_alice, dataset_id, f"by=species&{MEAN}&order=-mean+of+mass")["rows"]]
    assert means == sorted(means, reverse=True)
    rising = [row[2] for row in facts(as_alice, dataset_id, f"by=species&{MEAN}&order=mean+of+mass")["rows"]]
    assert rising == sorted(means)
    assert "order=mean+of+mass" in text, "the next click orders the other way"


def test_filters_stay_in_every_form_and_can_be_taken_back(as_alice, dataset_id):
    text = page(as_alice, dataset_id, "by=species&column=sex&operator=equals&value=f")
    assert text.count('name="operator" value="equals"') == 2
    assert 'aria-label="Remove the filter on sex"' in text
    nothing = page(as_alice, dataset_id, "by=species&column=sex&operator=equals&value=x")
    assert "No rows match" in nothing
    assert "Clear filters" in nothing


def test_groups_of_few_rows_are_marked(as_alice, dataset_id):
    text = page(as_alice, dataset_id, f"by=mass&by=sex&{MEAN}")
    assert "few rows</span>" in text
    assert "fewer than 5 rows: their figures say little." in text


def test_many_groups_come_in_pages(app, as_alice, alice):
    with app.app_context():
        content = "a,b\n" + "".join(f"x{i},{i}\n" * 2 for i in range(450))
        dataset_id = make_dataset(alice, csv=content, kinds={"a": "category"}).id
    found = facts(as_alice, dataset_id, "by=a&page=3")
    assert (found["page"], found["n_pages"], len(found["rows"])) == (3, 3, 50)
    assert facts(as_alice, dataset_id, "by=a&page=99")["page"] == 3
    assert "groups 201–400 are shown" in page(as_alice, dataset_id, "by=a&page=2")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("by=", "Choose at least one column that rows are put together by."),
        ("by=zz", "The table has no column “zz”."),
        ("by=species&what=mean&of=sex", "The mean needs numbers, but “sex” holds none."),
        ("by=species&what=evil&of=mass", "There is no measure “evil”."),
        ("by=species&bucket=eon", "There is no unit of time “eon”."),
        ("by=species&across=species", "A column can put rows together only once."),
        ("by=species&column=mass&operator=at-least&value=heavy", "“heavy” is not a number"),
    ],
)
def test_what_cannot_be_answered_is_said_in_a_sentence(as_alice, dataset_id, query, sentence):
    assert sentence in html.unescape(page(as_alice, dataset_id, query, 422))
    answer = as_alice.get(f"/datasets/{dataset_id}/summary/download?{query}")
    assert answer.status_code == 422


def test_the_fragment_is_the_part_alone_and_names_its_address(as_alice, dataset_id):
    answer = as_alice.get(
        f"/datasets/{dataset_id}/summary?by=species&by=&across=&what=mean&of=&bucket=", headers=FRAGMENT
    )
    assert answer.text.lstrip().startswith('<div id="summary">')
    assert answer.headers["HX-Push-Url"] == f"/datasets/{dataset_id}/summary?by=species"


def test_the_file_holds_all_groups(as_alice, dataset_id):
    answer = as_alice.get(f"/datasets/{dataset_id}/summary/download?by=species&{MEAN}")
    assert answer.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(answer.text)))
    found = facts(as_alice, dataset_id, f"by=species&{MEAN}")
    assert rows[0] == found["header"]
    assert [row[0] for row in rows[1:]] == ["Adelie", "Chinstrap", "Gentoo", ""]
    assert float(rows[1][2]) == found["rows"][0][2]


HOSTILE = [
    "=1+1",
    '"; drop table x--',
    "__import__('os')",
    "<script>alert(1)</script>",
    "-a",
    "a']b",
    "x" * 190,
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_and_values_are_only_text(app, as_alice, alice, name):
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([[name, "n"], *[[name, "1"], [name, "2"], ["b", "4"]] * 4])
    with app.app_context():
        dataset_id = make_dataset(alice, csv=out.getvalue(), kinds={name: "category"}).id
    shown, part = facts(as_alice, dataset_id), quote_plus(name)
    assert [row[1] for row in shown["rows"]] == [8, 4] or [row[1] for row in shown["rows"]] == [4, 8]
    query = f"by={part}&what=sum&of=n&what=distinct&of={part}&order=-{part}"
    text = page(as_alice, dataset_id, query)
    assert "<script>alert" not in text
    links = group_links(text)
    got = sorted(as_alice.get(link, headers=JSON).get_json()["n_matching"] for link in links)
    assert got == [4, 8]
    safe = as_alice.get(f"/datasets/{dataset_id}/summary/download?{query}&format=safe").text
    assert not re.search(r"(^|,|\n)[=]", safe)
    crossed = page(as_alice, dataset_id, f"by=n&across={part}")
    assert "<script>alert" not in crossed


def test_a_table_without_groups_says_so(app, as_alice, alice):
    with app.app_context():
        dataset_id = make_dataset(alice, csv="a\n1\n2\n", kinds={"a": "identifier"}).id
    assert "Nothing to put together" in page(as_alice, dataset_id)
    assert facts(as_alice, dataset_id)["error"] is None
    assert as_alice.get(f"/datasets/{dataset_id}/summary/download").status_code == 422


def test_an_older_version_stays_in_view(as_alice, dataset_id):
    assert as_alice.get(f"/datasets/{dataset_id}/summary?version=7").status_code == 404
    assert (
        "version=1"
        not in page(as_alice, dataset_id, "version=1").partition("<tbody>")[2].partition("</tb")[0]
    )


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ((51.2345, 50.1234, 52.3456), "51.2 (50.1 to 52.3)"),
        ((51234.5, 50000.0, 52469.0), "51,234 (50,000 to 52,469)"),
        ((0.00123, 0.00113, 0.00133), "0.00123 (0.00113 to 0.00133)"),
        ((5.0, None, None), "5"),
        ((None, None, None), "–"),
        ((2.0, 2.0, 2.0), "2 (2 to 2)"),
        ((1e-30, 0.9e-30, 1.1e-30), "1e-30 (9e-31 to 1.1e-30)"),
        ((1e300, 0.5e300, 1.5e300), "1e+300 (5e+299 to 1.5e+300)"),
    ],
)
def test_a_mean_is_as_exact_as_its_interval_allows(cells, words):
    assert mean_words(Figure("mean of a", "mean", "a", 0, 3), (*cells, 9)) == words
