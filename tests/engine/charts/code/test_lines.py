"""The lines of pandas give the numbers of every panel of small multiples, for every kind that has them."""

import importlib
import inspect

import numpy as np
import pandas as pd
import pytest

from beanft.engine.charts.catalogue import KINDS
from beanft.engine.charts.chart import Chart
from beanft.engine.charts.code.lines import chart_lines

FACETED = [kind for kind in KINDS if "facet" in KINDS[kind].needs]


def table():
    rng = np.random.default_rng(4)
    n = 700
    return pd.DataFrame(
        {
            "x": np.where(rng.random(n) < 0.03, np.nan, rng.normal(40, 5, n).round(2)),
            "y": rng.gamma(2, 3, n).round(2),
            "z": rng.normal(1, 1, n).round(3),
            "g": rng.choice(["a", "b", "c"], n, p=[0.6, 0.3, 0.1]),
            "f": rng.choice(["one", "two", "three", None], n, p=[0.2, 0.4, 0.3, 0.1]),
            "truth": rng.random(n) < 0.3,
            "half": rng.choice([1.5, 2.0, np.inf], n),
            "day": pd.Timestamp("1969-12-20") + pd.to_timedelta(rng.integers(0, 4, n), unit="D"),
            "many": [f"value {place % 40}" if place % 3 else "most" for place in range(n)],
        }
    )


def columns_of(kind):
    takes = {"number": {"x": "x", "y": "y", "z": "z"}, "scale": {"x": "x"}}
    needs = KINDS[kind].needs
    parts = {part: takes.get(needs[part].takes, {}).get(part, "g") for part in needs if part in "xyz"}
    return parts | ({"x": "x", "y": "y", "z": "z", "aggregation": "mean"} if kind == "heatmap" else {})


def numbers_of(profiled, tmp_path, frame, drawing):
    path = str(tmp_path / "table.parquet")
    names = {}
    exec(chart_lines(profiled(frame), drawing.chart, file_name=path, drawing=drawing), names)
    return names["numbers"]


def check_same(numbers, drawing):
    assert tuple(numbers.columns) == drawing.header
    assert len(numbers) == len(drawing.rows) > 0
    for place, head in enumerate(drawing.header):
        drawn = [row[place] for row in drawing.rows]
        found = numbers.iloc[:, place]
        if pd.api.types.is_numeric_dtype(found):
            np.testing.assert_allclose(
                found.astype(float), np.array(drawn, float), rtol=1e-9, atol=1e-12, err_msg=head
            )
        else:
            assert [None if value != value else value for value in found] == drawn, head


@pytest.mark.parametrize("kind", FACETED)
def test_lines_give_the_numbers_of_every_panel(drawn, profiled, tmp_path, kind):
    frame = table().head(250 if kind == "bubble" else 700)  # of more bubbles a sample is drawn
    drawing = drawn(frame, kind, **columns_of(kind), facet="f")
    assert len(drawing.panels) == 3
    check_same(numbers_of(profiled, tmp_path, frame, drawing), drawing)


@pytest.mark.parametrize("facet", ["truth", "half", "day", "many"])
@pytest.mark.parametrize("kind", ["scatter", "histogram"])
def test_panels_of_any_column(drawn, profiled, tmp_path, kind, facet):
    drawing = drawn(table(), kind, **columns_of(kind), facet=facet)
    check_same(numbers_of(profiled, tmp_path, table(), drawing), drawing)


@pytest.mark.parametrize("kind", ["density", "quantiles", "scatter", "bubble", "histogram"])
def test_panels_with_colours(drawn, profiled, tmp_path, kind):
    frame = table().head(250)
    drawing = drawn(frame, kind, **(columns_of(kind) | {"colour": "g"}), facet="f")
    check_same(numbers_of(profiled, tmp_path, frame, drawing), drawing)


def test_panels_of_cells_share_their_edges(drawn, profiled, tmp_path):
    drawing = drawn(table(), "scatter", x="x", y="y", facet="f", shape="density")
    check_same(numbers_of(profiled, tmp_path, table(), drawing), drawing)


def test_a_column_called_panel_and_one_drawn_twice(drawn, profiled, tmp_path):
    frame = table().rename(columns={"x": "panel"})
    drawing = drawn(frame, "scatter", x="panel", y="panel", facet="f")
    check_same(numbers_of(profiled, tmp_path, frame, drawing), drawing)


def test_no_value_has_a_panel(drawn, profiled, tmp_path):
    frame = table().assign(f=pd.Series([None] * 700, dtype=object))
    drawing = drawn(frame, "density", x="x", facet="f")
    numbers = numbers_of(profiled, tmp_path, frame, drawing)
    assert tuple(numbers.columns) == drawing.header
    assert len(numbers) == 0


@pytest.mark.parametrize("kind", ["heatmap", "scatter", "density", "quantiles", "violin"])
def test_files_replaced_under_a_running_server_change_no_line(monkeypatch, profiled, kind):
    chart = Chart(kind=kind, **columns_of(kind))
    before = chart_lines(profiled(table()), chart, file_name="t.parquet")
    for name in ("groups", "points", "heatmap"):
        module = importlib.import_module(f"beanft.engine.charts.code.{name}")
        if hasattr(module, "inspect"):
            monkeypatch.setattr(module.inspect, "getsource", lambda _: "def wrong(): ...")
    assert inspect.getsource(table) == "def wrong(): ..."
    assert chart_lines(profiled(table()), chart, file_name="t.parquet") == before
