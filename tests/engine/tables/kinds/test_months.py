"""Months without a day: read as their first day, but only where they can be nothing else."""

from dataclasses import asdict
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pytest

from beanft.engine.learning.exports.reading import read_csv
from beanft.engine.learning.inputs import check, check_records
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.kinds.cells import value_of
from beanft.engine.tables.read import ingest

MONTHS = {
    "%Y-%m": ["2015-01", "2015-02", "2014-12"],
    "%Y/%m": ["2015/01", "2015/02", "2014/12"],
    "%m/%Y": ["01/2015", "02/2015", "12/2014"],
    "%b %Y": ["Jan 2015", "Feb 2015", "dec 2014"],
    "%B %Y": ["January 2015", "February 2015", "December 2014"],
    "%b-%Y": ["Jan-2015", "Feb-2015", "Dec-2014"],
    "%Y-%b": ["2015-Jan", "2015-Feb", "2014-DEC"],
    "%Y %B": ["2015 January", "2015 February", "2014 December"],
}
WISHED = {
    "%m.%Y": ["01.2015", "02.2015", "12.2014"],
    "%Y.%m": ["2015.01", "2015.02", "2014.12"],
    "%Y%m": ["201501", "201502", "201412"],
    "%m/%Y": ["1/2015", "2/2015", "12/2014"],
    "%b-%y": ["Jan-15", "Feb-15", "Dec-14"],
    "%b %y": ["Jan 15", "feb 15", "Dec 14"],
    "%m/%y": ["1/15", "02/15", "12/14"],
}
FIRST_DAYS = [date(2015, 1, 1), date(2015, 2, 1), date(2014, 12, 1)]


def read(folder: Path, cells: list[str], **wish) -> Profile:
    """The profile of a table with these cells and a column beside."""
    lines = ["v;n", *(f"{cell};{n % 3}.5" for n, cell in enumerate(cells))]
    (folder / "t.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = ingest(
        source=str(folder / "t.csv"),
        target=str(folder / "t.parquet"),
        original_name="t.csv",
        wishes={"columns": {"v": wish}} if wish else None,
    )
    return Profile.from_dict(found["profile"])


def values(folder: Path) -> list:
    with duckdb.connect() as database:
        return [row[0] for row in database.read_parquet(str(folder / "t.parquet")).fetchall()]


@pytest.mark.parametrize(("form", "cells"), MONTHS.items(), ids=MONTHS)
def test_months_are_dates_and_their_form_is_told(tmp_path, form, cells):
    profile = read(tmp_path, [*cells, ""] * 10)
    column = profile.columns[0]
    assert (column.kind, column.stored, column.format, column.n_missing) == ("date", "DATE", form, 10)
    assert values(tmp_path)[:4] == [*FIRST_DAYS, None]
    assert "The cells of “v” are months; each was read as the first day of its month." in profile.notes


@pytest.mark.parametrize(("form", "cells"), [*MONTHS.items(), *WISHED.items()])
def test_an_owner_can_say_that_they_are_dates_with_and_without_the_form(tmp_path, form, cells):
    for wish in ({"kind": "date"}, {"kind": "date", "format": form}):
        column = read(tmp_path, cells * 9, **wish).columns[0]
        assert (column.kind, column.stored, column.format, column.n_unreadable) == ("date", "DATE", form, 0)
        assert values(tmp_path)[:3] == FIRST_DAYS


@pytest.mark.parametrize(
    "cells",
    [
        *(cells for form, cells in WISHED.items()),
        ["2004-05", "2005-06", "2010-11"],  # two years each, as seasons and fiscal years are
        ["2004/05", "2005/06", "2010/11"],
        ["2015-01", "2015-02", "2015-13"],
        ["1234-05", "5678-10", "0815-12"],
        ["030/1234", "040/1999", "089/2000"],
        ["01/1234", "02/5678", "03/0815"],
        ["Jan-15", "Feb-15", "Mar-16"],
        ["Jan 2015", "Feb 2015", "Smarch 2015"],
        ["may 12", "may 13", "may 14"],
        ["MAR-0001", "MAR-0002", "MAR-0199"],  # numbers of parts
        ["DEC 1000", "MAY 1234", "JAN 9999"],
        ["0001-Mar", "0002-Mar", "2015-Mar"],
        ["2008-09", "2009-10", "2010-11", "2011-12"] * 5 + ["2009-11"],
        ["2008/09", "2008/09", "2009/11"],
    ],
    ids=lambda cells: " ".join(dict.fromkeys(cells)),
)
def test_what_can_be_something_else_is_no_month(tmp_path, cells):
    assert read(tmp_path, cells * 9).columns[0].kind != "date"


def test_a_year_of_months_that_holds_one_season_is_dates(tmp_path):
    column = read(tmp_path, [f"2010-{month:02}" for month in range(1, 13)] * 3).columns[0]
    assert (column.kind, column.format, column.n_distinct) == ("date", "%Y-%m", 12)


def test_days_of_six_digits_are_no_months_unless_their_owner_picks_the_form(tmp_path):
    days = ["200101", "200112", "201031", "191205"] * 9
    column = read(tmp_path, days, kind="date").columns[0]
    assert (column.format, column.n_unreadable) == ("", len(days))
    assert set(values(tmp_path)) == {None}
    column = read(tmp_path, days, kind="date", format="%Y%m").columns[0]
    assert (column.format, column.n_unreadable) == ("%Y%m", 9)
    column = read(tmp_path, days, kind="date", format="%y%m%d").columns[0]
    assert (column.format, column.n_unreadable, values(tmp_path)[2]) == ("%y%m%d", 0, date(2020, 10, 31))


def test_one_cell_that_is_no_month_makes_a_text_of_them_and_is_named(tmp_path):
    profile = read(tmp_path, MONTHS["%Y-%m"] * 300 + ["Total"])
    column = profile.columns[0]
    assert (column.stored, column.almost, column.almost_format) == ("VARCHAR", "date", "%Y-%m")
    assert any("line 902 (“Total”)" in note and "choose the kind" in note for note in profile.notes)
    column = read(tmp_path, MONTHS["%Y-%m"] * 300 + ["Total"], kind="date").columns[0]
    assert (column.stored, column.n_unreadable) == ("DATE", 1)


def test_predictions_take_months_as_the_table_writes_them(tmp_path):
    column = read(tmp_path, MONTHS["%Y-%m"] * 9).columns[0]
    schema = [{"name": "v", "kind": column.kind, "stored": column.stored, "format": column.format}]
    for checked in (
        check(["v"], [["2016-03"], ["2016-03-01"], ["2016-13"]], schema),
        check_records([{"v": "2016-03"}, {"v": "2016-03-01"}, {"v": "2016-13"}], schema),
    ):
        assert checked.columns["v"][:2].tolist() == [np.datetime64("2016-03-01", "us").item()] * 2
        assert checked.n_errors == 1


@pytest.mark.parametrize(("form", "cells"), [*MONTHS.items(), *WISHED.items()])
def test_pandas_reads_them_as_the_site_did(tmp_path, form, cells):
    column = read(tmp_path, cells * 9, kind="date", format=form).columns[0]
    source = {
        **{"encoding": "utf-8", "delimiter": ";", "quote": '"', "escape": '"'},
        **{"n_skipped": 0, "has_header": True},
    }
    frame = read_csv(tmp_path / "t.csv", source, [{**asdict(column), "place": 0}], np.arange(3))
    assert [one.date() for one in frame["v"]] == FIRST_DAYS
    assert [value_of(Column.from_dict(asdict(column)), cell) for cell in cells] == FIRST_DAYS
