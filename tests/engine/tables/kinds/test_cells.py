"""Cells: every form is read alike by SQL and by Python, in the quick way and in the exact one."""

import random

import duckdb
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Column
from beanft.engine.tables.kinds.cells import DATES, format_choices, forms_of, missing, missing_sql, value_of
from beanft.engine.tables.kinds.dates import COMPACT, WISHED_MONTHS, swapped, written
from beanft.engine.tables.kinds.forms import BLANKS, trimmed
from beanft.engine.tables.kinds.numbers import ANY_DECIMAL, DECIMAL, INTEGER, SPELT_ZEROS, STYLES, styled
from beanft.engine.tables.kinds.truths import BINARY, BOOLEAN, PAIRS, words

_SEEDS = (
    *(
        "5",
        "-5",
        "007",
        "5.5",
        ".5",
        "5.",
        "1e3",
        "1e400",
        "inf",
        "nan",
        "1_000",
        "0x10",
        "9223372036854775808",
    ),
    *(
        "1,234,567.89",
        "1.234.567,89",
        "1 234 567,89",
        "1'234.5",
        "$1,230.88",
        "-$5",
        "($5)",
        "12 %",
        "kr 5",
        "(5)",
    ),
    *(
        "1 234,5",
        "12,34",
        "5 €",
        "€5",
        "0 %",
        "1,42,782",
        "₹ 3,26,70,930.5",
        "- $220.00",
        "+ $1,350.00",
        "- 3 %",
        "true",
        "Yes",
        "NO",
        "ja",
        "Sí",
        "t",
        "1",
        "ſi",
    ),
    *("2024-01-31", "2024-02-31", "2024-01-31 10:00:05", "2024-01-31T10:00:05.25+02:00", "0000-00-00"),
    *("31.01.2024", "01/31/2024", "1/2/24", "07/23/2023 9:05 PM", "31 Jan 2024", "20240131", "12/31/202 "),
    *("0000-01-01", "01.01.0000", "0001-01-01T00:00:00+02:00", "9999-12-31 23:00:00-05:00", "01.02.68"),
    *("2020-03-29 02:30:00+0100", "2020-03-29 24:00:00", "2020-03-29 02:30:00.123456000", "01.02.69"),
    *("2020-03-29 02:30:00.1234567", "2020-03-29 02:30:00-01:60", "2020-03-29 00:00:00.000000000"),
    *(
        "2015-01",
        "2015-1",
        "2015/12",
        "1/2015",
        "12/2015",
        "01.2015",
        "2015.10",
        "201513",
        "201512",
        "0000-01",
    ),
    *(
        "Jan 2015",
        "may 2015",
        "January 2015",
        "SEPTEMBER 2015",
        "Sept 2015",
        "Feb-2015",
        "2015-Mar",
        "2015 Apr",
    ),
    *(
        "2018-02-25 12:34:56 +0000",
        "2018-02-25 12:34:56.5 -05:30",
        "2018-02-25T12:34 Z",
        "2018-02-25 12:34 UTC",
    ),
    *(
        "2018-02-25 12:34:56  +00",
        "Jun 12 1998",
        "June 12 1998 10:05",
        "2019.04.19.",
        "2019. 04. 19. 10:05:06",
    ),
    *("1500-01-01", "9999-12-31", "31.12.2024 23:59:59", "2024-01-31 10:00Z", "12/31/2023 12:00:01 am"),
)
_SIGNS = "0123456789.,-+/: $€%()eE_TZ\t\v'"


def _cells() -> list[str]:
    """The seeds, and each of them with a few signs changed."""
    chance = random.Random(3)
    cells = list(_SEEDS)
    for _ in range(4000):
        letters = list(chance.choice(_SEEDS))
        letters[chance.randrange(len(letters))] = chance.choice(_SIGNS)
        cells.append("".join(letters))
    return [cell for cell in cells if cell]


_CELLS = _cells()
_FORMS = (
    *(INTEGER, SPELT_ZEROS, DECIMAL, ANY_DECIMAL, BOOLEAN, BINARY, words(PAIRS[1]), words(PAIRS[8])),
    *(styled(style, "BIGINT", unit) for style in ("", *STYLES) for unit in ("", "$", "%")),
    *(styled(style, "DOUBLE", unit) for style in ("", *STYLES) for unit in ("", "$", "%")),
    *DATES,
    *WISHED_MONTHS,
    *map(written, (COMPACT, "%Y%m%d%H", "%d/%m/%Y %I:%M %p")),
)  # fmt: skip


@pytest.fixture(scope="module")
def database():
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t AS SELECT unnest(?::VARCHAR[]) AS v", [_CELLS])
        yield connection


@pytest.mark.parametrize(
    "form", _FORMS, ids=lambda form: f"{form.kind} {form.stored} {form.format} {form.unit}"
)
def test_python_and_sql_read_cells_alike(database, form):
    rows = database.execute(f"SELECT v, {form.expression('v')}, {form.quick('v')} FROM t").fetchall()
    for text, exact, quick in rows:
        assert form.value(text) == exact, text
        if text == text.strip(BLANKS):  # the ingest cuts blanks off before it looks
            assert quick == exact, text


def test_missing_is_the_same_in_sql_and_python(database):
    cells = [
        "NA",
        "na",
        "Na",
        "none",
        "None",
        "NULL",
        "Null",
        "n/a",
        "#N/A",
        "-",
        "--",
        "---",
        "?",
        "\\N",
        "\\n",
        "N",
        '=""',
        '="1"',
        "x",
        "nancy",
    ]
    for spellings in (None, (), ("-", "x")):
        found = [
            database.execute(
                f"SELECT coalesce({missing_sql('v', spellings)}, false) FROM (SELECT ? AS v)", [cell]
            )
            for cell in cells
        ]
        assert [one.fetchone()[0] for one in found[-1:]] == [missing(cells[-1], spellings)]
        for cell in cells:
            sql = f"SELECT coalesce({missing_sql('v', spellings)}, false) FROM (SELECT ? AS v)"
            assert database.execute(sql, [cell]).fetchone()[0] == missing(cell, spellings), cell


def test_blanks_are_cut_off_alike(database):
    cells = ["a", " a", "a ", "\ta\xa0", "\v", "\xa0a b\f", "a\x1f", "ä", "", " \xa0"]
    for cell in cells:
        found = database.execute(f"SELECT {trimmed('v')} FROM (SELECT ? AS v)", [cell]).fetchone()
        assert (found[0] or "") == cell.strip(BLANKS)


def test_a_column_with_a_unit_takes_cells_with_and_without_it():
    price = Column(
        name="p",
        kind="number",
        stored="DOUBLE",
        n_missing=0,
        n_distinct=2,
        format="thousands comma",
        unit="$",
    )
    texts = ("$1,230.88", "1,230.88", "1230.88", "($5)", "-$5", "€5")
    assert [value_of(price, text) for text in texts] == [1230.88, 1230.88, 1230.88, -5.0, -5.0, None]


def test_choices_can_all_be_read():
    for key, _ in format_choices("number"):
        assert forms_of("DOUBLE", "" if key == "plain" else key)
    for key, label in format_choices("date"):
        if key != "plain":
            assert written(key).value(label.split(" (")[0]) is not None
    assert format_choices("text") == ()


@pytest.mark.parametrize(
    "form", ["%Y", "%d.%m", "%Y-%m %H:%M", "%m %p", "%Y-%m-%d'", "%s", "%Y%m%d%q", "%d.%m.%Y %d", "x"]
)
def test_forms_of_dates_are_made_of_known_letters(form):
    with pytest.raises(EngineError, match="is no form of dates"):
        written(form)


def test_day_and_month_change_places():
    assert swapped("%m-%d-%Y") == "%d-%m-%Y"
    assert swapped("%Y-%m-%d") == ""


def test_what_means_missing_is_what_the_owner_said_of_the_column():
    own = Column(
        name="n", kind="number", stored="BIGINT", n_missing=0, n_distinct=2, spellings=("-999", "unknown")
    )
    assert [value_of(own, text) for text in (" -999 ", "unknown", "", "5")] == [None, None, None, 5]
    assert not missing("NA", own.spellings)
    words = Column(name="w", kind="text", stored="VARCHAR", n_missing=0, n_distinct=2, spellings=("unknown",))
    assert [value_of(words, text) for text in ("-", "NA", "unknown")] == ["-", "NA", None]
    usual = Column(name="w", kind="text", stored="VARCHAR", n_missing=0, n_distinct=2)
    assert [value_of(usual, text) for text in ("-", "NA", "unknown")] == [None, None, "unknown"]
