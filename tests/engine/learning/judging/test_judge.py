"""The judge gives intervals, finds what beats guessing, and shows ties as ties."""

from dataclasses import replace

import numpy as np
import pytest

from beanft.engine.learning.judging.draws import Draws
from beanft.engine.learning.judging.intervals import spread
from beanft.engine.learning.judging.judge import Judge
from beanft.engine.learning.metrics import METRIC
from engine.learning.judging.cases import chances, evidence, guess, judge_with_guess, put, shaky

RANDOM = np.random.default_rng(0)
Y = RANDOM.integers(0, 2, 300)


def test_nothing_is_judged_before_the_baseline_and_one_more_are_there():
    judge = Judge(evidence(Y))
    assert judge.verdict().code == "waiting"
    assert judge.optimism() is None
    assert judge_with_guess(evidence(Y)).verdict().code == "baseline_only"


def test_a_run_gets_its_pooled_score_with_an_interval_and_a_comparison():
    held = evidence(Y)
    facts = put(judge_with_guess(held), held, "line", shaky(Y, 2.0, np.random.default_rng(1)))
    interval, better = facts["interval"], facts["better"]
    assert interval["low"] < interval["value"] < interval["high"]
    assert better["difference"] == pytest.approx(interval["value"] - 0.5)
    assert better["better"]
    assert better["low"] > 0


def test_the_baseline_has_no_comparison_and_guesses_one_answer():
    """Folds guess against their own rows: pooled as they are, the guesses would rank the rows wrongly."""
    held, judge = evidence(Y), Judge(evidence(Y))
    shares = np.array([Y[held.fold != k].mean() for k in range(5)])
    facts = put(judge, held, "baseline", chances(shares[held.fold]), learner="baseline")
    assert facts == {"interval": {"value": 0.5, "low": 0.5, "high": 0.5}, "better": None}


def test_noise_is_guessing():
    held = evidence(Y)
    judge = judge_with_guess(held)
    put(judge, held, "line", shaky(Y, 0.0, np.random.default_rng(2)))
    verdict = judge.verdict()
    assert (verdict.code, verdict.best, verdict.simplest) == ("guessing", None, None)
    assert verdict.better == {"line": False}
    assert "within noise of the baseline" in verdict.sentence


def test_what_ranks_the_wrong_way_round_is_worse_than_guessing():
    held = evidence(Y)
    judge = judge_with_guess(held)
    put(judge, held, "line", shaky(Y, -3.0, np.random.default_rng(2)))
    assert judge.verdict().worse == ["line"]


def test_ties_are_shown_as_ties_and_the_simplest_is_named():
    held, random = evidence(Y), np.random.default_rng(3)
    judge = judge_with_guess(held)
    told = 4 * (Y - 0.5) + random.normal(size=len(Y))
    for key, learner, skill, seconds in [
        ("boosting", "boosting", 1.01, 9.0),
        ("logistic", "logistic", 1.0, 0.5),
        ("forest", "random_forest", 1.0, 4.0),
        ("bayes", "naive_bayes", 0.02, 0.1),
    ]:
        p = 1 / (1 + np.exp(-(skill * told + 0.05 * random.normal(size=len(Y)))))
        p = p if key != "bayes" else 1 / (1 + np.exp(-(0.4 * told + random.normal(size=len(Y)))))
        put(judge, held, key, chances(p), learner=learner, seconds=seconds)
    verdict = judge.verdict()
    assert verdict.code == "better"
    assert {verdict.best, *verdict.tied_with_best} == {"boosting", "logistic", "forest"}
    assert verdict.simplest == "logistic"
    assert "These 3 cannot be told apart" in verdict.sentence
    assert "The simplest and quickest is Logistic." in verdict.sentence
    assert judge.ranking[-1] == "bayes"


def test_a_simpler_run_that_is_slower_is_only_called_the_simplest():
    held = evidence(Y)
    judge, p = judge_with_guess(held), shaky(Y, 3.0, np.random.default_rng(4))
    put(judge, held, "boosting", p, learner="boosting", seconds=1.0)
    put(judge, held, "logistic", p, learner="logistic", seconds=5.0)
    assert judge.verdict().sentence.endswith("cannot be told apart; the simplest is Logistic.")


def test_errors_are_judged_by_falling():
    random = np.random.default_rng(5)
    y = random.normal(100, 10, 200)
    held = evidence(y, metric="rmse")
    judge = judge_with_guess(held)
    put(judge, held, "line", y + random.normal(0, 3, 200))
    put(judge, held, "rough", y + random.normal(0, 6, 200))
    verdict = judge.verdict()
    assert (verdict.best, verdict.tied_with_best) == ("line", [])
    assert judge.ranking == ["line", "rough"]


def test_six_rows_told_right_prove_nothing_for_many_runs():
    """One of 20 ways to deal six labels out is the perfect one."""
    y = np.array([0, 1, 0, 1, 0, 1])
    held = replace(evidence(y), fold=np.array([0, 0, 1, 1, 2, 2]))
    judge = judge_with_guess(held)
    for key in ("one", "two"):
        put(judge, held, key, chances(y * 0.8 + 0.1))
    assert judge.verdict().code == "guessing"


def test_a_perfect_score_is_doubted_and_not_called_certain():
    held = evidence(Y)
    judge = judge_with_guess(held)
    facts = put(judge, held, "line", chances(Y * 0.8 + 0.1))
    assert facts["interval"]["low"] < 1 == facts["interval"]["high"]
    assert judge.verdict().too_good


def test_one_part_alone_is_judged_by_its_rows():
    """With a single validation part there are no folds to test."""
    held = evidence(Y)
    judge = Judge(held)
    guess, p = np.full((len(Y), 2), 0.5), shaky(Y, 2.0, np.random.default_rng(6))
    for key, learner, predicted in (("baseline", "baseline", guess), ("line", "ridge", p)):
        judge.add(
            key, title=key, learner=learner, predicted=predicted, scores=[0.5], test_to_train=0.25, seconds=1
        )
    assert judge.verdict().better == {"line": True}


def test_an_undefined_score_harms_nobody():
    y = np.zeros(60, dtype=int)
    held = replace(evidence(y), labels=("a", "b"))
    judge = Judge(held)
    for key, learner in (("baseline", "baseline"), ("line", "ridge")):
        facts = judge.add(
            key,
            title=key,
            learner=learner,
            predicted=chances(np.linspace(0, 1, 60)),
            scores=[float("nan")] * 5,
            test_to_train=0.25,
            seconds=1,
        )
        assert facts["interval"] == {"value": None, "low": None, "high": None}
    assert judge.verdict().code == "guessing"
    assert judge.ranking == []


def test_rows_of_one_group_are_drawn_together():
    """Twenty rows that say the same are worth one."""
    few = np.random.default_rng(7).integers(0, 2, 30)
    p = shaky(few, 1.0, np.random.default_rng(8))
    y, many = np.repeat(few, 20), np.repeat(p, 20, axis=0)
    alone, together = evidence(y), evidence(y, by="group", order=np.repeat(np.arange(30), 20))
    wide, narrow = (put(judge_with_guess(held), held, "m", many)["interval"] for held in (together, alone))
    assert wide["high"] - wide["low"] > 3 * (narrow["high"] - narrow["low"])


def test_folds_of_time_keep_their_guesses_but_where_these_would_rank():
    order = np.arange(len(Y))
    level = np.linspace(0.2, 0.8, len(Y))
    for metric, value in (("roc_auc", 0.5), ("log_loss", METRIC["log_loss"].of(Y, chances(level)))):
        held = evidence(Y, metric=metric, by="time", order=order)
        facts = put(Judge(held), held, "baseline", chances(level), learner="baseline")
        assert facts["interval"]["value"] == pytest.approx(value)


def test_a_run_can_be_asked_for_its_pooled_score():
    held = evidence(Y)
    judge = judge_with_guess(held)
    facts = put(judge, held, "line", shaky(Y, 2.0, np.random.default_rng(1)))
    assert judge.value("line") == facts["interval"]["value"]
    with pytest.raises(KeyError):
        judge.value("other")


def _by_time(strengths):
    """A judge of three growing folds in which a run is so much better than guessing."""
    y = np.random.default_rng(9).integers(0, 2, 600)
    parts = np.repeat(np.arange(3), 200)
    held = replace(evidence(y, by="time", order=np.arange(600)), fold=parts)
    chance, random = np.empty((600, 2)), np.random.default_rng(10)
    for k, strength in enumerate(strengths):
        chance[parts == k] = shaky(y[parts == k], strength, random)
    judge = Judge(held)
    for key, learner, said in (("baseline", "baseline", np.full((600, 2), 0.5)), ("line", "ridge", chance)):
        scores = [held_score(held, said, parts == k) for k in range(3)]
        judge.add(
            key, title="Line", learner=learner, predicted=said, scores=scores, test_to_train=0.2, seconds=1
        )
    return judge


def held_score(held, said, part):
    return METRIC[held.metric].of(held.y[part], said[part])


def test_a_signal_of_changing_strength_over_time_is_seen():
    """A t-test of three folds finds nothing here, though each fold is far above guessing."""
    verdict = _by_time([2.5, 0.5, 1.6]).verdict()
    assert (verdict.code, verdict.better) == ("better", {"line": True})


def test_what_is_lost_in_one_stretch_of_time_is_called_unsteady_and_not_noise():
    verdict = _by_time([3.0, -0.6, 2.0]).verdict()
    assert verdict.code == "guessing"
    assert "too unsteady from one part of the rows to the next: Line." in verdict.sentence
    assert "within noise" not in verdict.sentence


def test_r2_and_rmse_judge_alike():
    """The variation of the target that a draw happens to hold is none of a model's merit."""
    random = np.random.default_rng(11)
    y = random.standard_t(3, size=80)
    said = 0.3 * y + 0.5 * random.normal(size=80)
    p = {}
    for metric in ("r2", "rmse"):
        held = evidence(y, metric=metric)
        p[metric] = put(judge_with_guess(held), held, "line", said)["better"]["p"]
    assert p["r2"] == pytest.approx(p["rmse"], abs=0.01)
    draws, r2, rmse = Draws(y, seed=0), METRIC["r2"], METRIC["rmse"]
    value, drawn = draws.scores(r2, said)
    assert value == pytest.approx(1 - rmse.of(y, said) ** 2 / y.var())
    assert draws.pairing(r2, said, drawn) == pytest.approx(1 - draws.scores(rmse, said)[1] ** 2 / y.var())


def test_an_interval_holds_its_score():
    found = spread(0.9, np.linspace(0.2, 0.4, 100), n_units=50)
    assert found["low"] <= found["value"] <= found["high"]


def test_a_guess_has_no_bound_of_the_perfect():
    """Correlation 0 of a constant answer was given an interval up to 0.1."""
    for metric in ("matthews", "f1", "accuracy"):
        held = evidence(np.r_[np.zeros(90, dtype=int), np.ones(10, dtype=int)], metric=metric)
        judge = Judge(held)
        facts = put(judge, held, "baseline", guess(held, held.y), learner="baseline")["interval"]
        assert facts["low"] <= facts["value"] <= facts["high"]
        if metric == "matthews":
            assert facts == {"value": 0.0, "low": 0.0, "high": 0.0}


def test_a_score_that_few_rows_decide_says_so():
    random = np.random.default_rng(12)
    y = random.normal(size=60)
    held = evidence(y, metric="rmse")
    judge = judge_with_guess(held)
    even = put(judge, held, "even", y + random.normal(0, 0.3, 60))["interval"]
    far = y + random.normal(0, 0.1, 60) + np.where(np.arange(60) == 7, 2, 0)
    uneven = put(judge, held, "uneven", far)["interval"]
    assert "note" not in even
    assert uneven["note"] == "A few large errors decide this score; the interval may be too narrow."
    assert (uneven["note"] in judge.verdict().sentence) == (judge.verdict().best == "uneven")
