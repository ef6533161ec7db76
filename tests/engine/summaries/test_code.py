"""The lines of pandas of a summary give its table: the same header, the same rows in the same order."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from beanft.engine.summaries import table as summaries
from beanft.engine.summaries.code import summary_lines
from beanft.engine.summaries.summary import MEASURES, Measure, Summary
from beanft.engine.summaries.table import summarise
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.queries.conditions import Filter
from beanft.engine.tables.queries.pages import page
from engine.charts.conftest import profile_of, write


def full_profile(frame: pd.DataFrame) -> Profile:
    """With the ends of numbers, which bins need, and the spans of dates, which units need."""
    found = []
    for column in profile_of(frame).columns:
        values = frame[column.name].dropna()
        more: dict[str, Any] = {}
        if column.stored in ("BIGINT", "DOUBLE"):
            finite = values[np.isfinite(values)]
            more = {"minimum": float(finite.min()), "maximum": float(finite.max())} if len(finite) else {}
        if column.stored == "TIMESTAMP" and len(values):
            seconds = (values - pd.Timestamp(0)) / pd.Timedelta(seconds=1)
            more = {"edges": (float(seconds.min()), float(seconds.max()))}
        if column.stored == "BOOLEAN":
            more = {"labels": ("nein", "ja")}
        found.append(column.__class__.from_dict({**column.__dict__, **more}))
    return Profile(n_rows=len(frame), columns=tuple(found))


def check(folder: Path, frame: pd.DataFrame, *filters: Filter, **summary: Any) -> None:
    """The lines give the table; and the link of every group gives as many rows as it says."""
    path = folder / "table.parquet"
    write(frame, path)
    profile = full_profile(frame)
    found = summarise(path, profile, Summary(**summary), filters=filters)
    names: dict[str, Any] = {}
    exec(summary_lines(profile, found, file_name=str(path), filters=filters), names)
    numbers = names["numbers"]
    assert list(numbers.columns) == list(found.header)
    assert len(numbers) == len(found.rows)
    for got, wanted in zip(numbers.itertuples(index=False, name=None), found.rows, strict=True):
        assert [one for one in zip(got, wanted, strict=True) if not same(*one)] == []
    counts = [one.place for one in found.figures if one.what == "rows"]
    for row, link in zip(found.rows, found.links, strict=True):
        assert link is not None
        n = page(path, profile, filters=(*filters, *link), limit=1).n_matching
        assert n == sum(row[place] for place in counts)


def same(got: Any, wanted: Any) -> bool:
    if wanted is None or pd.isna(got):
        return wanted is None and bool(pd.isna(got))
    if isinstance(wanted, float):
        return math.isclose(float(got), wanted, rel_tol=1e-9, abs_tol=1e-12)
    if wanted in ("inf", "-inf"):
        return str(float(got)) == wanted if not isinstance(got, str) else got == wanted
    return bool(got == wanted)


def measures(*pairs: tuple[str, str]) -> tuple[Measure, ...]:
    return tuple(Measure(what=what, column=column) for what, column in pairs)


@pytest.fixture
def frame() -> pd.DataFrame:
    draw = np.random.default_rng(5)
    price = np.where(draw.random(700) < 0.1, np.nan, draw.normal(50, 9, 700).round(3))
    price[:3] = [np.inf, -np.inf, np.inf]
    days = pd.Timestamp("1949-11-30") + pd.to_timedelta(draw.integers(0, 9000, 700), unit="D")
    at = pd.Series(days + pd.to_timedelta(draw.integers(0, 86_400, 700), unit="s"))
    at[::17] = pd.NaT
    paid = pd.Series(draw.choice([True, False], 700)).astype("boolean")
    paid[::9] = pd.NA
    return pd.DataFrame(
        {
            "town": draw.choice(["Ulm", "Bonn", "NA", "", None], 700),
            "price": price,
            "count": draw.integers(-500, 900, 700),
            "at": at,
            "paid": paid,
        }
    )


@pytest.mark.parametrize(
    "by", [("town",), ("town", "paid"), ("price",), ("count", "town"), ("paid",), ("at",), ("at", "price")]
)
def test_groups_of_every_kind(tmp_path, frame, by):
    check(tmp_path, frame, by=by, measures=measures(("mean", "price"), ("sum", "count")))


@pytest.mark.parametrize("unit", ["day", "week", "month", "quarter", "year", "hour", "minute"])
def test_dates_before_1970_by_every_unit(tmp_path, frame, unit):
    check(tmp_path, frame.head(250), by=("at",), bucket=unit, measures=measures(("max", "at")))


def test_centuries_are_put_together_by_decades(tmp_path):
    moments = pd.Timestamp("1821-05-05") + pd.to_timedelta(np.arange(0, 73_000, 500), unit="D")
    check(tmp_path, pd.DataFrame({"at": moments}), by=("at",))


@pytest.mark.parametrize("what", MEASURES)
def test_every_measure(tmp_path, frame, what):
    check(tmp_path, frame, by=("town",), measures=measures((what, "price"), (what, "count")))


def test_measures_of_other_columns(tmp_path, frame):
    pairs = [("min", "at"), ("max", "at"), ("distinct", "at"), ("distinct", "town"), ("missing", "paid")]
    check(tmp_path, frame, by=("paid",), measures=measures(*pairs))


@pytest.mark.parametrize("across", ["town", "paid", "price", "at"])
def test_crossed_tables_with_missing_keys(tmp_path, frame, across):
    by = ("town",) if across != "town" else ("paid", "count")
    few = frame.head(300)
    check(tmp_path, few, by=by, across=across, measures=measures(("mean", "price"), ("max", "count")))


@pytest.mark.parametrize("order", ["-mean of price", "rows", "-town", "town", "mean of price: 95 % from"])
def test_orders(tmp_path, frame, order):
    check(tmp_path, frame, by=("town", "paid"), measures=measures(("mean", "price")), order=order)


def test_filters_and_the_largest_groups(tmp_path, frame, monkeypatch):
    check(tmp_path, frame, Filter("town", "equals", "Ulm"), by=("count",))
    monkeypatch.setattr(summaries, "MOST_GROUPS", 7)
    check(tmp_path, frame, by=("town", "count"))


def test_small_and_empty_tables(tmp_path):
    for rows in (1, 2):
        frame = pd.DataFrame({"a": ["x"] * rows, "n": [1.5] * rows})
        check(tmp_path, frame, by=("a",), measures=measures(("mean", "n"), ("sd", "n")))
    lost = pd.DataFrame({"a": ["x", "y", None], "n": [np.nan] * 3})
    check(tmp_path, lost, by=("a", "n"), measures=measures(("mean", "n"), ("sum", "n"), ("distinct", "n")))


def test_huge_numbers_stay_exact(tmp_path):
    frame = pd.DataFrame({"a": [2**62, 2**62 + 1, -(2**63), 5], "x": [1e300, -1e300, 1e-300, 0.1]})
    check(tmp_path, frame, by=("a",), measures=measures(("max", "a"), ("distinct", "a"), ("min", "x")))
    check(tmp_path, frame, by=("x",))


HOSTILE = [
    'a"; drop table x--',
    "a]['b",
    "__import__('os')",
    "<script>alert(1)</script>",
    "-k0",
    "x" * 10_000,
]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_are_only_literals(tmp_path, name):
    frame = pd.DataFrame({name: [name, "b\n'", None, name], "rows": [1.0, 2.0, 4.0, np.nan]})
    check(tmp_path, frame, by=(name,), measures=measures(("sum", "rows")), order=f"-{name}")
    check(tmp_path, frame, by=("rows",), across=name, measures=measures(("distinct", name)))
