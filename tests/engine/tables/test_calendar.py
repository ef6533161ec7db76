"""Edges of histograms of dates."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from beanft.engine.tables.calendar import DAY, calendar_edges, civil


def days(first: str, last: str) -> list[str]:
    low, high = (datetime.fromisoformat(one).replace(tzinfo=UTC).timestamp() for one in (first, last))
    edges = calendar_edges(low, high, whole_days=True)
    return ["{:04d}-{:02d}-{:02d}".format(*civil(int(edge) // DAY)) for edge in edges]


def test_the_first_and_the_last_edge_are_those_of_the_data():
    edges = days("2024-01-01", "2025-08-22")
    assert (edges[0], edges[1], edges[-2], edges[-1]) == (
        "2024-01-01",
        "2024-02-01",
        "2025-08-01",
        "2025-08-23",
    )
    assert len(edges) == 21


@pytest.mark.parametrize(
    ("first", "last", "second"),
    [
        ("2024-02-27", "2024-03-01", "2024-02-28"),
        ("2024-05-01", "2024-08-01", "2024-05-06"),  # a Monday
        ("2021-11-05", "2025-11-05", "2022-01-01"),
        ("1990-06-01", "2025-06-01", "1992-01-01"),
        ("0001-01-01", "9999-12-31", "0500-01-01"),
    ],
)
def test_edges_are_days_mondays_months_or_years(first: str, last: str, second: str):
    edges = days(first, last)
    assert edges[1] == second
    assert len(edges) <= 25


def test_one_day_and_one_moment_have_one_bin():
    assert days("2024-02-29", "2024-02-29") == ["2024-02-29", "2024-03-01"]
    assert calendar_edges(7.5, 7.5, whole_days=False) == (7.5, 8.5)


@pytest.mark.parametrize("span", [1e-3, 1, 59.5, 3600, 86_400, 1e6, 1e8, 1e10, 1e12, 1.8e13])
def test_any_span_is_covered(span: float):
    for low in (-9e12, -1.5, 0.0, 1.7e9):
        edges = calendar_edges(low, low + span, whole_days=False)
        assert (edges[0], 2 <= len(edges) <= 25) == (low, True)
        assert edges[-1] >= low + span
        assert list(edges) == sorted(set(edges))


def test_a_span_that_is_not_finite_has_none():
    assert calendar_edges(-1e308, 1e308 * 10, whole_days=False) == ()


def test_the_calendar_is_that_of_python():
    for day in np.random.default_rng(0).integers(-719_162, 2_932_896, 200):
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=int(day))
        assert civil(int(day)) == (moment.year, moment.month, moment.day)
