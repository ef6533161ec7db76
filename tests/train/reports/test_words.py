"""What a report says in words."""

from __future__ import annotations

from typing import Any

from beanft.train.reports import words
from train.stage import run_facts


def _measured(**difference: Any) -> dict[str, Any]:
    score = {"value": 0.9, "low": 0.85, "high": 0.95}
    known = {"metric": "accuracy", "value": 0.4, "low": 0.3, "high": 0.5}
    return {
        "n_rows": 40,
        "draws": 400,
        "metrics": {"roc_auc": score, "accuracy": score},
        "difference": known | difference,
    }


def _report(**values: Any) -> dict[str, Any]:
    importance = {
        "metric": "accuracy",
        "repeats": 5,
        "n_rows": 40,
        "of_rows": 40,
        "n_columns": 2,
        "of_columns": 2,
        "columns": [{"name": "a", "mean": 0.3, "sd": 0.1}, {"name": "b", "mean": 0.0, "sd": None}],
    }
    return {"holdout": _measured(), "importance": importance} | values


def _slices(**values: Any) -> dict[str, Any]:
    given = {"n_rows": 900, "of_rows": 900, "looked": 52, "pairs": 1_233, "fewest": 30, "found": []}
    return {"slices": given | values}


def test_the_verdict_names_the_interval_and_its_rows() -> None:
    facts = run_facts("logistic", [0.8, 0.9])
    told = words.verdict_sentence(facts, {"unseen": _measured()}, "better than guessing")
    assert told == (
        "Better than guessing: Accuracy 0.900 (95 % interval 0.850 to 0.950) "
        "on 40 rows while they were unseen."
    )
    known = facts | {"interval": {"value": 0.8, "low": 0.7, "high": 0.9}}
    assert words.verdict_sentence(known, {}, "") == "Accuracy 0.800 (95 % interval 0.700 to 0.900)."
    assert words.verdict_sentence(facts, {}, "") == "Accuracy 0.850 ± 0.071 over 2 folds."


def test_rows_are_put_into_words_beside_guessing() -> None:
    def said(**difference: Any) -> str:
        return words.against_guessing(_measured(**difference), "logistic", "locked rows")

    assert "better than guessing, in Accuracy by 0.400 (95 % interval 0.300 to 0.500)" in said()
    assert "cannot be told apart from guessing" in said(low=-0.1, high=0.2)
    assert "worse than guessing, in Accuracy by 0.300 (95 % interval 0.200 to 0.400)" in said(
        value=-0.3, low=-0.4, high=-0.2
    )
    assert "cannot be compared" in said(low=None, high=None)
    assert "baseline itself" in words.against_guessing(None, "baseline", "locked rows")
    assert words.against_guessing(None, "logistic", "locked rows") == ""


def test_a_lead_that_the_judge_does_not_count_is_not_told_as_one() -> None:
    """One rule for both sentences: /models/80 was within noise and better at once."""
    noise = "within noise of guessing"
    unseen = words.against_guessing(_measured(), "logistic", words.UNSEEN, noise)
    assert unseen.startswith(
        "On the 40 rows while they were unseen it is ahead of guessing, in Accuracy by 0.400 (95 % interval "
        "0.300 to 0.500), taken alone. It does not count as better: "
    )
    locked = words.holdout_sentence(_report(), "logistic", noise)
    assert "it is ahead of guessing" in locked
    assert locked.endswith("do not show it: the two disagree, so it is not sure.")
    told = words.words(run_facts("logistic", [0.8, 0.9]), {"unseen": _measured()}, noise, "price")
    assert told.verdict.startswith("Within noise of guessing: ")
    assert "it is better than guessing" not in told.unseen
    sure = words.against_guessing(_measured(), "logistic", words.UNSEEN, "better than guessing")
    assert "it is better than guessing, in Accuracy by 0.400" in sure


def test_locked_rows_that_were_not_opened_say_why() -> None:
    assert words.holdout_sentence({"unseen": _measured()}, "logistic") == words.NOT_OPENED
    assert words.holdout_sentence({}, "logistic") == ""
    assert words.holdout_sentence(_report(), "logistic").startswith("On the 40 locked rows it is better")


def test_residuals_are_told_as_distances() -> None:
    quantiles = {"0.05": -4.0, "0.25": -1.0, "0.5": 0.0, "0.75": 2.0, "0.95": 5.0}
    assert words.residual_sentence(_report(residuals=quantiles), "price") == (
        "Half of the true values of “price” lie between 1.00 below and 2.00 above the prediction, "
        "nine in ten between 4.00 below and 5.00 above it."
    )
    assert words.residual_sentence(_report(), "price") == ""


def test_weak_kinds_of_rows_say_how_many_were_looked_at() -> None:
    told = words.slices_sentence(_slices())
    assert "52 kinds of rows were looked at, each of at least 30 rows, and the worst of 1,233 pairs" in told
    assert told.endswith("None of them errs clearly more than the others.")
    assert "These err at least 15 % more" in words.slices_sentence(_slices(found=[{}]))
    assert "900 rows, a sample of 5,000, while" in words.slices_sentence(_slices(of_rows=5_000))
    assert words.slices_sentence(_slices(looked=0)).startswith("No column splits the 900 rows into kinds")
    assert words.slices_sentence({}) == ""


def test_importance_says_its_sample() -> None:
    assert "all 40 locked rows" in words.importance_sentence(_report())
    report = _report()
    report["importance"] |= {"n_rows": 20, "of_columns": 80, "rows": "learned", "stopped": True}
    told = words.importance_sentence(report)
    assert "20 of the 40 rows that it has learned from" in told
    assert "Only the first 2 of 80 columns were measured, as many as the time allowed." in told
    assert words.importance_sentence({}) == ""


def test_an_empty_report_has_words_too() -> None:
    told = words.words(run_facts("logistic", [0.8, 0.9]), {}, "", "price")
    assert (told.unseen, told.holdout, told.rough, told.slices, told.importance) == ("", "", "", "", "")
