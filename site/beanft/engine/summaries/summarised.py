"""The table of a summary, as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from beanft.engine.charts.links import Link
from beanft.engine.summaries.groups import Cell, Grouping
from beanft.engine.summaries.measures import Figure, Precision
from beanft.engine.summaries.summary import Summary
from beanft.engine.tables.queries.conditions import Filter

Row = tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class Summarised:
    """The table of a summary, as plain values."""

    summary: Summary
    """The description it came from."""
    groupings: tuple[Grouping, ...]
    """How each column puts the rows together; the one across comes last."""
    n_keys: int
    """First columns that tell the group; the others are figures."""
    header: tuple[str, ...]
    """Heads of the columns, all different."""
    rows: tuple[Row, ...]
    """One for each group; None in a key is the group of rows without that value."""
    links: tuple[Link | None, ...]
    """Filters that lead to the rows of each group, besides those of the summary; None where none can."""
    across: tuple[Any, ...] = ()
    """Values that became columns, as the engine gives them; None for the missing one."""
    figures: tuple[Figure, ...]
    """What is shown of each group, and where in its row."""
    counted: tuple[str, ...] = ()
    """Columns whose values are counted in each group, as some rows have none."""
    n_groups: int
    """Groups of the table, also those left out."""
    is_whole: bool
    """Whether no group was left out."""
    n_rows: int
    """Rows that pass the filters."""
    notes: tuple[str, ...]
    """What a reader must know, one plain sentence each."""

    @property
    def is_estimate(self) -> bool:
        """Whether quantiles and numbers of different values may be estimates, as the notes then say."""
        return Precision(self.n_rows).is_estimate


def link_of(groupings: Sequence[Grouping], keys: Sequence[Any]) -> Link | None:
    """Write the filters of all keys of a group.

    Parameters
    ----------
    groupings : sequence of Grouping
        How each column puts the rows together.
    keys : sequence
        The group's keys, as the engine gives them.

    Returns
    -------
    tuple of Filter, or None
        None where one of the keys cannot be said by filters.
    """
    found: list[Filter] = []
    for one, value in zip(groupings, keys, strict=True):
        link = one.link(value)
        if link is None:
            return None
        found += link
    return tuple(found)


def different(names: Sequence[str]) -> tuple[str, ...]:
    """Make heads different from each other, as the ingest does with names of columns.

    Parameters
    ----------
    names : sequence of str
        Any heads.

    Returns
    -------
    tuple of str
        As many, the later ones numbered.

    Examples
    --------
    >>> different(["a", "a"])
    ('a', 'a (2)')
    """
    found: dict[str, None] = {}
    for head in names:
        name, n = head, 1
        while name in found:
            n += 1
            name = f"{head} ({n})"
        found[name] = None
    return tuple(found)


def word(value: Cell) -> str:
    """Write the value of a key.

    Parameters
    ----------
    value : str, float, int, bool or None
        A key of a group.

    Returns
    -------
    str
        "missing" for None, true and false in small letters.

    Examples
    --------
    >>> word(None), word(True), word(3)
    ('missing', 'true', '3')
    """
    return "missing" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def sort_key(value: Any) -> tuple[int, int | float, str]:
    """Order numbers by size, dates and texts by their letters; what is missing comes last.

    Parameters
    ----------
    value : object
        A key or a figure.

    Returns
    -------
    tuple
        For `sorted`.

    Examples
    --------
    >>> sorted([None, 3, 2.5], key=sort_key)
    [2.5, 3, None]
    """
    if value is None:
        return (2, 0, "")
    if isinstance(value, int | float):
        return (0, value, "")
    return (1, 0, str(value))
