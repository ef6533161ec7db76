"""What a saved chart keeps: every field of a chart, as JSON, and nothing that is not one."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest

from beanft.engine.charts.chart import Chart
from beanft.engine.errors import EngineError
from beanft.engine.tables.queries.conditions import Filter
from beanft.explore.boards.kept import Kept, from_json, to_json

HOSTILE = "'; drop table t; --<script>alert(1)</script>\"[]{{7*7}}🦀" + "x" * 10_000


def chart() -> Chart:
    """A chart in which every field is set."""
    values: dict[str, Any] = {}
    for place, field in enumerate(fields(Chart)):
        usual = field.default
        values[field.name] = (
            True
            if isinstance(usual, bool)
            else place
            if isinstance(usual, int)
            else (HOSTILE, "b")
            if isinstance(usual, tuple)
            else f"{field.name} {HOSTILE}"
        )
    return Chart(**{**values, "kind": "bar"})


def test_every_field_survives_the_way_through_json() -> None:
    filters = (Filter(HOSTILE, "equals", HOSTILE), Filter("b", "is-missing"), Filter("c", "equals", ""))
    again = from_json(json.loads(json.dumps(to_json(chart(), filters))))
    assert again == Kept(chart=chart(), filters=filters)


def test_fields_that_are_not_known_are_passed_over_and_older_ones_usual() -> None:
    kept = from_json({"chart": {"kind": "bar", "x": "a", "later": 1}, "filters": []})
    assert kept == Kept(chart=Chart(kind="bar", x="a"))


@pytest.mark.parametrize(
    "spoilt",
    [
        *(None, 1, "text", [], {}, {"chart": {}}, {"chart": {"kind": "bar"}}, {"chart": [], "filters": []}),
        {"chart": {"kind": "pie"}, "filters": []},
        {"chart": {"kind": ["bar"]}, "filters": []},
        {"chart": {"kind": "bar", "x": 1}, "filters": []},
        {"chart": {"kind": "bar", "bins": True}, "filters": []},
        {"chart": {"kind": "bar", "log_x": 1}, "filters": []},
        {"chart": {"kind": "bar", "columns": "abc"}, "filters": []},
        {"chart": {"kind": "bar", "columns": [1]}, "filters": []},
        {"chart": {"kind": "bar"}, "filters": [["a", "equals"]]},
        {"chart": {"kind": "bar"}, "filters": [["a", "equals", {"$ne": 1}]]},
        {"chart": {"kind": "bar"}, "filters": 3},
    ],
)
def test_anything_else_is_refused_with_a_sentence(spoilt: Any) -> None:
    with pytest.raises(EngineError, match="cannot be read any more"):
        from_json(spoilt)
