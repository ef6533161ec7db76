"""Filters that nobody means well by: the engine answers rows or a sentence, nothing else."""

import datetime

import pytest

from beanft.engine.charts.chart import Chart
from beanft.engine.charts.draw import draw
from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.queries.conditions import OPERATORS, Filter, where
from beanft.engine.tables.queries.pages import page
from beanft.engine.tables.read import ingest

VALUES = [
    *("", " ", "\0", "a\0b", "\ud800", "x" * 10_000, "9" * 400, "9" * 5_000, "-" + "9" * 400, "²", "٣"),
    *("1e400", "-1e400", "1e308", "-0", "-0.0", "nan", "inf", "-Infinity", "0x10", "1_000", "--5", "+-5"),
    *("9999-12-31", "0001-01-01", "0000-01-01", "-1", "9999-12-31T23:59:59.999999", "20240101", "2024-W01"),
    *("9999-12-31T23:59:59.999999+14:00", "0001-01-01T00:00+14:00", "%", "_", "\\", "'; drop table x--"),
    *(None, True, 10**400, float("inf"), datetime.date.max, datetime.datetime.max, "🦀" * 3_000),
]
KINDS = {
    "whole": "number", "part": "number", "day": "date", "moment": "date", "flag": "boolean",
    "group": "category", "words": "text", "key": "identifier", "same": "constant",
}  # fmt: skip


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A table with a column of every kind."""
    folder = tmp_path_factory.mktemp("conditions")
    rows = [
        f"{n % 7},{n / 8},2024-01-{n % 28 + 1:02d},2024-01-01 10:{n % 60:02d}:00,{n % 2 == 0},g{n % 3},"
        f"some words {n},k{n:04d},one"
        for n in range(120)
    ]
    source = folder / "t.csv"
    rows = [",".join(KINDS), *rows, "1,1,9999-12-31,9999-12-31 23:59:59.999999,,,,,"]
    source.write_text("\n".join(rows))
    result = ingest(
        source=str(source),
        target=str(folder / "t.parquet"),
        original_name="t.csv",
        wishes={"columns": {name: {"kind": kind} for name, kind in KINDS.items()}},
    )
    return folder / "t.parquet", Profile.from_dict(result["profile"])


def sentence_of(question, *arguments, **choices):
    """What the engine answers with when it does not answer with rows; any other error fails the test."""
    try:
        question(*arguments, **choices)
    except EngineError as error:
        return str(error)
    return "Rows."


@pytest.mark.parametrize("column", KINDS)
def test_hostile_values_give_rows_or_a_sentence(table, column):
    path, profile = table
    assert profile.column(column).kind == KINDS[column]
    for operator in OPERATORS[KINDS[column]]:
        for value in VALUES:
            said = sentence_of(page, path, profile, filters=[Filter(column, operator, value)], limit=2)
            assert said.endswith(".")
            assert len(said) < 600


@pytest.mark.parametrize("column", KINDS)
def test_hostile_values_give_charts_or_a_sentence(table, column):
    path, profile = table
    chart = Chart(kind="bar", x="group")
    for operator in ("equals", "contains", "at-most"):
        for value in VALUES:
            said = sentence_of(draw, path, profile, chart, filters=[Filter(column, operator, value)])
            assert said.endswith(".")


@pytest.mark.parametrize("operator", ["", "\0", "\ud800", "x" * 10_000, "= 1 OR 1 =", "constructor"])
@pytest.mark.parametrize("column", ["", "\0", "\ud800", "x" * 10_000, "whole"])
def test_hostile_columns_and_operators_give_a_sentence(table, column, operator):
    path, profile = table
    with pytest.raises(EngineError):
        page(path, profile, filters=[Filter(column, operator, "1")])


@pytest.mark.parametrize(
    ("column", "operator", "value", "n"),
    [
        *(("day", "equals", "9999-12-31", 1), ("day", "not-equals", "9999-12-31", 120)),
        *(("day", "at-most", "9999-12-31", 121), ("day", "at-least", "9999-12-31", 1)),
        *(("moment", "equals", "9999-12-31", 1), ("moment", "at-most", "9999-12-31", 121)),
        ("moment", "equals", "9999-12-31T23:59:59.999999", 1),
        ("moment", "at-most", "9999-12-31T23:59:59.999999", 121),
    ],
)
def test_the_last_day_of_the_calendar_is_a_day_like_others(table, column, operator, value, n):
    path, profile = table
    assert page(path, profile, filters=[Filter(column, operator, value)]).n_matching == n


def test_a_number_too_long_to_be_one_is_said_to_be_none(table):
    with pytest.raises(EngineError, match="is not a number, so “whole is 999"):
        where(table[1], [Filter("whole", "equals", "9" * 400)])


def test_operators_are_named_as_the_form_names_them(table):
    with pytest.raises(EngineError) as error:
        where(table[1], [Filter("day", "more-than", "1")])
    assert str(error.value) == (
        "“more than” is no question for “day”, which is a date column. "
        "Choose one of: is, is not, on or after, on or before, between, in the year, in the month, "
        "on the weekday, is missing, is not missing."
    )
