"""What charts say in words is true of their numbers, as pandas and scipy compute them."""

import numpy as np
import pandas as pd
import pytest

from beanft.engine.charts.bins import round_edges
from beanft.engine.charts.code.lines import lines_note
from beanft.engine.charts.kinds.bubble import N_BUBBLES
from beanft.engine.charts.kinds.related import SAMPLE_ROWS
from beanft.engine.charts.points import N_POINTS
from beanft.engine.tables.queries.export import csv_rows


@pytest.mark.parametrize("kind", ["histogram", "heatmap"])
def test_every_bin_of_whole_numbers_holds_as_many_of_them(drawn, kind):
    frame = pd.DataFrame({"score": np.repeat(np.arange(101), 50), "g": "a"})
    if kind == "histogram":
        drawing = drawn(frame, kind, x="score", bins=10)
    else:
        drawing = drawn(frame, kind, x="score", y="g")
    numbers = pd.DataFrame(drawing.rows, columns=drawing.header)
    low, high = (next(head for head in drawing.header if head.endswith(end)) for end in ("from", "to"))
    for _, row in numbers.iterrows():
        assert row["rows"] == ((frame["score"] >= row[low]) & (frame["score"] < row[high])).sum()
    widths = (numbers[high] - numbers[low]).iloc[:-1] * 50
    assert (numbers["rows"].iloc[:-1] == widths).all()
    assert numbers["rows"].sum() == len(frame)


def test_edges_of_whole_numbers_end_above_the_largest():
    assert round_edges(1972, 2018, 23, whole=True)[-2:] == (2018.0, 2020.0)
    assert round_edges(1972, 2018, 23)[-2:] == (2016.0, 2018.0)


def test_whiskers_are_those_of_their_own_end(drawn):
    rng = np.random.default_rng(5)
    groups = {
        "low": np.concatenate([rng.normal(100, 1, 200), [0, 1, 2], [60.0]]),
        "high": np.concatenate([rng.normal(0, 1, 200), [500, 501]]),
        "gap": np.array([-100.0, 0, 1, 1]),
        "both": np.concatenate([np.linspace(40, 60, 41), [-50, 99.9, 200]]),
    }
    frame = pd.DataFrame([(name, y) for name, ys in groups.items() for y in ys], columns=["g", "y"])
    drawing = drawn(frame, "box", x="g", y="y")
    table = {row[0]: row for row in drawing.rows}
    for name, y in groups.items():
        q1, q3 = np.quantile(y, [0.25, 0.75])
        inside = y[(y >= q1 - 1.5 * (q3 - q1)) & (y <= q3 + 1.5 * (q3 - q1))]
        assert table[name][1] == inside.min(), name
        assert table[name][5] == inside.max(), name


def test_a_sample_and_the_ranges_of_all_rows_are_told_apart(drawn):
    rng = np.random.default_rng(6)
    frame = pd.DataFrame({"x": rng.normal(size=6000), "y": rng.normal(size=6000), "z": 1.0})
    scatter = drawn(frame, "scatter", x="x", y="y")
    assert scatter.description.startswith(
        f"Scatter of {N_POINTS:,} of 6,000 rows; ranges of all rows: x from"
    )
    assert lines_note(scatter) == (
        "The chart draws an even sample of 5,000 rows, these lines give all 6,000."
    )
    bubble = drawn(frame, "bubble", x="x", y="y", z="z")
    assert bubble.description.startswith(
        f"Bubbles of {N_BUBBLES:,} of 6,000 rows; ranges of all rows: x from"
    )
    assert "The sizes drawn, z, go" in bubble.description
    few = drawn(frame.head(20), "scatter", x="x", y="y")
    assert few.description.startswith("Scatter of 20 rows: x from")
    assert lines_note(few) == ""


def test_lines_of_sampled_correlations_say_that_they_differ(drawn):
    n = SAMPLE_ROWS + 1000
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({"a": rng.normal(size=n), "b": rng.normal(size=n)})
    drawing = drawn(frame, "correlations", columns=("a", "b"))
    assert lines_note(drawing).endswith("these lines compute them from all rows: they may differ a little.")
    assert lines_note(drawn(frame.head(500), "correlations", columns=("a", "b"))) == ""


def test_coloured_bars_and_shares_are_what_is_described(drawn):
    frame = pd.DataFrame(
        {"g": ["A"] * 900 + ["B"] * 300, "c": ["yes"] * 678 + ["no"] * 222 + ["yes"] * 100 + ["no"] * 200}
    )
    split = drawn(frame, "bar", x="g", colour="c").description
    assert split == (
        "Bar chart of rows for 2 groups of g, each split by c. "
        "Smallest bar: 100 (B, yes); largest: 678 (A, yes)."
    )
    share = drawn(frame, "bar", x="g", colour="c", layout="share").description
    sizes = pd.crosstab(frame["g"], frame["c"], normalize="index") * 100
    assert f"Smallest share: {sizes.loc['A', 'no']:.4g} % (A, no); largest: " in share
    assert f"{sizes.loc['A', 'yes']:.4g} % (A, yes)" in share
    area = drawn(frame.assign(x=frame["g"].eq("A").astype(float)), "area", x="x", colour="c", layout="share")
    assert f"largest: {sizes.loc['A', 'yes']:.4g} % (1, yes)." in area.description


def test_groups_of_few_rows_are_no_extremes(drawn):
    frame = pd.DataFrame(
        {"g": ["few"] + ["a"] * 40 + ["b"] * 50, "y": [1e6, *np.arange(40.0), *np.arange(100.0, 150)]}
    )
    told = drawn(frame, "bar", x="g", y="y", aggregation="mean").description
    assert "largest: 124.5 (b, 95 % interval 120.4 to 128.6)." in told
    assert told.endswith("1 group of fewer than 5 rows is not compared here.")
    for kind in ("box", "violin"):
        told = drawn(frame, kind, x="g", y="y").description
        assert "Smallest median: 19.5 (a); largest: 124.5 (b)." in told
    one = drawn(frame.head(1), "bar", x="g", y="y", aggregation="median").description
    assert one.endswith("The value is 1,000,000 (few, 1 row).")
    counts = drawn(frame, "bar", x="g").description
    assert counts.endswith("Smallest: 1 (few); largest: 50 (b).")


def test_units_of_time_that_are_not_full_are_said(drawn):
    days = pd.DataFrame({"day": pd.date_range("2020-01-15", "2021-03-09", freq="D")})
    month = drawn(days, "line", x="day", bucket="month")
    sentence = "The first and the last month may be incomplete: the rows begin and end within them."
    assert sentence in month.notes
    assert sentence in drawn(days, "area", x="day", bucket="month").notes
    full = pd.DataFrame({"day": pd.date_range("2020-01-01", "2021-02-28", freq="D")})
    assert not any("incomplete" in note for note in drawn(full, "line", x="day", bucket="month").notes)
    monthly = pd.DataFrame({"day": pd.date_range("2020-01-01", "2021-02-01", freq="MS")})
    assert not any("incomplete" in note for note in drawn(monthly, "line", x="day", bucket="month").notes)
    last = drawn(full.iloc[:-3], "line", x="day", bucket="month").notes
    assert "The last month may be incomplete: the rows end within it." in last


def test_the_strongest_correlation_is_a_sure_one_with_its_interval(drawn):
    rng = np.random.default_rng(8)
    a = rng.normal(size=200)
    frame = pd.DataFrame({"a": a, "b": 0.8 * a + 0.6 * rng.normal(size=200), "c": np.nan})
    frame.loc[:3, "c"] = a[:4] + np.array([0.01, 0.0, 0.02, 0.0])
    for kind in ("correlations", "pairs"):
        told = drawn(frame, kind, columns=("a", "b", "c")).description
        assert f"a and b {frame['a'].corr(frame['b']):.2f} (" in told
        assert "95 % interval" in told
        assert "200 rows" in told
        assert "and c" not in told.partition("trongest")[2]


def test_a_row_may_lack_several_values(drawn):
    frame = pd.DataFrame({"x": [np.nan, np.nan, 1.0, 2.0], "y": [np.nan, 1.0, np.nan, 3.0]})
    notes = drawn(frame, "scatter", x="x", y="y").notes
    assert "3 rows left out: 2 without “x”, 2 without “y” (a row may lack several)." in notes
    frame = frame.assign(y=[1.0, 1.0, np.nan, 3.0])
    assert "3 rows left out: 2 without “x”, 1 without “y”." in drawn(frame, "scatter", x="x", y="y").notes


def test_times_are_in_utc(drawn):
    frame = pd.DataFrame({"when": pd.date_range("2020-01-01", periods=50, freq="h"), "y": np.arange(50.0)})
    sentence = "Times of “when” are in UTC; where the file names no zone, they are as they stand there."
    assert sentence in drawn(frame, "line", x="when", y="y", aggregation="mean").notes
    assert not any("UTC" in note for note in drawn(frame, "histogram", x="y").notes)


def test_small_shares_of_a_pareto_chart_are_not_none(drawn):
    frame = pd.DataFrame({"c": [f"c{place}" for place in range(1000)] + ["c5"]})
    told = drawn(frame, "pareto", x="c").description
    assert "Largest: c5 with 2, 0.2 %." in told
    assert " 0 %" not in told


def test_years_have_no_separator(drawn):
    frame = pd.DataFrame({"year": np.repeat(np.arange(1974, 2018), 3), "price": np.arange(132) + 1500})
    assert "1,9" not in drawn(frame, "histogram", x="year").description
    assert "1,5" in drawn(frame, "histogram", x="price").description
    labels = drawn(frame, "heatmap", x="year", y="price").places
    assert labels[0].startswith("1974")


def test_what_is_missing_together_is_understood(drawn):
    frame = pd.DataFrame(
        {"a": [np.nan] * 4 + [1.0] * 6, "b": [np.nan] * 3 + [1.0] * 7, "c": [1.0] * 9 + [np.nan]}
    )
    notes = drawn(frame, "missing").notes
    assert any(note.startswith("Most often missing together: ") for note in notes)
    assert any(
        note.endswith("In 3 rows these are missing, and no other column of the chart.") for note in notes
    )


def test_widths_that_are_not_silvermans_are_said(drawn):
    rng = np.random.default_rng(9)
    tame = pd.DataFrame({"x": rng.normal(size=500)})
    assert "(Silverman’s rule)" in drawn(tame, "density", x="x").notes[0]
    wild = pd.DataFrame({"x": np.concatenate([rng.normal(0, 0.001, 9000), rng.normal(0, 1000, 200)])})
    drawing = drawn(wild, "density", x="x")
    assert "wider than Silverman’s rule asks for" in drawing.notes[0]
    assert drawing.n_shown < 9200
    assert "ends where its drawn rows end" in drawing.notes[0]
    assert (
        "ends where its rows end" in drawn(pd.DataFrame({"x": np.arange(30) / 7}), "density", x="x").notes[0]
    )
    assert "wider than Silverman" in drawn(wild.assign(g="a"), "violin", x="g", y="x").notes[0]


def test_names_of_bins_are_no_formulas():
    rows = [("-3.4 to -3.3", 5), ("-1,000 to -900", 1), ("-1e+07 to 0", 2), ("-3+1 to 2", 0), ("=1 to 2", 0)]
    written = list(csv_rows(["bin", "rows"], rows, safe_for_spreadsheets=True))
    assert written[1:4] == ["-3.4 to -3.3,5\n", '"-1,000 to -900",1\n', "-1e+07 to 0,2\n"]
    assert written[4:] == ["'-3+1 to 2,0\n", "'=1 to 2,0\n"]
