"""Whatever a user types or uploads stays text: pages of hostile names give the numbers of harmless ones."""

from __future__ import annotations

import ast
import csv
import itertools
import os
import re
from collections.abc import Iterator
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from beanft.engine.charts.catalogue import AGGREGATIONS, KINDS
from beanft.engine.tables.queries.conditions import NEEDLESS, OPERATORS
from beanft.extensions import db
from beanft.models import Job
from explore.hostile import KINDS as COLUMN_KINDS
from explore.hostile import N_ROWS, NASTY, SEXES, TOWNS, Twin, assert_harmless, read
from factories import run_job

JSON = {"Accept": "application/json"}
CHARTS: dict[str, dict[str, Any]] = {
    "histogram": {"x": "mass", "colour": "sex", "facet": "town"},
    "density": {"x": "mass", "colour": "sex", "facet": "paid"},
    "bar": {"x": "town", "y": "mass", "aggregation": "mean", "colour": "sex", "facet": "paid"},
    "line": {"x": "day", "y": "mass", "aggregation": "mean", "colour": "town"},
    "area": {"x": "day", "y": "mass", "aggregation": "sum", "colour": "town", "layout": "share"},
    "scatter": {"x": "mass", "y": "price", "colour": "town", "trend": "linear", "facet": "sex"},
    "bubble": {"x": "mass", "y": "price", "z": "width", "colour": "town"},
    "box": {"x": "town", "y": "mass", "colour": "sex", "order": "-value"},
    "violin": {"x": "town", "y": "mass", "facet": "sex"},
    "heatmap": {"x": "town", "y": "sex", "z": "mass", "aggregation": "median"},
    "correlations": {"columns": ["mass", "price", "width", "depth"]},
    "pairs": {"columns": ["mass", "price", "depth"], "colour": "town"},
    "pareto": {"x": "town", "y": "mass", "aggregation": "sum", "facet": "sex"},
    "quantiles": {"x": "mass", "colour": "town"},
    "missing": {"columns": ["sex", "mass", "paid"]},
    "map": {"x": "width", "y": "depth", "colour": "town"},
}  # fmt: skip


def numbers(rows: Any) -> list[list[float | None]]:
    """What is no text in rows; a truth is shown as a word."""
    return [[one for one in row if not isinstance(one, str)] for row in rows]


def facts(client: FlaskClient, twin: Twin, page: str, **values: Any) -> Any:
    """What a page says as JSON; the names and categories in the question are those of the table."""
    answer = client.get(f"{twin.path}/{page}", query_string=twin.params(**values), headers=JSON)
    assert_harmless(answer, (page, values))
    return answer.get_json()


def figures(said: Any) -> list[float]:
    """The numbers in an answer, sorted, since what is equal stands in the order of names."""
    if isinstance(said, dict):
        said = [value for key, value in said.items() if key != "id"]
    if isinstance(said, list):
        return sorted(number for part in said for number in figures(part))
    return [said] if isinstance(said, (int, float)) else []


def test_every_kind_of_chart_gives_the_same_numbers(
    as_alice: FlaskClient, twins: tuple[Twin, Twin], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert CHARTS.keys() == KINDS.keys(), "each kind is walked"
    monkeypatch.chdir(tmp_path)
    _take_along(as_alice, twins[0], tmp_path)
    for kind, parts in CHARTS.items():
        said, plain = (facts(as_alice, twin, "charts", kind=kind, **parts) for twin in twins)
        assert said["table"]["rows"], (kind, said)
        assert numbers(said["table"]["rows"]) == numbers(plain["table"]["rows"]), kind
        for fact in ("n_rows", "n_missing", "n_shown"):
            assert said[fact] == plain[fact], kind
        _compare_files(as_alice, twins, {"kind": kind, **parts})
        _run_code_of(as_alice, twins[0], kind, parts)


def _take_along(client: FlaskClient, twin: Twin, folder: Path) -> None:
    """Download the table under the name that the lines of pandas read."""
    file = client.get(f"{twin.path}/versions/1/parquet")
    page = unescape(client.get(f"{twin.path}/charts").text)
    name = ast.literal_eval(re.findall(r"pd\.read_parquet\((.*), dtype", page)[0])
    assert Path(name).name == name
    (folder / name).write_bytes(file.data)
    file.close()


def _run_code_of(client: FlaskClient, twin: Twin, kind: str, parts: dict[str, Any]) -> None:
    """The lines of pandas on the page of a chart give as many numbers as the page."""
    query = {"kind": kind, **parts}
    page = client.get(f"{twin.path}/charts", query_string=twin.params(**query))
    assert_harmless(page, kind)
    table = facts(client, twin, "charts", **query)["table"]
    assert len(_run_code(page.text, "chart-code")) == len(table["rows"])


def _run_code(page: str, id_: str) -> Any:
    """Run the lines of pandas that a page shows: names in them are only names."""
    lines = unescape(re.findall(rf'<code id="{id_}">(.*?)</code>', page, re.DOTALL)[0])
    space: dict[str, Any] = {}
    exec(compile(lines, "<page>", "exec"), space)
    assert "PWNED" not in os.environ
    return space["numbers"]


def _compare_files(client: FlaskClient, twins: tuple[Twin, Twin], parts: dict[str, Any]) -> None:
    """Picture and CSV of a chart: the same marks, and the same rows behind them."""
    counts, sizes = [], []
    for twin in twins:
        query = twin.params(**parts)
        picture = client.get(f"{twin.path}/charts/figure", query_string=query)
        file = client.get(f"{twin.path}/charts/numbers", query_string=query)
        assert_harmless(picture, parts)
        links = client.get(f"{twin.path}/charts", query_string=query)
        sizes.append(len(list(csv.reader(file.text.splitlines()))))
        counts.append([_count(client, href) for href in _row_links(links)])
    assert sizes[0] == sizes[1] > 1, parts
    assert counts[0] == counts[1], parts


def _row_links(page: Any) -> list[str]:
    """The ways from the first and the last line of the numbers to their rows."""
    found = [href for href in read(page).links if "/rows?" in href and "column=" in href]
    return [found[0], found[-1]] if found else []


def _count(client: FlaskClient, href: str) -> int:
    answer = client.get(href, headers=JSON)
    assert answer.status_code == 200, (href, answer.text)
    n_rows: int = answer.get_json()["n_matching"]
    return n_rows


def test_every_aggregation_and_suggestion_gives_the_same_numbers(
    as_alice: FlaskClient, twins: tuple[Twin, Twin]
) -> None:
    for aggregation in AGGREGATIONS:
        parts = {"kind": "bar", "x": "town", "y": "mass", "aggregation": aggregation, "order": "name"}
        said, plain = (facts(as_alice, twin, "charts", **parts)["table"]["rows"] for twin in twins)
        assert numbers(said) == numbers(plain), aggregation
        assert len(said) == len(TOWNS)
    for target in ("", *COLUMN_KINDS):
        pages = [
            as_alice.get(f"{twin.path}/charts", query_string=twin.params(target=target)) for twin in twins
        ]
        kinds = []
        for page in pages:
            assert_harmless(page, target)
            links = [parse_qs(urlsplit(href).query) for href in read(page).links if "/charts?" in href]
            kinds.append([link["kind"] for link in links if "kind" in link])
        assert kinds[0] == kinds[1] != [], target


def _filters() -> Iterator[tuple[str, str, str]]:
    """Every operator of every column, with a value that some rows have."""
    values = {"number": "3300", "date": "1967-05-09", "boolean": "true"}
    own = {"in-year": "1967", "in-month": "5", "on-weekday": "2", "longer-than": "20"}
    for column, kind in COLUMN_KINDS.items():
        value = values.get(kind, SEXES[0] if column == "sex" else TOWNS[1])
        for operator in OPERATORS[kind]:
            between = {"number": "10, 3300", "date": "1966-01-01, 1967-05-09"}.get(kind, "")
            chosen = own.get(operator, between if operator == "between" else value)
            yield column, operator, "" if operator in NEEDLESS else chosen


def test_every_filter_finds_the_same_rows(as_alice: FlaskClient, twins: tuple[Twin, Twin]) -> None:
    found = 0
    for column, operator, value in _filters():
        parts = {"column": [column], "operator": [operator], "value": [value], "sort": "mass"}
        said, plain = (facts(as_alice, twin, "rows", **parts) for twin in twins)
        assert said.get("n_matching", "refused") == plain.get("n_matching", "refused"), parts
        assert said.get("row_numbers") == plain.get("row_numbers"), parts
        found += 0 < said.get("n_matching", 0) < N_ROWS
    assert found > 35, "most filters find some of the rows"
    for page, parts in (("rows", {"search": TOWNS[1]}), ("charts", {"kind": "bar", "x": "sex"})):
        narrowed = {**parts, "column": ["town"], "operator": ["not-equals"], "value": [TOWNS[1]]}
        said, plain = (facts(as_alice, twin, page, **narrowed) for twin in twins)
        assert figures(said) == figures(plain)


COMPARED = [
    ("compare", {"a": a, "b": b})
    for a, b in (("mass", "town"), ("town", "sex"), ("mass", "price"), ("day", "mass"), ("paid", "mass"))
] + [
    ("compare/groups", {"by": "town", "one": TOWNS[7], "other": TOWNS[6]}),
    ("compare/groups", {"by": "sex", "one": SEXES[1], "other": SEXES[0]}),
    ("compare/versions", {}),
    ("correlations", {}),
    ("columns/1", {}),
    ("columns/9", {}),
]


def test_comparisons_give_the_same_numbers(as_alice: FlaskClient, twins: tuple[Twin, Twin]) -> None:
    for page, parts in COMPARED:
        said, plain = (facts(as_alice, twin, page, **parts) for twin in twins)
        assert figures(said) == pytest.approx(figures(plain)), (page, parts)
        assert "error" not in said, (page, parts)
        answer = as_alice.get(f"{twins[0].path}/{page}", query_string=twins[0].params(**parts))
        assert_harmless(answer, (page, parts))


SUMMARIES = [
    {"by": ["town"], "what": ["mean", "median"], "of": ["mass", "mass"], "order": ""},
    {"by": ["town", "sex"], "across": "paid", "what": ["distinct", "missing"], "of": ["note", "sex"]},
    {"by": ["day"], "across": "town", "bucket": "year", "what": ["sum"], "of": ["price"]},
]


def test_summaries_give_the_same_numbers_and_become_datasets(
    app: Flask,
    as_alice: FlaskClient,
    twins: tuple[Twin, Twin],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    _take_along(as_alice, twins[0], tmp_path)
    for parts in SUMMARIES:
        said, plain = (facts(as_alice, twin, "summary", **parts) for twin in twins)
        assert numbers(said["rows"]) == numbers(plain["rows"]), parts
        page = as_alice.get(f"{twins[0].path}/summary", query_string=twins[0].params(**parts))
        assert_harmless(page, parts)
        assert len(_run_code(page.text, "pandas-code")) == said["n_groups"]
        fields = next(form[2] for form in read(page).forms if form[1].endswith("/summary/save"))
        made = as_alice.post(f"{twins[0].path}/summary/save", data={**dict(fields), "name": TOWNS[1]})
        assert made.status_code == 302, made.text
        _read_newest(app)
        saved = as_alice.get(f"{made.location}/rows", headers=JSON).get_json()
        assert numbers(saved["rows"]) == numbers(said["rows"]), parts
        assert_harmless(as_alice.get(made.location))


def _read_newest(app: Flask) -> None:
    """Do the job that reads what was saved."""
    with app.app_context():
        job = db.session.scalars(select(Job).order_by(Job.id.desc())).first()
        assert job is not None
        assert run_job(job).state == "ready", job.error


def test_saved_charts_and_the_board_keep_what_was_typed(
    as_alice: FlaskClient, twins: tuple[Twin, Twin]
) -> None:
    twin, plain = twins
    typed = [TOWNS[0], TOWNS[1], TOWNS[2], NASTY[1], "]]> & {{7*7}}", "=1+1"]
    for one, name in itertools.product(twins, typed):
        parts = {"kind": "bar", "x": "town", "column": ["sex"], "operator": ["equals"], "value": [SEXES[0]]}
        said = {"name": name, "note": name, "title": name}
        made = as_alice.post(f"{one.path}/charts/saved", data={**one.params(**parts), **said})
        assert made.status_code == 302, made.text
    for one in twins:
        described = as_alice.post(f"{one.path}/board", data={"title": TOWNS[1], "note": TOWNS[6]})
        assert described.status_code == 302
    board = facts(as_alice, twin, "board")
    for part in ("name", "note"):
        assert [chart[part] for chart in board["charts"]] == typed
    assert (board["title"], board["note"]) == (TOWNS[1], TOWNS[6])
    saved = as_alice.get(f"{twin.path}/charts/saved", headers=JSON).get_json()["charts"]
    for chart, other in zip(board["charts"], facts(as_alice, plain, "board")["charts"], strict=True):
        pages = [f"{twin.path}/board/charts/{chart['id']}", f"{plain.path}/board/charts/{other['id']}"]
        tiles = [as_alice.get(page, headers=JSON).get_json()["table"]["rows"] for page in pages]
        assert numbers(tiles[0]) == numbers(tiles[1]) != []
        assert_harmless(as_alice.get(pages[0]))
    for page in ("board", "charts/saved", *(f"charts/saved/{chart['id']}" for chart in saved)):
        assert_harmless(as_alice.get(f"{twin.path}/{page}"), page)
    _take_board_along(as_alice, twin, saved[0]["id"])


def _take_board_along(client: FlaskClient, twin: Twin, number: int) -> None:
    """The file of the board runs nothing, whatever the picture holds that a browser sent."""
    nasty = '<svg xmlns="http://www.w3.org/2000/svg" onload="x"><script>1</script><text>&lt;b</text></svg>'
    picture = (BytesIO(nasty.encode()), "p.svg")
    file = client.post(f"{twin.path}/board/file", data={"version": "1", f"picture-{number}": picture})
    assert file.status_code == 200
    assert read(file).faults == []
    assert "<script" not in file.text
    assert 'filename="' in file.headers["Content-Disposition"]
    assert "\n" not in file.headers["Content-Disposition"]
