"""Spellings that real files hold: raw lines of theirs, and what they mean."""

from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from beanft.engine.learning.inputs import check
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.read import ingest


def read(folder: Path, content: str) -> Profile:
    (folder / "t.csv").write_text(content, encoding="utf-8")
    result = ingest(
        source=str(folder / "t.csv"), target=str(folder / "t.parquet"), original_name="t.csv", wishes=None
    )
    return Profile.from_dict(result["profile"])


def values(folder: Path) -> list:
    """The first column as it is stored."""
    with duckdb.connect() as database:
        return [row[0] for row in database.read_parquet(str(folder / "t.parquet")).fetchall()]


def test_what_databases_dump_for_null_is_missing(tmp_path):
    rows = ['"AT4","ATR 42",\\N', '"\\N","Airbus",31', '"A30","Airbus A300",32']
    profile = read(tmp_path, "\n".join(["code,name,n", *rows * 9]) + "\n")
    code, _, number = profile.columns
    assert (number.stored, number.n_missing, number.missing) == ("BIGINT", 9, (("\\N", 9),))
    assert (code.n_missing, values(tmp_path)[:3]) == (9, ["AT4", None, "A30"])
    schema = [{"name": "n", "kind": "number", "stored": "BIGINT"}]
    assert check(["n"], [["\\N"], ["5"]], schema).n_errors == 0


def test_indian_groups_are_numbers(tmp_path):
    cells = ["1,42,782", "326,70,930", "1389,65,820", "49,21,07,301", "9,861", "405", "-12,34,567.5"]
    profile = read(tmp_path, "\n".join(["v\tw", *(f"{cell}\tx" for cell in cells * 4)]) + "\n")
    assert (profile.columns[0].stored, profile.columns[0].format) == ("DOUBLE", "thousands comma")
    assert values(tmp_path)[:7] == [142782, 32670930, 138965820, 492107301, 9861, 405, -1234567.5]
    schema = [{"name": "v", "kind": "number", "stored": "DOUBLE", "format": "thousands comma"}]
    assert check(["v"], [["1,42,782"], ["1,234"]], schema).columns["v"].tolist() == [142782, 1234]


def test_lists_of_short_numbers_are_no_indian_groups(tmp_path):
    cells = ["1,4,782", "12,34,56", "1,42,78,12", "1,42,7821", "1,42", "0,42,782"]
    profile = read(tmp_path, "\n".join(["v\tw", *(f"{cell}\tx" for cell in cells * 4)]) + "\n")
    assert profile.columns[0].stored == "VARCHAR"


def test_a_blank_may_stand_between_sign_and_unit(tmp_path):
    cells = ["- $220.00", "+ $1,350.00", "-$3.50", "$4", "- $ 5"]
    profile = read(tmp_path, "\n".join(["v\tw", *(f"{cell}\tx" for cell in cells * 4)]) + "\n")
    assert (profile.columns[0].stored, profile.columns[0].unit) == ("DOUBLE", "$")
    assert values(tmp_path)[:5] == [-220, 1350, -3.5, 4, -5]
    schema = [{"name": "v", "kind": "number", "stored": "DOUBLE", "format": "thousands comma", "unit": "$"}]
    assert check(["v"], [["- $220.00"], ["$5"]], schema).columns["v"].tolist() == [-220, 5]
    profile = read(tmp_path, "\n".join(["v\tw", *["- 12,50 €\tx", "3,00 €\ty", "+ 1,5 €\tz"] * 4]) + "\n")
    assert (profile.columns[0].unit, values(tmp_path)[:3]) == ("€", [-12.5, 3, 1.5])


def test_a_dash_and_a_blank_before_plain_digits_is_no_minus(tmp_path):
    profile = read(tmp_path, "\n".join(["v\tw", *["- 5\tx", "- 7.5\ty", "- 9\tz"] * 4]) + "\n")
    assert profile.columns[0].stored == "VARCHAR"


@pytest.mark.parametrize(
    ("cells", "form", "first"),
    [
        (["Jun 12 1998", "Aug 7 1998", "Dec 31 2001"], "%b %d %Y", date(1998, 6, 12)),
        (["June 12 1998", "August 7 1998", "May 31 2001"], "%B %d %Y", date(1998, 6, 12)),
        (["2019.04.19.", "2019.05.01.", "2020.12.31."], "%Y.%m.%d.", date(2019, 4, 19)),
        (["2019. 04. 19.", "2019. 5. 1.", "2020. 12. 31."], "%Y. %m. %d.", date(2019, 4, 19)),
        (["2019.04.19. 10:05", "2019.05.01. 9:00"], "%Y.%m.%d. %H:%M", datetime(2019, 4, 19, 10, 5)),
        (["2018-02-25 12:34:56 +0000", "2018-02-26 01:00:00 -0530"], "", datetime(2018, 2, 25, 12, 34, 56)),
        (["2018-02-25 12:34:56 UTC", "2018-02-26 01:00:00.5 UTC"], "", datetime(2018, 2, 25, 12, 34, 56)),
    ],
)
def test_dates(tmp_path, cells, form, first):
    profile = read(tmp_path, "\n".join(["v;w", *(f"{cell};x" for cell in cells * 6)]) + "\n")
    column = profile.columns[0]
    assert (column.kind, column.format, values(tmp_path)[0], column.n_missing) == ("date", form, first, 0)
    is_zoned = cells[0].endswith(("+0000", "UTC"))
    assert (column.unit == "UTC") is is_zoned is any("turned into UTC" in note for note in profile.notes)
    schema = [{"name": "v", "kind": "date", "stored": column.stored, "format": form}]
    checked = check(["v"], [[cells[0]], [cells[1]]], schema)
    assert checked.n_errors == 0
    assert [one.isoformat() for one in checked.columns["v"].astype(object)] == [
        datetime(*one.timetuple()[:6], getattr(one, "microsecond", 0)).isoformat()
        for one in values(tmp_path)[:2]
    ]


@pytest.mark.parametrize(
    "cells",
    [
        [f"00:{n}:{59 - n}" for n in range(10, 50)],
        [f"{n}:0{n % 6}.{n}" for n in range(10, 50)],
        ["--", *(f"0{n % 9}:{n}" for n in range(10, 49))],
        [f"{{'id':{n},'x':[{n}]}}" for n in range(40)],
        [f"[{n},{n + 1}]" for n in range(40)],
        ["3x", *(f"{n}.500,25" for n in range(10, 48)), "4x"],
    ],
    ids=lambda cells: cells[1],
)
def test_what_is_measured_names_no_rows(tmp_path, cells):
    profile = read(
        tmp_path, "\n".join(["id;w", *(f"{cell};x{n % 3}" for n, cell in enumerate(cells))]) + "\n"
    )
    assert (profile.columns[0].kind, profile.columns[0].stored) == ("text", "VARCHAR")
    assert not any("names the rows" in one.sentence for one in profile.findings)


@pytest.mark.parametrize(
    "cell", ["{{3F2504E0-4F89-{:04}}}", "[{}]", "00:1A:{:02}:B2", "A:{}", "12:{}:77:12", "{}x"]
)
def test_what_only_looks_measured_still_names_rows(tmp_path, cell):
    cells = [cell.format(n) for n in range(40)]
    profile = read(tmp_path, "\n".join(["v;w", *(f"{cell};x{n % 3}" for n, cell in enumerate(cells))]) + "\n")
    assert profile.columns[0].kind == "identifier"


def test_formulas_that_keep_excel_from_reading_a_code_are_told(tmp_path):
    cells = ['"=""0375814248"""', '"="""""', '"=""043965548X"""']
    profile = read(tmp_path, "\n".join(["v,w", *(f"{cell},x" for cell in cells * 4)]) + "\n")
    column = profile.columns[0]
    assert (column.stored, column.n_missing, column.missing) == ("VARCHAR", 4, (('=""', 4),))
    assert values(tmp_path)[:3] == ['="0375814248"', None, '="043965548X"']
    assert any("“v” are written as formulas for Excel, such as “=" in note for note in profile.notes)
    profile = read(tmp_path, "\n".join(["v,w", *(f"a{n},x" for n in range(9)), f"{cells[0]},x"]) + "\n")
    assert not any("formulas" in note for note in profile.notes)
