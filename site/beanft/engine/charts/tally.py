"""Aggregates the rows of each category and colour, in one pass where their groups can be put together."""

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from beanft.engine.charts.aggregates import value_sql
from beanft.engine.charts.groups import (
    ALL_ROWS,
    Groups,
    find_groups,
    grouped_sql,
    key_sql,
    known_largest,
    named_groups,
    place_of,
    place_values,
)
from beanft.engine.charts.rows import Rows
from beanft.engine.charts.samples import FEW_IN_LARGE, quantiles_sql, sampled_sql, sampling_step

Tally = tuple[Groups, Groups, list[Any]]
"""Categories of x, of the colours, and (place, colour, *aggregates) of each pair that has rows."""

LEVELS = (0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99)
"""Shares of the rows whose quantiles a sample gives."""

_BY_VALUE = ("value", "-value")
_FOLDED = ("count", "sum", "min", "max", "mean")  # what the parts of a group are enough to know the whole of
_MOST_PARTS = 200_000


def tally(rows: Rows, select: str, *, most: tuple[int, int], order: str = "", exact: str = "") -> Tally:
    """Aggregate the rows of each category of x and of the colours.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.
    select : str
        What to aggregate over y, first the value, last the number of rows; that of `aggregate_sql`, or one
        that cannot be put together of parts (boxes).
    most : tuple of int
        Most categories of x and of the colours; of more, the last one is "other".
    order : str
        One of ORDERS, for x. Where it goes by values, those of all colours together count, and decide which
        categories stand alone.
    exact : str
        The same without estimates, for the pairs of few rows in a large table; empty where `select` is exact.

    Returns
    -------
    places, colours : Groups
        The categories.
    found : list of (place, colour, *aggregates)
        One for each pair that has rows, colours within places, in their order.
    """
    found = _at_once(rows, select, most, order) or _in_two_passes(rows, select, most, order)
    return _with_exact(rows, found, exact) if exact and exact != select else found


def quartered(rows: Rows, *, most: tuple[int, int], order: str = "") -> Tally:
    """Summarise the rows of each category of x and of the colours.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.
    most : tuple of int
        As for `tally`.
    order : str
        As for `tally`, by medians.

    Returns
    -------
    places, colours : Groups
        The categories.
    found : list of (place, colour, median, quartiles, smallest, largest, rows)
        One for each pair that has rows. Of very many rows quartiles come from an even sample, but those of
        pairs of few rows, which are exact like all else.
    """
    exact = f"quantile_cont(y, {_QUARTERS!r})[2], quantile_cont(y, {_QUARTERS!r}), {_ENDS}"
    if sampling_step(rows.n_used) == 1:
        return tally(rows, exact, most=most, order=order)
    places, colours, sample = sampled(rows, most=most, order=order)
    drawn = {(gx, gc): (levels[_MIDDLE], levels[_BOX]) for gx, gc, levels, *_ in sample}
    whole = _paired(rows, _ENDS, places, colours)
    pairs = [(gx, gc, *drawn.get((gx, gc), (None, None)), *ends) for gx, gc, *ends in whole]
    return _with_exact(rows, (places, colours, pairs), exact)


def sampled(rows: Rows, *, most: tuple[int, int], order: str = "") -> Tally:
    """Summarise an even sample of the rows of each category of x and of the colours.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.
    most : tuple of int
        As for `tally`.
    order : str
        As for `tally`, by medians.

    Returns
    -------
    places, colours : Groups
        The categories.
    found : list of (place, colour, quantiles, smallest, largest, rows)
        One for each pair that has rows in the sample; the quantiles are those of LEVELS.
    """
    places, colours = _find(rows, most, order)
    select = f"quantile_cont(y, {list(LEVELS)!r}), {_ENDS}"
    part = sampled_sql(sampling_step(rows.n_used))
    return places, colours, _paired(rows, select, places, colours, part)


def sizes(rows: Rows, places: Groups, colours: Groups) -> dict[tuple[int, int], int]:
    """Count the rows of each category of x and of the colours.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.
    places, colours : Groups
        The categories.

    Returns
    -------
    dict of (place, colour) to int
        Pairs that have rows; from the profile where it knows them.
    """
    chart = rows.chart
    if not chart.x and not chart.colour:
        return {(0, 0): rows.n_used}
    most = len(places.labels)
    column = rows.profile.column(chart.x) if chart.x and not chart.colour else None
    known = dict(column.top) if column and known_largest(rows, column, most) else {}
    # Ordered by value, those that stand alone may be among the rarest, whose rows the profile does not tell.
    if known and known.keys() >= set(places.values):
        alone = [known[value] for value in places.values]
        counts = [*alone, rows.n_used - sum(alone)] if places.n_other else alone
        return {(place, 0): n for place, n in enumerate(counts)}
    return {(gx, gc): n for gx, gc, n in _paired(rows, "count(*)", places, colours)}


_QUARTERS = [0.25, 0.5, 0.75]
_BOX, _MIDDLE = slice(2, 5), 3  # of LEVELS
_ENDS = "min(y), max(y), count(*)"


def _with_exact(rows: Rows, found: Tally, exact: str) -> Tally:
    """A sample of the whole table has too few rows of a small group, which costs little to read in full."""
    places, colours, pairs = found
    n_colours = len(colours.labels)
    few = [x * n_colours + c for x, c, *numbers in pairs if numbers[-1] < FEW_IN_LARGE or numbers[0] is None]
    if not few:
        return found
    placed = grouped_sql("y, row", places, colours)
    asked = rows.ask(
        f"SELECT gx, gc, {exact} FROM ({placed}) "  # noqa: S608 -- our own text
        f"WHERE list_contains(?, gx * {n_colours} + gc) GROUP BY gx, gc",
        [*place_values(places, colours), few],
    )
    known = {(x, c): (x, c, *numbers) for x, c, *numbers in asked}
    return places, colours, [known.get((one[0], one[1]), one) for one in pairs]


def _at_once(rows: Rows, select: str, most: tuple[int, int], order: str) -> Tally | None:
    """Group by the columns themselves, then put the smaller groups together."""
    chart = rows.chart
    if rows.whole:  # all panels have the categories of all rows
        return None
    columns = [rows.column(name) for name in (chart.x, chart.colour)]
    n_values = [column.n_distinct if column else 1 for column in columns]
    can_fold = chart.kind not in _RANKED_BY_MEDIAN and chart.aggregation in _FOLDED
    if not can_fold and (n_values[0] > most[0] or n_values[1] > most[1]):
        return None
    if not can_fold and order in _BY_VALUE and chart.colour:
        return None
    if math.prod(n_values) > _MOST_PARTS:
        return None
    found = _parts(rows, select)
    by_x, by_c = (_joined(found, at) for at in (0, 1))
    if not can_fold and (len(by_x) > most[0] or len(by_c) > most[1]):
        return None
    places = _named(rows, chart.x, _ranked_parts(rows, by_x, order), most[0], order)
    colours = _named(rows, chart.colour, _ranked_parts(rows, by_c, ""), most[1], "")
    return places, colours, _placed(rows, found, places, colours)


def _parts(rows: Rows, select: str) -> list[tuple[Any, ...]]:
    """The aggregates of each value of x and of the colours."""
    chart = rows.chart
    keys = [key for key, name in (("kx", chart.x), ("kc", chart.colour)) if name]
    x, c = ("kx::VARCHAR" if chart.x else "''"), ("kc::VARCHAR" if chart.colour else "''")
    grouping = f"GROUP BY {', '.join(keys)}" if keys else ""
    return rows.ask(f"SELECT {x}, {c}, {select} FROM used {grouping}")  # noqa: S608 -- our own text


def _joined(found: Sequence[tuple[Any, ...]], at: int) -> dict[str, list[tuple[Any, ...]]]:
    joined = defaultdict(list)
    for part in found:
        joined[part[at]].append(part[2:])
    return joined


def _ranked_parts(rows: Rows, parts: dict[str, list[tuple[Any, ...]]], order: str) -> list[str]:
    """Categories by value or by number of rows; those without a value last."""
    if order not in _BY_VALUE:
        sizes = {value: sum(part[-1] for part in of_one) for value, of_one in parts.items()}
        return sorted(sizes, key=lambda value: (-sizes[value], value))
    sign = -1 if order == "-value" else 1
    values = {value: fold(rows.chart.aggregation, of_one)[0] for value, of_one in parts.items()}
    known = {value: number for value, number in values.items() if number is not None}
    unknown = sorted(values.keys() - known.keys())
    return [*sorted(known, key=lambda value: (sign * known[value], value)), *unknown]


def fold(aggregation: str, parts: Sequence[Sequence[Any]]) -> Sequence[Any]:
    """Put the aggregates of parts together to that of the whole.

    Parameters
    ----------
    aggregation : str
        One of AGGREGATIONS; several parts only of those that add up, of extremes and of means.
    parts : sequence of (value, sd, rows)
        What `aggregate_sql` gives.

    Returns
    -------
    (value, sd, rows)
        The same of all rows.

    Examples
    --------
    >>> fold("mean", [(1.0, None, 1), (4.0, 0.0, 2)])
    (3.0, 1.7320508075688772, 3)
    """
    if len(parts) == 1:
        return parts[0]
    n = sum(part[-1] for part in parts)
    values = [part[0] for part in parts]
    if aggregation != "mean":
        put = {"min": min, "max": max}.get(aggregation, sum)
        return put(values), None, n
    mean = sum(part[0] * part[2] for part in parts) / n
    squares = sum(
        (sd or 0.0) ** 2 * (rows - 1) + rows * (value - mean) * (value - mean) for value, sd, rows in parts
    )
    return mean, math.sqrt(squares / (n - 1)), n


def _named(rows: Rows, name: str, ranked: list[str], most: int, order: str) -> Groups:
    if not name:
        return ALL_ROWS
    alone = ranked if len(ranked) <= most else ranked[: most - 1]
    return named_groups(rows, name, alone, n_other=len(ranked) - len(alone), order=order)


def _placed(
    rows: Rows, found: Sequence[tuple[Any, ...]], places: Groups, colours: Groups
) -> list[tuple[Any, ...]]:
    at_x, at_c = ({value: at for at, value in enumerate(groups.values)} for groups in (places, colours))
    pairs = defaultdict(list)
    for x, c, *numbers in found:
        pairs[at_x.get(x, len(at_x)), at_c.get(c, len(at_c))].append(numbers)
    return [(*pair, *fold(rows.chart.aggregation, pairs[pair])) for pair in sorted(pairs)]


def _in_two_passes(rows: Rows, select: str, most: tuple[int, int], order: str) -> Tally:
    """First find which categories stand alone, then aggregate."""
    places, colours = _find(rows, most, order)
    return places, colours, _paired(rows, select, places, colours)


def _find(rows: Rows, most: tuple[int, int], order: str) -> tuple[Groups, Groups]:
    find = _ranked if order in _BY_VALUE and rows.chart.x else _usual
    return find(rows, most[0], order), find_groups(rows, "c", most[1])


def _paired(rows: Rows, select: str, places: Groups, colours: Groups, where: str = "true") -> list[Any]:
    """Aggregate the rows of each pair of groups, or those that fulfil a condition."""
    found = rows.ask(
        f"SELECT {key_sql('x', places)} AS gx, {key_sql('c', colours)} AS gc, {select} "  # noqa: S608 -- our own text
        f"FROM used WHERE {where} GROUP BY gx, gc",
        place_values(places, colours),
    )
    return sorted((place_of(gx, places), place_of(gc, colours), *numbers) for gx, gc, *numbers in found)


def _usual(rows: Rows, most: int, order: str) -> Groups:
    groups = find_groups(rows, "x", most)
    if not rows.chart.x:
        return groups
    return named_groups(rows, rows.chart.x, groups.values, n_other=groups.n_other, order=order)


_RANKED_BY_MEDIAN = ("box", "violin")


def _ranked(rows: Rows, most: int, order: str) -> Groups:
    """The categories with the largest or smallest values of all colours together."""
    n = rows.frame.n_used
    is_median = rows.chart.kind in _RANKED_BY_MEDIAN
    value = f"{quantiles_sql('y', [0.5], n)}[1]" if is_median else value_sql(rows.chart, n)
    direction = "DESC" if order == "-value" else "ASC"
    found = rows.frame.ask(
        "SELECT k::VARCHAR AS v, (SELECT count(*) FROM g) FROM g "  # noqa: S608 -- our own text
        f"ORDER BY value {direction} NULLS LAST, v LIMIT ?",
        [most + 1],
        f"g AS MATERIALIZED (SELECT kx AS k, {value} AS value FROM used GROUP BY k)",  # noqa: S608 -- our own text
    )
    n_values = found[0][1]
    if n_values > most:
        found = found[: most - 1]
    return named_groups(rows, rows.chart.x, [v for v, _ in found], n_other=n_values - len(found), order=order)
