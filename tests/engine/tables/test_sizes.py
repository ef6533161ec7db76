"""How large a table may be: cells are counted before anything is written, room before it is published."""

import random
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.progress import Progress
from beanft.engine.tables.connection import connect
from beanft.engine.tables.formats.sources import Source
from beanft.engine.tables.ingest import texts, typed
from beanft.engine.tables.ingest.load import workplace
from beanft.engine.tables.preview import preview
from beanft.engine.tables.profiling.asking import answers
from beanft.engine.tables.read import ingest
from beanft.engine.tables.wishes import Wishes

CSV = b"a,b\n1,x\n2,y\n3,z\n"
RAGGED = CSV + b"4\n" * 400


def read(folder: Path, content: bytes = CSV, **options: Any) -> dict[str, Any]:
    source = folder / "upload"
    source.write_bytes(content)
    return ingest(source=str(source), target=str(folder / "table.parquet"), original_name="a.csv", **options)


def forbid_writing(monkeypatch: pytest.MonkeyPatch, module: Any) -> None:
    def write(*_arguments: Any) -> None:
        raise AssertionError("the table was written although it has too many cells")

    for name in ("write", "attempt"):
        monkeypatch.setattr(module, name, write, raising=name == "write")


def test_too_many_cells_are_refused_before_the_table_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read(tmp_path, max_cells=6)["profile"]["n_rows"] == 3
    (tmp_path / "table.parquet").unlink()
    forbid_writing(monkeypatch, texts)
    with pytest.raises(EngineError, match=r"^The table has 6 cells; 5 are allowed\. Leave out rows or"):
        read(tmp_path, max_cells=5)
    assert [path.name for path in tmp_path.iterdir()] == ["upload"]


def test_a_typed_file_is_counted_before_it_is_written_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = tmp_path / "typed.parquet"
    with connect(folders=[tmp_path]) as database:
        database.execute(f"COPY (SELECT range AS a, 'x' AS b FROM range(3)) TO '{stored}'")
    forbid_writing(monkeypatch, typed)
    with (
        workplace(stored, tmp_path / "table.parquet", memory_mb=256, n_columns=2) as place,
        pytest.raises(EngineError, match="The table has 6 cells; 5 are allowed"),
    ):
        typed.draft_typed(place, Source(parquet_path=stored), Wishes(), Progress(), max_cells=5)


def test_a_table_larger_than_the_room_left_is_refused_with_both_sizes(tmp_path: Path) -> None:
    n_bytes = read(tmp_path)["parquet_bytes"]
    (tmp_path / "table.parquet").unlink()
    with pytest.raises(EngineError) as refusal:
        read(tmp_path, room_bytes=n_bytes - 1)
    size = f"{n_bytes} bytes" if n_bytes < 1000 else f"{n_bytes / 1000:.1f} kB"
    left = f"{n_bytes - 1} bytes" if n_bytes <= 1000 else f"{(n_bytes - 1) / 1000:.1f} kB"
    assert str(refusal.value) == (
        f"There is no room for this table: it takes {size}, and you have {left} left. Delete datasets, "
        "versions or experiments that you no longer need, or ask the administrator for more space. Then read "
        "the file again."
    )
    assert [path.name for path in tmp_path.iterdir()] == ["upload"]
    assert read(tmp_path, room_bytes=n_bytes)["parquet_bytes"] == n_bytes


def test_rows_that_were_set_aside_need_room_too(tmp_path: Path) -> None:
    aside = {"bad_rows": "aside"}
    n_bytes = read(tmp_path, RAGGED, wishes=aside)["parquet_bytes"]
    rejects = tmp_path / "rejects.csv"
    n_rejected = rejects.stat().st_size
    (tmp_path / "table.parquet").unlink()
    with pytest.raises(EngineError, match="There is no room for this table"):
        read(tmp_path, RAGGED, wishes=aside, room_bytes=n_bytes + n_rejected - 1)
    assert [path.name for path in tmp_path.iterdir()] == ["upload"]
    read(tmp_path, RAGGED, wishes=aside, room_bytes=n_bytes + n_rejected)
    assert rejects.stat().st_size == n_rejected


@pytest.mark.parametrize(
    ("content", "limit", "words"),
    [
        (CSV, {"max_cells": 5}, "The table has 6 cells; 5 are allowed"),
        (b"a\n1\n" + b"x" * 1_100_000 + b"\n", {"max_line_mb": 1}, "longer than 1 MB"),
    ],
)
def test_a_look_beforehand_heeds_the_same_limits(
    tmp_path: Path, content: bytes, limit: dict[str, int], words: str
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    source = tmp_path / "upload"
    source.write_bytes(content)
    look = {"source": str(source), "original_name": "a.csv", "folder": str(scratch)}
    assert words in preview(**look, **limit)["error"]
    assert preview(**look)["error"] == ""


def test_long_texts_make_smaller_row_groups_in_their_order(tmp_path: Path) -> None:
    """One group of all 120 MB takes more memory than there is."""
    letters = random.Random(1).randbytes(20_000).hex()
    starts = [[(i * 31 + j * 977) % 39_000 for j in range(20)] for i in range(15_000)]
    rows = (f"{i},{','.join(letters[s : s + 400] for s in own)}\n" for i, own in enumerate(starts))
    content = "n," + ",".join(f"c{j}" for j in range(20)) + "\n" + "".join(rows)
    found = read(tmp_path, content.encode(), memory_mb=150, max_line_mb=1)
    stored = pq.ParquetFile(tmp_path / "table.parquet")
    assert stored.num_row_groups > 3
    assert stored.read(columns=["n"])["n"].to_pylist() == list(range(15_000))
    assert found["profile"]["columns"][1]["n_distinct"] == len({own[0] for own in starts})


def test_figures_are_asked_for_fewer_columns_where_memory_is_short() -> None:
    asked = []

    class Short:
        """Has memory for two columns at once."""

        def execute(self, sql: str) -> duckdb.DuckDBPyConnection:
            asked.append(sql)
            if sql.count("max") > 2:
                raise duckdb.OutOfMemoryException("too many columns")
            return database.execute(sql)

    short: Any = Short()
    with connect(folders=[]) as database:
        wanted = [[f"max(range + {n})", f"min(range + {n})"] for n in range(5)]
        assert answers(short, "range(3)", wanted) == [[2 + n, n] for n in range(5)]
        assert len(asked) == 5  # five, two, three, one and two columns
        with pytest.raises(duckdb.OutOfMemoryException):
            answers(short, "range(3)", [["max(1) + max(2) + max(3)"]])
