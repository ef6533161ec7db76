"""Figures of a model's report hold the numbers they were given."""

from __future__ import annotations

import json

from beanft.engine.charts.reports import confusion_figure, importance_figure, predicted_against_true_figure


def test_confusion_matrix_shades_by_true_class_and_survives_an_empty_one():
    figure = confusion_figure(["a", "b", "c"], [[6, 2, 0], [1, 1, 2], [0, 0, 0]])
    data = figure["series"][0]["data"]
    assert [3 * true + predicted for predicted, true, *_ in data] == list(range(9))
    assert [cell[2] for cell in data] == [0.75, 0.25, 0, 0.25, 0.25, 0.5, 0, 0, 0]
    assert [cell[3] for cell in data] == [6, 2, 0, 1, 1, 2, 0, 0, 0]
    assert "7 of 12 rows" in figure["aria"]["label"]["description"]


def test_points_keep_true_and_predicted_together_beside_the_diagonal():
    figure = predicted_against_true_figure([(1.0, 2.0), (5.0, 4.0)], "price")
    (series,) = figure["series"]
    assert series["data"] == [[1.0, 2.0], [5.0, 4.0]]
    assert series["markLine"]["data"] == [[{"coord": [1.0, 1.0]}, {"coord": [5.0, 5.0]}]]
    assert json.dumps(predicted_against_true_figure([], "price"))


def test_importances_start_at_zero_and_carry_their_spread():
    figure = importance_figure([("age", 0.5, 0.1), ("name" * 30, -0.01, 0.02)])
    bars, spread = figure["series"]
    assert bars["data"] == [0.5, -0.01]
    assert spread["data"] == [[0, 0.4, 0.6], [1, -0.03, 0.01]]
    assert figure["xAxis"]["scale"] is False
    assert "age 0.5 ± 0.1" in figure["aria"]["label"]["description"]
