"""Values behind the figures: counted where rows have none, so that few values are marked and not few rows."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from beanft.engine.summaries.code import summary_lines
from beanft.engine.summaries.summarised import Summarised
from beanft.engine.summaries.summary import Measure, Summary
from beanft.engine.summaries.table import summarise
from beanft.explore.summaries.services import is_few
from engine.charts.conftest import profile_of, write


@pytest.fixture
def frame() -> pd.DataFrame:
    """A hundred rows of each town, of which Bonn has three prices, one of them infinite, and Rom one."""
    t = pd.DataFrame({"town": ["Ulm", "Bonn", "Rom"] * 100, "kind": ["a", "b"] * 150})
    t["price"] = np.random.default_rng(1).normal(50, 9, 300)
    t.loc[(t.town == "Bonn") & (t.index > 8), "price"] = np.nan
    t.loc[1, "price"] = np.inf
    t.loc[(t.town == "Rom") & (t.index != 5), "price"] = np.nan
    t["count"] = np.arange(300)
    return t


def ask(folder: Path, t: pd.DataFrame, **summary: Any) -> tuple[Summarised, pd.DataFrame]:
    """The summary, and what its own lines give."""
    path = folder / "table.parquet"
    write(t, path)
    found = summarise(path, profile_of(t), Summary(**summary))
    names: dict[str, Any] = {}
    exec(summary_lines(profile_of(t), found, file_name=str(path)), names)
    return found, names["numbers"]


MEASURES = (Measure(what="missing", column="price"), Measure(what="mean", column="price"),
            Measure(what="sd", column="price"), Measure(what="max", column="count"))  # fmt: skip


def test_the_values_behind_figures_are_counted_once_a_column(tmp_path, frame):
    found, lines = ask(tmp_path, frame, by=("town",), measures=MEASURES)
    assert found.header[-1] == "values of price"
    assert [name for name in found.header if name.startswith("values of")] == ["values of price"]
    wanted = frame.replace(np.inf, np.nan).groupby("town").price.count()
    assert {row[0]: row[-1] for row in found.rows} == wanted.to_dict() == {"Bonn": 2, "Rom": 1, "Ulm": 100}
    assert list(lines.columns) == list(found.header)
    assert lines["values of price"].tolist() == [row[-1] for row in found.rows]


def test_few_values_are_marked_whatever_the_rows(tmp_path, frame):
    found, _ = ask(tmp_path, frame, by=("town",), measures=MEASURES)
    rows = {row[0]: row for row in found.rows}
    few = {one.what: [is_few(one, rows[town]) for town in ("Bonn", "Rom", "Ulm")] for one in found.figures}
    assert few["mean"] == few["sd"] == few["values"]
    assert few["mean"] == [True, True, False]
    assert few["rows"] == few["missing"] == few["max"] == [False] * 3
    said = " ".join(found.notes)
    assert "In 2 groups of more rows, a figure comes from fewer than 5 values and says little." in said
    assert "a mean of one value has none" in said
    assert "fewer than 5 rows" not in said


def test_crossed_values_are_counted_in_each_cell(tmp_path, frame):
    found, lines = ask(tmp_path, frame, by=("town",), across="kind", measures=MEASURES)
    wanted = frame.replace(np.inf, np.nan).groupby(["town", "kind"]).price.count()
    places = {found.across[one.across]: one.place for one in found.figures if one.what == "values"}
    for row in found.rows:
        for kind, place in places.items():
            assert found.header[place] == f"{kind}: values of price"
            assert row[place] == wanted[row[0], kind]
    means = [one for one in found.figures if one.what == "mean"]
    assert [one.rows_place for one in means] == list(places.values())
    assert list(lines.columns) == list(found.header)
    assert lines.iloc[:, list(places.values())].to_numpy().tolist() == [
        [row[place] for place in places.values()] for row in found.rows
    ]


def test_columns_without_missing_values_need_no_count(tmp_path, frame):
    found, _ = ask(tmp_path, frame, by=("town",), measures=(Measure(what="mean", column="count"),))
    assert found.counted == ()
    assert not any("values of" in name for name in found.header)
