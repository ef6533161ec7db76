"""The bent scale of numbers and dates."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beanft.engine.learning.scales import Scale, as_number, as_text, scale_of

PLACES = st.floats(min_value=0, max_value=1)


def column(low: float, middle: float, high: float, stored: str = "DOUBLE") -> dict[str, Any]:
    return {"kind": "number", "minimum": low, "median": middle, "maximum": high, "stored": stored}


@given(st.lists(st.floats(-1e9, 1e9), min_size=3, max_size=3, unique=True).map(sorted), PLACES, PLACES)
def test_it_rises_and_stays_within_what_was_seen(ends: list[float], one: float, other: float):
    scale = scale_of(column(*ends))
    assert scale
    low, high = sorted((one, other))
    assert scale.low <= scale.value_at(low) <= scale.value_at(high) <= scale.high
    assert (scale.value_at(0), scale.value_at(1)) == (scale.low, scale.high)


def test_the_typical_value_of_a_long_tail_stands_in_the_middle():
    scale = scale_of(column(0.0, 10.0, 1000.0))
    assert scale
    assert scale.place_of(20.0) == pytest.approx(
        0.5
    )  # the least bend leaves 2 % of the way to the half below
    straight = scale_of(column(0.0, 300.0, 1000.0))
    assert straight
    assert straight.bend == 1


def test_whole_numbers_stay_whole_and_few_of_them_stay_even():
    scale = scale_of(column(0.0, 0.0, 10_000.0, "BIGINT"))
    assert scale
    assert all(scale.value_at(i / 97).is_integer() for i in range(98))
    few = scale_of(column(0.0, 0.0, 5.0, "BIGINT"))
    assert few
    assert few.bend == 1


def test_a_value_outside_lies_outside():
    scale = Scale(low=0.0, high=10.0, bend=3.0)
    assert (scale.place_of(-5.0), scale.place_of(20.0)) == (-0.5, 2.0)


@pytest.mark.parametrize(
    "facts",
    [
        {"kind": "category", "minimum": None, "median": None, "maximum": None},
        {"kind": "number", "minimum": 1.0, "median": 1.0, "maximum": 1.0},
        {"kind": "number", "minimum": -1.7e308, "median": 0.0, "maximum": 1.7e308},
    ],
)
def test_without_a_range_there_is_none(facts: dict[str, Any]):
    assert scale_of(facts) is None


def test_dates_go_by_days_and_moments_by_minutes():
    days = scale_of(
        {"kind": "date", "minimum": "2025-01-01", "median": "2025-01-02", "maximum": "2025-12-31"}
    )
    assert days
    assert as_text(days.value_at(0.5), days, {"kind": "date"}) == "2025-07-02"
    moments = scale_of(
        {
            "kind": "date",
            "minimum": "2025-01-01 00:00:00",
            "median": "2025-01-01 01:00:00",
            "maximum": "2025-01-01 02:00:00",
        }
    )
    assert moments
    assert as_text(moments.value_at(0.254), moments, {"kind": "date"}) == "2025-01-01 00:30:00"


def test_what_is_no_number_is_none():
    assert as_number(float("nan"), "number") is None
    assert as_number(None, "date") is None
    assert as_number("someday", "date") is None
    assert as_number(datetime(1970, 1, 1, 0, 1), "date") == 60
    assert as_number(np.float64(2.5), "number") == 2.5


def test_numbers_are_written_as_they_can_be_typed():
    scale = Scale(low=0.0, high=1.0)
    plain = {"kind": "number", "format": ""}
    assert [as_text(value, scale, plain) for value in (1e6, 0.1, -3.0)] == ["1000000", "0.1", "-3"]
