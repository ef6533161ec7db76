"""A table for charts: a frame written as Parquet, and drawn in one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from beanft.engine.charts.chart import Chart
from beanft.engine.charts.draw import draw
from beanft.engine.charts.drawing import Drawing
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.queries.conditions import Filter

Draw = Callable[..., Drawing]


def stored(series: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(series):
        return "BOOLEAN"
    if pd.api.types.is_integer_dtype(series):
        return "BIGINT"
    if pd.api.types.is_float_dtype(series):
        return "DOUBLE"
    return "TIMESTAMP" if pd.api.types.is_datetime64_any_dtype(series) else "VARCHAR"


KINDS = {
    "BIGINT": "number",
    "DOUBLE": "number",
    "BOOLEAN": "boolean",
    "TIMESTAMP": "date",
    "VARCHAR": "category",
}


def profile_of(frame: pd.DataFrame) -> Profile:
    columns = [
        Column(
            name=str(name),
            kind=KINDS[stored(series)],
            stored=stored(series),
            n_missing=int(series.isna().sum()),
            n_distinct=int(series.nunique()),
            n_infinite=int(np.isinf(series).sum()) if stored(series) == "DOUBLE" else 0,
        )
        for name, series in frame.items()
    ]
    return Profile(n_rows=len(frame), columns=tuple(columns))


@pytest.fixture
def drawn(tmp_path: Path) -> Draw:
    """Write a frame as Parquet and draw one chart of it."""

    def draw_frame(frame: pd.DataFrame, kind: str, filters: Sequence[Filter] = (), **chart: Any) -> Drawing:
        path = tmp_path / "table.parquet"
        write(frame, path)
        return draw(path, profile_of(frame), Chart(kind=kind, **chart), filters=filters)

    return draw_frame


def write(frame: pd.DataFrame, path: Path) -> None:
    """Parquet by DuckDB, as the ingest writes it: NaN is missing, infinities stay."""
    with duckdb.connect() as database:
        database.register("frame", frame)
        database.execute(f"COPY frame TO '{path}'")


@pytest.fixture
def profiled() -> Callable[[pd.DataFrame], Profile]:
    """Profile a frame in few words, for tests that cannot import this file."""
    return profile_of
