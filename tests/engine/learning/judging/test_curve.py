"""The learning curve says whether more rows would help."""

from itertools import pairwise

import numpy as np
import pytest

from beanft.engine.learning.judging import curve as curve_module
from beanft.engine.learning.judging.curve import doubled, learning_curve
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
    assert curve.helps
    assert curve.gain["value"] == pytest.approx(curve.points[-1]["value"] * (1 - 0.5**0.5), rel=0.1)
    assert curve.sentence.endswith("more rows would help.")


def test_a_flat_error_does_not():
    curve = _numbers(lambda n: 1 + 1 / n)
    assert curve.helps is False
    assert curve.sentence.endswith("more rows would not help much.")


def test_parts_keep_the_classes_and_lie_in_each_other():
    y = (np.arange(1_200) % 10 == 0).astype(int)
    seen = []

    def fit_predict(rows):
        seen.append(rows)
        return np.column_stack([0.6 - 0.2 * y[TEST], 0.4 + 0.2 * y[TEST]])

    curve = learning_curve(fit_predict, y, TRAIN, TEST, METRIC["log_loss"], seed=0, classes=True)
    assert [int(y[rows].sum()) for rows in seen] == [10, 20, 40, 80]
    assert all(set(small) <= set(large) for small, large in pairwise(seen))
    assert set(curve.facts()) == {"metric", "n_test", "points", "gain", "helps", "sentence"}


def test_too_few_rows_cannot_tell():
    y = np.arange(30.0)
    curve = learning_curve(
        lambda _: y[20:], y, np.arange(20), np.arange(20, 30), METRIC["mae"], seed=0, classes=False
    )
    assert (curve.gain, curve.helps) == (None, None)
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
    helps, sentence = curve_module._judged(gain, [{"value": 0.852}], METRIC["roc_auc"])
    assert helps is None
    assert sentence.endswith(ending)
