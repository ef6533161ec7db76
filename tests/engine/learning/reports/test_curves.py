"""Curves of a classifier against scikit-learn, on hard cases too."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from scipy.special import expit
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

from beanft.engine.charts.model_figures import (
    calibration_figure,
    gain_figure,
    precision_recall_figure,
    roc_figure,
)
from beanft.engine.learning.reports.curves import BINS, MOST_CLASSES, POINTS, class_curves


def drawn(n: int, seed: int, *, digits: int = 17) -> tuple[np.ndarray, np.ndarray]:
    """Truth and right probabilities; few digits make ties."""
    random = np.random.default_rng(seed)
    odds = random.normal(-1, 1.5, n)
    p = np.round(expit(odds), digits)
    return (random.random(n) < expit(odds)).astype(int), np.column_stack([1 - p, p])


def one(y: np.ndarray, p: np.ndarray, **values: Any) -> dict[str, Any]:
    made: dict[str, Any] = class_curves(y, p, ["no", "yes"], **values)["classes"][0]
    return made


@pytest.mark.parametrize(("n", "digits"), [(40, 17), (40, 1), (3_000, 17), (3_000, 2)])
def test_areas_and_curves_are_those_of_scikit_learn(n: int, digits: int) -> None:
    y, p = drawn(n, 1, digits=digits)
    made = one(y, p)
    assert made["roc"]["area"]["value"] == pytest.approx(roc_auc_score(y, p[:, 1]))
    assert made["precision_recall"]["average"]["value"] == pytest.approx(average_precision_score(y, p[:, 1]))
    assert made["base"] == pytest.approx(y.mean())
    for part in ("roc", "precision_recall", "gain"):
        assert len(made[part]["points"]) <= POINTS
    alarms, found, _ = roc_curve(y, p[:, 1], drop_intermediate=False)
    points = {tuple(np.round(pair, 6)) for pair in np.column_stack([alarms, found])}
    assert {tuple(pair) for pair in made["roc"]["points"]} <= points
    precision, recall, _ = precision_recall_curve(y, p[:, 1])
    points = {tuple(np.round(pair, 6)) for pair in np.column_stack([recall, precision])}
    assert {tuple(pair) for pair in made["precision_recall"]["points"][1:]} <= points


def test_weights_are_those_of_scikit_learn() -> None:
    y, p = drawn(500, 2, digits=2)
    w = np.random.default_rng(2).uniform(0.1, 3, 500)
    made = one(y, p, weights=w)
    assert made["roc"]["area"]["value"] == pytest.approx(roc_auc_score(y, p[:, 1], sample_weight=w))
    average = average_precision_score(y, p[:, 1], sample_weight=w)
    assert made["precision_recall"]["average"]["value"] == pytest.approx(average)


def test_intervals_cover_the_truth() -> None:
    """The truth is taken from 200,000 rows; 95 % of 60 samples are 57."""
    y, p = drawn(200_000, 3)
    area, average = roc_auc_score(y, p[:, 1]), average_precision_score(y, p[:, 1])
    hits = np.zeros(3)
    for seed in range(60):
        made = one(*drawn(300, 100 + seed), seed=seed)
        row = next(row for row in made["gain"]["rows"] if row["x"] == 0.2)
        truth = y[p[:, 1] >= np.quantile(p[:, 1], 0.8)].sum() / y.sum()
        spans = ((made["roc"]["area"], area), (made["precision_recall"]["average"], average), (row, truth))
        hits += [span["low"] <= true <= span["high"] for span, true in spans]
    assert (hits >= 52).all(), hits


def test_perfect_probabilities_are_not_called_certain() -> None:
    y = np.tile([0, 1], 30)
    p = np.column_stack([1 - y, y]).astype(float)
    made = one(y, p)
    assert made["roc"]["area"]["value"] == 1
    assert made["roc"]["area"]["low"] == pytest.approx(0.05 ** (1 / 30))
    assert made["precision_recall"]["average"]["value"] == 1
    assert len(made["calibration"]["bins"]) == 2
    assert made["calibration"]["bins"][1]["low"] < 0.9
    wrong = one(y, p[:, ::-1])
    assert wrong["roc"]["area"]["value"] == 0
    assert wrong["roc"]["area"]["high"] > 0.05


def test_constant_probabilities_are_guessing() -> None:
    y = np.tile([0, 0, 0, 1], 25)
    made = one(y, np.tile([0.75, 0.25], (100, 1)))
    assert made["roc"]["area"]["value"] == 0.5
    assert made["roc"]["points"] == [[0, 0], [1, 1]]
    assert made["precision_recall"]["average"]["value"] == 0.25
    assert [row["value"] for row in made["gain"]["rows"]] == pytest.approx([0.01, 0.05, 0.1, 0.2, 0.3, 0.5])
    (only,) = made["calibration"]["bins"]
    assert (only["n"], only["said"], only["came"]) == (100, 0.25, 0.25)
    assert made["calibration"]["error"]["value"] == 0


def test_one_class_alone_has_no_curves() -> None:
    for y in (np.zeros(20, dtype=int), np.ones(20, dtype=int)):
        made = one(y, np.tile([0.5, 0.5], (20, 1)))
        assert made["roc"] is made["precision_recall"] is made["calibration"] is made["gain"] is None


def test_three_classes_each_against_the_others() -> None:
    random = np.random.default_rng(4)
    y = random.integers(0, 3, 400)
    p = random.dirichlet([1, 1, 1], 400) + 0.4 * np.eye(3)[y]
    p /= p.sum(axis=1, keepdims=True)
    made = class_curves(y, p, ["a", "b", "c"])
    assert [one["label"] for one in made["classes"]] == ["a", "b", "c"]
    for code, one_class in enumerate(made["classes"]):
        assert one_class["roc"]["area"]["value"] == pytest.approx(roc_auc_score(y == code, p[:, code]))


def test_many_classes_leave_out_the_rarest_and_bear_one_that_never_came() -> None:
    y = np.concatenate([np.repeat(np.arange(13), np.arange(2, 15)), [13]])
    p = np.full((len(y), 15), 1 / 15)
    made = class_curves(y, p, [f"c{code:02}" for code in range(15)])
    assert len(made["classes"]) == MOST_CLASSES
    assert {"c13", "c14", "c00"}.isdisjoint(one["label"] for one in made["classes"])
    few = class_curves(np.array([0, 1, 0, 1]), np.full((4, 3), 1 / 3), ["a", "b", "c"])
    assert few["classes"][2]["roc"] is None


def test_calibration_bins_hold_equal_parts_and_tell_wrong_probabilities() -> None:
    y, p = drawn(2_000, 5)
    right, sure = one(y, p)["calibration"], None
    assert [found["n"] for found in right["bins"]] == [200] * BINS
    assert right["error"]["value"] < right["error"]["most_by_chance"]
    odds = np.log(p[:, 1] / p[:, 0]) * 3
    sure = one(y, np.column_stack([expit(-odds), expit(odds)]))["calibration"]
    assert sure["error"]["value"] > 3 * sure["error"]["most_by_chance"]
    assert all(found["low"] <= found["came"] <= found["high"] for found in right["bins"] + sure["bins"])
    bars = right["histogram"]
    assert sum(bars["hits"]) == y.sum()
    assert sum(bars["others"]) == len(y) - y.sum()


def test_rows_of_a_group_are_drawn_together() -> None:
    y, p = drawn(60, 6)
    again, groups = (np.repeat(y, 20), np.repeat(p, 20, axis=0)), np.repeat(np.arange(60), 20)
    single, alike = one(*again), one(*again, groups=groups)

    def width(found: dict[str, Any]) -> float:
        return float(found["roc"]["area"]["high"] - found["roc"]["area"]["low"])

    assert width(alike) > 3 * width(single)
    assert alike["calibration"]["bins"][0]["high"] >= single["calibration"]["bins"][0]["high"]


def test_everything_is_plain_and_can_be_drawn() -> None:
    y, p = drawn(5_000, 7)
    made = json.loads(json.dumps(class_curves(y, p, ["no", "yes"]), allow_nan=False))
    assert len(json.dumps(made)) < 40_000
    for figure in (roc_figure, precision_recall_figure, calibration_figure, gain_figure):
        option = json.loads(json.dumps(figure(made["classes"][0]), allow_nan=False))
        assert "“yes”" in option["aria"]["label"]["description"]
    hard = class_curves(np.array([0, 1]), np.array([[0.5, 0.5], [0.5, 0.5]]), ["no", "yes"])["classes"][0]
    assert json.dumps([roc_figure(hard), gain_figure(hard), calibration_figure(hard)], allow_nan=False)


def test_the_same_seed_gives_the_same_curves() -> None:
    y, p = drawn(300, 8)
    assert class_curves(y, p, ["a", "b"], seed=1) == class_curves(y, p, ["a", "b"], seed=1)
