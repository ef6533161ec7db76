"""The learning curve says whether more rows would help."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from beanft.engine.learning.judging import curve as curve_module
from beanft.engine.learning.judging.curve import Drawn, doubled, learning_curve
from beanft.engine.learning.metrics import METRIC

TRAIN, TEST = np.arange(800), np.arange(800, 1_200)


def _numbers(error_of):
    """A curve on made-up errors that depend on the number of training rows."""
    random = np.random.default_rng(0)
    y = random.normal(size=1_200)
    noise = random.normal(size=400)
    return learning_curve(
        lambda rows: y[TEST] + error_of(len(rows)) * noise,
        y,
        TRAIN,
        TEST,
        METRIC["rmse"],
        seed=0,
        classes=False,
    )


def test_a_falling_error_asks_for_more_rows():
    curve = _numbers(lambda n: 10 * n**-0.5)
    assert [point["n_rows"] for point in curve.points] == [100, 200, 400, 800]
    assert curve.gain["value"] == pytest.approx(curve.points[-1]["value"] * (1 - 0.5**0.5), rel=0.1)
    assert "more rows would help. The curve is that of one quick run" in curve.sentence


def test_a_flat_error_does_not():
    curve = _numbers(lambda n: 1 + 1 / n)
    assert "more rows would not help much." in curve.sentence


def test_parts_keep_the_classes_and_lie_in_each_other():
    y = (np.arange(1_200) % 10 == 0).astype(int)
    seen = []

    def fit_predict(rows):
        seen.append(rows)
        return np.column_stack([0.6 - 0.2 * y[TEST], 0.4 + 0.2 * y[TEST]])

    curve = learning_curve(fit_predict, y, TRAIN, TEST, METRIC["log_loss"], seed=0, classes=True)
    assert [int(y[rows].sum()) for rows in seen] == [10, 20, 40, 80]
    assert all(set(small) <= set(large) for small, large in pairwise(seen))
    assert set(curve.facts()) == {"metric", "title", "points", "gain", "sentence"}


def test_too_few_rows_cannot_tell():
    y = np.arange(30.0)
    curve = learning_curve(
        lambda _: y[20:], y, np.arange(20), np.arange(20, 30), METRIC["mae"], seed=0, classes=False
    )
    assert curve.gain is None
    assert curve.sentence == "There are too few rows to tell whether more would help."


def test_a_rising_error_gains_nothing():
    assert doubled(np.array([1.0, 2.0, 4.0]), np.array([[1.0, 2.0, 3.0]])).tolist() == [0.0]


@pytest.mark.parametrize(
    ("low", "ending"),
    [
        (0.00125, "more rows would help, but it cannot be told whether by more than a trifle."),
        (-0.001, "it cannot be told whether more rows would help."),
    ],
)
def test_an_interval_above_nothing_is_not_said_to_tell_nothing(low, ending):
    gain = {"value": 0.0034, "low": low, "high": 0.0104}
    sentence = curve_module._judged(gain, [{"value": 0.852}], METRIC["roc_auc"])
    assert sentence.endswith(ending)


BAYES = Drawn(
    title="Naive Bayes", value=0.920, n_tested=674, best_title="Gradient boosting", best_value=0.991
)


def test_nothing_better_than_perfect_is_promised_to_the_best():
    """The newcomer read of 0.032 more beside a best score of 0.991."""
    gain = {"value": 0.032, "low": 0.0157, "high": 0.048}
    sentence = curve_module._judged(gain, [{"value": 0.905}], METRIC["roc_auc"], BAYES)
    assert sentence == (
        "Twice as many rows would bring Naive Bayes about 0.0320 (0.0157 to 0.0480) higher ROC AUC. "
        "Gradient boosting is at 0.991 already and lacks only 0.00900 to a perfect score: it cannot gain "
        "more than that, and it cannot be told from this curve whether more rows would help it."
    )
    low = replace(BAYES, best_value=0.93)
    assert curve_module._judged(gain, [{"value": 0.905}], METRIC["roc_auc"], low) == (
        "Twice as many rows would bring Naive Bayes about 0.0320 (0.0157 to 0.0480) higher ROC AUC: "
        "more rows would help."
    )


def test_the_run_that_was_drawn_is_named_and_why_its_end_is_another_score():
    y = np.tile([0, 1], 600)

    def fit_predict(rows):
        sure = 0.5 + 0.05 * np.log10(len(rows)) * (2 * y[TEST] - 1)
        return np.column_stack([1 - sure, sure])

    curve = learning_curve(
        fit_predict, y, TRAIN, TEST, METRIC["log_loss"], seed=0, classes=True, drawn_with=BAYES
    )
    assert curve.title == "Naive Bayes"
    assert curve.sentence.endswith(
        f"The curve is that of Naive Bayes, a quick one of the best. It ends at "
        f"{curve.points[-1]['value']:.3f}, scored on 400 rows; on the leaderboard it has 0.920, of all 674 "
        "tested rows."
    )


@pytest.mark.parametrize(("metric", "scores"), [("roc_auc", (0.5, 0.7, 0.99)), ("rmse", (9.0, 5.0, 0.01))])
def test_no_curve_promises_more_than_is_lacking(metric, scores):
    """A law through points above the last one would else promise more than a perfect score."""
    drawn = np.column_stack([scores, np.array(scores)]).repeat(50, axis=1)
    gain = curve_module._gain(np.array([100.0, 200.0, 400.0]), drawn, METRIC[metric], 400)
    most = 1 - scores[-1] if METRIC[metric].greater_is_better else scores[-1]
    assert 0 < gain["value"] <= gain["high"] <= most + 1e-12
