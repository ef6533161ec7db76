"""Two versions: drift is reckoned from the same rows by pandas and numpy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import jensenshannon

from beanft.engine.compare import versions
from beanft.engine.compare.drift import drift
from beanft.engine.compare.versions import Moved, TwoVersions, compare_versions

RNG = np.random.default_rng(9)
N = 2000


def frame(n: int = N) -> pd.DataFrame:
    t = pd.DataFrame({"x": RNG.normal(50, 10, n).round(1), "kind": RNG.choice(["a", "b", "c"], n)})
    t["skewed"] = np.exp(RNG.normal(0, 3, n))
    t["paid"] = np.where(RNG.random(n) < 0.5, "ja", "nein")
    t["day"] = pd.Timestamp("1958-01-01") + pd.to_timedelta(RNG.integers(0, 900, n), unit="D")
    t["price"] = RNG.gamma(2, 100, n).round(2)
    t.loc[::10, "x"] = np.nan
    return t


def compared(load, old: pd.DataFrame, new: pd.DataFrame) -> TwoVersions:
    (old_path, before), (new_path, after) = load(old, "old"), load(new, "new")
    return compare_versions(before, old_path, after, new_path)


def moved(found: TwoVersions, name: str) -> Moved:
    return next(column for column in found.columns if column.name == name)


def test_the_same_rows_have_not_moved(load):
    t = frame()
    found = compared(load, t, t.sample(frac=1, random_state=1))
    assert {column.drift.psi for column in found.columns} == {0.0}
    assert {column.drift.words for column in found.columns} == {"none that shows"}
    assert "none moved enough to matter" in found.verdict
    assert found.comparison.changes == ()


def test_moved_numbers_are_counted_in_the_older_bins(load):
    old, new = frame(), frame(3000)
    new["x"] = new.x + 8
    found = compared(load, old, new)
    x = moved(found, "x")
    assert found.columns[0].name == "x"
    assert x.drift.words == "strong"
    assert (x.mean_old, x.mean_new) == pytest.approx((old.x.mean(), new.x.mean()))
    assert x.low < new.x.mean() - old.x.mean() < x.high
    edges = [float(bar.label.split(" to ")[0]) for bar in x.bars if " to " in bar.label]
    edges.append(float(next(bar.label for bar in reversed(x.bars) if " to " in bar.label).split(" to ")[1]))
    for version, side in ((old, "old"), (new, "new")):
        values = version.x.dropna()
        counts = np.histogram(values, [-np.inf, *edges[:-1], np.nextafter(edges[-1], np.inf), np.inf])[0]
        shares = {bar.label: getattr(bar, side) for bar in x.bars}
        named = [
            f"below {edges[0]:g}",
            *(bar.label for bar in x.bars if " to " in bar.label),
            f"above {edges[-1]:g}",
        ]
        assert [shares.get(label, 0.0) for label in named] == pytest.approx(
            list(counts / len(values)), abs=0.002
        )
    assert x.drift.js == pytest.approx(
        jensenshannon([bar.old for bar in x.bars], [bar.new for bar in x.bars], base=2)
    )
    assert "beyond the range" in x.remark
    assert (x.missing.one, x.missing.other) == pytest.approx((0.1, 0.1))
    assert moved(found, "day").drift.words == "none that shows"


def test_a_skewed_number_is_counted_between_quantiles(load):
    old, new = frame(), frame()
    new["skewed"] = new.skewed * 20  # which equal bins of up to 20,000 hardly show
    column = moved(compared(load, old, new), "skewed")
    assert len(column.bars) <= 7
    assert column.drift.words == "strong"
    assert [bar.old for bar in column.bars] == pytest.approx([0.05, 0.2, 0.25, 0.25, 0.2, 0.05], abs=0.002)
    cuts = np.quantile(old.skewed, [0.05, 0.25, 0.5, 0.75, 0.95])
    counts = np.histogram(new.skewed, [0, *cuts, np.inf])[0]
    assert [bar.new for bar in column.bars] == pytest.approx(list(counts / N), abs=0.002)


def test_categories_that_came_and_missing_values(load):
    old, new = frame(), frame()
    new["kind"] = RNG.choice(["a", "b", "d"], N, p=[0.6, 0.2, 0.2])
    new["paid"] = None
    new.loc[:600, "price"] = np.nan
    found = compared(load, old, new)
    kind = moved(found, "kind")
    shares = {bar.label: (bar.old, bar.new) for bar in kind.bars}
    assert shares["a"] == pytest.approx(((old.kind == "a").mean(), (new.kind == "a").mean()))
    assert shares["c"][1] == 0
    assert shares["other"] == pytest.approx((0, (new.kind == "d").mean()))
    assert "not there before" in kind.remark
    assert kind.drift.words == "strong"
    assert moved(found, "price").missing.difference == pytest.approx(601 / N)


def test_many_values_are_counted_in_the_newer_version(load):
    n = 3000

    def codes() -> list[str]:
        return [f"c{code}" for code in np.minimum(RNG.geometric(0.02, n), 300)]

    old, new = pd.DataFrame({"c": codes(), "n": 1.5}), pd.DataFrame({"c": codes(), "n": 2.5})
    (old_path, before), (new_path, after) = load(old, "old", c="category"), load(new, "new", c="category")
    column = moved(compare_versions(before, old_path, after, new_path), "c")
    top = column.bars[0]
    assert (top.old, top.new) == pytest.approx(((old.c == top.label).mean(), (new.c == top.label).mean()))
    assert sum(bar.new for bar in column.bars) == pytest.approx(1)
    assert column.bars[-1].label == "other"


def test_renamed_changed_and_incomparable_columns(load):
    old, new = frame(), frame()
    new = new.rename(columns={"price": "Price "}).drop(columns="paid")
    new["day"] = "soon " + pd.Series(range(N)).astype(str)
    found = compared(load, old, new)
    assert [(one.old, one.new.strip()) for one in found.renamed] == [("price", "Price")]
    codes = {change.code for change in found.comparison.changes}
    assert {"removed", "added", "kind"} <= codes
    day = moved(found, "day")
    assert day.drift is None
    assert day.remark.startswith("It was date and is")


def test_times_are_compared_whether_they_show_their_zone_or_not(load):
    at = pd.Timestamp("2020-01-01") + pd.to_timedelta(RNG.integers(0, 90_000_000, N), unit="s")
    old, new = (pd.DataFrame({"at": at.strftime(f"%Y-%m-%d %H:%M:%S{zone}")}) for zone in ("", "Z"))
    (old_path, before), (new_path, after) = load(old, "old"), load(new, "new")
    assert [one.columns[0].unit for one in (before, after)] == ["", "UTC"]
    for one, other in (((before, old_path), (after, new_path)), ((after, new_path), (before, old_path))):
        at = moved(compare_versions(*one, *other), "at")
        assert (at.remark, at.drift.words) == ("", "none that shows")


def test_another_unit_of_numbers_is_not_compared(load):
    euro, dollar = (pd.DataFrame({"x": [f"{sign} {n % 20}" for n in range(50)]}) for sign in "€$")
    (old_path, before), (new_path, after) = load(euro, "euro"), load(dollar, "dollar")
    x = moved(compare_versions(before, old_path, after, new_path), "x")
    assert (x.drift, x.remark) == (None, "The unit changed.")
    days = pd.DataFrame({"x": [f"2024-01-{1 + n % 28:02} 07:00Z" for n in range(50)]})
    assert moved(compared(load, days, euro), "x").remark == "It was date and is number now."


def test_stored_counts_answer_without_a_query(load, monkeypatch):
    asked = []
    monkeypatch.setattr(versions, "count", lambda path, wanted, **_: asked.extend(wanted) or {})
    t = frame()[["x", "kind", "day"]]
    compared(load, t, t)
    assert asked == []


def test_few_rows_or_none_say_what_chance_gives():
    assert drift([3, 5], [5, 3], in_order=True).words == "none that shows"
    assert drift([0, 0], [1, 2], in_order=True) is None
    found = drift([300, 700], [400, 600], in_order=False)
    old, new = np.array([300.5, 700.5]) / 1001, np.array([400.5, 600.5]) / 1001
    assert found.psi == pytest.approx(((new - old) * np.log(new / old)).sum())
    rounds = [RNG.multinomial(500, [0.2] * 5) for _ in range(400)]
    beyond = [
        drift(a.tolist(), b.tolist(), in_order=True) for a, b in zip(rounds[::2], rounds[1::2], strict=True)
    ]
    assert np.mean([one.psi > one.chance for one in beyond]) == pytest.approx(0.05, abs=0.05)


def test_large_tables_are_counted_on_a_sample(load, monkeypatch):
    monkeypatch.setattr(versions, "most_rows", lambda *_: 500)
    monkeypatch.setattr("beanft.engine.compare.bins.most_rows", lambda *_: 500)
    old, new = frame(), frame()
    new["x"] = new.x + 8
    found = compared(load, old, new)
    assert moved(found, "x").drift.words == "strong"
    assert any("about 500 rows drawn at random" in note for note in found.notes)
