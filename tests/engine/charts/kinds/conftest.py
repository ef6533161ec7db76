"""What tests of several kinds ask: the lines of pandas run, and the rows behind a mark counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from beanft.engine.charts.chart import Chart
from beanft.engine.charts.code.lines import chart_lines
from beanft.engine.charts.drawing import Drawing
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.queries.conditions import Filter, where

Profiled = Callable[[pd.DataFrame], Profile]


@pytest.fixture
def pandas_numbers(tmp_path: Path, profiled: Profiled) -> Callable[..., pd.DataFrame]:
    """Run the lines of a chart on the table that was drawn last."""

    def run(frame: pd.DataFrame, filters: Sequence[Filter] = (), **chart: Any) -> pd.DataFrame:
        path = str(tmp_path / "table.parquet")
        text = chart_lines(profiled(frame), Chart(**chart), file_name=path, filters=filters)
        names: dict[str, Any] = {}
        exec(text, names)
        numbers: pd.DataFrame = names["numbers"]
        return numbers

    return run


@pytest.fixture
def check_pandas(pandas_numbers: Callable[..., pd.DataFrame]) -> Callable[..., None]:
    """Assert that the lines of a chart give the rows that were drawn."""

    def check(drawing: Drawing, frame: pd.DataFrame, filters: Sequence[Filter] = (), **chart: Any) -> None:
        numbers = pandas_numbers(frame, filters, **chart)
        assert tuple(numbers.columns) == drawing.header
        assert list(numbers.itertuples(index=False, name=None)) == list(drawing.rows)

    return check


@pytest.fixture
def count_of(tmp_path: Path, profiled: Profiled) -> Callable[..., int]:
    """Count the rows of the table that pass the filters of a mark."""

    def count(frame: pd.DataFrame, filters: Sequence[Filter]) -> int:
        condition, values = where(profiled(frame), filters)
        with duckdb.connect() as database:
            sql = f"SELECT count(*) FROM '{tmp_path / 'table.parquet'}' WHERE {condition}"
            return int(database.execute(sql, values).fetchall()[0][0])

    return count
