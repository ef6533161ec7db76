"""The tables and pictures of a report."""

from __future__ import annotations

from typing import Any

from beanft.train.reports import tables
from beanft.train.reports.figures import figure
from beanft.train.reports.made import settings_of
from train.stage import make_run

SCORE = {"value": 0.9, "low": 0.85, "high": 0.95}


def _measured(**metrics: Any) -> dict[str, Any]:
    return {"metrics": {"roc_auc": SCORE, "accuracy": SCORE} | metrics, "difference": {"metric": "accuracy"}}


def test_the_headline_stands_first_beside_guessing() -> None:
    rows = tables.score_rows(_measured(), _measured())
    assert [row.metric.key for row in rows] == ["accuracy", "roc_auc"]
    assert rows[0].baseline == SCORE
    assert tables.score_rows(_measured())[0].baseline is None
    own = tables.score_rows(_measured() | {"guess": {"accuracy": SCORE | {"value": 0.5}}}, _measured())
    assert own[0].baseline == SCORE | {"value": 0.5}
    assert tables.score_rows(None) == []


def test_every_row_right_is_shown_as_a_bound() -> None:
    rows = tables.score_rows(_measured(accuracy={"value": 1.0, "low": 0.958, "high": 1.0}))
    assert [row.all_right for row in rows] == [True, False]


def test_a_score_without_unit_has_no_tail_of_rounding() -> None:
    rows = tables.score_rows(_measured(r2={"value": -1.9e-14, "low": -0.00188, "high": None}))
    (row,) = (row for row in rows if row.metric.key == "r2")
    assert row.model == {"value": 0.0, "low": -0.0019, "high": None}


def test_a_confusion_matrix_counts_shares_of_the_true_class() -> None:
    report = {"confusion": {"labels": ["no", "yes"], "counts": [[8, 2], [0, 0]]}}
    made = tables.confusion(report)
    assert made is not None
    assert made.totals == [10, 0]
    assert (made.rows[0][0].share, made.rows[0][0].shade, made.rows[0][0].right) == (0.8, 4, True)
    assert (made.rows[0][1].shade, made.rows[0][1].right) == (1, False)
    assert made.rows[1][1].shade == 0
    assert made.sentence == (
        "8 of 10 locked rows are told right. The most frequent mistake: 2 rows of “no” taken for “yes”."
    )
    unseen = tables.confusion(report | {"unseen": {}})
    assert unseen is not None
    assert unseen.sentence.startswith("8 of 10 rows while they were unseen are told right.")
    assert tables.confusion({}) is None


def test_many_classes_are_put_together_and_no_row_is_lost() -> None:
    n = 30
    counts = [[i + 1 if i == j else 0 for j in range(n)] for i in range(n)]
    made = tables.confusion({"confusion": {"labels": [f"c{i}" for i in range(n)], "counts": counts}})
    assert made is not None
    assert len(made.labels) == tables.MOST_CLASSES + 1
    assert made.labels[-1] == "18 others"
    assert made.n_merged == 18
    assert sum(made.totals) == sum(range(1, n + 1))
    assert not made.rows[-1][-1].right


def test_figures_exist_only_where_there_is_something_to_draw() -> None:
    points = {"true": [1.0, None], "predicted": [1.5, 2.0], "n": 2, "of": 2}
    drawn = figure("predicted", {"points": points}, "price")
    assert drawn is not None
    assert drawn["series"][0]["data"] == [[1.0, 1.5]]
    importance = {"columns": [{"name": "a", "mean": 0.3, "sd": 0.1}]}
    assert figure("importance", {"importance": importance}, "price") is not None
    for name in ("confusion", "predicted", "errors", "importance", "other"):
        assert figure(name, {}, "price") is None


def test_settings_are_put_into_words() -> None:
    tuned = {"leaves": 15, "learning_rate": 0.05, "weights": None}
    runs = [make_run("logistic", [0.8, 0.9]), make_run("ridge", [0.8, 0.9], settings=tuned)]
    weighed = make_run(
        "ensemble", [0.8, 0.9], settings={"weights": {"logistic": 0.7, "ridge": 0.3}, "calibration": None}
    )
    assert settings_of(weighed, runs) == [
        ("Weights", "Logistic 70 %, Ridge (leaves 15, learning rate 0.05) 30 %"),
        ("Probabilities", "as the model gives them, not mended"),
    ]
    single = make_run("boosting", [0.8, 0.9], settings={"some_thing": 0.1, "sure": True})
    assert settings_of(single, runs) == [("Some thing", "0.1"), ("Sure", "yes")]
    assert settings_of(make_run("old", [0.8, 0.9], settings="Ridge(alpha=1)"), runs) == []


def test_sentences_of_metrics_name_the_two_classes() -> None:
    figure = {"value": 0.8, "low": 0.7, "high": 0.9}
    measured = {"metrics": {"roc_auc": figure}, "difference": {"metric": "roc_auc"}}
    (row,) = tables.score_rows(measured, labels=("bad", "good"))
    assert row.sentence.startswith(
        "The chance that a row of “good”, the one to be found, gets a higher probability than one of “bad”;"
    )
    (plain,) = tables.score_rows(measured)
    assert "the second class" in plain.sentence
