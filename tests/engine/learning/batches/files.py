"""A small file of predictions with hostile text, as the engine writes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

NOTES = ("=1+1", "-2.5", "@x", None, " =HYPERLINK(1)", "007", "1.50", "12", 'a "b", c', "x\ny")


def classes(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Ten rows with a class each; a column of the file is called prediction, too."""
    table = pa.table(
        {
            "note": pa.array(NOTES, pa.string()),
            "prediction": pa.array(["mine"] * 10, pa.string()),
            "kind": pa.array(["a", "b", "b", "b", None, "a", "a", "zebra", "a", "a"], pa.string()),
            "prediction 2": pa.array(["a", "b"] * 5, pa.string()),
            "probability of a": pa.array([0.9, 0.1] * 5),
            "probability of b": pa.array([0.1, 0.9] * 5),
            "set": pa.array(['["a"]', '["b", "a"]'] * 5, pa.string()),
            "confidence": pa.array([0.1 + 0.2, 1 / 3, *(0.5 + i / 100 for i in range(8))]),
            "warnings": pa.array(["", "range far", "unknown", "", "", "", "far", "", "", ""], pa.string()),
            "row_number": pa.array(range(1, 11), pa.int64()),
        }
    )
    added = {
        "prediction": "prediction 2",
        "probabilities": ["probability of a", "probability of b"],
        "low": None,
        "high": None,
        "set": "set",
        "confidence": "confidence",
        "warnings": "warnings",
        "row_number": "row_number",
    }
    return _written(folder, table, added, ["a", "b"], 3)


def numbers(folder: Path, n: int = 60) -> tuple[Path, dict[str, Any]]:
    """Rows with a number each, its interval and the truth."""
    truth = [f"{10 * i},5" if i % 2 else f"{10 * i}.5" for i in range(n)]
    truth[0], truth[1] = "", "many"
    table = pa.table(
        {
            "price": pa.array([text or None for text in truth], pa.string()),
            "prediction": pa.array([10.0 * i for i in range(n)]),
            "low": pa.array([10.0 * i - (1 if i % 10 else -0.7) for i in range(n)]),
            "high": pa.array([10.0 * i + 1 for i in range(n)]),
            "confidence": pa.array([0.5] * n),
            "warnings": pa.array([""] * n, pa.string()),
            "row_number": pa.array(range(1, n + 1), pa.int64()),
        }
    )
    names = ("prediction", "low", "high", "confidence", "warnings", "row_number")
    added = {name: name for name in names} | {"probabilities": [], "set": None}
    return _written(folder, table, added, [], 1)


def _written(
    folder: Path, table: pa.Table, added: dict[str, Any], labels: list[str], n_original: int
) -> tuple[Path, dict[str, Any]]:
    path = folder / "predictions.parquet"
    pq.write_table(table, path)
    types = {pa.string(): "VARCHAR", pa.float64(): "DOUBLE", pa.int64(): "BIGINT"}
    facts = {
        "n_rows": table.num_rows,
        "columns": table.column_names,
        "types": [types[field.type] for field in table.schema],
        "n_original": n_original,
        "labels": labels,
        "added": added,
        "truth": "kind" if labels else "price",
        "plain_first": False,
        "level": 0.9,
    }
    return path, facts
