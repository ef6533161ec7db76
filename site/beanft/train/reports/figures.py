"""The pictures of a report as ECharts options."""

from collections.abc import Mapping
from typing import Any

from beanft.engine.charts.reports import (
    confusion_figure,
    error_figure,
    importance_figure,
    predicted_against_true_figure,
)
from beanft.train.explain.figures import importance_of as explained_importance

MOST_BARS = 15
"""Columns that the picture of the importances shows; the table beside it has all."""


def figure(name: str, report: Mapping[str, Any], target: str) -> dict[str, Any] | None:
    """One picture of a report as an ECharts option; None where there is no such picture."""
    if name == "confusion" and "confusion" in report:
        return confusion_figure(report["confusion"]["labels"], report["confusion"]["counts"])
    if name == "predicted" and "points" in report:
        return predicted_against_true_figure(_pairs(report["points"]), target)
    if name == "errors" and report.get("errors"):
        return error_figure(report["errors"]["by_predicted"], target)
    importance = report.get("importance") or {}
    columns = importance.get("columns")
    if name == "importance" and importance.get("explained"):
        return explained_importance(importance)
    if name == "importance" and columns:
        bars = [(one["name"], one["mean"] or 0.0, one["sd"] or 0.0) for one in columns[:MOST_BARS]]
        return importance_figure(bars)
    return None


def _pairs(points: Mapping[str, Any]) -> list[tuple[float, float]]:
    return [
        (true, guess)
        for true, guess in zip(points["true"], points["predicted"], strict=True)
        if true is not None and guess is not None
    ]
