"""Sentences of the verdict: numbers as the leaderboard writes them, learners counted as it counts them."""

import numpy as np
import pandas as pd
import pytest

from beanft.engine.learning.judging.judge import Judge
from beanft.engine.learning.judging.optimism import Optimism, optimism_of
from beanft.engine.learning.judging.references import rule
from beanft.engine.learning.judging.verdict import Standing, better_sentence
from beanft.engine.learning.metrics import METRIC
from engine.learning.judging.cases import evidence, judge_with_guess, put, shaky

Y = np.random.default_rng(0).integers(0, 2, 300)


def _tied(*runs: tuple[str, str, float]) -> Judge:
    """Runs that said the same: key, learner and seconds; the first comes first."""
    held = evidence(Y)
    judge, p = judge_with_guess(held), shaky(Y, 3.0, np.random.default_rng(4))
    for key, learner, seconds in runs:
        put(judge, held, key, p, learner=learner, seconds=seconds)
    return judge


def test_learners_are_counted_and_not_their_settings():
    judge = _tied(
        ("boosting", "boosting", 1),
        ("boosting-2", "boosting", 2),
        ("ridge", "ridge", 9),
        ("ridge-2", "ridge", 8),
    )
    verdict = judge.verdict()
    assert set(verdict.tied_with_best) == {"boosting-2", "ridge", "ridge-2"}
    assert verdict.sentence.endswith("Boosting and Ridge cannot be told apart; the simplest is Ridge.")


def test_settings_of_the_best_alone_are_no_tie():
    assert (
        "told apart"
        not in _tied(("boosting", "boosting", 2), ("boosting-2", "boosting", 1)).verdict().sentence
    )


def test_numbers_are_those_of_the_leaderboard():
    best = Standing(title="Boosting", interval={"value": 24_566.2, "low": 22_334.0, "high": 27_282.0})
    said = better_sentence(best, 80_578.0, tied=[], simplest="Boosting", is_quickest=True)
    assert said.startswith("Boosting scores 24,600 (22,300 to 27,300) against 80,600 for guessing,")


def _optimism(luck: float) -> str:
    interval: dict[str, float | None] = {"value": 30_000.0, "low": 29_000.0, "high": 31_000.0}
    return optimism_of(
        METRIC["rmse"],
        values=np.array([30_000.0, 40_000.0]),
        drawn=np.array([[30_000.0], [40_000.0]]),
        left_out=np.array([[30_000.0 + 2 * luck], [40_000.0]]),  # half of it is no luck: the mean of both
        interval=interval,
    ).sentence


def test_luck_is_a_plain_number_or_next_to_nothing():
    assert _optimism(290.0) == (
        "The best of 2 runs is partly the luckiest: about 290 of its score comes from picking. "
        "Without it, 30,300 (29,300 to 31,300) can be expected."
    )
    assert _optimism(0.0000065) == (
        "The best of 2 runs was picked for its score, which adds next to nothing to it: "
        "30,000 (29,000 to 31,000) can be expected."
    )


def _auc(best: float, low: float, high: float, *, unseen: float, guess: float | None) -> Optimism:
    """Two runs, the best picked in the one draw, and what it scored on the rows that the draw left out."""
    return optimism_of(
        METRIC["roc_auc"],
        values=np.array([best, best]),
        drawn=np.array([[best], [best]]),
        left_out=np.array([[unseen], [2 * best - unseen]]),
        interval={"value": best, "low": low, "high": high},
        guess=guess,
    )


@pytest.mark.parametrize("guess", [0.5, None])
def test_a_model_that_says_the_same_of_every_row_owes_nothing_to_luck(guess: float | None):
    """The newcomer read that 0.406 can be expected of one at 0.500 (0.500 to 0.500)."""
    found = _auc(0.5, 0.5, 0.5, unseen=0.4057, guess=guess)
    assert found.sentence == ""
    if guess is not None:
        assert (found.optimism, found.corrected["value"]) == (0.0, 0.5)


def test_nothing_is_said_of_the_luck_of_a_run_within_noise_of_guessing():
    assert _auc(0.56, 0.47, 0.65, unseen=0.52, guess=0.5).sentence == ""
    assert "partly the luckiest" in _auc(0.66, 0.57, 0.75, unseen=0.62, guess=0.5).sentence


def test_luck_goes_down_to_guessing_and_no_further():
    found = _auc(0.6, 0.51, 0.69, unseen=0.4, guess=0.5)
    assert found.optimism == pytest.approx(0.1)
    assert found.corrected["value"] == pytest.approx(0.5)
    assert "about 0.100 of its score comes from picking. Without it, 0.500 (" in found.sentence


def test_of_errors_the_guess_is_above():
    interval = {"value": 3.0, "low": 2.5, "high": 3.6}
    found = optimism_of(
        METRIC["rmse"],
        values=np.array([3.0, 3.0]),
        drawn=np.array([[3.0], [3.0]]),
        left_out=np.array([[9.0], [-3.0]]),
        interval=interval,
        guess=4.0,
    )
    assert found.corrected["value"] == pytest.approx(4.0)
    within = optimism_of(
        METRIC["rmse"],
        values=np.array([3.0]),
        drawn=np.array([[3.0]]),
        left_out=np.array([[3.0]]),
        interval=interval,
        guess=3.5,
    )
    assert within.sentence == ""


def test_a_rule_has_no_powers_of_ten():
    random = np.random.default_rng(0)
    table = pd.DataFrame(
        {"area": random.uniform(20_000, 90_000, 400), "year_built": random.integers(1950, 2010, 400)}
    )
    y = 3 * table["area"].to_numpy() + 5_000.0 * (table["year_built"].to_numpy() > 1990)
    sentence = rule(table, y, "regression", 0, 0).sentence
    assert "e+" not in sentence
    assert "“area” ≤ " in sentence
    assert any(f",{digit}" in sentence for digit in range(10))
