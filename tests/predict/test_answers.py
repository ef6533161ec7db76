"""What stands beside a prediction."""

from __future__ import annotations

from typing import Any

from beanft.engine.learning.inputs import Remark
from beanft.predict.answers import Answer
from beanft.predict.answers import answer as answer_of
from beanft.predict.rows import Predicted


def prediction(value: Any = 10.0, *, task: str = "regression", **facts: Any) -> dict[str, Any]:
    row = {"prediction": value, "probabilities": {}, "low": None, "high": None, "set": None}
    return row | {"confidence": None, "warnings": [], "repairs": [], "task": task} | facts


def answer(row: dict[str, Any], baseline: dict[str, Any] | None = None, **facts: Any) -> Answer:
    """The answer of a row as `rows.predict_many` gives it."""
    known: dict[str, Any] = {"report": {}, "threshold": None} | facts
    predicted = Predicted(
        answers=(row,),
        errors=(),
        n_errors=0,
        level=0.9,
        uncertainty=known.pop("uncertainty", {}),
        confidence_meaning="",
        baseline=baseline,
        better=known.pop("better", None),
        limits=(),
        rule=RULE if known["threshold"] else "",
        repairs=(),
        repair_counts={},
    )
    return answer_of(predicted, target="y", task=row["task"], **known)


RULE = "A probability of 0.31 or more counts as “yes”, as chosen on the model's page."


def report(n_rows: int = 50, **metrics: tuple[float, float, float]) -> dict[str, Any]:
    found = {key: dict(zip(("value", "low", "high"), three, strict=True)) for key, three in metrics.items()}
    return {"holdout": {"n_rows": n_rows, "metrics": found}, "residuals": {"0.05": -2.0, "0.95": 3.0}}


def test_regression_says_its_typical_error_and_where_nine_of_ten_lay():
    found = answer(prediction(), report=report(rmse=(1.5, 1.0, 2.0)), better=True)
    assert found.worth == (
        "± 1.50: its typical error (RMSE) on 50 rows never seen in training (95 % interval 1.00 to 2.00).",
        "If this row errs as those did, the true value lies between 8 and 13 in 9 of 10 cases.",
    )


def test_few_rows_give_no_nine_of_ten():
    assert len(answer(prediction(), report=report(9, rmse=(1.5, 1.0, 2.0)), better=True).worth) == 1


def test_classification_says_how_often_it_was_right():
    guess = prediction("a", task="classification")
    found = answer(guess, report=report(accuracy=(0.9, 0.8, 0.95)), better=None)
    assert found.worth == (
        "It was right on 90 % of 50 rows never seen in training (95 % interval 80 % to 95 %).",
    )


def test_a_model_that_never_erred_is_not_called_certain():
    guess = prediction("a", task="classification")
    found = answer(guess, report=report(69, accuracy=(1.0, 0.9575, 1.0)), better=None)
    assert found.worth == (
        "It was right on all 69 rows never seen in training: 95 % sure of at least 95.8 %.",
    )


def test_a_report_without_figures_says_nothing():
    assert answer(prediction(), report={}, better=None).worth == ()


def test_no_better_than_guessing_is_the_first_warning():
    odd = [
        {"column": "a", "code": "range", "sentence": "9 lies outside."},
        {"column": "b", "code": "unknown", "sentence": "Unknown category “x”."},
    ]
    fixed = {"column": "a", "code": "comma", "sentence": "“9,0” was read as 9."}
    told = (("range", "“a” is 9, outside."), ("unknown", "It did not know b."), ("far", "It is far."))
    warnings = [{"code": code, "sentence": sentence} for code, sentence in told]
    found = answer(prediction(repairs=[fixed, *odd], warnings=warnings), report={}, better=False)
    assert found.warnings[0].startswith("This model does no better than guessing")
    # each is told once, by whom names the value
    assert found.warnings[1:] == ("b: Unknown category “x”.", "“a” is 9, outside.", "It is far.")
    assert found.repairs == ("a: “9,0” was read as 9.",)


def test_classes_stand_beside_their_share_in_training():
    guess = prediction("b", task="classification", probabilities={"b": 0.9, "a": 0.1})
    baseline = prediction("a", task="classification", probabilities={"a": 0.75, "b": 0.25})
    found = answer(guess, baseline, report={}, better=True)
    assert [(one.label, one.share, one.base) for one in found.chances] == [("b", 0.9, 0.25), ("a", 0.1, 0.75)]
    assert found.guess == "a"


def test_an_interval_decides_how_many_decimals_are_written():
    facts = {"sentences": ["Of 50 rows 45 lay within."], "why_not": ""}
    found = answer(prediction(51.95173, low=40.8841, high=63.0194), uncertainty=facts)
    assert found.reach.there
    assert (found.written(found.value), found.brief) == ("52.0", "52.0 (40.9 to 63.0)")
    assert found.said == "y: 52.0, 90 % interval 40.9 to 63.0."
    assert found.facts()["prediction"] == 51.95173  # programs get all of it
    assert found.facts()["coverage"] == ["Of 50 rows 45 lay within."]
    wide = answer(prediction(1234567.8, low=1000000.4, high=1500000.9))
    assert wide.written(wide.value) == "1,234,568"


def test_without_an_interval_the_residuals_say_how_far_it_errs():
    known = report(rmse=(1.5, 1.0, 2.0))
    assert "9 of 10" in answer(prediction(), report=known).worth[-1]
    assert "9 of 10" not in answer(prediction(low=8.0, high=12.0), report=known).worth[-1]
    assert answer(prediction(), uncertainty={"why_not": "Too few rows."}).reach.why_not == "Too few rows."


def test_errors_leave_no_answer_but_a_sentence():
    faults = (
        Remark(row=1, column="a", code="error", sentence="“x” is not a number."),
        Remark(row=1, column="a", code="error", sentence="It is odd."),
    )
    predicted = Predicted(
        answers=(), errors=faults, n_errors=2, level=0.9, uncertainty={}, confidence_meaning="",
        baseline=None, better=None, limits=(), rule="", repairs=(), repair_counts={},
    )  # fmt: skip
    found = answer_of(predicted, target="y", task="regression", report={})
    assert found.errors == {"a": "“x” is not a number."}
    assert found.value is None
    assert found.said == "No prediction: a must be corrected."
    assert [one["sentence"] for one in found.facts()["errors"]] == ["“x” is not a number.", "It is odd."]


def test_the_baseline_has_no_guess_beside_it():
    baseline = {"prediction": 10.0, "probabilities": {}}
    assert answer(prediction(), baseline).guess == 10.0
    assert answer(prediction(), baseline, is_baseline=True).guess is None


CHOSEN: dict[str, Any] = {
    "threshold": 0.31,
    "positive": "yes",
    "expected": {"tp": 60, "fp": 40, "fn": 5, "tn": 95},
}


def test_a_chosen_threshold_is_said_and_changes_what_the_answer_is_worth():
    chances = {"no": 0.6, "yes": 0.4}
    guess = prediction("yes", task="classification", probabilities=chances)
    found = answer(guess, report=report(accuracy=(0.9, 0.8, 0.95)), better=None, threshold=CHOSEN)
    assert found.rule == "A probability of 0.31 or more counts as “yes”, as chosen on the model's page."
    assert found.worth == (
        "Of 100 rows that it took for “yes” while they were unseen, 60 % were "
        "(95 % interval 50.2 % to 69.1 %).",
    )
    assert found.facts()["rule"] == found.rule
    other = prediction("no", task="classification", probabilities=chances)
    (worth,) = answer(other, report={}, better=None, threshold=CHOSEN).worth
    assert worth.startswith("Of 100 rows that it took for “no” while they were unseen, 95 % were")
    nothing = CHOSEN | {"expected": {"tp": 0, "fp": 0, "fn": 5, "tn": 95}}
    assert answer(guess, report={}, better=None, threshold=nothing).worth == ()


def test_a_threshold_of_other_classes_says_nothing():
    guess = prediction("a", task="classification", probabilities={"a": 0.6, "b": 0.4})
    found = answer(guess, report=report(accuracy=(0.9, 0.8, 0.95)), better=None, threshold=CHOSEN)
    assert "It was right on 90 %" in found.worth[0]


def test_a_report_without_locked_rows_says_what_was_measured_while_unseen():
    guess = prediction("a", task="classification")
    known = {"unseen": report(accuracy=(0.9, 0.8, 0.95))["holdout"] | {"baseline": {"accuracy": 0.5}}}
    assert answer(guess, report=known, better=None).worth == (
        "It was right on 90 % of 50 rows never seen in training (95 % interval 80 % to 95 %).",
        "Guessing alone was right on 50 % of them.",
    )


def test_an_answer_says_how_often_such_a_probability_was_right():
    parts = [
        {"low": 0.5, "high": 0.7, "n_rows": 100, "n_right": 55},
        {"low": 0.7, "high": 0.9, "n_rows": 100, "n_right": 80},
    ]
    guess = prediction("a", task="classification", probabilities={"a": 0.85, "b": 0.15})
    (said,) = answer(guess, report={"chances": parts}, better=None).worth
    assert said == (
        "Of the 100 rows with a probability most like this one (70.0 % to 90.0 %) it told 80 % right while "
        "they were unseen (95 % interval 71.1 % to 86.7 %)."
    )


def test_without_evidence_the_mean_of_the_folds_is_said():
    known = {"unseen": {"metrics": {"rmse": {"value": 1.5, "low": None, "high": None}}}}
    assert answer(prediction(), report=known, better=None).worth == (
        "± 1.50: its typical error (RMSE) on rows never seen in training.",
    )


def test_a_threshold_of_a_model_before_falls_back_on_what_is_known_now():
    guess = prediction("yes", task="classification", probabilities={"no": 0.6, "yes": 0.4})
    outdated = CHOSEN | {"expected": None}
    found = answer(guess, report=report(accuracy=(0.9, 0.8, 0.95)), better=None, threshold=outdated)
    assert found.rule
    assert "It was right on 90 %" in found.worth[0]


def test_beside_a_set_stands_how_often_answers_of_such_a_probability_were_right():
    row = prediction("bad", task="classification", probabilities={"bad": 0.505, "good": 0.495}, set=["bad"])
    chances = [
        {"low": 0.5, "high": 0.6, "n_rows": 100, "n_right": 55},
        {"low": 0.6, "high": 0.9, "n_rows": 100, "n_right": 80},
    ]
    known = report(accuracy=(0.75, 0.7, 0.8)) | {"chances": chances}
    found = answer(row, report=known)
    assert found.alike.startswith(
        "Of the 100 rows with a probability most like this one (50.0 % to 60.0 %) it told 55 % right"
    )
    assert found.alike in found.worth
    assert found.alike not in found.measured
    assert answer(row | {"set": None}, report=known).measured[-1] == found.alike
    assert answer(row, report={}).alike == ""
    by_threshold = prediction("yes", task="classification", probabilities={"no": 0.6, "yes": 0.4})
    assert answer(by_threshold, report=known, threshold=CHOSEN).alike.startswith("Of 100 rows that it took")


def test_the_probability_beside_an_answer_is_its_own():
    guess = prediction("yes", task="classification", probabilities={"no": 0.6, "yes": 0.4})
    found = answer(guess, report={}, better=None, threshold=CHOSEN)
    assert found.brief == "yes, 40.0 % likely"
    assert found.said == "y: yes, 40.0 % likely."
    parts = [{"low": 0.5, "high": 0.9, "n_rows": 100, "n_right": 55}] * 2
    outdated = CHOSEN | {"expected": None}
    assert answer(guess, report={"chances": parts}, threshold=outdated).worth == ()
