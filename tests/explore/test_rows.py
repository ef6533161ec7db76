"""The grid: what its address holds, what its page offers, and the files and lines of code of a view."""

from __future__ import annotations

import csv
import io
import itertools
from typing import Any
from urllib.parse import urlencode

import pyarrow.parquet as parquet
import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape
from werkzeug.datastructures import MultiDict

from beanft import storage
from beanft.engine.tables.columns import Column
from beanft.engine.tables.queries.conditions import Filter
from beanft.engine.tables.queries.pages import Sort
from beanft.engine.turns import Turns
from beanft.explore import row_services
from beanft.explore.row_address import RowsAddress
from beanft.explore.row_marks import marker
from beanft.extensions import db
from beanft.models import Dataset, User, Version
from factories import make_dataset, make_job

JSON = {"Accept": "application/json"}
NAMES = ["id", "place", "price", "paid", "day"]
PRICES = {7: 9999} | dict.fromkeys(range(0, 60, 10), "")
CSV = "id,place,price,paid,day\n" + "".join(
    f"k{n:03d},{'North;side' if n % 2 else 'south'},{PRICES.get(n, n * 7 % 50 + n / 4)},"
    f"{'yes' if n % 3 else 'no'},2024-{n % 12 + 1:02d}-05\n"
    for n in range(60)
)
HOSTILE = [
    *("'; drop table t; --", "__import__('os')", "<script>alert(1)</script>", "x" * 10_000, "\0", "a\0b"),
    *("%", '"', "[]", "{{7*7}}", "🦀", "..", ";", "\r\n"),
]


@pytest.fixture
def dataset_id(app: Flask, alice: User) -> int:
    with app.app_context():
        return make_dataset(db.session.merge(alice), name="shop", csv=CSV).id


def facts(client: FlaskClient, dataset_id: int, query: Any = "") -> Any:
    text = query if isinstance(query, str) else urlencode(query, doseq=True)
    return client.get(f"/datasets/{dataset_id}/rows?{text}", headers=JSON).get_json()


def read(query: str | dict[str, Any], names: list[str] = NAMES) -> RowsAddress:
    return RowsAddress.read(MultiDict(query), names)


def test_the_whole_view_survives_its_way_through_the_address() -> None:
    address = RowsAddress(
        filters=(Filter("price", "between", "1..2"), Filter("place", "is-missing")),
        sorts=(Sort("price", True), Sort("id")),
        search="a & b",
        shown=("day", "id"),
        pinned=("id",),
        mark="heat",
        version=3,
        page=4,
        per=25,
    )
    assert read(address.args(page=4)) == address
    assert read(dict(RowsAddress().args())) == RowsAddress()


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({}, NAMES),
        ({"show": ["day", "id", "nothing"]}, ["day", "id"]),
        ({"hide": ["place", "nothing"]}, ["id", "price", "paid", "day"]),
        ({"show": ["day", "id"], "hide": "day"}, ["id"]),
        ({"pin": ["paid", "day"]}, ["paid", "day", "id", "place", "price"]),
        ({"pin": "day", "do": "pin:price"}, ["day", "price", "id", "place", "paid"]),
        ({"pin": ["day", "id"], "do": "unpin:day"}, NAMES),
        ({"pin": "day", "do": "hide:day"}, NAMES[:-1]),
        ({"do": "left:price"}, ["id", "price", "place", "paid", "day"]),
        ({"do": "left:id"}, NAMES),
        ({"do": "right:day"}, NAMES),
        ({"do": "right:id"}, ["place", "id", "price", "paid", "day"]),
        ({"pin": ["day", "id"], "do": "left:id"}, ["id", "day", "place", "price", "paid"]),
        ({"pin": "id", "do": "left:place"}, NAMES),
        ({"hide": "place", "do": "left:price"}, ["price", "id", "paid", "day"]),
        ({"do": "left:nothing"}, NAMES),
        ({"do": "drop:id"}, NAMES),
        ({"do": "\0"}, NAMES),
    ],
)
def test_columns_are_chosen_hidden_pinned_and_moved(query: dict[str, Any], shown: list[str]) -> None:
    address = read(query)
    assert list(address.columns(NAMES)) == shown
    assert list(read(address.args()).columns(NAMES)) == shown


@pytest.mark.parametrize(
    ("do", "sorts"),
    [
        ("up:id", [Sort("id")]),
        ("down:id", [Sort("id", True)]),
        ("then-up:id", [Sort("price", True), Sort("id")]),
        ("then-down:price", [Sort("price", True)]),
        ("unsort:price", []),
        ("up:nothing", [Sort("price", True)]),
    ],
)
def test_menus_sort_by_one_column_and_then_by_others(do: str, sorts: list[Sort]) -> None:
    assert list(read({"sort": "-price", "page": "3", "do": do}).sorts) == sorts


def test_an_address_says_only_what_is_not_usual() -> None:
    assert read({"show": NAMES}).args() == {}
    assert read({"do": "left:id", "show": ["place", "id", "price", "paid", "day"]}).args() == {}
    assert read({"mark": "rainbow", "version": "x", "per": "7", "search": "  "}).args() == {}


def test_names_with_line_ends_come_back_from_forms() -> None:
    assert read({"show": "a\r\nb"}, ["a\nb", "c"]).shown == ("a\nb",)
    assert (
        read({"column": "a\r\nb", "operator": "equals", "value": "1"}, ["a\nb"]).filters[0].column == "a\nb"
    )


def test_wide_tables_can_show_and_pin_columns_from_anywhere() -> None:
    names = [f"c{n}" for n in range(250)]
    assert read({"from": "101"}, names).columns(names) == tuple(names[100:200])
    assert read({"from": "101", "pin": "c0"}, names).columns(names)[:2] == ("c0", "c100")
    assert len(read({"show": names[:200]}, names).columns(names)) == 100
    assert read({"hide": "c9"}, names).all_columns(names) == tuple(name for name in names if name != "c9")


def test_search_looks_into_all_columns(as_alice: FlaskClient, dataset_id: int) -> None:
    assert facts(as_alice, dataset_id, {"search": "SIDE"})["n_matching"] == 30
    assert facts(as_alice, dataset_id, {"search": "k007"})["rows"][0][2] == 9999
    assert facts(as_alice, dataset_id, {"search": "9999"})["n_matching"] == 1
    page = as_alice.get(f"/datasets/{dataset_id}/rows?search=zzz").text
    assert "No rows match" in page
    assert "Remove the search" in page


LABELS = {
    "equals": "is", "contains": "contains", "between": "between", "one-of": "is one of",
    "in-month": "in the month", "longer-than": "is longer than (characters)", "is-outlier": "is an outlier",
}  # fmt: skip
TEXT_TAKES = (
    "is, is not, contains, does not contain, starts with, ends with, is one of, is none of, "
    "is longer than (characters), is no number, is no date, is missing, is not missing"
)
TAKES = {
    "id": f"an identifier column. Choose one of: {TEXT_TAKES}.",
    "place": f"a category column. Choose one of: {TEXT_TAKES}.",
    "price": "a number column. Choose one of: is, is not, at least, at most, more than, less than, between, "
    "is one of, is an outlier, is infinite, is missing, is not missing.",
    "paid": "a boolean column. Choose one of: is, is not, is missing, is not missing.",
    "day": "a date column. Choose one of: is, is not, on or after, on or before, between, in the year, "
    "in the month, on the weekday, is missing, is not missing.",
}
A_DATE = "a date such as 2024-12-31"
WANTED = {
    ("id", "longer-than"): "a number of characters", ("place", "longer-than"): "a number of characters",
    ("price", "equals"): "a number", ("price", "between"): "two values such as 10..20",
    ("price", "one-of"): "a number", ("paid", "equals"): "“yes” or “no”", ("day", "equals"): A_DATE,
    ("day", "between"): "two values such as 2024-01-01..2024-12-31",
    ("day", "in-month"): "a month such as 3, March or 2024-03",
}  # fmt: skip
ODD = [f"k{n:03d}" for n in range(1, 60, 2)]
ROWS = {(column, operator): [] for column in ("id", "place") for operator in ("equals", "contains", "one-of")}
ROWS |= {("price", "is-outlier"): ["k007"]}
A_LIST = "a list of values such as one; two"


def expected(column: str, operator: str, value: str) -> str | list[str]:
    """The keys of the rows, or the sentence."""
    wrong, wanted = value, WANTED.get((column, operator), "")
    if operator == "one-of" and (column, operator) in {**ROWS, **WANTED}:
        wanted = wanted if value.strip("; \r\n") else A_LIST
        wrong = "'" if value.startswith("';") else value  # the first of the list
    elif operator == "between" and value == ".." and wanted:
        wrong, wanted = "", A_DATE if column == "day" else "a number"
    if wanted:
        asked = f"{column} {LABELS[operator]} {quoted(value[:60])}"
        return f"“{quoted(wrong)}” is not {wanted}, so “{asked}” cannot be answered."
    if (column, operator, value) == ("place", "contains", ";"):
        return ODD
    refused = f"“{LABELS[operator]}” is no question for “{column}”, which is {TAKES[column]}"
    return ROWS.get((column, operator), refused)


def quoted(text: str) -> str:
    """As sentences quote: on one line, at most 80 signs."""
    text = text.replace("\0", "␀").strip("\r\n")
    return text if len(text) <= 80 else f"{text[:80]}…"


def keys_or_sentence(client: FlaskClient, dataset_id: int, query: dict[str, Any]) -> str | list[str]:
    answer = facts(client, dataset_id, query | {"show": ["id", "day"]})
    if "error" in answer:
        return str(answer["error"])
    assert answer["n_matching"] == len(answer["rows"])
    return [row[0] for row in answer["rows"]]


@pytest.mark.parametrize("column", NAMES)
def test_hostile_filters_give_exact_rows_or_the_exact_sentence(
    as_alice: FlaskClient, dataset_id: int, column: str
) -> None:
    for operator, value in itertools.product(LABELS, HOSTILE):
        query = {"column": column, "operator": operator, "value": value}
        found = keys_or_sentence(as_alice, dataset_id, query)
        assert found == expected(column, operator, value), (operator, value[:30])


@pytest.mark.parametrize("value", [value for value in HOSTILE if value.strip()])
def test_hostile_searches_give_exact_rows_or_the_exact_sentence(
    as_alice: FlaskClient, dataset_id: int, value: str
) -> None:
    wanted: str | list[str] = ODD if value == ";" else []
    if "\0" in value:
        wanted = f"“{quoted(value)}” is not text, so it cannot be searched for."
    assert keys_or_sentence(as_alice, dataset_id, {"search": value}) == wanted


HOSTILE_NAMES = [
    *('say "x"', "a]b[c", "'; drop table t; --", "__import__('os')", "<script>alert(1)</script>"),
    *("{{7*7}}", "a.b", "-sum", "c%d", "back\\slash", "x" * 10_000),
]


def test_columns_of_hostile_names_are_asked_like_others(
    as_alice: FlaskClient, app: Flask, alice: User
) -> None:
    out = io.StringIO()
    width = len(HOSTILE_NAMES)
    csv.writer(out).writerows([HOSTILE_NAMES, *([y * width + x for x in range(width)] for y in range(9))])
    with app.app_context():
        dataset_id = make_dataset(db.session.merge(alice), name="names", csv=out.getvalue()).id
    names = facts(as_alice, dataset_id)["columns"]
    assert names[:-1] == HOSTILE_NAMES[:-1]
    assert HOSTILE_NAMES[-1].startswith(names[-1][:60])  # long ones are cut
    for place, name in enumerate(names):
        query = {"column": name, "operator": "at-least", "value": 7 * width, "sort": f"-{name}", "show": name}
        answer = facts(as_alice, dataset_id, query)
        assert answer.get("columns") == [name], answer
        assert answer["rows"] == [[8 * width + place], [7 * width + place]]
        page = as_alice.get(f"/datasets/{dataset_id}/rows?{urlencode(query)}")
        assert (page.status_code, "<script>alert" in page.text) == (200, False)
        assert str(escape(name[:60])) in page.text


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_values_are_shown_as_text(as_alice: FlaskClient, dataset_id: int, value: str) -> None:
    query = urlencode({"column": "place", "operator": "contains", "value": value, "search": value})
    answer = as_alice.get(f"/datasets/{dataset_id}/rows?{query}")
    assert answer.status_code == (422 if "\0" in value else 200)  # no text that is searched for holds it
    assert str(escape(value)) in answer.text
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize("page", ["rows", "rows/copy", "rows/download"])
def test_hostile_parts_of_the_address_do_no_harm(as_alice: FlaskClient, dataset_id: int, page: str) -> None:
    refused = {"version": 404, "sort": 422, "format": 422 if page == "rows/download" else 200}
    for value in HOSTILE:
        ignored = dict.fromkeys(("show", "hide", "pin", "do", "mark", "about", "panel"), value)
        for chosen in (ignored, *({part: value} for part in refused)):
            answer = as_alice.get(f"/datasets/{dataset_id}/{page}?{urlencode(chosen)}", buffered=True)
            assert answer.status_code == refused.get(next(iter(chosen)), 200), (chosen.keys(), value[:30])
            assert "<script>alert" not in answer.text


def test_true_and_false_are_asked_in_the_owners_words(
    as_alice: FlaskClient, app: Flask, dataset_id: int
) -> None:
    with app.app_context():
        version = db.session.get_one(Dataset, dataset_id).latest
        profile = dict(version.profile_json or {})
        profile["columns"] = [
            {**column, "labels": ["unpaid", "paid"] if column["name"] == "paid" else []}
            for column in profile["columns"]
        ]
        version.profile_json = profile
        db.session.commit()
    query = urlencode({"column": "paid", "operator": "equals", "value": "Unpaid"})
    page = as_alice.get(f"/datasets/{dataset_id}/rows?{query}").text
    assert "Rows 1–20 of" in page
    assert '<td class="cell">unpaid</td>' in page
    query = urlencode({"column": "paid", "operator": "equals", "value": "perhaps"})
    assert "“perhaps” is not “paid” or “unpaid”" in as_alice.get(f"/datasets/{dataset_id}/rows?{query}").text


@pytest.mark.parametrize(
    ("mark", "css"), [("missing", "is-missing"), ("outliers", "is-outlier"), ("heat", "heat-5"), ("", "")]
)
def test_highlights_are_said_in_words(as_alice: FlaskClient, dataset_id: int, mark: str, css: str) -> None:
    page = as_alice.get(f"/datasets/{dataset_id}/rows?mark={mark}").text
    table = page[page.index("<tbody>") :]
    for one in ("is-missing", "is-outlier", "heat-"):
        assert (one in table) == (bool(css) and css.startswith(one))
    assert ("legend" in page) == bool(mark)


def test_outliers_and_heat_follow_the_figures_of_the_column() -> None:
    column = Column(
        name="x", kind="number", stored="DOUBLE", n_missing=0, n_distinct=9,
        fences=(-1.0, 10.0), quantiles=(1.0, 2.0, 3.0, 4.0, 5.0),
    )  # fmt: skip
    signs = [
        marker("outliers")(value, column) for value in (-1.0, 10.0, -2.0, 11.0, float("inf"), None, True)
    ]
    assert [mark and mark.sign for mark in signs] == [None, None, "▼", "▲", "!", None, None]
    heat = [marker("heat")(value, column) for value in (0.5, 1.0, 2.0, 2.5, 4.0, 4.5, 5.0, 6.0)]
    assert [mark and mark.css[-1] for mark in heat] == ["1", "2", "2", "3", "3", "4", "4", "5"]
    assert marker("missing")(None, column) is not None
    assert marker("nothing")(None, column) is None


def download(client: FlaskClient, dataset_id: int, query: dict[str, Any]) -> Any:
    return client.get(f"/datasets/{dataset_id}/rows/download?{urlencode(query, doseq=True)}", buffered=True)


VIEW = {
    "column": ["price", "place"], "operator": ["is-not-missing", "one-of"], "value": ["", '"North;side"'],
    "sort": ["-price"], "search": "k0", "show": ["price", "id"],
}  # fmt: skip


def test_a_download_holds_the_rows_of_the_view(as_alice: FlaskClient, dataset_id: int) -> None:
    answer = download(as_alice, dataset_id, VIEW)
    shown = facts(as_alice, dataset_id, VIEW)
    header, *rows = csv.reader(io.StringIO(answer.text))
    assert header == shown["columns"] == ["price", "id"]
    assert [[float(price), key] for price, key in rows] == shown["rows"]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="shop version 1.csv"'
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    table = parquet.read_table(io.BytesIO(download(as_alice, dataset_id, {**VIEW, "format": "parquet"}).data))
    assert [list(row.values()) for row in table.to_pylist()] == shown["rows"]


def test_a_download_leaves_nothing_behind(app: Flask, as_alice: FlaskClient, dataset_id: int) -> None:
    with app.app_context():
        folder = storage.folder(db.session.get_one(Dataset, dataset_id).latest.key)
    before = sorted(path.name for path in folder.iterdir() if not path.name.startswith(".spilled"))
    for query in ({}, {"format": "safe"}, {"format": "xlsx"}, {"column": "no", "operator": "equals"}):
        download(as_alice, dataset_id, query)
    assert sorted(path.name for path in folder.iterdir() if not path.name.startswith(".spilled")) == before


def test_bad_downloads_give_a_sentence(as_alice: FlaskClient, dataset_id: int) -> None:
    answer = download(as_alice, dataset_id, {"format": "xlsx"})
    assert (answer.status_code, "Choose csv, safe or parquet." in answer.text) == (422, True)
    answer = download(as_alice, dataset_id, {"column": "price", "operator": "equals", "value": "much"})
    assert (answer.status_code, "is not a number" in answer.text) == (422, True)


def test_only_so_many_files_are_written_at_once(
    as_alice: FlaskClient, dataset_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = Turns(at_once=1, waiting=0, wait_s=0.01, sentence="Try again in a few seconds.")
    monkeypatch.setattr(row_services, "_turns", turns)
    with turns.taken():
        answer = download(as_alice, dataset_id, {})
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)


def test_a_file_that_is_being_written_for_one_user_keeps_nobody_else_waiting(
    app: Flask, as_alice: FlaskClient, alice: User, dataset_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = Turns(at_once=2, waiting=0, wait_s=0.01, sentence="Try again in a few seconds.", each=1)
    monkeypatch.setattr(row_services, "_turns", turns)
    with app.app_context():
        owner_id = db.session.merge(alice).id
    with turns.taken(owner_id):
        assert download(as_alice, dataset_id, {}).status_code == 503
    with turns.taken(owner_id + 1):
        assert download(as_alice, dataset_id, {}).status_code == 200


def test_the_shown_page_is_copied_as_text(as_alice: FlaskClient, app: Flask, alice: User) -> None:
    with app.app_context():
        dataset_id = make_dataset(
            db.session.merge(alice), name="f", csv='a,b\n=1+1,"x, y"\n-2,z\n@SUM(1),q\n'
        ).id
    exact = as_alice.get(f"/datasets/{dataset_id}/rows/copy?per=25")
    assert exact.text == 'a,b\n=1+1,"x, y"\n-2,z\n@SUM(1),q\n'
    assert exact.content_type.startswith("text/plain")
    safe = as_alice.get(f"/datasets/{dataset_id}/rows/copy?format=safe").text
    assert safe == "a\tb\n'=1+1\tx, y\n-2\tz\n'@SUM(1)\tq\n"
    assert as_alice.get(f"/datasets/{dataset_id}/rows/copy?sort=nothing").status_code == 422


@pytest.mark.parametrize("part", ["rows", "rows/download", "rows/copy"])
def test_owner_visitor_and_stranger(
    as_alice: FlaskClient, as_charlie: FlaskClient, visitor: FlaskClient, dataset_id: int, part: str
) -> None:
    address = f"/datasets/{dataset_id}/{part}"
    assert as_alice.get(address, buffered=True).status_code == 200
    assert as_charlie.get(address).status_code == 404
    assert "/login" in visitor.get(address).location


def test_the_code_of_a_view_stands_on_its_page(as_alice: FlaskClient, dataset_id: int) -> None:
    page = as_alice.get(f"/datasets/{dataset_id}/rows?{urlencode(VIEW, doseq=True)}").text
    assert "pd.read_parquet(&#39;shop version 1.parquet&#39;, dtype_backend=&#39;pyarrow&#39;)" in page
    assert "t = t.iloc[0:50]" in page


def add_version(app: Flask, dataset_id: int) -> None:
    """A second version that is ready, from the files of the first."""
    with app.app_context():
        dataset = db.session.get_one(Dataset, dataset_id)
        first = dataset.latest
        key = storage.new_key()
        table = storage.make_folder(key) / "table.parquet"
        table.write_bytes((storage.folder(first.key) / "table.parquet").read_bytes())
        kept = (
            *("original_name", "original_bytes", "original_sha256", "parquet_sha256", "parquet_bytes"),
            *("n_rows", "n_columns", "profile_json"),
        )
        values = {name: getattr(first, name) for name in kept}
        job = make_job(db.session.get_one(User, dataset.owner_id))
        dataset.versions.append(Version(number=2, key=key, job=job, **values))
        db.session.commit()


def test_an_older_version_is_looked_at_by_its_number(
    app: Flask, as_alice: FlaskClient, dataset_id: int
) -> None:
    add_version(app, dataset_id)
    assert facts(as_alice, dataset_id)["version"] == 2
    assert facts(as_alice, dataset_id, "version=1")["version"] == 1
    page = as_alice.get(f"/datasets/{dataset_id}/rows?version=1&sort=price").text
    assert "You look at version 1 of 2." in page
    assert "sort=-price&amp;version=1" in page
    assert "You look at" not in as_alice.get(f"/datasets/{dataset_id}/rows?version=2").text
    answer = as_alice.get(f"/datasets/{dataset_id}/rows/download?version=1", buffered=True)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="shop version 1.csv"'
    for number in ("3", "0", "-1", "x", "9" * 30):
        assert as_alice.get(f"/datasets/{dataset_id}/rows?version={number}").status_code == 404


def test_chips_take_back_what_holds(as_alice: FlaskClient, dataset_id: int) -> None:
    query = urlencode({**VIEW, "hide": "id", "per": "25"}, doseq=True)
    page = as_alice.get(f"/datasets/{dataset_id}/rows?{query}").text
    for words in (
        "Remove the search",
        "Remove the filter on place",
        "Remove the order by price",
        "columns chosen",
    ):
        assert words in page
    assert f'href="/datasets/{dataset_id}/rows?per=25"' in page  # clear all
    hidden = as_alice.get(f"/datasets/{dataset_id}/rows?hide=id&hide=day").text
    assert "Show id again" in hidden
    assert f'href="/datasets/{dataset_id}/rows?hide=day"' in hidden


def test_pages_of_wide_tables_stay_small(app: Flask, as_alice: FlaskClient, alice: User) -> None:
    names = [f"column_{n}" for n in range(400)]
    content = f"{','.join(names)}\n" + (",".join("17" for _ in names) + "\n") * 5
    with app.app_context():
        dataset_id = make_dataset(db.session.merge(alice), name="wide", csv=content).id
    page = as_alice.get(f"/datasets/{dataset_id}/rows")
    assert page.text.count("column_399") == 1  # among the suggestions
    assert len(page.data) < 300_000
    query = "show=column_399&pin=column_0"
    assert facts(as_alice, dataset_id, query)["columns"] == ["column_0", "column_399"]


def test_more_filters_than_can_hold_are_refused_not_forgotten(as_alice: FlaskClient, dataset_id: int) -> None:
    many = "&".join(["column=city&operator=is-not-missing&value="] * 21)
    assert (
        facts(as_alice, dataset_id, many)["error"] == "21 filters are too many; at most 20 can hold at once."
    )
