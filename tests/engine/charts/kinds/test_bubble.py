"""Bubbles: rows with three numbers, the largest first."""

import json

import numpy as np
import pandas as pd
import pytest

from beanft.engine.charts.figures.figure import to_figure
from beanft.engine.charts.figures.links import figure_links
from beanft.engine.errors import EngineError


def table(n=300):
    rng = np.random.default_rng(5)
    z = rng.lognormal(2, 1, n).round(2)
    z[:4] = [0, -1, np.nan, np.inf]
    return pd.DataFrame(
        {"x": rng.normal(0, 1, n), "y": rng.integers(-9, 9, n), "z": z, "g": rng.choice(list("abcdefgh"), n)}
    )


@pytest.mark.parametrize("chart", [{}, {"colour": "g"}, {"log_x": True, "log_y": True}])
def test_pandas_gives_the_same_numbers_the_largest_first(drawn, check_pandas, chart):
    frame = table()
    chart = {"x": "x", "y": "y", "z": "z", **chart}
    drawing = drawn(frame, "bubble", **chart)
    check_pandas(drawing, frame, kind="bubble", **chart)
    used = frame[(frame["z"] >= 0) & np.isfinite(frame["z"])]
    used = used[(used["x"] > 0) & (used["y"] > 0)] if "log_x" in chart else used
    assert drawing.n_rows - drawing.n_missing == drawing.n_shown == len(used)
    sizes = [row[3] for row in drawing.rows]
    assert sizes == sorted(used["z"], reverse=True)
    assert len(drawing.series) == (6 if "colour" in chart else 1)


def test_sizes_are_told_in_words_and_negative_ones_counted(drawn):
    drawing = drawn(table(), "bubble", x="x", y="y", z="z")
    largest = drawing.rows[0][3]
    assert f"the largest is {largest:.4g}, the smallest 0" in drawing.notes[0]
    assert "1 row with “z” below zero, which no size can show, is left out." in drawing.notes
    assert "2 rows left out: 1 without “z”, 1 with an infinite “z”." in drawing.notes
    with pytest.raises(EngineError, match="No “z” is zero or more"):
        drawn(pd.DataFrame({"x": [1.0], "y": [1.0], "z": [-1.0]}), "bubble", x="x", y="y", z="z")
    zeros = drawn(pd.DataFrame({"x": [1.0], "y": [1.0], "z": [0.0]}), "bubble", x="x", y="y", z="z")
    assert zeros.notes[0] == "Every “z” is zero, so all bubbles have the smallest size."


def test_no_more_than_three_hundred_are_drawn(drawn, count_of):
    frame = pd.DataFrame({"x": np.arange(2500.0), "y": np.arange(2500.0) % 7, "z": np.arange(2500.0)})
    drawing = drawn(frame, "bubble", x="x", y="y", z="z")
    assert drawing.notes[1] == "An even sample of 300 of 2,500 rows is drawn, the same every time."
    assert len(drawing.rows) == drawing.n_shown == 300
    assert [count_of(frame, link) for link in drawing.links[:3]] == [1, 1, 1]
    figure = to_figure(drawing)
    assert len(json.dumps(figure)) < 300_000
    assert figure_links(figure, drawing)["series"] == ["points"]
    assert figure["series"][0]["itemPayload"]["largest"] == drawing.rows[0][3]
