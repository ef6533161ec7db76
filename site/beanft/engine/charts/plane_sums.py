"""The sums of all rows that least squares and correlations need, made by the database."""

import math
from dataclasses import dataclass

from beanft.engine.charts.groups import Groups, coloured_sql, place_values
from beanft.engine.charts.plane import Plane

_NARROW = 1e-6  # share of the axis' spread below which plain sums would lose digits


@dataclass(frozen=True)
class Sums:
    """Some rows on axes scaled to -1 .. 1."""

    n: int
    """Rows."""
    mean_u: float
    """Mean of x."""
    mean_v: float
    """Mean of y."""
    uu: float
    """Sum of squared deviations of x."""
    vv: float
    """Sum of squared deviations of y."""
    uv: float
    """Sum of the products of both deviations."""
    low: float
    """Smallest x."""
    high: float
    """Largest x."""

    @property
    def correlation(self) -> float | None:
        """Pearson's correlation; None where x or y has one value only."""
        if self.uu <= 0 or self.vv <= 0:
            return None
        return max(-1.0, min(self.uv / math.sqrt(self.uu * self.vv), 1.0))


def sums_of(plane: Plane) -> Sums:
    """Sum up all rows.

    Parameters
    ----------
    plane : Plane
        The rows and the ranges of their axes.

    Returns
    -------
    Sums
        Plain sums, twice as quick as careful ones, unless nearly all rows lie in one place.
    """
    scaled = f"scaled AS (SELECT {plane.sql('x')} AS u, {plane.sql('y')} AS v FROM used)"  # noqa: S608 -- our own text
    n, u, v, uu, vv, uv, low, high = plane.rows.ask(
        "SELECT count(*), sum(u), sum(v), sum(u * u), sum(v * v), sum(u * v), min(u), max(u) FROM scaled",
        tables=scaled,
    )[0]
    found = Sums(n, u / n, v / n, uu - u * u / n, vv - v * v / n, uv - u * v / n, low, high)
    if min(found.uu, found.vv) > _NARROW * n:
        return found
    return coloured_sums(plane, Groups(("",), ("all rows",), 0))[0]


def coloured_sums(plane: Plane, groups: Groups) -> dict[int, Sums]:
    """Sum up the rows of each colour.

    Parameters
    ----------
    plane : Plane
        The rows and the ranges of their axes.
    groups : Groups
        The groups of the colours.

    Returns
    -------
    dict of int to Sums
        By place of the colour; one without rows is not there.
    """
    plain = _summed(
        plane,
        groups,
        "count(*), sum(u) / count(*), sum(v) / count(*), sum(u * u) - sum(u) * sum(u) / count(*), "
        "sum(v * v) - sum(v) * sum(v) / count(*), sum(u * v) - sum(u) * sum(v) / count(*)",
    )
    if all(min(one.uu, one.vv) > _NARROW * one.n for one in plain.values()):
        return plain
    return _summed(
        plane,
        groups,
        "count(*), avg(u), avg(v), var_pop(u) * count(*), var_pop(v) * count(*), covar_pop(u, v) * count(*)",
    )


def _summed(plane: Plane, groups: Groups, select: str) -> dict[int, Sums]:
    inner = coloured_sql(f"{plane.sql('x')} AS u, {plane.sql('y')} AS v", groups)
    found = plane.rows.ask(
        f"SELECT gc, {select}, min(u), max(u) FROM ({inner}) GROUP BY gc",  # noqa: S608 -- our own text
        place_values(groups),
    )
    return {gc: Sums(*numbers) for gc, *numbers in found}
