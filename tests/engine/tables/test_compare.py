"""What differs between two versions of a table."""

from __future__ import annotations

from typing import Any

from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.compare import WEIGHTS, compare


def column(name: str, kind: str = "number", stored: str = "BIGINT", **values: Any) -> Column:
    return Column(name=name, kind=kind, stored=stored, n_missing=0, n_distinct=2, **values)


def table(*columns: Column, n_rows: int = 3) -> Profile:
    return Profile(n_rows=n_rows, columns=columns)


def sentences(old: Profile, new: Profile, **arguments: Any) -> list[tuple[str, str]]:
    return [(change.weight, change.sentence) for change in compare(old, new, **arguments).changes]


A, B, C = column("a"), column("b", "text", "VARCHAR"), column("c", "date", "DATE", format="%d.%m.%Y")


def test_equal_tables_have_no_difference() -> None:
    found = compare(table(A, B, C), table(A, B, C))
    assert found.changes == ()
    assert found.summary == "The columns are the same, in the same order and of the same kinds."


def test_a_column_that_is_gone_breaks_what_used_it() -> None:
    assert sentences(table(A, B), table(A)) == [
        (
            "breaks",
            "1 column is gone: “b”. Charts and models that use it do not work with this version.",
        )
    ]


def test_new_columns_are_noted_the_first_ten_by_name() -> None:
    more = [column(f"x{number}") for number in range(12)]
    [(weight, sentence)] = sentences(table(A), table(A, *more))
    assert weight == "note"
    assert sentence.startswith("12 columns are new: “x0”, “x1”")
    assert sentence.endswith("“x9” and 2 more.")


def test_another_order_is_noted() -> None:
    [change] = compare(table(A, B, C), table(A, C, B)).changes
    assert (change.code, change.weight, change.columns) == ("moved", "note", ("b", "c"))


def test_a_column_before_the_others_moves_none() -> None:
    assert [change.code for change in compare(table(A, B), table(C, A, B)).changes] == ["added"]


def test_another_type_breaks_and_another_word_for_it_does_not() -> None:
    assert sentences(table(A), table(column("a", "text", "VARCHAR"))) == [
        (
            "breaks",
            "“a” was number and is text now. Charts and models that use it may not work with this version.",
        )
    ]
    assert sentences(table(B), table(column("b", "category", "VARCHAR"))) == [
        ("note", "“b” was text and is category now.")
    ]
    assert sentences(table(A), table(column("a", "number", "DOUBLE"))) == []


def test_numbers_that_became_categories_break() -> None:
    [change] = compare(table(A), table(column("a", "category", "BIGINT"))).changes
    assert change.weight == "breaks"


def test_another_form_is_noted_and_another_unit_breaks() -> None:
    other = column("c", "date", "DATE", format="%m/%d/%Y")
    assert [change.weight for change in compare(table(C), table(other)).changes] == ["note"]
    euro, dollar = column("a", unit="€"), column("a", unit="$")
    [change] = compare(table(euro), table(dollar)).changes
    assert (change.weight, change.code) == ("breaks", "form")
    assert change.sentence.startswith("“a” was in € and is in $ now.")
    zone = column("c", "date", "TIMESTAMP", format="%Y-%m-%d", unit="UTC")
    [change] = compare(table(column("c", "date", "TIMESTAMP", format="%Y-%m-%d")), table(zone)).changes
    assert change.weight == "note"
    assert change.sentence == (
        "Times of “c” were shown without a zone and are shown in UTC now; in both versions those that have a "
        "zone in the file are stored in UTC."
    )


def test_a_change_of_form_is_said_beside_that_of_the_zone() -> None:
    plain = column("c", "date", "TIMESTAMP", unit="UTC")
    german = column("c", "date", "TIMESTAMP", format="%d.%m.%Y %H:%M")
    [(weight, sentence)] = sentences(table(plain), table(german))
    assert weight == "note"
    assert sentence.startswith("Times of “c” were shown in UTC and are shown without a zone now; ")
    assert sentence.endswith(
        " “c” was written as usual and is written as %d.%m.%Y %H:%M now; the values are read alike."
    )


def test_the_zone_of_a_constant_breaks_nothing() -> None:
    one, other = (column("c", "constant", "TIMESTAMP", unit=unit) for unit in ("", "UTC"))
    assert [change.weight for change in compare(table(one), table(other)).changes] == ["note"]


def test_rows_are_compared_unless_only_a_sample_is_known() -> None:
    assert sentences(table(A, n_rows=1200), table(A, n_rows=1000)) == [
        ("note", "There were 1,200 rows, and there are 1,000 now (-200).")
    ]
    assert sentences(table(A, n_rows=1200), table(A, n_rows=1000), rows=False) == []


def test_what_breaks_comes_first_and_is_counted() -> None:
    found = compare(table(A, B, C), table(column("a", "text", "VARCHAR"), C, column("d")))
    weights = [change.weight for change in found.changes]
    assert weights == sorted(weights, key=WEIGHTS.index)
    assert found.n_breaking == 2
    assert found.summary == "2 differences can break charts and models made before."
