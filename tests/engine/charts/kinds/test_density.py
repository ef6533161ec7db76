"""Densities: all rows counted, area 1, the shape that scipy finds, and the numbers of the lines of pandas."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from beanft.engine.charts.figures.figure import to_figure
from beanft.engine.tables.queries.conditions import Filter

HOSTILE = ('"; drop table used; --', "__import__('os')", "<script>alert(1)</script>[x]{y}", "n" * 10_000)


def table():
    rng = np.random.default_rng(3)
    n = 1500
    x = rng.normal(40, 5, n)
    x[:9] = [np.nan, np.nan, np.inf, -np.inf, 1e12, -1e12, 40, 40, 40]
    return pd.DataFrame(
        {
            "x": x,
            "positive": np.where(rng.random(n) < 0.02, -1.0, rng.lognormal(3, 1, n)),
            "whole": rng.integers(-3, 9, n),
            "wide": rng.integers(0, 5000, n),
            "g": rng.choice(["a", "b", None], n),
            "many": [f"value {place}" for place in range(1000)] + ["last"] * 500,
            "truth": rng.random(n) < 0.5,
            "half": rng.choice([1.5, 2.0, np.inf], n),
            "day": pd.Timestamp("1969-12-20") + pd.to_timedelta(rng.integers(0, 20, n), unit="D"),
        }
    )


def check_code(drawing, numbers):
    assert tuple(numbers.columns) == drawing.header
    expected = pd.DataFrame(drawing.rows)
    assert len(expected) == len(numbers)
    for place in range(expected.shape[1]):
        ours = numbers.iloc[:, place]
        np.testing.assert_allclose(expected[place].astype(float), ours.astype(float), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize(
    ("x", "colour"),
    [
        ("x", ""),
        ("x", "g"),
        ("x", "day"),
        ("whole", "many"),
        ("whole", "half"),
        ("wide", ""),
        ("wide", "truth"),
        ("positive", ""),
        ("positive", "many"),
    ],
)
def test_areas_are_one_and_pandas_gives_the_same(drawn, pandas_numbers, x, colour):
    frame = table()
    chart = {"x": x, "colour": colour, "log_x": x == "positive"}
    drawing = drawn(frame, "density", **chart)
    check_code(drawing, pandas_numbers(frame, kind="density", **chart))
    used = frame.replace([np.inf, -np.inf], np.nan).dropna(subset=[x, *([colour] if colour else [])])
    used = used[used[x] > 0] if x == "positive" else used
    assert drawing.n_missing == 1500 - len(used)
    assert sum(series.values[0][2] for series in drawing.series) == drawing.n_shown
    assert len(used) - drawing.n_shown == (2 if x == "x" and not colour else len(used) - drawing.n_shown)
    for series in drawing.series:
        places = np.array([mark[0] for mark in series.values])
        places = np.log10(places) if x == "positive" else places
        step = (places[-1] - places[0]) / (len(places) - 1)
        assert sum(mark[1] for mark in series.values) * step == pytest.approx(1, abs=1e-6)
        assert len(series.values) <= 200


def test_extreme_rows_are_counted_not_drawn(drawn):
    drawing = drawn(table(), "density", x="x")
    assert drawing.n_shown == 1500 - 4 - 2
    assert any(note.startswith("2 rows with “x” below ") for note in drawing.notes)
    assert "4 rows left out: 2 without “x”, 2 with an infinite “x”." in drawing.notes
    places = [mark[0] for mark in drawing.series[0].values]
    assert 15 < places[0] < places[-1] < 65


def test_the_shape_is_that_of_scipy(drawn):
    x = np.random.default_rng(1).normal(0, 1, 4000)
    (series,) = drawn(pd.DataFrame({"x": x}), "density", x="x").series
    iqr = np.subtract(*np.quantile(x, [0.75, 0.25]))
    width = 0.9 * min(x.std(ddof=1), iqr / 1.34) * len(x) ** -0.2
    exact = stats.gaussian_kde(x, width / x.std(ddof=1))
    inner = [mark for mark in series.values if abs(mark[0]) < 2.5]
    heights = exact([mark[0] for mark in inner])
    np.testing.assert_allclose([mark[1] for mark in inner], heights, atol=0.004)


def test_nothing_is_claimed_beyond_the_rows(drawn):
    x = np.random.default_rng(1).uniform(0, 1, 3000)
    (series,) = drawn(pd.DataFrame({"x": x}), "density", x="x").series
    inside = [mark[1] for mark in series.values if 0.02 < mark[0] < 0.98]
    assert 0.7 < min(inside) <= max(inside) < 1.3
    assert series.values[0][0] > -0.01
    assert series.values[-1][0] < 1.01


@pytest.mark.parametrize(
    "values",
    [
        [5.0],
        [5],
        [3.0] * 9,
        [1.0, 2.0],
        [-1e308, 1e308],
        [1e300, 1e300],
        [1e16, 1e16 + 2, 1e16 + 4],
        [5e-324, 1e-323],
        [0.0] * 500 + [1.0],
        [2**62, 2**62 + 1],
    ],
)
def test_hard_numbers(drawn, pandas_numbers, values):
    frame = pd.DataFrame({"x": values})
    drawing = drawn(frame, "density", x="x")
    check_code(drawing, pandas_numbers(frame, kind="density", x="x"))
    (series,) = drawing.series
    assert drawing.n_shown == len(values)
    assert all(mark[1] >= 0 and np.isfinite(mark[0]) for mark in series.values)
    assert max(mark[1] for mark in series.values) > 0
    json.dumps(to_figure(drawing), allow_nan=False)


def test_equal_values_and_few_rows_are_said(drawn):
    frame = pd.DataFrame({"x": [1.0, 2, 3, 4, 5, 6, 7, 7, 7, 7, 7, 7], "g": ["a"] * 6 + ["b"] * 6})
    drawing = drawn(frame, "density", x="x", colour="g")
    assert any("The values of “b” are all equal" in note for note in drawing.notes)
    few = drawn(frame.iloc[:4], "density", x="x", colour="g")
    assert "Fewer than 5 rows, so drawn dashed and of little worth: a." in few.notes
    assert to_figure(few)["series"][0]["lineStyle"]["type"] == "dashed"


def test_nothing_to_draw(drawn):
    assert drawn(pd.DataFrame({"x": [np.nan, np.inf]}), "density", x="x").series == ()
    frame = pd.DataFrame({"x": [1.0, 2.0]})
    assert drawn(frame, "density", x="x", filters=[Filter("x", "more-than", "9")]).series == ()


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names(drawn, pandas_numbers, name):
    frame = table().rename(columns={"x": name, "g": name + "g"})
    chart = {"x": name, "colour": name + "g"}
    drawing = drawn(frame, "density", **chart)
    check_code(drawing, pandas_numbers(frame, kind="density", **chart))
    assert len(json.dumps(to_figure(drawing))) < 300_000
