"""The sentences of comparisons: every direction with its interval, the sure told from the unsure."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from beanft.engine.compare.columns import compare_columns
from beanft.engine.compare.versions import compare_versions
from beanft.engine.tables.wording import hundredths

N = 60


@pytest.fixture
def even() -> pd.DataFrame:
    """Two groups whose means differ by less than chance gives."""
    x = np.random.default_rng(6).normal(50, 9, N).round(3)
    x[::2] += x[1::2].mean() - x[::2].mean() - 0.5
    return pd.DataFrame({"x": x.round(3), "g": ["u", "v"] * (N // 2)})


def test_a_difference_that_may_be_none_is_told_with_its_interval(load, even):
    found = compare_columns(*load(even, g="category"), "x", "g")
    difference = found.effects[0]
    low, high = -difference.high, -difference.low
    assert difference.value < 0 < high
    assert low < 0
    assert (
        f"lower for “u” than for “v” (95 % interval {low:.4g} to {high:.4g}: it may be none" in found.verdict
    )
    assert "do not settle whether there is a difference" in found.verdict


def test_a_sure_but_tiny_difference_is_said_to_be_there(load):
    n = 40_000
    draw = np.random.default_rng(8)
    t = pd.DataFrame({"x": draw.normal(size=n).round(4), "g": ["u", "v"] * (n // 2)})
    t.loc[::2, "x"] += 0.08
    found = compare_columns(*load(t, g="category"), "x", "g")
    assert found.tests[0].p < 0.001
    assert found.verdict.endswith(
        "There is a difference, but it is too small to matter by the usual convention."
    )


def test_the_means_of_several_groups_carry_intervals_and_few_rows_are_not_the_extremes(load):
    draw = np.random.default_rng(9)
    t = pd.DataFrame({"x": draw.normal(10, 1, 63).round(3), "g": ["a", "b", "c"] * 20 + ["few"] * 3})
    t.loc[60:, "x"] = 99.5 + np.arange(3)
    found = compare_columns(*load(t, g="category"), "x", "g")
    assert "few" not in found.verdict
    assert found.verdict.count("95 % interval") == 3
    assert [one.code for one in found.tests] == ["kruskal"]


def test_a_correlation_that_may_be_none_is_told_with_its_interval(load):
    draw = np.random.default_rng(10)
    t = pd.DataFrame({"a": draw.normal(size=N).round(4), "b": draw.normal(size=N).round(4)})
    found = compare_columns(*load(t), "a", "b")
    one = found.effects[0]
    assert found.verdict.startswith(
        f"Rank correlation {one.value:.2f} (95 % interval {one.low:.2f} to {one.high:.2f}). These rows do not"
    )


def test_categories_that_may_have_nothing_to_do_with_each_other_show_no_cell(load):
    draw = np.random.default_rng(11)
    t = pd.DataFrame({"a": draw.choice(list("pq"), N), "b": draw.choice(list("uvw"), N)})
    t.loc[:2, ["a", "b"]] = ["p", "u"]
    found = compare_columns(*load(t, a="category", b="category"), "a", "b")
    assert found.effects[0].low == 0
    assert "stands out" not in found.verdict


def test_an_end_near_none_keeps_its_digits():
    assert hundredths(-0.0044) == "-0.004"
    assert hundredths(-0.00001) == "-0.00001"
    assert hundredths(-0.0) == "0.00"
    assert hundredths(0.005) == f"{0.005:.2f}"


def test_the_verdict_of_versions_tells_missing_values_that_changed(load):
    draw = np.random.default_rng(12)
    old = pd.DataFrame({"x": draw.normal(size=900).round(4), "y": draw.normal(size=900).round(4)})
    new = old.copy()
    old.loc[:8, "x"] = np.nan
    new.loc[:142, "x"] = np.nan
    new.loc[:1, "y"] = np.nan
    (old_path, before), (new_path, after) = load(old, "old"), load(new, "new")
    found = compare_versions(before, old_path, after, new_path)
    assert "none moved enough to matter." in found.verdict
    assert found.verdict.endswith("Missing values changed in 1 column: “x” (1 % to 15.9 %).")
