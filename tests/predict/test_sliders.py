"""The sliders beside numbers and dates."""

from __future__ import annotations

from typing import Any

import pytest

from beanft.predict.sliders import STEPS, slider_of


def column(**facts: Any) -> dict[str, Any]:
    usual = {"minimum": 0.0, "median": 50.0, "maximum": 100.0, "stored": "DOUBLE", "format": ""}
    return {"name": "a", "kind": "number"} | usual | facts


@pytest.mark.parametrize(("text", "place"), [("25", STEPS // 4), ("-7", 0), ("900", STEPS), ("", STEPS // 2)])
def test_it_stands_where_the_value_is_and_never_beyond_its_ends(text: str, place: int):
    slider = slider_of(column(), text)
    assert slider
    assert slider.place == place


@pytest.mark.parametrize("text", ["1,234", "heavy", "nan"])
def test_a_text_that_is_no_number_leaves_it_in_the_middle(text: str):
    slider = slider_of(column(), text)
    assert slider
    assert slider.place == STEPS // 2


@pytest.mark.parametrize(
    ("text", "place"), [("7,506", STEPS // 4), ("7.506", STEPS), ("15.012,0", STEPS), ("15", STEPS // 2)]
)
def test_it_reads_a_value_in_the_style_of_its_column(text: str, place: int):
    slider = slider_of(column(format="decimal comma", median=15.0, maximum=30.024), text)
    assert slider
    assert abs(slider.place - place) <= 1
    assert (slider.high, slider.comma) == ("30,024", True)


def test_a_date_has_one_by_days():
    dates = column(
        kind="date", minimum="2025-01-01", median="2025-01-06", maximum="2025-01-11", stored="DATE"
    )
    slider = slider_of(dates, "2025-01-06")
    assert slider
    assert (slider.place, slider.low, slider.high) == (STEPS // 2, "2025-01-01", "2025-01-11")
    assert slider.scale.whole


@pytest.mark.parametrize("facts", [{"kind": "category"}, {"maximum": 0.0}, {"minimum": None}])
def test_levels_and_constants_have_none(facts: dict[str, Any]):
    assert slider_of(column(**facts), "1") is None


def test_the_area_of_a_bar_is_its_share_of_the_rows():
    slider = slider_of(column(), "1", ([0, 50, 60, 100], [10, 10, 0]))
    assert slider
    wide, narrow = slider.bars
    assert (wide.x, narrow.x) == (0.0, 100.0)
    assert narrow.height == pytest.approx(5 * wide.height)


def test_the_bar_of_a_whole_number_stands_around_it():
    slider = slider_of(column(median=1.0, maximum=2.0, stored="BIGINT"), "1", ([0, 1, 2, 3], [1, 1, 1]))
    assert slider
    assert [bar.x for bar in slider.bars] == [0.0, 50.0, 150.0]


def test_a_histogram_that_does_not_fit_is_left_out():
    slider = slider_of(column(), "1", ([0, 1], [1, 2, 3]))
    assert slider
    assert slider.bars == ()
