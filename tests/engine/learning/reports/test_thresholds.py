"""Thresholds: counts, costs, the best one, and whether fresh rows cost what was said."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit
from sklearn.metrics import confusion_matrix, f1_score, precision_score, recall_score

from beanft.engine.charts.model_figures import cost_figure
from beanft.engine.learning.reports.thresholds import (
    MOST,
    Costs,
    at_threshold,
    best_threshold,
    threshold_table,
)

LABELS = ["no", "yes"]


def drawn(n: int, random: np.random.Generator, *, shift: float = -1.0) -> tuple[np.ndarray, np.ndarray]:
    """Truth, and probabilities that are somewhat too sure."""
    odds = random.normal(shift, 1.3, n)
    p = expit(1.6 * odds + 0.3)
    return (random.random(n) < expit(odds)).astype(int), np.column_stack([1 - p, p])


def cost_of(y: np.ndarray, p: np.ndarray, threshold: float, costs: Costs) -> float:
    """Mean cost of a row, by hand."""
    is_yes = p[:, 1] >= threshold
    paid = costs.false_positive * (is_yes & (y == 0)) + costs.false_negative * (~is_yes & (y == 1))
    brought = costs.true_positive * (is_yes & (y == 1)) + costs.true_negative * (~is_yes & (y == 0))
    return float((paid - brought).mean())


@pytest.mark.parametrize("digits", [17, 2, 1])
def test_counts_are_those_of_scikit_learn_at_any_threshold(digits: int) -> None:
    y, p = drawn(300, np.random.default_rng(1))
    p = np.column_stack([1 - p[:, 1].round(digits), p[:, 1].round(digits)])
    table = threshold_table(y, p, LABELS)
    assert table is not None
    assert len(table["thresholds"]) <= MOST
    for threshold in (0, 0.1, 0.3, 0.45, 0.5, 0.77, 0.9, 1, *table["thresholds"]):
        found = at_threshold(table, threshold, Costs())
        counted = confusion_matrix(y, p[:, 1] >= threshold)
        assert [[found["tn"], found["fp"]], [found["fn"], found["tp"]]] == counted.tolist(), threshold
    found = at_threshold(table, 0.5, Costs(false_negative=3, true_positive=1))
    assert found["precision"]["value"] == pytest.approx(precision_score(y, p[:, 1] >= 0.5))
    assert found["recall"]["value"] == pytest.approx(recall_score(y, p[:, 1] >= 0.5))
    assert found["cost"]["value"] == pytest.approx(
        cost_of(y, p, 0.5, Costs(false_negative=3, true_positive=1))
    )
    for name in ("precision", "recall", "cost"):
        assert found[name]["low"] < found[name]["value"] < found[name]["high"]


def test_many_rows_keep_few_thresholds_with_both_ends_and_the_usual_one() -> None:
    y, p = drawn(50_000, np.random.default_rng(2))
    table = threshold_table(y, p, LABELS)
    assert table is not None
    thresholds = table["thresholds"]
    assert len(thresholds) <= MOST
    assert 0.5 in thresholds
    assert thresholds == sorted(thresholds)
    assert (thresholds[0], table["fn"][0], table["tp"][-1]) == (0, 0, 0)
    assert len(json.dumps(table, allow_nan=False)) < 40_000
    steps = np.diff(table["fn"]) / y.sum() + np.diff(table["tn"]) / (y == 0).sum()
    assert steps.max() < 0.02


def test_thresholds_are_short_numbers() -> None:
    p = np.array([0.0213456, 0.0213789, 0.31, 0.3100001, 0.9])
    table = threshold_table(np.array([0, 1, 0, 1, 1]), np.column_stack([1 - p, p]), LABELS)
    assert table is not None
    assert table["thresholds"] == [0.0, 0.02136, 0.2, 0.31000005, 0.5, 1.0]


def test_a_probability_of_one_counts_at_every_threshold() -> None:
    p = np.array([0.0, 0.4, 1.0, 1.0])
    table = threshold_table(np.array([0, 1, 0, 1]), np.column_stack([1 - p, p]), LABELS)
    assert table is not None
    assert at_threshold(table, 1, Costs())["tp"] == 1
    assert at_threshold(table, 1, Costs())["fp"] == 1


def test_constant_probabilities_leave_all_or_nothing() -> None:
    y = np.tile([0, 0, 1], 40)
    table = threshold_table(y, np.tile([0.7, 0.3], (120, 1)), LABELS)
    assert table is not None
    assert table["thresholds"] == [0.0, 0.5]
    assert best_threshold(table, Costs())["threshold"] == 0.5
    assert best_threshold(table, Costs(false_negative=5))["threshold"] == 0
    never = at_threshold(table, 0.5, Costs())
    assert never["precision"] == {"value": None, "low": 0.0, "high": 1.0}


def test_other_targets_have_no_table() -> None:
    assert threshold_table(np.zeros(9, dtype=int), np.tile([0.5, 0.5], (9, 1)), LABELS) is None
    assert threshold_table(np.arange(9) % 3, np.full((9, 3), 1 / 3), ["a", "b", "c"]) is None


def test_no_mistake_seen_does_not_mean_never() -> None:
    """The rule of three: of 100 rows without a mistake, up to 3 of 100 may still be wrong."""
    y = np.tile([0, 1], 50)
    table = threshold_table(y, np.column_stack([0.9 - 0.8 * y, 0.1 + 0.8 * y]), LABELS)
    assert table is not None
    cost = at_threshold(table, 0.5, Costs())["cost"]
    assert (cost["value"], cost["low"]) == (0, 0)
    assert 0.02 < cost["high"] < 0.04


def test_dearer_misses_lower_the_best_threshold() -> None:
    table = threshold_table(*drawn(2_000, np.random.default_rng(3)), LABELS)
    assert table is not None
    best = [best_threshold(table, Costs(false_negative=cost))["threshold"] for cost in (0.2, 1, 5, 50)]
    assert best == sorted(best, reverse=True)
    assert best[-1] < 0.2 < best[0]
    doubled = best_threshold(table, Costs(false_positive=2, false_negative=2))
    assert doubled["threshold"] == best[1]
    assert best_threshold(table, Costs(false_negative=0, true_positive=0))["threshold"] > 0.9


def test_the_best_one_has_an_interval_and_costs_no_more_than_any_other() -> None:
    costs = Costs(false_negative=4)
    y, p = drawn(800, np.random.default_rng(4))
    table = threshold_table(y, p, LABELS)
    assert table is not None
    best = best_threshold(table, costs)
    assert best["low"] <= best["threshold"] <= best["high"]
    assert best["cost"]["low"] < best["cost"]["value"] < best["cost"]["high"]
    lowest = min(cost_of(y, p, threshold, costs) for threshold in np.unique(p[:, 1]))
    assert cost_of(y, p, best["threshold"], costs) == pytest.approx(lowest)
    assert lowest <= best["cost"]["value"] < 1.2 * lowest


def test_f1_and_balanced_accuracy_have_their_best_thresholds() -> None:
    y, p = drawn(300, np.random.default_rng(5))
    table = threshold_table(y, p, LABELS)
    assert table is not None
    highest = max(f1_score(y, p[:, 1] >= threshold) for threshold in np.unique(p[:, 1]))
    assert f1_score(y, p[:, 1] >= table["f1"]["threshold"]) == pytest.approx(highest)
    for goal in ("f1", "balanced_accuracy"):
        score = table[goal]["score"]
        assert score["low"] < score["value"] < score["high"]
    assert table["f1"]["score"]["value"] <= highest


def test_rows_of_a_group_are_worth_less() -> None:
    y, p = drawn(100, np.random.default_rng(6))
    again, groups = (np.repeat(y, 9), np.repeat(p, 9, axis=0)), np.repeat(np.arange(100), 9)
    single, alike = threshold_table(*again, LABELS), threshold_table(*again, LABELS, groups=groups)
    assert single is not None
    assert alike is not None
    assert single["inflation"] == 1
    assert alike["inflation"] == pytest.approx(9)
    widths = [
        cost["high"] - cost["low"]
        for cost in (at_threshold(table, 0.5, Costs())["cost"] for table in (single, alike))
    ]
    assert widths[1] == pytest.approx(3 * widths[0], rel=0.1)


@pytest.mark.parametrize(
    ("n", "shift", "costs"),
    [
        (300, -1.5, Costs(false_negative=5)),
        (150, -0.5, Costs(false_positive=3, true_positive=1)),
    ],
)
def test_fresh_rows_cost_what_was_said(n: int, shift: float, costs: Costs) -> None:
    """Chosen on n rows, the cost on 100,000 fresh ones lies in the 95 % interval as often as it should.

    Of 60 samples 57 should cover it; fewer than 52 or the mean off by 3 standard errors would be wrong.
    """
    random = np.random.default_rng(7)
    fresh = drawn(100_000, random, shift=shift)
    hits, off = 0, []
    for _ in range(60):
        table = threshold_table(*drawn(n, random, shift=shift), LABELS)
        assert table is not None
        best = best_threshold(table, costs)
        cost = cost_of(*fresh, best["threshold"], costs)
        hits += best["cost"]["low"] <= cost <= best["cost"]["high"]
        off.append(best["cost"]["value"] - cost)
    assert hits >= 52
    assert abs(np.mean(off)) < 3 * np.std(off) / np.sqrt(len(off)) + 0.1 * np.std(off)


def test_a_threshold_that_nobody_chose_costs_what_was_said() -> None:
    random, costs = np.random.default_rng(8), Costs(false_negative=3)
    true = cost_of(*drawn(300_000, random), 0.3, costs)
    hits = 0
    for _ in range(100):
        table = threshold_table(*drawn(200, random), LABELS)
        assert table is not None
        cost = at_threshold(table, 0.3, costs)["cost"]
        hits += cost["low"] <= true <= cost["high"]
    assert 88 <= hits <= 99


def test_plain_values_and_the_same_seed() -> None:
    y, p = drawn(200, np.random.default_rng(9))
    table = threshold_table(y, p, LABELS)
    assert table is not None
    assert json.loads(json.dumps(table, allow_nan=False)) == threshold_table(y, p, LABELS)
    assert best_threshold(table, Costs()) == best_threshold(table, replace(Costs()))
    rows = [(t, at_threshold(table, t, Costs())["cost"]["value"], 0.0, 1.0) for t in table["thresholds"]]
    assert "0.3" in cost_figure(rows, 0.3)["aria"]["label"]["description"]
