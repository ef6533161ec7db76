"""Reasons and what-ifs made ready to be drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from beanft.engine.learning.scales import Scale
from beanft.engine.learning.whatif import Curve, Point
from beanft.predict.panels import HEIGHT, WIDTH, panels_of
from beanft.predict.units import unit_of
from beanft.predict.why import reasons_in_words, why_of

COLUMNS: list[dict[str, Any]] = [
    {"name": "a", "kind": "number", "stored": "DOUBLE", "format": ""},
    {"name": "b", "kind": "category"},
    {"name": "paid", "kind": "boolean", "words": ["no", "yes"]},
]
VALUES = {"a": "1234.5", "b": "", "paid": "true"}


def found(*shares: tuple[str, float], label: str | None = None, **facts: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "label": label,
        "base": 100.0,
        "rest": 0.0,
        "n_rest": 0,
        "rest_columns": [],
        "how": "Compared.",
        "shares": [{"columns": [name], "value": value, "error": 0.0} for name, value in shares],
        "why_not": "",
        "columns": ["a", "paid"],
        "similar": [],
        "n_searched": 0,
    } | facts
    made.setdefault("prediction", made["base"] + sum(value for _, value in shares) + made["rest"])
    return made


def test_reasons_name_the_column_its_value_and_what_it_adds():
    made = reasons_in_words(found(("a", 30.0), ("b", -10.0), ("paid", 0.0)), VALUES, COLUMNS, "price")
    assert [(one.name, one.value, one.amount, one.rises) for one in made.items] == [
        ("a", "1,234.5", "+30.0", True),
        ("b", "missing", "−10.0", False),
    ]
    assert (made.base, made.end, made.said) == ("100.0", "120.0", "price")


@pytest.mark.parametrize(("typed", "meant"), [("7,506", "7.506"), ("7.506", "7,506"), ("much", "much")])
def test_a_value_is_shown_as_its_column_reads_it(typed: str, meant: str):
    columns = [COLUMNS[0] | {"format": "decimal comma"}]
    made = reasons_in_words(found(("a", 30.0)), {"a": typed}, columns, "price")
    assert made.items[0].value == meant


def test_a_similar_row_with_the_same_number_is_said_to_have_it():
    columns = [COLUMNS[0] | {"format": "decimal comma"}]
    similar = {"row": 3, "distance": 0.0, "values": {"a": 7.506}, "truth": 1.0, "predicted": None}
    facts = found(("a", 30.0), columns=["a"], similar=[similar])
    made = why_of(facts, [], {"a": "7,506"}, columns, "price", label=None)
    assert made.similar[0].cells == (("7.506", True),)


def test_bars_start_at_zero_and_fill_the_width():
    first, second = reasons_in_words(found(("a", 30.0), ("b", -10.0)), VALUES, COLUMNS, "y").items
    assert (first.x, first.width) == (25.0, 75.0)
    assert (second.x, second.width) == (0.0, 25.0)


def test_small_reasons_enter_together_and_nothing_is_lost():
    columns = [{"name": f"n{i}", "kind": "number", "stored": "DOUBLE"} for i in range(40)]
    shares = [(f"n{i}", 40.0 - i) for i in range(20)]
    made = reasons_in_words(
        found(*shares, rest=5.0, n_rest=20, rest_columns=[f"n{i}" for i in range(20, 40)]), {}, columns, "y"
    )
    assert len(made.items) == 9
    assert made.items[-1].name == "32 other columns"
    assert made.items[-1].members == "n8, n9, n10, n11, n12, n13 and 26 more"
    assert made.items[-1].amount == f"+{sum(40.0 - i for i in range(8, 20)) + 5:.1f}"


def test_probabilities_are_written_in_percent_and_booleans_in_the_owners_words():
    made = reasons_in_words(found(("paid", 0.25), label="yes", base=0.5), VALUES, COLUMNS, "y")
    assert made.said == "the probability of “yes”"
    assert (made.base, made.end) == ("50.0 %", "75.0 %")
    assert (made.items[0].value, made.items[0].amount) == ("yes", "+25.0")


def test_amounts_that_are_written_as_nothing_have_no_sign():
    assert unit_of("yes", []).change(-0.0001) == "0.0"
    assert unit_of(None, [0.0]).change(0.0) == "0"
    assert unit_of(None, [0.00123]).level(0.00123) == "0.001230"


def line(*said: float, own: int = 0, missing: float | None = None) -> Curve:
    n = len(said)
    points = tuple(
        Point(place=i / (n - 1), value=str(i), number=float(i), said=value, own=i == own)
        for i, value in enumerate(said)
    )
    return Curve(column="a", scale=Scale(low=0, high=n - 1), points=points, missing=missing)


def levels(*said: float) -> Curve:
    names = ["true", "false"]
    points = tuple(Point(place=i, value=names[i], said=value, own=i == 0) for i, value in enumerate(said))
    return Curve(column="paid", scale=None, points=points, missing=None)


def test_a_line_rises_with_what_is_said_and_stays_inside():
    (panel,) = panels_of([line(0.0, 5.0, 10.0, own=1, missing=3.0)], COLUMNS, None)
    points = [tuple(map(float, point.split(","))) for point in panel.line.split()]
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert points[0][1] > points[1][1] > points[2][1]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    assert panel.dot == points[1]
    assert (panel.field, panel.words) == ("field-0", "From 0.00 at 0 to 10.00 at 2.")
    assert (panel.ends, panel.missing) == (("0", "1", "2"), "3.00")


def test_all_pictures_share_their_range():
    small, large = panels_of([line(4.0, 5.0), levels(0.0, 10.0)], COLUMNS, None)
    assert (small.low, small.high) == (large.low, large.high) == ("0.00", "10.00")
    assert [(mark.label, mark.value, mark.own) for mark in large.marks] == [
        ("yes", "true", True),
        ("no", "false", False),
    ]
    assert large.marks[0].x < large.marks[1].x
    assert large.line == ""


def test_a_flat_line_is_said_to_be_flat():
    (panel,) = panels_of([line(2.0, 2.0)], COLUMNS, None)
    assert panel.words == "It stays at 2.000, whatever “a” is."


def test_a_few_of_many_categories_are_said_to_be_a_selection():
    (panel,) = panels_of([replace(levels(0.0, 10.0), n_levels=28)], COLUMNS, None)
    assert panel.words == "2 of its 28 values: from 0.00 at yes to 10.00 at no."
    (whole,) = panels_of([replace(levels(0.0, 10.0), n_levels=2)], COLUMNS, None)
    assert whole.words == "From 0.00 at yes to 10.00 at no."


def test_a_bent_axis_is_said_to_be_bent():
    straight = line(0.0, 5.0)
    bent = replace(straight, scale=Scale(low=0.0, high=1.0, bend=3.0))
    axes = [panel.axis for panel in panels_of([straight, bent], COLUMNS, None)]
    assert axes == ["", "The axis is bent: small values have more room."]


def test_a_value_far_outside_makes_the_picture_wider():
    points = (
        Point(place=0.0, value="0", said=0.0),
        Point(place=1.0, value="1", said=1.0),
        Point(place=3.0, value="3", said=2.0, own=True),
    )
    (panel,) = panels_of(
        [Curve(column="a", scale=Scale(low=0, high=1), points=points, missing=None)], COLUMNS, None
    )
    assert panel.dot
    assert panel.dot[0] == WIDTH - 8


def test_similar_rows_tell_where_they_differ():
    similar = [
        {
            "row": 6,
            "distance": 0.1,
            "truth": "x",
            "predicted": None,
            "values": {"a": 1234.5, "paid": "false"},
        },
        {"row": None, "distance": 0.2, "truth": None, "predicted": None, "values": {}},
    ]
    made = why_of(found(("a", 1.0), similar=similar), [], VALUES, COLUMNS, "y", label=None)
    assert made.own == ("1,234.5", "yes")
    assert made.similar[0].row == 7
    assert made.similar[0].cells == (("1,234.5", True), ("no", False))
    assert made.similar[1].row is None
    assert made.similar[1].cells == (("missing", False), ("missing", False))


def test_without_reasons_their_absence_is_told():
    nothing = found(why_not="Rows are not kept.", columns=[]) | {"base": None, "prediction": None}
    made = why_of(nothing, [line(0.0, 1.0)], VALUES, COLUMNS, "y", label=None)
    assert (made.reasons, made.why_not, len(made.panels)) == (None, "Rows are not kept.", 1)
    assert made.facts()["whatif"][0]["points"][1] == {"value": "1", "prediction": 1.0}


def test_words_stand_by_column_and_those_that_are_written_as_nothing_are_left_out():
    words = [
        {"column": "a", "word": "great", "value": 0.123},
        {"column": "b", "word": "late", "value": -0.05},
        {"column": "a", "word": "the", "value": 0.0001},
    ]
    made = reasons_in_words(found(("a", 0.3), label="yes", base=0.5, words=words), VALUES, COLUMNS, "y")
    told = {name: [(one.word, one.amount, one.rises) for one in some] for name, some in made.words.items()}
    assert told == {"a": [("great", "+12.3", True)], "b": [("late", "−5.0", False)]}
    assert "Tried were" not in made.words_how
    some = reasons_in_words(
        found(("a", 0.3), words=words, n_words=900, n_words_tried=300), VALUES, COLUMNS, "y"
    )
    assert some.words_how.endswith("Tried were the 300 most frequent of 900 words.")
