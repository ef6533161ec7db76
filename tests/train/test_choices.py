"""What a profile says of columns as targets and features."""

from __future__ import annotations

from typing import Any

import pytest

from beanft.engine.tables.columns import Column
from beanft.train import choices


def _column(**values: Any) -> Column:
    given: dict[str, Any] = {
        "name": "c",
        "kind": "number",
        "stored": "BIGINT",
        "n_missing": 0,
        "n_distinct": 50,
    }
    return Column(**(given | values))


def test_words_are_classification() -> None:
    found = choices.target(_column(kind="category", stored="VARCHAR", n_distinct=3), 100)
    assert found.task == "classification"
    assert found.sentence == "“c” holds 3 different words, so this is multiclass classification."


def test_many_numbers_are_regression() -> None:
    assert choices.target(_column(n_distinct=50), 100).task == "regression"


def test_few_whole_numbers_are_classes_and_few_fractions_are_not() -> None:
    assert choices.target(_column(n_distinct=4), 100).task == "classification"
    halves = _column(
        stored="DOUBLE", n_distinct=4, minimum=0.5, maximum=2.0, quantiles=(0.5, 0.5, 1.0, 1.5, 2.0)
    )
    assert choices.target(halves, 100).task == "regression"


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (_column(kind="date", stored="DATE"), "dates cannot be forecast"),
        (_column(kind="constant", n_distinct=1), "same in every row"),
        (_column(n_distinct=0, n_missing=100), "no value in any row"),
        (_column(n_missing=90), "Only 10 rows have a value"),
        (_column(kind="identifier", stored="VARCHAR", n_distinct=100), "different in every row"),
    ],
)
def test_what_cannot_be_forecast_says_why(column: Column, words: str) -> None:
    found = choices.target(column, 100)
    assert found.task == ""
    assert words in found.sentence


def test_identifiers_and_constants_are_not_ticked_and_say_why() -> None:
    assert "tells the rows apart" in choices.feature(_column(kind="identifier"), 100).warning
    assert "same in every row" in choices.feature(_column(kind="constant", n_distinct=1), 100).warning
    assert choices.feature(_column(n_missing=25), 100).share_missing == 0.25
    assert choices.feature(_column(), 100).warning == ""


def test_words_cannot_be_regressed_and_amounts_cannot_be_classes() -> None:
    words = choices.target(_column(kind="category", stored="VARCHAR", n_distinct=3), 100)
    assert "holds words" in choices.regression_refusal(words)
    assert choices.classification_refusal(words, 100) == ""
    amounts = choices.target(_column(n_distinct=900), 1000)
    assert choices.regression_refusal(amounts) == ""
    assert "900 different numbers in 1,000 rows, too many for classes" in choices.classification_refusal(
        amounts, 1000
    )


def test_a_target_with_one_class_of_enough_rows_is_refused_before_a_job_fails() -> None:
    column = _column(kind="category", stored="VARCHAR", n_distinct=2, top=(("common", 397), ("rare", 3)))
    found = choices.target(column, 400)
    assert found.task == ""
    assert "Fewer than two values of “c” have 5 rows" in found.sentence
