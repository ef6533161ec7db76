"""What charts draw is what pandas computes on the same rows."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from beanft.engine.charts.chart import Chart, default_chart
from beanft.engine.charts.draw import _KINDS, draw
from beanft.engine.charts.figures.figure import to_figure
from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.queries.conditions import Filter
from engine.charts.conftest import profile_of, write

CHOICES = {
    "histogram": {"x": "x"},
    "bar": {"x": "g", "y": "x", "aggregation": "mean"},
    "line": {"x": "x", "y": "y", "aggregation": "mean"},
    "area": {"x": "x", "y": "y", "aggregation": "sum"},
    "scatter": {"x": "x", "y": "y", "colour": "g"},
    "box": {"x": "g", "y": "x"},
    "pareto": {"x": "g"},
}
DRAWN = tuple(kind for kind in CHOICES if kind in _KINDS)

HOSTILE = 'a"; DROP TABLE used; --'


@pytest.fixture
def table() -> pd.DataFrame:
    """400 rows with missing values, infinities, many and few categories, and dates before 1970."""
    random = np.random.default_rng(7)
    n = 400
    frame = pd.DataFrame(
        {
            "length": random.normal(40, 5, n).round(1),
            "weight": random.lognormal(3, 1, n),
            "whole": random.integers(-3, 9, n),
            "species": random.choice(["Adelie", "Gentoo", "Chinstrap"], n, p=[0.6, 0.3, 0.1]),
            "city": random.choice([f"city {place}" for place in range(80)], n),
            "happy": random.choice([True, False], n),
            "day": pd.Timestamp("1969-11-20") + pd.to_timedelta(random.integers(0, 90, n), unit="D"),
        }
    )
    frame.loc[random.choice(n, 20, replace=False), "length"] = np.nan
    frame.loc[random.choice(n, 5, replace=False), "weight"] = np.inf
    frame.loc[random.choice(n, 5, replace=False), "weight"] = -np.inf
    frame.loc[random.choice(n, 15, replace=False), "species"] = None
    return frame


def finite(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    return frame.replace([np.inf, -np.inf], np.nan).dropna(subset=list(names))


# Histogram


@pytest.mark.parametrize("bins", [0, 7, 60])
@pytest.mark.parametrize("x", ["length", "weight", "whole"])
def test_histogram_counts_as_numpy_does(table, drawn, x, bins):
    drawing = drawn(table, "histogram", x=x, bins=bins)
    used = finite(table, x)[x]
    (series,) = drawing.series
    edges = [series.values[0][0], *(high for _, high, _ in series.values)]
    assert [n for _, _, n in series.values] == np.histogram(used, edges)[0].tolist()
    assert (drawing.n_rows, drawing.n_missing, drawing.n_shown) == (400, 400 - len(used), len(used))


def test_histogram_colours_add_up_to_all_rows(table, drawn):
    drawing = drawn(table, "histogram", x="length", colour="species")
    used = finite(table, "length", "species")
    for series in drawing.series:
        expected = used.loc[used["species"] == series.name, "length"]
        edges = [series.values[0][0], *(high for _, high, _ in series.values)]
        assert [n for _, _, n in series.values] == np.histogram(expected, edges)[0].tolist()
    assert sum(n for series in drawing.series for _, _, n in series.values) == len(used)


@pytest.mark.parametrize(
    "values",
    [
        [5.0],
        [0.1, 0.2, 0.3, 0.3, 0.7],
        [-1e308, 1e308],
        [1e16, 1e16 + 2, 1e16 + 4],
        [5e-324, 1e-323],
        [1e300, 1e300],
        [-3.0, -3.0],
        [0.0, 1e-12, 1.0],
        [1e-310, 2e-310],
    ],
)
def test_histogram_of_extreme_numbers_loses_no_row(drawn, values):
    (series,) = drawn(pd.DataFrame({"x": values}), "histogram", x="x").series
    edges = [series.values[0][0], *(high for _, high, _ in series.values)]
    assert all(low < high for low, high in itertools.pairwise(edges))
    assert edges[0] <= min(values) <= max(values) <= edges[-1]
    assert sum(n for _, _, n in series.values) == len(values)


def test_histogram_of_few_whole_numbers_has_one_bin_a_number(table, drawn):
    (series,) = drawn(table, "histogram", x="whole").series
    assert [(low + high) / 2 for low, high, _ in series.values] == list(range(-3, 9))
    assert [n for *_, n in series.values] == table["whole"].value_counts().sort_index().tolist()


# Bars


def test_bars_count_the_rows_of_each_category(table, drawn):
    drawing = drawn(table, "bar", x="species")
    expected = table["species"].value_counts()
    assert (
        dict(zip(drawing.places, (mark[1] for mark in drawing.series[0].values), strict=True))
        == expected.to_dict()
    )
    assert drawing.places[0] == expected.index[0]
    assert drawing.n_missing == 15
    assert "15 rows left out: 15 without “species”." in drawing.notes


@pytest.mark.parametrize("aggregation", ["mean", "median", "sum", "min", "max"])
def test_bars_aggregate_as_pandas_does(table, drawn, aggregation):
    drawing = drawn(table, "bar", x="species", y="weight", colour="happy", aggregation=aggregation)
    expected = (
        finite(table, "species", "weight").groupby(["species", "happy"])["weight"].agg([aggregation, "count"])
    )
    found = {
        (drawing.places[mark[0]], series.name == "true"): (mark[1], mark[4])
        for series in drawing.series
        for mark in series.values
    }
    assert found.keys() == set(expected.index)
    for key, (value, n) in found.items():
        assert value == pytest.approx(expected.loc[key, aggregation])
        assert n == expected.loc[key, "count"]


def test_means_carry_the_interval_of_student(table, drawn):
    drawing = drawn(table, "bar", x="species", y="length", aggregation="mean")
    for place, _, low, high, _ in drawing.series[0].values:
        used = finite(table, "length")
        values = used.loc[used["species"] == drawing.places[place], "length"]
        expected = stats.t.interval(0.95, len(values) - 1, values.mean(), stats.sem(values))
        assert (low, high) == pytest.approx(expected)
    assert any("95 % interval" in note for note in drawing.notes)


def test_the_smallest_of_many_categories_become_other(table, drawn):
    drawing = drawn(table, "bar", x="city", y="length", aggregation="mean")
    used = finite(table, "length", "city")
    largest = used["city"].value_counts()
    alone = set(drawing.places[:-1])
    assert len(drawing.places) == 30
    assert drawing.places[-1] == f"other ({len(largest) - 29} values)"
    assert largest[list(alone)].min() >= largest.drop(list(alone)).max()
    place, value, *_, n = drawing.series[0].values[-1]
    assert (place, n) == (29, (~used["city"].isin(alone)).sum())
    assert value == pytest.approx(used.loc[~used["city"].isin(alone), "length"].mean())


def test_never_more_than_six_colours(table, drawn):
    for kind, choices in {
        "bar": {"x": "happy"},
        "histogram": {"x": "length"},
        "line": {"x": "day"},
        "scatter": {"x": "length", "y": "weight"},
        "box": {"y": "length"},
    }.items():
        drawing = drawn(table, kind, colour="city", **choices)
        assert len(drawing.series) == 6
        assert drawing.series[-1].name.startswith("other (")


def test_small_groups_are_marked(drawn):
    frame = pd.DataFrame({"g": ["a"] * 5 + ["b"] * 4 + ["c"], "v": range(10)})
    drawing = drawn(frame, "bar", x="g", y="v", aggregation="mean")
    assert [row[-1] for row in drawing.rows] == ["", "few rows", "few rows"]
    assert drawing.series[0].values[2] == (2, 9.0, None, None, 1)
    assert any(note.startswith("2 groups have fewer than 5 rows") for note in drawing.notes)
    bars = to_figure(drawing)["series"][0]["data"]
    assert [bar["itemStyle"]["opacity"] if isinstance(bar, dict) else 1 for bar in bars] == [1, 0.45, 0.45]


def test_numbers_as_categories_keep_their_order(table, drawn):
    drawing = drawn(table.assign(whole=table["whole"] * 1.5), "bar", x="whole")
    assert [float(label) for label in drawing.places] == [place * 1.5 for place in range(-3, 9)]
    assert "0" in drawing.places


# Lines


@pytest.mark.parametrize(("n", "unit"), [(400, "week"), (8000, "day")])
def test_line_over_dates_equals_groupby(table, drawn, n, unit):
    many = table.sample(n, replace=n > len(table), random_state=8)
    drawing = drawn(many, "line", x="day", y="length", aggregation="mean", colour="species")
    used = finite(many, "length", "species")
    begin = used["day"] if unit == "day" else used["day"].dt.to_period("W-SUN").dt.start_time
    assert drawing.title == f"Mean of length over day by {unit}, by species"
    for series in drawing.series:
        one = used["species"] == series.name
        expected = used[one].groupby(begin[one])["length"].mean()
        assert [mark[0] for mark in series.values] == [day.timestamp() * 1000 for day in expected.index]
        assert [mark[1] for mark in series.values] == pytest.approx(expected.tolist())
    assert drawing.rows[0][0].startswith("1969-11-")


def test_line_counts_empty_months_as_zero_and_says_the_unit(drawn):
    days = pd.to_datetime(["1901-01-03", "1901-01-20", "1901-06-30", "1910-12-31"])
    drawing = drawn(pd.DataFrame({"day": days}), "line", x="day")
    assert drawing.title == "Rows over day by year"
    expected = pd.Series(1, index=days).resample("YS").sum()
    assert [(row[0], row[1]) for row in drawing.rows] == [
        (str(year.date()), n) for year, n in expected.items()
    ]


def test_line_over_long_spans_stays_below_500_points(drawn):
    days = pd.date_range("1700-01-01", "2020-01-01", freq="5D")
    drawing = drawn(
        pd.DataFrame({"day": days, "v": range(len(days))}), "line", x="day", y="v", aggregation="median"
    )
    expected = pd.Series(range(len(days)), index=days).resample("YS").median()
    assert [mark[1] for mark in drawing.series[0].values] == expected.tolist()


def test_line_over_weeks_begins_on_mondays(drawn):
    days = pd.date_range("1965-03-03", periods=1500, freq="D")
    drawing = drawn(pd.DataFrame({"day": days}), "line", x="day")
    expected = pd.Series(1, index=days).resample("W-MON", label="left", closed="left").sum()
    assert {row[0]: row[1] for row in drawing.rows} == {str(day.date()): n for day, n in expected.items()}


def test_line_over_numbers_equals_groupby(table, drawn):
    drawing = drawn(table, "line", x="whole", y="weight", aggregation="sum")
    expected = finite(table, "weight").groupby("whole")["weight"].sum()
    assert [mark[0] for mark in drawing.series[0].values] == expected.index.tolist()
    assert [mark[1] for mark in drawing.series[0].values] == pytest.approx(expected.tolist())


def test_line_over_very_many_numbers_is_binned(drawn):
    random = np.random.default_rng(1)
    frame = pd.DataFrame({"x": random.normal(size=3000), "y": random.normal(size=3000)})
    drawing = drawn(frame, "line", x="x", y="y", aggregation="max")
    assert sum(mark[4] for mark in drawing.series[0].values) == 3000
    assert len(drawing.series[0].values) <= 102
    assert max(mark[1] for mark in drawing.series[0].values) == frame["y"].max()


# Rows stay together: the old Bean Forecast Tool sorted x and y apart


def test_scatter_points_are_rows_of_the_table(table, drawn):
    shuffled = table.sample(frac=1, random_state=3)
    drawing = drawn(shuffled, "scatter", x="length", y="weight", colour="species")
    used = finite(shuffled, "length", "weight", "species")
    found = {(*point, series.name) for series in drawing.series for point in series.values}
    assert found == set(used[["length", "weight", "species"]].itertuples(index=False, name=None))
    for row, x, y, colour in drawing.rows:
        assert tuple(shuffled.iloc[row - 1][["length", "weight", "species"]]) == (x, y, colour)


def test_sampled_points_are_rows_and_the_same_every_time(drawn):
    random = np.random.default_rng(2)
    frame = pd.DataFrame({"x": random.normal(size=20_000)})
    frame["y"] = frame["x"] ** 3
    first, second = (drawn(frame, "scatter", x="x", y="y") for _ in range(2))
    assert first == second
    assert (first.n_shown, first.n_rows, first.n_missing) == (5000, 20_000, 0)
    assert set(first.series[0].values) <= set(frame.itertuples(index=False, name=None))
    assert first.notes[0] == "An even sample of 5,000 of 20,000 rows is drawn, the same every time."
    assert np.mean([x for x, _ in first.series[0].values]) == pytest.approx(0, abs=0.05)


def test_single_rows_of_a_line_keep_x_and_y_together(drawn):
    random = np.random.default_rng(4)
    frame = pd.DataFrame({"x": random.permutation(200) / 7, "y": random.normal(size=200)})
    drawing = drawn(frame, "line", x="x", y="y", aggregation="mean")
    points = [mark[:2] for mark in drawing.series[0].values]
    assert points == list(frame.sort_values("x").itertuples(index=False, name=None))
    assert drawing.notes[0] == "Each point is one row."


def test_scatter_coloured_by_a_number_keeps_three_together(drawn):
    random = np.random.default_rng(5)
    frame = pd.DataFrame(random.normal(size=(100, 3)), columns=["x", "y", "z"])
    drawing = drawn(frame, "scatter", x="x", y="y", colour="z")
    assert set(drawing.series[0].values) == set(frame.itertuples(index=False, name=None))
    assert drawing.colour_range == (frame["z"].min(), frame["z"].max())
    assert to_figure(drawing)["visualMap"]["dimension"] == 2


def test_correlation_has_its_interval(drawn):
    random = np.random.default_rng(6)
    frame = pd.DataFrame(random.normal(size=(50, 2)), columns=["x", "y"])
    expected = stats.pearsonr(frame["x"], frame["y"])
    low, high = expected.confidence_interval()
    words = f"{expected.statistic:.2f} (95 % interval {low:.2f} to {high:.2f})"
    assert drawn(frame, "scatter", x="x", y="y").notes == (f"Linear correlation of 50 rows: {words}.",)


# Boxes


def test_boxes_equal_the_quartiles_of_pandas(table, drawn):
    drawing = drawn(table, "box", x="species", y="weight")
    used = finite(table, "weight", "species")
    assert len(drawing.series[0].values) == used["species"].nunique()
    for place, low, q1, median, q3, high, n in drawing.series[0].values:
        values = used.loc[used["species"] == drawing.places[place], "weight"]
        assert (q1, median, q3) == pytest.approx(values.quantile([0.25, 0.5, 0.75]).tolist())
        inside = values[values.between(q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1))]
        assert (low, high, n) == (inside.min(), inside.max(), len(values))
        outliers = sorted(y for at, y in drawing.series[0].outliers if at == place)
        assert outliers == sorted(values.drop(inside.index))


def test_box_without_a_category_is_one_box(table, drawn):
    drawing = drawn(table, "box", y="length")
    assert drawing.places == ("all rows",)
    assert drawing.series[0].values[0][3] == table["length"].median()


def test_only_the_furthest_of_many_outliers_are_drawn(drawn):
    values = [0.0, 1.0] * 5000 + [float(place) for place in range(100, 1600)]
    drawing = drawn(pd.DataFrame({"y": values}), "box", y="y")
    assert sorted(y for _, y in drawing.series[0].outliers) == [float(place) for place in range(600, 1600)]
    assert "Of 1,500 rows beyond the whiskers the 1,000 furthest are drawn as points." in drawing.notes


# Odd tables


@pytest.mark.parametrize("kind", DRAWN)
def test_one_row_is_drawn(drawn, kind):
    drawing = drawn(pd.DataFrame({"x": [1.5], "y": [2.5], "g": ["only"]}), kind, **CHOICES[kind])
    assert (drawing.n_rows, drawing.n_shown) == (1, 1)
    assert len(drawing.rows) >= 1
    assert json.dumps(to_figure(drawing), allow_nan=False)


@pytest.mark.parametrize("kind", DRAWN)
def test_all_missing_is_an_empty_drawing_that_says_why(drawn, kind):
    frame = pd.DataFrame({"x": [np.nan] * 3, "y": [1.0, 2.0, 3.0], "g": ["a", "b", "c"]})
    choices = {"x": "g", "y": "x", "aggregation": "sum"} if kind == "pareto" else CHOICES[kind]
    drawing = drawn(frame, kind, **choices)
    assert (drawing.series, drawing.n_missing) == ((), 3)
    assert drawing.notes == ("3 rows left out: 3 without “x”.",)
    assert json.dumps(to_figure(drawing), allow_nan=False)


def test_infinite_numbers_are_left_out_and_said(drawn):
    frame = pd.DataFrame({"x": [1.0, np.inf, -np.inf, np.nan, 2.0]})
    drawing = drawn(frame, "histogram", x="x")
    assert (drawing.n_missing, drawing.n_shown) == (3, 2)
    assert "3 rows left out: 1 without “x”, 2 with an infinite “x”." in drawing.notes


@pytest.mark.parametrize("kind", DRAWN)
def test_huge_numbers_give_json_without_infinities(drawn, kind):
    frame = pd.DataFrame({"x": [1e308, -1e308, 1.7e308] * 3, "y": [1e308] * 9, "g": ["a", "a", "b"] * 3})
    drawing = drawn(frame, kind, **CHOICES[kind])
    assert json.dumps(to_figure(drawing), allow_nan=False)


@pytest.mark.parametrize("kind", DRAWN)
def test_hostile_names_are_only_names(drawn, kind):
    names = {"x": HOSTILE, "y": "x'; --", "g": "row"}
    frame = pd.DataFrame({"x": np.arange(20) / 3, "y": np.arange(20) / 7, "g": ["a'; DROP", 'b"'] * 10})
    choices = {key: names.get(value, value) for key, value in CHOICES[kind].items()}
    hostile = drawn(frame.rename(columns=names), kind, **choices)
    plain = drawn(frame, kind, **CHOICES[kind])
    assert [series.values for series in hostile.series] == [series.values for series in plain.series]


def test_the_same_column_may_be_used_twice(table, drawn):
    drawing = drawn(table, "bar", x="species", colour="species")
    assert sum(mark[4] for series in drawing.series for mark in series.values) == 385


def test_filters_bind_their_values(table, drawn):
    drawing = drawn(table, "bar", [Filter("species", "equals", "x' OR 'a'='a")], x="happy")
    assert (drawing.n_rows, drawing.series) == (0, ())
    assert drawing.notes == ("No row passes the filters.",)
    kept = drawn(table, "scatter", [Filter("whole", "at-least", 3)], x="whole", y="length")
    assert kept.n_rows == (table["whole"] >= 3).sum()
    assert len(kept.rows) > 9
    assert all(table.iloc[row - 1]["whole"] == x for row, x, _ in kept.rows)


def test_a_category_called_other_stays_apart(drawn):
    groups = ["other (2 values)"] * 9 + [f"g{place}" for place in range(6)] * 3
    frame = pd.DataFrame({"g": groups, "v": 1.0})
    drawing = drawn(frame, "histogram", x="v", colour="g")
    assert len({series.name for series in drawing.series}) == 6


def test_damaged_files_are_named_not_read(tmp_path, table):
    path = tmp_path / "table.parquet"
    path.write_bytes(b"PAR1 but no table")
    profile = Profile(
        n_rows=1, columns=(Column(name="x", kind="number", stored="DOUBLE", n_missing=0, n_distinct=1),)
    )
    with pytest.raises(EngineError, match="stored table is lost or damaged"):
        draw(path, profile, Chart(kind="histogram", x="x"))
    with pytest.raises(EngineError, match="stored table is lost or damaged"):
        draw(tmp_path / "none.parquet", profile, Chart(kind="histogram", x="x"))


# What each kind needs


@pytest.mark.parametrize(
    ("kind", "choices", "sentence"),
    [
        ("pie", {"x": "length"}, "There is no chart “pie”. Choose one of: histogram, density, bar, line,"),
        ("bar", {"x": "none"}, "There is no column “none”. Choose one of the list."),
        (
            "bar",
            {},
            "A bar chart needs a column along the horizontal axis. Choose one for “x (horizontal axis)”.",
        ),
        ("bar", {"x": "species", "aggregation": "mode"}, "There is no “mode” of a group."),
        (
            "histogram",
            {"x": "species"},
            "A histogram needs numbers for “x (horizontal axis)”, but “species” holds",
        ),
        ("histogram", {"x": "day"}, "Choose a number, or a line chart."),
        ("bar", {"x": "species", "aggregation": "mean"}, "needs a column of numbers to measure."),
        ("bar", {"x": "species", "y": "city", "aggregation": "sum"}, "but “city” holds categories."),
        ("bar", {"x": "weight"}, "different ones. Choose a histogram for it."),
        ("bar", {"x": "day"}, "90 different ones. Choose a line chart for it."),
        ("line", {"x": "species"}, "A line chart needs dates or numbers for “x (horizontal axis)”"),
        ("scatter", {"x": "length", "y": "happy"}, "but “happy” holds true and false. Choose a number."),
        ("scatter", {"x": "city", "y": "length"}, "Choose a number, or a box chart."),
        ("box", {"x": "species"}, "A box chart needs a column of numbers along the vertical axis."),
        (
            "box",
            {"y": "length", "colour": "weight"},
            "A box chart needs categories for “Colour”, but “weight” holds",
        ),
    ],
)
def test_wrong_columns_are_refused_in_words(table, drawn, kind, choices, sentence):
    table.loc[:89, "day"] = pd.date_range("1969-11-20", periods=90)
    with pytest.raises(EngineError) as refused:
        drawn(table, kind, **choices)
    assert sentence in str(refused.value)


def column(name: str, kind: str, stored: str, n_distinct: int = 5) -> Column:
    return Column(name=name, kind=kind, stored=stored, n_missing=0, n_distinct=n_distinct)


@pytest.mark.parametrize(
    ("columns", "chart"),
    [
        (
            [column("c", "category", "VARCHAR"), column("n", "number", "DOUBLE")],
            Chart(kind="histogram", x="n"),
        ),
        ([column("d", "date", "DATE"), column("b", "boolean", "BOOLEAN")], Chart(kind="bar", x="b")),
        ([column("t", "text", "VARCHAR"), column("d", "date", "DATE")], Chart(kind="line", x="d")),
        ([column("i", "identifier", "BIGINT")], Chart(kind="histogram", x="i")),
        ([column("n", "number", "DOUBLE", 0)], None),
    ],
)
def test_the_first_chart_suits_the_table(columns, chart):
    assert default_chart(Profile(n_rows=5, columns=tuple(columns))) == chart


def test_truth_is_shown_in_the_words_of_its_owner(tmp_path):
    frame = pd.DataFrame({"smoker": [True, False, True], "price": [1.0, 2.0, 3.0]})
    path = tmp_path / "table.parquet"
    write(frame, path)
    known = profile_of(frame)
    smoker = replace(known.column("smoker"), labels=("nein", "ja"))
    drawing = draw(path, replace(known, columns=(smoker, *known.columns[1:])), Chart(kind="bar", x="smoker"))
    assert drawing.places == ("nein", "ja")
    assert [row[:2] for row in drawing.rows] == [("nein", 1), ("ja", 2)]


def test_a_table_with_a_time_opens_with_a_line_and_ignored_columns_are_left_out():
    frame = pd.DataFrame({"n": [1, 2], "day": pd.to_datetime(["2024-01-01", "2024-01-02"]), "m": [0.5, 1.5]})
    known = profile_of(frame)
    assert default_chart(known.with_roles({"n": "ignore"})).x == "m"
    chart = default_chart(known.with_roles({"n": "ignore", "day": "time"}))
    assert (chart.kind, chart.x, chart.y, chart.aggregation) == ("line", "day", "m", "mean")
    alone = default_chart(known.with_roles({"n": "ignore", "m": "ignore", "day": "time"}))
    assert (alone.kind, alone.x, alone.aggregation) == ("line", "day", "count")
    assert default_chart(known.with_roles(dict.fromkeys(frame, "ignore"))) is None
