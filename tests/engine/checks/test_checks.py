"""Each check on tables that have what it looks for, and on tables that only look so."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from beanft.engine import checks
from beanft.engine.checks.entities import CODE
from beanft.engine.checks.spellings import same_word
from beanft.engine.checks.table import Table
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


def test_many_gaps_are_one_finding_of_the_table(tmp_path):
    """The newcomer's table lacked 40 % of its cells, and no finding said so."""
    gaps = ", ".join(f"CASE WHEN i % 10 < {10 - k} THEN i % 7 END AS c{k}" for k in range(10))
    finding = only(find(tmp_path, f"SELECT {gaps} FROM range(200) t(i)"), "missing-values")
    assert finding.sentence == (
        "45 % of all cells are missing; in 4 columns more than half: “c9” (90 %), “c8” (80 %), “c7” (70 %), "
        "“c6” (60 %)."
    )
    assert (finding.columns, finding.figure) == (("c9", "c8", "c7", "c6"), 0.45)


def test_at_most_six_columns_with_gaps_are_named(tmp_path):
    gaps = ", ".join(f"CASE WHEN i % 3 = 0 THEN i % 7 END AS c{k}" for k in range(9))
    finding = only(find(tmp_path, f"SELECT {gaps} FROM range(300) t(i)"), "missing-values")
    assert finding.sentence.endswith("“c5” (66.7 %) and 3 more.")


def test_a_few_gaps_are_no_finding(tmp_path):
    sql = "SELECT i % 9 AS x, CASE WHEN i % 10 > 2 THEN i % 7 END AS y FROM range(200) t(i)"
    assert "missing-values" not in codes(find(tmp_path, sql))


def test_a_column_without_any_value(tmp_path):
    found = find(tmp_path, "SELECT i % 7 AS x, NULL::VARCHAR AS y FROM range(20) t(i)")
    assert only(found, "almost-empty").sentence == "“y” holds no value at all."
    assert "constant" not in codes(found)


def test_columns_without_any_value_are_told_once(tmp_path):
    """A file with five commas too many had five notes, and “35.8 % of all cells are missing”."""
    none = ", ".join(f"NULL::VARCHAR AS c{k}" for k in range(5))
    found = find(tmp_path, f"SELECT i % 7 AS x, i % 9 AS y, {none} FROM range(40) t(i)")
    finding = only(found, "almost-empty")
    assert finding.sentence == "5 columns hold no value at all: “c0”, “c1”, “c2”, “c3”, “c4”."
    assert finding.columns == ("c0", "c1", "c2", "c3", "c4")
    assert "missing-values" not in codes(found)


def test_gaps_are_those_of_columns_with_values(tmp_path):
    none = ", ".join(f"NULL::VARCHAR AS c{k}" for k in range(8))
    gap = "CASE WHEN i % 10 < 4 THEN i % 7 END AS y"
    found = find(tmp_path, f"SELECT i % 7 AS x, {gap}, {none} FROM range(200) t(i)")
    assert only(found, "almost-empty").sentence.endswith("“c5” and 2 more.")
    sentence = only(found, "missing-values").sentence
    assert sentence == "30 % of all other cells are missing; in 1 column more than half: “y” (60 %)."


def test_an_identifier(tmp_path):
    finding = only(find(tmp_path, NUMBERS, {"i": "identifier"}), "identifier-like")
    assert finding.sentence == "“i” names the rows: every row has a different value."
    assert finding.kind == ""


DOSE = "SELECT i AS x, i * 1.5 + i % 3 AS y, ['r', 'g', 'b'][1 + i % 3] AS colour FROM range(12) t(i)"


def test_whole_numbers_of_a_small_table_may_be_a_dose(tmp_path):
    """The newcomer's x from 0 to 11 explained y, and was left out with “it says nothing of other rows”."""
    finding = only(find(tmp_path, DOSE, {"x": "identifier"}), "identifier-like")
    assert finding.sentence == (
        "“x” may name the rows, as every row has another whole number, or it may be a dose, a time or a "
        "place: “y” goes with it (rank correlation 0.98)."
    )
    assert finding.kind == "number"
    assert "make it a number, and it is learned from" in finding.remedy


def test_whole_numbers_that_nothing_goes_with_may_name_the_rows(tmp_path):
    sql = "SELECT i AS x, i * 7919 % 101 AS y FROM range(60) t(i)"
    finding = only(find(tmp_path, sql, {"x": "identifier"}), "identifier-like")
    assert finding.sentence == "“x” may name the rows, as every row has another whole number."
    named = only(
        find(tmp_path, f"SELECT x AS row_id, y FROM ({DOSE})", {"row_id": "identifier"}), "identifier-like"
    )
    assert named.sentence == "“row_id” names the rows: every row has a different value."


def test_words_that_nearly_all_differ_may_be_identifiers(tmp_path):
    sql = "SELECT i % 5 AS x, 'K' || greatest(i, 3) AS ref, 'no ' || i AS words FROM range(200) t(i)"
    finding = only(find(tmp_path, sql, {"ref": "text", "words": "text"}), "identifier-like")
    assert finding.sentence == "“ref” looks like an identifier: 197 different values in 200 rows."
    assert finding.kind == "identifier"


def test_durations_that_all_differ_are_no_identifiers_and_four_rows_have_no_total(tmp_path):
    sql = "SELECT i % 5 AS x, i // 60 || ':' || lpad((i % 60)::VARCHAR, 2, '0') AS took FROM range(200) t(i)"
    assert "identifier-like" not in {one.code for one in find(tmp_path, sql, {"took": "text"})}
    sums = "SELECT i AS a, i * 2 AS b FROM range(4) t(i)"  # 0, 1, 2 and 3 is no total of a table
    assert "total-row" not in {one.code for one in find(tmp_path, sums)}


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


@pytest.mark.parametrize(
    ("value", "share", "others"),
    [
        *((-200, 20, others) for others in ("i % 60 - 5", "i % 37 / 10.0", "i % 40 + 0.5")),
        *((-999, 2, others) for others in ("i % 90", "i % 90 + 0.5")),  # half of the rows
        *((value, 20, "i % 31 / 10.0") for value in (-999.9, -99.99, -50, 99.99, 999.9)),
    ],
)
def test_a_repeated_number_far_beyond_all_others_may_mean_missing(tmp_path, value, share, others):
    sql = f"SELECT CASE WHEN i % {share} = 0 THEN {value} ELSE {others} END AS t FROM range(600) t(i)"
    finding = only(find(tmp_path, sql), "disguised-missing")
    told = f"“{value}” in {600 // share} rows of “t” may mean missing: it stands apart from the others."
    assert finding.sentence == told
    assert finding.rows == (("t", "equals", str(value)),)


def test_what_means_missing_in_one_column_does_so_in_another(tmp_path):
    """Sensors wrote -200 for none: it is far from a temperature, but not from a count up to 2,000."""
    none = "CASE WHEN i % 9 = 0 THEN -200 ELSE"
    sql = (
        f"SELECT {none} i % 60 - 5 END AS t, {none} i * 7919 % 2003 END AS nox, "
        f"CASE WHEN i % 9 < 8 THEN -200 ELSE 7 + i % 1000 END AS nmhc, i * 7919 % 2003 - 200 AS x, "
        "CASE WHEN i % 9 = 0 THEN -200 ELSE i * 7919 % 503 - 99 END AS balance FROM range(900) t(i)"
    )
    found = [one for one in find(tmp_path, sql) if one.code == "disguised-missing"]
    assert [one.columns for one in found] == [("t",), ("nox",), ("nmhc",)]
    why = "no other value is negative, and in “t” it stands apart"
    assert found[1].sentence == f"“-200” in 100 rows of “nox” may mean missing: {why}."


CLEAN = {
    "counts with many zeros": "greatest(0, i * 7919 % 1009 - 800)",
    "amounts, mostly none": "CASE WHEN i % 10 < 9 THEN 0 ELSE 5000 + i % 500 END",
    "ratings": "1 + i * 7 % 5",
    "a scale with both signs": "[-3, -2, -1, 0, 1, 2, 3][1 + i % 7]",
    "capped from above": "least(50.0, 5 + i * 7919 % 1009 / 10.0)",
    "capped from below": "greatest(-40, i * 7919 % 101 - 60)",
    "temperatures": "round(8 + 14 * sin(i / 40.0) + i * 7919 % 101 / 20.0, 1)",
    "frost, and one cold spell": "CASE WHEN i % 50 = 0 THEN -30 ELSE i * 7919 % 35 - 5 END",
    "stakes lost and won": "CASE WHEN i % 3 = 0 THEN -10 ELSE 5 + i * 7919 % 97 END",
    "returns with a total loss": "CASE WHEN i % 30 = 0 THEN -100 ELSE i * 7919 % 20 + 0.5 END",
    "shares with a total loss": "CASE WHEN i % 30 = 0 THEN -1.0 ELSE i * 7919 % 20 / 100.0 END",
    "fees among payments": "CASE WHEN i % 12 = 0 THEN -20 ELSE i * 7919 % 1009 + 10 END",
    "gifts of a few usual sums": "[5, 10, 15, 20, 25, 30, 40, 50, 75, 80, 100, 500, 1000][1 + i * i % 13]",
    "prices": "[0.99, 1.99, 2.99, 3.99, 4.99, 5.99, 7.99, 9.99, 14.99, 19.99, 49.99, 99.99][1 + i * 7 % 12]",
    "levels of a signal": "-30 - i * 7919 % 71",
    "longitudes of the west": "-160.5 + i * 7919 % 1000 / 10.0",
    "a long tail": "round(exp(i * 7919 % 1009 / 100.0), 1)",
    "logarithms of a share": "CASE WHEN i % 5 = 0 THEN -9.21 ELSE ln(1 + i * 7919 % 101) - 4.6 END",
    "seldom": "CASE WHEN i IN (3, 77, 400) THEN -200 ELSE i % 60 + 0.5 END",
}


@pytest.mark.parametrize("values", CLEAN.values(), ids=CLEAN)
def test_ends_of_clean_columns_mean_themselves(tmp_path, values):
    found = find(tmp_path, f"SELECT {values} AS v, i * 13 % 7 AS w FROM range(900) t(i)")
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


def test_outliers_are_counted_beyond_tukeys_outer_fences(tmp_path):
    # quartiles of 0..99 and 5000: 25 and 75; 3 spans of 50, and a fifth more as the values are few
    sql = "SELECT i AS v FROM range(100) t(i) UNION ALL SELECT 5000 FROM range(1)"
    finding = only(find(tmp_path, sql), "outliers")
    assert finding.sentence == (
        "1 value of “v” (0.99 %) is far from the others: above 254.851, 3.6 interquartile ranges beyond the "
        "quartiles. This is further out than the limit of 3 on a column's page, because among so many "
        "values some can lie beyond 3 by mere chance."
    )
    assert finding.rows[0][:2] == ("v", "more-than")


def _normal(n, k, seed=0):
    """Columns of a perfect normal table: the quantiles of a normal column in k orders, cut to floats."""
    drawn = np.random.default_rng(seed).normal(size=(n, k))
    return pd.DataFrame(drawn, columns=[f"f{i}" for i in range(k)])


@pytest.mark.parametrize(
    ("n", "k", "tables"), [(30, 20, 20), (100, 20, 10), (1_000, 20, 10), (100_000, 10, 2)]
)
def test_normal_columns_of_any_length_have_no_outliers(tmp_path, n, k, tables):
    """Of 25 normal columns of 150,000 rows the newcomer read eight notes on one or two values each."""
    n_found = 0
    for seed in range(tables):
        _normal(n, k, seed).to_parquet(tmp_path / "n.parquet")
        found = find(tmp_path, f"SELECT * FROM '{tmp_path / 'n.parquet'}'")
        n_found += sum(len(one.columns) for one in found if one.code == "outliers")
    assert n_found <= 0.02 * k * tables


def test_outliers_of_many_columns_are_put_together(tmp_path):
    table = _normal(200, 8)
    table.iloc[0] = [50.0, -50.0, 50.0, 50.0, 50.0, 50.0, 50.0, 0.1]
    table.iloc[1, 1] = 50.0
    table.to_parquet(tmp_path / "n.parquet")
    finding = only(find(tmp_path, f"SELECT * FROM '{tmp_path / 'n.parquet'}'"), "outliers")
    assert finding.sentence.startswith("7 columns have values far from the others: 2 of “f1” below ")
    assert "; and of 1 more. That is 3.4 interquartile ranges beyond the quartiles." in finding.sentence
    assert (finding.figure, len(finding.columns), finding.rows) == (8, 7, ())


def test_the_rows_beyond_wider_fences_are_those_shown(tmp_path):
    table = _normal(20_000, 1)
    table.iloc[0, 0], table.iloc[1, 0] = 90.0, 4.85  # the second is beyond three spans, as chance may have it
    table.to_parquet(tmp_path / "n.parquet")
    finding = only(find(tmp_path, f"SELECT * FROM '{tmp_path / 'n.parquet'}'"), "outliers")
    assert finding.figure == 1
    ((name, operator, value),) = finding.rows
    assert (name, operator) == ("f0", "more-than")
    assert 5 < float(value) < 6
    assert finding.link == ""  # just those


def test_the_link_to_values_on_both_sides_says_that_it_shows_more(tmp_path):
    table = _normal(20_000, 1)
    table.iloc[0, 0], table.iloc[1, 0] = 90.0, -90.0
    table.to_parquet(tmp_path / "n.parquet")
    finding = only(find(tmp_path, f"SELECT * FROM '{tmp_path / 'n.parquet'}'"), "outliers")
    assert finding.rows == (("f0", "is-outlier", ""),)
    assert finding.link == "Show the values beyond the usual fences"


def test_a_hundred_columns_are_counted_by_one_scan(tmp_path, monkeypatch):
    asked, ask = [], Table.ask

    def noted(table, sql, values=()):
        asked.append(sql)
        return ask(table, sql, values)

    monkeypatch.setattr(Table, "ask", noted)
    table = _normal(200, 120)
    table.iloc[0] = 50.0
    table.iloc[1, 7] = -50.0
    table.to_parquet(tmp_path / "n.parquet")
    finding = only(find(tmp_path, f"SELECT * FROM '{tmp_path / 'n.parquet'}'"), "outliers")
    assert (finding.figure, len(finding.columns)) == (121, 120)
    assert finding.sentence.startswith("120 columns have values far from the others: 2 of “f7” below ")
    assert len([sql for sql in asked if "isfinite" in sql]) == 2


def _visits(agree):
    """Patients with several visits, whose values are alike, or have nothing to do with them."""
    random = np.random.default_rng(1)
    who = np.repeat(np.arange(80), random.integers(3, 9, 80))
    own = random.normal(size=80)[who] * agree + random.normal(size=len(who))
    ill = np.where(own + random.normal(size=len(who)) * 0.2 > 0, "yes", "no")
    return pd.DataFrame({"patient": [f"P{i:03d}" for i in who], "jitter": own, "ill": ill})


def _found_in(folder, table, kinds=None):
    table.to_parquet(folder / "n.parquet")
    return find(folder, f"SELECT * FROM '{folder / 'n.parquet'}'", kinds)


def test_a_column_that_names_what_rows_belong_to(tmp_path):
    finding = only(_found_in(tmp_path, _visits(3.0)), CODE)
    assert (finding.columns, finding.severity) == (("patient", "jitter", "ill"), "note")
    assert finding.sentence == (
        "“patient” may name what several rows belong to: 80 values with 5.4 rows each on average, and within "
        "one of them “jitter”, “ill” differ less than between them."
    )


def test_a_name_that_nothing_agrees_within_says_nothing(tmp_path):
    assert CODE not in codes(_found_in(tmp_path, _visits(0.0)))


def test_ordinary_categories_and_amounts_are_no_entities(tmp_path):
    random = np.random.default_rng(2)
    city, age = random.integers(0, 40, 2_000), random.integers(18, 90, 600)
    cities = {
        "city": [f"Town{i}" for i in city],
        "price": random.normal(size=40)[city] * 3 + random.normal(size=2_000),
    }
    assert CODE not in codes(_found_in(tmp_path, pd.DataFrame(cities)))
    ages = {"customer_age": age, "income": age * 100 + random.normal(size=600)}
    assert CODE not in codes(_found_in(tmp_path, pd.DataFrame(ages)))


def test_entities_hardly_ever_show_where_there_are_none(tmp_path):
    n_found = 0
    for seed in range(50):
        random = np.random.default_rng(seed)
        table = pd.DataFrame(random.normal(size=(400, 8)), columns=[f"x{i}" for i in range(8)])
        table["customer_id"] = [f"C{i:04d}" for i in random.integers(0, 80, 400)]
        table["kind"] = random.choice(["a", "b", "c"], 400)
        n_found += CODE in codes(_found_in(tmp_path, table))
    assert n_found <= 1


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


def test_a_short_word_that_is_seldom_written_in_the_other_case(tmp_path):
    # the sex of a newcomer's table: m 172 times, f 116 times, F 12 times
    sql = "SELECT CASE WHEN i < 172 THEN 'm' WHEN i < 288 THEN 'f' ELSE 'F' END AS sex FROM range(300) t(i)"
    finding = only(find(tmp_path, sql), "mixed-spellings")
    assert finding.sentence == "1 value of “sex” is written in several ways: “f” (116) = “F” (12)."
    assert (finding.figure, finding.rows) == (12, (("sex", "one-of", "f; F"),))


@pytest.mark.parametrize(
    "words", [["a", "A"], ["A+", "A+", "A+", "A+", "A+", "A+", "A-"], ["a1", "b1", "B1"]]
)
def test_short_words_that_may_be_two_things(tmp_path, words):
    found = find(tmp_path, f"SELECT {words}[1 + i % {len(words)}] AS v FROM range(70) t(i)")
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
    ("name", "kind"),
    [
        *((name, "category") for name in ("zip_code", "customerId", "no", "Order No.", "id2")),
        *((name, "") for name in ("status", "NO2(GT)", "NO3", "PT08.S4(NO2)", "NOx(GT)")),
    ],
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


def test_a_total_says_which_columns_are_text_because_of_it(tmp_path):
    """An attendance list had a warning for each of nine columns, and none said that the totals were why."""
    words = ", ".join(f"['true', 'false'][1 + i % 2] AS p{k}" for k in range(3))
    rows = f"SELECT 'day ' || i AS day, {words} FROM range(1, 9) t(i) UNION ALL SELECT 'Total', '4', '4', '4'"
    told = {"almost": "boolean", "n_unreadable": 1, "unreadable": ((12, "4"),)}
    elsewhere = {**told, "unreadable": ((5, "later"),)}
    finding = only(find(tmp_path, rows, p0=told, p1=elsewhere, p2=told), "total-row")
    assert finding.sentence == (
        "The last row (row 9) looks like a total: it begins with “Total”. "
        "Without it 2 columns would not be text: p0, p2."
    )


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


MARGIN = (
    "SELECT CASE WHEN i % 3 = 0 THEN (1 + i / 50.0)::DECIMAL(9, 1) || 'k' ELSE (i % 90 - 45) || '.25' END "
    "AS margin, i % 7 AS x FROM range(300) t(i)"
)


def test_numbers_with_an_ending_are_said_to_be_the_large_ones(tmp_path):
    """As missing cells they would leave out all that is 1,000 or more."""
    told = {"almost": "number", "n_unreadable": 100, "unreadable": ((2, "1.0k"),)}
    finding = only(find(tmp_path, MARGIN, {"margin": "text"}, margin=told), "almost-kind")
    assert finding.sentence.endswith(
        "such as “1.0k” (line 2). All of them end in “k”; if that means thousand, all of them are 1,000 or "
        "more in size: as missing they would leave the largest values out (half of the others are below 23.2 "
        "in size)."
    )
    assert finding.button == "Read as number, without those cells"
    assert "leaves them out" in finding.remedy


@pytest.mark.parametrize(
    ("changed", "ending"),
    [
        ("replace(margin, 'k', ' %')", "All of them end in “%”."),
        ("replace(margin, 'k', ' Mio')", "if that means million"),
        ("CASE WHEN x = 3 AND margin LIKE '%k' THEN 'later' ELSE margin END", "such as “1.0k” (line 2)."),
        ("replace(margin, 'k', ' or so')", "such as “1.0k” (line 2)."),
    ],
)
def test_only_an_ending_that_all_share_is_told(tmp_path, changed, ending):
    told = {"almost": "number", "n_unreadable": 100, "unreadable": ((2, "1.0k"),)}
    sql = f"SELECT {changed} AS margin, x FROM ({MARGIN})"
    finding = only(find(tmp_path, sql, {"margin": "text"}, margin=told), "almost-kind")
    assert ending in finding.sentence
    assert ("All of them end" in finding.sentence) == ("such as" not in ending)


@pytest.mark.parametrize("unit", ["", "%"])
def test_an_ending_of_the_cells_that_can_be_read_is_not_said_of_the_others(tmp_path, unit):
    """Cells such as 34 % are numbers of a column with that unit; the words among them are what is not."""
    sql = "SELECT CASE WHEN i < 60 THEN 'too low' ELSE i % 90 || ' %' END AS v, i AS x FROM range(260) t(i)"
    told = {"almost": "number", "almost_unit": unit, "n_unreadable": 60, "unreadable": ((2, "too low"),)}
    finding = only(find(tmp_path, sql, {"v": "text"}, v=told), "almost-kind")
    assert finding.sentence.endswith("but 60 are not, such as “too low” (line 2).")
    assert finding.remedy.startswith("Change its kind to number")


def test_as_many_endings_as_words_in_a_column_with_a_unit_are_not_mixed_up(tmp_path):
    sql = "SELECT CASE WHEN i < 60 THEN 'too low' ELSE i % 90 || ' %' END AS v, i AS x FROM range(120) t(i)"
    told = {"almost": "number", "almost_unit": "%", "n_unreadable": 60, "unreadable": ((2, "too low"),)}
    finding = only(find(tmp_path, sql, {"v": "text"}, v=told), "almost-kind")
    assert "All of them end" not in finding.sentence


@pytest.mark.parametrize(
    ("number", "form"),
    [
        ("1000 + i % 90 || '.25'", ""),
        ("'1,0' || lpad((i % 90)::VARCHAR, 2, '0') || '.25'", "thousands comma"),
        ("'1 0' || lpad((i % 90)::VARCHAR, 2, '0') || '.25'", "thousands blank"),
        ("'1.0' || lpad((i % 90)::VARCHAR, 2, '0') || ',25'", "decimal comma"),
        ("1000 + i % 90 || ',25'", "decimal comma"),
    ],
)
def test_the_others_are_measured_as_the_column_writes_them(tmp_path, number, form):
    sql = (
        f"SELECT CASE WHEN i % 3 = 0 THEN 20 + i || 'k' ELSE ({number}) END AS v, i % 7 AS x "
        "FROM range(300) t(i)"
    )
    told = {"almost": "number", "almost_format": form, "n_unreadable": 100, "unreadable": ((2, "20k"),)}
    finding = only(find(tmp_path, sql, {"v": "text"}, v=told), "almost-kind")
    assert "all of them are 20,000 or more in size: as missing" in finding.sentence
    assert finding.sentence.endswith("(half of the others are below 1,040 in size).")


@pytest.mark.parametrize(
    ("n", "numbers", "said"),
    [
        (2, "i % 90", "They end in “k” or “K”; if that means thousand, the largest values are left out."),
        (2, "i * i", "became missing: “4.5k” (line 3), “-5K” (line 7)."),  # three quarters below 50,000
        (2, "20 * i", "They end in “k” or “K”; if that means thousand, large values are left out."),
        (9, "i % 90", "became missing: “4.5k” (line 3), “-5K” (line 7), …."),  # nothing is known of seven
    ],
)
def test_cells_that_became_missing_are_said_to_be_the_large_ones(tmp_path, n, numbers, said):
    told = {"n_unreadable": n, "unreadable": ((3, "4.5k"), (7, "-5K"))}
    finding = only(find(tmp_path, f"SELECT {numbers} AS n FROM range(300) t(i)", n=told), "unreadable-cells")
    assert finding.sentence.endswith(said)


def test_one_cell_that_became_missing_is_spoken_of_as_one(tmp_path):
    told = {"n_unreadable": 1, "unreadable": ((3, "4.5k"),)}
    finding = only(find(tmp_path, "SELECT i % 90 AS n FROM range(300) t(i)", n=told), "unreadable-cells")
    assert finding.sentence.endswith("It ends in “k”; if that means thousand, the largest value is left out.")


def test_a_spelling_that_is_no_number_in_many_columns_is_told_once(tmp_path):
    """NASA writes *** for months to come: eight columns had a warning each."""
    told = {"n_unreadable": 1, "unreadable": ((146, "***"),), "n_missing": 1}
    twice = {"n_unreadable": 2, "unreadable": ((3, "***"), (146, "***")), "n_missing": 2}
    columns = ", ".join(f"i % {7 + k} AS m{k}" for k in range(9))
    changes = {f"m{k}": told for k in range(7)} | {"m1": twice}
    other = {"m8": {"n_unreadable": 1, "unreadable": ((5, "x"),), "n_missing": 1}}
    found = find(tmp_path, f"SELECT {columns} FROM range(150) t(i)", **changes, **other)
    several, one = (finding for finding in found if finding.code == "unreadable-cells")
    assert several.sentence == (
        "8 cells of 7 columns are no number and became missing: “***” in “m0” (line 146), “m1” (lines 3 and "
        "146), “m2” (line 146), “m3” (line 146), “m4” (line 146), “m5” (line 146) and 1 more."
    )
    assert (several.columns, several.figure) == (tuple(f"m{k}" for k in range(7)), 8)
    assert one.sentence == "1 cell of “m8” is no number and became missing: “x” (line 5)."


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
