"""Aggregates the rows of each bin and colour in one pass, exactly."""

from collections.abc import Callable, Sequence
from typing import Any

from beanft.engine.charts.bins import bin_of, bin_sql, guess_sql
from beanft.engine.charts.colours import stepped
from beanft.engine.charts.groups import Groups
from beanft.engine.charts.rows import Rows


def binned(
    rows: Rows, edges: tuple[float, ...], select: str, *, log: bool = False
) -> tuple[Groups, list[list[Any]]]:
    """Aggregate the rows of each bin of x and each colour.

    A division says in which bin a row lies, as quick as can be; the smallest and the largest value of what
    it put together prove that it did not err. Where it did, the rows are asked again with exact comparisons.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.
    edges : tuple of float
        Rising edges around all values.
    select : str
        SQL of the aggregates, the number of rows last.
    log : bool
        Whether the edges are equally spaced in logarithmic space.

    Returns
    -------
    colours : Groups
        The colours.
    found : list of [bin, colour, *aggregates]
        One for each pair that has rows.
    """
    named: list[Groups] = []

    def ask(key: str, aggregates: str) -> list[Sequence[Any]]:
        colours, found = stepped(rows, key, aggregates)
        named[:] = [colours]
        return [*found]

    found = [list(one) for one in proven(ask, "x", edges, select, log=log)]
    return named[0], found


def proven(
    ask: Callable[[str, str], list[Sequence[Any]]],
    value: str,
    edges: tuple[float, ...],
    select: str,
    *,
    log: bool = False,
) -> list[Sequence[Any]]:
    """Aggregate by bins that are guessed, and again by exact ones should a guess have erred.

    Parameters
    ----------
    ask : callable
        Gets the SQL of a bin and that of the aggregates; gives [bin, group, *aggregates] of each pair.
    value : str
        SQL of the value.
    edges : tuple of float
        Rising edges around all values.
    select : str
        SQL of the aggregates.
    log : bool
        Whether the edges are equally spaced in logarithmic space.

    Returns
    -------
    list of [bin, group, *aggregates]
        One for each pair that has rows.
    """
    found = ask(guess_sql(value, edges, log=log), f"min({value}), max({value}), {select}")
    placed: list[Sequence[Any]] = [[bin_of(one[2], edges), one[1], *one[4:]] for one in found]
    is_right = all(bin_of(one[3], edges) == place[0] for one, place in zip(found, placed, strict=True))
    if is_right and len({(place[0], place[1]) for place in placed}) == len(placed):
        return placed
    return ask(bin_sql(value, edges, log=log), select)
