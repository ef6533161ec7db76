"""Lowess: local straight lines, and errors that cover."""

import numpy as np

from beanft.engine.charts.lowess import lowess


def test_a_straight_line_stays_straight_and_certain():
    x = np.array([0.0, 0.1, 0.5, 3, 4, 4, 9])
    curve = lowess(x, 3 - 2 * x)
    assert np.allclose(curve.value, 3 - 2 * curve.at)
    assert np.allclose(curve.error, 0)


def test_heights_are_weighted_least_squares():
    rng = np.random.default_rng(1)
    x = rng.random(40)
    y = rng.random(40)
    curve = lowess(x, y, 3)
    for at, value in zip(curve.at, curve.value, strict=True):
        distance = np.abs(x - at)
        reach = np.sort(distance)[26]  # 27 of 40 are two thirds
        weights = np.clip(1 - (distance / reach) ** 3, 0, None) ** 3
        slope, level = np.polyfit(x - at, y, 1, w=np.sqrt(weights))
        assert np.isclose(value, level, rtol=1e-5)
        assert np.isfinite(slope)


def test_the_band_holds_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(2)
    x = np.linspace(0, 1, 80)
    hits = []
    for _ in range(200):
        curve = lowess(x, x + rng.normal(0, 0.1 + x / 2), 5)  # the spread grows along x
        hits.append(np.abs(curve.value - curve.at) < 1.96 * curve.error)
    assert 0.9 < np.mean(hits) < 0.99


def test_ties_and_two_places_have_a_curve():
    x = np.array([0.0] * 30 + [1.0] * 3)
    curve = lowess(x, x * 2, 5)
    assert np.isfinite(curve.value).all()
    assert np.isfinite(curve.error).all()
    assert np.allclose(curve.value[[0, -1]], [0, 2])
