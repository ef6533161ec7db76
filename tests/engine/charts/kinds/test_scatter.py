"""Scatters: points are rows of the table, cells count every row, trends are those of numpy."""

import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from beanft.engine.charts.chart import Chart
from beanft.engine.charts.draw import draw
from beanft.engine.charts.figures.figure import to_figure
from beanft.engine.errors import EngineError
from beanft.engine.tables.queries.conditions import Filter

HOSTILE = (
    '"; drop table rows; --',
    "__import__('os').system('id')",
    "<script>alert(1)</script>[x]{y}",
    "n" * 10_000,
)


def hard():
    """Missing values, infinities, whole numbers, huge numbers, early dates and many categories."""
    rng = np.random.default_rng(7)
    n = 1200
    x = rng.normal(0, 10, n).round(3)
    x[:5], x[5:9] = np.nan, [np.inf, -np.inf, 1e9, -1e9]
    return pd.DataFrame(
        {
            "x": x,
            "y": rng.gamma(2, 3, n),
            "whole": rng.integers(-50, 400, n),
            "g": rng.choice(["a", "b", None], n),
            "many": [f"value {place}" for place in range(1000)] + ["last"] * 200,
            "truth": rng.random(n) < 0.5,
            "day": pd.date_range("1950-01-01", periods=n, freq="1000h", tz="Europe/Berlin")
            .tz_convert("UTC")
            .tz_localize(None)
            .astype("datetime64[us]"),
            "none": np.full(n, np.nan),
            "same": np.full(n, 3.5),
        }
    )


@pytest.mark.parametrize("colour", ["", "g", "many", "truth", "whole"])
@pytest.mark.parametrize("shape", ["points", "density"])
def test_pandas_gives_the_same_numbers(drawn, check_pandas, colour, shape):
    frame = hard()
    chart = {"x": "x", "y": "y", "colour": colour, "shape": shape}
    drawing = drawn(frame, "scatter", **chart)
    check_pandas(drawing, frame, kind="scatter", **chart)
    used = frame[np.isfinite(frame["x"])].dropna(subset=[colour] if colour else [])
    assert drawing.n_rows == 1200
    assert drawing.n_missing == 1200 - len(used)
    counted = sum(row[4] for row in drawing.rows) if shape == "density" else len(drawing.rows)
    assert counted == len(used) == drawing.n_shown


def test_points_keep_x_with_the_y_and_the_colour_of_their_row(drawn):
    frame = hard()
    for row, x, y, colour in drawn(frame, "scatter", x="x", y="y", colour="g").rows:
        one = frame.iloc[row - 1]
        assert (one["x"], one["y"], one["g"]) == (x, y, colour)


@pytest.mark.parametrize(
    "axes", [{"x": "x", "y": "y"}, {"x": "whole", "y": "y"}, {"x": "whole", "y": "whole"}]
)
@pytest.mark.parametrize("log", [{}, {"log_x": True, "log_y": True}])
def test_cells_lead_to_exactly_their_rows(drawn, count_of, axes, log):
    frame = hard()
    drawing = drawn(frame, "scatter", **axes, **log, shape="density", colour="g")
    assert len(drawing.links) == len(drawing.rows) == len(drawing.series[0].filters)
    for place in range(0, len(drawing.rows), max(len(drawing.rows) // 6, 1)):
        assert count_of(frame, drawing.links[place]) == drawing.rows[place][4]
    assert sum(row[4] for row in drawing.rows) == drawing.n_rows - drawing.n_missing


def test_cells_count_as_numpy_does(drawn):
    frame = hard()
    drawing = drawn(frame, "scatter", x="whole", y="y", shape="density")
    for x_from, x_to, y_from, y_to, n in drawing.rows:
        inside = frame["whole"].between(x_from, x_to, inclusive="left") & frame["y"].between(
            y_from, y_to, inclusive="left"
        )
        assert inside.sum() == n
    widths = {row[1] - row[0] for row in drawing.rows}
    assert widths == {8.0}


def test_points_lead_to_their_rows(drawn, count_of):
    frame = pd.DataFrame({"x": [0.1, 0.1, 0.2], "y": [1.0, 1.0, 2.0], "big": [2**62, 2**62, 5]})
    assert [count_of(frame, link) for link in drawn(frame, "scatter", x="x", y="y").links] == [2, 2, 1]
    assert [count_of(frame, link) for link in drawn(frame, "scatter", x="big", y="y").links] == [2, 2, 1]


def test_many_rows_become_cells_unless_coloured_or_asked_otherwise(drawn, check_pandas):
    x = np.arange(20_001) % 977 / 7
    frame = pd.DataFrame({"x": x, "y": x**2, "g": np.where(x > 50, "a", "b")})
    dense = drawn(frame, "scatter", x="x", y="y")
    assert dense.n_shown == 20_001 == sum(row[4] for row in dense.rows)
    check_pandas(dense, frame, kind="scatter", x="x", y="y")
    coloured = drawn(frame, "scatter", x="x", y="y", colour="g")
    assert coloured.n_shown == len(coloured.rows) == 5000
    assert coloured.notes[0] == "An even sample of 5,000 of 20,001 rows is drawn, the same every time."
    assert coloured.rows == drawn(frame, "scatter", x="x", y="y", colour="g").rows
    assert drawn(frame, "scatter", x="x", y="y", shape="points").n_shown == 5000


def test_density_says_that_colours_are_not_drawn(drawn):
    notes = drawn(hard(), "scatter", x="x", y="y", colour="g", shape="density").notes
    assert any(note.startswith("The colours of “g” are not drawn in a density") for note in notes)


@pytest.mark.parametrize("log", [{}, {"log_x": True}, {"log_y": True}, {"log_x": True, "log_y": True}])
@pytest.mark.parametrize("shape", ["points", "density"])
def test_log_axes_leave_out_and_count_what_has_no_logarithm(drawn, check_pandas, log, shape):
    frame = hard()
    chart = {"x": "x", "y": "whole", "shape": shape, "trend": "linear", **log}
    drawing = drawn(frame, "scatter", **chart)
    used = frame[np.isfinite(frame["x"])]
    used = used[(used["x"] > 0) | ("log_x" not in log)]
    used = used[(used["whole"] > 0) | ("log_y" not in log)]
    assert drawing.n_rows - drawing.n_missing == len(used)
    check_pandas(drawing, frame, kind="scatter", **chart)
    assert any("at or below zero" in note for note in drawing.notes) == bool(log)
    x = np.log10(used["x"]) if "log_x" in log else used["x"]
    y = np.log10(used["whole"]) if "log_y" in log else used["whole"]
    slope, intercept = np.polyfit(x, y, 1)
    (x0, y0, *_), (x1, y1, *_) = drawing.series[0].fit[0], drawing.series[0].fit[-1]
    ends = np.array([x0, x1]) if "log_x" not in log else np.log10([x0, x1])
    found = np.array([y0, y1]) if "log_y" not in log else np.log10([y0, y1])
    assert found == pytest.approx(intercept + slope * ends, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("shape", ["points", "density"])
@pytest.mark.parametrize("trend", ["", "linear", "lowess"])
def test_one_row_and_one_place_are_drawn_without_a_line(drawn, check_pandas, shape, trend):
    for n in (1, 6):
        frame = pd.DataFrame({"x": [3.0] * n, "y": [float(place) for place in range(n)]})
        drawing = drawn(frame, "scatter", x="x", y="y", shape=shape, trend=trend)
        check_pandas(drawing, frame, kind="scatter", x="x", y="y", shape=shape)
        why = "there are fewer than 5 rows" if n == 1 else "“x” has only one value"
        assert [note for note in drawing.notes if "trend" in note] == (
            [f"No trend line, because {why}."] if trend else []
        )
        assert not drawing.series[0].fit


def test_nothing_is_drawn_of_nothing(drawn):
    frame = hard()
    assert drawn(frame, "scatter", x="none", y="y").series == ()
    assert drawn(frame, "scatter", [Filter("whole", "more-than", "9999")], x="x", y="y").series == ()


@pytest.mark.parametrize(
    "ends", [(-1.7e308, 1.7e308), (5e-324, 1e-320), (1e15, 1e15 + 2), (-3.0, -3.0), (0.0, 0.0)]
)
@pytest.mark.parametrize("trend", ["linear", "lowess"])
def test_extreme_numbers_are_drawn(drawn, count_of, ends, trend):
    x = np.linspace(0, 1, 50)
    frame = pd.DataFrame({"x": ends[0] * (1 - x) + ends[1] * x, "y": ends[1] * x + ends[0] * (1 - x)})
    drawing = drawn(frame, "scatter", x="x", y="y", shape="density", trend=trend)
    assert sum(row[4] for row in drawing.rows) == 50
    some = (0, len(drawing.rows) // 2, -1)
    assert [count_of(frame, drawing.links[at]) for at in some] == [drawing.rows[at][4] for at in some]
    json.dumps(to_figure(drawing), allow_nan=False)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_change_nothing(drawn, check_pandas, name):
    frame = hard()[["x", "y", "g"]]
    for shape in ("points", "density"):
        plain = drawn(frame, "scatter", x="x", y="y", colour="g", shape=shape, trend="linear")
        renamed = frame.rename(columns={"x": name, "g": f"{name} "})
        chart = {"x": name, "y": "y", "colour": f"{name} ", "shape": shape}
        drawing = drawn(renamed, "scatter", **chart, trend="linear")
        assert drawing.rows == plain.rows
        check_pandas(drawing, renamed, kind="scatter", **chart)
        assert all(len(note) < 500 for note in drawing.notes)


def test_identifiers_have_no_ranges_to_lead_to(tmp_path, drawn, profiled):
    frame = pd.DataFrame({"x": range(50), "y": np.arange(50.0)})
    drawn(frame, "scatter", x="x", y="y")
    known = profiled(frame)
    profile = replace(known, columns=(replace(known.columns[0], kind="identifier"), known.columns[1]))
    for shape in ("points", "density"):
        chart = Chart(kind="scatter", x="x", y="y", shape=shape)
        drawing = draw(tmp_path / "table.parquet", profile, chart)
        assert drawing.links == ()
        assert drawing.brush == ("", "y")


@pytest.mark.parametrize("chart", [{"x": "g", "y": "y"}, {"x": "x", "y": "day"}, {"x": "x"}])
def test_other_columns_are_refused_in_words(drawn, chart):
    with pytest.raises(EngineError, match="A scatter chart needs"):
        drawn(hard(), "scatter", **chart)


def test_figures_stay_small_and_plain(drawn):
    rng = np.random.default_rng(3)
    n = 21_000
    frame = pd.DataFrame({"x": rng.random(n), "y": rng.random(n), "z": rng.random(n)})
    for chart in ({}, {"colour": "z", "trend": "lowess"}, {"shape": "points", "log_x": True}):
        figure = to_figure(drawn(frame, "scatter", x="x", y="y", **chart))
        assert len(json.dumps(figure, allow_nan=False)) < 300_000
    assert figure["xAxis"]["type"] == "log"


def test_the_correlation_is_that_of_the_drawn_scales(drawn):
    frame = pd.DataFrame(
        {"x": np.exp(np.linspace(0, 9, 100)), "y": np.linspace(0, 9, 100) + np.arange(100) % 7}
    )
    r = np.corrcoef(np.log(frame["x"]), frame["y"])[0, 1]
    notes = drawn(frame, "scatter", x="x", y="y", log_x=True).notes
    assert notes[0].startswith(f"Linear correlation of 100 rows: {r:.2f} ")
    assert notes[0].endswith("on the logarithmic scales.")
    assert math.isclose(r, 1, abs_tol=0.5)
