"""Curves of unseen predictions against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from beanft.engine.charts.comparisons import calibration_figure, error_figure, roc_figure, truth_figure
from beanft.engine.learning.compared.curves import MOST_POINTS, Curve, calibration, errors, roc, truth


def test_roc_climbs_through_each_distinct_probability() -> None:
    curve = roc(np.array([1, 1, 0, 1, 0]), np.array([0.9, 0.8, 0.8, 0.3, 0.1]))
    assert curve.x == (0.0, 0.0, 0.5, 0.5, 1.0)
    assert curve.y == pytest.approx((0.0, 1 / 3, 2 / 3, 1.0, 1.0))


def test_roc_of_one_class_has_no_points() -> None:
    assert roc(np.zeros(4, dtype=int), np.linspace(0, 1, 4)) == Curve(x=(), y=())


def test_roc_of_many_rows_keeps_its_ends_and_few_points() -> None:
    random = np.random.default_rng(0)
    curve = roc(random.integers(0, 2, 5000), random.random(5000))
    assert len(curve.x) <= MOST_POINTS
    assert (curve.x[0], curve.y[0], curve.x[-1], curve.y[-1]) == (0.0, 0.0, 1.0, 1.0)


def test_calibration_gives_the_share_that_came_true_with_wilsons_interval() -> None:
    y = np.r_[np.zeros(30), np.ones(10), np.ones(30), np.zeros(10)].astype(int)
    said = np.r_[np.full(40, 0.2), np.full(40, 0.8)]
    curve = calibration(y, np.stack([1 - said, said], axis=1))
    assert curve.x == pytest.approx((0.2, 0.8))
    assert curve.y == (0.25, 0.75)
    assert curve.low[0] == pytest.approx(0.1419, abs=1e-4)  # Wilson's interval of 10 among 40
    assert curve.high[0] == pytest.approx(0.4019, abs=1e-4)


def test_calibration_of_many_classes_is_of_the_chosen_one() -> None:
    predicted = np.tile([0.6, 0.3, 0.1], (20, 1))
    curve = calibration(np.r_[np.zeros(15), np.ones(5)].astype(int), predicted)
    assert (curve.x, curve.y) == (pytest.approx((0.6,)), (0.75,))


def test_equal_answers_stay_in_one_part() -> None:
    said = np.r_[np.full(90, 0.1), np.full(110, 0.5)]
    curve = calibration(np.zeros(200, dtype=int), np.stack([1 - said, said], axis=1))
    assert curve.x == pytest.approx((0.1, 0.5))


def test_errors_rise_with_the_share_of_rows() -> None:
    curve = errors(np.zeros(101), np.arange(101.0))
    assert curve.y[curve.x.index(0.5)] == 50.0
    assert curve.y[curve.x.index(0.95)] == 95.0


def test_truth_lies_on_the_diagonal_when_predictions_are_right_on_average() -> None:
    y = np.arange(200.0)
    curve = truth(y, y)
    assert curve.x == curve.y
    assert len(curve.x) == 10
    assert all(low < mean < high for low, mean, high in zip(curve.low, curve.y, curve.high, strict=True))


def test_nothing_to_draw_is_no_error() -> None:
    nothing = np.array([])
    assert errors(nothing, nothing).x == truth(nothing, nothing).x == ()
    assert calibration(np.array([], dtype=int), np.empty((0, 2))).x == ()


CURVE = Curve(x=(0.1, 0.5), y=(0.2, 0.6), low=(0.1, 0.5), high=(0.3, 0.7))
HOSTILE = "<script>alert(1)</script>" + "x" * 500


def test_figures_put_the_models_over_each_other_with_intervals_and_the_diagonal() -> None:
    option = calibration_figure([("a", CURVE), (HOSTILE, CURVE)], "“yes”")
    kinds = [series["type"] for series in option["series"]]
    assert kinds == ["line", "custom", "line", "custom"]
    assert option["legend"]["show"]
    assert option["series"][0]["markLine"]["data"][0][1]["coord"] == [1.0, 1.0]
    assert option["series"][0]["symbol"] != option["series"][2]["symbol"]
    assert "a, <script>" in option["aria"]["label"]["description"]
    assert len(option["aria"]["label"]["description"]) < 400


def test_every_figure_takes_curves_without_points() -> None:
    nothing = Curve(x=(), y=())
    for make in (roc_figure, calibration_figure, error_figure, truth_figure):
        assert make([("a", nothing)], HOSTILE)["series"][0]["data"] == []


def test_truth_stands_on_a_diagonal_over_its_own_range() -> None:
    option = truth_figure([("a", Curve(x=(10.0, 20.0), y=(12.0, 25.0)))], "price")
    assert option["series"][0]["markLine"]["data"][0][0]["coord"] == [10.0, 10.0]
    assert option["series"][0]["markLine"]["data"][0][1]["coord"] == [25.0, 25.0]
