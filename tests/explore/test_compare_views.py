"""The pages that compare: two columns, two groups of rows, two versions; the address is the comparison."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, update

from beanft.extensions import db
from beanft.models import Dataset, User, Version
from factories import make_dataset

CSV = "species,mass,sex,day,paid,code\n" + "".join(
    f"{['Adelie', 'Gentoo', 'Chinstrap'][i % 3]},{3000 + 37 * i + 400 * (i % 3)},{['f', 'm', ''][i % 5 % 3]},"
    f"1968-{i % 12 + 1:02}-05,{['ja', 'nein'][i % 2]},K{i:04}\n"
    for i in range(60)
)
JSON = {"Accept": "application/json"}
PAGES = ("compare?a=mass&b=sex", "compare/groups?by=sex&one=f&other=m", "compare/versions")


@pytest.fixture
def dataset(app: Flask, alice: User) -> str:
    """The address of alice's dataset."""
    return address(app, alice, CSV)


def address(app: Flask, owner: User, content: str, name: str = "birds") -> str:
    with app.app_context():
        return f"/datasets/{make_dataset(db.session.merge(owner), name=name, csv=content).id}"


def add_version(app: Flask, owner: User, to: str, content: str) -> None:
    """Read a second file, and hang its version on the first dataset."""
    with app.app_context():
        other = make_dataset(db.session.merge(owner), name="later", csv=content).id
        moved = {"dataset_id": int(to.rsplit("/", 1)[1]), "number": 2}
        db.session.execute(update(Version).where(Version.dataset_id == other).values(**moved))
        db.session.execute(delete(Dataset).where(Dataset.id == other))
        db.session.commit()


@pytest.mark.parametrize("page", ["compare", "compare/groups", "compare/versions", *PAGES[:2]])
def test_pages_answer_with_and_without_a_question(as_alice: FlaskClient, dataset: str, page: str):
    answer = as_alice.get(f"{dataset}/{page}")
    assert answer.status_code == 200
    assert 'data-object="dataset"' in answer.text
    assert '<a class="nav-link active" href="' in answer.text


@pytest.mark.parametrize(
    ("query", "case", "words"),
    [
        ("a=mass&b=sex", "two groups", "Mann-Whitney"),
        ("a=species&b=mass", "groups", "Kruskal-Wallis"),
        ("a=species&b=sex", "categories", "Cramér’s V"),
        ("a=day&b=mass", "time", "as time goes on"),
        ("a=day&b=paid", "two groups", "days since 1970"),
    ],
)
def test_the_test_fits_the_kinds(as_alice: FlaskClient, dataset: str, query: str, case: str, words: str):
    facts = as_alice.get(f"{dataset}/compare?{query}", headers=JSON).json["comparison"]
    assert facts["case"] == case
    assert all(effect["low"] <= effect["value"] <= effect["high"] for effect in facts["effects"])
    page = as_alice.get(f"{dataset}/compare?{query}")
    assert page.status_code == 200
    assert words in page.text
    assert facts["tests"][0]["words"] in page.text
    assert page.text.index('data-name="effects"') < page.text.index('data-name="tests"'), "p comes last"
    assert f"{dataset}/charts?" in page.text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("compare?a=mass&b=mass", "these are the same"),
        ("compare?a=mass&b=nothing", "The table has no column “nothing”"),
        ("compare?a=mass&b=code", "is an identifier"),
        ("compare/groups?by=sex&one=x", "No row has “x” in “sex”"),
        ("compare/groups?by=nothing&one=x", "The table has no column “nothing”"),
        ("compare/groups?by=sex&one=f&other=f", "these are the same"),
    ],
)
def test_bad_input_gives_a_sentence(as_alice: FlaskClient, dataset: str, query: str, sentence: str):
    page = as_alice.get(f"{dataset}/{query}")
    assert page.status_code == 422
    assert sentence in page.text
    facts = as_alice.get(f"{dataset}/{query}", headers=JSON)
    assert (facts.status_code, sentence in facts.json["error"]) == (422, True)


@pytest.mark.parametrize("page", PAGES)
def test_visitors_log_in_first_and_strangers_find_nothing(
    visitor: FlaskClient, as_charlie: FlaskClient, dataset: str, page: str
):
    answer = visitor.get(f"{dataset}/{page}")
    assert (answer.status_code, answer.location.startswith("/login")) == (302, True)
    assert as_charlie.get(f"{dataset}/{page}").status_code == 404


def test_two_groups_are_compared_in_every_other_column(as_alice: FlaskClient, dataset: str):
    facts = as_alice.get(f"{dataset}/compare/groups?by=paid", headers=JSON).json["comparison"]
    assert {facts["one"], facts["other"]} == {"ja", "nein"}, "two values are compared with each other"
    assert {one["name"] for one in facts["columns"]} == {"species", "mass", "sex", "day", "code"}
    named = as_alice.get(f"{dataset}/compare/groups?by=paid&one=ja&other=nein", headers=JSON).json[
        "comparison"
    ]
    assert (named["one"], named["n_one"]) == ("ja", 30), "the owner's words are understood"
    rest = as_alice.get(f"{dataset}/compare/groups?by=species&one=Adelie", headers=JSON).json["comparison"]
    assert (rest["other"], rest["n_one"], rest["n_other"]) == ("all but Adelie", 20, 40)
    page = as_alice.get(f"{dataset}/compare/groups?by=species&one=Adelie&other=Gentoo")
    assert "Holm" in page.text
    assert f"{dataset}/rows?column=species&amp;operator=equals&amp;value=Gentoo" in page.text


def test_a_number_that_names_few_groups_can_be_chosen(as_alice: FlaskClient, app: Flask, alice: User):
    page = address(app, alice, "n,x\n" + "".join(f"{i % 3 + 0.5},{i}\n" for i in range(30)), "few")
    facts = as_alice.get(f"{page}/compare/groups?by=n&one=0.5&other=1.5", headers=JSON).json["comparison"]
    assert (facts["n_one"], facts["n_other"]) == (10, 10)


def test_versions_are_compared_and_linked(as_alice: FlaskClient, app: Flask, alice: User, dataset: str):
    assert "Only one version" in as_alice.get(f"{dataset}/compare/versions").text
    header, *lines = CSV.splitlines()
    later = "\n".join(
        [header.replace("code", "Code nr"), *(line.replace("Adelie", "Gentoo") for line in lines)]
    )
    add_version(app, alice, dataset, later.replace("Gentoo,3", "Gentoo,9"))
    facts = as_alice.get(f"{dataset}/compare/versions", headers=JSON).json["comparison"]
    moved = {one["name"]: one for one in facts["columns"]}
    assert moved["species"]["drift"]["words"] == "strong"
    assert moved["day"]["drift"]["words"] == "none that shows"
    assert moved["species"]["bars"][0]["old"] == pytest.approx(1 / 3)
    page = as_alice.get(f"{dataset}/compare/versions?old=1&new=2")
    assert page.status_code == 200
    assert "<svg" in page.text
    assert "style=" not in page.text
    assert f"{dataset}?version=1" in page.text
    assert f"{dataset}/compare/versions?old=1&amp;new=2" in as_alice.get(f"{dataset}/versions").text
    back = as_alice.get(f"{dataset}/compare/versions?old=2&new=1", headers=JSON).json["comparison"]
    assert (back["n_old"], back["n_new"]) == (60, 60)
    for query in ("old=7", "new=7", "old=many"):
        assert as_alice.get(f"{dataset}/compare/versions?{query}").status_code == 404
    assert as_alice.get(f"{dataset}/compare/versions?new=1").status_code == 200, "nothing is before it"
    older = as_alice.get(f"{dataset}/compare?a=mass&b=sex&version=1")
    assert "You look at version 1" in older.text
    assert '<input type="hidden" name="version" value="1">' in older.text


def test_hostile_names_and_values_stay_text(as_alice: FlaskClient, app: Flask, alice: User):
    names = ['<b>x"; DROP', "=1+1]", "z", "g", "__import__('os')"]
    header = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    rows = "".join(
        f"<script>{i % 3},{i * i % 37},{i % 7},{'ab'[i % 2]},'; drop table x{i % 2}\n" for i in range(40)
    )
    page = address(app, alice, f"{header}\n{rows}", "hostile")
    for a in names:
        for b in names:
            answer = as_alice.get(f"{page}/compare", query_string={"a": a, "b": b})
            assert answer.status_code == (422 if a == b else 200)
            assert "<script>0" not in answer.text
            assert "<b>x" not in answer.text
    query = {"by": names[0], "one": "<script>1"}
    answer = as_alice.get(f"{page}/compare/groups", query_string=query)
    assert answer.status_code == 200
    assert "<script>1" not in answer.text
    for one in ("' OR 1=1 --", "x" * 10_000, "\n", "%_"):
        query = {"by": names[3], "one": one, "other": "b"}
        assert as_alice.get(f"{page}/compare/groups", query_string=query).status_code == 422


def test_answers_are_json_that_every_program_reads(as_alice: FlaskClient, app: Flask, alice: User):
    rows = "".join(f"{[1e308, -1e308, 1.5e308][i % 3]},{'ab'[i % 2]},{i * i % 29}\n" for i in range(30))
    page = address(app, alice, f"huge,side,n\n{rows}", "huge")
    for query in ("compare?a=huge&b=side", "compare?a=huge&b=n", "compare/groups?by=side&one=a"):
        answer = as_alice.get(f"{page}/{query}", headers=JSON)
        assert answer.status_code == 200
        assert json.loads(answer.text, parse_constant=pytest.fail)["comparison"]


def test_a_table_that_is_not_ready_leads_to_its_page(as_alice: FlaskClient, app: Flask, dataset: str):
    with app.app_context():
        job = db.session.get_one(Dataset, int(dataset.rsplit("/", 1)[1])).latest.job
        assert job is not None
        job.state = "running"
        db.session.commit()
    for page in PAGES:
        answer = as_alice.get(f"{dataset}/{page}")
        assert (answer.status_code, answer.location) == (302, dataset)


def test_wide_tables_offer_names_once(as_alice: FlaskClient, app: Flask, alice: User):
    names = [f"column_{place}" for place in range(400)]
    rows = "".join(",".join(str((i * 7 + j) % 11) for j in range(400)) + "\n" for i in range(12))
    page = address(app, alice, f"{','.join(names)}\n{rows}", "wide")
    answer = as_alice.get(f"{page}/compare?a=column_1&b=column_2")
    assert answer.status_code == 200
    assert answer.text.count("column_399") == 1
    facts = as_alice.get(f"{page}/compare/groups?by=column_0&one=0", headers=JSON)
    assert (
        len(facts.json["comparison"]["columns"]) == 200
        if facts.status_code == 200
        else "two rows" in facts.text
    )
