"""What the tests of matrices share: hard tables, code that runs, and links that lead to the rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from beanft.engine.charts.chart import Chart
from beanft.engine.charts.code.lines import chart_lines
from beanft.engine.charts.drawing import Drawing
from beanft.engine.charts.figures.figure import to_figure
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.connection import reading
from beanft.engine.tables.queries.conditions import Filter, where

HOSTILE = (
    "a\"; DROP TABLE used; --'",
    "__import__('os')",
    "<script>alert(1)</script>",
    "x" * 10_000,
    "[b](c){d}",
)


def stored(series: pd.Series) -> tuple[str, str]:
    """Kind and SQL type of a column."""
    if pd.api.types.is_bool_dtype(series):
        return "boolean", "BOOLEAN"
    if pd.api.types.is_integer_dtype(series):
        return "number", "BIGINT"
    if pd.api.types.is_float_dtype(series):
        return "number", "DOUBLE"
    if pd.api.types.is_datetime64_any_dtype(series):
        return "date", "TIMESTAMP"
    return "category", "VARCHAR"


def profile_of(frame: pd.DataFrame, **more: Any) -> Profile:
    """A profile as the ingest makes it; `more` holds further facts of columns by name."""
    columns = []
    for name, series in frame.items():
        kind, type_ = stored(series)
        infinite = int(np.isinf(series).sum()) if type_ == "DOUBLE" else 0
        facts = {"n_infinite": infinite, **more.get(str(name), {})}
        n_missing, n_distinct = int(series.isna().sum()), int(series.nunique())
        columns.append(
            Column(
                name=str(name), kind=kind, stored=type_, n_missing=n_missing, n_distinct=n_distinct, **facts
            )
        )
    return Profile(n_rows=len(frame), columns=tuple(columns))


def run(path: Path, profile: Profile, chart: Chart, filters: tuple[Filter, ...] = ()) -> pd.DataFrame:
    """The numbers that the lines of pandas give."""
    names: dict[str, Any] = {}
    exec(chart_lines(profile, chart, file_name=str(path), filters=filters), names)
    return names["numbers"]


def assert_same(drawing: Drawing, numbers: pd.DataFrame) -> None:
    """Head and rows are those of the drawing."""
    assert tuple(numbers.columns) == drawing.header
    assert len(numbers) == len(drawing.rows)
    for expected, row in zip(numbers.itertuples(index=False), drawing.rows, strict=True):
        for want, got in zip(expected, row, strict=True):
            if isinstance(got, str):
                assert want == got
            elif got is None:
                assert pd.isna(want)
            else:
                assert got == pytest.approx(want, rel=1e-6, abs=1e-9)


def count(path: Path, profile: Profile, filters: tuple[Filter, ...]) -> int:
    """Rows of the table that pass filters, as the grid counts them."""
    condition, values = where(profile, filters)
    with reading(path) as database:
        found = database.execute(f"SELECT count(*) FROM read_parquet('{path}') WHERE {condition}", values)
        return int(found.fetchall()[0][0])


def assert_figure(drawing: Drawing) -> dict[str, Any]:
    """The figure is plain JSON and small."""
    option = to_figure(drawing)
    text = json.dumps(option, allow_nan=False)
    assert len(text.encode()) < 300_000
    return option
