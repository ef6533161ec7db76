"""Of very many rows quantiles and numbers of different values are estimates, and said to be."""

import math

import numpy as np
import pandas as pd
import pytest

from beanft.engine.charts import samples
from beanft.engine.summaries import measures, table
from beanft.engine.summaries.summarised import Summarised
from beanft.engine.summaries.summary import Measure, Summary, usual_summary
from beanft.engine.summaries.table import summarise
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.queries.conditions import Filter
from engine.charts.conftest import profile_of, write

WANTED = Summary(
    by=("a",),
    measures=(
        Measure(what="median", column="n"),
        Measure(what="q75", column="n"),
        Measure(what="distinct", column="n"),
        Measure(what="mean", column="n"),
    ),
)


@pytest.fixture
def frame(monkeypatch) -> pd.DataFrame:
    """A table that counts as large, with one small group."""
    monkeypatch.setattr(samples, "_EXACT_ROWS", 1000)
    monkeypatch.setattr(samples, "_SAMPLED_ROWS", 2000)
    monkeypatch.setattr(measures, "_EXACT_ROWS", 1000)
    draw = np.random.default_rng(2)
    groups = np.where(np.arange(20_000) < 30, "small", draw.choice(["x", "y"], 20_000))
    return pd.DataFrame({"a": groups, "n": draw.normal(100, 10, 20_000)})


def ask(folder, frame: pd.DataFrame, *filters: Filter) -> Summarised:
    write(frame, folder / "table.parquet")
    return summarise(folder / "table.parquet", profile_of(frame), WANTED, filters=filters)


def is_near(found: Summarised, frame: pd.DataFrame, within: float) -> bool:
    wanted = frame.groupby("a")["n"].agg(["median", lambda some: some.quantile(0.75), "nunique", "mean"])
    return all(
        math.isclose(got, exact, rel_tol=0.2 if at == 2 else within)
        for row in found.rows
        for at, (got, exact) in enumerate(zip(row[2:6], wanted.loc[row[0]], strict=True))
    )


def test_a_sample_gives_quantiles_where_every_group_has_enough_of_it(tmp_path, frame):
    large = frame[frame["a"] != "small"]
    found = ask(tmp_path, large)
    assert is_near(found, large, 0.02)
    assert not is_near(found, large, 1e-9), "these are estimates"
    assert found == ask(tmp_path, large), "the same every time"
    assert (
        "Medians and quantiles are about right: they come from an even sample of the rows, "
        "the same every time." in found.notes
    )
    assert "Numbers of different values are estimates, within a few per cent." in found.notes


def test_small_groups_are_given_their_due_by_all_rows(tmp_path, frame):
    found = ask(tmp_path, frame)
    assert is_near(found, frame, 0.02)
    assert "Medians and quantiles are about right: they come from a digest of all rows." in found.notes


def test_of_many_groups_quantiles_are_exact(tmp_path, frame, monkeypatch):
    monkeypatch.setattr(table, "_DIGESTS_MOST", 2)
    found = ask(tmp_path, frame)
    exact = frame.groupby("a")["n"].median()
    assert all(math.isclose(row[2], exact[row[0]], rel_tol=1e-12) for row in found.rows)
    assert not any("about right" in note for note in found.notes)


def test_few_rows_that_pass_the_filters_are_measured_exactly(tmp_path, frame):
    found = ask(tmp_path, frame, Filter("a", "equals", "small"))
    small = frame[frame["a"] == "small"]["n"]
    assert math.isclose(found.rows[0][2], small.median(), rel_tol=1e-12)
    assert found.rows[0][4] == 30
    assert not any("estimate" in note for note in found.notes)


def column(name: str, kind: str, n_distinct: int, stored: str = "VARCHAR", role: str = "") -> Column:
    return Column(name=name, kind=kind, stored=stored, n_missing=0, n_distinct=n_distinct, role=role)


@pytest.mark.parametrize(
    ("columns", "by", "of"),
    [
        ((column("t", "text", 9), column("n", "number", 80, "DOUBLE"), column("c", "category", 3)), "c", "n"),
        ((column("wide", "category", 900), column("b", "boolean", 2, "BOOLEAN")), "b", None),
        ((column("c", "category", 3, role="ignore"), column("d", "date", 80, "DATE")), "d", None),
        ((column("n", "number", 80, "DOUBLE"), column("m", "number", 80, "DOUBLE")), "n", "m"),
        ((column("id", "identifier", 999), column("k", "constant", 1)), None, None),
    ],
)
def test_the_usual_summary_is_worth_seeing(columns, by, of):
    found = usual_summary(Profile(n_rows=999, columns=columns))
    assert (found.by[0] if found else None) == by
    assert (found.measures[0].column if found and found.measures else None) == of
