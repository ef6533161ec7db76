"""Which datasets have the columns that a model needs."""

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from beanft.engine.learning.batches.fitting import has_columns


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    pd.DataFrame({"a": [1.0], "b": ["x"]}).to_parquet(path)
    assert has_columns(path, ("a", "b"))
    assert not has_columns(path, ("a", "c"))


def test_a_failure_that_passes_is_forgotten_and_names_are_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, read, n_read = tmp_path / "table.parquet", pq.read_schema, []
    pd.DataFrame({"a": [1.0]}).to_parquet(path)

    def failing(where: Path) -> Any:
        n_read.append(where)
        if len(n_read) == 1:
            raise OSError("too many open files")
        return read(where)

    monkeypatch.setattr(pq, "read_schema", failing)
    assert [has_columns(path, ("a",)) for _ in range(3)] == [False, True, True]
    assert len(n_read) == 2
