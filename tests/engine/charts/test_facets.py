"""Small multiples: panels of the largest values, on the same axes, with the numbers of their rows."""

import json
from dataclasses import replace

import duckdb
import numpy as np
import pandas as pd
import pytest

from beanft.engine.charts.catalogue import KINDS
from beanft.engine.charts.figures.figure import to_figure
from beanft.engine.tables.queries.conditions import Filter, where

FACETED = [kind for kind in KINDS if "facet" in KINDS[kind].needs]


@pytest.fixture
def count_of(tmp_path, profiled):
    """Count the rows of the table that pass the filters of a mark."""

    def count(frame, filters):
        condition, values = where(profiled(frame), filters)
        with duckdb.connect() as database:
            sql = f"SELECT count(*) FROM '{tmp_path / 'table.parquet'}' WHERE {condition}"
            return database.execute(sql, values).fetchall()[0][0]

    return count


def table():
    rng = np.random.default_rng(4)
    n = 900
    return pd.DataFrame(
        {
            "x": np.where(rng.random(n) < 0.03, np.nan, rng.normal(40, 5, n).round(2)),
            "y": rng.gamma(2, 3, n).round(2),
            "z": rng.random(n),
            "g": rng.choice(["a", "b", "c"], n, p=[0.6, 0.3, 0.1]),
            "f": rng.choice(["one", "two", "three", None], n, p=[0.2, 0.4, 0.3, 0.1]),
            "many": [f"value {place % 40}" if place % 3 else "most" for place in range(n)],
            "truth": rng.random(n) < 0.3,
            "half": rng.choice([1.5, 2.0, np.inf], n),
            "day": pd.Timestamp("1969-12-20") + pd.to_timedelta(rng.integers(0, 4, n), unit="D"),
        }
    )


def columns_of(kind):
    takes = {"number": {"x": "x", "y": "y", "z": "z"}, "scale": {"x": "x"}}
    needs = KINDS[kind].needs
    parts = {part: takes.get(needs[part].takes, {}).get(part, "g") for part in needs if part in "xyz"}
    return parts | ({"y": "truth"} if kind == "heatmap" else {}) | ({"z": ""} if kind == "heatmap" else {})


@pytest.mark.parametrize("kind", FACETED)
def test_panels_are_the_chart_of_their_rows(drawn, kind):
    frame = table()
    drawing = drawn(frame, kind, **columns_of(kind), facet="f")
    assert [panel.chart.title.partition(" (")[0] for panel in drawing.panels] == ["two", "three", "one"]
    assert drawing.series == ()
    assert drawing.n_across == 3
    assert drawing.header[0] == "f"
    assert "have the same axes" in drawing.notes[0]
    n_without = frame.loc[frame["f"].isna(), "x"].notna().sum() if "x" in columns_of(kind).values() else 0
    lost = [note for note in drawing.notes if "in no panel" in note]
    assert len(lost) == 1
    if n_without:
        assert lost == [f"{n_without} rows with all else but no “f” are in no panel."]
    for panel in drawing.panels:
        value = panel.chart.title.partition(" (")[0]
        alone = drawn(frame, kind, filters=[Filter("f", "equals", value)], **columns_of(kind))
        assert (panel.n_rows, panel.n_missing) == (alone.n_rows, alone.n_missing)
        assert panel.header == drawing.header[1:]
    figure = to_figure(drawing)
    assert len(figure["grid"]) == len(figure["xAxis"]) == 3
    assert len(json.dumps(figure, allow_nan=False)) < 300_000
    for axes in (figure["xAxis"], figure["yAxis"]):
        same = [{key: axis.get(key) for key in ("min", "max", "data", "type")} for axis in axes]
        n_each = len(axes) // 3
        assert (
            kind in ("pareto", "violin") or same[:n_each] == same[n_each : 2 * n_each] == same[2 * n_each :]
        )


def test_bins_are_shared_and_counts_are_those_of_pandas(drawn):
    frame = table()
    drawing = drawn(frame, "histogram", x="x", facet="f")
    whole = drawn(frame, "histogram", x="x")
    edges = [*(mark[0] for mark in whole.series[0].values), whole.series[0].values[-1][1]]
    for panel in drawing.panels:
        values = frame.loc[frame["f"] == panel.chart.title.partition(" (")[0], "x"].dropna()
        assert [mark[2] for mark in panel.series[0].values] == np.histogram(values, edges)[0].tolist()
    assert [row[1:3] for row in drawing.rows[: len(edges) - 1]] == [row[:2] for row in whole.rows]


@pytest.mark.parametrize("facet", ["f", "many", "truth", "half", "day"])
def test_links_lead_to_the_rows_of_the_panel(drawn, count_of, facet):
    frame = table()
    drawing = drawn(frame, "bar", x="g", facet=facet)
    assert len(drawing.links) == len(drawing.rows) > 0
    place = drawing.header.index("rows")
    assert [count_of(frame, link) for link in drawing.links] == [row[place] for row in drawing.rows]
    for panel in drawing.panels:
        (series,) = panel.series
        assert [count_of(frame, link) for link in series.filters] == [mark[-1] for mark in series.values]


def test_twelve_largest_values_and_the_rest_is_said(drawn):
    drawing = drawn(table(), "violin", x="g", y="y", facet="many")
    sizes = table()["many"].value_counts()
    assert len(drawing.panels) == 12
    assert drawing.panels[0].chart.title == "most (300 rows)"
    left = sizes.sort_index().sort_values(ascending=False, kind="stable").iloc[12:]
    assert (
        f"The 12 largest values of “many” have a panel; {len(left)} smaller ones with {left.sum()} rows "
        "are not drawn." in drawing.notes
    )


def test_all_panels_have_the_same_categories_and_colours(drawn):
    frame = table()
    frame.loc[frame["f"] == "one", "g"] = "c"
    drawing = drawn(frame, "bar", x="g", colour="truth", facet="f")
    assert len({panel.places for panel in drawing.panels}) == 1
    assert len({tuple(series.name for series in panel.series) for panel in drawing.panels}) == 1


def test_filters_hold_in_every_panel(drawn):
    frame = table()
    drawing = drawn(frame, "density", x="x", facet="f", filters=[Filter("y", "more-than", "5")])
    kept = frame[(frame["y"] > 5) & frame["x"].notna()]
    assert [panel.n_rows - panel.n_missing for panel in drawing.panels] == kept["f"].value_counts().tolist()


def test_no_value_at_all(drawn):
    frame = table().assign(f=pd.Series([None] * 900, dtype=object))
    drawing = drawn(frame, "bar", x="g", facet="f")
    assert drawing.panels == ()
    assert "900 rows with all else but no “f” are in no panel." in drawing.notes
    assert to_figure(drawing)["aria"]["label"]["description"] == drawing.description


@pytest.mark.parametrize("name", ['"; drop table used; --', "<script>alert(1)</script>[x]{y}?", "n" * 10_000])
def test_hostile_names_and_values(drawn, count_of, name):
    frame = table().rename(columns={"f": name})
    frame.loc[frame[name] == "one", name] = "'; drop table used; --?{}"
    drawing = drawn(frame, "bar", x="g", facet=name)
    place = drawing.header.index("rows")
    assert [count_of(frame, link) for link in drawing.links] == [row[place] for row in drawing.rows]
    assert replace(drawing.chart, facet="").x == "g"
