"""Maps: rows on Earth, the others counted, swapped columns noticed."""

import json
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from beanft.engine.charts.figures.figure import to_figure
from beanft.engine.charts.land import land_within
from beanft.engine.errors import EngineError


def places(n=400):
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(
        {
            "lon": rng.normal(10, 3, n),
            "lat": rng.normal(48, 2, n),
            "z": rng.random(n),
            "g": ["a", "b"] * (n // 2),
        }
    )
    frame.loc[:3, "lon"] = [180.5, -181, np.nan, 179.9]
    return frame


@pytest.mark.parametrize("chart", [{}, {"colour": "g"}, {"colour": "z"}, {"shape": "density"}])
def test_pandas_gives_the_same_numbers(drawn, check_pandas, chart):
    frame = places()
    chart = {"x": "lon", "y": "lat", **chart}
    drawing = drawn(frame, "map", **chart)
    check_pandas(drawing, frame, kind="map", **chart)
    assert (drawing.n_rows, drawing.n_missing, drawing.n_shown) == (400, 3, 397)
    assert "2 rows beyond ±180° of longitude or ±90° of latitude are left out." in drawing.notes
    assert len(json.dumps(to_figure(drawing))) < 300_000


def test_cells_lead_to_their_rows(drawn, count_of):
    frame = places()
    drawing = drawn(frame, "map", x="lon", y="lat", shape="density")
    assert [count_of(frame, link) for link in drawing.links[:20]] == [row[4] for row in drawing.rows[:20]]


def test_swapped_columns_are_noticed_by_name_or_by_what_they_hold(drawn):
    frame = places().rename(columns={"lon": "b", "lat": "a"})
    assert not [note for note in drawn(frame, "map", x="b", y="a").notes if "exchange" in note]
    named = drawn(places(), "map", x="lat", y="lon").notes[0]
    assert named == "“lat” looks like latitude and “lon” like longitude: exchange the two columns if so."
    far = pd.DataFrame({"a": [10.0, 20.0, 30.0], "b": [120.0, 130.0, 50.0]})
    assert "exchange" in drawn(far, "map", x="a", y="b").notes[0]
    other = places().rename(columns={"lon": "platform", "lat": "colon"})
    assert not [note for note in drawn(other, "map", x="platform", y="colon").notes if "exchange" in note]
    with pytest.raises(EngineError, match=r"No row has a “a” from -180 to 180 .* exchange the two columns"):
        drawn(far.iloc[:2], "map", x="a", y="b")


def test_a_degree_is_as_long_up_as_along_at_the_middle(drawn):
    figure = to_figure(drawn(places().iloc[4:], "map", x="lon", y="lat"))
    width, height = (figure[axis]["max"] - figure[axis]["min"] for axis in ("xAxis", "yAxis"))
    assert figure["aspect"] == pytest.approx(np.cos(np.radians(48)), abs=0.05)
    assert height / width == pytest.approx(figure["aspect"] / 2, rel=0.001)
    assert figure["series"][-1]["renderItem"] == "land"
    inside = set(figure["xAxis"]["axisLabel"]["customValues"])
    assert {0, 10, 20} <= inside or {5, 10, 15} <= inside


def test_a_small_view_has_no_coarse_land(drawn):
    frame = pd.DataFrame({"lon": [8.5, 8.6], "lat": [47.3, 47.4]})
    figure = to_figure(drawn(frame, "map", x="lon", y="lat"))
    assert [series["type"] for series in figure["series"]] == ["scatter"]
    one = to_figure(drawn(frame.iloc[:1], "map", x="lon", y="lat"))
    assert one["xAxis"]["max"] > one["xAxis"]["min"]


def test_the_whole_globe_fits(drawn):
    frame = pd.DataFrame({"lon": [-180.0, 180.0], "lat": [-90.0, 90.0]})
    figure = to_figure(drawn(frame, "map", x="lon", y="lat"))
    assert (figure["yAxis"]["min"], figure["yAxis"]["max"]) == (-90, 90)
    assert figure["yAxis"]["axisLabel"]["customValues"] == [-90, -60, -30, 0, 30, 60, 90]


def test_land_crosses_the_date_line_without_a_stroke_over_the_map():
    rings = (*land_within(-180, 180, -90, 90).shores, *land_within(-180, 180, -90, 90).lakes)
    jumps = [
        abs(before[0] - after[0])
        for ring in rings
        for before, after in pairwise(ring)
        if min(before[1], after[1]) > -89
    ]
    assert max(jumps) < 30
    assert len(rings) > 125
    assert len(land_within(-40, -30, 0, 5).shores) < 5


def test_columns_that_are_not_called_like_coordinates_are_doubted(drawn):
    frame = places().rename(columns={"lon": "age", "lat": "score"})
    doubt = (
        "Neither “age” nor “score” is called like a longitude or a latitude: "
        "this is a map only if they hold degrees."
    )
    assert doubt in drawn(frame, "map", x="age", y="score").notes
    assert not [note for note in drawn(places(), "map", x="lon", y="lat").notes if "Neither" in note]


def test_a_sample_is_told_from_the_rows_that_the_ranges_are_of(drawn):
    frame = places(6000)
    drawing = drawn(frame, "map", x="lon", y="lat", shape="points")
    assert drawing.description.startswith("Map of 5,000 of 5,997 rows; ranges of all rows: lon from ")
