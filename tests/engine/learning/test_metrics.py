"""The metrics agree with scikit-learn's, and a bootstrap draw agrees with the score of the drawn rows."""

import numpy as np
import pytest
from sklearn import metrics as reference

from beanft.engine.learning.metrics import METRIC, metrics_for
from beanft.engine.learning.resampling import draw_counts

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
        ("average_precision", Y, BINARY, reference.average_precision_score(Y, P1)),
        ("f1", Y, BINARY, reference.f1_score(Y, BINARY.argmax(axis=1))),
        ("brier", Y, BINARY, reference.brier_score_loss(Y, P1)),
        ("brier", Y3, P3, reference.brier_score_loss(Y3, P3)),
        ("matthews", Y3, P3, reference.matthews_corrcoef(Y3, P3.argmax(axis=1))),
        ("median_error", NUMBERS, GUESSES, reference.median_absolute_error(NUMBERS, GUESSES)),
        ("mape", NUMBERS, GUESSES, reference.mean_absolute_percentage_error(NUMBERS, GUESSES)),
        ("rmse", NUMBERS, GUESSES, reference.root_mean_squared_error(NUMBERS, GUESSES)),
        ("mae", NUMBERS, GUESSES, reference.mean_absolute_error(NUMBERS, GUESSES)),
        ("r2", NUMBERS, GUESSES, reference.r2_score(NUMBERS, GUESSES)),
    ],
)
def test_metrics_agree_with_scikit_learn(key, y, predicted, expected):
    assert METRIC[key].of(y, predicted) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(
    ("key", "y", "predicted"),
    [(one.key, Y, BINARY) for one in metrics_for("classification", 2)]
    + [(one.key, Y3, P3) for one in metrics_for("classification", 3)]
    + [(one.key, NUMBERS, GUESSES) for one in metrics_for("regression")],
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


def test_draws_weigh_as_scikit_learn_does():
    (counts,) = draw_counts(len(Y), 2, seed=2)
    weight, told = counts[1].astype(float), BINARY.argmax(axis=1)
    for key, expected in (
        ("roc_auc", reference.roc_auc_score(Y, P1, sample_weight=weight)),
        ("average_precision", reference.average_precision_score(Y, P1, sample_weight=weight)),
        ("f1", reference.f1_score(Y, told, sample_weight=weight)),
        ("brier", reference.brier_score_loss(Y, P1, sample_weight=weight)),
        ("matthews", reference.matthews_corrcoef(Y, told, sample_weight=weight)),
    ):
        assert METRIC[key].score(Y, BINARY, counts)[1] == pytest.approx(expected, rel=1e-10)


def test_a_draw_without_a_class_is_undefined_where_it_must_be():
    y, predicted = np.array([0, 0, 1]), BINARY[:3]
    counts = np.array([[1, 2, 0], [1, 1, 1]])
    for key in ("roc_auc", "average_precision"):
        score = METRIC[key].score(y, predicted, counts)
        assert np.isnan(score[0])
        assert np.isfinite(score[1])
    assert METRIC["matthews"].score(y, predicted, counts)[0] == 0


def test_rows_whose_number_is_0_have_no_percentage():
    y, predicted = np.array([0.0, 2.0, 4.0]), np.array([5.0, 1.0, 5.0])
    assert METRIC["mape"].of(y, predicted) == pytest.approx((0.5 + 0.25) / 2)
    assert np.isnan(METRIC["mape"].of(y[:1], predicted[:1]))


def test_clusters_are_drawn_whole():
    codes = np.array([5, 5, 9, 9, 9, 7])
    (counts,) = draw_counts(6, 50, seed=0, clusters=codes)
    for code in (5, 9):
        assert (counts[:, codes == code] == counts[:, codes == code][:, :1]).all()
    assert (counts[:, 0] + counts[:, 2] + counts[:, 5] == 3).all()


def test_metrics_of_one_class_say_which_it_is():
    of_one = [one.key for one in metrics_for("classification", 2) if "second class" in one.sentence]
    assert of_one == ["roc_auc", "average_precision", "f1"]
    assert all("the second class, the one to be found," in METRIC[key].sentence for key in of_one)
