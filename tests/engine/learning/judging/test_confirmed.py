"""The locked rows confirm, or do not, and every number has its interval."""

from dataclasses import replace

import numpy as np
import pytest

from beanft.engine.learning.judging.confirmed import confirm
from beanft.engine.learning.judging.verdict import Verdict, guessing_sentence
from engine.learning.judging.cases import evidence, shaky

RANDOM = np.random.default_rng(0)
LOCKED = RANDOM.integers(0, 2, 200)
GUESS = np.full((200, 2), 0.5)
WON = Verdict(
    code="better", sentence="Line wins.", best="line", better={"line": True}, worse=[], tied_with_best=[]
)


def _held(folder, skill, seed=1):
    held = evidence(RANDOM.integers(0, 2, 50), folder, y_holdout=LOCKED)
    held.save_holdout("line", shaky(LOCKED, skill, np.random.default_rng(seed)))
    return held


def test_both_together_say_better(tmp_path):
    held = _held(tmp_path, 2.0)
    held.save_holdout("tree", shaky(LOCKED, 1.5, np.random.default_rng(2)))
    found = confirm(held, "line", "tree", {"baseline": GUESS}, verdict=WON).facts()
    assert (found["code"], found["n_rows"], found["n_groups"]) == ("better", 200, None)
    assert found["verdict"]["code"] == "better"
    assert found["sentence"].startswith("Line wins. On the 200 locked rows the final model scores ")
    assert "which confirms it" in found["sentence"]
    own = found["final"]["metrics"]["roc_auc"]
    assert own["low"] < own["value"] < own["high"]
    assert set(found["final"]["metrics"]) >= {"roc_auc", "brier", "matthews"}
    assert found["references"]["baseline"]["difference"]["better"]
    assert found["simple"]["key"] == "tree"
    assert found["simple"]["difference"]["low"] < found["simple"]["difference"]["high"]


def test_what_only_the_folds_see_is_unconfirmed(tmp_path):
    found = confirm(_held(tmp_path, 0.0, seed=5), "line", None, {"baseline": GUESS}, verdict=WON)
    assert found.code == found.verdict.code == "unconfirmed"
    assert found.sentence.startswith("Not confirmed. Line wins.")
    assert found.simple is None


def test_what_only_the_locked_rows_see_is_still_guessing(tmp_path):
    lost = replace(WON, code="guessing", sentence="Nothing wins.", best=None)
    found = confirm(_held(tmp_path, 2.0), "line", None, {"baseline": GUESS}, verdict=lost)
    assert found.code == "guessing"


def test_a_model_that_a_single_column_equals_is_told_so(tmp_path):
    held = _held(tmp_path, 2.0)
    beside = {"baseline": GUESS, "best_column": held.holdout("line").astype(float)}
    found = confirm(held, "line", "line", beside, verdict=WON)
    assert "It is not shown to be better than the best single column." in found.sentence
    assert found.references["best_column"]["difference"]["difference"] == 0


def test_locked_groups_are_drawn_together(tmp_path):
    held = _held(tmp_path, 2.0)
    groups = np.repeat(np.arange(20), 10)
    found = confirm(
        replace(held, by="group", order_holdout=groups), "line", None, {"baseline": GUESS}, verdict=WON
    )
    assert found.n_groups == 20


def test_a_run_for_which_the_rows_were_not_opened_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no predictions of the locked rows"):
        confirm(_held(tmp_path, 1.0), "other", None, {"baseline": GUESS}, verdict=WON)


def test_a_model_that_a_single_column_beats_is_told_so_first(tmp_path):
    held = _held(tmp_path, 1.5)
    beside = {"baseline": GUESS, "best_column": shaky(LOCKED, 4.0, np.random.default_rng(3))}
    found = confirm(held, "line", None, beside, verdict=WON)
    theirs, own = (
        one["metrics"]["roc_auc"]["value"] for one in (found.references["best_column"], found.final)
    )
    assert found.sentence.startswith(
        "The best single column does better than the final model: it scores "
        f"{theirs:.3f} on the locked rows, the final model {own:.3f}. "
        "Keep it as a plain rule, train for longer, or bring more rows. Line wins."
    )
    assert "not shown to be better" not in found.sentence


def test_a_model_that_simple_guesses_beat_is_not_called_confirmed(tmp_path):
    held = _held(tmp_path, 1.5)
    beside = {"baseline": GUESS, "best_column": shaky(LOCKED, 4.0, np.random.default_rng(3))}
    beside["rule"] = shaky(LOCKED, 4.0, np.random.default_rng(4))
    found = confirm(held, "line", None, beside, verdict=WON)
    assert found.code == "better"
    assert "confirms it" not in found.sentence
    assert found.sentence.endswith("for guessing, better than that but behind what is simpler.")
    by_time = replace(held, by="time", order_holdout=np.arange(200))
    late = confirm(by_time, "line", None, beside, verdict=WON)
    assert "Keep the better of these as a plain rule, train for longer, or bring later rows." in late.sentence


def test_a_second_look_must_show_more_and_is_told(tmp_path):
    for seed in range(200):
        held = _held(tmp_path, 0.35, seed)
        first = confirm(held, "line", None, {"baseline": GUESS}, verdict=WON)
        if 0.03 < first.references["baseline"]["difference"]["p"] < 0.05 and first.code == "better":
            break
    again = confirm(held, "line", None, {"baseline": GUESS}, verdict=WON, looks=2)
    assert (first.code, first.looks, again.code, again.looks) == ("better", 1, "unconfirmed", 2)
    assert "opened for the" not in first.sentence
    assert "On the 200 locked rows, opened for the 2nd time, the final model" in again.sentence
    assert "a difference that may be chance when rows are opened more than once" in again.sentence
    sure = confirm(_held(tmp_path, 3.0), "line", None, {"baseline": GUESS}, verdict=WON, looks=11)
    assert sure.code == "better"
    assert "opened for the 11th time" in sure.sentence


def test_noise_is_not_said_where_the_locked_rows_disagree(tmp_path):
    lost = replace(WON, code="guessing", sentence=guessing_sentence([]), best=None)
    found = confirm(_held(tmp_path, 2.0), "line", None, {"baseline": GUESS}, verdict=lost)
    assert found.code == "guessing"
    assert "within noise" not in found.sentence
    assert "The two disagree: bring more rows to be sure." in found.sentence
    alike = confirm(_held(tmp_path, 0.0, seed=5), "line", None, {"baseline": GUESS}, verdict=lost)
    assert "within noise of the baseline" in alike.sentence
