"""Single rows as points: an even sample of them that is the same every time, split by colour."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from beanft.engine.charts.catalogue import N_SERIES
from beanft.engine.charts.drawing import Series
from beanft.engine.charts.groups import Groups, find_groups
from beanft.engine.charts.links import Link, range_link
from beanft.engine.charts.rows import Rows
from beanft.engine.charts.samples import first_sql
from beanft.engine.tables.columns import Column
from beanft.engine.tables.queries.predicates import family_of
from beanft.engine.tables.wording import are, counted

_FEWEST_POINTS = 100  # of a panel
N_POINTS = 5000
"""Most points that are drawn."""

DENSITY_FROM = 20_000
"""With more rows than this, and no colour, cells are drawn where the shape is left to the data."""

Row = tuple[Any, ...]
"""Number of the row, x, y, further numbers, colour."""


@dataclass(frozen=True)
class Colours:
    """How points are coloured: by a few groups, or along a scale of numbers."""

    groups: Groups
    """The groups; one of all rows where the colour is a scale."""
    is_scale: bool
    """Whether the colour is a number."""


def sample_rows(rows: Rows, most: int, columns: str = "row, x, y, c") -> list[Row]:
    """Fetch the rows, or an even sample of them that is the same every time.

    A hash of the row number takes the place of a seed: those below a threshold are a few more than wanted,
    and only these are put in order.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.
    most : int
        Most rows wanted.
    columns : str
        What is fetched of them, the number of the row first.

    Returns
    -------
    list of tuple
        In the order of the table.
    """
    if rows.whole:  # panels share the points as they share the rows
        most = max(round(most * rows.n_used / rows.frame.n_used), min(most, _FEWEST_POINTS))
    share = (most + 10 * math.sqrt(most) + 100) / max(rows.n_used, 1)
    chosen = _smallest(rows, most, columns, share) if share < 1 else []
    if len(chosen) < min(most, rows.n_used):
        chosen = _smallest(rows, most, columns, 1.0)
    return sorted(chosen, key=lambda row: row[0])


def _smallest(rows: Rows, most: int, columns: str, share: float) -> list[Row]:
    below = f"used WHERE hash(row) < {int(share * 2**64)}::UBIGINT" if share < 1 else "used"
    return rows.ask(first_sql(columns, below, most))[:most]


def sampled_note(n_drawn: int, n_used: int) -> tuple[str, ...]:
    """Say that points are a sample, where they are.

    Parameters
    ----------
    n_drawn, n_used : int
        Rows that are drawn, and all there are.

    Returns
    -------
    tuple of str
        One sentence, or none.

    Examples
    --------
    >>> sampled_note(5000, 6000)
    ('An even sample of 5,000 of 6,000 rows is drawn, the same every time.',)
    """
    if n_drawn >= n_used:
        return ()
    return (f"An even sample of {n_drawn:,} of {n_used:,} rows is drawn, the same every time.",)


def find_colours(rows: Rows) -> Colours:
    """Find out how the points of a chart are coloured.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.

    Returns
    -------
    Colours
        Groups or a scale.
    """
    if not rows.chart.colour:
        return Colours(Groups(("",), ("rows",), 0), is_scale=False)
    first = rows.ask("SELECT c FROM used LIMIT 1")[0][0]
    if not isinstance(first, str):
        return Colours(Groups(("",), ("rows",), 0), is_scale=True)
    return Colours(find_groups(rows, "c", N_SERIES), is_scale=False)


def split_points(points: Sequence[Row], colours: Colours) -> list[list[Row]]:
    """Give each colour its points, without the number of the row and the name of the colour.

    Parameters
    ----------
    points : sequence of tuple
        Rows as `sample_rows` fetched them, the colour last.
    colours : Colours
        How they are coloured.

    Returns
    -------
    list of list of tuple
        One list a colour; a colour that is a number stays with its point.
    """
    if colours.is_scale:
        return [[point[1:] for point in points]]
    groups = colours.groups
    place = {value: at for at, value in enumerate(groups.values)}
    split: list[list[Row]] = [[] for _ in groups.labels]
    for _, *numbers, colour in points:
        split[place.get(colour, len(groups.values))].append(tuple(numbers))
    return split


def point_series(points: Sequence[Row], colours: Colours) -> tuple[Series, ...]:
    """Make the series of some points.

    Parameters
    ----------
    points : sequence of tuple
        Rows as `sample_rows` fetched them, the colour last.
    colours : Colours
        How they are coloured.

    Returns
    -------
    tuple of Series
        One a colour, of (x, y) and further numbers.
    """
    return tuple(
        Series(name=name, values=tuple(values))
        for name, values in zip(colours.groups.labels, split_points(points, colours), strict=True)
    )


def colour_range(points: Sequence[Row], colours: Colours) -> tuple[float, float] | None:
    """Find the ends of a scale of colours.

    Parameters
    ----------
    points : sequence of tuple
        Rows, the colour last.
    colours : Colours
        How they are coloured.

    Returns
    -------
    tuple of (smallest, largest), or None
        None where the colour is no scale.
    """
    if not colours.is_scale:
        return None
    values = [point[-1] for point in points]
    return min(values), max(values)


def point_links(rows: Rows, points: Sequence[Row]) -> tuple[Link, ...]:
    """Write the filters that lead to the rows at the place of each point.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.
    points : sequence of tuple
        Rows as `sample_rows` fetched them.

    Returns
    -------
    tuple of tuple of Filter
        One link a point; none at all where a column is compared as text.
    """
    across, up = rows.profile.column(rows.chart.x), rows.profile.column(rows.chart.y)
    if not all(brush_of(rows)):
        return ()
    return tuple((*_at(across, point[1]), *_at(up, point[2])) for point in points)


def _at(column: Column, value: float) -> Link:
    """One number; a whole one so large that floating point rounded it is looked for within the rounding."""
    reach = math.ulp(value) if column.stored == "BIGINT" and abs(value) >= 2**53 else 0.0
    return range_link(column, value - reach, value + reach, is_last=True) or ()


def brush_of(rows: Rows) -> tuple[str, str]:
    """Name the columns of which a selected range can become a filter.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.

    Returns
    -------
    tuple of (str, str)
        Those along the horizontal and the vertical axis; empty where numbers are compared as text, as those
        of identifiers are.
    """
    x, y = (
        name if family_of(rows.profile.column(name)) == "number" else ""
        for name in (rows.chart.x, rows.chart.y)
    )
    return x, y


def narrowed(rows: Rows, condition: str, reason: str, *, n_kept: int | None = None) -> Rows:
    """Leave out further rows, and count them.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.
    condition : str
        SQL over x, y, z and c that holds for those that stay.
    reason : str
        Why the others go, such as "with a negative size".
    n_kept : int, optional
        How many stay, where that was counted already.

    Returns
    -------
    Rows
        The same rows, or those that stay and a further note.
    """
    if n_kept is None:
        n_kept = int(rows.ask(f"SELECT count(*) FROM used WHERE {condition}")[0][0])  # noqa: S608 -- our own text
    n_left = rows.n_used - n_kept
    if not n_left:
        return rows
    return replace(
        rows,
        given=f"SELECT * FROM ({rows.given}) WHERE {condition}",  # noqa: S608 -- our own text
        n_used=n_kept,
        notes=(*rows.notes, f"{counted(n_left, 'row')} {reason} {are(n_left)} left out."),
    )


def takes_density(rows: Rows) -> bool:
    """Tell whether cells that count all rows are drawn in the place of points.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.

    Returns
    -------
    bool
        True on wish, or with many rows and no colour to tell apart.
    """
    chart = rows.chart
    many = not chart.shape and not chart.colour and rows.frame.n_used > DENSITY_FROM
    return chart.shape == "density" or many
