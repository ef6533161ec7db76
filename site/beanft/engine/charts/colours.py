"""Aggregates the rows of each step along an axis and each colour, in as few passes as can be."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from beanft.engine.charts.catalogue import N_SERIES
from beanft.engine.charts.groups import (
    ALL_ROWS,
    Groups,
    find_groups,
    key_sql,
    known_largest,
    named_groups,
    place_of,
    place_values,
)
from beanft.engine.charts.rows import Rows


@dataclass(frozen=True)
class Split:
    """How SQL tells the colours of rows apart."""

    key: str
    """SQL of the colour of a row of `source`."""
    source: str
    """What stands after FROM."""
    values: tuple[Any, ...]
    """Parameters of the source."""
    colours: Groups | None
    """The colours where the key is that of `key_sql`; None where it is the value itself."""

    @property
    def grouping(self) -> str:
        """What GROUP BY needs besides the step; a bare number would mean a place in the SELECT."""
        return f", {self.key}" if self.key != "1" else ""


def split_of(rows: Rows) -> Split:
    """Choose how to tell colours apart: by their place, unless they are few that would have to be asked for.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.

    Returns
    -------
    Split
        Parts of a statement.
    """
    if not rows.chart.colour:
        return Split("1", "used", (), ALL_ROWS)
    column = rows.profile.column(rows.chart.colour)
    is_known = known_largest(rows, column, N_SERIES) is not None
    if rows.whole is None and column.n_distinct <= N_SERIES and not is_known:
        return Split("kc", "used", (), None)
    return placed_split(find_groups(rows, "c", N_SERIES))


def placed_split(colours: Groups) -> Split:
    """Tell colours apart by their place.

    Parameters
    ----------
    colours : Groups
        The colours.

    Returns
    -------
    Split
        Parts of a statement.
    """
    source = f"(SELECT *, {key_sql('c', colours)} AS gc FROM used) placed"  # noqa: S608 -- our own text
    return Split("gc", source, tuple(place_values(colours)), colours)


def settle(
    rows: Rows, split: Split, found: Sequence[Sequence[Any]], at: int
) -> tuple[Groups, list[list[Any]]]:
    """Turn the colours in what was found into places, the usual order.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.
    split : Split
        How they were told apart.
    found : sequence of sequence
        What was aggregated; the number of rows is last.
    at : int
        Which of its values is the colour.

    Returns
    -------
    colours : Groups
        The colours, at most N_SERIES where the profile counted them right.
    found : list of list
        The same with places of the colours.
    """
    if split.colours is not None:
        colours = split.colours
        return colours, [[*one[:at], place_of(one[at], colours), *one[at + 1 :]] for one in found]
    sizes: Counter[str] = Counter()
    for one in found:
        sizes[one[at]] += one[-1]
    ranked = sorted(sizes, key=lambda value: (-sizes[value], value))
    colours = named_groups(rows, rows.chart.colour, ranked, n_other=0)
    places = {value: place for place, value in enumerate(colours.values)}
    return colours, [[*one[:at], places[one[at]], *one[at + 1 :]] for one in found]


def stepped(rows: Rows, key: str, select: str) -> tuple[Groups, list[list[Any]]]:
    """Aggregate the rows of each step and colour.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.
    key : str
        SQL of the step that a row belongs to.
    select : str
        SQL of the aggregates, the number of rows last.

    Returns
    -------
    colours : Groups
        The colours.
    found : list of [step, colour, *aggregates]
        One for each pair that has rows.
    """
    split = split_of(rows)
    found = _grouped(rows, split, key, select)
    colours, placed = settle(rows, split, found, 1)
    if len(colours.labels) <= N_SERIES:
        return colours, placed
    split = placed_split(find_groups(rows, "c", N_SERIES))  # the profile knew of fewer
    return settle(rows, split, _grouped(rows, split, key, select), 1)


def _grouped(rows: Rows, split: Split, key: str, select: str) -> list[tuple[Any, ...]]:
    colour = f"{split.key}::VARCHAR" if split.colours is None else split.key
    return rows.ask(
        f"SELECT {key} AS k, {colour}, {select} FROM {split.source} GROUP BY k{split.grouping}",  # noqa: S608 -- our own text
        split.values,
    )
