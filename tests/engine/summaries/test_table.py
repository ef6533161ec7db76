"""Summaries: the same figures as pandas, whatever the values; no row is lost and no figure made up."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from beanft.engine.charts.aggregates import with_interval
from beanft.engine.errors import EngineError
from beanft.engine.summaries import table as summaries
from beanft.engine.summaries.summarised import Summarised
from beanft.engine.summaries.summary import Measure, Summary
from beanft.engine.summaries.table import summarise
from beanft.engine.tables.queries.conditions import Filter
from engine.charts.conftest import profile_of, write


def ask(folder: Path, frame: pd.DataFrame, *filters: Filter, **summary: Any) -> Summarised:
    write(frame, folder / "table.parquet")
    return summarise(folder / "table.parquet", profile_of(frame), Summary(**summary), filters=filters)


def measures(*pairs: tuple[str, str]) -> tuple[Measure, ...]:
    return tuple(Measure(what=what, column=column) for what, column in pairs)


@pytest.fixture
def frame() -> pd.DataFrame:
    draw = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "town": draw.choice(["Ulm", "Bonn", "Kiel", None], 900),
            "size": draw.choice(["s", "m", "l"], 900),
            "price": np.where(draw.random(900) < 0.1, np.nan, draw.normal(50, 9, 900)),
            "count": draw.integers(-5, 9, 900),
        }
    )


ALL = ("mean", "median", "sum", "min", "max", "sd", "q25", "q75", "distinct", "missing")
PANDAS = {
    "mean": "mean",
    "median": "median",
    "sum": lambda some: some.sum(min_count=1),
    "min": "min",
    "max": "max",
    "sd": "std",
    "q25": lambda some: some.quantile(0.25),
    "q75": lambda some: some.quantile(0.75),
    "distinct": "nunique",
    "missing": lambda some: some.isna().sum(),
}


def same(found: object, wanted: float) -> bool:
    return found is None if pd.isna(wanted) else math.isclose(float(found), wanted, rel_tol=1e-9)


@pytest.mark.parametrize("what", ALL)
@pytest.mark.parametrize("column", ["price", "count"])
def test_each_measure_equals_pandas(tmp_path, frame, what, column):
    found = ask(tmp_path, frame, by=("town", "size"), measures=measures((what, column)))
    named = frame.assign(town=frame["town"].fillna("none"))
    wanted = named.groupby(["town", "size"])[column].agg(PANDAS[what])
    sizes = named.groupby(["town", "size"]).size()
    assert len(found.rows) == len(wanted)
    for town, size, n, value, *_ in found.rows:
        key = (town or "none", size)
        assert n == sizes[key]
        assert same(value, wanted[key])


def test_means_carry_their_interval(tmp_path, frame):
    found = ask(tmp_path, frame, by=("size",), measures=measures(("mean", "price")))
    head = "mean of price"
    assert found.header == ("size", "rows", head, f"{head}: 95 % from", f"{head}: 95 % to", "values of price")
    large = frame[frame["size"] == "l"]["price"]
    value, low, high, _ = with_interval((large.mean(), large.std(), large.count()))
    row = next(row for row in found.rows if row[0] == "l")
    assert row[2:] == pytest.approx((value, low, high, large.count()))


def test_rows_without_a_value_are_a_group_of_their_own_and_said(tmp_path, frame):
    found = ask(tmp_path, frame, by=("town",))
    assert [row[0] for row in found.rows] == ["Bonn", "Kiel", "Ulm", None]
    assert sum(row[1] for row in found.rows) == found.n_rows == 900
    assert found.notes == ("Rows without “town” are a group of their own, named “missing”.",)


def test_crossed_groups_that_never_meet_have_no_rows(tmp_path):
    frame = pd.DataFrame({"a": ["x", "x", "y"], "b": ["p", "q", "p"], "n": [1.0, 2.0, 4.0]})
    found = ask(tmp_path, frame, by=("a",), across="b", measures=measures(("sum", "n")))
    assert found.header == ("a", "p: rows", "p: sum of n", "q: rows", "q: sum of n")
    assert found.rows == (("x", 1, 1.0, 1, 2.0), ("y", 1, 4.0, 0, None))


def test_numbers_of_many_values_are_put_into_round_bins_in_their_order(tmp_path):
    frame = pd.DataFrame({"n": np.arange(0, 1000, 0.5)})
    profile = profile_of(frame)
    low, high = 0.0, 999.5
    column = profile.columns[0].__class__.from_dict(
        {**profile.columns[0].__dict__, "minimum": low, "maximum": high}
    )
    write(frame, tmp_path / "table.parquet")
    found = summarise(
        tmp_path / "table.parquet", profile.__class__(n_rows=2000, columns=(column,)), Summary(by=("n",))
    )
    assert [row[0] for row in found.rows[:3]] == ["0 to 50", "50 to 100", "100 to 150"]
    assert {row[1] for row in found.rows} == {100}


def test_dates_are_put_together_by_the_wished_unit(tmp_path):
    moments = pd.to_datetime(
        ["1950-01-31 23:59", "1950-02-01", "1969-12-31 12:00", None, "2024-02-29"], format="mixed"
    )
    found = ask(tmp_path, pd.DataFrame({"at": moments}), by=("at",), bucket="month")
    assert found.header == ("at (month)", "rows")
    assert found.rows == (
        ("1950-01-01", 1),
        ("1950-02-01", 1),
        ("1969-12-01", 1),
        ("2024-02-01", 1),
        (None, 1),
    )


def test_infinities_are_in_no_figure(tmp_path):
    frame = pd.DataFrame({"a": ["x"] * 4, "n": [1.0, np.inf, -np.inf, 3.0]})
    found = ask(tmp_path, frame, by=("a",), measures=measures(("sum", "n"), ("max", "n"), ("median", "n")))
    assert found.rows == (("x", 4, 4.0, 3.0, 2.0, 2),)


def test_filters_choose_the_rows(tmp_path, frame):
    found = ask(tmp_path, frame, Filter("town", "equals", "Ulm"), by=("town",))
    assert found.rows == (("Ulm", int((frame["town"] == "Ulm").sum())),)
    nothing = ask(tmp_path, frame, Filter("town", "equals", "Rom"), by=("town",))
    assert (nothing.rows, nothing.n_groups, nothing.n_rows) == ((), 0, 0)


def test_order_by_a_figure_puts_groups_without_it_last(tmp_path):
    frame = pd.DataFrame({"a": ["x", "y", "z"], "n": [1.0, np.nan, 5.0]})
    found = ask(tmp_path, frame, by=("a",), measures=measures(("sum", "n")), order="-sum of n")
    assert [row[0] for row in found.rows] == ["z", "x", "y"]


def test_an_order_by_a_column_that_is_gone_is_said_and_not_an_error(tmp_path):
    found = ask(tmp_path, pd.DataFrame({"a": ["y", "x"]}), by=("a",), order="-sum of n")
    assert found.rows == (("x", 1), ("y", 1))
    assert found.notes == ("There is no column “sum of n” to order by: the groups are in their own order.",)


def test_beyond_the_limit_the_largest_groups_stay_and_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(summaries, "MOST_GROUPS", 2)
    frame = pd.DataFrame({"a": ["x"] * 3 + ["y"] * 2 + ["z"]})
    found = ask(tmp_path, frame, by=("a",))
    assert found.rows == (("x", 3), ("y", 2))
    assert (found.n_groups, found.n_rows, found.is_whole) == (3, 6, False)
    assert found.notes[0].startswith("There are 3 groups; the 2 largest are kept.")


def test_few_rows_are_said(tmp_path):
    frame = pd.DataFrame({"a": ["x"] * 4 + ["y"] * 5, "n": range(9)})
    found = ask(tmp_path, frame, by=("a",), measures=measures(("sum", "n")))
    assert "1 group has fewer than 5 rows: their figures say little." in found.notes


HOSTILE = ['a"; drop table x--', "a]['b", "__import__('os')", "<script>alert(1)</script>", "x" * 10_000]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_and_values_are_only_text(tmp_path, name):
    frame = pd.DataFrame({name: [name, name, "b"], "n": [1.0, 2.0, 4.0]})
    found = ask(tmp_path, frame, by=(name,), measures=measures(("sum", "n"), ("distinct", name)))
    assert sorted(found.rows) == sorted([(name, 2, 3.0, 1), ("b", 1, 4.0, 1)])
    crossed = ask(tmp_path, frame, by=("n",), across=name)
    assert crossed.header[1:] == ("b: rows", f"{name}: rows") or crossed.header[1:] == (
        f"{name}: rows",
        "b: rows",
    )


@pytest.mark.parametrize(
    ("summary", "sentence"),
    [
        ({"by": ()}, "Choose at least one column that rows are put together by."),
        ({"by": ("a", "a")}, "A column can put rows together only once. Leave out the second one."),
        (
            {"by": ("a",), "across": "a"},
            "A column can put rows together only once. Leave out the second one.",
        ),
        ({"by": ("zz",)}, "The table has no column “zz”."),
        ({"by": ("a",), "measures": measures(("mean", "a"))}, "The mean needs numbers, but “a” holds none."),
        ({"by": ("a",), "measures": measures(("mode", "n"))}, "There is no measure “mode”."),
        ({"by": ("a",), "bucket": "fortnight"}, "There is no unit of time “fortnight”."),
        ({"by": ("n",), "across": "a"}, "“a” has 31 values; at most 30 can become columns."),
    ],
)
def test_what_cannot_be_made_is_refused_in_words(tmp_path, summary, sentence):
    frame = pd.DataFrame({"a": [f"v{n}" for n in range(31)], "n": range(31)})
    with pytest.raises(EngineError, match=sentence.replace("?", r"\?")):
        ask(tmp_path, frame, **summary)


def test_a_summary_survives_the_way_through_json():
    summary = Summary(
        by=("a", "b"), across="c", measures=measures(("mean", "n")), bucket="day", order="-rows"
    )
    assert Summary.from_dict(summary.to_dict()) == summary
    for odd in ({}, {"by": 3, "measures": []}, {"by": ["a"], "measures": [7]}):
        with pytest.raises(EngineError, match="This is no summary"):
            Summary.from_dict(odd)


def test_a_crossed_table_leaves_no_cell_out(tmp_path, monkeypatch):
    monkeypatch.setattr(summaries, "MOST_GROUPS", 2)
    frame = pd.DataFrame({"a": ["x", "x", "y"], "b": ["p", "q", "p"]})
    with pytest.raises(EngineError, match="The table would have 3 cells; at most 2 can be shown"):
        ask(tmp_path, frame, by=("a",), across="b")


@pytest.mark.parametrize(
    "last", ["infinity", "9999-12-31T23:59:59.999999"]
)  # as old profiles write it, and new
def test_the_missing_group_of_dates_with_endless_ones_is_said_and_leads_nowhere(tmp_path, last):
    frame = pd.DataFrame({"at": pd.to_datetime(["2024-01-05", None])})
    write(frame, tmp_path / "table.parquet")
    column = profile_of(frame).columns[0]
    endless = column.__class__.from_dict({**column.__dict__, "maximum": last})
    profile = profile_of(frame).__class__(n_rows=2, columns=(endless,))
    found = summarise(tmp_path / "table.parquet", profile, Summary(by=("at",), bucket="year"))
    assert found.rows == (("2024-01-01", 1), (None, 1))
    assert found.links[1] is None
    assert found.notes == (
        "Rows without “at” or with an infinite one are a group of their own, named “missing”.",
    )


def test_a_crossed_table_of_too_many_figures_is_refused(tmp_path):
    frame = pd.DataFrame({"a": [f"v{n}" for n in range(9_000)], "b": [f"w{n % 30}" for n in range(9_000)]})
    with pytest.raises(
        EngineError, match="The table would have 270,000 figures; at most 200,000 can be shown"
    ):
        ask(tmp_path, frame, by=("a",), across="b")
