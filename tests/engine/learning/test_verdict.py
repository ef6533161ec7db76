"""The verdict says what is better than guessing, and is not fooled by noise."""

import numpy as np
import pytest

from beanft.engine.learning.judging.comparing import compare
from beanft.engine.learning.verdict import judge


def run(learner, scores, metric="roc_auc", state="ready"):
    return {
        "learner": learner,
        "title": learner.title(),
        "state": state,
        "metric": metric,
        "scores": list(scores),
        "mean": float(np.mean(scores)) if len(scores) else None,
        "sd": float(np.std(scores, ddof=1)) if len(scores) else None,
        "test_to_train": 0.25,
    }


GUESS = run("baseline", [0.5] * 5)


def test_the_interval_is_nadeau_and_bengios():
    """Mean 0.3, variance 0.025, error sqrt((1/5 + 1/4) * 0.025) = 0.106066, t(0.975, 4) = 2.776445."""
    found = compare([0.6, 0.7, 0.8, 0.9, 1.0], [0.5] * 5, greater_is_better=True, test_to_train=0.25)
    assert found.difference == pytest.approx(0.3)
    assert found.low == pytest.approx(0.3 - 2.776445 * 0.106066, abs=1e-5)
    assert found.clear


def test_smaller_errors_are_better():
    assert (
        compare([1.0, 1.1, 1.0], [9.0, 9.2, 9.1], greater_is_better=False, test_to_train=0.5).difference > 8
    )


def test_nothing_is_judged_before_the_baseline_and_one_more_are_ready():
    assert judge([]).code == "waiting"
    assert judge([run("forest", [0.9] * 5)]).code == "waiting"
    assert judge([GUESS]).code == "baseline_only"
    assert judge([GUESS, run("forest", [], state="failed")]).code == "baseline_only"


def test_scores_around_the_baseline_are_guessing():
    verdict = judge([GUESS, run("forest", [0.55, 0.45, 0.6, 0.5, 0.52])])
    assert verdict.code == "guessing"
    assert verdict.sentence == (
        "No estimator does better than guessing: every score is within noise of the baseline."
    )
    assert verdict.better == {"forest": False}


def test_a_clear_winner_and_its_equals_are_named():
    verdict = judge(
        [
            GUESS,
            run("forest", [0.97, 0.96, 0.98, 0.97, 0.96]),
            run("trees", [0.96, 0.97, 0.97, 0.97, 0.96]),
            run("line", [0.7, 0.71, 0.69, 0.7, 0.71]),
        ]
    )
    assert (verdict.code, verdict.best, verdict.tied_with_best) == ("better", "forest", ["trees"])
    assert verdict.sentence == (
        "Forest scores 0.97 ± 0.01 against 0.50 for guessing, a difference too large to be chance. "
        "1 other is not shown to be worse: Trees."
    )


def test_constantly_worse_than_guessing_is_not_better():
    assert judge([GUESS, run("forest", [0.3, 0.31, 0.3, 0.29, 0.3])]).code == "guessing"


def test_equal_scores_on_every_fold_are_no_difference():
    assert judge([GUESS, run("forest", [0.5] * 5)]).better == {"forest": False}


def test_errors_in_any_unit_are_judged_by_falling():
    base = run("baseline", [7940.0, 8010.0, 7990.0], "rmse")
    verdict = judge([base, run("line", [5010.0, 5100.0, 5050.0], "rmse")])
    assert verdict.best == "line"
    assert "5,053 ± 45 against 7,980" in verdict.sentence


def test_the_chance_of_a_false_winner_stays_small():
    """400 experiments of ten learners that guess, with folds that share noise, as real ones do."""
    random = np.random.default_rng(0)
    false = 0
    for _ in range(400):
        shared = random.normal(0, 0.03, 5)
        runs = [run(f"l{i}", 0.5 + shared / 2 + random.normal(0, 0.04, 5)) for i in range(10)]
        false += judge([GUESS, *runs]).code == "better"
    assert false / 400 <= 0.05


def test_what_is_clearly_worse_than_guessing_is_not_called_noise():
    worse, noise = run("forest", [0.3, 0.31, 0.3, 0.29, 0.3]), run("bayes", [0.52, 0.47, 0.51, 0.49, 0.5])
    verdict = judge([GUESS, worse, noise])
    assert verdict.code == "guessing"
    assert verdict.sentence == "No estimator does better than guessing. Worse than guessing: Forest."


def test_an_unsteady_learner_far_behind_is_not_called_tied():
    """It is not shown to be worse, because it jumps about; but it gives up most of what the best gains."""
    runs = [GUESS, run("forest", [0.95, 0.94, 0.96, 0.95, 0.94]), run("trees", [0.95, 0.5, 0.93, 0.4, 0.6])]
    assert judge(runs).tied_with_best == []


def test_ties_end_at_the_first_that_is_shown_to_be_worse():
    best, worse = run("forest", [0.95, 0.94, 0.96, 0.95, 0.94]), run("svm", [0.93, 0.92, 0.94, 0.93, 0.92])
    behind = run("trees", [0.98, 0.85, 0.97, 0.84, 0.9])
    verdict = judge([GUESS, best, worse, behind])
    assert verdict.best == "forest"
    assert verdict.tied_with_best == []


def test_a_near_perfect_score_is_doubted():
    assert judge([GUESS, run("forest", [1.0, 1.0, 1.0, 0.999, 1.0])]).too_good
    assert not judge([GUESS, run("forest", [0.99, 0.98, 1.0, 0.99, 0.98])]).too_good
    error = [run("baseline", [10.0] * 5, "rmse"), run("forest", [0.01, 0.012, 0.01, 0.011, 0.01], "rmse")]
    assert judge(error).too_good
