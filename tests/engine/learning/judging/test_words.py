"""Sentences of the verdict: numbers as the leaderboard writes them, learners counted as it counts them."""

import numpy as np
import pandas as pd

from beanft.engine.learning.judging.judge import Judge
from beanft.engine.learning.judging.optimism import optimism_of
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
