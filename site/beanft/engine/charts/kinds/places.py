"""Cuts the axes of a heat map into categories, bins of a number, or calendar buckets."""

from collections.abc import Sequence
from itertools import pairwise

from beanft.engine.charts.bins import bin_sql
from beanft.engine.charts.chart import Chart, is_date, is_number
from beanft.engine.charts.groups import Groups, key_sql, known_largest, place_values
from beanft.engine.charts.kinds.axis import MOST_PLACES, N_VALUES, Axis, axis_heads, has_bins
from beanft.engine.charts.kinds.buckets import bucket_axis
from beanft.engine.charts.kinds.ranges import cell_edges, inner_range, range_labels, wider_words
from beanft.engine.charts.links import group_link, range_link
from beanft.engine.charts.rows import Rows
from beanft.engine.tables.columns import Column
from beanft.engine.tables.wording import counted, shown

TOP = 20
"""Most categories that stand alone where none is asked for."""

N_BINS = 20
"""Bins of a number that are aimed at."""

_LABEL_CHARACTERS = 120
_NUDGE = 1e-9  # round numbers that lie on an edge are not to fall below it


def axis_of(rows: Rows, part: str) -> Axis:
    """Cut one axis of a heat map into places.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.
    part : str
        "x" or "y".

    Returns
    -------
    Axis
        Categories: the largest ones and "other"; numbers of many values: round bins; dates: buckets.
    """
    column = rows.profile.column(getattr(rows.chart, part))
    if is_date(column):
        return bucket_axis(rows, part, column)
    if has_bins(column):
        return _bins(rows, part, column)
    return _categories(rows, part, column)


def most_categories(chart: Chart, column: Column) -> int:
    """Tell how many places an axis of categories has.

    Parameters
    ----------
    chart : Chart
        A checked description.
    column : Column
        A column's profile.

    Returns
    -------
    int
        Places at most, "other" among them.
    """
    return N_VALUES if is_number(column) and not chart.top else min(max(2, chart.top or TOP), MOST_PLACES)


# Categories


def _categories(rows: Rows, part: str, column: Column) -> Axis:
    most = most_categories(rows.chart, column)
    found, n_other = known_largest(rows, column, most) or _largest(rows, part, most)
    values = list(found)
    if is_number(column):
        values.sort(key=float)
    elif column.stored == "BOOLEAN":
        values.sort()
    labels = category_labels(column, values, n_other)
    groups = Groups(tuple(values), tuple(labels), n_other)
    is_joined = n_other > _MANY_OTHERS
    return Axis(
        name=column.name,
        heads=axis_heads(column),
        key=f"{part}s.p" if is_joined else key_sql(part, groups),
        values=() if is_joined else tuple(place_values(groups)),
        join=_JOIN.format(part=part) if is_joined else "",
        join_values=(values, len(values) + 1) if is_joined else (),
        labels=tuple(labels),
        cells=tuple((label,) for label in labels),
        filters=tuple(group_link(rows, column.name, groups, place) for place in range(len(labels))),
        places={None: len(values), **{place + 1: place for place in range(len(values))}},
        notes=_other_notes(column.name, n_other),
        rises=is_number(column) or column.stored == "BOOLEAN",
    )


# A text of few different ones is looked up in a list once for each block of rows; of many, a join is quicker.
# Rows of "other" find no place.
_MANY_OTHERS = 500
_JOIN = (
    "LEFT JOIN (SELECT unnest(?::VARCHAR[]) AS v, unnest(range(1, ?)) AS p) {part}s "
    "ON used.{part} = {part}s.v"
)


def _largest(rows: Rows, part: str, most: int) -> tuple[list[str], int]:
    """The most frequent values, and how many different ones are beyond."""
    found = rows.frame.ask(
        f"SELECT {part}, count(*) AS n FROM used GROUP BY {part} ORDER BY n DESC, {part} LIMIT ?",  # noqa: S608 -- "x" or "y"
        [most + 1],
    )
    values = [str(value) for value, _ in found]
    if len(values) <= most:
        return values, 0
    n_values = rows.frame.ask(f"SELECT count(DISTINCT {part}) FROM used")[0][0]  # noqa: S608 -- "x" or "y"
    return values[: most - 1], n_values - most + 1


def category_labels(column: Column, values: Sequence[str], n_other: int) -> list[str]:
    """Write the categories of an axis as the picture and the table show them.

    Parameters
    ----------
    column : Column
        A column's profile.
    values : sequence of str
        Those that stand alone.
    n_other : int
        How many others there are.

    Returns
    -------
    list of str
        One for each place, "other" last where there is one.
    """
    owners = dict(zip(("false", "true"), column.labels, strict=False)) if column.stored == "BOOLEAN" else {}
    named = [owners.get(value, value) for value in values]
    labels = [
        text if len(text) <= _LABEL_CHARACTERS else f"{text[: _LABEL_CHARACTERS - 1]}…" for text in named
    ]
    if n_other:
        other = f"other ({counted(n_other, 'value')})"
        labels.append(other if other not in labels else f"{other}, put together")
    return labels


def _other_notes(name: str, n_other: int) -> tuple[str, ...]:
    if not n_other:
        return ()
    groups = counted(n_other, "smallest group", "smallest groups")
    return (f"The {groups} of {shown(name, 40)} {'is' if n_other == 1 else 'are'} put together as “other”.",)


# Numbers


def _bins(rows: Rows, part: str, column: Column) -> Axis:
    known = rows.frame.known_range(part)
    low, high = known or rows.frame.ask(f"SELECT min({part}), max({part}) FROM used")[0]  # noqa: S608 -- "x" or "y"
    inner = inner_range(low, high, column.quantiles)
    edges = cell_edges(*inner, column.stored == "BIGINT", N_BINS)
    ends = list(pairwise([min(edges[0], low), *edges[1:-1], max(edges[-1], high)]))
    clipped = f"least(greatest(used.{part}, {edges[0]!r}::DOUBLE), {edges[-1]!r}::DOUBLE)"
    has_one = len(edges) == 2
    return Axis(
        name=column.name,
        heads=axis_heads(column),
        key="0" if has_one else bin_sql(clipped, edges),
        values=(),
        join="",
        join_values=(),
        guess="" if has_one else _guess(f"used.{part}", edges),
        inner=edges[1:-1],
        labels=range_labels(ends, column.name),
        cells=tuple(ends),
        filters=tuple(
            range_link(column, a, b, is_last=place == len(ends) - 1) for place, (a, b) in enumerate(ends)
        ),
        places={place: place for place in range(len(ends))},
        notes=(
            f"{shown(column.name, 40)} is cut into {counted(len(ends), 'bin')}; each holds its lower edge, "
            f"the last one both{wider_words(inner, low, high)}.",
        ),
    )


def _guess(value: str, edges: tuple[float, ...]) -> str:
    """The place of a value by a division alone, which may err by one near the edges."""
    step = edges[-1] / (len(edges) - 1) - edges[0] / (len(edges) - 1)
    steps = f"floor(({value} - {edges[0]!r}::DOUBLE) / {step!r}::DOUBLE + {_NUDGE!r})"
    return f"least(greatest({steps}, 0), {len(edges) - 2})::UTINYINT"
