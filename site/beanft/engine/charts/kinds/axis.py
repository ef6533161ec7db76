"""One axis of a heat map, whatever it is cut into."""

from dataclasses import dataclass
from typing import Any

from beanft.engine.charts.chart import is_date, is_number
from beanft.engine.charts.links import Link
from beanft.engine.tables.columns import Column

N_VALUES = 30
"""A number of no more different values has a place for each of them, as `expressions` cuts them too."""

MOST_PLACES = 50
"""Most places of an axis, whatever is asked for: 2,500 cells are what a picture can hold."""


@dataclass(frozen=True)
class Axis:
    """One axis of a heat map, as places from 0."""

    name: str
    """The column."""
    heads: tuple[str, ...]
    """Heads of its columns in the table of drawn numbers."""
    key: str
    """SQL over `used` of what rows are grouped by; its value becomes a place by `place`."""
    values: tuple[Any, ...]
    """Parameters of that SQL."""
    join: str
    """SQL of what `used` is joined with for it, or empty."""
    join_values: tuple[Any, ...]
    """Parameters of the join."""
    labels: tuple[str, ...]
    """One text a place."""
    cells: tuple[tuple[float | str, ...], ...]
    """What the table of drawn numbers holds of each place; as many as `heads`."""
    filters: tuple[Link | None, ...]
    """The rows of each place; None where no filter says them."""
    places: dict[Any, int]
    """Place of each key."""
    notes: tuple[str, ...] = ()
    """What a reader must know."""
    guess: str = ""
    """SQL of the key that is quicker, and may err near the edges of bins; empty for none."""
    inner: tuple[float, ...] = ()
    """The edges between bins, by which a guess is proven."""
    rises: bool = True
    """Whether places have an order of their own, which rises upwards."""


def has_bins(column: Column) -> bool:
    """Tell whether an axis of this column is cut into bins.

    Parameters
    ----------
    column : Column
        A column's profile.

    Returns
    -------
    bool
        True for numbers of many values.
    """
    return is_number(column) and column.n_distinct > N_VALUES


def axis_heads(column: Column) -> tuple[str, ...]:
    """List the heads of an axis in the table of drawn numbers.

    Parameters
    ----------
    column : Column
        A column's profile.

    Returns
    -------
    tuple of str
        Two for bins, else one.
    """
    if has_bins(column) and not is_date(column):
        return f"{column.name} from", f"{column.name} to"
    return (column.name,)
