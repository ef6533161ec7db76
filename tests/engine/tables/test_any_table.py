"""Whatever table is written in whatever dialect, told or found, or as Parquet, comes back as it was."""

import csv
import io
import math
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from beanft.engine.tables.kinds.forms import BLANKS
from beanft.engine.tables.read import ingest

_LETTERS = st.one_of(
    st.sampled_from(list(",;|\t\"'\n\r \\#=-+.0129aäß€\u2028\x1c\x85\ufeff\U0001f600")),
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
)
_WIDTH = st.integers(min_value=1, max_value=4)
_TABLES = _WIDTH.flatmap(
    lambda n: st.lists(
        st.lists(st.text(_LETTERS, max_size=8), min_size=n, max_size=n), min_size=1, max_size=6
    )
)
_NAMES = ("name", "second", "third", "fourth")
_TEXT = {"kind": "text", "missing": ()}
_ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252")


def _written(table: list[list[str]], *, delimiter: str, quotes_all: bool, ending: str) -> str:
    """Write as spreadsheets do: quotes around cells that need them, or around all."""

    def cell(text: str) -> str:
        needs = quotes_all or any(sign in text for sign in (delimiter, '"', "\r", "\n"))
        return '"' + text.replace('"', '""') + '"' if needs else text

    rows = [_NAMES[: len(table[0])], *table]
    return "".join(delimiter.join(map(cell, row)) + ending for row in rows)


def _read(content: bytes, *, width: int, encoding: str, delimiter: str) -> list[tuple[str | None, ...]]:
    return _ingested(
        content,
        {
            "encoding": encoding,
            "delimiter": delimiter,
            "quote": '"',
            "escape": "double",
            "header": "yes",
            "skip": 0,
            "columns": dict.fromkeys(_NAMES[:width], _TEXT),
        },
    )[1]


def _ingested(content: bytes, wishes: dict[str, Any]) -> tuple[dict[str, Any], list[tuple[Any, ...]]]:
    """The profile and the rows."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "upload").write_bytes(content)
        source, target = str(folder / "upload"), str(folder / "t.parquet")
        result = ingest(source=source, target=target, original_name="t", wishes=wishes)
        with duckdb.connect() as database:
            return result["profile"], database.read_parquet(target).fetchall()


def _kept(cell: str) -> str | None:
    """Blanks at the ends of a cell are cut off, and a cell of nothing else is missing."""
    return cell.strip(BLANKS) or None


@pytest.mark.parametrize("encoding", _ENCODINGS)
@settings(
    max_examples=25, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
@given(
    table=_TABLES,
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    quotes_all=st.booleans(),
    ending=st.sampled_from(["\n", "\r\n"]),
)
def test_any_table_in_any_dialect_is_read_back(encoding, table, delimiter, quotes_all, ending):
    if encoding == "cp1252":
        table = [[cell.encode("cp1252", "ignore").decode("cp1252") for cell in row] for row in table]
    if len(table[0]) == 1:  # a blank line is no row of a table of one column
        table = [[cell if _kept(cell) else "x"] for (cell,) in table]
    text = _written(table, delimiter=delimiter, quotes_all=quotes_all, ending=ending)
    found = _read(text.encode(encoding), width=len(table[0]), encoding=encoding, delimiter=delimiter)
    assert found == [tuple(map(_kept, row)) for row in table]


_WORDS = [
    "Straße",
    "café",
    "Müller, Jürgen",
    'say "hi"',
    "two\nlines",
    "x;y",
    "naïve",
    "plain",
    "été",
    "öde|oder",
]
_FOUND = st.lists(
    st.tuples(st.sampled_from(_WORDS), st.integers(-9999, 9999), st.sampled_from(_WORDS), st.booleans()),
    min_size=8,
    max_size=30,
)


@settings(
    max_examples=15, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
@given(
    rows=_FOUND,
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    ending=st.sampled_from(["\n", "\r\n"]),
)
def test_any_table_is_read_as_pandas_reads_it_with_nothing_told(rows, delimiter, quoting, encoding, ending):
    """Words that tell the encoding; every sign that divides cells in one dialect stands in one of another."""
    frame = pd.DataFrame(rows, columns=["name", "n", "place", "paid"])
    text = frame.to_csv(index=False, sep=delimiter, quoting=quoting, lineterminator=ending)
    content = text.encode(encoding)
    profile, found = _ingested(content, {"columns": dict.fromkeys(["name", "place"], _TEXT)})
    known = pd.read_csv(io.BytesIO(content), sep=delimiter, encoding=encoding)
    assert profile["delimiter"] == delimiter
    assert [column["name"] for column in profile["columns"]] == list(known.columns)
    assert found == list(known.itertuples(index=False, name=None))


_MOMENTS = st.datetimes(pd.Timestamp("1700-01-01"), pd.Timestamp("2200-01-01"))
_COLUMNS = {
    "text": st.none()
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
    "whole": st.none() | st.integers(-(2**63), 2**63 - 1),
    "part": st.none() | st.floats(allow_nan=False),
    "flag": st.none() | st.booleans(),
    "day": st.none() | _MOMENTS.map(lambda moment: moment.date()),
    "moment": st.none() | _MOMENTS,
}
_TYPES = {
    "text": pa.string(), "whole": pa.int64(), "part": pa.float64(), "flag": pa.bool_(), "day": pa.date32(),
    "moment": pa.timestamp("us"),
}  # fmt: skip


@settings(
    max_examples=10, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
@given(rows=st.lists(st.fixed_dictionaries(_COLUMNS), min_size=1, max_size=12))
def test_any_typed_file_is_read_as_pandas_reads_it(rows):
    out = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows, schema=pa.schema(_TYPES.items())), out)
    kinds = {"text": "text", "whole": "number", "part": "number", "flag": "boolean", "day": "date"}
    wishes = {name: {"kind": kind, "missing": ()} for name, kind in (kinds | {"moment": "date"}).items()}
    _, found = _ingested(out.getvalue(), {"columns": wishes})
    known = pd.read_parquet(out, dtype_backend="pyarrow")
    told = [tuple(map(_plain, row)) for row in known.itertuples(index=False, name=None)]
    assert found == told
    assert [math.copysign(1, row[2]) for row in found if row[2] is not None] == [
        math.copysign(1, row[2]) for row in told if row[2] is not None
    ]


def _plain(value: Any) -> Any:
    """As DuckDB hands it out; texts are kept as those of any file are."""
    if value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return _kept(value) if isinstance(value, str) else value
