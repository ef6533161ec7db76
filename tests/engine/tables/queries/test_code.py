"""The lines of pandas are run here and give the rows of the page, in its order, whatever was asked."""

import datetime
import itertools

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.queries.code import pandas_lines
from beanft.engine.tables.queries.conditions import NEEDLESS, Filter, operators_of
from beanft.engine.tables.queries.pages import Sort, page

N = 240
NAMES = {
    **{"whole": "whole", "part": "o'hara\"; --", "day": "{0}", "moment": "__import__('os')"},
    **{"flag": "<b>flag", "group": "t['x']", "words": "\n\\ \"\"\" '''", "key": "clé 🦀"},
    **{"code": "%s {name}", "same": "?", "level": "level"},
}
WORDS = (
    *("Straße", "STRASSE", "İstanbul", "ΑΣ", "ας", "Kelvin \u212a", "100%", "a_b", "a\\b", "", " x ", "a;b"),
    *('say "no"', "x\0y", "🦀", "__import__('os').system('x')", "'; drop table t; --", None),
)


def _values():
    odd = [2**63 - 1, -(2**63), 2**53 + 1, 2**53, None]
    parts = {5: float("inf"), 6: -float("inf")} | dict.fromkeys(range(0, N, 11))
    days = [datetime.date(1, 1, 1), datetime.date(9999, 12, 31), None]
    days += [datetime.date(2024, n % 12 + 1, n % 28 + 1) for n in range(3, N)]
    start = datetime.datetime(2024, 1, 1, 10, 0, 0, 500000)
    moments = [None if n % 9 == 0 else start + datetime.timedelta(hours=7 * n) for n in range(N)]
    return {
        "whole": pa.array([*odd, *(n % 7 - 3 for n in range(5, N))], pa.int64()),
        "part": pa.array([parts.get(n, n % 13 / 8) for n in range(N)]),
        "day": pa.array(days),
        "moment": pa.array(moments, pa.timestamp("us")),
        "flag": pa.array([(True, False, None)[n % 3] for n in range(N)]),
        "group": pa.array([("b", "a", "B", None)[n % 4] for n in range(N)]),
        "words": pa.array([WORDS[n % len(WORDS)] for n in range(N)]),
        "key": pa.array([f"k{n:04d}" for n in range(N)]),
        "code": pa.array([None if n == 3 else n % 12 for n in range(N)], pa.int64()),
        "same": pa.array([datetime.date(2024, 5, 1)] * N),
        "level": pa.array([None if n == 3 else n % 5 / 2 for n in range(N)], pa.float64()),
    }


KINDS = {
    **{"whole": "number", "part": "number", "day": "date", "moment": "date", "flag": "boolean"},
    **{"group": "category", "words": "text", "key": "identifier", "code": "category", "same": "constant"},
    "level": "category",
}
STORED = {
    **{"whole": "BIGINT", "part": "DOUBLE", "day": "DATE", "moment": "TIMESTAMP", "flag": "BOOLEAN"},
    **{"code": "BIGINT", "same": "DATE", "level": "DOUBLE"},
}


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A table of every kind, its columns under names that nobody means well by."""
    path = tmp_path_factory.mktemp("code") / "it's.parquet"
    parquet.write_table(pa.table({NAMES[key]: values for key, values in _values().items()}), path)
    columns = tuple(
        Column(
            name=NAMES[key],
            kind=kind,
            stored=STORED.get(key, "VARCHAR"),
            n_missing=1,
            n_distinct=9,
            fences=(-1.5, 1.25) if kind == "number" else (),
        )
        for key, kind in KINDS.items()
    )
    return path, Profile(n_rows=N, columns=columns)


def run(path, lines):
    """Run the lines as their reader would; only here is anything of a table ever run."""
    names = {}
    exec(lines.replace(repr("name.parquet"), repr(str(path))), names)
    return names["t"]


def assert_same(path, profile, **view):
    shown = page(path, profile, limit=N, **view)
    frame = run(path, pandas_lines(profile, file_name="name.parquet", **view))
    assert [number + 1 for number in frame.index] == list(shown.row_numbers)
    assert tuple(frame.columns) == shown.columns
    cells = [[None if value is pd.NA else value for value in row] for row in frame.itertuples(index=False)]
    assert [tuple(row) for row in cells] == [tuple(row) for row in shown.rows]
    return len(frame)


ASKED = {
    "number": [
        *("0", "-3", "0.5", "2.5", "1e30", "-1e30", "9223372036854775807", "9007199254740993", "9e15", "1_0")
    ],
    "date": ["2024-05-01", "9999-12-31", "0001-01-01", "2024-01-05T11:00:00.5", "2024"],
    "boolean": ["true", "no"],
    "text": [*filter(None, WORDS), "k00", "B", "straSSE", "i", "ß", "σ", "ς", "k", "3", "1.0", "2024", "2"],
}
MORE = {
    "between": ["-1..1", "0.5 .. 1e3", "2024-03-01..2024-06-30", "2024-06-30..2024-03-01", "1e30..2e30"],
    "one-of": ["0; 1.5; 2", "1e30", 'a; "a;b"; ""; b', "3; 1.0", "true"],
    "none-of": ['a; "a;b"', "3; 1.0", "x"],
    "longer-than": ["0", "3", "6"],
    "in-year": ["2024", "9999", "1"],
    "in-month": ["3", "March", "dec"],
    "on-weekday": ["1", "sunday", "Wed"],
}


@pytest.mark.parametrize("key", KINDS)
def test_every_filter_gives_the_rows_of_the_page(table, key):
    path, profile = table
    column = profile.column(NAMES[key])
    n_answered = 0
    family = {
        "BIGINT": "number",
        "DOUBLE": "number",
        "BOOLEAN": "boolean",
        "DATE": "date",
        "TIMESTAMP": "date",
    }
    usual = ASKED["text" if column.kind == "category" else family.get(column.stored, "text")]
    for operator in operators_of(column):
        for value in [None] if operator in NEEDLESS else MORE.get(operator, usual):
            try:
                assert_same(path, profile, filters=[Filter(column.name, operator, value)])
            except EngineError:
                continue  # a value that is none: said in a sentence, by the page and by the lines
            n_answered += 1
    assert n_answered > len(operators_of(column))


@pytest.mark.parametrize("first", ["whole", "part", "day", "moment", "flag", "group", "words", "same"])
def test_every_order_is_the_one_of_the_page_ties_and_missing_values_too(table, first):
    path, profile = table
    for down, second in itertools.product((False, True), (None, "flag", "group", "part")):
        sorts = [Sort(NAMES[first], down)] + (
            [Sort(NAMES[second], not down)] if second and second != first else []
        )
        assert assert_same(path, profile, sorts=sorts) == N


@pytest.mark.parametrize(
    "search", ["straSSE", "kelvin", "%", "_", "\\", '"', "2", "0.5", "-3", "9007199254740993", "ς", " x "]
)
def test_a_search_finds_the_rows_of_the_page(table, search):
    path, profile = table
    assert 0 < assert_same(path, profile, search=search) < N


def test_views_with_everything(table):
    path, profile = table
    view = {
        "filters": [Filter(NAMES["whole"], "at-least", "-2"), Filter(NAMES["group"], "is-not-missing")],
        "sorts": [Sort(NAMES["flag"], True), Sort(NAMES["words"])],
        "search": "k",
        "columns": [NAMES["words"], NAMES["day"], NAMES["flag"]],
    }
    assert assert_same(path, profile, **view) > 20
    lines = pandas_lines(profile, file_name="name.parquet", **view, offset=10, limit=5)
    shown = page(path, profile, **view, offset=10, limit=5)
    assert [number + 1 for number in run(path, lines).index] == list(shown.row_numbers)


def test_nothing_that_was_typed_becomes_code(table):
    profile = table[1]
    lines = pandas_lines(
        profile, file_name="x'); import os #", filters=[Filter(NAMES["words"], "contains", "') or (1")]
    )
    assert repr("x'); import os #") in lines
    assert len(lines.splitlines()) == 4
    for odd in ("\ud800", "\0"):
        with pytest.raises(EngineError):
            pandas_lines(profile, file_name="t", search=odd)
