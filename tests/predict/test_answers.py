"""What stands beside a prediction."""

from __future__ import annotations

from typing import Any

from beanft.engine.learning.inputs import Remark
from beanft.engine.learning.predict import Prediction
from beanft.predict.answers import answer


def prediction(value: Any = 10.0, **facts: Any) -> Prediction:
    empty: dict[str, Any] = {
        "probabilities": (),
        "repairs": (),
        "errors": (),
        "target": "y",
        "task": "regression",
    }
    return Prediction(value=value, **(empty | facts))


def report(n_rows: int = 50, **metrics: tuple[float, float, float]) -> dict[str, Any]:
    found = {key: dict(zip(("value", "low", "high"), three, strict=True)) for key, three in metrics.items()}
    return {"holdout": {"n_rows": n_rows, "metrics": found}, "residuals": {"0.05": -2.0, "0.95": 3.0}}


def test_regression_says_its_typical_error_and_where_nine_of_ten_lay():
    found = answer(prediction(), None, report=report(rmse=(1.5, 1.0, 2.0)), better=True)
    assert found.worth == (
        "± 1.50: its typical error (RMSE) on 50 rows never seen in training (95 % interval 1.00 to 2.00).",
        "If this row errs as those did, the true value lies between 8 and 13 in 9 of 10 cases.",
    )


def test_few_rows_give_no_nine_of_ten():
    assert len(answer(prediction(), None, report=report(9, rmse=(1.5, 1.0, 2.0)), better=True).worth) == 1


def test_classification_says_how_often_it_was_right():
    guess = prediction("a", task="classification")
    found = answer(guess, None, report=report(accuracy=(0.9, 0.8, 0.95)), better=None)
    assert found.worth == (
        "It was right on 90 % of 50 rows never seen in training (95 % interval 80 % to 95 %).",
    )


def test_a_model_that_never_erred_is_not_called_certain():
    guess = prediction("a", task="classification")
    found = answer(guess, None, report=report(69, accuracy=(1.0, 0.9575, 1.0)), better=None)
    assert found.worth == (
        "It was right on all 69 rows never seen in training: 95 % sure of at least 95.8 %.",
    )


def test_a_report_without_figures_says_nothing():
    assert answer(prediction(), None, report={}, better=None).worth == ()


def test_no_better_than_guessing_is_the_first_warning():
    odd = Remark(row=1, column="a", code="range", sentence="9 lies outside.")
    fixed = Remark(row=1, column="a", code="comma", sentence="“9,0” was read as 9.")
    found = answer(prediction(repairs=(fixed, odd)), None, report={}, better=False)
    assert found.warnings[0].startswith("This model does no better than guessing")
    assert found.warnings[1] == "a: 9 lies outside."
    assert found.repairs == ("a: “9,0” was read as 9.",)


def test_classes_stand_beside_their_share_in_training():
    guess = prediction("b", task="classification", probabilities=(("b", 0.9), ("a", 0.1)))
    baseline = prediction("a", task="classification", probabilities=(("a", 0.75), ("b", 0.25)))
    found = answer(guess, baseline, report={}, better=True)
    assert [(one.label, one.share, one.base) for one in found.chances] == [("b", 0.9, 0.25), ("a", 0.1, 0.75)]
    assert found.guess == "a"
