"""Correlation matrices hold Pearson's correlations as pandas and scipy compute them."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from beanft.engine.charts.chart import Chart
from beanft.engine.charts.draw import draw
from beanft.engine.charts.kinds import related
from beanft.engine.errors import EngineError
from beanft.engine.tables.queries.conditions import Filter
from engine.charts.conftest import write
from engine.charts.kinds.matrices import HOSTILE, assert_figure, assert_same, profile_of, run


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """Two groups of related numbers, missing values and infinities, and columns that are no numbers."""
    random = np.random.default_rng(5)
    n = 300
    a, d = random.normal(0, 1, n), random.normal(0, 1, n)
    frame = pd.DataFrame(
        {
            "a": a,
            "d": d,
            "b": -a + random.normal(0, 0.5, n),
            "e": d * 3 + random.normal(0, 1, n),
            "c": a + random.normal(0, 0.2, n),
            "whole": random.integers(0, 9, n),
            "flat": [1.0] * n,
            "kind": random.choice(["x", "y"], n),
        }
    )
    frame.loc[random.choice(n, 40, replace=False), "a"] = np.nan
    frame.loc[random.choice(n, 5, replace=False), "e"] = np.inf
    return frame


@pytest.fixture(scope="module")
def path(table, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("correlations") / "table.parquet"
    write(table, path)
    return path


def test_correlations_are_those_of_scipy_on_the_rows_of_each_pair(table, path):
    drawing = draw(path, profile_of(table), Chart(kind="correlations"))
    names = ["a", "d", "b", "e", "c", "whole"]
    assert {row[:2] for row in drawing.rows} == set(combinations(names, 2))
    for a, b, r, low, high, n, _ in drawing.rows:
        both = table[[a, b]].replace([np.inf, -np.inf], np.nan).dropna()
        expected = stats.pearsonr(both[a], both[b])
        assert (r, n) == (pytest.approx(expected.statistic), len(both))
        assert (low, high) == pytest.approx(tuple(expected.confidence_interval()), abs=1e-9)
    strengths = [abs(row[2]) for row in drawing.rows]
    assert strengths == sorted(strengths, reverse=True)


@pytest.mark.parametrize("columns", [(), ("whole", "a", "c"), ("flat", "a")])
def test_the_lines_of_pandas_give_the_same(table, path, columns):
    chart, profile = Chart(kind="correlations", columns=columns), profile_of(table)
    drawing = draw(path, profile, chart)
    assert_same(drawing, run(path, profile, chart))
    assert_figure(drawing)


def test_filters_leave_rows_out(table, path):
    chart, profile, filters = Chart(kind="correlations"), profile_of(table), (Filter("kind", "equals", "x"),)
    drawing = draw(path, profile, chart, filters=filters)
    assert drawing.n_shown == (table["kind"] == "x").sum()
    assert_same(drawing, run(path, profile, chart, filters))


def test_related_columns_stand_side_by_side_and_the_matrix_is_mirrored(table, path):
    drawing = draw(path, profile_of(table), Chart(kind="correlations"))
    places = {name: place for place, name in enumerate(drawing.places)}
    assert abs(places["d"] - places["e"]) == 1
    assert max(places[name] for name in "abc") - min(places[name] for name in "abc") == 2
    assert drawing.y_places == drawing.places[::-1]
    cells = {(drawing.places[x], drawing.y_places[y]): r for x, y, r, *_ in drawing.series[0].values}
    assert all(cells[b, a] == r for (a, b), r in cells.items())
    assert len(cells) == 30


def test_of_many_columns_those_with_the_strongest_relations_are_taken(tmp_path):
    random = np.random.default_rng(0)
    frame = pd.DataFrame({f"noise {place}": random.normal(0, 1, 100) for place in range(24)})
    frame["one"] = np.arange(100.0)
    frame["two"] = frame["one"] + random.normal(0, 1, 100)
    path, profile, chart = tmp_path / "t.parquet", profile_of(frame), Chart(kind="correlations")
    write(frame, path)
    drawing = draw(path, profile, chart)
    assert len(drawing.places) == 20
    assert drawing.rows[0][:2] == ("one", "two")
    assert "Of 26 columns of numbers these 20 have the strongest relations." in drawing.notes
    assert_same(drawing, run(path, profile, chart))
    assert_figure(drawing)


def test_a_sample_is_stated_and_near(table, path, monkeypatch):
    monkeypatch.setattr(related, "SAMPLE_ROWS", 150)
    drawing = draw(path, profile_of(table), Chart(kind="correlations", columns=("b", "c")))
    again = draw(path, profile_of(table), Chart(kind="correlations", columns=("b", "c")))
    assert 100 < drawing.n_shown < 200
    assert f"Correlations come from an even sample of {drawing.n_shown} of 300 rows." in drawing.notes
    assert drawing.rows == again.rows
    assert drawing.rows[0][2] == pytest.approx(table["b"].corr(table["c"]), abs=0.1)


@pytest.mark.parametrize(
    ("values", "remark"),
    [
        ([1.0], "few rows"),
        ([1.0, 2.0, 3.0], "few rows"),
        ([1.0] * 20, "does not vary"),
        ([np.nan] * 20, "few rows"),
        ([*np.linspace(1, 9, 12), np.inf, -np.inf], ""),
        ([place * 1e307 for place in range(-8, 8)], ""),
    ],
)
def test_hard_columns(tmp_path, values, remark):
    frame = pd.DataFrame({"x": values, "y": np.arange(len(values), dtype=float) ** 2})
    path, profile = tmp_path / "t.parquet", profile_of(frame)
    write(frame, path)
    chart = Chart(kind="correlations", columns=("x", "y"))
    drawing = draw(path, profile, chart)
    (row,) = drawing.rows
    assert row[-1] == remark
    assert (row[2] is None) == (remark != "")
    if max(values) < 1e300:
        assert_same(drawing, run(path, profile, chart))
    assert_figure(drawing)


def test_hostile_names_are_names(tmp_path):
    frame = pd.DataFrame({name: np.arange(20.0) ** (place + 1) for place, name in enumerate(HOSTILE)})
    path, profile, chart = tmp_path / "t.parquet", profile_of(frame), Chart(kind="correlations")
    write(frame, path)
    drawing = draw(path, profile, chart)
    assert set(drawing.places) == set(HOSTILE)
    assert_same(drawing, run(path, profile, chart))
    assert_figure(drawing)


def test_one_number_is_too_few(drawn, table, path):
    with pytest.raises(
        EngineError, match="at least two columns of numbers, and this table has one that varies"
    ):
        drawn(pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]}), "correlations")
    empty = draw(path, profile_of(table), Chart(kind="correlations"), filters=[Filter("kind", "equals", "z")])
    assert (empty.series, empty.n_rows) == ((), 0)
