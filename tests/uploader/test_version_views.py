"""The pages of versions and of columns."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from beanft import storage
from beanft.extensions import db
from beanft.models import Dataset, Job, User
from beanft.uploader.versions import services
from beanft.uploader.versions.columns import Choice
from factories import make_dataset, run_job

JSON = {"Accept": "application/json"}
CSV = "a,b\n1,x\n2,y\n2,\n"


@pytest.fixture
def dataset_id(app: Flask, alice: User) -> int:
    """A dataset of two versions: in the second, the column a is text."""
    with app.app_context():
        dataset = make_dataset(alice, csv=CSV)
        choices = [Choice(name="a", kind="text")]
        services.change_columns(dataset=dataset, version_number=1, choices=choices)
        assert dataset.latest.job is not None
        run_job(dataset.latest.job)
        return dataset.id


PAGES = ["versions", "versions/1/original", "versions/2/parquet", "versions/1/delete", "columns"]


@pytest.mark.parametrize("page", PAGES)
def test_each_page_answers_its_owner(as_alice: FlaskClient, dataset_id: int, page: str) -> None:
    assert as_alice.get(f"/datasets/{dataset_id}/{page}", buffered=True).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_a_visitor_is_sent_to_the_login(visitor: FlaskClient, dataset_id: int, page: str) -> None:
    assert "/login" in visitor.get(f"/datasets/{dataset_id}/{page}").location


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_finds_nothing(as_charlie: FlaskClient, dataset_id: int, page: str) -> None:
    assert as_charlie.get(f"/datasets/{dataset_id}/{page}").status_code == 404


@pytest.mark.parametrize("action", ["versions/1/delete", "columns/change", "columns"])
def test_a_stranger_changes_nothing(as_charlie: FlaskClient, dataset_id: int, action: str) -> None:
    data = {"version": "2", "name": "a", "kind": "text"}
    assert as_charlie.post(f"/datasets/{dataset_id}/{action}", data=data).status_code == 404


@pytest.mark.parametrize("page", ["original", "parquet", "delete"])
def test_a_version_that_is_not_there_is_not_found(as_alice: FlaskClient, dataset_id: int, page: str) -> None:
    for number in ("3", "0", "99999999999999999999"):
        assert as_alice.get(f"/datasets/{dataset_id}/versions/{number}/{page}").status_code == 404


def test_the_versions_are_shown_with_their_files(as_alice: FlaskClient, dataset_id: int) -> None:
    address = f"/datasets/{dataset_id}/versions"
    page = as_alice.get(address).text
    for part in ('data-name="versions"', "You asked for: “a” as text.", "Against version 1"):
        assert part in page
    facts = as_alice.get(address, headers=JSON).get_json()
    assert [one["number"] for one in facts["versions"]] == [2, 1]
    assert facts["versions"][0]["compared_with"] == 1
    assert "“a”" in facts["versions"][0]["changes"][0]
    assert "The same file as version 1." in page
    assert [one["same_file"] for one in facts["versions"]] == [[1], []]
    assert facts["versions"][0]["sha256"] == facts["versions"][1]["sha256"]
    assert as_alice.get(f"{address}/1/original", buffered=True).data == CSV.encode()
    parquet = as_alice.get(f"{address}/1/parquet", buffered=True)
    assert parquet.data.startswith(b"PAR1")
    assert "table version 1.parquet" in parquet.headers["Content-Disposition"]
    assert parquet.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_a_dataset_that_was_not_read_has_a_page_of_versions(
    app: Flask, as_alice: FlaskClient, alice: User
) -> None:
    with app.app_context():
        dataset = make_dataset(alice)
        version = dataset.latest
        assert version.job is not None
        version.job.state, version.job.error, version.profile_json = "failed", "Line 3 is broken.", None
        db.session.commit()
        dataset_id = dataset.id
    page = as_alice.get(f"/datasets/{dataset_id}/versions").text
    assert "Line 3 is broken." in page
    assert "Delete the dataset" in page
    assert as_alice.get(f"/datasets/{dataset_id}/versions/1/parquet").status_code == 404


def test_deleting_a_version_is_asked_first(app: Flask, as_alice: FlaskClient, dataset_id: int) -> None:
    address = f"/datasets/{dataset_id}/versions/1/delete"
    assert "No experiment, model or prediction depends on it" in as_alice.get(address).text
    assert as_alice.get(address, headers=JSON).get_json()["only"] is False
    page = as_alice.post(address, follow_redirects=True).text
    assert "Version 1 of “table” and all that was made from it are deleted." in page
    last = f"/datasets/{dataset_id}/versions/2/delete"
    assert "only version" in as_alice.get(last).text
    assert "only version" in as_alice.post(last, follow_redirects=True).text
    with app.app_context():
        assert [version.number for version in db.session.get_one(Dataset, dataset_id).versions] == [2]


def test_a_lost_original_of_a_version_is_said(app: Flask, as_alice: FlaskClient, dataset_id: int) -> None:
    with app.app_context():
        (storage.folder(db.session.get_one(Dataset, dataset_id).versions[0].key) / "original").unlink()
    answer = as_alice.get(f"/datasets/{dataset_id}/versions/1/original")
    assert answer.status_code == 404
    assert "is lost" in answer.text


# Columns


def test_roles_are_saved_at_once(app: Flask, as_alice: FlaskClient, dataset_id: int) -> None:
    data = {"version": "2", "column": ["2"], "role": ["group"]}
    page = as_alice.post(f"/datasets/{dataset_id}/columns", data=data, follow_redirects=True).text
    assert "The roles are saved" in page
    with app.app_context():
        assert db.session.get_one(Dataset, dataset_id).latest.roles == {"b": "group"}
        assert len(db.session.scalars(select(Job)).all()) == 2


def test_one_click_changes_one_column(app: Flask, as_alice: FlaskClient, dataset_id: int) -> None:
    address = f"/datasets/{dataset_id}/columns/change"
    answer = as_alice.post(address, data={"version": "2", "name": "a", "kind": "number"})
    assert answer.location == f"/datasets/{dataset_id}"
    with app.app_context():
        assert db.session.get_one(Dataset, dataset_id).latest.wishes.kinds == {"a": "number"}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"version": "2", "name": "nothing", "kind": "text"},
        {"version": "1", "name": "a", "kind": "number"},
        {"version": "2", "name": "a", "kind": "'; DROP TABLE"},
        {"version": "2", "name": "a", "format": "%Q" * 5000},
        {"version": "2", "name": "\0", "missing": "\0"},
    ],
)
def test_a_click_that_makes_no_sense_gets_a_sentence(
    as_alice: FlaskClient, dataset_id: int, data: dict[str, Any]
) -> None:
    answer = as_alice.post(f"/datasets/{dataset_id}/columns/change", data=data, follow_redirects=True)
    assert answer.status_code == 200
    assert "flash-error" in answer.text


@pytest.mark.parametrize(
    "lists",
    [
        {"column": ["1"], "kind": ["text", "text"]},
        {"column": ["3"], "kind": ["text"]},
        {"column": ["0"], "kind": ["text"]},
        {"column": ["²"], "kind": ["text"]},
        {"column": ["9" * 5000], "kind": ["text"]},
        {"column": ["1", "2"], "kind": ["text", "text"], "role": ["group"]},
    ],
)
def test_lists_that_do_not_fit_the_table_change_nothing(
    as_alice: FlaskClient, dataset_id: int, lists: dict[str, list[str]]
) -> None:
    data = {"version": "2", **lists}
    answer = as_alice.post(f"/datasets/{dataset_id}/columns", data=data, follow_redirects=True)
    assert "changed since you opened this page" in answer.text


def test_both_choices_are_offered_for_cells_that_do_not_fit(
    app: Flask, as_alice: FlaskClient, alice: User
) -> None:
    rows = "".join(f"{n},{n if n % 3 else 'about'}\n" for n in range(300))
    with app.app_context():
        dataset_id = make_dataset(alice, csv=f"a,b\n{rows}oops,1\n").id
    address = f"/datasets/{dataset_id}/columns"
    page = as_alice.get(address).text
    assert "1 cell could not be read and is missing" in page
    assert "Most cells are numbers; 100 cells are not" in page
    for part in (
        "Line 302",
        "Set them to missing: as now",
        'form="keep-1"',
        "Keep as text: as now",
        'form="drop-2"',
    ):
        assert part in page
    as_alice.post(f"{address}/change", data={"version": "1", "name": "b", "kind": "number"})
    with app.app_context():
        dataset = db.session.get_one(Dataset, dataset_id)
        assert dataset.latest.job is not None
        run_job(dataset.latest.job)
        column = dataset.latest.profile.column("b")
        assert (column.kind, column.n_unreadable) == ("number", 100)


def test_wide_tables_have_pages_and_a_search(app: Flask, as_alice: FlaskClient, alice: User) -> None:
    names = [f"c{n:03}" for n in range(250)]
    rows = "\n".join(",".join(str(n % 7) for n in range(row, row + 250)) for row in range(8))
    with app.app_context():
        dataset_id = make_dataset(alice, csv=f"{','.join(names)}\n{rows}\n").id
    address = f"/datasets/{dataset_id}/columns"
    third = as_alice.get(f"{address}?page=3").text
    assert third.count('name="kind"') == 50
    assert "Page 3 of 3, 250 columns" in third
    assert as_alice.get(f"{address}?page=99").text.count('name="kind"') == 50
    assert as_alice.get(f"{address}?search=C24").text.count('name="kind"') == 10
    assert "No column is called so" in as_alice.get(f"{address}?search=<script>").text
    data = {"version": "1", "page": "3", "column": ["250"], "kind": ["number"], "role": ["ignore"]}
    kinds = as_alice.get(address, headers=JSON).get_json()["columns"]
    data["kind"] = [kinds[249]["kind"]]
    assert as_alice.post(address, data=data).location == f"{address}?page=3"
    with app.app_context():
        assert db.session.get_one(Dataset, dataset_id).latest.roles == {"c249": "ignore"}


def test_hostile_names_stay_text(app: Flask, as_alice: FlaskClient, alice: User) -> None:
    with app.app_context():
        dataset_id = make_dataset(alice, csv='"<script>alert(1)</script>","it\'s ""x"""\n1,NA\n2,?\n3,b\n').id
    for page in ("columns", "versions"):
        text = as_alice.get(f"/datasets/{dataset_id}/{page}").text
        assert "<script>alert" not in text


def test_the_form_that_was_found_stands_once_in_the_list(
    app: Flask, as_alice: FlaskClient, alice: User
) -> None:
    with app.app_context():
        csv = "price;day\n" + "".join(f"{i}.{i:03},5;{i + 12}.05.2024\n" for i in range(1, 10))
        dataset_id = make_dataset(alice, csv=csv).id
    page = as_alice.get(f"/datasets/{dataset_id}/columns").text
    assert "as found: 1.234,5<" in page
    assert '<option value="decimal comma"' not in page
    assert "as found: 31.12.2024<" in page
    assert '<option value="%d.%m.%Y" ' not in page
    assert '<option value="%d/%m/%Y" ' in page
