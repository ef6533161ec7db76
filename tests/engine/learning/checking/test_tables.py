"""A table is checked in C as its cells are one by one: the same values, bit for bit, and the same remarks."""

from datetime import date, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beanft.engine.learning.checking.cells import Reader
from beanft.engine.learning.checking.columns import Column
from beanft.engine.learning.checking.tables import check_table
from beanft.engine.learning.inputs import check, check_records

NUMBERS = [
    {"stored": stored, "format": form, "unit": unit, "spellings": spellings}
    for stored in ("BIGINT", "DOUBLE")
    for form in ("", "decimal comma", "thousands comma", "thousands blank")
    for unit in ("", "€", "%", "kr")
    for spellings in (None, ["-999", "7", "x"])
]
DATES = [
    {"stored": stored, "format": form, "spellings": spellings}
    for stored, form in (
        *(("DATE", ""), ("DATE", "%d.%m.%Y"), ("DATE", "%m/%d/%Y"), ("DATE", "%Y%m%d"), ("DATE", "%d %b %Y")),
        *(("TIMESTAMP", ""), ("TIMESTAMP", "%d.%m.%Y %H:%M"), ("DATE", "%Y-%d-%m"), ("DATE", "%d.%m.%y")),
        ("DATE", "%d.%m.%Y %H:%M"),
    )
    for spellings in (None, ["1900-01-01", "01.01.1900"])
]
LEVELS = [
    {"stored": "VARCHAR", "known": ["Bonn", "Köln", "NA", "7", " x"]},
    {"stored": "VARCHAR", "known": None},
    {"stored": "VARCHAR", "known": None, "spellings": ["unknown"]},
    {"stored": "BIGINT", "known": ["7", "12", "1000"]},
    {"stored": "BIGINT", "known": None},
    {"stored": "DOUBLE", "known": ["7.0", "0.5"]},
    {"stored": "BOOLEAN", "known": ["true", "false"]},
    {"stored": "DATE", "format": "%d.%m.%Y", "known": ["2024-01-31"]},
]

number_texts = st.one_of(
    st.floats().map(repr),
    st.integers(-(10**20), 10**20).map(str),
    st.from_regex(r"[+-]?[0-9]{0,4}[.,]?[0-9]{0,5}([eE][+-]?[0-9]{1,3})?", fullmatch=True),
    st.from_regex(
        r"-?(€|%|kr)? ?[1-9][0-9]{0,2}([.,' ][0-9]{3}){0,5}([.,][0-9]{1,3})? ?(€|%|kr)?", fullmatch=True
    ),
    st.sampled_from(
        ["1,234", "(5)", "1_000", "0x10", "inf", "-nan", "1e400", "-0", "007", "NaN(1)", "-999", "٣"]
    ),
)
date_texts = st.one_of(
    st.dates().map(str),
    st.datetimes().map(str),
    st.dates(date(1900, 1, 1)).map(lambda day: day.strftime("%d.%m.%Y")),
    st.datetimes(datetime(1900, 1, 1)).map(lambda day: day.strftime("%d.%m.%Y %H:%M")),
    st.from_regex(
        r"[0-9]{1,4}[-./ ]?[0-9]{1,2}[-./ ]?[0-9]{1,4}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?Z?)?", fullmatch=True
    ),
    st.sampled_from(["31.02.2024", "2024-02-31", "2024-01-01 24:00", "0000-01-01", "2024-01-01T10:00+02:00"]),
)
words = st.sampled_from(
    [
        "Bonn",
        "bonn",
        "KÖLN",
        "Köln",
        "NA",
        "na",
        "-",
        "x",
        "7",
        "7.0",
        "007",
        "1000",
        "yes",
        "No",
        "1",
        "true",
        "0.5",
    ]
)
others = st.one_of(st.text(max_size=6), st.none(), st.sampled_from(["", " ", "NA", "null", "unknown"]))
blanks = st.sampled_from(["", "", "", " ", "\t", "\xa0"])


def cells(of):
    padded = st.builds(lambda a, text, b: a + text + b, blanks, of, blanks)
    return st.lists(st.one_of(padded, of, others), max_size=12)


def same(checked, other):
    """Compare bits and words."""
    assert checked.columns.keys() == other.columns.keys()
    for name, values in checked.columns.items():
        assert values.dtype == other.columns[name].dtype
        if values.dtype == object:
            assert values.tolist() == other.columns[name].tolist()
        else:
            assert values.tobytes() == other.columns[name].tobytes(), (values, other.columns[name])
    assert checked.repair_counts == other.repair_counts
    assert checked.n_errors == other.n_errors
    assert sorted(map(repr, checked.repairs)) == sorted(map(repr, other.repairs))
    assert sorted(map(repr, checked.errors)) == sorted(map(repr, other.errors))
    assert {name: rows.tolist() for name, rows in checked.unknown.items()} == {
        name: rows.tolist() for name, rows in other.unknown.items()
    }


def both(texts, column, **ends):
    schema = [{"name": "a", "format": "", **column, **ends}]
    by_cell = check(["a"], [[text] for text in texts], schema)
    same(check_table(pa.table({"a": pa.array(texts, pa.string())}), schema), by_cell)
    return by_cell


ranges = st.sampled_from([{}, {"minimum": -100.0, "maximum": 1e6}, {"minimum": 0, "maximum": 0}])
spans = st.sampled_from([{}, {"minimum": "2000-01-01", "maximum": "2024-06-30 12:00:00"}])


@settings(max_examples=120, deadline=None)
@given(cells(number_texts), st.sampled_from(NUMBERS), ranges)
def test_numbers_are_read_alike(texts, column, ends):
    both(texts, column | {"kind": "number"}, **ends)


@settings(max_examples=60, deadline=None)
@given(cells(date_texts), st.sampled_from(DATES), spans)
def test_dates_are_read_alike(texts, column, ends):
    both(texts, column | {"kind": "date"}, **ends)


@settings(max_examples=60, deadline=None)
@given(cells(words), st.sampled_from(LEVELS))
def test_levels_are_read_alike(texts, column):
    both(texts, column | {"kind": "category"})


TYPED = {
    "int64": (pa.int64(), st.integers(-(2**63), 2**63 - 1) | st.integers(-1000, 1000)),
    "double": (pa.float64(), st.floats() | st.sampled_from([7.0, -999.0, 0.5, 1000.0, -0.0])),
    "bool": (pa.bool_(), st.booleans()),
    "date": (pa.date32(), st.dates()),
    "moment": (pa.timestamp("us"), st.datetimes()),
    "text": (pa.large_string(), st.sampled_from(["7", "Bonn", "", "2024-01-31", "1.234"])),
}
ANY = [
    *(column | {"kind": "number"} for column in NUMBERS),
    *(column | {"kind": "date"} for column in DATES),
    *(column | {"kind": "category"} for column in LEVELS),
]


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from(sorted(TYPED)), st.sampled_from(ANY))
def test_typed_values_are_read_as_json_is(data, name, column):
    type_, values = TYPED[name]
    cells = data.draw(st.lists(st.none() | values, max_size=8))
    schema = [{"name": "a", "format": "", **column}]
    by_cell = check_records([{"a": value} for value in cells], schema)
    same(check_table(pa.table({"a": pa.array(cells, type_)}), schema), by_cell)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(allow_nan=False) | st.integers(-(10**30), 10**30), max_size=8), ranges)
def test_numbers_give_the_same_bits_as_text_and_as_json(numbers, ends):
    schema = [{"name": "a", "kind": "number", "stored": "DOUBLE", "format": "", **ends}]
    from_json = check_records([{"a": number} for number in numbers], schema)
    same(from_json, both([repr(number) for number in numbers], schema[0]))
    assert (
        from_json.columns["a"].tobytes()
        == np.array(
            [float(n) + 0.0 if np.isfinite(float(n)) else np.nan for n in numbers], dtype=float
        ).tobytes()
    )


def test_a_workbooks_numbers_are_never_read_in_the_columns_own_style():
    schema = [{"name": "a", "kind": "number", "stored": "DOUBLE", "format": "decimal comma"}]
    table = pa.table({"a": ["1.234", "1.234,5", "7"]})
    assert check_table(table, schema).columns["a"].tolist() == [1234.0, 1234.5, 7.0]
    assert check_table(table, schema, plain_first=True).columns["a"].tolist() == [1.234, 1234.5, 7.0]
    reader = Reader(schema[0], plain_first=True)
    assert [reader.meaning(text).value for text in ("1.234", "1.234,5", "7")] == [1.234, 1234.5, 7.0]


def test_a_whole_column_outside_training_is_told_by_its_first_rows():
    schema = [{"name": "a", "kind": "number", "stored": "DOUBLE", "format": "", "minimum": 0, "maximum": 1}]
    checked = check_table(pa.table({"a": [str(i + 2) for i in range(5000)]}), schema, first_line=11)
    assert checked.repair_counts == {"range": 5000}
    assert checked.repair_columns == {"range": {"a": 5000}}
    assert [remark.row for remark in checked.repairs] == list(range(11, 111))
    assert checked.repairs[0].sentence == "2 lies outside the 0 to 1 seen in training."


@pytest.mark.parametrize(
    "names", [["b", "A "], ["A", "a", "a"], ["x"], ["a", *(f"c{i}" for i in range(2000))]]
)
def test_columns_are_found_alike(names):
    schema = [{"name": "a", "kind": "number", "stored": "DOUBLE", "format": ""}]
    rows = [[str(i) for i in range(len(names))]] * 3
    table = pa.Table.from_arrays([pa.array(cells) for cells in zip(*rows, strict=True)], names=names)
    same(check_table(table, schema), check(names, rows, schema))


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        ({"kind": "number", "stored": "BIGINT"}, ["1", "-20", "300", "4.5", "6e3"]),
        ({"kind": "number", "stored": "DOUBLE", "format": "decimal comma"}, ["1.234,5", "7", "-0,25"]),
        (
            {"kind": "number", "stored": "DOUBLE", "format": "thousands comma", "unit": "$"},
            ["$1,234.5", "$7"],
        ),
        ({"kind": "number", "stored": "DOUBLE", "unit": "%"}, ["12 %", "3.5%"]),
        ({"kind": "number", "stored": "DOUBLE", "format": "thousands blank"}, ["1 234.5", "7"]),
        ({"kind": "number", "stored": "DOUBLE"}, [" 1", "2 ", "3,5", "4"]),
        ({"kind": "date", "stored": "DATE"}, ["2024-01-31", "2024-02-29 00:00:00"]),
        ({"kind": "date", "stored": "TIMESTAMP"}, ["2024-01-31T10:20:30.5", "2024-02-29 00:00"]),
        ({"kind": "date", "stored": "DATE", "format": "%d.%m.%Y"}, ["31.01.2024", "2024-01-31"]),
        ({"kind": "date", "stored": "TIMESTAMP", "format": "%m/%d/%Y %H:%M"}, ["01/31/2024 10:20"]),
        ({"kind": "category", "stored": "VARCHAR", "known": ["a", "b"]}, ["a", "b"]),
        ({"kind": "text", "stored": "VARCHAR", "known": None}, ["any text", " and blanks "]),
    ],
)
def test_usual_cells_are_never_looked_at_one_by_one(monkeypatch, column, texts):
    expected = both(texts, column)
    schema = [{"name": "a", "format": "", **column}]
    seen = []
    monkeypatch.setattr(Column, "by_cell", lambda _, rows, __: seen.extend(rows))
    checked = check_table(pa.table({"a": texts}), schema)
    assert seen == []
    assert checked.columns["a"].tolist() == expected.columns["a"].tolist()
