"""Sentences of a card that depend on how something was measured."""

from __future__ import annotations

from typing import Any

from beanft.models import Run, TrainedModel
from beanft.train.cards import outcome
from beanft.train.cards.parts import Section


def model(**report: Any) -> TrainedModel:
    """A model that is not in the database."""
    return TrainedModel(run=Run(key="boosting", learner="boosting", facts={}), report_json=report)


def importance(**values: Any) -> Section:
    made = {"metric": "roc_auc", "n_rows": 40, "columns": [{"name": "a", "mean": 0.2, "sd": 0.1}]} | values
    return outcome.importance(model(importance=made), None)


def test_rows_that_were_learned_from_are_called_so() -> None:
    assert "40 rows that it had learned from." in importance(rows="learned").texts[0]
    assert "learned from" not in importance(rows="locked").texts[0]


def test_columns_that_were_not_measured_are_counted() -> None:
    section = importance(n_columns=1, of_columns=9)
    assert "There was no time to measure every column (1 of 9 were)" in section.texts[0]
    assert section.table is None
    assert "Only" not in importance(n_columns=9, of_columns=9).texts[0]


def test_without_a_score_the_importance_is_how_far_predictions_move() -> None:
    assert importance(metric="").texts[0].startswith("How far the predictions move when")


def test_an_explanation_comes_before_the_report() -> None:
    explained = {"importance": {"metric": "roc_auc", "columns": [{"columns": ["b"], "value": 0.3}]}}
    found = outcome.importance(model(importance={"columns": [{"name": "a", "mean": 1.0}]}), explained)
    assert found.table is not None
    assert found.table.rows == (("b", "0.300"),)


def test_columns_that_do_harm_have_no_bar() -> None:
    found = importance(
        columns=[{"name": "a", "mean": 0.2, "sd": 0.1}, {"name": "b", "mean": -0.1, "sd": 0.1}]
    )
    assert found.picture is not None
    assert [(name, length) for name, length, _ in found.picture.bars] == [("a", 1.0), ("b", 0.0)]


def test_no_failure_found_is_not_the_same_as_none_looked_for() -> None:
    assert (
        "Looking at 1 kind of rows, none was found"
        in outcome.failures(model(slices={"looked": 1, "found": []})).texts[0]
    )
    assert "It was not measured" in outcome.failures(model()).texts[0]
