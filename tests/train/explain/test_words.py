"""The sentences about explanations."""

from __future__ import annotations

from typing import Any

from beanft.train.explain.words import effect_sentence

RESULT: dict[str, Any] = {"task": "regression", "target": "price", "labels": [], "label": None}


def effect(mean: list[float], thin: list[bool], labels: list[Any], scale: str = "number") -> dict[str, Any]:
    return {"column": "age", "scale": scale, "labels": labels, "mean": mean, "thin": thin}


def test_the_ends_that_are_quoted_have_rows_nearby():
    ends_thin = effect([1.0, 2.0, 3.0, 9.0], [True, False, False, True], [0, 10, 20, 90])
    assert effect_sentence(ends_thin, RESULT) == (
        "As “age” grows, the mean predicted price rises from 2.00 at 10 to 3.00 at 20."
    )


def test_where_all_points_are_thin_all_are_quoted():
    told = effect_sentence(effect([3.0, 1.0], [True, True], [0, 90]), RESULT)
    assert told == "As “age” grows, the mean predicted price falls from 3.00 at 0 to 1.00 at 90."


def test_a_missing_value_is_no_end_of_what_grows():
    told = effect_sentence(effect([1.0, 2.0, 9.0], [False] * 3, [0, 10, None]), RESULT)
    assert told == "As “age” grows, the mean predicted price rises from 1.00 at 0 to 2.00 at 10."


def test_a_level_is_told_for_the_points_with_rows_nearby():
    told = effect_sentence(effect([2.0, 2.0, 9.0], [False, False, True], [0, 10, 90]), RESULT)
    assert told == "The mean predicted price stays at 2.00, whatever “age” is where rows lie near."
