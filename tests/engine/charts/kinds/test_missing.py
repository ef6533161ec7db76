"""Charts of missing values count what pandas counts, in each slice and together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from beanft.engine.charts.chart import Chart
from beanft.engine.charts.draw import _KINDS, draw
from beanft.engine.charts.drawing import Drawing
from beanft.engine.charts.kinds import missing
from beanft.engine.charts.rows import Rows
from beanft.engine.tables.files import sha256_of
from beanft.engine.tables.queries.conditions import Filter
from beanft.engine.tables.records import writing
from beanft.engine.tables.store import copy_table
from engine.charts.conftest import write
from engine.charts.kinds.matrices import HOSTILE, assert_figure, assert_same, count, profile_of, run


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """1,234 rows: a block without values, values missing at random, and columns that lack none."""
    random = np.random.default_rng(2)
    n = 1234
    frame = pd.DataFrame(
        {
            "full": np.arange(n),
            "block": random.normal(0, 1, n),
            "text": random.choice(["u", "v"], n),
            "day": pd.Timestamp("1950-01-01") + pd.to_timedelta(np.arange(n), unit="D"),
            "never": [None] * n,
            "happy": random.choice([True, False], n),
        }
    )
    frame["never"] = frame["never"].astype("object")
    frame.loc[200:399, ["block", "text"]] = None
    frame.loc[random.choice(n, 90, replace=False), "day"] = pd.NaT
    return frame


@pytest.fixture(scope="module")
def path(table, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("missing") / "table.parquet"
    write(table, path)
    return path


@pytest.fixture
def copied(table, tmp_path) -> Path:
    """The same table with its quick copy."""
    return copy_of(table, tmp_path)


def copy_of(table: pd.DataFrame, folder: Path) -> Path:
    """Write a table as the ingest does, and make its quick copy."""
    path = folder / "table.parquet"
    write(table.astype({"never": "string"}), path)
    copy_table(path=str(path), sha256=sha256_of(path))
    return path


class Told:
    """A connection that notes what is asked of it."""

    def __init__(self, database: duckdb.DuckDBPyConnection, said: list[str]) -> None:
        self._database, self._said = database, said

    def execute(self, sql: str, *values: Any) -> duckdb.DuckDBPyConnection:
        self._said.append(sql)
        return self._database.execute(sql, *values)


@pytest.fixture
def said(monkeypatch) -> list[str]:
    """The statements that charts of missing values ask."""
    asked: list[str] = []

    def listen(rows: Rows) -> Drawing:
        told: Any = Told(rows.database, asked)
        return missing.draw_missing(replace(rows, database=told))

    monkeypatch.setitem(_KINDS, "missing", listen)
    return asked


CHOSEN = [(), ("full", "day", "text"), ("full",), ("day", "block", "never"), ("full", "never")]


@pytest.mark.parametrize("columns", CHOSEN)
@pytest.mark.parametrize("filters", [(), (Filter("happy", "equals", "true"),)])
def test_a_quick_copy_that_counted_what_is_missing_gives_the_same(
    table, path, copied, said, columns, filters
):
    chart, profile = Chart(kind="missing", columns=columns), profile_of(table)
    drawing = draw(copied, profile, chart, filters=filters)
    assert any("quick.main.rows" in sql for sql in said) is bool(filters)
    assert drawing == draw(path, profile, chart, filters=filters)


def test_of_a_large_table_with_a_copy_the_patterns_are_no_estimates(table, copied, monkeypatch):
    chart, profile = Chart(kind="missing"), profile_of(table)
    all_rows = draw(copied, profile, chart)
    monkeypatch.setattr(missing, "_MOST_CELLS", 1000)
    assert draw(copied, profile, chart) == all_rows


def test_what_the_profile_does_not_confirm_is_counted_in_the_rows(table, path, copied, monkeypatch, caplog):
    chart, profile = Chart(kind="missing"), profile_of(table)
    monkeypatch.setattr(missing, "read_slices", lambda *_: [(0, 0, 0)] * 95)
    assert draw(copied, profile, chart) == draw(path, profile, chart)
    assert "tell different numbers of missing values" in caplog.text


def test_a_copy_made_before_anything_missing_was_counted_is_asked_for_its_rows(
    table, path, tmp_path, monkeypatch
):
    monkeypatch.setattr(writing, "write_lacking", lambda *_: ())
    chart, profile = Chart(kind="missing"), profile_of(table)
    assert draw(copy_of(table, tmp_path), profile, chart) == draw(path, profile, chart)


def test_a_column_may_have_any_name(tmp_path):
    names = ("s", "n", "p", "slice", "lacks", "n0", "columns", "row")
    frame = pd.DataFrame({name: [1.0, None, 3.0] for name in names})
    path, profile, chart = tmp_path / "t.parquet", profile_of(frame), Chart(kind="missing")
    write(frame, path)
    drawing = draw(path, profile, chart)
    assert_same(drawing, run(path, profile, chart))
    copy_table(path=str(path), sha256=sha256_of(path))
    assert draw(path, profile, chart) == drawing


@pytest.mark.parametrize("columns", [(), ("full", "day", "text"), ("full",)])
@pytest.mark.parametrize("filters", [(), (Filter("happy", "equals", "true"),)])
def test_the_lines_of_pandas_give_the_same_and_links_lead_to_the_rows(table, path, columns, filters):
    chart, profile = Chart(kind="missing", columns=columns), profile_of(table)
    drawing = draw(path, profile, chart, filters=filters)
    assert_same(drawing, run(path, profile, chart, filters))
    for row, link in zip(drawing.rows, drawing.links, strict=True):
        assert count(path, profile, (*filters, *link)) == row[1]
    assert_figure(drawing)


def test_each_slice_holds_the_share_that_pandas_finds(table, path):
    drawing = draw(path, profile_of(table), Chart(kind="missing"))
    assert drawing.y_places[::-1] == ("block", "text", "day", "never")
    slices = table.isna().groupby(np.arange(len(table)) // 13)
    assert len(drawing.places) == slices.ngroups == 95
    assert (drawing.places[0], drawing.places[-1]) == ("1 to 13", "1,223 to 1,234")
    for at, up, share, n, of in drawing.series[0].values:
        column = slices.get_group(at)[drawing.y_places[up]]
        assert (n, of) == (column.sum(), len(column))
        assert share == pytest.approx(column.mean())


def test_what_is_missing_together_is_told(table, path):
    drawing = draw(path, profile_of(table), Chart(kind="missing"))
    together = {row[0]: row[1] for row in drawing.rows if row[3]}
    lacks = table.isna()
    both = lacks["block"] & lacks["text"] & ~lacks["day"]
    assert together["block + text + never"] == both.sum()
    assert "2 complete columns are not drawn." in drawing.notes
    assert any(note.startswith("Most often missing together: block, text, never") for note in drawing.notes)


def test_patterns_of_large_tables_are_estimated_and_said(table, path, monkeypatch):
    monkeypatch.setattr(missing, "_MOST_CELLS", 1000)
    monkeypatch.setattr(missing, "_SAMPLE_ROWS", 600)
    drawing = draw(path, profile_of(table), Chart(kind="missing"))
    found = {row[0]: row for row in drawing.rows if row[3]}
    assert found["block + text + never"][3] == "missing together, estimated"
    assert found["block + text + never"][1] == pytest.approx(185, rel=0.3)
    assert any("estimated from an even sample" in note for note in drawing.notes)


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": [1.0]}),
        pd.DataFrame({"a": [np.nan]}),
        pd.DataFrame({"a": [np.inf, np.nan, 1.0], "b": [None, None, "x"]}),
        pd.DataFrame({f"c{place}": [None if place % 2 else 1.0, 2.0] for place in range(200)}),
    ],
    ids=["one row", "all missing", "infinite", "many columns"],
)
def test_hard_tables(tmp_path, frame):
    path, profile, chart = tmp_path / "t.parquet", profile_of(frame), Chart(kind="missing")
    write(frame, path)
    drawing = draw(path, profile, chart)
    assert_same(drawing, run(path, profile, chart))
    assert {row[0]: row[1] for row in drawing.rows if not row[3]}.items() <= dict(frame.isna().sum()).items()
    assert_figure(drawing)


def test_a_full_table_says_so(drawn):
    drawing = drawn(pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}), "missing")
    assert "No value is missing in these columns." in drawing.notes
    assert [row[1] for row in drawing.rows] == [0, 0]
    assert drawing.description.endswith("No value is missing.")


def test_hostile_names_are_names(tmp_path):
    frame = pd.DataFrame({name: [1.0, None, 3.0] for name in HOSTILE})
    path, profile, chart = tmp_path / "t.parquet", profile_of(frame), Chart(kind="missing")
    write(frame, path)
    drawing = draw(path, profile, chart)
    assert_same(drawing, run(path, profile, chart))
    assert [count(path, profile, link) for link in drawing.links] == [1] * (len(HOSTILE) + 1)
    assert_figure(drawing)


def test_nothing_is_left_after_filters(table, path):
    drawing = draw(
        path, profile_of(table), Chart(kind="missing"), filters=[Filter("full", "less-than", "-1")]
    )
    assert (drawing.series, drawing.n_rows) == ((), 0)
