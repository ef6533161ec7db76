"""Findings on the overview, the page of one column, and the page of correlations."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from beanft.extensions import db
from beanft.models import Dataset, User, Version
from factories import make_dataset

JSON = {"Accept": "application/json"}
CSV = "city,age,day,paid,empty,ref\n" + "".join(
    f"{['Bern', 'bern', 'Basel'][i % 3]},{999 if i % 10 == 0 else 20 + i % 50},2024-01-{i % 28 + 1:02},"
    f"{['yes', 'no'][i % 2]},EU,K{i}\n"
    for i in range(120)
)


@pytest.fixture
def dataset(app: Flask, alice: User) -> str:
    """The address of alice's dataset."""
    return address(app, alice, CSV)


def address(app: Flask, owner: User, content: str, name: str = "people") -> str:
    with app.app_context():
        return f"/datasets/{make_dataset(db.session.merge(owner), name=name, csv=content).id}"


def test_the_overview_says_what_is_worth_knowing(as_alice: FlaskClient, dataset: str):
    page = as_alice.get(dataset)
    assert page.status_code == 200
    assert 'data-name="findings"' in page.text
    assert "“999” in 12 rows of “age” may mean missing: it stands apart from the others." in page.text
    assert "“Bern” (40) = “bern” (40)" in page.text
    assert page.text.index("Worth knowing") < page.text.index('data-name="columns"')


def test_a_finding_leads_to_its_rows(as_alice: FlaskClient, dataset: str):
    page = as_alice.get(dataset).text
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]*/rows\?[^"]*)"', page)]
    (link,) = [link for link in links if "999" in link]
    assert as_alice.get(link, headers=JSON).json["n_matching"] == 12
    (spellings,) = [link for link in links if "one-of" in link]
    assert as_alice.get(spellings, headers=JSON).json["n_matching"] == 80
    for link in links:
        assert as_alice.get(link).status_code == 200


def test_a_kind_is_changed_with_one_click(app: Flask, as_alice: FlaskClient, alice: User):
    where = address(app, alice, "zip_code,n\n" + "".join(f"{8000 + i % 40},{i % 7}\n" for i in range(80)))
    page = as_alice.get(where).text
    assert "its name says that it is a code" in page
    form = re.search(r'<form method="post" action="([^"]*/columns/change)">(.*?)</form>', page, re.DOTALL)
    assert form
    fields = dict(re.findall(r'name="(version|name|kind)" value="([^"]*)"', form[2]))
    assert fields == {"version": "1", "name": "zip_code", "kind": "category"}
    assert as_alice.post(form[1], data=fields).status_code == 302
    with app.app_context():
        version = db.session.scalars(db.select(Version).order_by(Version.id.desc())).first()
        assert version is not None
        assert (version.number, version.wishes.kinds) == (2, {"zip_code": "category"})


def test_the_page_of_a_number_column(as_alice: FlaskClient, dataset: str):
    page = as_alice.get(f"{dataset}/columns/2")
    assert page.status_code == 200
    assert "<h1" in page.text
    assert 'data-name="histogram"' in page.text
    assert "Median" in page.text
    assert 'aria-label="Histogram of age' in page.text
    assert "Next column" in page.text


def test_the_page_of_a_date_column_counts_by_the_calendar(app: Flask, as_alice: FlaskClient, alice: User):
    days = [f"{i % 28 + 1:02}.{i % 20 % 12 + 1:02}.{2024 + i % 20 // 12}" for i in range(200)]
    where = address(app, alice, "day,plz\n" + "".join(f"{day},A{i:04}\n" for i, day in enumerate(days)))
    page = as_alice.get(f"{where}/columns/1").text
    assert "with dates like 31.12.2024 (day.month.year)." in page
    assert '<td class="num">2024-02-01</td><td class="num">2024-02-29</td>' in page
    assert "each bar includes its first and its last day" in page
    assert "Its texts always have 5 characters." in as_alice.get(f"{where}/columns/2").text


def test_years_have_no_separators_and_other_numbers_have(app: Flask, as_alice: FlaskClient, alice: User):
    rows = "".join(f"{1950 + i % 70},{1000 + i * 37 % 4001}.5\n" for i in range(300))
    where = address(app, alice, "year,price\n" + rows)
    page = as_alice.get(where).text
    assert "1950 to 2019" in page
    assert re.search(r"1,0\d\d\.5 to 4,9\d\d\.5", page)
    assert "1950" in as_alice.get(f"{where}/columns/1").text
    assert "1,950" not in as_alice.get(f"{where}/columns/1").text


def test_the_page_of_a_category_column_links_each_value_to_its_rows(as_alice: FlaskClient, dataset: str):
    page = as_alice.get(f"{dataset}/columns/1").text
    links = re.findall(r'href="([^"]*/rows\?column=city&amp;operator=equals&amp;value=[^"]*)"', page)
    assert len(links) >= 3
    assert as_alice.get(links[-1].replace("&amp;", "&"), headers=JSON).json["n_matching"] == 40


def test_every_column_has_a_page_and_a_part_of_it(as_alice: FlaskClient, dataset: str):
    for number in range(1, 7):
        assert as_alice.get(f"{dataset}/columns/{number}").status_code == 200
        part = as_alice.get(f"{dataset}/columns/{number}", headers={"HX-Request": "true"})
        assert part.status_code == 200
        assert "<html" not in part.text
        assert 'data-name="column"' in part.text


def test_the_facts_of_a_column(as_alice: FlaskClient, dataset: str):
    facts = as_alice.get(f"{dataset}/columns/2", headers=JSON).json
    assert (facts["position"], facts["column"]["name"], facts["column"]["maximum"]) == (2, "age", 999)
    assert {finding["code"] for finding in facts["findings"]} >= {"disguised-missing"}
    assert {"age"} < {name for pair in facts["correlations"] for name in (pair["a"], pair["b"])}


@pytest.mark.parametrize("number", ["0", "7", "99999999999999999999"])
def test_a_column_that_is_not_there(as_alice: FlaskClient, dataset: str, number: str):
    assert as_alice.get(f"{dataset}/columns/{number}").status_code == 404


def test_correlations_as_heat_map_and_list(as_alice: FlaskClient, dataset: str):
    page = as_alice.get(f"{dataset}/correlations")
    assert page.status_code == 200
    assert 'data-name="correlations"' in page.text
    assert "Measured on all 120 rows." in page.text
    assert "no proof that one causes the other" in page.text
    assert "heat-map" in page.text


def test_pairs_in_which_nothing_shows_are_folded_away(app: Flask, as_alice: FlaskClient, alice: User):
    rows = "".join(f"{i % 50},{i % 50 * 2 + i % 3},{'ab'[i * i // 7 % 2]}\n" for i in range(300))
    page = as_alice.get(f"{address(app, alice, 'x,y,g' + chr(10) + rows)}/correlations").text
    shown, _, folded = page.partition("<summary>2 pairs in which nothing shows</summary>")
    assert folded
    assert shown.count("very strong</td>") == 1
    assert "none that shows</td>" not in shown
    assert folded.count("none that shows</td>") == 2


def test_the_value_of_a_pair_is_that_of_the_heat_map(app: Flask, as_alice: FlaskClient, alice: User):
    # by ranks 1, along a line much less
    rows = "".join(f"{i % 50},{2 ** (i % 50 / 4):.3f}\n" for i in range(300))
    page = as_alice.get(f"{address(app, alice, 'x,y' + chr(10) + rows)}/correlations").text
    row = page.partition('data-name="correlations"')[2].partition("<tbody>")[2]
    assert re.findall(r'<td class="num">([^<]*)</td>', row)[0] == "+1.00"
    cells = re.findall(r'<td class="text-nowrap">([^<]*)', row)
    assert cells[2] == "Spearman"
    assert cells[3].startswith("Pearson +0.")


def test_each_pair_leads_to_a_chart_that_can_be_drawn(as_alice: FlaskClient, dataset: str):
    page = as_alice.get(f"{dataset}/correlations").text
    links = {link.replace("&amp;", "&") for link in re.findall(r'href="([^"]*/charts\?[^"]*)"', page)}
    assert len(links) >= 6
    for link in links:
        drawn = as_alice.get(link, headers=JSON)
        assert (drawn.status_code, drawn.json.get("error")) == (200, None), link


def test_the_facts_of_correlations(as_alice: FlaskClient, dataset: str):
    facts = as_alice.get(f"{dataset}/correlations", headers=JSON).json
    assert facts["columns"] == ["city", "age", "day", "paid"]
    assert (facts["n_rows_used"], facts["is_sample"]) == (120, False)
    strengths = [pair["strength"] for pair in facts["pairs"]]
    assert len(strengths) == 6  # each of four columns with each other
    assert strengths == sorted(strengths, reverse=True)
    assert all(pair["low"] <= pair["value"] <= pair["high"] for pair in facts["pairs"])


def test_too_few_columns_to_compare(app: Flask, as_alice: FlaskClient, alice: User):
    where = address(app, alice, "a\n1\n2\n3\n")
    page = as_alice.get(f"{where}/correlations")
    assert page.status_code == 200
    assert "No columns to compare" in page.text
    assert as_alice.get(f"{where}/correlations", headers=JSON).json["pairs"] == []
    assert "Nothing stands out." in as_alice.get(where).text


@pytest.mark.parametrize("part", ["columns/1", "correlations"])
def test_who_may_see(visitor: FlaskClient, as_charlie: FlaskClient, dataset: str, part: str):
    answer = visitor.get(f"{dataset}/{part}")
    assert answer.status_code == 302
    assert "/login" in answer.location
    assert as_charlie.get(f"{dataset}/{part}").status_code == 404


@pytest.mark.parametrize("part", ["columns/1", "correlations"])
def test_versions_by_number(app: Flask, as_alice: FlaskClient, dataset: str, part: str):
    assert as_alice.get(f"{dataset}/{part}?version=1").status_code == 200
    assert as_alice.get(f"{dataset}/{part}?version=2").status_code == 404
    assert as_alice.get(f"{dataset}/{part}?version=x").status_code == 404
    with app.app_context():
        found = db.session.get(Dataset, int(dataset.rsplit("/", 1)[1]))
        assert found is not None
        assert found.latest.job is not None
        found.latest.job.state = "failed"
        db.session.commit()
    assert as_alice.get(f"{dataset}/{part}").location == dataset


def test_hostile_names_and_values_are_text(app: Flask, as_alice: FlaskClient, alice: User):
    name = '"<script>alert(1)</script> {{ 7*7 }}"'
    rows = "".join(f"<b>x{i % 3}</b>,{i % 9}\n" for i in range(60))
    where = address(app, alice, f"{name},b\n{rows}")
    for part in ("", "/columns/1", "/correlations"):
        page = as_alice.get(f"{where}{part}")
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<b>x1" not in page.text
        assert "{{ 7*7 }}" in page.text


def test_a_table_of_many_columns_stays_quick_to_send(app: Flask, as_alice: FlaskClient, alice: User):
    header = ",".join(f"c{k}" for k in range(150))
    rows = "".join(",".join(str((i * (k + 3)) % 17) for k in range(150)) + "\n" for i in range(40))
    where = address(app, alice, f"{header}\n{rows}")
    page = as_alice.get(where)
    assert page.status_code == 200
    assert len(page.data) < 400_000
    assert as_alice.get(f"{where}/correlations").status_code == 200
