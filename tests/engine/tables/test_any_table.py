"""Whatever table of texts is written in whatever dialect comes back as it was."""

from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
_ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252")


def _written(table: list[list[str]], *, delimiter: str, quotes_all: bool, ending: str) -> str:
    """Write as spreadsheets do: quotes around cells that need them, or around all."""

    def cell(text: str) -> str:
        needs = quotes_all or any(sign in text for sign in (delimiter, '"', "\r", "\n"))
        return '"' + text.replace('"', '""') + '"' if needs else text

    rows = [_NAMES[: len(table[0])], *table]
    return "".join(delimiter.join(map(cell, row)) + ending for row in rows)


def _read(content: bytes, *, width: int, encoding: str, delimiter: str) -> list[tuple[str | None, ...]]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "t.csv").write_bytes(content)
        text = {"kind": "text", "missing": ()}
        ingest(
            source=str(folder / "t.csv"),
            target=str(folder / "t.parquet"),
            original_name="t.csv",
            wishes={
                "encoding": encoding,
                "delimiter": delimiter,
                "quote": '"',
                "escape": "double",
                "header": "yes",
                "skip": 0,
                "columns": dict.fromkeys(_NAMES[:width], text),
            },
        )
        with duckdb.connect() as database:
            return database.read_parquet(str(folder / "t.parquet")).fetchall()


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
