"""The page of a dataset and the pages of its rows."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from beanft.engine.tables import connection
from beanft.engine.tables.queries.conditions import Filter
from beanft.engine.tables.queries.pages import Sort
from beanft.engine.turns import Turns
from beanft.explore import services
from beanft.explore.row_address import RowsAddress
from beanft.extensions import db
from beanft.models import Dataset, User
from factories import make_dataset

JSON = {"Accept": "application/json"}
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
CSV = "price,place\n" + "".join(f"{2 * n},{'north' if n % 2 else 'south'}\n" for n in range(1, 121))
EVIL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "a,b",
    "-price",
    "sort=x&y",
    "{{7*7}}",
    "a:b",
    "o'hara\"; --",
]


class Elements(HTMLParser):
    """Collects tags, links and the text of cells."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def links(self) -> list[str]:
        return [attrs["href"] or "" for tag, attrs in self.tags if tag == "a" and "href" in attrs]


def make(app: Flask, owner: User, **values: Any) -> int:
    with app.app_context():
        return make_dataset(owner, **values).id


@pytest.fixture
def dataset_id(app: Flask, alice: User) -> int:
    return make(app, alice, csv=CSV)


def facts(client: FlaskClient, dataset_id: int, query: str = "") -> Any:
    return client.get(f"/datasets/{dataset_id}/rows?{query}", headers=JSON).get_json()


@pytest.mark.parametrize("address", ["/datasets/{}", "/datasets/{}/rows"])
def test_owner_visitor_and_stranger(
    as_alice: FlaskClient, as_charlie: FlaskClient, visitor: FlaskClient, dataset_id: int, address: str
) -> None:
    address = address.format(dataset_id)
    assert as_alice.get(address).status_code == 200
    assert as_charlie.get(address).status_code == 404
    assert "/login" in visitor.get(address).location


def test_the_page_says_what_the_dataset_is(as_alice: FlaskClient, dataset_id: int) -> None:
    page = as_alice.get(f"/datasets/{dataset_id}").text
    assert f'data-object="dataset" data-id="{dataset_id}" data-state="ready"' in page
    assert 'data-name="columns"' in page
    assert 'class="mini"' in page
    assert as_alice.get(f"/datasets/{dataset_id}", headers=JSON).get_json() == {
        "id": dataset_id,
        "name": "table",
        "state": "ready",
        "error": None,
        "version": 1,
        "n_rows": 120,
        "n_columns": 2,
        "columns": [
            {"name": "price", "kind": "number", "missing": 0, "distinct": 120},
            {"name": "place", "kind": "category", "missing": 0, "distinct": 2},
        ],
    }


def test_a_dataset_is_found_by_its_name_too(as_alice: FlaskClient, dataset_id: int) -> None:
    assert as_alice.get("/datasets/table", headers=JSON).get_json()["id"] == dataset_id


def set_state(app: Flask, dataset_id: int, state: str, error: str | None = None) -> None:
    """As the queue would: a second version would be longer to make and say no more."""
    with app.app_context():
        dataset = db.session.get(Dataset, dataset_id)
        assert dataset is not None
        assert dataset.latest.job is not None
        dataset.latest.job.state, dataset.latest.job.error = state, error
        db.session.commit()


def test_the_fragment_polls_while_the_job_runs_and_then_reloads(
    app: Flask, as_alice: FlaskClient, dataset_id: int
) -> None:
    set_state(app, dataset_id, "running")
    page = as_alice.get(f"/datasets/{dataset_id}").text
    assert 'hx-trigger="every 2s"' in page
    part = as_alice.get(f"/datasets/{dataset_id}", headers=HTMX)
    assert part.text.count("<html") == 0
    assert 'hx-trigger="every 2s"' in part.text
    set_state(app, dataset_id, "ready")
    assert as_alice.get(f"/datasets/{dataset_id}", headers=HTMX).headers["HX-Refresh"] == "true"
    assert "every 2s" not in as_alice.get(f"/datasets/{dataset_id}").text


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_what_could_not_be_read_offers_a_way_on(
    app: Flask, as_alice: FlaskClient, dataset_id: int, state: str
) -> None:
    set_state(app, dataset_id, state, "Line 7 is <b>odd</b>." if state == "failed" else None)
    page = as_alice.get(f"/datasets/{dataset_id}").text
    assert f'data-state="{state}"' in page
    assert "Try again" in page
    assert "<b>odd" not in page
    if state == "failed":
        assert "Line 7 is &lt;b&gt;odd&lt;/b&gt;." in page


def test_rows_show_numbers_totals_and_pages(as_alice: FlaskClient, dataset_id: int) -> None:
    page = as_alice.get(f"/datasets/{dataset_id}/rows?page=2").text
    assert 'data-name="rows"' in page
    assert "Rows 51–100 of" in page
    assert "Page 2 of 3" in page
    answer = facts(as_alice, dataset_id, "page=2&per=25")
    assert answer["row_numbers"] == list(range(26, 51))
    assert answer["rows"][0] == [52, "south"]


def test_filters_and_sorts_stand_in_the_address(as_alice: FlaskClient, dataset_id: int) -> None:
    query = urlencode(
        [
            ("column", "price"),
            ("operator", "at-least"),
            ("value", "200"),
            ("column", "place"),
            ("operator", "equals"),
            ("value", "north"),
            ("sort", "-price"),
        ]
    )
    answer = facts(as_alice, dataset_id, query)
    assert [row[0] for row in answer["rows"]] == [238, 234, 230, 226, 222, 218, 214, 210, 206, 202]
    assert (answer["n_matching"], answer["n_rows"]) == (10, 120)
    page = as_alice.get(f"/datasets/{dataset_id}/rows?{query}").text
    assert 'aria-sort="descending"' in page
    assert "Remove the filter on price" in page


def test_an_open_filter_row_filters_nothing(as_alice: FlaskClient, dataset_id: int) -> None:
    assert facts(as_alice, dataset_id, "column=&operator=equals&value=")["n_matching"] == 120


@pytest.mark.parametrize(
    "query", ["page=0", "page=x", "per=7", "per=x", "from=x", "from=-4", "page=99999999999999999999"]
)
def test_odd_numbers_in_the_address_do_no_harm(as_alice: FlaskClient, dataset_id: int, query: str) -> None:
    assert as_alice.get(f"/datasets/{dataset_id}/rows?{query}").status_code == 200


def test_a_page_beyond_the_end_shows_the_last(as_alice: FlaskClient, dataset_id: int) -> None:
    assert facts(as_alice, dataset_id, "page=4")["page"] == 3


def test_no_match_offers_to_clear_the_filters(as_alice: FlaskClient, dataset_id: int) -> None:
    page = as_alice.get(f"/datasets/{dataset_id}/rows?column=price&operator=more-than&value=999&sort=price")
    assert page.status_code == 200
    assert "No rows match" in page.text
    assert f'href="/datasets/{dataset_id}/rows?sort=price"' in page.text


@pytest.mark.parametrize(
    "query",
    [
        "column=price&operator=at-least&value=much",
        "column=nothing&operator=equals&value=1",
        "sort=nothing",
        "column=price&operator=drop&value=1",
    ],
)
def test_a_question_that_cannot_be_answered_gives_a_sentence(
    as_alice: FlaskClient, dataset_id: int, query: str
) -> None:
    answer = as_alice.get(f"/datasets/{dataset_id}/rows?{query}")
    assert answer.status_code == 422
    assert "flash-error" in answer.text
    assert as_alice.get(f"/datasets/{dataset_id}/rows?{query}", headers=JSON).get_json()["error"]


def test_htmx_gets_the_part_and_history_the_whole_page(as_alice: FlaskClient, dataset_id: int) -> None:
    address = f"/datasets/{dataset_id}/rows?page=2"
    part = as_alice.get(address, headers=HTMX).text
    assert part.lstrip().startswith('<div id="rows" data-here=')
    back = {"HX-Request": "true", "HX-Request-Type": "full", "HX-History-Restore-Request": "true"}
    assert "<html" in as_alice.get(address, headers=back).text


def test_hostile_names_and_cells_are_text(app: Flask, as_alice: FlaskClient, alice: User) -> None:
    quoted = ",".join('"' + name.replace('"', '""') + '"' for name in EVIL)
    dataset_id = make(app, alice, name="evil", csv=f"{quoted}\n{quoted}\n{quoted}\n")
    for part in ("", "/rows", "/columns"):
        page = as_alice.get(f"/datasets/{dataset_id}{part}")
        assert page.status_code == 200
        tags = Elements(page.text).tags
        assert not [tag for tag, attrs in tags if tag == "script" and "src" not in attrs]
        assert not [attrs for _, attrs in tags if "onerror" in attrs or attrs.get("src") == "x"]
    assert facts(as_alice, dataset_id)["rows"][0] == EVIL


@pytest.mark.parametrize("name", EVIL)
def test_links_of_hostile_columns_sort_by_them(
    app: Flask, as_alice: FlaskClient, alice: User, name: str
) -> None:
    head = '"' + name.replace('"', '""') + '"'
    dataset_id = make(app, alice, csv=f"{head},price\n2,1\n1,2\n3,3\n")
    page = as_alice.get(f"/datasets/{dataset_id}/rows").text
    wanted = [
        link
        for link in Elements(page).links()
        if [key for key, _ in parse_qsl(urlsplit(link).query)] == ["sort"]
    ]
    answer = as_alice.get(wanted[0], headers=JSON).get_json()
    assert [row[0] for row in answer["rows"]] == [1, 2, 3]
    again = [link for link in Elements(as_alice.get(wanted[0]).text).links() if "sort=-" in link]
    assert [row[0] for row in as_alice.get(again[0], headers=JSON).get_json()["rows"]] == [3, 2, 1]


def test_every_sort_survives_its_way_through_the_address() -> None:
    names = ["price", "-price", "+price", "--price", "a,b", "b"]
    for sort in (Sort(name, descending) for name in names for descending in (False, True)):
        address = RowsAddress(sorts=(sort,), filters=(Filter("a,b", "is-missing"), Filter("b", "equals", "")))
        args = MultiDict(address.args())
        assert RowsAddress.read(args, names).sorts == (sort,)
        assert RowsAddress.read(args, names).filters == address.filters


def test_several_sorts_may_stand_in_one_value() -> None:
    address = RowsAddress.read(MultiDict({"sort": "-price,place"}), ["price", "place"])
    assert address.sorts == (Sort("price", True), Sort("place"))


def test_missing_values_are_dashes_and_long_cells_are_cut(
    app: Flask, as_alice: FlaskClient, alice: User
) -> None:
    dataset_id = make(app, alice, csv=f"a,b\n1,{'x' * 5000}\n,short one\n2,another text\n")
    page = as_alice.get(f"/datasets/{dataset_id}/rows").text
    assert '<td class="num text-secondary">–</td>' in page
    assert "x" * 1001 not in page


def table_of(app: Flask, dataset_id: int) -> Path:
    with app.app_context():
        return services.table_path(db.session.get_one(Dataset, dataset_id).latest)


ANSWERS = {"": 200, "/rows": 422, "/charts": 422, "/charts/figure": 422}


@pytest.mark.parametrize("part", ANSWERS)
@pytest.mark.parametrize("harm", ["lost", "cut", "one bit"])
def test_a_table_that_is_not_what_was_written_is_named_and_not_shown(
    app: Flask, as_alice: FlaskClient, alice: User, part: str, harm: str
) -> None:
    dataset_id = make(app, alice, csv=CSV)
    path = table_of(app, dataset_id)
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.unlink()
    if harm != "lost":
        path.write_bytes(content if harm == "one bit" else content[:99])
    answer = as_alice.get(f"/datasets/{dataset_id}{part}")
    assert answer.status_code == ANSWERS[part]
    assert "stored table is lost or damaged" in answer.text


@pytest.mark.parametrize("part", ["", "/rows", "/charts"])
def test_a_server_that_is_busy_says_so(
    app: Flask, as_alice: FlaskClient, alice: User, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    dataset_id = make(app, alice, csv=CSV + f"{part},1\n")
    turns = Turns(at_once=1, waiting=0, wait_s=0.01, sentence="The server is busy.")
    monkeypatch.setattr(connection, "_turns", turns)
    with turns.taken():
        answer = as_alice.get(f"/datasets/{dataset_id}{part}")
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
    assert "server is busy" in answer.text


def test_numbers_that_json_does_not_know_are_null(app: Flask, as_alice: FlaskClient, alice: User) -> None:
    dataset_id = make(app, alice, csv="a,b\n1.5,x\ninf,y\n-inf,z\n")
    answer = as_alice.get(f"/datasets/{dataset_id}/rows", headers=JSON)
    assert "Infinity" not in answer.text
    assert [row[0] for row in answer.get_json()["rows"]] == [1.5, None, None]


@pytest.mark.parametrize(
    ("column", "value"), [("price", "9" * 400), ("day", "9999-12-31"), ("day", "9999-12-31T23:59:59.999999")]
)
def test_filters_at_the_edge_are_answered(
    app: Flask, as_alice: FlaskClient, alice: User, column: str, value: str
) -> None:
    dataset_id = make(app, alice, csv="price,day\n1,2024-01-01\n2,2024-01-02\n")
    query = {"column": column, "operator": "at-most", "value": value}
    for part in ("rows", "charts"):
        answer = as_alice.get(f"/datasets/{dataset_id}/{part}", query_string=query)
        assert answer.status_code == (422 if column == "price" else 200)
