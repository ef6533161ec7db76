"""The interval of a difference says nothing that the two scores rule out."""

import numpy as np
import pytest

from beanft.engine.learning.judging.comparing import Comparison
from beanft.engine.learning.judging.confirmed import confirm
from beanft.engine.learning.judging.differences import Side, within_reach
from beanft.engine.learning.judging.draws import Draws
from beanft.engine.learning.judging.verdict import Verdict
from beanft.engine.learning.metrics import METRIC
from engine.learning.judging.cases import chances, evidence, guess, judge_with_guess, put, shaky

WON = Verdict(
    code="better", sentence="Line wins.", best="line", better={"line": True}, worse=[], tied_with_best=[]
)
HALVES = np.array([0, 1] * 40)


def _confirmed(folder, y, said, *, metric="roc_auc", **others):
    held = evidence(y, folder, metric=metric, y_holdout=y)
    held.save_holdout("line", said)
    beside = {"baseline": guess(held, y)} | others
    return confirm(held, "line", None, beside, verdict=WON)


@pytest.mark.parametrize(("skill", "seed"), [(5.0, 1), (4.0, 2), (1.0, 3)])
def test_the_lead_over_a_guess_without_spread_is_the_score_less_the_guess(tmp_path, skill, seed):
    found = _confirmed(tmp_path, HALVES, shaky(HALVES, skill, np.random.default_rng(seed)))
    own, ahead = found.final["metrics"]["roc_auc"], found.references["baseline"]["difference"]
    for end in ("low", "high"):
        assert ahead[end] == pytest.approx(own[end] - 0.5)
    assert ahead["high"] <= 0.5


@pytest.mark.parametrize("metric", ["roc_auc", "balanced_accuracy", "accuracy", "f1_macro", "matthews"])
def test_twelve_perfect_rows_are_not_certain_to_lead_by_all(tmp_path, metric):
    y = np.array([0, 1] * 6)
    perfect = chances(y * 0.98 + 0.01)
    found = _confirmed(tmp_path, y, perfect, metric=metric, rule=perfect.copy())
    own = found.final["metrics"][metric]
    (guessed, ahead), (_, equal) = (
        (one["metrics"][metric]["value"], one["difference"]) for one in found.references.values()
    )
    assert own["low"] < own["high"] == 1
    assert ahead["low"] <= own["low"] - guessed + 1e-9
    assert (
        ahead["low"]
        < ahead["difference"]
        <= ahead["high"]
        <= 1 - found.references["baseline"]["metrics"][metric]["low"]
    )
    assert equal["low"] < 0 < equal["high"]
    assert equal["high"] == pytest.approx(1 - own["low"])


def test_two_models_lead_each_other_no_further_than_to_the_best_there_is(tmp_path):
    random = np.random.default_rng(4)
    strong, weak = shaky(HALVES, 6.0, random), shaky(HALVES, 0.5, random)
    found = _confirmed(tmp_path, HALVES, strong, rule=weak).references["rule"]
    assert found["difference"]["high"] <= 1 - found["metrics"]["roc_auc"]["low"]


def test_runs_are_held_against_the_guess_in_the_same_way(tmp_path):
    held = evidence(HALVES, tmp_path)
    judge = judge_with_guess(held)
    facts = put(judge, held, "line", shaky(HALVES, 5.0, np.random.default_rng(1)))
    assert facts["better"]["low"] == pytest.approx(facts["interval"]["low"] - 0.5)
    assert facts["better"]["high"] == pytest.approx(facts["interval"]["high"] - 0.5)


def test_what_may_be_chance_never_looks_shown(tmp_path):
    for seed in range(60):
        said = shaky(HALVES, 0.5 if seed % 2 else -0.5, np.random.default_rng(seed))
        ahead = _confirmed(tmp_path, HALVES, said).references["baseline"]["difference"]
        assert ahead["p"] <= 0.05 or ahead["low"] <= 0 <= ahead["high"], ahead


def test_errors_of_numbers_keep_the_interval_of_the_draws(tmp_path):
    random = np.random.default_rng(0)
    y = random.normal(size=80)
    said = y + 0.3 * random.normal(size=80)
    held = evidence(y, tmp_path, metric="rmse", y_holdout=y)
    held.save_holdout("line", said)
    level = guess(held, y)
    ahead = confirm(held, "line", None, {"baseline": level}, verdict=WON).references["baseline"]["difference"]
    draws = Draws(y, seed=held.seed)
    drawn = draws.scores(METRIC["rmse"], level)[1] - draws.scores(METRIC["rmse"], said)[1]
    reach = 1.959964 * draws.error(drawn)
    assert ahead["low"] == pytest.approx(ahead["difference"] - reach)
    assert ahead["high"] == pytest.approx(ahead["difference"] + reach)


def test_a_guess_is_no_better_than_a_model_where_that_may_be_chance():
    own = Side(value=0.369, low=0.235, high=0.487, is_fixed=False)
    guessed = Side(value=0.5, low=0.5, high=0.5, is_fixed=True)
    for p, is_shown in ((0.0515, False), (0.04, True)):
        found = Comparison(difference=-0.131, low=-0.263, high=0.001, p=p)
        mended = within_reach(found, own, guessed, METRIC["roc_auc"], HALVES)
        assert (mended.high < 0) == is_shown
