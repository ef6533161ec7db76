"""Rows of one group are never on both sides; with a time the hold-out is later."""

import numpy as np
import pandas as pd
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.learning.evidence import open_evidence
from beanft.engine.learning.order import (
    Order,
    cut_groups,
    cut_later,
    find_order,
    hold_out_groups,
    hold_out_later,
)
from beanft.engine.tables.columns import Column, Profile

RANDOM = np.random.default_rng(0)


def by(kind: str, codes: np.ndarray) -> Order:
    return Order(by=kind, column="it", codes=np.asarray(codes))


def profile(**roles: str) -> Profile:
    stored = {"who": "VARCHAR", "day": "TIMESTAMP", "year": "BIGINT"}
    columns = [
        Column(name=name, kind="category", stored=stored[name], n_missing=0, n_distinct=3, role=role)
        for name, role in roles.items()
    ]
    return Profile(n_rows=4, columns=tuple(columns))


@pytest.mark.parametrize("classes", [True, False])
@pytest.mark.parametrize("n_groups", [3, 4, 12, 200])
@pytest.mark.parametrize("seed", [0, 1])
def test_no_group_is_on_both_sides(classes: bool, n_groups: int, seed: int) -> None:
    groups = RANDOM.integers(n_groups, size=400)
    groups[:n_groups] = np.arange(n_groups)
    y = RANDOM.integers(3, size=400) if classes else RANDOM.normal(size=400)
    split = hold_out_groups(y, by("group", groups), classes=classes, seed=seed)
    assert not set(groups[split.train]) & set(groups[split.holdout])
    assert sorted([*split.train, *split.holdout]) == list(range(400))
    assert (split.by, split.column) == ("group", "it")
    folds = cut_groups(y[split.train], by("group", groups[split.train]), classes=classes, seed=seed)
    for train, test in folds.parts:
        assert not set(groups[split.train][train]) & set(groups[split.train][test])
    assert sorted(np.concatenate([test for _, test in folds.parts])) == list(range(len(split.train)))
    assert 2 <= folds.n_folds <= 5


def test_about_a_fifth_of_the_rows_is_locked_away() -> None:
    groups = np.repeat(np.arange(100), 10)
    split = hold_out_groups(np.zeros(1000), by("group", groups), classes=False, seed=0)
    assert len(split.holdout) == 200
    assert split.notes == ()


def test_a_class_of_one_group_does_no_harm() -> None:
    groups = np.repeat(np.arange(10), 10)
    y = (groups == 3).astype(int)
    split = hold_out_groups(y, by("group", groups), classes=True, seed=0)
    assert len(split.holdout)
    folds = cut_groups(y[split.train], by("group", groups[split.train]), classes=True, seed=0)
    assert all(len(test) for _, test in folds.parts)


def test_the_same_seed_locks_the_same_groups() -> None:
    groups = RANDOM.integers(50, size=500)
    first, again, other = (
        hold_out_groups(np.zeros(500), by("group", groups), classes=False, seed=seed) for seed in (1, 1, 2)
    )
    assert first.facts() == again.facts()
    assert first.facts()["hash"] != other.facts()["hash"]


@pytest.mark.parametrize("codes", [np.arange(100), RANDOM.permutation(100), np.repeat([1, 2, 3, 4], 25)])
def test_the_hold_out_is_later_and_so_is_each_fold(codes: np.ndarray) -> None:
    split = hold_out_later(by("time", codes), seed=0)
    assert codes[split.holdout].min() > codes[split.train].max()
    folds = cut_later(by("time", codes[split.train]))
    for train, test in folds.parts:
        assert codes[split.train][test].min() > codes[split.train][train].max()
    assert folds.n_folds >= 2


def test_a_fifth_is_later_and_three_folds_grow() -> None:
    codes = RANDOM.permutation(500)
    split = hold_out_later(by("time", codes), seed=0)
    assert (len(split.train), len(split.holdout), split.by) == (400, 100, "time")
    folds = cut_later(by("time", codes[split.train]))
    assert folds.growing
    assert [(len(train), len(test)) for train, test in folds.parts] == [(220, 60), (280, 60), (340, 60)]


def test_five_folds_grow_where_five_are_asked_for() -> None:
    folds = cut_later(by("time", RANDOM.permutation(480)), n_folds=5)
    assert [(len(train), len(test)) for train, test in folds.parts] == [(80 * n, 80) for n in range(1, 6)]
    assert folds.test_to_train == pytest.approx(137 / 300)  # (1 + 1/2 + 1/3 + 1/4 + 1/5) / 5


def test_a_first_moment_of_nearly_all_rows_leaves_moments_to_cut() -> None:
    codes = np.array([0] * 97 + [1, 2, 3])
    split = hold_out_later(by("time", codes), seed=0)
    assert split.holdout.tolist() == [99]
    assert cut_later(by("time", codes[split.train])).n_folds == 2


@pytest.mark.parametrize(
    ("n", "cut", "words"),
    [
        (2, lambda order: hold_out_groups(np.zeros(6), order, classes=False, seed=0), "at least 3"),
        (3, lambda order: hold_out_later(order, seed=0), "at least 4"),
    ],
)
def test_too_few_groups_or_moments_say_what_to_do(n: int, cut, words: str) -> None:
    with pytest.raises(EngineError, match=f"only {n} different values.*{words}.*columns page"):
        cut(by("group", np.arange(6) % n))


def test_rows_without_a_group_are_groups_of_their_own() -> None:
    order = find_order(pd.DataFrame({"who": ["x", None, "x", None]}), profile(who="group"))
    assert order is not None
    assert order.codes[0] == order.codes[2]
    assert len(set(order.codes)) == 3
    assert order.notes == ("2 rows have no value of “who”: each of them is a group of its own.",)


def test_rows_without_a_time_are_the_earliest() -> None:
    days = pd.to_datetime(pd.Series(["2024-03-01", None, "2024-01-01", "2024-03-01"]))
    order = find_order(pd.DataFrame({"day": days}), profile(day="time"))
    assert order is not None
    assert order.codes.argmin() == 1
    assert order.codes[0] == order.codes[3] > order.codes[2]
    assert order.notes == ("1 row has no value of “day”: they count as the earliest.",)


def test_the_time_wins_over_the_group_and_says_so() -> None:
    data = pd.DataFrame({"who": ["x", "y", "x", "z"], "year": [2001, 2002, 2003, 2004]})
    order = find_order(data, profile(who="group", year="time"))
    assert order is not None
    assert (order.by, order.column) == ("time", "year")
    assert "rows of one “who” can be on both sides" in order.notes[0]
    assert find_order(data, profile(who="", year="ignore")) is None


def visits() -> pd.DataFrame:
    """400 visits of 40 patients: each patient has a level of their own, and days go on."""
    random = np.random.default_rng(1)
    patient = random.integers(40, size=400)
    days = pd.date_range("2023-01-01", periods=400).strftime("%Y-%m-%d")
    return pd.DataFrame(
        {
            "patient": [f"p{n:02d}" for n in patient],
            "day": random.permutation(days),
            "pulse": random.normal(size=400).round(3),
            "ill": np.where(patient % 2, "yes", "no"),
        }
    )


def holdout(trained, profile_roles: dict[str, str], **choices):
    """Train in roles; the rows of the table that were locked away, and the training."""
    table = visits()
    found = trained(table, "ill", roles=profile_roles, features=["patient", "day", "pulse"], **choices)
    rows = open_evidence(found.folder).rows_holdout
    return table.iloc[rows], table.drop(index=table.index[rows]), found.result


def test_a_training_keeps_groups_together_and_does_not_learn_them(trained) -> None:
    locked, learned, result = holdout(trained, {"patient": "group"})
    assert not set(locked["patient"]) & set(learned["patient"])
    assert (result["split"]["by"], result["split"]["column"]) == ("group", "patient")
    assert "“patient” says which rows belong together, so it was not learned from." in result["notes"]


def test_a_training_with_a_time_is_checked_on_later_rows(trained) -> None:
    locked, learned, result = holdout(trained, {"day": "time"})
    assert locked["day"].min() > learned["day"].max()
    assert len(locked) == 80
    assert (result["split"]["by"], result["split"]["n_folds"]) == ("time", 3)


def test_a_role_of_the_target_is_passed_over(trained) -> None:
    result = holdout(trained, {"ill": "group"})[2]
    assert result["split"]["by"] == ""
