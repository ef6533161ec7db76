"""Trend lines: least squares as scipy computes it, for each colour."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from beanft.engine.charts.figures.figure import to_figure
from beanft.engine.charts.words import figure


def cloud(n=400):
    rng = np.random.default_rng(4)
    x = rng.normal(1e6, 3, n)
    g = rng.choice(["a", "b"], n, p=[0.7, 0.3])
    return pd.DataFrame({"x": x, "y": np.where(g == "a", 2, -1) * x + rng.normal(0, 2, n), "g": g})


def test_each_colour_has_the_line_of_its_own_rows(drawn):
    frame = cloud()
    drawing = drawn(frame, "scatter", x="x", y="y", colour="g", trend="linear")
    for series in drawing.series:
        part = frame[frame["g"] == series.name]
        fit = stats.linregress(part["x"], part["y"])
        assert series.fit[0][0] == pytest.approx(part["x"].min())
        assert series.fit[-1][0] == pytest.approx(part["x"].max())
        spread = part["x"].var(ddof=0) * len(part)
        residual = part["y"] - fit.intercept - fit.slope * part["x"]
        reach = stats.t.ppf(0.975, len(part) - 2) * np.sqrt((residual**2).sum() / (len(part) - 2))
        for at, value, low, high in series.fit:
            assert value == pytest.approx(fit.intercept + fit.slope * at, abs=1e-3)
            half = reach * np.sqrt(1 / len(part) + (at - part["x"].mean()) ** 2 / spread)
            assert (high - low) / 2 == pytest.approx(half, rel=1e-4)
        half = stats.t.ppf(0.975, len(part) - 2) * fit.stderr
        said = next(note for note in drawing.notes if note.startswith(f"“{series.name}”: "))
        assert f"changes by {figure(fit.slope)} for each 1 more of “x”" in said
        assert f"(95 % interval {figure(fit.slope - half)} to {figure(fit.slope + half)})" in said
        assert f"R² {fit.rvalue**2:.2f}, {len(part)} rows." in said


def test_rows_exactly_on_a_line_have_no_band(drawn):
    frame = pd.DataFrame({"x": np.arange(10.0), "y": 5 - 3 * np.arange(10.0)})
    for trend in ("linear", "lowess"):
        fit = np.array(drawn(frame, "scatter", x="x", y="y", trend=trend).series[0].fit)
        assert np.allclose(fit[:, 1], 5 - 3 * fit[:, 0])
        assert np.allclose(fit[:, 2], fit[:, 3], atol=1e-6)
    level = drawn(frame.assign(y=1.0), "scatter", x="x", y="y", trend="linear")
    assert "“y” changes by 0 for each 1 more of “x” (95 % interval 0 to 0), 10 rows." in level.notes


def test_a_small_colour_has_no_line_and_the_others_do(drawn):
    frame = pd.DataFrame({"x": np.arange(24.0), "y": np.arange(24.0) % 5, "g": ["a"] * 20 + ["b"] * 4})
    for trend in ("linear", "lowess"):
        drawing = drawn(frame, "scatter", x="x", y="y", colour="g", trend=trend)
        assert [bool(series.fit) for series in drawing.series] == [True, False]
        assert "“b”: no trend line, because there are fewer than 5 rows." in drawing.notes


def test_more_than_six_colours_share_a_line_of_the_others(drawn):
    frame = cloud().assign(g=lambda frame: (np.arange(len(frame)) % 9).astype(str))
    drawing = drawn(frame, "scatter", x="x", y="y", colour="g", trend="linear")
    assert len(drawing.series) == 6
    assert all(series.fit for series in drawing.series)
    assert any("other (4 values)”: “y” changes" in note for note in drawing.notes)


def test_a_scale_of_colours_and_cells_get_one_line_of_all_rows(drawn):
    frame = cloud().assign(z=np.arange(400.0))
    expected = stats.linregress(frame["x"], frame["y"])
    for chart in ({"colour": "z"}, {"shape": "density"}, {"colour": "g", "shape": "density"}):
        drawing = drawn(frame, "scatter", x="x", y="y", trend="linear", **chart)
        (x0, y0, *_), *_, (x1, y1, *_) = drawing.series[0].fit
        assert (y1 - y0) / (x1 - x0) == pytest.approx(expected.slope, rel=1e-6)
        last = to_figure(drawing)["series"][-1]
        assert (last["renderItem"], last["itemPayload"]) == ("ribbon", {"plain": True})


def test_lowess_says_its_sample_and_follows_a_bend(drawn):
    x = np.linspace(-3, 3, 6000)
    frame = pd.DataFrame({"x": x, "y": np.abs(x)})
    drawing = drawn(frame, "scatter", x="x", y="y", shape="points", trend="lowess")
    assert any("an even sample of 5,000 of 6,000 rows" in note for note in drawing.notes)
    values = [value for _, value, _, _ in drawing.series[0].fit]
    assert min(values[0], values[-1]) > 2.5
    assert min(values) < 1.5
