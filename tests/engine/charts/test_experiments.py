"""The figures of an experiment."""

from __future__ import annotations

from beanft.engine.charts.experiments import learning_figure, moments_of, scores_figure

RUNS = [(9.0, "Ridge", 4.0), (2.0, "Nearest neighbours", 6.0), (12.0, "Forest", 5.0)]


def test_the_best_so_far_is_the_smallest_error() -> None:
    moments = moments_of(RUNS, greater_is_better=False)
    assert [(one.s, one.best) for one in moments] == [(2.0, 6.0), (9.0, 4.0), (12.0, 4.0)]


def test_the_line_of_guessing_is_off_at_first_only_when_it_would_press_the_scores_together() -> None:
    moments = moments_of(RUNS, greater_is_better=False)
    near = scores_figure(moments, metric="RMSE", end_s=20.0, baseline=9.0)
    assert near["series"][2]["data"] == [[0, 9], [20, 9]]
    assert "selected" not in near["legend"]
    far = scores_figure(moments, metric="RMSE", end_s=20.0, baseline=900.0)
    assert far["legend"]["selected"] == {"guessing": False}
    assert "guessing" in far["legend"]["data"]


def test_without_a_baseline_or_runs_there_is_no_line_of_it() -> None:
    alone = scores_figure(moments_of(RUNS, greater_is_better=False), metric="RMSE", end_s=0, baseline=None)
    assert [series["name"] for series in alone["series"]] == ["best so far", "each run"]
    assert len(scores_figure([], metric="RMSE", end_s=5.0, baseline=1.0)["series"]) == 2


def test_a_learning_curve_says_its_ends_in_words() -> None:
    figure = learning_figure([(100, 0.7, 0.6, 0.8), (400, 0.8, 0.75, 0.84)], metric="R²")
    assert "from 0.700 with 100 rows to 0.800" in figure["aria"]["label"]["description"]


def test_the_interval_of_a_learning_curve_is_a_band_in_the_lines_own_colour() -> None:
    figure = learning_figure([(100, 0.5, 0.25, 0.75), (400, 0.8, 0.75, 0.84)], metric="R²")
    low, reach, line = figure["series"]
    assert (low["data"][0], reach["data"][0]) == ([100, 0.25], [100, 0.5])
    assert (low["stack"], low["lineStyle"]["opacity"]) == (reach["stack"], 0)
    assert "areaStyle" in reach
    assert line["data"][0] == [100, 0.5, 0.25, 0.75]
    # one name is one colour and one entry of the legend
    assert {low["name"], reach["name"], line["name"]} == set(figure["legend"]["data"])
