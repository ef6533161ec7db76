"""Pair plots: the same rows in every scatter, histograms of all rows, and correlations in numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from beanft.engine.charts.chart import Chart
from beanft.engine.charts.draw import draw
from beanft.engine.charts.kinds import pairs
from beanft.engine.tables.queries.conditions import Filter
from engine.charts.conftest import write
from engine.charts.kinds.matrices import HOSTILE, assert_figure, assert_same, profile_of, run


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    random = np.random.default_rng(11)
    n = 400
    a = random.normal(0, 1, n)
    frame = pd.DataFrame(
        {
            "a": a,
            "b": a + random.normal(0, 0.3, n),
            "c": random.normal(0, 1, n),
            "d": -a + random.normal(0, 0.6, n),
            "e": random.integers(0, 50, n),
            "kind": random.choice(list("uvwxyz12"), n),
        }
    )
    frame.loc[random.choice(n, 30, replace=False), "b"] = np.nan
    frame.loc[random.choice(n, 9, replace=False), "c"] = np.inf
    frame.loc[random.choice(n, 20, replace=False), "kind"] = None
    return frame


@pytest.fixture(scope="module")
def path(table, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("pairs") / "table.parquet"
    write(table, path)
    return path


def complete(table: pd.DataFrame, *names: str) -> pd.DataFrame:
    return table.replace([np.inf, -np.inf], np.nan).dropna(subset=list(names))


def test_every_scatter_shows_the_same_complete_rows(table, path):
    drawing = draw(path, profile_of(table), Chart(kind="pairs", columns=("a", "b", "c")))
    used = complete(table, "a", "b", "c")
    assert drawing.n_across == 3
    assert [panel.chart.kind[0] for panel in drawing.panels] == list("hccshcssh")
    for at, (x, y) in {3: ("a", "b"), 6: ("a", "c"), 7: ("b", "c")}.items():
        panel = drawing.panels[at]
        assert (panel.x_name, panel.y_name, panel.brush) == (x, y, (x, y))
        assert list(panel.series[0].values) == list(used[[x, y]].itertuples(index=False, name=None))
    assert drawing.n_missing == len(table) - len(used)
    assert f"All scatters show the same {len(used)} rows." in drawing.notes


def test_histograms_count_all_rows_that_have_the_value(table, path):
    for filters in ((), (Filter("e", "at-most", "20"),)):
        drawing = draw(path, profile_of(table), Chart(kind="pairs", columns=("b", "c")), filters=filters)
        rows = table[table["e"] <= 20] if filters else table
        for panel, name in ((drawing.panels[0], "b"), (drawing.panels[3], "c")):
            values = panel.series[0].values
            edges = [values[0][0], *(high for _, high, _ in values)]
            assert [n for *_, n in values] == np.histogram(complete(rows, name)[name], edges)[0].tolist()


def test_the_histogram_of_the_profile_is_taken_without_filters(table, path):
    profile = profile_of(table, a={"edges": (-5.0, 0.0, 5.0), "counts": (190, 210)})
    drawing = draw(path, profile, Chart(kind="pairs", columns=("a", "d")))
    assert drawing.panels[0].series[0].values == ((-5.0, 0.0, 190), (0.0, 5.0, 210))


def test_the_most_related_numbers_are_taken_where_none_are_chosen(table, path):
    chart, profile = Chart(kind="pairs"), profile_of(table)
    drawing = draw(path, profile, chart)
    assert set("abd") <= set(drawing.chart.columns)
    assert len(drawing.chart.columns) == 4
    assert_same(drawing, run(path, profile, chart))
    assert len(assert_figure(drawing)["grid"]) == 16


def test_colours_are_the_same_in_all_panels_and_the_smallest_are_other(table, path):
    chart, profile = Chart(kind="pairs", columns=("a", "b", "d"), colour="kind"), profile_of(table)
    drawing = draw(path, profile, chart)
    names = [
        [series.name for series in panel.series] for panel in drawing.panels if panel.chart.kind == "scatter"
    ]
    assert names == [names[0]] * 3
    assert len(names[0]) == 6
    assert names[0][-1] == "other (3 values)"
    used = complete(table, "a", "b", "d", "kind")
    for series in drawing.panels[3].series[:-1]:
        assert len(series.values) == (used["kind"] == series.name).sum()
    assert drawing.n_shown == len(used)
    assert_same(drawing, run(path, profile, chart))
    assert_figure(drawing)


def test_a_sample_is_even_stated_and_the_same_every_time(table, path, monkeypatch):
    monkeypatch.setattr(pairs, "N_POINTS", 50)
    drawing = draw(path, profile_of(table), Chart(kind="pairs", columns=("a", "d")))
    assert drawing.n_shown == len(drawing.panels[2].series[0].values) == 50
    assert "All scatters show the same 50 rows, an even sample of 400, the same every time." in drawing.notes
    assert set(drawing.panels[2].series[0].values) <= set(
        table[["a", "d"]].itertuples(index=False, name=None)
    )
    assert drawing == draw(path, profile_of(table), Chart(kind="pairs", columns=("a", "d")))


@pytest.mark.parametrize("filters", [(), (Filter("a", "at-least", "0"),)])
@pytest.mark.parametrize("columns", [("a", "d"), ("d", "a", "b"), ()])
@pytest.mark.parametrize("n_compared", [380, 100_000])
def test_points_are_the_same_whether_or_not_their_rows_were_compared(
    table, path, monkeypatch, filters, columns, n_compared
):
    monkeypatch.setattr(pairs, "N_POINTS", 40)
    monkeypatch.setattr("beanft.engine.charts.kinds.related.SAMPLE_ROWS", n_compared)
    chart, profile, asked = Chart(kind="pairs", columns=columns), profile_of(table), []
    first_sql = pairs.first_sql

    def listen(*parts):
        asked.append(parts)
        return first_sql(*parts)

    monkeypatch.setattr(pairs, "first_sql", listen)
    monkeypatch.setattr(pairs, "SAMPLE_ROWS", 380)
    drawing = draw(path, profile, chart, filters=filters)
    assert asked == []
    take = pairs.take_sample
    monkeypatch.setattr(pairs, "SAMPLE_ROWS", -1)
    monkeypatch.setattr(pairs, "take_sample", lambda *parts, **_: replace(take(*parts), is_all=False))
    again = draw(path, profile, chart, filters=filters)
    assert len(asked) == 1
    assert [panel.series for panel in drawing.panels] == [panel.series for panel in again.panels]


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": [1.0], "b": [2.0]}),
        pd.DataFrame({"a": [np.nan] * 9, "b": range(9)}),
        pd.DataFrame({"a": [1e308, -1e308, 0.0, 1.0], "b": [1, 1, 1, 1]}),
        pd.DataFrame({"a": [np.inf, 1.0, 2.0], "b": [3.0, np.nan, 4.0]}),
    ],
    ids=["one row", "all missing", "huge", "infinite"],
)
def test_hard_tables(tmp_path, frame):
    path, profile = tmp_path / "t.parquet", profile_of(frame)
    write(frame, path)
    drawing = draw(path, profile, Chart(kind="pairs", columns=("a", "b")))
    assert drawing.n_shown == len(complete(frame, "a", "b"))
    assert drawing.rows[0][2] is None
    assert_figure(drawing)


def test_hostile_names_are_names(tmp_path):
    frame = pd.DataFrame({name: np.arange(20.0) ** (place + 1) for place, name in enumerate(HOSTILE)})
    path, profile, chart = tmp_path / "t.parquet", profile_of(frame), Chart(kind="pairs", columns=HOSTILE)
    write(frame, path)
    drawing = draw(path, profile, chart)
    assert_same(drawing, run(path, profile, chart))
    assert_figure(drawing)


def test_five_columns_of_many_rows_stay_small(tmp_path):
    random = np.random.default_rng(0)
    frame = pd.DataFrame({name: random.normal(0, 1e6, 3000) for name in "abcde"})
    path = tmp_path / "t.parquet"
    write(frame, path)
    drawing = draw(path, profile_of(frame), Chart(kind="pairs", columns=tuple("abcde")))
    assert drawing.n_shown == pairs.N_POINTS
    assert_figure(drawing)
