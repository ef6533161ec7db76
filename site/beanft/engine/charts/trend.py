"""Trend lines of point charts: a straight line by least squares, or a smooth curve, with 95 % bands."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import stdtrit

from beanft.engine.charts.expressions import is_logarithmic
from beanft.engine.charts.groups import Groups
from beanft.engine.charts.lowess import lowess
from beanft.engine.charts.plane import Plane
from beanft.engine.charts.plane_sums import Sums, coloured_sums
from beanft.engine.charts.points import Colours, Row, split_points
from beanft.engine.charts.words import FEW_ROWS, figure
from beanft.engine.plain import capital
from beanft.engine.tables.wording import counted, shown

Fit = tuple[tuple[float, float | None, float | None, float | None], ...]
"""x, value, low and high of the band, x rising."""

_N_PLACES = 40


@dataclass(frozen=True)
class Trends:
    """The trend of each colour."""

    fits: tuple[Fit, ...]
    """One a series, empty where there is none."""
    notes: tuple[str, ...]
    """How they were made and what they say."""


def linear_trends(plane: Plane, colours: Colours, whole: Sums) -> Trends:
    """Fit a straight line to all rows of each colour, from sums.

    Parameters
    ----------
    plane : Plane
        The rows and the ranges of their axes.
    colours : Colours
        How they are coloured; along a scale of numbers, all rows get one line.
    whole : Sums
        The sums of all rows.

    Returns
    -------
    Trends
        Lines with the 95 % confidence band of the mean, and slope and R² in words.
    """
    groups = colours.groups
    sums = {0: whole} if len(groups.labels) == 1 else coloured_sums(plane, groups)
    fits: list[Fit] = []
    notes = [_linear_words(plane)]
    for place, label in enumerate(groups.labels):
        of_group = sums.get(place)
        why = _unfit(of_group.n if of_group else 0, of_group.uu if of_group else 0.0, plane.rows.chart.x)
        name = _named(label, groups)
        if why or of_group is None:
            fits.append(())
            notes.append(f"{name}no trend line, because {why}.")
            continue
        fits.append(_line(plane, of_group))
        notes.append(f"{name}{_slope_words(plane, of_group)}")
    return Trends(tuple(fits), _sentences(notes, any(fits)))


def smooth_trends(plane: Plane, colours: Colours, points: Sequence[Row]) -> Trends:
    """Draw a smooth curve through a sample of the rows of each colour.

    Parameters
    ----------
    plane : Plane
        The rows and the ranges of their axes.
    colours : Colours
        How they are coloured.
    points : sequence of tuple
        The sample, as `sample_rows` fetched it with row, x, y and colour.

    Returns
    -------
    Trends
        Curves with pointwise 95 % bands from the smoother's standard errors.
    """
    groups = colours.groups
    fits: list[Fit] = []
    notes = [_smooth_words(plane, len(points))]
    for label, of_group in zip(groups.labels, split_points(points, colours), strict=True):
        u, v = (
            np.array([plane.scaled(part, point[at]) for point in of_group])
            for at, part in enumerate(("x", "y"))
        )
        why = _unfit(len(of_group), float(np.ptp(u)) if of_group else 0.0, plane.rows.chart.x)
        if why:
            fits.append(())
            notes.append(f"{_named(label, groups)}no trend line, because {why}.")
            continue
        curve = lowess(u, v)
        half = float(stdtrit(max(len(of_group) - 2, 1), 0.975)) * curve.error
        fits.append(_fit(plane, curve.at, curve.value, half))
    return Trends(tuple(fits), _sentences(notes, any(fits)))


def _unfit(n: int, spread: float, x: str) -> str:
    """Why rows have no trend; empty where they may have one."""
    if n < FEW_ROWS:
        return f"there are fewer than {FEW_ROWS} rows"
    return "" if spread > 0 else f"{shown(x, 40)} has only one value"


def _line(plane: Plane, sums: Sums) -> Fit:
    at = np.linspace(sums.low, sums.high, _N_PLACES)
    slope, variance, reach = _least_squares(sums)
    value = sums.mean_v + slope * (at - sums.mean_u)
    half = reach * np.sqrt(variance * (1 / sums.n + (at - sums.mean_u) ** 2 / sums.uu))
    return _fit(plane, at, value, half)


def _least_squares(sums: Sums) -> tuple[float, float, float]:
    """Slope, variance of the rows around the line, and the 97.5 % quantile of Student's t."""
    slope = sums.uv / sums.uu
    variance = max(sums.vv - slope * sums.uv, 0.0) / (sums.n - 2)
    return slope, variance, float(stdtrit(sums.n - 2, 0.975))


def _fit(plane: Plane, at: Any, value: Any, half: Any) -> Fit:
    """Back from the scaled axes to x and y."""
    back = plane.unscaled
    return tuple(
        (
            back("x", float(u)),
            back("y", float(middle)),
            back("y", float(middle - reach)),
            back("y", float(middle + reach)),
        )
        for u, middle, reach in zip(at, value, half, strict=True)
    )


def _slope_words(plane: Plane, sums: Sums) -> str:
    chart = plane.rows.chart
    slope, variance, reach = _least_squares(sums)
    half = reach * math.sqrt(variance / sums.uu)
    stretch = plane.half[1] / plane.half[0]
    low, middle, high = ((slope + way * half) * stretch for way in (-1, 0, 1))
    squared = f", R² {sums.uv**2 / (sums.uu * sums.vv):.2f}" if sums.vv > 0 else ""
    log_x, log_y = is_logarithmic(chart, "x"), is_logarithmic(chart, "y")
    step = f"each tenfold {shown(chart.x, 40)}" if log_x else f"each 1 more of {shown(chart.x, 40)}"
    if log_y:
        if max(map(abs, (low, middle, high))) > 300:
            return f"{shown(chart.y, 40)} changes beyond all measure with {step}{squared}."
        low, middle, high = (10.0**one for one in (low, middle, high))
        changes = f"{shown(chart.y, 40)} is multiplied by {figure(middle)} for {step}"
    else:
        changes = f"{shown(chart.y, 40)} changes by {figure(middle)} for {step}"
    return f"{changes} (95 % interval {figure(low)} to {figure(high)}){squared}, {counted(sums.n, 'row')}."


def _linear_words(plane: Plane) -> str:
    return (
        f"Trend: straight line by least squares on all {plane.rows.n_used:,} rows{_scales(plane)}; its band "
        "holds the mean with 95 % confidence, if rows are independent and spread alike."
    )


def _smooth_words(plane: Plane, n: int) -> str:
    n_used = plane.rows.n_used
    which = f"all {n:,} rows" if n >= n_used else f"an even sample of {n:,} of {n_used:,} rows"
    return (
        f"Trend: smooth curve (lowess: local straight lines through the nearest two thirds) of {which}"
        f"{_scales(plane)}; its 95 % band comes from the standard errors of the curve at each place."
    )


def _scales(plane: Plane) -> str:
    chart = plane.rows.chart
    logs = [name for part, name in (("x", chart.x), ("y", chart.y)) if is_logarithmic(chart, part)]
    return f", on the logarithm of {' and '.join(shown(name, 40) for name in logs)}" if logs else ""


def _named(label: str, groups: Groups) -> str:
    return f"{shown(label, 40)}: " if len(groups.labels) > 1 else ""


def _sentences(notes: list[str], is_drawn: bool) -> tuple[str, ...]:
    """The first note says how lines were made, and goes where none is drawn."""
    kept = notes if is_drawn else notes[1:]
    return tuple(capital(note) for note in kept)
