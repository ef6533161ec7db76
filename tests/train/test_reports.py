"""What a report says in words and tables."""

from __future__ import annotations

from typing import Any

from beanft.train import reports


def _report(**values: Any) -> dict[str, Any]:
    score = {"value": 0.9, "low": 0.85, "high": 0.95}
    given: dict[str, Any] = {
        "holdout": {
            "n_rows": 40,
            "draws": 400,
            "metrics": {"roc_auc": score, "accuracy": score},
            "difference": {"metric": "accuracy", "value": 0.4, "low": 0.3, "high": 0.5},
        },
        "importance": {
            "metric": "accuracy",
            "repeats": 5,
            "n_rows": 40,
            "of_rows": 40,
            "n_columns": 2,
            "of_columns": 2,
            "columns": [{"name": "a", "mean": 0.3, "sd": 0.1}, {"name": "b", "mean": 0.0, "sd": None}],
        },
    }
    return given | values


def _with_difference(low: float | None, high: float | None) -> dict[str, Any]:
    report = _report()
    report["holdout"]["difference"] |= {"low": low, "high": high}
    return report


def test_the_headline_stands_first_beside_the_baseline() -> None:
    rows = reports.holdout_rows(_report(), _report())
    assert [row.metric.key for row in rows] == ["accuracy", "roc_auc"]
    assert rows[0].baseline == {"value": 0.9, "low": 0.85, "high": 0.95}
    assert reports.holdout_rows(_report(), None)[0].baseline is None


def test_every_row_right_is_shown_as_a_bound() -> None:
    report = _report()
    report["holdout"]["metrics"]["accuracy"] = {"value": 1.0, "low": 0.958, "high": 1.0}
    assert [row.all_right for row in reports.holdout_rows(report, None)] == [True, False]


def test_the_hold_out_is_put_into_words() -> None:
    assert "better than guessing, in Accuracy by 0.400" in reports.holdout_sentence(_report(), "logistic")
    unsure = reports.holdout_sentence(_with_difference(-0.1, 0.2), "logistic")
    assert "cannot be told apart from guessing" in unsure
    assert "worse than guessing" in reports.holdout_sentence(_with_difference(-0.4, -0.2), "logistic")
    assert "cannot be compared" in reports.holdout_sentence(_with_difference(None, None), "logistic")
    assert "baseline itself" in reports.holdout_sentence(_report(), "baseline")


def test_a_confusion_matrix_counts_shares_of_the_true_class() -> None:
    made = reports.confusion(_report(confusion={"labels": ["no", "yes"], "counts": [[8, 2], [0, 0]]}))
    assert made is not None
    assert made.totals == [10, 0]
    assert (made.rows[0][0].share, made.rows[0][0].shade, made.rows[0][0].right) == (0.8, 4, True)
    assert (made.rows[0][1].shade, made.rows[0][1].right) == (1, False)
    assert made.rows[1][1].shade == 0
    assert made.sentence == (
        "8 of 10 rows of the hold-out are told right. "
        "The most frequent mistake: 2 rows of “no” taken for “yes”."
    )


def test_many_classes_are_put_together_and_no_row_is_lost() -> None:
    n = 30
    counts = [[i + 1 if i == j else 0 for j in range(n)] for i in range(n)]
    made = reports.confusion(_report(confusion={"labels": [f"c{i}" for i in range(n)], "counts": counts}))
    assert made is not None
    assert len(made.labels) == reports.MOST_CLASSES + 1
    assert made.labels[-1] == "18 others"
    assert made.n_merged == 18
    assert sum(made.totals) == sum(range(1, n + 1))
    assert not made.rows[-1][-1].right


def test_residuals_are_told_as_distances() -> None:
    quantiles = {"0.05": -4.0, "0.25": -1.0, "0.5": 0.0, "0.75": 2.0, "0.95": 5.0}
    assert reports.residual_sentence(_report(residuals=quantiles), "price") == (
        "Half of the true values of “price” lie between 1.00 below and 2.00 above the prediction, "
        "nine in ten between 4.00 below and 5.00 above it."
    )
    assert reports.residual_sentence(_report(), "price") == ""


def test_importance_says_its_sample() -> None:
    assert "all 40 rows" in reports.importance_sentence(_report())
    report = _report()
    report["importance"] |= {"n_rows": 20, "n_columns": 2, "of_columns": 80}
    assert "20 of the 40 rows" in reports.importance_sentence(report)
    assert "Only the first 2 of 80 columns" in reports.importance_sentence(report)


def test_figures_exist_only_where_there_is_something_to_draw() -> None:
    points = {"true": [1.0, None], "predicted": [1.5, 2.0], "n": 2, "of": 2}
    drawn = reports.figure("predicted", _report(points=points), "price")
    assert drawn is not None
    assert drawn["series"][0]["data"] == [[1.0, 1.5]]
    assert reports.figure("importance", _report(), "price") is not None
    assert reports.figure("confusion", _report(), "price") is None
    assert reports.figure("other", _report(), "price") is None
