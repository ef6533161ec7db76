"""Bars, lines, areas, boxes, histograms and Pareto charts: their lines of pandas, and the rows of marks."""

from __future__ import annotations

import json
import math
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from beanft.engine.charts.code.lines import chart_lines
from beanft.engine.charts.drawing import Drawing
from beanft.engine.charts.figures.figure import to_figure
from beanft.engine.errors import EngineError
from beanft.engine.tables.queries.conditions import Filter, where
from engine.charts.conftest import profile_of

HOSTILE = "a'\"]; DROP TABLE t; __import__('os') <script>" + "x" * 200


@pytest.fixture
def table() -> pd.DataFrame:
    """300 rows with gaps, infinities, many categories, odd names, and moments before 1970."""
    random = np.random.default_rng(11)
    n = 300
    frame = pd.DataFrame(
        {
            HOSTILE: random.choice(["a'; DROP", '"b"', "", "c;d", "e, f", " g "], n),
            "price": random.lognormal(1, 1, n).round(2),
            "change": random.normal(0, 5, n).round(1),
            "whole": random.integers(-3, 4, n),
            "half": random.choice([0.5, 1.0, 2.0, -1.0], n),
            "city": random.choice([f"city {place}" for place in range(60)], n),
            "happy": random.choice([True, False], n),
            "day": pd.Timestamp("1968-11-20") + pd.to_timedelta(random.integers(0, 900, n), unit="D"),
            "moment": pd.Timestamp("1969-12-31 20:00")
            + pd.to_timedelta(random.integers(0, 40_000, n), unit="s"),
        }
    )
    frame.loc[random.choice(n, 20, replace=False), "price"] = np.nan
    frame.loc[random.choice(n, 9, replace=False), "price"] = np.inf
    frame.loc[random.choice(n, 9, replace=False), "city"] = None
    frame.loc[random.choice(n, 9, replace=False), HOSTILE] = None
    frame.loc[random.choice(n, 9, replace=False), "day"] = pd.NaT
    return frame


CHARTS: list[dict[str, Any]] = [
    {"kind": "histogram", "x": "price"},
    {"kind": "histogram", "x": "change", "log_x": True, "log_y": True, "colour": "happy"},
    {"kind": "histogram", "x": "whole", "colour": "city"},
    {"kind": "bar", "x": HOSTILE},
    {"kind": "bar", "x": HOSTILE, "colour": "happy", "layout": "share"},
    {"kind": "bar", "x": "city", "y": "price", "aggregation": "sum", "order": "-value", "top": 4},
    {"kind": "bar", "x": "city", "y": "price", "aggregation": "median", "order": "value", "top": 4},
    {"kind": "bar", "x": "half", "y": "price", "aggregation": "mean", "colour": "city"},
    {"kind": "bar", "x": "whole", "y": "change", "aggregation": "sd", "order": "-value", "colour": "happy"},
    {"kind": "bar", "x": "happy", "y": "city", "aggregation": "distinct", "order": "name"},
    {"kind": "bar", "x": "whole", "top": 3},
    {"kind": "line", "x": "day"},
    {"kind": "line", "x": "day", "y": "price", "aggregation": "mean", "bucket": "quarter", "colour": "happy"},
    {"kind": "line", "x": "day", "y": "change", "aggregation": "sd", "bucket": "month"},
    {"kind": "line", "x": "day", "y": "change", "aggregation": "max", "bucket": "year", "colour": "city"},
    {"kind": "line", "x": "day", "y": "change", "aggregation": "median", "bucket": "month"},
    {"kind": "line", "x": "moment", "bucket": "hour"},
    {"kind": "line", "x": "moment", "y": "change", "aggregation": "sum", "bucket": "minute", "log_y": True},
    {"kind": "line", "x": "price", "y": "change", "aggregation": "mean"},
    {"kind": "line", "x": "whole", "y": "price", "aggregation": "sum"},
    {"kind": "area", "x": "day", "bucket": "week"},
    {"kind": "area", "x": "day", "bucket": "month", "colour": HOSTILE, "layout": "share"},
    {"kind": "area", "x": "whole", "y": "price", "aggregation": "sum", "colour": "happy"},
    {"kind": "area", "x": "day", "y": "price", "aggregation": "mean", "bucket": "month", "colour": "happy"},
    {"kind": "box", "x": "city", "y": "price", "top": 5, "order": "-value"},
    {"kind": "box", "x": HOSTILE, "y": "price", "colour": "happy", "log_y": True},
    {"kind": "box", "y": "change"},
    {"kind": "pareto", "x": "city"},
    {"kind": "pareto", "x": HOSTILE, "y": "price", "aggregation": "sum"},
]
IDS = [f"{place}-{chart['kind']}" for place, chart in enumerate(CHARTS)]


def same(found: Any, drawn: Any) -> bool:
    if drawn is None or found is None or found is pd.NA:
        return drawn is None and (found is None or found is pd.NA or math.isnan(found))
    if isinstance(drawn, str):
        return bool(found == drawn)
    return bool(found == pytest.approx(drawn))


@pytest.mark.parametrize("chart", CHARTS, ids=IDS)
def test_lines_and_links_lead_to_the_same_numbers_and_rows(table, drawn, tmp_path, chart):
    choices = {key: value for key, value in chart.items() if key != "kind"}
    drawing = drawn(table, chart["kind"], **choices)
    assert drawing.rows
    assert len(json.dumps(to_figure(drawing), allow_nan=False)) < 300_000
    check_lines(drawing, table, str(tmp_path / "table.parquet"))
    check_links(drawing, table, str(tmp_path / "table.parquet"))


def check_lines(drawing: Drawing, table: pd.DataFrame, path: str) -> None:
    """The lines of pandas give the rows that were drawn."""
    names: dict[str, Any] = {}
    lines = chart_lines(profile_of(table), drawing.chart, file_name=path, drawing=drawing)
    exec(lines, names)  # our own lines, which are what is tested
    numbers = names["numbers"]
    assert tuple(numbers.columns) == drawing.header
    found = list(numbers.itertuples(index=False, name=None))
    assert len(found) == len(drawing.rows)
    for one, row in zip(found, drawing.rows, strict=True):
        assert all(same(a, b) for a, b in zip(one, row, strict=True)), (one, row)


FACETED = [
    {"kind": "histogram", "x": "price", "colour": "happy"},
    {"kind": "bar", "x": "whole", "y": "price", "aggregation": "mean"},
    {"kind": "line", "x": "day", "bucket": "quarter"},
    {"kind": "box", "x": "happy", "y": "price"},
    {"kind": "area", "x": "day", "bucket": "quarter", "colour": "happy"},
    {"kind": "pareto", "x": "city"},
]


@pytest.mark.parametrize("chart", FACETED, ids=[chart["kind"] for chart in FACETED])
def test_panels_have_lines_and_links_too(table, drawn, tmp_path, chart):
    choices = {key: value for key, value in chart.items() if key != "kind"}
    drawing = drawn(table, chart["kind"], facet="half", **choices)
    assert len(drawing.panels) == 4
    check_lines(drawing, table, str(tmp_path / "table.parquet"))
    for panel in drawing.panels:
        check_links(panel, table, str(tmp_path / "table.parquet"))


def check_links(drawing: Drawing, table: pd.DataFrame, path: str) -> None:
    """As many rows pass the filters of a mark as it stands for, and all marks together are all rows."""
    assert len(drawing.links) == len(drawing.rows)
    at = {"histogram": 2, "box": 6}.get(drawing.chart.kind, 4)
    total = 0
    with duckdb.connect() as database:
        for series in drawing.series:
            assert len(series.filters) == len(series.values)
            for mark, link in zip(series.values, series.filters, strict=True):
                condition, values = where(profile_of(table), link)
                sql = f"SELECT count(*) FROM '{path}' WHERE {condition}"
                assert database.execute(sql, values).fetchall() == [(mark[at],)], link
                total += mark[at]
    assert total == drawing.n_shown


def test_shares_add_up_to_a_hundred_at_each_place(table, drawn):
    for kind, x in (("bar", "city"), ("area", "whole")):
        drawing = drawn(table, kind, x=x, colour="happy", layout="share")
        marks = pd.DataFrame([mark[:2] for series in drawing.series for mark in series.values])
        assert marks.groupby(0)[1].sum().tolist() == pytest.approx([100] * len(drawing.places))
        assert "share (%)" in drawing.header


def test_empty_months_are_zero_for_counts_and_passed_over_for_means(drawn):
    days = pd.to_datetime(["1969-01-05", "1969-01-07", "1969-04-09"])
    frame = pd.DataFrame({"day": [*days, *days], "v": range(6)})
    counts = drawn(frame, "area", x="day", bucket="month")
    assert [(row[0], row[1]) for row in counts.rows] == [
        ("1969-01-01", 4), ("1969-02-01", 0), ("1969-03-01", 0), ("1969-04-01", 2),
    ]  # fmt: skip
    means = drawn(frame, "line", x="day", y="v", aggregation="mean", bucket="month")
    assert [row[0] for row in means.rows] == ["1969-01-01", "1969-04-01"]


STACKED = {"x": "city", "y": "price", "aggregation": "mean", "colour": "happy", "layout": "stacked"}
SHARES = {"x": "happy", "y": "change", "aggregation": "sum", "colour": "city", "layout": "share"}
CHANGE = {"x": "city", "y": "change", "aggregation": "sum"}
MEAN = {"x": "city", "y": "price", "aggregation": "mean"}


@pytest.mark.parametrize(
    ("kind", "choices", "sentence"),
    [
        ("bar", STACKED, "The mean of parts does not add up to that of the whole, so it cannot be stacked."),
        ("bar", SHARES, "Some sums of “change” are below zero, so they cannot be stacked."),
        ("pareto", CHANGE, "Some sums of “change” are below zero"),
        ("pareto", MEAN, "Choose the number of rows or the sum."),
        (
            "line",
            {"x": "day", "bucket": "minute"},
            "Choose a longer unit of time, or fewer rows by a filter.",
        ),
        ("bar", {"x": "city", "top": 101}, "The number of categories must be from 1 to 100"),
    ],
)
def test_what_would_mislead_is_refused_in_words(table, drawn, kind, choices, sentence):
    with pytest.raises(EngineError) as refused:
        drawn(table, kind, **choices)
    assert sentence in str(refused.value)


def test_pareto_says_which_categories_make_most_of_the_whole(drawn):
    frame = pd.DataFrame({"g": ["a"] * 60 + ["b"] * 25 + ["c"] * 10 + ["d"] * 5})
    drawing = drawn(frame, "pareto", x="g")
    assert drawing.rows == (("a", 60, 60, 60), ("b", 25, 25, 85), ("c", 10, 10, 95), ("d", 5, 5, 100))
    assert drawing.description.endswith("2 categories of 4 make up 85 %: “a”, “b”.")  # said once on the page
    figure = to_figure(drawing)
    assert [axis["max"] for axis in figure["yAxis"]] == [100, 100]


def test_thousand_categories_keep_the_largest_by_value(drawn):
    random = np.random.default_rng(3)
    frame = pd.DataFrame({"g": random.integers(0, 1000, 5000).astype(str), "v": random.normal(9, 1, 5000)})
    drawing = drawn(frame, "bar", x="g", y="v", aggregation="sum", order="-value", top=10)
    expected = frame.groupby("g")["v"].sum().sort_values(ascending=False)
    assert list(drawing.places[:10]) == expected.index[:10].tolist()
    assert drawing.rows[10][1] == pytest.approx(expected.iloc[10:].sum())
    assert drawing.places[10] == f"other ({len(expected) - 10} values)"


def test_rows_without_a_logarithm_are_left_out_and_counted(drawn):
    frame = pd.DataFrame({"x": [0.0, -1.0, 1.0, 10.0, 1000.0, np.inf, np.nan]})
    drawing = drawn(frame, "histogram", x="x", log_x=True)
    assert (drawing.n_shown, drawing.n_missing) == (3, 4)
    sentence = "4 rows left out: 1 without “x”, 1 with an infinite “x”, 2 with “x” at or below zero."
    assert sentence in drawing.notes
    figure = to_figure(drawing)
    assert figure["xAxis"]["type"] == "log"
    ratios = [high / low for low, high, _ in drawing.series[0].values]
    assert ratios == pytest.approx([ratios[0]] * len(ratios), rel=1e-6)


@pytest.mark.parametrize("values", [[5e-324, 1.7e308], [3.0], [1.0, 1.0000000001], [1e300, 1e301] * 9])
def test_log_bins_of_extreme_numbers_lose_no_row(drawn, values):
    (series,) = drawn(pd.DataFrame({"x": values}), "histogram", x="x", log_x=True).series
    edges = [series.values[0][0], *(high for _, high, _ in series.values)]
    assert sum(n for *_, n in series.values) == len(values)
    assert [n for *_, n in series.values] == np.histogram(values, edges)[0].tolist()


@pytest.mark.parametrize("kind", ["bar", "line", "area", "histogram", "box", "pareto"])
def test_filters_reach_every_number(table, drawn, kind):
    choices = {"bar": {"x": "city"}, "line": {"x": "whole"}, "area": {"x": "whole"}, "pareto": {"x": "city"},
               "histogram": {"x": "price"}, "box": {"x": "happy", "y": "price"}}[kind]  # fmt: skip
    drawing = drawn(table, kind, [Filter("whole", "at-least", 1)], **choices)
    kept = table[table["whole"] >= 1]
    assert drawing.n_rows == len(kept)
    used = kept.replace([np.inf], np.nan).dropna(subset=list(choices.values()))
    assert drawing.n_shown == len(used)
    empty = drawn(table, kind, [Filter("whole", "at-least", 99)], **choices)
    assert (empty.n_rows, empty.series, empty.notes) == (0, (), ("No row passes the filters.",))


def test_an_other_that_would_hide_the_bars_is_told_and_not_drawn(drawn):
    frame = pd.DataFrame({"g": [str(place) for place in range(500)] + ["a"] * 3 + ["b"] * 2})
    drawing = drawn(frame, "bar", x="g", top=2)
    assert not drawing.is_other_drawn
    assert drawing.rows[2][:2] == ("other (500 values)", 500)
    assert (
        "The 500 other groups of “g” stand in the table only: together they have 500 rows, and would hide "
        "the bars." in drawing.notes
    )
    figure = to_figure(drawing)
    assert len(figure["xAxis"]["data"]) == 2
    assert figure["series"][0]["data"][2] is None
    assert drawn(frame[-6:], "bar", x="g", top=2).is_other_drawn
