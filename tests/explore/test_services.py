"""Rows and figures of a dataset, without HTTP; pandas is the reference for filters and sorts."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from beanft.engine.tables.columns import Profile
from beanft.engine.tables.queries.conditions import Filter
from beanft.engine.tables.queries.pages import Sort
from beanft.explore import services
from beanft.models import User, Version
from factories import make_dataset

pytestmark = pytest.mark.usefixtures("context")

CSV = "price,place,day\n" + "".join(
    f"{'' if n % 7 == 0 else n * 37 % 101},{['north', 'south', 'east'][n % 3]},2024-01-{n % 28 + 1:02d}\n"
    for n in range(120)
)


@pytest.fixture
def version(alice: User) -> Version:
    return make_dataset(alice, csv=CSV).latest


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.read_csv(io.StringIO(CSV))


def numbers(version: Version, **question: object) -> list[int]:
    """All row numbers of an answer, page by page, in order."""
    found, number = [], 1
    while True:
        answer = services.find_rows(version=version, number=number, per=25, **question)
        assert answer.page is not None, answer.error
        found += answer.page.row_numbers
        if number == answer.n_pages:
            return found
        number += 1


def rows_of(frame: pd.DataFrame) -> list[int]:
    return [index + 1 for index in frame.index]


def test_all_rows_come_once_in_the_order_of_the_file(version: Version, frame: pd.DataFrame) -> None:
    assert numbers(version) == rows_of(frame)


@pytest.mark.parametrize("descending", [False, True])
def test_a_sort_equals_pandas(version: Version, frame: pd.DataFrame, descending: bool) -> None:
    expected = frame.sort_values("price", ascending=not descending, kind="stable", na_position="last")
    assert numbers(version, sorts=[Sort("price", descending)]) == rows_of(expected)


def test_two_sorts_equal_pandas(version: Version, frame: pd.DataFrame) -> None:
    expected = frame.sort_values(
        ["place", "price"], ascending=[True, False], kind="stable", na_position="last"
    )
    assert numbers(version, sorts=[Sort("place"), Sort("price", True)]) == rows_of(expected)


def test_filters_equal_pandas(version: Version, frame: pd.DataFrame) -> None:
    filters = [Filter("price", "at-least", "40"), Filter("place", "not-equals", "north")]
    expected = frame[(frame["price"] >= 40) & (frame["place"] != "north")]
    assert numbers(version, filters=filters) == rows_of(expected)


def test_missing_values_can_be_looked_for(version: Version, frame: pd.DataFrame) -> None:
    assert numbers(version, filters=[Filter("price", "is-missing")]) == rows_of(frame[frame["price"].isna()])


def test_a_page_beyond_the_end_is_the_last_one(version: Version) -> None:
    for number in (4, 10**30):
        answer = services.find_rows(version=version, number=number, per=50)
        assert (answer.number, answer.n_pages) == (3, 3)
        assert answer.page is not None
        assert len(answer.page.rows) == 20


def test_a_page_beyond_the_matching_rows_is_the_last_one(version: Version) -> None:
    filters = [Filter("place", "equals", "east")]
    answer = services.find_rows(version=version, filters=filters, number=3, per=25)
    assert (answer.number, answer.n_pages) == (2, 2)
    assert answer.page is not None
    assert len(answer.page.rows) == 15  # 40 rows lie in the east


def test_no_match_is_an_empty_page(version: Version) -> None:
    answer = services.find_rows(version=version, filters=[Filter("price", "more-than", "1000")])
    assert answer.page is not None
    assert (answer.page.rows, answer.page.n_matching, answer.page.n_rows) == ((), 0, 120)


@pytest.mark.parametrize(
    "question",
    [
        {"filters": [Filter("price", "at-least", "much")]},
        {"filters": [Filter("price", "contains", "1")]},
        {"filters": [Filter("nothing", "equals", "1")]},
        {"filters": [Filter("place", "; drop table", "1")]},
        {"sorts": [Sort("nothing")]},
    ],
)
def test_a_question_that_cannot_be_asked_gives_a_sentence(
    version: Version, question: dict[str, object]
) -> None:
    answer = services.find_rows(version=version, **question)
    assert answer.page is None
    assert answer.error.endswith(".")


def test_wide_tables_are_shown_in_parts(alice: User) -> None:
    names = [f"c{n}" for n in range(150)]
    csv = ",".join(names) + "\n" + ",".join("1" for _ in names) + "\n" + ",".join("2" for _ in names) + "\n"
    version = make_dataset(alice, csv=csv).latest
    first = services.find_rows(version=version)
    second = services.find_rows(version=version, columns=names[100:])
    assert first.page is not None
    assert second.page is not None
    assert first.page.columns == tuple(names[:100])
    assert second.page.columns == tuple(names[100:])


def test_figures_of_the_profile(version: Version) -> None:
    assert services.share_missing(version) == pytest.approx(18 / 360)  # 18 of 120 prices are missing
    assert services.count_kinds(version) == {"category": 1, "date": 1, "number": 1}


def test_how_a_file_was_read_is_said_in_one_sentence() -> None:
    column = {"name": "a", "kind": "number", "stored": "DOUBLE", "n_missing": 0, "n_distinct": 2}
    day = {**column, "name": "b", "kind": "date", "stored": "DATE", "format": "%d.%m.%Y"}
    profile = Profile.from_dict(
        {"n_rows": 2, "delimiter": ";", "columns": [{**column, "format": "decimal comma"}, day]}
    )
    assert services.how_read(profile) == (
        "Read as CSV, UTF-8, semicolons between cells, a header, "
        "dates like 31.12.2024 (day.month.year), numbers like 1.234,5 (decimal comma)."
    )
