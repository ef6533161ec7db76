"""Violins: summaries and shapes are those of pandas, and lead to exactly their rows."""

import json

import numpy as np
import pandas as pd
import pytest

from beanft.engine.charts.figures.figure import to_figure
from beanft.engine.tables.queries.conditions import Filter


def table():
    rng = np.random.default_rng(5)
    n = 1200
    y = rng.gamma(2, 3, n)
    y[:7] = [np.nan, np.nan, np.inf, -np.inf, 1e15, 0.0, 0.0]
    return pd.DataFrame(
        {
            "y": y,
            "whole": rng.integers(0, 30, n),
            "g": [*rng.choice(["a", "b", None], n - 3), "few", "few", "few"],
            "many": [f"value {place}" for place in range(1000)] + ["last"] * 150 + ["next"] * 50,
            "truth": rng.random(n) < 0.5,
            "half": rng.choice([1.5, 2.0, np.nan], n),
            "number": rng.integers(0, 20, n),
            "day": pd.Timestamp("1969-12-20") + pd.to_timedelta(rng.integers(0, 20, n), unit="D"),
        }
    )


def check_code(drawing, numbers):
    assert tuple(numbers.columns) == drawing.header
    for ours, row in zip(numbers.itertuples(index=False, name=None), drawing.rows, strict=True):
        assert ours[0] == row[0]
        assert ours[1:-1] == pytest.approx(row[1:-1], rel=1e-12)
        assert ours[-1] == row[-1]


@pytest.mark.parametrize(
    ("x", "order"),
    [
        ("", ""),
        ("g", ""),
        ("g", "-value"),
        ("many", ""),
        ("many", "value"),
        ("many", "name"),
        ("truth", ""),
        ("half", "value"),
        ("number", ""),
        ("day", "name"),
    ],
)
def test_pandas_gives_the_same_numbers_and_links_the_rows(drawn, pandas_numbers, count_of, x, order):
    frame = table()
    chart = {"x": x, "y": "y", "order": order}
    drawing = drawn(frame, "violin", **chart)
    check_code(drawing, pandas_numbers(frame, kind="violin", **chart))
    used = frame.replace([np.inf, -np.inf], np.nan).dropna(subset=["y", *([x] if x else [])])
    assert sum(row[6] for row in drawing.rows) == len(used) == 1200 - drawing.n_missing
    assert len(drawing.places) <= 13
    assert [count_of(frame, link) for link in drawing.links] == [row[6] for row in drawing.rows]


def test_quartiles_are_those_of_numpy(drawn):
    frame = table()
    drawing = drawn(frame, "violin", x="g", y="whole")
    for mark, label in zip(drawing.series[0].values, drawing.places, strict=True):
        values = frame.loc[frame["g"] == label, "whole"]
        expected = np.quantile(values, [0, 0.25, 0.5, 0.75, 1])
        assert mark[1:6] == pytest.approx(expected)


def test_few_rows_are_points_and_marked(drawn):
    drawing = drawn(table(), "violin", x="g", y="whole")
    place = drawing.places.index("few")
    mark = next(mark for mark in drawing.series[0].values if mark[0] == place)
    assert len(mark) == 9
    assert [at for at, _ in drawing.series[0].outliers] == [place] * 3
    assert [row[-1] for row in drawing.rows if row[0] == "few"] == ["few rows"]
    figure = to_figure(drawing)
    assert figure["series"][0]["itemPayload"]["shapes"][place] == []
    assert len(figure["series"][1]["data"]) == 3


def test_shapes_have_equal_width_and_leave_extremes_out(drawn):
    drawing = drawn(table(), "violin", x="truth", y="y")
    shapes = to_figure(drawing)["series"][0]["itemPayload"]["shapes"]
    assert [max(share for _, share in shape) for shape in shapes] == [1.0, 1.0]
    assert max(height for shape in shapes for height, _ in shape) < 60
    assert any(note.startswith("1 row with “y” below ") for note in drawing.notes)


@pytest.mark.parametrize(
    "values", [[5.0], [3.0] * 9, [1.0, 2.0], [-1e308, 1e308] * 5, [2**62, 2**62 + 1] * 4]
)
def test_hard_numbers(drawn, values):
    drawing = drawn(pd.DataFrame({"y": values}), "violin", y="y")
    assert drawing.n_shown == len(values)
    json.dumps(to_figure(drawing), allow_nan=False)


def test_nothing_to_draw(drawn):
    frame = pd.DataFrame({"y": [1.0], "g": ["a"]})
    assert drawn(frame, "violin", x="g", y="y", filters=[Filter("y", "more-than", "9")]).series == ()


def test_hostile_names(drawn, pandas_numbers, count_of):
    names = {"g": "<script>\"'; drop table used; --", "y": "__import__('os')[x]{y}" + "n" * 10_000}
    frame = table().rename(columns=names)
    frame.loc[3:400, names["g"]] = "\"; drop' table {used}" + "m" * 300
    chart = {"x": names["g"], "y": names["y"]}
    drawing = drawn(frame, "violin", **chart)
    check_code(drawing, pandas_numbers(frame, kind="violin", **chart))
    assert [count_of(frame, link) for link in drawing.links] == [row[6] for row in drawing.rows]
