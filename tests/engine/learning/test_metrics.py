"""The metrics agree with scikit-learn's, and a bootstrap draw agrees with the score of the drawn rows."""

import numpy as np
import pytest
from sklearn import metrics as reference

from beanft.engine.learning.metrics import METRIC, draw_counts, metrics_for

RANDOM = np.random.default_rng(0)
Y = RANDOM.integers(0, 2, 300)
P1 = np.round(RANDOM.uniform(size=300) * 0.7 + Y * 0.2, 1)  # rounded, so that there are ties
BINARY = np.column_stack([1 - P1, P1])
Y3 = RANDOM.integers(0, 3, 300)
P3 = RANDOM.dirichlet([1, 1, 1], 300)
NUMBERS, GUESSES = RANDOM.normal(50, 3, 300), RANDOM.normal(50, 3, 300)


@pytest.mark.parametrize(
    ("key", "y", "predicted", "expected"),
    [
        ("roc_auc", Y, BINARY, reference.roc_auc_score(Y, P1)),
        ("log_loss", Y3, P3, reference.log_loss(Y3, P3)),
        ("accuracy", Y3, P3, reference.accuracy_score(Y3, P3.argmax(axis=1))),
        ("balanced_accuracy", Y3, P3, reference.balanced_accuracy_score(Y3, P3.argmax(axis=1))),
        ("f1_macro", Y3, P3, reference.f1_score(Y3, P3.argmax(axis=1), average="macro")),
        ("rmse", NUMBERS, GUESSES, reference.root_mean_squared_error(NUMBERS, GUESSES)),
        ("mae", NUMBERS, GUESSES, reference.mean_absolute_error(NUMBERS, GUESSES)),
        ("r2", NUMBERS, GUESSES, reference.r2_score(NUMBERS, GUESSES)),
    ],
)
def test_metrics_agree_with_scikit_learn(key, y, predicted, expected):
    assert METRIC[key].of(y, predicted) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(
    ("key", "y", "predicted"),
    [(key, Y, BINARY) for key in ("roc_auc", "log_loss", "accuracy", "balanced_accuracy", "f1_macro")]
    + [(key, NUMBERS, GUESSES) for key in ("rmse", "mae", "r2")],
)
def test_a_draw_scores_like_its_rows_written_out(key, y, predicted):
    (counts,) = draw_counts(len(y), 3, seed=1)
    rows = np.repeat(np.arange(len(y)), counts[2])
    drawn = METRIC[key].score(y, predicted, counts)[2]
    assert drawn == pytest.approx(METRIC[key].of(y[rows], predicted[rows]), rel=1e-10)


def test_the_headline_comes_first():
    assert metrics_for("classification", 2)[0].key == "roc_auc"
    assert metrics_for("classification", 3)[0].key == "balanced_accuracy"
    assert metrics_for("regression")[0].key == "rmse"


def test_one_class_alone_has_no_area():
    assert np.isnan(METRIC["roc_auc"].of(np.zeros(5, dtype=int), BINARY[:5]))
