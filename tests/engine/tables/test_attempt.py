"""Tables written in one pass are those that are counted first and written afterwards, whatever is in them."""

import csv
import io
import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beanft.engine.errors import EngineError
from beanft.engine.tables.ingest import attempt as attempts
from beanft.engine.tables.ingest import texts
from beanft.engine.tables.ingest.attempt import attempt
from beanft.engine.tables.read import ingest

SAMPLED = 400  # rows of the beginning that the guess comes from
COLUMNS = {
    "whole": ["1", "-7", "42", "900", "123456789012345"],
    "decimal": ["1.5", "-.25", "3", "1e5", "2.", "12345.678901"],
    "long": ["0.12345678901234567890", "1.5", "3.141592653589793238"],
    "beyond": ["12345678901234567890", "1", "2"],
    "zeros": ["007", "123", "456"],
    "plus": ["+1", "+22", "3"],
    "phone": ["+49 30 1234567", "+4915112345678", "+1 202 5550000"],
    "grouped": ["1,234", "12,345", "1,234,567", "999"],
    "comma": ["1,5", "2,75", "1.234,5", "3"],
    "either comma": ["1,234", "2,345", "9,876"],
    "money": ["$1,234.50", "-$3.00", "($5.25)", "$12"],
    "per cent": ["12 %", "3.5 %", "0"],
    "iso day": ["2024-01-31", "1999-12-01", "2024-02-29"],
    "midnight": ["2024-01-31 00:00:00", "1999-12-01T00:00:00", "2000-01-01"],
    "iso time": ["2024-01-31 10:00:00", "2024-01-31T23:59:59.5", "2024-02-29"],
    "zone": ["2024-01-31T10:00:00Z", "2024-01-31T10:00:00+02:00", "2024-01-31 10:00"],
    "nano": ["2024-01-31 10:00:00.123456789", "2024-01-31 10:00:01.123456789"],
    "day first": ["31.01.2024", "01.02.2024", "05.03.1999"],
    "month first": ["01/31/2024", "02/01/2024", "12/25/1999"],
    "either first": ["01/02/2024", "03/04/2024", "12/11/1999"],
    "short year": ["31.12.24", "01.02.69", "05.03.68"],
    "clock": ["31.01.2024 07:30", "1.2.2024 8:00"],
    "names": ["31 Jan 2024", "1 Feb 2024"],
    "month": ["2024-01", "1999-12", "2024-02"],
    "month slash": ["01/2024", "12/1999", "02/2024"],
    "month name": ["Jan 2024", "may 1999", "Dec 2024"],
    "long month": ["January 2024", "May 1999", "December 2024"],
    "month point": ["01.2024", "12.1999", "02.2024"],
    "season": ["2004-05", "2010-11", "2007-08"],
    "compact": ["20240131", "19991201"],
    "yes": ["yes", "No", "YES", "no"],
    "truth": ["true", "false", "TRUE"],
    "binary": ["0", "1"],
    "word": ["red", "blue", "Straße", "N/A-ish"],
    "blanks": [" red", "blue ", "\xa0green\xa0", "\t", "x"],
    "breaks": ["two\nlines", 'say "hi"', "a,b", "plain"],
    "nothing": ["", "NA", "null", "?", "-", "  ", "NaN"],
    "empty": [""],
    "infinite": ["inf", "-Infinity", "1.5"],
    "hostile": ["=1+1", "'; DROP TABLE x; --", "{v}", "$1", "\u2028", "0x10", "1_000", "1e400", "0000-00-00"],
}
ODD = [
    *COLUMNS["nothing"],
    *COLUMNS["hostile"],
    "007",
    "12345678901234567890",
    "1.5",
    "x",
    " 3 ",
    "31/12/2024",
]
WISHES = [
    {},
    {"kind": "text"},
    {"kind": "number"},
    {"kind": "date"},
    {"kind": "boolean"},
    {"kind": "category"},
    {"missing": ("-", "x", "1")},
    {"missing": ()},
    {"kind": "date", "format": "%d/%m/%Y"},
    {"format": "%Y-%m"},
    {"format": "decimal comma"},
    {"format": "plain"},
]


def table(seed: int, n_columns: int, n_odd: int) -> tuple[list[str], list[list[str]]]:
    """Columns of one sort each, of which some change after the rows that the guess comes from."""
    chance = random.Random(seed)
    sorts = [chance.choice(list(COLUMNS)) for _ in range(n_columns)]
    names = [f"{sort} {number}" if number % 4 else f"Beside{number}" for number, sort in enumerate(sorts)]
    n_rows = chance.choice([1, 3, 30, SAMPLED + 20, SAMPLED + 600])
    share_missing = chance.choice([0, 0, 0.1, 0.99])
    rows = [
        [chance.choice(COLUMNS["nothing" if chance.random() < share_missing else sort]) for sort in sorts]
        for _ in range(n_rows)
    ]
    changing = chance.randrange(n_columns)
    for row in chance.sample(range(n_rows), min(n_rows, n_odd)):
        rows[row if chance.random() < 0.3 else -1 - row % 20][changing] = chance.choice(ODD)
    return names, rows


def rounded(found: Any) -> Any:
    """Without the last digits, which hang on where in memory the numbers lie that are summed."""
    if isinstance(found, dict):
        return {key: rounded(value) for key, value in found.items()}
    if isinstance(found, list | tuple):
        return [rounded(value) for value in found]
    return float(f"{found:.9g}") if isinstance(found, float) else found


def read(
    names: list[str], rows: list[list[str]], wishes: dict[str, Any], delimiter: str, *, in_one_pass: bool
) -> tuple[Any, ...]:
    """All that comes of a table, or the sentence that refuses it."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows([names, *rows])
    with (
        TemporaryDirectory() as name,
        patch.object(texts, "MOST_COLUMNS", len(names) if in_one_pass else 0),
        patch.object(attempts, "_MOST_BESIDE", 1.0),
    ):
        source, target = Path(name, "upload"), Path(name, "t.parquet")
        source.write_text(out.getvalue(), encoding="utf-8", newline="")
        told = {"columns": wishes, "header": "yes", "delimiter": delimiter, "quote": '"'}
        try:
            result = ingest(source=str(source), target=str(target), original_name="t", wishes=told)
        except EngineError as error:
            assert not list(Path(name).glob("*.part"))
            return (str(error),)
        assert sorted(path.name for path in Path(name).iterdir()) == ["t.parquet", "upload"]
        schema = pq.read_schema(target)
        with duckdb.connect() as database:
            found = database.read_parquet(str(target)).fetchall()
    kept = {key: value for key, value in result.items() if not key.startswith("parquet_")}
    kept["correlations"] = rounded(kept["correlations"])
    return kept, schema, repr(found)  # of the same numbers to the last bit, and of nothing that is no number


@settings(
    max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
@given(
    seed=st.integers(0, 10**9),
    n_columns=st.integers(1, 8),
    n_odd=st.sampled_from([0, 0, 1, 3, 150]),
    wish=st.sampled_from(WISHES),
    delimiter=st.sampled_from([",", ";"]),
)
def test_one_pass_gives_what_two_passes_give(seed, n_columns, n_odd, wish, delimiter):
    names, rows = table(seed, n_columns, n_odd)
    wishes = {names[seed % n_columns]: wish} if wish else {}
    one, two = (read(names, rows, wishes, delimiter, in_one_pass=which) for which in (True, False))
    assert one == two


@pytest.mark.parametrize("sort", COLUMNS)
def test_each_sort_of_column_gives_the_same(sort):
    """Beside one of words, with the quick test of each form, and cells that it does not tell."""
    rows = [[cell, f"w{number % 3}"] for number, cell in enumerate(COLUMNS[sort] * 9)]
    for wishes in ({}, {sort: {"missing": ("1", "red", "NA")}}):
        for delimiter in (",", ";"):
            one, two = (
                read([sort, "other"], rows, wishes, delimiter, in_one_pass=which) for which in (True, False)
            )
            assert one == two


def attempted(rows: list[list[str]]) -> list[bool]:
    """Whether the table of one pass was kept, each time that one was tried."""
    kept = []

    def noted(*arguments: Any) -> Any:
        result = attempt(*arguments)
        kept.append(result[2])
        return result

    with patch.object(texts, "attempt", noted):
        read(["a", "b"], rows, {}, ",", in_one_pass=True)
    return kept


def test_a_table_like_its_sample_is_written_once():
    rows = [[str(number), "NA" if number % 7 == 0 else f" w{number}"] for number in range(SAMPLED + 50)]
    assert attempted(rows) == [True]


def test_a_column_that_changes_late_is_written_anew():
    rows = [[str(number), "w"] for number in range(SAMPLED)] + [["1.5", "w"]] * 20
    assert attempted(rows) == [False]


def test_cells_that_do_not_fit_are_missing_in_a_table_written_once():
    rows = [[str(number), "w"] for number in range(SAMPLED + 100)] + [["unknown", "w"]]
    assert attempted(rows) == [True]
    (kept, _, found) = read(["a", "b"], rows, {}, ",", in_one_pass=True)
    assert kept["profile"]["columns"][0]["unreadable"] == [[SAMPLED + 102, "unknown"]]
    assert found.endswith("(None, 'w')]")


def test_what_takes_too_much_memory_is_counted_first(tmp_path):
    def too_much(*_: Any) -> Any:
        raise duckdb.OutOfMemoryException("no memory")

    rows = [[str(number), "w"] for number in range(9)]
    with patch.object(texts, "attempt", too_much):
        found = read(["a", "b"], rows, {}, ",", in_one_pass=True)
    assert found == read(["a", "b"], rows, {}, ",", in_one_pass=False)


def stored(folder: Path, cells: list[str]) -> bytes:
    """The file that a column of these cells becomes, beside one of words."""
    source, target = folder / "upload", folder / "t.parquet"
    source.write_text("\n".join(["a,b", *(f"{cell},w" for cell in cells)]) + "\n")
    ingest(source=str(source), target=str(target), original_name="t", wishes={"header": "yes"})
    return target.read_bytes()


def test_what_stood_beside_is_not_in_the_file(tmp_path):
    """Nor is it larger than one that was counted first."""
    cells = [str(number) for number in range(5000)] + ["SECRET-4711 of Miller"] * 20
    with patch.object(texts, "attempt", lambda *_: None):
        counted_first = stored(tmp_path, cells)
    written_once = stored(tmp_path, cells)
    assert b"SECRET" not in written_once
    assert abs(len(written_once) - len(counted_first)) < 0.02 * len(counted_first)


@pytest.mark.parametrize(
    ("cells", "is_tried"), [(["0.1234567890123456", "1.9876543210987654"], False), (["1.5"], True)]
)
def test_a_sample_with_many_cells_that_need_a_second_look_is_counted_first(tmp_path, cells, is_tried):
    tried = []

    def noted(*arguments: Any) -> Any:
        tried.append(attempt(*arguments))
        return tried[-1]

    with patch.object(texts, "attempt", noted):
        stored(tmp_path, cells * 300)
    assert [one is not None for one in tried] == [is_tried]


def test_an_error_of_the_disk_is_not_taken_for_one_of_the_rows(tmp_path):
    def failing(*_: Any) -> Any:
        raise duckdb.IOException("Could not write file: File too large")

    with (
        patch.object(texts, "attempt", failing),
        patch.object(texts, "strict_rows") as strict_rows,
        pytest.raises((EngineError, duckdb.IOException)),
    ):
        stored(tmp_path, ["1", "2"])
    assert not strict_rows.called
