"""Two groups: every column's numbers are those of pandas and scipy on the same rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from beanft.engine.compare import groups
from beanft.engine.compare.groups import compare_two_groups
from beanft.engine.errors import EngineError

RNG = np.random.default_rng(5)


def frame(n: int = 300) -> pd.DataFrame:
    t = pd.DataFrame({"side": RNG.choice(["left", "right", "up"], n, p=[0.5, 0.4, 0.1])})
    left = t.side == "left"
    t["x"] = RNG.normal(0, 1, n) + 2 * left
    t["noise"] = RNG.normal(0, 1, n)
    t["colour"] = np.where(left, RNG.choice(["red", "blue"], n, p=[0.8, 0.2]), RNG.choice(["red", "blue"], n))
    t["paid"] = np.where(RNG.random(n) < 0.3, "ja", "nein")
    t["day"] = pd.Timestamp("1960-01-01") + pd.to_timedelta(RNG.integers(0, 900, n), unit="D")
    t.loc[left & (RNG.random(n) < 0.5), "noise"] = np.nan
    t.loc[::20, "x"] = np.inf
    t.loc[::30, "side"] = None
    return t


def test_every_column_is_compared_the_strongest_first(load):
    t = frame()
    found = compare_two_groups(*load(t), "side", "left", "right")
    one, other = t[t.side == "left"], t[t.side == "right"]
    assert (found.n_one, found.n_other, found.is_sample) == (len(one), len(other), False)
    by = {column.name: column for column in found.columns}
    assert set(by) == {"x", "noise", "colour", "paid", "day"}
    assert found.columns[0].name == "x"
    assert [c.strength for c in found.columns] == sorted((c.strength for c in found.columns), reverse=True)

    a, b = (group.x.replace(np.inf, np.nan).dropna() for group in (one, other))
    welch = stats.ttest_ind(a, b, equal_var=False)
    x = by["x"]
    assert (x.n_one, x.n_other) == (len(a), len(b))
    assert (x.mean_one, x.mean_other) == pytest.approx((a.mean(), b.mean()))
    assert (x.low, x.high) == pytest.approx(tuple(welch.confidence_interval()))
    assert x.p == pytest.approx(welch.pvalue)
    assert x.g == pytest.approx((a.mean() - b.mean()) / np.sqrt(
        ((len(a) - 1) * a.var() + (len(b) - 1) * b.var()) / (len(a) + len(b) - 2)
    ), rel=0.02)  # fmt: skip

    colours = pd.crosstab(t.side, t.colour).loc[["left", "right"]]
    assert by["colour"].p == pytest.approx(stats.chi2_contingency(colours, correction=False).pvalue)
    (shift,) = by["colour"].shifts
    share = (one.colour == shift.label).mean() - (other.colour == shift.label).mean()
    assert shift.difference == pytest.approx(share)
    assert shift.low < share < shift.high

    missing = by["noise"].missing
    assert (missing.one, missing.other) == pytest.approx((one.noise.isna().mean(), 0.0))
    assert {column.missing for column in found.columns if column.name != "noise"} == {None}
    assert by["noise"].p_missing_corrected < 0.001
    assert by["paid"].shifts[0].label in ("ja", "nein")
    assert by["day"].difference == pytest.approx((one.day.mean() - other.day.mean()).total_seconds() / 86_400)
    assert by["day"].unit == "days"


def test_one_value_against_all_others(load):
    t = frame()
    found = compare_two_groups(*load(t), "side", "up")
    assert (found.n_one, found.n_other) == ((t.side == "up").sum(), t.side.isin(["left", "right"]).sum())
    assert found.other == "all but up"


def test_p_values_are_corrected_for_all_columns(load):
    numbers = {f"n{i}": RNG.normal(size=80) for i in range(40)}
    found = compare_two_groups(*load(pd.DataFrame({**numbers, "g": ["u", "v"] * 40})), "g", "u", "v")
    tested = [column for column in found.columns if column.p is not None]
    assert len(tested) == 40
    assert min(column.p for column in tested) < 0.05 <= min(column.p_corrected for column in tested)
    assert found.verdict.startswith("Nothing shows that “u” and “v” differ")


@pytest.mark.parametrize(
    ("by", "one", "other", "sentence"),
    [
        ("nothing", "u", "", "no column “nothing”"),
        ("side", "u", "", "No row has “u”"),
        ("side", "left", "u", "No row has “u”"),
        ("side", "left", "left", "these are the same"),
        ("side", "alone", "left", "Only one row has “alone”"),
    ],
)
def test_what_cannot_be_compared_gives_a_sentence(load, by: str, one: str, other: str, sentence: str):
    t = frame(40)
    t.loc[39, "side"] = "alone"
    with pytest.raises(EngineError, match=sentence):
        compare_two_groups(*load(t, side="category"), by, one, other)


def test_names_of_ours_are_safe_as_names_of_theirs(load):
    t = pd.DataFrame(
        {
            "g": ["u", "v"] * 20,
            "z": RNG.normal(size=40),
            'a"; --': RNG.integers(0, 3, 40),
            "row": RNG.normal(size=40),
        }
    )
    found = compare_two_groups(*load(t), "g", "u", "v")
    assert {column.name: column.mean_one for column in found.columns}["z"] == pytest.approx(t.z[::2].mean())


def test_many_categories_and_constant_and_empty_groups(load):
    n = 3000
    codes = np.concatenate([np.repeat(np.arange(40), 50), RNG.integers(40, 1000, n - 2000)])
    t = pd.DataFrame(
        {"g": ["u", "v"] * (n // 2), "c": [f"c{code}" for code in codes], "k": [1, 2] * (n // 2)}
    )
    t["only"] = np.where((t.g == "u") & (np.arange(n) % 7 < 3), RNG.normal(size=n), np.nan)
    found = compare_two_groups(*load(t, c="category", k="number"), "g", "u", "v")
    by = {column.name: column for column in found.columns}
    top = by["c"].shifts[0]
    shares = [(t.c[t.g == side] == top.label).mean() for side in "uv"]
    assert (top.one, top.other) == pytest.approx(shares)
    assert (by["k"].remark, by["k"].difference) == ("All values of each group are equal.", -1)
    assert by["only"].remark == "Too few values in one of the groups."
    assert by["only"].missing.other == 1.0


def test_large_tables_are_sampled(load, monkeypatch):
    monkeypatch.setattr(groups, "SAMPLE_ROWS", 500)
    monkeypatch.setattr(groups, "_MOST_CELLS", 500)
    t = frame(3000)
    found = compare_two_groups(*load(t), "side", "left", "right")
    assert found.is_sample
    assert 300 < found.n_one + found.n_other < 600
    assert "random sample" in found.notes[0]


def test_of_a_sample_a_rare_group_is_taken_whole(load, monkeypatch):
    monkeypatch.setattr(groups, "_LARGE", 1000)
    monkeypatch.setattr(groups, "_MOST_OF_LARGE", 600)
    t = pd.DataFrame({"g": ["rare"] * 20 + ["usual"] * 5000, "x": RNG.normal(size=5020)})
    table = load(t, g="category")
    for other in ("usual", ""):
        found = compare_two_groups(*table, "g", "rare", other)
        (x,) = found.columns
        assert (found.is_sample, found.n_one, x.mean_one) == (True, 20, pytest.approx(t.x[:20].mean()))
        assert 450 < found.n_other < 700
        assert x.low < x.difference < x.high
        assert f"a random sample of {found.n_one + found.n_other:,} rows" in found.notes[0]
    assert not compare_two_groups(*load(t[:900], "small", g="category"), "g", "rare").is_sample
