"""Two columns: the numbers are those of pandas and scipy on the same rows, on the hard tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from beanft.engine.compare import between, numbers
from beanft.engine.compare.columns import compare_columns
from beanft.engine.compare.results import TwoColumns
from beanft.engine.errors import EngineError
from beanft.engine.tables.relations.categories import category_pair

RNG = np.random.default_rng(3)


def frame(n: int = 200) -> pd.DataFrame:
    """Numbers with missing and infinite ones, dates before 1970, categories and booleans."""
    x = RNG.normal(10, 3, n).round(2)
    t = pd.DataFrame({"x": x, "y": (x * 2 + RNG.normal(0, 5, n)).round(1)})
    t["side"] = np.where(RNG.random(n) < 0.4, "left", "right")
    t["kind"] = RNG.choice(["a", "b", "c", "d"], n)
    t["paid"] = np.where(RNG.random(n) < 0.5, "ja", "nein")
    t["day"] = pd.Timestamp("1955-03-01") + pd.to_timedelta(np.arange(n) * 9, unit="D")
    t.loc[::9, "x"] = np.nan
    t.loc[1::17, "y"] = np.inf
    t.loc[::13, "side"] = None
    return t


def effect(found: TwoColumns, code: str):
    return next(one for one in found.effects if one.code == code)


def chance(found: TwoColumns, code: str):
    return next(one for one in found.tests if one.code == code)


def test_two_numbers(load):
    t = frame()
    found = compare_columns(*load(t), "x", "y")
    used = t[["x", "y"]].replace(np.inf, np.nan).dropna()
    pearson, ranks = stats.pearsonr(used.x, used.y), stats.spearmanr(used.x, used.y)
    assert (found.n_rows, found.n_used, found.n_sampled) == (200, len(used), 0)
    assert effect(found, "pearson").value == pytest.approx(pearson.statistic)
    assert (effect(found, "pearson").low, effect(found, "pearson").high) == pytest.approx(
        tuple(pearson.confidence_interval())
    )
    assert effect(found, "spearman").value == pytest.approx(ranks.statistic)
    assert chance(found, "spearman").p == pytest.approx(ranks.pvalue)
    assert chance(found, "pearson").p == pytest.approx(pearson.pvalue, rel=1e-6)
    assert found.size == "large"


@pytest.mark.parametrize("order", [("x", "side"), ("side", "x")])
def test_two_groups(load, order: tuple[str, str]):
    t = frame()
    found = compare_columns(*load(t), *order)
    used = t.dropna(subset=["x", "side"])
    one, two = (used.x[used.side == side] for side in ("left", "right"))
    welch, ranks = stats.ttest_ind(one, two, equal_var=False), stats.mannwhitneyu(one, two)
    assert [group.label for group in found.groups] == ["left", "right"]
    assert [group.n for group in found.groups] == [len(one), len(two)]
    assert [group.median for group in found.groups] == pytest.approx([one.median(), two.median()])
    assert [group.sd for group in found.groups] == pytest.approx([one.std(), two.std()])
    difference = effect(found, "difference")
    assert difference.value == pytest.approx(one.mean() - two.mean())
    assert (difference.low, difference.high) == pytest.approx(tuple(welch.confidence_interval()))
    assert effect(found, "superiority").value == pytest.approx(ranks.statistic / len(one) / len(two))
    assert (chance(found, "welch").statistic, chance(found, "welch").p) == pytest.approx(tuple(welch))
    assert (chance(found, "mann_whitney").p) == pytest.approx(ranks.pvalue)


def test_several_groups(load):
    t = frame()
    found = compare_columns(*load(t), "y", "kind")
    used = t.replace(np.inf, np.nan).dropna(subset=["y"])
    groups = [used.y[used.kind == kind] for kind in "abcd"]
    welch, ranks = stats.f_oneway(*groups, equal_var=False), stats.kruskal(*groups)
    assert [group.mean for group in found.groups] == pytest.approx([group.mean() for group in groups])
    assert (chance(found, "welch_anova").statistic, chance(found, "welch_anova").p) == pytest.approx(
        tuple(welch)
    )
    assert (chance(found, "kruskal").statistic, chance(found, "kruskal").p) == pytest.approx(tuple(ranks))


def test_two_categories_with_the_owners_words(load):
    t = frame()
    found = compare_columns(*load(t), "paid", "kind")
    counts = pd.crosstab(t.paid, t.kind)
    assert found.crosstab.header == ("a", "b", "c", "d")
    assert dict(found.crosstab.rows) == {label: tuple(counts.loc[label]) for label in ("ja", "nein")}
    wanted = stats.chi2_contingency(counts, correction=False)
    assert (chance(found, "chi_squared").statistic, chance(found, "chi_squared").p) == pytest.approx(
        wanted[:2]
    )
    groups = compare_columns(*load(t, "again"), "x", "paid")
    assert [group.label for group in groups.groups] == ["ja", "nein"]


def test_dates_go_by_rank_and_as_days(load):
    t = frame()
    table = load(t)
    found = compare_columns(*table, "day", "y")
    used = t.replace(np.inf, np.nan).dropna(subset=["y"])
    wanted = stats.spearmanr(used.day.astype("int64"), used.y)
    assert found.case == "time"
    assert effect(found, "spearman").value == pytest.approx(wanted.statistic)
    groups = compare_columns(*table, "day", "side")
    days = (t.day - pd.Timestamp("1970-01-01")).dt.days
    means = days.groupby(t.side).mean()
    assert [group.mean for group in groups.groups] == pytest.approx([means["left"], means["right"]])
    assert effect(groups, "difference").unit == "days"


def test_a_thousand_categories_become_thirty_and_other(load):
    n = 4000
    codes = np.concatenate([np.repeat(np.arange(40), 50), RNG.integers(40, 1000, n - 2000)])
    t = pd.DataFrame(
        {"c": [f"c{code:04}" for code in codes], "x": RNG.normal(size=n), "s": ["u", "v"] * (n // 2)}
    )
    table = load(t, c="category")
    found = compare_columns(*table, "x", "c")
    assert len(found.groups) == 31
    assert found.groups[-1].label == "other"
    alone = {group.label for group in found.groups[:-1]}
    rest = t.x[~t.c.isin(alone)]
    assert (found.groups[-1].n, found.groups[-1].mean) == (len(rest), pytest.approx(rest.mean()))
    assert found.groups[-1].sd == pytest.approx(rest.std())
    crossed = compare_columns(*table, "c", "s")
    assert len(crossed.crosstab.rows) == 31
    assert sum(sum(row) for _, row in crossed.crosstab.rows) == n


def test_small_counts_are_tested_exactly_or_by_chance(load):
    t = pd.DataFrame({"a": list("uuuuuuuuvvvvvv"), "b": list("ppppppqqqqqqqp"), "c": list("kkllmmnnkkllmm")})
    table = load(t, a="category", b="category", c="category")
    found = compare_columns(*table, "a", "b")
    assert chance(found, "fisher").p == pytest.approx(stats.fisher_exact(pd.crosstab(t.a, t.b)).pvalue)
    assert compare_columns(*table, "a", "c").tests[0].code == "monte_carlo"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"a": [1.5, None, 3, None] * 3, "b": [None, 2.5, None, 3.5] * 3}, "No row has a value in both"),
        ({"a": [1.5, 2, 3, 4.25] * 3, "b": [None] * 11 + [2.5]}, "has the same value in every row"),
        ({"a": [1.5, 2, 3, 4.25] * 3, "b": ["u", *["v"] * 11]}, "at least two groups of two rows"),
        ({"a": [1.5, 2.5, 2.5, 2.5] * 5, "b": [None, "u", "u", "v"] * 5}, "so there is nothing to compare"),
        ({"a": [1.5, None, None, 2] * 5, "b": ["u", "v", "v", "u"] * 5}, "is always “u”"),
        ({"a": ["p", "q"] * 4, "b": ["u", "u", "v", "v"] * 2}, "At least 10 are needed"),
        ({"a": ["p", None, "p", "q"] * 5, "b": ["u", "v", "u", "v"] * 5}, ""),
        ({"a": ["p", None, "p", "p", "q"] * 5, "b": ["u", "v", "u", "u", None] * 5}, "is always the same"),
    ],
)  # fmt: skip
def test_too_little_gives_a_sentence(load, values: dict[str, list], sentence: str):
    table = load(pd.DataFrame(values))
    if not sentence:
        assert compare_columns(*table, "a", "b").n_used == 15
        return
    with pytest.raises(EngineError, match=sentence):
        compare_columns(*table, "a", "b")


def test_groups_that_do_not_vary_have_no_interval(load):
    t = pd.DataFrame({"a": [1, 1, 2, 2] * 6, "b": ["u", "u", "v", "v"] * 6})
    found = compare_columns(*load(t, a="number"), "a", "b")
    assert effect(found, "difference").value == -1
    assert effect(found, "difference").low is None
    assert [test.code for test in found.tests] == ["mann_whitney"]
    assert any("no interval" in note for note in found.notes)


def test_huge_numbers_and_those_far_from_zero_keep_their_digits(load):
    far = 1e12 + RNG.normal(0, 1e-2, 60).round(4)
    t = pd.DataFrame({"huge": RNG.normal(0, 1e305, 60), "far": far, "side": ["u", "v"] * 30})
    table = load(t)
    found = compare_columns(*table, "huge", "far")
    assert effect(found, "pearson").value == pytest.approx(
        np.corrcoef(t.huge / 1e305, far - 1e12)[0, 1], rel=1e-6
    )
    wanted = stats.ttest_ind(t.huge[::2] / 1e300, t.huge[1::2] / 1e300, equal_var=False)
    assert chance(compare_columns(*table, "huge", "side"), "welch").p == pytest.approx(wanted.pvalue)
    wanted = stats.ttest_ind(far[::2] - 1e12, far[1::2] - 1e12, equal_var=False)
    assert chance(compare_columns(*table, "far", "side"), "welch").p == pytest.approx(wanted.pvalue, rel=1e-3)


def test_large_tables_are_ranked_on_a_sample_of_each_group(load, monkeypatch):
    monkeypatch.setattr(between, "SAMPLE_ROWS", 400)
    monkeypatch.setattr(numbers, "SAMPLE_ROWS", 400)
    n = 3000
    t = pd.DataFrame({"x": RNG.normal(size=n), "rare": np.where(np.arange(n) % 50 == 0, "u", "v")})
    t["y"] = t.x + RNG.normal(size=n)
    table = load(t)
    found = compare_columns(*table, "x", "rare")
    assert 60 < found.n_sampled <= 400
    assert found.n_used == n
    assert effect(found, "difference").value == pytest.approx(
        t.x[t.rare == "u"].mean() - t.x[t.rare == "v"].mean()
    )
    u = t.x[t.rare == "u"]
    assert found.groups[0].median == pytest.approx(u.median()), "all of the rare group are in the sample"
    ranks = compare_columns(*table, "x", "y")
    assert 300 < ranks.n_sampled < 500
    assert effect(ranks, "pearson").value == pytest.approx(t.x.corr(t.y))
    assert effect(ranks, "spearman").value == pytest.approx(t.x.corr(t.y, method="spearman"), abs=0.1)


def test_correlations_and_compare_give_a_pair_the_same_interval(load):
    draw = np.random.default_rng(3)
    side = draw.integers(0, 2, 300)
    place = np.where(draw.random(300) < 0.3, side, draw.integers(0, 3, 300))
    one = category_pair(("side", side), ("place", place))
    table = pd.DataFrame({"side": np.array(["l", "r"])[side], "place": np.array(["x", "y", "z"])[place]})
    effect = compare_columns(*load(table, side="category", place="category"), "side", "place").effects[0]
    assert (one.value, one.low, one.high) == pytest.approx((effect.value, effect.low, effect.high))
