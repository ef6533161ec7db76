"""Values written for a field are read back as they were, in every style of numbers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pytest

from beanft.engine.learning.checking.cells import Cell, Reader
from beanft.engine.learning.checking.tables import check_table
from beanft.engine.learning.checking.writing import as_typed
from beanft.engine.tables.kinds.numbers import STYLES

NUMBERS = (7.506, -7.506, 1.0, 1234.0, 1234567.125, 0.1 + 0.2, 1 / 3, 1e20, 1.234e-7, -1.5e300, 999.999)


@pytest.mark.parametrize("unit", ["", "€"])
@pytest.mark.parametrize("stored", ["DOUBLE", "BIGINT"])
@pytest.mark.parametrize("style", ["", *STYLES])
def test_a_number_is_read_back_to_the_last_bit(style: str, stored: str, unit: str):
    column = {"name": "a", "kind": "number", "stored": stored, "format": style, "unit": unit}
    texts = [as_typed(number, column) for number in NUMBERS]
    assert [Reader(column).meaning(text) for text in texts] == [Cell(number) for number in NUMBERS]
    assert check_table(pa.table({"a": texts}), [column]).columns["a"].tolist() == list(NUMBERS)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        ("7.506", "7.506"),
        (True, "True"),
        (date(2025, 1, 2), "2025-01-02"),
        (datetime(2025, 1, 2, 3), "2025-01-02 03:00:00"),
    ],
)
def test_other_values_are_written_as_they_are_called(value: Any, text: str):
    assert as_typed(value, {"kind": "category", "format": "decimal comma"}) == text


@pytest.mark.parametrize("value", ["7.506", 7.506])
def test_a_category_that_is_a_number_is_read_as_its_level_is_written(value: Any):
    column = {"name": "a", "kind": "category", "stored": "DOUBLE", "format": "decimal comma"}
    reader = Reader(column | {"known": ["7.506", "1000.0"]})
    assert reader.typed(value) == Cell("7.506")
    assert reader.meaning("7,506") == Cell("7.506")
    assert reader.meaning("1.000") == Cell("1000.0")  # as at ingest
    assert reader.exact_levels == ["1000.0", "7.506"]
