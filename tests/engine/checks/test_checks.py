"""Each check on tables that have what it looks for, and on tables that only look so."""

from dataclasses import replace
from pathlib import Path

import pytest

from beanft.engine import checks
from beanft.engine.checks.spellings import same_word
from beanft.engine.findings import Finding
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.connection import connect, quote
from beanft.engine.tables.profiling.drawing import draw
from beanft.engine.tables.profiling.figures import describe


def find(
    folder: Path, sql: str, kinds: dict[str, str] | None = None, **changes: dict[str, object]
) -> list[Finding]:
    """Findings of the table that a query gives; `changes` are fields of columns that the reading fills in."""
    path = folder / "t.parquet"
    with connect(folders=[folder]) as database:
        typed = ", ".join(_cell(*one[:2]) for one in database.execute(f"DESCRIBE {sql}").fetchall())
        database.execute(f"COPY (SELECT {typed} FROM ({sql})) TO '{path}' (FORMAT parquet)")
        found = database.execute(f"DESCRIBE SELECT * FROM '{path}'").fetchall()
        n_rows = database.execute(f"SELECT count(*) FROM '{path}'").fetchall()[0][0]
        columns = [
            Column(name=name, kind=_kind(stored), stored=stored, n_missing=0, n_distinct=0)
            for name, stored, *_ in found
        ]
        described = [column for column, _ in describe(database, path, columns, n_rows=n_rows)]
        settled = [replace(column, kind=(kinds or {}).get(column.name, column.kind)) for column in described]
        drawn = draw(database, path, settled, n_rows=n_rows)
        told = tuple(replace(column, **changes.get(column.name, {})) for column in drawn)
        return list(checks.find_all(database, path, Profile(n_rows=n_rows, columns=told)))


def _cell(name: str, stored: str) -> str:
    """A column in one of the types that tables are stored with."""
    number = {"INTEGER": "BIGINT"}.get(stored, "DOUBLE" if stored.startswith("DECIMAL") else stored)
    return f"{quote(name)}::{number} AS {quote(name)}"


def _kind(stored: str) -> str:
    kinds = {"BIGINT": "number", "DOUBLE": "number", "BOOLEAN": "boolean", "VARCHAR": "category"}
    return kinds.get(stored, "date")


def only(found: list[Finding], code: str) -> Finding:
    (finding,) = [finding for finding in found if finding.code == code]
    return finding


def codes(found: list[Finding]) -> set[str]:
    return {finding.code for finding in found}


NUMBERS = "SELECT i, (i * 7919 % 1000) / 10 AS x FROM range(200) t(i)"


def test_an_ordinary_table_has_no_warnings(tmp_path):
    found = find(tmp_path, "SELECT i * 7919 % 1009 AS x, ['a', 'b'][1 + i % 2] AS w FROM range(300) t(i)")
    assert found == []


def test_a_constant(tmp_path):
    finding = only(find(tmp_path, f"SELECT *, 'EU' AS region FROM ({NUMBERS})"), "constant")
    assert finding.sentence == "“region” holds the same value in every row: “EU”."
    assert (finding.severity, finding.columns) == ("note", ("region",))


def test_an_almost_empty_column_leads_to_its_rows(tmp_path):
    found = find(tmp_path, "SELECT i % 7 AS x, CASE WHEN i % 50 = 0 THEN i END AS y FROM range(200) t(i)")
    finding = only(found, "almost-empty")
    assert finding.sentence == "“y” is almost empty: only 4 rows of 200 have a value."
    assert finding.figure == 0.98
    assert finding.rows == (("y", "is-not-missing", ""),)


def test_a_column_without_any_value(tmp_path):
    found = find(tmp_path, "SELECT i % 7 AS x, NULL::VARCHAR AS y FROM range(20) t(i)")
    assert only(found, "almost-empty").sentence == "“y” holds no value at all."
    assert "constant" not in codes(found)


def test_an_identifier(tmp_path):
    finding = only(find(tmp_path, NUMBERS, {"i": "identifier"}), "identifier-like")
    assert finding.sentence == "“i” names the rows: every row has a different value."
    assert finding.kind == ""


def test_words_that_nearly_all_differ_may_be_identifiers(tmp_path):
    sql = "SELECT i % 5 AS x, 'K' || greatest(i, 3) AS ref, 'no ' || i AS words FROM range(200) t(i)"
    finding = only(find(tmp_path, sql, {"ref": "text", "words": "text"}), "identifier-like")
    assert finding.sentence == "“ref” looks like an identifier: 197 different values in 200 rows."
    assert finding.kind == "identifier"


def test_repeated_rows_are_counted_exactly_and_identifiers_are_left_aside(tmp_path):
    sql = "SELECT i AS nr, i % 90 AS x, i % 90 * 2.5 AS y, ['a', 'b'][1 + i % 2] AS w FROM range(100) t(i)"
    finding = only(find(tmp_path, sql, {"nr": "identifier"}), "duplicate-rows")
    assert finding.sentence == (
        "10 rows (10 %) repeat an earlier row in all columns but nr, such as row 91, which repeats row 1."
    )
    assert sorted(finding.rows) == [("w", "equals", "a"), ("x", "equals", "0"), ("y", "equals", "0.0")]
    assert finding.link == "Show one of them and the rows like it"
    assert (finding.severity, finding.figure) == ("warning", 10)


def test_missing_cells_do_not_hide_a_repeated_row(tmp_path):
    sql = "SELECT * FROM (VALUES (1, NULL), (1, NULL), (2, 'a'), (NULL, 'b')) t(x, y)"
    finding = only(find(tmp_path, f"SELECT x::BIGINT AS x, y FROM ({sql})"), "duplicate-rows")
    assert finding.sentence == "1 row (25 %) repeats an earlier row: row 2, which repeats row 1."
    assert sorted(finding.rows) == [("x", "equals", "1"), ("y", "is-missing", "")]
    assert finding.link == "Show both rows"


def test_columns_that_say_the_same(tmp_path):
    sql = "SELECT i % 17 AS a, i % 17 AS b, CASE i % 17 WHEN 3 THEN 5 WHEN 5 THEN 3 ELSE i % 17 END AS c"
    found = find(tmp_path, f"{sql} FROM range(170) t(i)")
    finding = only(found, "duplicate-columns")
    assert finding.sentence == "“b” holds the same as “a” in every row."
    assert finding.columns == ("a", "b")


@pytest.mark.parametrize(
    ("value", "others"), [(-1, "i % 40"), (999, "20 + i % 60"), (-99, "i % 30"), (9999, "i")]
)
def test_numbers_that_may_mean_missing(tmp_path, value, others):
    sql = f"SELECT CASE WHEN i % 20 = 0 THEN {value} ELSE {others} END AS age FROM range(400) t(i)"
    finding = only(find(tmp_path, sql), "disguised-missing")
    assert (
        finding.sentence
        == f"“{value}” in 20 rows of “age” may mean missing: it stands apart from the others."
    )
    assert finding.rows == (("age", "equals", str(value)),)


@pytest.mark.parametrize("values", ["i % 100", "i - 1", "[-1, 0, 1][1 + i % 3]", "i * 25 % 1000 - 1"])
def test_numbers_that_belong_to_the_others_mean_themselves(tmp_path, values):
    found = find(tmp_path, f"SELECT {values} AS v, i % 7 AS w FROM range(400) t(i)")
    assert "disguised-missing" not in codes(found)


def test_words_and_days_that_may_mean_missing(tmp_path):
    sql = (
        "SELECT CASE WHEN i % 10 = 0 THEN 'k.A.' ELSE 'job ' || i % 4 END AS job, "
        "CASE WHEN i % 8 = 0 THEN DATE '1900-01-01' "
        "ELSE DATE '2020-01-01' + (i * 7 % 97)::INTEGER END AS day "
        "FROM range(400) t(i)"
    )
    found = [finding for finding in find(tmp_path, sql) if finding.code == "disguised-missing"]
    assert [finding.sentence for finding in found] == [
        "“k.A.” in 40 rows of “job” may mean missing: a word for no value.",
        "“1900-01-01” in 50 rows of “day” may mean missing: programs write this day for no date.",
    ]


def test_a_letter_among_letters_is_no_missing_value(tmp_path):
    assert "disguised-missing" not in codes(
        find(tmp_path, "SELECT ['x', 'y', 'z'][1 + i % 3] AS axis FROM range(60) t(i)")
    )


def test_outliers_are_counted_by_tukeys_outer_fences(tmp_path):
    # quartiles of 0..99 and 5000: 25 and 75, fences -125 and 225
    sql = "SELECT i AS v FROM range(100) t(i) UNION ALL SELECT 5000 FROM range(1)"
    finding = only(find(tmp_path, sql), "outliers")
    assert finding.sentence == "1 value of “v” (0.99 %) is far from the others: above 225."
    assert finding.rows == (("v", "is-outlier", ""),)


def test_a_skewed_column(tmp_path):
    found = find(tmp_path, "SELECT exp(i / 20.0) AS v FROM range(200) t(i)")
    finding = only(found, "skew")
    assert finding.sentence.startswith("“v” is skewed (skewness 2.")
    assert "logarithm" in finding.remedy


def test_rare_classes(tmp_path):
    way = "CASE WHEN i < 3 THEN 'ferry' WHEN i % 2 = 0 THEN 'car' ELSE 'train' END"
    finding = only(find(tmp_path, f"SELECT {way} AS way FROM range(400) t(i)"), "rare-classes")
    assert finding.sentence == "One value of “way” is rare: “ferry”, in 3 rows only."
    assert finding.rows == (("way", "equals", "ferry"),)


def test_several_rare_classes(tmp_path):
    way = "CASE WHEN i < 3 THEN 'ferry' WHEN i < 5 THEN 'kayak' WHEN i % 2 = 0 THEN 'car' ELSE 'train' END"
    finding = only(find(tmp_path, f"SELECT {way} AS way FROM range(400) t(i)"), "rare-classes")
    assert finding.sentence == (
        "2 of the 4 values of “way” are rare: each has fewer than 10 rows, together they have 5; "
        "“kayak” has 2."
    )
    assert finding.rows == (("way", "one-of", "ferry; kayak"),)


def test_one_word_in_several_spellings(tmp_path):
    words = "['New York', 'new york', 'NEW-YORK', 'Bern', 'Zürich', 'Zurich'][1 + i % 6]"
    finding = only(find(tmp_path, f"SELECT {words} AS city FROM range(60) t(i)"), "mixed-spellings")
    assert finding.sentence == (
        "2 values of “city” are written in several ways: "
        "“NEW-YORK” (10) = “New York” (10) = “new york” (10); "
        "“Zurich” (10) = “Zürich” (10)."
    )
    assert finding.figure == 30


@pytest.mark.parametrize(
    ("a", "b"), [("A+", "A-"), ("1.5", "15"), ("v1.2", "v12"), ("C", "C++"), ("Bern", "Berne")]
)
def test_words_that_differ_in_what_they_say(tmp_path, a, b):
    found = find(tmp_path, f"SELECT ['{a}', '{b}'][1 + i % 2] AS v FROM range(60) t(i)")
    assert "mixed-spellings" not in codes(found)


def test_same_word_keeps_what_is_no_letter_of_ours():
    assert same_word("東京") == same_word(" 東京 ") != same_word("京都")


def test_dates_in_the_future_and_long_ago(tmp_path):
    sql = (
        "SELECT CASE i WHEN 7 THEN DATE '2199-05-01' WHEN 9 THEN DATE '1015-03-02' "
        "ELSE DATE '2020-01-01' + (i % 97)::INTEGER END AS day FROM range(200) t(i)"
    )
    found = [finding for finding in find(tmp_path, sql) if finding.code == "suspicious-dates"]
    assert [finding.sentence for finding in found] == [
        "1 date of “day” is in the future, up to 2199-05-01.",
        "1 date of “day” is before 1900, from 1015-03-02 on.",
    ]
    assert found[1].rows == (("day", "at-most", "1899-12-31"),)


def test_one_day_of_an_import(tmp_path):
    sql = (
        "SELECT CASE WHEN i % 3 = 0 THEN DATE '2021-06-01' "
        "ELSE DATE '2020-01-01' + (i % 97)::INTEGER END AS day "
        "FROM range(300) t(i)"
    )
    finding = only(find(tmp_path, sql), "suspicious-dates")
    assert finding.sentence == (
        "33 % of the rows have the same day in “day”, 2021-06-01; no other day has a tenth of that."
    )


def test_infinite_numbers(tmp_path):
    sql = "SELECT CASE WHEN i = 3 THEN 'inf'::DOUBLE ELSE i / 2 END AS v FROM range(40) t(i)"
    finding = only(find(tmp_path, sql), "infinite-numbers")
    assert finding.sentence == "1 value of “v” is infinite, and in no figure of the column."


@pytest.mark.parametrize(
    ("name", "kind"), [("zip_code", "category"), ("customerId", "category"), ("status", "")]
)
def test_whole_numbers_that_are_codes_by_their_name(tmp_path, name, kind):
    found = find(tmp_path, f'SELECT i * 37 % 1000 AS "{name}" FROM range(90) t(i)')
    assert [finding.kind for finding in found if finding.code == "code-as-number"] == ([kind] if kind else [])


def test_a_total_in_the_last_row(tmp_path):
    rows = "SELECT 'shop ' || i AS shop, i AS n, i * 2.5 AS amount FROM range(1, 9) t(i)"
    found = find(tmp_path, f"{rows} UNION ALL SELECT 'Total', 36, 90.0")
    finding = only(found, "total-row")
    assert finding.sentence == "The last row (row 9) looks like a total: it begins with “Total”."
    assert finding.rows == (("shop", "equals", "Total"),)


def test_sums_in_the_last_row_without_the_word(tmp_path):
    rows = "SELECT i AS n, i * 2.5 AS amount FROM range(1, 9) t(i)"
    finding = only(find(tmp_path, f"{rows} UNION ALL SELECT 36, 90.0"), "total-row")
    assert finding.sentence == (
        "The last row (row 9) looks like a total: it is the sum of the rows above in 2 columns."
    )
    assert "total-row" not in codes(find(tmp_path, rows))


def test_what_the_reading_tells_becomes_findings(tmp_path):
    found = find(
        tmp_path,
        "SELECT i % 9 AS n, 'w' || i % 4 AS t, DATE '2024-01-01' + (i % 12)::INTEGER AS d "
        "FROM range(40) t(i)",
        n={"n_unreadable": 2, "unreadable": ((3, "abc"), (9, "x")), "n_missing": 5},
        t={"almost": "number", "n_unreadable": 7, "unreadable": ((2, "w1"), (6, "w1"))},
        d={"format": "%d/%m/%Y", "other_formats": ("%m/%d/%Y",)},
    )
    unreadable = only(found, "unreadable-cells")
    assert unreadable.sentence == (
        "2 cells of “n” are no number and became missing: “abc” (line 3), “x” (line 9)."
    )
    assert (unreadable.kind, unreadable.rows) == ("text", (("n", "is-missing", ""),))
    assert unreadable.link == "Show all 5 rows without a value"
    almost = only(found, "almost-kind")
    assert almost.sentence == (
        "“t” was kept as text: 33 cells are numbers, but 7 are not, such as “w1” (lines 2 and 6)."
    )
    assert (almost.kind, almost.rows) == ("number", (("t", "is-no-number", ""),))
    order = only(found, "ambiguous-form")
    assert order.sentence == (
        "The dates of “d” fit month/day/year as well as day/month/year; they were read as day/month/year. "
        "In the other way 2 January 2024 is 1 February 2024."
    )
    assert (order.kind, order.format, order.button) == ("date", "%m/%d/%Y", "Read as month/day/year")


def test_cells_that_are_neither_true_nor_false_are_all_shown(tmp_path):
    sql = "SELECT CASE i WHEN 3 THEN 'perhaps' WHEN 5 THEN 'later' ELSE ['ja', 'nein'][1 + i % 2] END AS paid"
    told = {"almost": "boolean", "n_unreadable": 2, "unreadable": ((4, "perhaps"),)}
    finding = only(find(tmp_path, f"{sql} FROM range(99) t(i)", paid=told), "almost-kind")
    assert finding.rows == (("paid", "one-of", "later; perhaps"),)


def test_numbers_that_can_be_read_in_two_ways_are_offered_in_the_other(tmp_path):
    told = {"format": "thousands comma", "other_formats": ("decimal comma",)}
    finding = only(find(tmp_path, "SELECT 1000 + i AS n FROM range(40) t(i)", n=told), "ambiguous-form")
    assert finding.sentence == (
        "The numbers of “n” can be read with a decimal comma (1.234,5) as well as with a comma between "
        "thousands (1,234.5); they were read with a comma between thousands (1,234.5)."
    )
    assert (finding.kind, finding.format) == ("number", "decimal comma")
    assert finding.button == "Read with a decimal comma (1.234,5)"


def test_warnings_come_first_and_what_is_beyond_the_limit_is_counted(tmp_path):
    constants = ", ".join(f"{k} AS c{k}" for k in range(120))
    found = find(tmp_path, f"SELECT i % 9 AS a, i % 9 AS b, {constants} FROM range(50) t(i)")
    assert len(found) <= checks.MOST
    assert found[0].severity == "warning"
    assert found[-1].code == "more-findings"
    n_constants = sum(finding.code == "constant" for finding in found)
    assert found[-1].figure == 120 - n_constants
    assert [finding.severity for finding in found] == sorted(
        (f.severity for f in found), key=["warning", "note"].index
    )


def test_hostile_names_are_quoted(tmp_path):
    name = 'a"; drop table x--'
    quoted = name.replace('"', '""')
    sql = f"""SELECT ['One b', 'one B', 'w'][1 + i % 3] AS "{quoted}", i % 5 AS n FROM range(60) t(i)"""
    found = find(tmp_path, sql)
    assert only(found, "mixed-spellings").columns == (name,)


def test_a_table_of_one_row(tmp_path):
    assert find(tmp_path, "SELECT 1::BIGINT AS a, 'x' AS b") == []


def test_a_finding_survives_json(tmp_path):
    profile = Profile(
        n_rows=1, columns=(), findings=tuple(find(tmp_path, f"SELECT *, 'EU' AS r FROM ({NUMBERS})"))
    )
    assert Profile.from_dict(profile.to_dict()) == profile
