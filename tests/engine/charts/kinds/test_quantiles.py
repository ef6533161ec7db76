"""Quantiles: values of rows against scipy's normal distribution, its band, and words about the tails."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from beanft.engine.charts.figures.figure import to_figure
from beanft.engine.charts.kinds.quantiles import N_POINTS, drawn_ranks
from beanft.engine.tables.queries.conditions import Filter


def table():
    rng = np.random.default_rng(9)
    n = 3000
    x = rng.normal(40, 5, n)
    x[:4] = [np.nan, np.inf, -np.inf, 40.0]
    return pd.DataFrame(
        {
            "x": x,
            "whole": rng.integers(-3, 900, n),
            "g": [*rng.choice(["a", "b", None], n - 2), "few", "few"],
            "many": [f"value {place}" for place in range(1000)] + ["last"] * (n - 1000),
            "truth": rng.random(n) < 0.5,
        }
    )


def check_code(drawing, numbers):
    assert tuple(numbers.columns) == drawing.header
    assert len(numbers) == len(drawing.rows)
    at = drawing.header.index("rank")
    for ours, row in zip(numbers.itertuples(index=False, name=None), drawing.rows, strict=True):
        assert (*ours[: at + 1], ours[-1]) == (*row[: at + 1], row[-1])
        theirs = [np.nan if value is None else value for value in row[at + 1 : -1]]
        assert ours[at + 1 : -1] == pytest.approx(theirs, rel=1e-9, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize(("x", "colour"), [("x", ""), ("x", "many"), ("whole", "g"), ("whole", "truth")])
def test_pandas_gives_the_same_numbers(drawn, pandas_numbers, x, colour):
    frame = table()
    drawing = drawn(frame, "quantiles", x=x, colour=colour)
    check_code(drawing, pandas_numbers(frame, kind="quantiles", x=x, colour=colour))
    used = frame.replace([np.inf, -np.inf], np.nan).dropna(subset=[x, *([colour] if colour else [])])
    assert drawing.n_shown == len(used) == 3000 - drawing.n_missing
    assert all(len(series.values) <= N_POINTS for series in drawing.series)


@pytest.mark.parametrize("n", [1, 2, 200, 201, 1000])
def test_values_are_sorted_rows_at_their_ranks(drawn, n):
    x = np.random.default_rng(n).normal(0, 1, n)
    drawing = drawn(pd.DataFrame({"x": x}), "quantiles", x="x")
    ranks = np.array([row[0] for row in drawing.rows])
    assert ranks.tolist() == list(drawn_ranks(n))
    assert (ranks[0], ranks[-1]) == (1, n)
    assert [row[2] for row in drawing.rows] == np.sort(x)[ranks - 1].tolist()
    np.testing.assert_allclose([row[1] for row in drawing.rows], stats.norm.ppf((ranks - 0.5) / n))


def test_line_and_band(drawn):
    x = np.random.default_rng(2).normal(10, 2, 50)
    drawing = drawn(pd.DataFrame({"x": x}), "quantiles", x="x")
    q1, q3 = np.quantile(x, [0.25, 0.75])
    sd, middle = (q3 - q1) / (2 * stats.norm.ppf(0.75)), (q1 + q3) / 2
    for (_, _, line, low, high), rank in zip([row[1:6] for row in drawing.rows], range(1, 51), strict=True):
        shares = stats.beta.ppf([0.025, 0.975], rank, 51 - rank)
        expected = [middle + sd * stats.norm.ppf((rank - 0.5) / 50), *(middle + sd * stats.norm.ppf(shares))]
        assert [line, low, high] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (stats.norm.ppf((np.arange(2000) + 0.5) / 2000), "both tails are like those"),
        (stats.t.ppf((np.arange(2000) + 0.5) / 2000, 2), "both tails are heavier"),
        (stats.uniform.ppf((np.arange(2000) + 0.5) / 2000), "both tails are lighter"),
        (stats.expon.ppf((np.arange(2000) + 0.5) / 2000), "skewed to the right"),
        (-stats.expon.ppf((np.arange(2000) + 0.5) / 2000), "skewed to the left"),
        ([3.0] * 50 + [4.0], "at least half of the values are equal"),
        ([1.0, 2.0], "too few to tell"),
    ],
)
def test_tails_in_words(drawn, values, words):
    assert words in drawn(pd.DataFrame({"x": values}), "quantiles", x="x").description


@pytest.mark.parametrize(
    "values", [[5.0], [3.0] * 9, [1.0, 2.0], [-1e308, 1e308] * 5, [2**62, 2**62 + 8] * 9]
)
def test_hard_numbers(drawn, values):
    drawing = drawn(pd.DataFrame({"x": values}), "quantiles", x="x")
    assert drawing.n_shown == len(values)
    json.dumps(to_figure(drawing), allow_nan=False)


def test_nothing_to_draw(drawn):
    frame = pd.DataFrame({"x": [1.0, np.inf]})
    assert drawn(frame, "quantiles", x="x", filters=[Filter("x", "more-than", "9")]).series == ()


def test_hostile_names(drawn, pandas_numbers):
    names = {"x": "__import__('os')[x]{y}" + "n" * 10_000, "g": "<script>\"'; drop table used; --"}
    frame = table().rename(columns=names)
    drawing = drawn(frame, "quantiles", x=names["x"], colour=names["g"])
    check_code(drawing, pandas_numbers(frame, kind="quantiles", x=names["x"], colour=names["g"]))
    assert len(json.dumps(to_figure(drawing))) < 300_000
