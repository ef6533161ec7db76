"""Crosses a summary with one of its keys, and orders its groups."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from beanft.engine.errors import EngineError
from beanft.engine.summaries.measures import figures
from beanft.engine.summaries.summarised import Row, Summarised, different, link_of, sort_key, word
from beanft.engine.tables.wording import shown

MOST_ACROSS = 30
"""Most values that become columns."""

MOST_CELLS = 200_000
"""Most figures of a crossed table, the empty ones of groups that never meet among them."""


def crossed(flat: Summarised, found_keys: Sequence[tuple[Any, ...]]) -> Summarised:
    """Turn the values of the last key into columns, in their order.

    Parameters
    ----------
    flat : Summarised
        A summary whose last key is crossed with the others.
    found_keys : sequence of tuple
        The keys of its groups, as the engine gives them.

    Returns
    -------
    Summarised
        One row for each group of the other keys.

    Raises
    ------
    EngineError
        When that would be too many columns or cells.
    """
    n_keys, grouping = flat.n_keys - 1, flat.groupings[-1]
    raw = sorted({row[n_keys] for row in found_keys}, key=sort_key)
    if len(raw) > MOST_ACROSS:
        raise EngineError(
            f"{shown(grouping.name, 40)} has {len(raw):,} values; at most {MOST_ACROSS} can become "
            "columns. Filter the rows, or choose a column with fewer values."
        )
    if not flat.is_whole:  # what was left out would look like groups without rows
        raise EngineError(
            f"The table would have {flat.n_groups:,} cells; at most {len(flat.rows):,} can be shown. "
            "Filter the rows, or put them together by a column with fewer values."
        )
    values = [grouping.label(value) for value in raw]
    named = flat.header[flat.n_keys :]
    n_cells = len({keys[:n_keys] for keys in found_keys}) * len(raw) * len(named)
    if n_cells > MOST_CELLS:
        raise EngineError(
            f"The table would have {n_cells:,} figures; at most {MOST_CELLS:,} can be shown. "
            "Filter the rows, leave out measures, or do not cross it."
        )
    cells: dict[Row, dict[Any, Row]] = {}  # by the engine's keys: labels of narrow bins may be equal
    labels: dict[Row, Row] = {}
    for row, keys in zip(flat.rows, found_keys, strict=True):
        cells.setdefault(keys[:n_keys], {})[keys[n_keys]] = row[flat.n_keys :]
        labels[keys[:n_keys]] = row[:n_keys]
    # A pair of groups that never meet has no rows, and no figures.
    nothing: Row = (0, *(None for _ in named[1:]))
    return replace(
        flat,
        n_keys=n_keys,
        header=different(
            [*flat.header[:n_keys], *(f"{word(value)}: {head}" for value in values for head in named)]
        ),
        rows=tuple(
            (*labels[keys], *(cell for value in raw for cell in of.get(value, nothing)))
            for keys, of in cells.items()
        ),
        links=tuple(link_of(flat.groupings[:n_keys], keys) for keys in cells),
        across=tuple(raw),
        figures=figures(flat.summary.measures, n_keys, len(raw), flat.counted),
        n_groups=len(cells),
    )


def ordered(found: Summarised) -> Summarised:
    """Order the groups as wished.

    Parameters
    ----------
    found : Summarised
        A summary in the order of its keys.

    Returns
    -------
    Summarised
        Its groups by the wished column, those without a value last; a column that is gone is said.
    """
    order = found.summary.order
    if not order:
        return found
    has_sign = order[0] in "+-" and order[1:] in found.header
    wished, falling = (order[1:], order[0] == "-") if has_sign else (order, False)
    if wished not in found.header:
        gone = shown(order.lstrip("+-"), 60)
        note = f"There is no column {gone} to order by: the groups are in their own order."
        return replace(found, notes=(*found.notes, note))
    place = found.header.index(wished)
    known = [at for at, row in enumerate(found.rows) if row[place] is not None]
    rest = [at for at, row in enumerate(found.rows) if row[place] is None]
    known.sort(key=lambda at: sort_key(found.rows[at][place]), reverse=falling)
    order_of = (*known, *rest)
    return replace(
        found,
        rows=tuple(found.rows[at] for at in order_of),
        links=tuple(found.links[at] for at in order_of),
    )
