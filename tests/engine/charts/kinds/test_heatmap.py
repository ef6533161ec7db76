"""Heat maps hold what pandas computes for each pair of groups."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from beanft.engine.charts.chart import Chart
from beanft.engine.charts.draw import draw
from beanft.engine.charts.kinds.buckets import bucket_label
from beanft.engine.charts.kinds.ranges import cell_edges, inner_range
from beanft.engine.errors import EngineError
from beanft.engine.tables.queries.conditions import Filter
from engine.charts.conftest import write
from engine.charts.kinds.matrices import HOSTILE, assert_figure, assert_same, count, profile_of, run


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """600 rows with missing values, infinities, 150 categories and dates before 1970."""
    random = np.random.default_rng(3)
    n = 600
    frame = pd.DataFrame(
        {
            "length": random.normal(40, 5, n).round(1),
            "weight": random.lognormal(3, 1.5, n) - 20,
            "whole": random.integers(-50, 90, n),
            "few": random.integers(0, 5, n),
            "half": random.integers(0, 6, n) / 2,
            "species": random.choice(["Adelie", "Gentoo", "Chin; strap"], n, p=[0.6, 0.39, 0.01]),
            "city": random.choice([f"city {place}" for place in range(150)], n),
            "happy": random.choice([True, False], n),
            "moment": pd.Timestamp("1969-10-20 06:30")
            + pd.to_timedelta(random.integers(0, 9_000_000, n), unit="s"),
        }
    )
    frame.loc[random.choice(n, 40, replace=False), "length"] = np.nan
    frame.loc[random.choice(n, 30, replace=False), "weight"] = np.inf
    frame.loc[random.choice(n, 30, replace=False), "species"] = None
    return frame


@pytest.fixture(scope="module")
def path(table, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("heatmap") / "table.parquet"
    write(table, path)
    return path


CHARTS = [
    Chart(kind="heatmap", x="species", y="few"),
    Chart(kind="heatmap", x="city", y="species", z="length", aggregation="mean", top=5),
    Chart(kind="heatmap", x="length", y="weight"),
    Chart(kind="heatmap", x="weight", y="whole", z="length", aggregation="median"),
    Chart(kind="heatmap", x="moment", y="happy", z="weight", aggregation="sum"),
    Chart(kind="heatmap", x="moment", y="half", bucket="week"),
    Chart(kind="heatmap", x="moment", y="moment", bucket="day"),
    Chart(kind="heatmap", x="moment", y="few", bucket="hour"),
    Chart(kind="heatmap", x="species", y="moment", z="city", aggregation="distinct", bucket="quarter"),
    Chart(kind="heatmap", x="happy", y="half", z="weight", aggregation="sd"),
    Chart(kind="heatmap", x="city", y="city", z="whole", aggregation="max"),
]


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: f"{chart.x}-{chart.y}-{chart.aggregation}")
def test_the_lines_of_pandas_give_the_same_cells_and_links_lead_to_their_rows(table, path, chart):
    profile = profile_of(table)
    drawing = draw(path, profile, chart)
    assert_same(drawing, run(path, profile, chart))
    assert sum(row[-2] for row in drawing.rows) == drawing.n_shown
    for place in range(0, len(drawing.rows), max(1, len(drawing.rows) // 12)):
        assert count(path, profile, drawing.links[place]) == drawing.rows[place][-2]
    (series,) = drawing.series
    for place in range(0, len(series.values), max(1, len(series.values) // 8)):
        assert count(path, profile, series.filters[place]) == series.values[place][-1]
    assert_figure(drawing)


def test_cells_hold_the_mean_of_pandas_with_the_interval_of_student(table, path):
    drawing = draw(
        path, profile_of(table), Chart(kind="heatmap", x="species", y="few", z="length", aggregation="mean")
    )
    used = table.dropna(subset=["species", "length"])
    groups = {(name, str(few)): one["length"] for (name, few), one in used.groupby(["species", "few"])}
    assert {row[:2] for row in drawing.rows} == set(groups)
    for species, few, value, low, high, n, remark in drawing.rows:
        values = groups[species, few]
        assert (value, n) == (pytest.approx(values.mean()), len(values))
        assert remark == ("few rows" if n < 5 else "")
        if n > 1:
            assert (low, high) == pytest.approx(stats.t.interval(0.95, n - 1, value, stats.sem(values)))
        else:
            assert low is None
    assert drawing.n_missing == len(table) - len(used)


def test_bins_count_as_numpy_does(table, path):
    drawing = draw(path, profile_of(table), Chart(kind="heatmap", x="length", y="whole"))
    used = table.dropna(subset=["length"])
    x_edges = [*sorted({row[0] for row in drawing.rows}), max(row[1] for row in drawing.rows)]
    y_edges = [*sorted({row[2] for row in drawing.rows}), max(row[3] for row in drawing.rows)]
    expected, *_ = np.histogram2d(used["length"], used["whole"], [x_edges, y_edges])
    for x, _, y, _, n, _ in drawing.rows:
        assert n == expected[x_edges.index(x), y_edges.index(y)]


def test_far_values_do_not_squeeze_the_others_into_one_bin(tmp_path):
    frame = pd.DataFrame({"x": [*np.arange(1000.0), 1e9], "y": [*np.arange(1000) % 7, 0]})
    facts = {"x": {"quantiles": tuple(frame["x"].quantile([0.05, 0.25, 0.5, 0.75, 0.95]))}}
    path, profile = tmp_path / "t.parquet", profile_of(frame, **facts)
    write(frame, path)
    chart = Chart(kind="heatmap", x="x", y="y")
    drawing = draw(path, profile, chart)
    assert_same(drawing, run(path, profile, chart))
    assert len(drawing.places) > 10
    assert max(row[1] for row in drawing.rows) == 1e9
    assert any("The last is wider" in note for note in drawing.notes)


def test_pairs_without_rows_are_zero_for_counts_and_empty_for_means(drawn):
    frame = pd.DataFrame({"a": ["x", "y"], "b": ["u", "v"], "z": [1.0, 2.0]})
    counts = drawn(frame, "heatmap", x="a", y="b")
    assert sorted(mark[2] for mark in counts.series[0].values) == [0, 0, 1, 1]
    means = drawn(frame, "heatmap", x="a", y="b", z="z", aggregation="mean")
    assert sorted(mark[2] for mark in means.series[0].values) == [1.0, 2.0]
    assert "2 cells without any row are left empty." in means.notes


def test_colours_diverge_only_where_zero_divides_means(table, path):
    profile = profile_of(table)
    chart = Chart(kind="heatmap", x="species", y="few", z="whole", aggregation="mean")
    low, high = draw(path, profile, chart).colour_range
    assert low >= 0 or low == -high
    shifted = Chart(kind="heatmap", x="happy", y="few", z="whole", aggregation="min")
    low, high = draw(path, profile, shifted).colour_range
    assert low < high < 0
    assert assert_figure(draw(path, profile, shifted))["visualMap"]["diverging"] is False


def test_cells_of_few_rows_are_pale_and_said(drawn):
    frame = pd.DataFrame({"a": ["x"] * 6 + ["y"], "b": ["u"] * 7})
    drawing = drawn(frame, "heatmap", x="a", y="b")
    assert [row[-1] for row in drawing.rows] == ["", "few rows"]
    data = assert_figure(drawing)["series"][0]["data"]
    assert [isinstance(one, dict) for one in data] == [False, True]


def test_the_largest_categories_come_from_the_profile_where_it_knows_them(table, path):
    top = tuple(table["city"].value_counts().head(20).items())
    known = draw(path, profile_of(table, city={"top": top}), Chart(kind="heatmap", x="city", y="few", top=4))
    asked = draw(path, profile_of(table), Chart(kind="heatmap", x="city", y="few", top=4))
    assert known.places[-1] == asked.places[-1] == f"other ({table['city'].nunique() - 3} values)"
    assert [table["city"].eq(name).sum() for name in known.places[:3]] == [
        table["city"].eq(name).sum() for name in asked.places[:3]
    ]


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"x": [1.5], "y": ["a"]}),
        pd.DataFrame({"x": [-1e308, 1e308] * 20 + list(np.linspace(1, 1e300, 40)), "y": ["a"] * 80}),
        pd.DataFrame({"x": [2**62 + place for place in range(40)], "y": ["a"] * 40}),
        pd.DataFrame({"x": np.arange(40) * 5e-324, "y": ["a"] * 40}),
        pd.DataFrame({"x": ["a"] * 9, "y": [f"b{place}" for place in range(9)]}),
        pd.DataFrame({"x": pd.to_datetime(["1066-10-14", "2024-01-01"]), "y": ["a", "b"]}),
        pd.DataFrame({"x": [f"c{place}" for place in range(1000)], "y": [True, False] * 500}),
    ],
    ids=["one row", "huge", "beyond 2^53", "tiny", "one group", "centuries", "1,000 categories"],
)
def test_hard_tables_lose_no_row(frame, tmp_path):
    path, profile, chart = tmp_path / "t.parquet", profile_of(frame), Chart(kind="heatmap", x="x", y="y")
    write(frame, path)
    drawing = draw(path, profile, chart)
    assert sum(row[-2] for row in drawing.rows) == len(frame)
    assert_same(drawing, run(path, profile, chart))
    assert_figure(drawing)


def test_all_missing_or_filtered_away_draws_nothing_and_says_so(drawn, table, path):
    nothing = drawn(
        pd.DataFrame({"x": [None, None], "y": ["a", "b"]}, dtype="object"), "heatmap", x="x", y="y"
    )
    assert (nothing.series, nothing.n_missing) == ((), 2)
    chart = Chart(kind="heatmap", x="species", y="few")
    empty = draw(path, profile_of(table), chart, filters=[Filter("few", "at-least", "99")])
    assert (empty.series, empty.n_rows) == ((), 0)


def test_hostile_names_are_names(tmp_path):
    frame = pd.DataFrame({name: [f"{name}{place % 2}" for place in range(12)] for name in HOSTILE})
    path, profile = tmp_path / "t.parquet", profile_of(frame)
    write(frame, path)
    for x, y in zip(HOSTILE, HOSTILE[1:] + HOSTILE[:1], strict=True):
        chart = Chart(kind="heatmap", x=x, y=y)
        drawing = draw(path, profile, chart)
        assert_same(drawing, run(path, profile, chart))
        assert [count(path, profile, link) for link in drawing.links] == [6, 6]
        assert_figure(drawing)


def test_a_unit_that_gives_too_many_buckets_is_made_coarser_and_said(table, path):
    drawing = draw(path, profile_of(table), Chart(kind="heatmap", x="moment", y="few", bucket="hour"))
    assert len(drawing.places) <= 50
    assert any("more than 50 buckets. It is cut by week" in note for note in drawing.notes)


def test_a_mean_needs_its_column(table, path):
    with pytest.raises(EngineError, match="needs"):
        draw(path, profile_of(table), Chart(kind="heatmap", x="species", y="few", aggregation="mean"))


@pytest.mark.parametrize(
    ("low", "high", "whole"), [(0, 100, False), (-7, 93, True), (1e-9, 2e-9, False), (3, 9, True)]
)
def test_edges_are_round_and_hold_all(low, high, whole):
    edges = cell_edges(low, high, whole, 20)
    assert edges[0] <= low < high <= edges[-1]
    assert 5 <= len(edges) - 1 <= 26
    assert np.allclose(np.diff(edges), edges[1] - edges[0])


def test_the_range_follows_the_rows_that_are_left():
    assert inner_range(4.5, 1000, (1, 2, 3, 4, 5)) == (4.5, 1000)
    assert bucket_label("2024-01-01 00:00:00", "week") == "2024-01-01 (week)"
