"""Which columns of a view stand where."""

from collections.abc import Sequence

COLUMNS_SHOWN = 100
"""Columns that a page of rows shows beside each other; wider tables are turned like pages."""

COLUMNS_LISTED = 200
"""Columns that a form lists; of wider tables names are typed, with suggestions that are sent only once."""

PINS_MOST = 4
"""Pinned columns that stay at the left while the others move; more would leave no room."""


def arranged(chosen: Sequence[str], hidden: Sequence[str], pinned: Sequence[str]) -> tuple[str, ...]:
    """The pinned columns in their order, then the chosen ones that are neither pinned nor hidden.

    >>> arranged(["a", "b", "c", "d"], ["b"], ["d"])
    ('d', 'a', 'c')
    """
    first = [name for name in pinned if name not in hidden]
    left_out = {*first, *hidden}
    return (*first, *(name for name in chosen if name not in left_out))
