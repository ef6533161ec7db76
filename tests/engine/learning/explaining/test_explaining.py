"""Explanations of functions whose truth is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from beanft.engine.learning.evidence import Evidence
from beanft.engine.learning.explaining.cases import find_cases, list_cases
from beanft.engine.learning.explaining.contributions import contributions_of
from beanft.engine.learning.explaining.counter import class_goal, find_changes, number_goal
from beanft.engine.learning.explaining.effects import effect_of
from beanft.engine.learning.explaining.function import plain_value
from beanft.engine.learning.explaining.grids import make_grid
from beanft.engine.learning.explaining.groups import find_groups
from beanft.engine.learning.explaining.importance import permutation_importance, quick_weights
from beanft.engine.learning.explaining.interactions import strongest_pairs, surface_of
from beanft.engine.learning.explaining.similar import distances_to, nearest_rows
from beanft.engine.learning.explaining.wording import in_owner_words_all
from beanft.engine.learning.metrics import METRIC

KINDS = {"a": "number", "b": "number", "c": "category", "d": "number", "t": "date", "w": "text"}


def _table(n: int = 60, seed: int = 0) -> pd.DataFrame:
    """Numbers with missing and infinite ones, a category, dates and texts."""
    random = np.random.default_rng(seed)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 90, n), unit="D")
    X = pd.DataFrame(
        {
            "a": random.normal(size=n),
            "b": random.normal(size=n),
            "c": pd.Series(random.choice(["x", "y", "z"], n), dtype=object),
            "d": random.integers(0, 5, n).astype(float),
            "t": pd.Series(days).astype("datetime64[us]"),
            "w": pd.Series([f"words {i % 7} here" for i in range(n)], dtype=object),
        }
    )
    X.loc[0, "d"], X.loc[1, "c"], X.loc[2, "t"], X.loc[3, "d"] = np.nan, None, pd.NaT, np.inf
    return X


def _linear(X: pd.DataFrame) -> np.ndarray:
    level = X["c"].map({"x": 0.0, "y": 1.0, "z": 5.0}).to_numpy(dtype=float, na_value=2.0)
    return np.asarray(3 * X["a"] - 2 * X["b"], dtype=float) + level


def _chances(X: pd.DataFrame) -> np.ndarray:
    one = 1 / (1 + np.exp(-_linear(X)))
    return np.column_stack([1 - one, one])


def _constant(X: pd.DataFrame) -> np.ndarray:
    return np.full(len(X), 7.0)


# Contributions


def test_contributions_of_a_linear_model_are_its_terms() -> None:
    X = _table()
    row, background = X.iloc[[10]], X.iloc[20:60]
    made = contributions_of(_linear, row, background)
    shares = {share.columns[0]: share.value for share in made.shares}
    assert made.exact
    assert shares["a"] == pytest.approx(3 * (X["a"][10] - background["a"].mean()), abs=1e-9)
    assert shares["b"] == pytest.approx(-2 * (X["b"][10] - background["b"].mean()), abs=1e-9)
    assert [shares[name] for name in ("d", "t", "w")] == [0.0, 0.0, 0.0]


def _wide(X: pd.DataFrame) -> np.ndarray:
    cells = X.to_numpy(dtype=float)
    return np.asarray(cells[:, 0] * cells[:, 1] + np.maximum(cells[:, 2], cells[:, 3]) + cells[:, 4] ** 2)


@pytest.mark.parametrize("n_columns", [6, 14])
def test_contributions_add_up_to_the_prediction_minus_the_average(n_columns: int) -> None:
    random = np.random.default_rng(1)
    X = pd.DataFrame(random.normal(size=(41, n_columns)), columns=[f"x{i}" for i in range(n_columns)])
    row, background = X.iloc[[40]], X.iloc[:40]
    made = contributions_of(_wide, row, background, max_orders=4)
    assert made.exact == (n_columns == 6)
    assert made.n_background == 40
    assert made.base == pytest.approx(_wide(background).mean(), abs=1e-12)
    assert made.prediction == _wide(row)[0]
    assert sum(share.value for share in made.shares) == pytest.approx(made.prediction - made.base, abs=1e-9)
    dummies = [share for share in made.shares if int(share.columns[0][1:]) > 4]
    assert all(share.value == 0 and share.error == 0 for share in dummies)


def test_sampled_contributions_agree_with_exact_ones() -> None:
    random = np.random.default_rng(2)
    X = pd.DataFrame(random.normal(size=(33, 9)), columns=[f"x{i}" for i in range(9)])
    row, background = X.iloc[[32]], X.iloc[:32]
    sampled = contributions_of(_wide, row, background, max_orders=400)
    together = [*((f"x{i}",) for i in range(5)), tuple(f"x{i}" for i in range(5, 9))]
    exact = contributions_of(_wide, row, background, players=together)
    expected = {share.columns[0]: share.value for share in exact.shares}
    assert not sampled.exact
    for share in sampled.shares:
        assert share.value == pytest.approx(expected.get(share.columns[0], 0.0), abs=0.1)


def test_columns_that_act_alike_contribute_alike() -> None:
    X = pd.DataFrame({"a": [0.0, 1, 2, 3], "b": [0.0, 1, 2, 3]})
    made = contributions_of(lambda X: (X["a"] * X["b"]).to_numpy(), X.iloc[[3]], X.iloc[:3])
    assert made.shares[0].value == pytest.approx(made.shares[1].value, abs=1e-12)


def test_without_time_the_background_is_smaller_and_the_sum_still_right() -> None:
    random = np.random.default_rng(3)
    X = pd.DataFrame(random.normal(size=(400, 12)), columns=[f"x{i}" for i in range(12)])
    made = contributions_of(_wide, X.iloc[[0]], X.iloc[1:], limit_s=0)
    assert 1 <= made.n_background < 399
    assert sum(share.value for share in made.shares) == pytest.approx(made.prediction - made.base, abs=1e-9)


def test_one_column_and_one_background_row() -> None:
    X = pd.DataFrame({"a": [1.0, 4.0]})
    made = contributions_of(lambda X: X["a"].to_numpy(), X.iloc[[1]], X.iloc[[0]])
    assert (made.base, made.prediction, made.shares[0].value, made.shares[0].error) == (1.0, 4.0, 3.0, 0.0)


# Importance


def test_importance_finds_what_the_model_uses() -> None:
    X = _table(200)
    made = permutation_importance(_linear, X, _linear(X), metric=METRIC["rmse"], groups=[("a", "b")])
    assert [part.columns[0] for part in made.columns[:3]] == ["a", "b", "c"]
    assert {part.columns[0]: part.value for part in made.columns}["w"] == 0
    first, group = made.columns[0], made.groups[0]
    assert first.low is not None
    assert first.high is not None
    assert 0 < first.low < first.value < first.high
    assert group.value > first.value
    again = permutation_importance(_linear, X, _linear(X), metric=METRIC["rmse"], groups=[("a", "b")])
    assert again == made


def test_importance_without_truth_is_how_far_predictions_move() -> None:
    X = _table(100)
    made = permutation_importance(_chances, X, clusters=np.arange(100) // 10)
    assert made.metric == ""
    assert made.columns[0].columns == ("a",)
    assert 0 < made.columns[0].value <= 1
    assert permutation_importance(_constant, X).columns[0].value == 0


def test_importance_stops_when_time_is_up() -> None:
    made = permutation_importance(_linear, _table(), limit_s=0)
    assert (len(made.columns), made.n_skipped, made.repeats) == (1, 5, 1)


def test_quick_weights_agree() -> None:
    weights = quick_weights(_linear, _table(100))
    assert weights[0] > weights[1] > 0
    assert weights[5] == 0
    assert quick_weights(_constant, _table()).tolist() == [0.0] * 6


def test_columns_that_say_the_same_are_grouped() -> None:
    X = _table(200)
    X["e"] = X["a"] ** 3
    X["f"] = X["c"].map({"x": "u", "y": "v", "z": "w"})
    X["g"] = X["f"].map({"u": 1.0, "v": 9.0, "w": 4.0}) + 0.01 * X["b"]
    kinds = KINDS | {"e": "number", "f": "category", "g": "number"}
    assert find_groups(X, kinds) == [("a", "e"), ("c", "f", "g")]
    assert find_groups(X[["a"]], kinds) == []


# Effects and pairs


def test_the_effect_of_a_number_is_its_slope() -> None:
    made = effect_of(_linear, _table(), "a", "number", n_points=10)
    assert made is not None
    x = np.array(made.grid.labels, dtype=float)
    assert made.mean - made.mean[0] == pytest.approx(3 * (x - x[0]))
    assert made.lines.shape == (40, len(x))
    assert made.low[0] is not None
    assert made.low[0] < made.mean[0]


def test_the_effect_of_a_category_has_its_levels_and_the_missing_one() -> None:
    made = effect_of(_linear, _table(), "c", "category")
    assert made is not None
    values = dict(zip(made.grid.labels, made.mean - made.mean.min(), strict=True))
    assert {name: round(value, 9) for name, value in values.items()} == {"x": 0, "y": 1, "z": 5, None: 2}
    assert dict(zip(made.grid.labels, made.thin, strict=True))[None]


def test_dates_missing_and_infinite_values_have_their_place() -> None:
    X = _table()
    dates, numbers = make_grid(X, "t", "date", 5), make_grid(X, "d", "number")
    assert dates is not None
    assert numbers is not None
    assert dates.labels[-1] is None
    assert all(str(label).startswith("2024-0") for label in dates.labels[:-1])
    assert numbers.labels == (0.0, 1.0, 2.0, 3.0, 4.0, None)  # infinite ones are no place to ask at
    assert plain_value(np.inf) == "inf"


def test_what_cannot_be_drawn_is_not() -> None:
    X = pd.DataFrame({"a": [1.0, 1.0], "w": ["x y", "z"], "n": [np.nan, np.nan]})
    assert effect_of(_constant, X, "a", "number") is None
    assert effect_of(_constant, X, "w", "text") is None
    assert effect_of(_constant, X, "n", "number") is None


def test_a_thousand_levels_show_the_most_frequent() -> None:
    X = pd.DataFrame({"c": pd.Series(["often"] * 50 + [f"level {i}" for i in range(1000)], dtype=object)})
    grid = make_grid(X, "c", "category")
    assert grid is not None
    assert (grid.labels[0], len(grid.labels), grid.n_other) == ("often", 12, 989)


def test_only_columns_that_act_together_are_pairs() -> None:
    X = _table()
    pairs, cut_short = strongest_pairs(
        lambda X: np.asarray(X["a"] * X["b"], dtype=float) + _linear(X), X, ["a", "b", "c"]
    )
    assert not cut_short
    assert pairs[0].columns == ("a", "b")
    assert 0 < pairs[0].share <= 1
    assert [pair.strength for pair in pairs[1:]] == [0.0, 0.0]
    few, cut_short = strongest_pairs(_linear, X, ["a", "b", "c"], limit_s=0)
    assert (len(few), cut_short) == (1, True)


def test_the_surface_of_a_sum_is_a_plane() -> None:
    made = surface_of(_linear, _table(), ("a", "c"), KINDS)
    assert made is not None
    assert made.mean.shape == (len(made.down.places), len(made.across.places))
    assert made.joint == pytest.approx(0, abs=1e-9)
    assert made.counts.sum() == 60
    assert surface_of(_linear, _table(), ("a", "w"), KINDS) is None


# Similar rows and changes


def test_similar_rows_count_what_matters() -> None:
    X = _table()
    own = X.iloc[[5]]
    assert distances_to(own, X, KINDS)[5] == 0
    found = nearest_rows(own, X, KINDS, np.array([0, 0, 1.0, 0, 0, 0]), without=np.arange(60) == 5)
    assert 5 not in found.places
    assert set(X["c"].iloc[found.places]) == {X["c"][5]}
    gone = distances_to(X.iloc[[0]], X, {**KINDS}, np.array([0, 0, 0, 1.0, 0, 0]))
    assert gone.tolist() == [0.0] + [1.0] * 2 + [0.0] + [1.0] * 56  # missing and infinite are alike


def test_the_smallest_change_is_found() -> None:
    X = _table(200)
    row = X.iloc[[4]]
    now = int(_chances(row)[0].argmax())
    found = find_changes(_chances, row, X, class_goal(now), ["a", "b", "c"], KINDS)
    best = found.changes[0]
    assert len(best.places) == 1
    assert best.margin > 0
    assert [change.distance for change in found.changes] == sorted(
        change.distance for change in found.changes
    )
    name, place = next(iter(best.places.items()))
    changed = row.copy()
    changed[name] = X[name].take([place]).set_axis(row.index)
    assert int(_chances(changed)[0].argmax()) != now


def test_two_columns_are_changed_only_where_one_does_not_suffice() -> None:
    def both(X: pd.DataFrame) -> np.ndarray:
        return np.asarray((X["a"] > 0.5) & (X["b"] > 0.5), dtype=float)

    X = _table(200)
    row = X[(X["a"] < 0) & (X["b"] < 0)].iloc[[0]]
    found = find_changes(both, row, X, number_goal(0.5, above=True), ["a", "b", "d"], KINDS)
    assert set(found.changes[0].places) == {"a", "b"}
    locked = find_changes(both, row, X, number_goal(0.5, above=True), ["b", "d"], KINDS)
    assert (locked.changes, locked.cut_short) == ((), False)
    assert locked.n_tried > 0


def test_a_constant_model_cannot_be_changed() -> None:
    X = _table()
    found = find_changes(_constant, X.iloc[[0]], X, number_goal(8, above=True), list(KINDS), KINDS)
    assert found.changes == ()
    nothing = find_changes(_constant, X.iloc[[0]], X, number_goal(8, above=True), ["w"], KINDS)
    assert (nothing.changes, nothing.n_tried) == ((), 0)


def test_a_wanted_class_is_reached_or_not() -> None:
    said = np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]])
    assert class_goal(0, 2)(said) == pytest.approx([-0.3, 0.5])
    assert class_goal(0)(said) == pytest.approx([-0.2, 0.6])


# Rows worth a look


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    """Six rows, five of them tested."""
    return Evidence(
        folder=tmp_path,
        task="classification",
        target="y",
        metric="accuracy",
        labels=("no", "yes"),
        features=("a",),
        by="",
        seed=0,
        rows=np.array([10, 11, 12, 13, 14, 15]),
        rows_holdout=np.array([16]),
        y=np.array([0, 1, 0, 1, 1, 0]),
        y_holdout=np.array([1]),
        order=None,
        order_holdout=None,
        fold=np.array([0, 0, -1, 1, 1, 1]),
    )


def test_the_worst_and_the_unsure_rows_are_listed_once(evidence: Evidence, tmp_path: Path) -> None:
    said = np.array([[0.9, 0.1], [0.95, 0.05], [0.4, 0.6], [0.48, 0.52], [0.2, 0.8]])
    evidence.save_oof("k", said)
    found = find_cases(evidence, "k")
    assert [(case.row, case.why) for case in found[:3]] == [(11, "wrong"), (15, "wrong"), (14, "unsure")]
    assert (found[0].truth, found[0].predicted, found[0].chance) == ("yes", "no", 0.95)
    assert len({case.row for case in found}) == len(found)
    assert list_cases(tmp_path / "nowhere", "k") == []


def test_numbers_have_worst_and_typical_rows(evidence: Evidence) -> None:
    numbers = replace(evidence, labels=(), task="regression", y=np.array([1.0, 2, 3, 4, 5, 6]))
    numbers.save_oof("k", np.array([1.0, 9, 4.5, 5.5, 6.1]))
    found = find_cases(numbers, "k")
    assert (found[0].row, found[0].why, found[0].truth, found[0].predicted) == (11, "wrong", 2.0, 9.0)
    assert found[-1].why == "typical"


def test_the_chosen_threshold_decides_which_rows_are_wrong(evidence: Evidence) -> None:
    said = np.array([[0.9, 0.1], [0.65, 0.35], [0.6, 0.4], [0.48, 0.52], [0.6, 0.4]])
    evidence.save_oof("k", said)
    chosen = {"threshold": 0.3, "positive": "yes"}
    assert {case.row for case in find_cases(evidence, "k") if case.why == "wrong"} == {11, 13}
    found = [case for case in find_cases(evidence, "k", chosen) if case.why == "wrong"]
    assert [(case.row, case.predicted, case.chance) for case in found] == [(15, "yes", 0.4)]


def test_a_small_change_comes_before_a_large_one() -> None:
    spread = np.linspace(0.0, 1.0, 41)
    X = pd.DataFrame({"far": np.append(spread, 100.0), "near": np.append(spread, 0.5)})
    kinds = {"far": "number", "near": "number"}

    def said(rows: pd.DataFrame) -> np.ndarray:
        return np.asarray((rows["far"] >= 100) | (rows["near"] >= 0.3), dtype=float)

    found = find_changes(said, X.iloc[:1], X, number_goal(0.5, above=True), ["far", "near"], kinds)
    first, second = found.changes
    assert (list(first.places), first.large) == (["near"], False)
    assert (list(second.places), second.large) == (["far"], True)


def test_true_and_false_are_written_as_the_owner_does() -> None:
    answer = {
        "values": {"paid": "true", "town": "true"},
        "similar": [{"values": {"paid": "false"}}],
        "changes": [{"steps": [{"column": "paid", "from": "true", "to": "false"}]}],
        "effect": {"column": "paid", "labels": ["false", "true", None]},
    }
    assert in_owner_words_all(answer, {"paid": ("nein", "ja")}) == {
        "values": {"paid": "ja", "town": "true"},
        "similar": [{"values": {"paid": "nein"}}],
        "changes": [{"steps": [{"column": "paid", "from": "ja", "to": "nein"}]}],
        "effect": {"column": "paid", "labels": ["nein", "ja", None]},
    }
