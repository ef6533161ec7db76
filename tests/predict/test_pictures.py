"""A predicted number among those of its column."""

from __future__ import annotations

from typing import Any

from beanft.engine.tables.columns import Column
from beanft.predict.pictures import WIDTH, picture_of
from predict.test_answers import answer, prediction

TARGET = Column(
    name="y", kind="number", stored="DOUBLE", n_missing=0, n_distinct=9,
    quantiles=(10.0, 20.0, 30.0, 40.0, 50.0),
    edges=(0.0, 20.0, 40.0, 1000.0), counts=(5, 10, 1),
)  # fmt: skip


def guessed(value: Any, **facts: Any) -> Any:
    return answer(prediction(value, **facts), {"prediction": 25.0, "probabilities": {}})


def test_the_middle_of_the_values_is_shown_and_not_the_far_tail():
    picture = picture_of(guessed(30.0, low=20.0, high=40.0), TARGET)
    assert picture
    assert picture.ends == (0.0, 60.0)
    assert picture.reach
    assert picture.reach[0] < picture.at < picture.reach[1]
    assert picture.guess
    assert picture.guess < picture.at
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH for bar in picture.bars)


def test_whatever_is_said_is_within_the_picture():
    picture = picture_of(guessed(500.0, low=-100.0, high=900.0), TARGET)
    assert picture
    assert picture.ends == (-100.0, 900.0)


def test_classes_errors_and_lost_profiles_have_none():
    assert picture_of(guessed("yes"), TARGET) is None
    assert picture_of(guessed(None), TARGET) is None
    assert picture_of(guessed(1.0), None) is None
