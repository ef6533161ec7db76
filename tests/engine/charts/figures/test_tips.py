"""What marks say when they are pointed at, and how axes are written."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from beanft.engine.charts.figures.figure import to_figure
from beanft.engine.charts.figures.parts import log_ends

N = 400


@pytest.fixture
def table() -> pd.DataFrame:
    random = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "cut": random.choice(["Fair", "Good", "Ideal"], N),
            "price": random.lognormal(7, 1, N),
            "carat": random.uniform(0.2, 3, N),
            "depth": random.normal(60, 2, N),
            "year": random.integers(1974, 2019, N),
            "day": pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 90, N), unit="D"),
            "gap": np.where(random.random(N) < 0.02, np.nan, 1.0),
        }
    )


def said(series, at):
    """The parts of one mark as marks.js reads them, by their heads."""
    item = series["data"][at]
    value = item["value"] if isinstance(item, dict) else item
    more = series["tip"]["more"]
    row = [*(value if isinstance(value, list) else [value]), *(more[at] if more else [])]
    return {
        head: row[place : place + 2] if way in ("range", "years") else row[place]
        for head, place, way in series["tip"]["parts"]
        if place < len(row)
    }


def test_the_mean_of_a_bar_comes_with_its_interval_and_rows(drawn, table):
    drawing = drawn(table, "bar", x="cut", y="price", aggregation="mean")
    bars = to_figure(drawing)["series"][0]
    for at, (place, value, low, high, n) in enumerate(drawing.series[0].values):
        found = said(bars, at)
        assert (found[""], found["rows"]) == (place, n)
        assert found["mean of price"] == pytest.approx(value)
        assert found["95 % interval"] == pytest.approx([low, high], rel=1e-6)


def test_counted_rows_are_said_once(drawn, table):
    bars = to_figure(drawn(table, "bar", x="cut"))["series"][0]
    assert list(said(bars, 0)) == ["", "rows", "95 % interval"]
    assert said(bars, 0)["95 % interval"] == [None, None]  # which marks.js leaves out


def test_a_cell_says_names_and_no_codes(drawn, table):
    drawing = drawn(table, "heatmap", x="cut", y="year", z="price", aggregation="mean")
    figure = to_figure(drawing)
    (cells,) = figure["series"]
    for at, (x, y, value, low, high, n) in enumerate(drawing.series[0].values):
        found = said(cells, at)
        assert figure["xAxis"]["data"][found["cut"]] == drawing.places[int(x)]
        assert figure["yAxis"]["data"][found["year"]] == drawing.y_places[int(y)]
        assert found["rows"] == n
        assert found["mean of price"] == pytest.approx(value)
        if low is not None:
            assert found["95 % interval"] == pytest.approx([low, high], rel=1e-6)


def test_a_point_of_a_line_names_its_step(drawn, table):
    drawing = drawn(table, "line", x="day", y="price", aggregation="mean", bucket="month", colour="cut")
    figure = to_figure(drawing)
    lines = [one for one in figure["series"] if one["type"] == "line"]
    names = [row[0] for row in drawing.rows]
    told = [figure["xAxis"]["names"][said(one, at)[""]] for one in lines for at in range(len(one["data"]))]
    assert told == names


@pytest.mark.parametrize(
    ("kind", "chart"),
    [
        ("box", {"x": "cut", "y": "price"}),
        ("violin", {"x": "cut", "y": "price"}),
        ("pareto", {"x": "cut"}),
        ("histogram", {"x": "price"}),
        ("scatter", {"x": "carat", "y": "price", "shape": "density"}),
        ("bubble", {"x": "carat", "y": "price", "z": "depth"}),
        ("correlations", {"columns": ("carat", "price")}),
        ("missing", {}),
    ],
)
def test_every_mark_has_what_its_parts_ask_for(drawn, table, kind, chart):
    figure = to_figure(drawn(table, kind, **chart))
    telling = [one for one in figure["series"] if "tip" in one]
    assert telling
    for one in telling:
        heads = [head for head, *_ in one["tip"]["parts"]]
        assert all(list(said(one, at)) == heads for at in range(len(one["data"])))
    json.dumps(figure, allow_nan=False)


def test_years_are_written_as_people_write_them(drawn, table):
    drawing = drawn(table, "histogram", x="year")
    figure = to_figure(drawing)
    assert figure["xAxis"]["years"] is True
    assert figure["series"][0]["tip"]["parts"][0][2] == "years"
    assert "1974" in drawing.description
    assert "1,974" not in drawing.description


def test_logarithmic_axes_of_points_end_near_the_points_and_say_so(drawn, table):
    figure = to_figure(drawn(table, "scatter", x="carat", y="price", log_x=True))
    assert figure["xAxis"]["name"] == "carat (logarithmic)"
    assert (figure["xAxis"]["min"], figure["xAxis"]["max"]) == (0.2, 5.0)
    assert figure["yAxis"]["name"] == "price"
    assert log_ends(1e-300, 9e299) == (1e-300, 1e300)
    assert log_ends(5.0, 5.0) == (5.0, 10.0)


def test_pairs_give_the_first_colours_to_the_legend(drawn, table):
    figure = to_figure(drawn(table, "pairs", columns=("carat", "price"), colour="cut"))
    assert [one["name"] for one in figure["series"][:3]] == figure["legend"]["data"]


def test_the_scale_of_missing_values_ends_at_the_largest_share(drawn, table):
    figure = to_figure(drawn(table, "missing"))
    assert figure["visualMap"]["max"] == max(cell[2] for cell in figure["series"][0]["data"]) < 1


def test_bubbles_are_circles_and_sizes_that_hardly_differ_are_told(drawn, table):
    drawing = drawn(table, "bubble", x="carat", y="price", z="depth", colour="cut")
    assert drawing.title == "price against carat, sized by depth and coloured by cut"
    assert "all are nearly of one size" in drawing.notes[0]
    assert {one["icon"] for one in to_figure(drawing)["legend"]["data"]} == {"circle"}


def test_bins_that_are_not_as_many_as_asked_for_are_explained(drawn, table):
    drawing = drawn(table, "histogram", x="price", bins=40, log_x=True)
    n = len(drawing.rows)
    assert n != 40
    assert f"{n} bins in place of 40, so that powers of ten are edges." in drawing.notes


def test_panels_tell_once_what_differs_in_numbers_only(drawn, table):
    drawing = drawn(table, "scatter", x="carat", y="price", facet="cut", trend="linear")
    assert drawing.title == "price against carat for each cut"
    trends = [note for note in drawing.notes if "least squares" in note]
    assert len(trends) == 1
    assert "all rows of the panel" in trends[0]
    (changes,) = [note for note in drawing.notes if note.startswith("“price” changes by: ")]
    assert all(f"{value} " in changes for value in ("Fair", "Good", "Ideal"))
    assert len(drawing.notes) < 8
    axis = to_figure(drawing)["yAxis"][0]
    assert axis["min"] >= 0  # a trend below zero is no reason for an axis below zero
