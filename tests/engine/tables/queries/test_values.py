"""Values of filters, typed plainly, as the site shows them, or as the file writes them."""

import datetime

import pytest

from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Column
from beanft.engine.tables.queries.predicates import join_list, predicates, split_list


def column(stored, kind, **more):
    return Column(name="c", kind=kind, stored=stored, n_missing=0, n_distinct=9, **more)


WHOLE = column("BIGINT", "number")
PLAIN = column("DOUBLE", "number")
GERMAN = column("DOUBLE", "number", format="decimal comma", unit="€")
LAKHS = column("BIGINT", "number", format="thousands comma")
SHARE = column("BIGINT", "number", unit="%")
REGION = column("VARCHAR", "category", top=(("Nord", 3), ("Bonn, Beuel", 2)))
DAY = column("DATE", "date", format="%d.%m.%Y")
MOMENT = column("TIMESTAMP", "date", format="%d.%m.%Y %H:%M")


def asked(of, operator, text):
    return [(one.name, one.values) for one in predicates(of, operator, text, operator)]


@pytest.mark.parametrize(
    ("of", "text", "number"),
    [
        (GERMAN, "1,131.46", 1131.46),
        (GERMAN, "1.131,46", 1131.46),
        (GERMAN, "1.131,46 €", 1131.46),
        (GERMAN, "1131.46", 1131.46),
        (GERMAN, "1.131", 1.131),  # plain, as the grid shows it and links write it
        (PLAIN, "1,131.46", 1131.46),
        (PLAIN, "1,131", 1131),
        (PLAIN, "1,5", 1.5),
        (PLAIN, "-1.131,5", -1131.5),
        (WHOLE, "12,345", 12345),
        (WHOLE, "9223372036854775807", 2**63 - 1),
        (SHARE, "26 %", 26),
    ],
)
def test_numbers_are_read_as_the_site_and_the_file_write_them(of, text, number):
    assert asked(of, "equals", text) == [("equal", (number,))]


def test_a_number_that_may_be_two_is_not_guessed():
    with pytest.raises(EngineError, match=r"“1,131” may mean 1\.131 or 1131\. Write it without a comma\."):
        predicates(GERMAN, "at-least", "1,131", "at least")
    with pytest.raises(EngineError, match="“100,200” may be one number or several"):
        predicates(WHOLE, "one-of", "100,200", "is one of")
    with pytest.raises(EngineError, match="“1,42,782” may be one number or several"):
        predicates(LAKHS, "one-of", "1,42,782", "is one of")
    assert predicates(WHOLE, "one-of", "1,42,782", "is one of")


@pytest.mark.parametrize(
    ("of", "text", "values"),
    [
        (REGION, "Nord, West", ("Nord", "West")),
        (REGION, "Nord,West,Nord,", ("Nord", "West")),
        (REGION, "Bonn, Beuel", ("Bonn, Beuel",)),
        (REGION, '"Nord, West"', ("Nord, West",)),
        (REGION, "Nord, West; Ost", ("Nord, West", "Ost")),
        (REGION, ",", (",",)),
        (WHOLE, "1, 2, 3", (1, 2, 3)),
        (WHOLE, "1,2", (1, 2)),
        (WHOLE, "1, 2,000", (1, 2000)),
        (PLAIN, "1,131.5", (1131.5,)),
        (GERMAN, "1,5, 2,5", (1.5, 2.5)),
        (GERMAN, "1,5; 2", (1.5, 2)),
    ],
)
def test_lists_may_have_commas_where_no_value_does(of, text, values):
    assert asked(of, "one-of", text) == [("in", values)]


def test_a_written_list_is_read_as_it_was():
    values = ("one", "a;b", "c, d", 'say "x"', " ")
    assert split_list(join_list(values)) == values
    assert asked(REGION, "one-of", join_list(("c, d",))) == [("in", ("c, d",))]


@pytest.mark.parametrize("text", ["2024-05", "05/2024", "5.2024", "May 2024", "may-2024"])
def test_a_month_may_have_a_year(text):
    assert asked(DAY, "in-month", text) == [("year", (2024,)), ("month", (5,))]


@pytest.mark.parametrize("text", ["2024-13", "2024-00", "0 2024", "May 24", "2024"])
def test_what_is_no_month_is_said_to_be_none(text):
    with pytest.raises(EngineError, match="is not a month such as 3, March or 2024-03"):
        predicates(DAY, "in-month", text, "in the month")


@pytest.mark.parametrize("of", [DAY, MOMENT])
@pytest.mark.parametrize("text", ["2024-05-01", "01.05.2024"])
def test_days_are_read_as_the_file_writes_them(of, text):
    (_, (start,)), (_, (end,)) = asked(of, "equals", text)
    assert start == datetime.datetime(2024, 5, 1)
    assert end - start == datetime.timedelta(days=1) - datetime.timedelta(microseconds=1)


def test_moments_are_read_as_the_file_writes_them():
    moment = datetime.datetime(2024, 5, 1, 21, 5)
    assert asked(MOMENT, "at-least", "01.05.2024 21:05") == [("at-least", (moment,))]
