"""Pair plots: every pair of a few numbers as a small scatter, each number alone, and their correlations."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from beanft.engine.charts.binned import proven
from beanft.engine.charts.bins import round_edges
from beanft.engine.charts.catalogue import KINDS, N_SERIES
from beanft.engine.charts.chart import Chart
from beanft.engine.charts.drawing import Drawing, Series
from beanft.engine.charts.expressions import part_of
from beanft.engine.charts.groups import Groups, find_groups, other_notes
from beanft.engine.charts.kinds.related import (
    HEADER,
    SAMPLE_ROWS,
    Relation,
    Sampled,
    by_strength,
    comparable,
    relations,
    sample_note,
    strongest,
    surest,
    take_sample,
    told,
)
from beanft.engine.charts.rows import Rows
from beanft.engine.charts.samples import first_sql
from beanft.engine.charts.words import by
from beanft.engine.tables.columns import Column
from beanft.engine.tables.connection import quote
from beanft.engine.tables.wording import counted, listed

N_COLUMNS = 4
"""Columns where none are chosen: those with the strongest relations."""

N_POINTS = 600
"""Rows that are drawn as points, the same ones in every panel."""

_N_BINS = 20


@dataclass(frozen=True)
class _Points:
    """One sample of rows: the values of all columns, then the colour."""

    names: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    colours: Groups
    n_complete: int
    """Rows of the table that have a value in every column."""


def draw_pairs(rows: Rows) -> Drawing:
    """Draw every pair of the columns.

    Parameters
    ----------
    rows : Rows
        The rows of the table; `chart.columns` holds numbers, or is empty for those most related.

    Returns
    -------
    Drawing
        Panels row after row: below the diagonal scatters with series of (x, y), on it histograms with a
        series of (from, to, rows), above it one series of (correlation, low, high, rows). `chart.kind` of a
        panel says which. The table has the correlations, the strongest first.
    """
    chart = rows.chart
    chosen = tuple(dict.fromkeys(chart.columns or comparable(rows.profile, KINDS[chart.kind].article)))
    compared = take_sample(rows, chosen, numbered=True)
    sample = compared if chart.columns else strongest(compared, N_COLUMNS)
    found = relations(sample)
    points = _points(rows, sample.names, compared)
    ranked = by_strength(found)
    names = sample.names
    return Drawing(
        chart=replace(chart, columns=names),
        title=chart.title or f"Pairs of {listed(names)}{by(chart.colour)}",
        x_name="",
        y_name="",
        x_type="number",
        series=(),
        panels=tuple(_panels(rows, points, found)),
        n_across=len(names),
        header=HEADER,
        rows=tuple(one.row for one in ranked),
        n_rows=rows.n_rows,
        n_missing=rows.n_rows - points.n_complete,
        n_shown=len(points.rows),
        notes=(
            *_points_notes(rows, points),
            "Histograms count every row that has the value.",
            *sample_note(rows, sample),
            *other_notes(Groups((), (), 0), points.colours, chart),
        ),
        description=_description(names, points, ranked),
    )


def _points(rows: Rows, names: Sequence[str], compared: Sampled) -> _Points:
    """An even sample of the complete rows, the same every time."""
    colour = part_of(rows.chart, rows.profile, "colour", rows.chart.colour).value
    cells = ", ".join(f"{quote(name)}::DOUBLE AS c{place}" for place, name in enumerate(names))
    there = " AND ".join(f"isfinite(c{place})" for place in range(len(names)))
    lacks = [
        rows.profile.column(name) for name in (*names, *((rows.chart.colour,) if rows.chart.colour else ()))
    ]
    lacking = [one.n_missing + one.n_infinite for one in dict.fromkeys(lacks)]
    is_known = not any(lacking) or (not rows.filters and sum(map(bool, lacking)) == 1)
    wide = f"SELECT {cells}, {colour} AS c, file_row_number AS row {rows.source}"
    given = f"({wide}) WHERE {there} AND c IS NOT NULL"
    n_complete = (
        rows.n_rows - sum(lacking) if is_known else _ask(rows, f"SELECT count(*) FROM {given}")[0][0]  # noqa: S608 -- quoted names
    )
    # four times as many rows as are wanted, of which the first ones are taken
    share = -(-4 * N_POINTS * rows.n_rows // max(1, n_complete))
    if not rows.chart.colour and (compared.is_all or share <= SAMPLE_ROWS):
        found = _first_of(compared, names, rows.n_rows, share)
    else:
        part = f" AND hash(row) % {rows.n_rows} < {share}" if share < rows.n_rows else ""
        found = sorted(_ask(rows, first_sql("row, * EXCLUDE (row)", given + part, N_POINTS))[:N_POINTS])
    return _Points(
        tuple(names), tuple(point[1:] for point in found), find_groups(rows, "c", N_SERIES), n_complete
    )


def _first_of(
    compared: Sampled, names: Sequence[str], n_rows: int, share: int
) -> list[tuple[int | float | str, ...]]:
    """The same points from the rows that were compared, which are those of small hashes, too."""
    cells = compared.cells
    values = [np.ma.filled(cells[f"c{compared.names.index(name)}"], np.nan) for name in names]
    there = np.logical_and.reduce([np.isfinite(one) for one in values])
    places = np.flatnonzero(there & (cells["hash"] % n_rows < share))
    first = places[np.lexsort((cells["row"][places], cells["hash"][places]))][:N_POINTS]
    first = first[np.argsort(cells["row"][first])]
    columns = [one[first].tolist() for one in (cells["row"], *values)]
    return [(*point, "") for point in zip(*columns, strict=True)]


def _ask(rows: Rows, sql: str) -> list[tuple[Any, ...]]:
    return rows.database.execute(sql, list(rows.values)).fetchall()


def _panels(rows: Rows, points: _Points, found: Sequence[Relation]) -> Iterator[Drawing]:
    of_pair = {frozenset((one.a, one.b)): one for one in found}
    for down, y in enumerate(points.names):
        for across, x in enumerate(points.names):
            if down == across:
                yield _histogram(rows, rows.profile.column(x))
            elif down > across:
                yield _scatter(rows, points, across, down)
            else:
                yield _number(rows, of_pair[frozenset((x, y))])


def _scatter(rows: Rows, points: _Points, across: int, down: int) -> Drawing:
    x, y = points.names[across], points.names[down]
    place = {value: at for at, value in enumerate(points.colours.values)}
    of_colour: list[list[tuple[float, float]]] = [[] for _ in points.colours.labels]
    for row in points.rows:
        of_colour[place.get(row[-1], len(place))].append((row[across], row[down]))
    names = points.colours.labels if rows.chart.colour else ("rows",)
    series = tuple(Series(name=name, values=tuple(xy)) for name, xy in zip(names, of_colour, strict=True))
    part = _panel(rows, "scatter", x, y, series, len(points.rows))
    return replace(part, brush=(x, y))


def _number(rows: Rows, one: Relation) -> Drawing:
    series = Series(name="correlation", values=((one.value, one.low, one.high, one.n),))
    return _panel(rows, "correlations", one.a, one.b, (series,), one.n)


def _histogram(rows: Rows, column: Column) -> Drawing:
    """The bins of the profile where all rows are drawn, else counted anew."""
    bins = _known_bins(column) if not rows.filters else ()
    bins = bins or _counted_bins(rows, column)
    series = Series(name="rows", values=tuple(bins))
    return _panel(rows, "histogram", column.name, "rows", (series,), sum(n for *_, n in bins))


def _known_bins(column: Column) -> tuple[tuple[float, float, int], ...]:
    return tuple((low, high, n) for (low, high), n in zip(pairwise(column.edges), column.counts, strict=True))


def _counted_bins(rows: Rows, column: Column) -> tuple[tuple[float, float, int], ...]:
    given = f"(SELECT {quote(column.name)}::DOUBLE AS x {rows.source}) WHERE isfinite(x)"
    low, high = _known_ends(rows, column) or _ask(rows, f"SELECT min(x), max(x) FROM {given}")[0]  # noqa: S608 -- quoted names
    if low is None:
        return ()
    edges = round_edges(low, high, _N_BINS, whole=column.stored == "BIGINT")

    def ask(key: str, select: str) -> list[Sequence[Any]]:
        return [*_ask(rows, f"SELECT {key} AS place, 0, {select} FROM {given} GROUP BY place")]  # noqa: S608 -- quoted names

    counts = {place: n for place, _, n in proven(ask, "x", edges, "count(*)")}
    return tuple((*ends, counts.get(place, 0)) for place, ends in enumerate(pairwise(edges)))


def _known_ends(rows: Rows, column: Column) -> tuple[float, float] | None:
    """Smallest and largest value from the profile, where all rows are drawn."""
    low, high = column.minimum, column.maximum
    if (
        rows.filters
        or column.n_infinite
        or not (isinstance(low, int | float) and isinstance(high, int | float))
    ):
        return None
    return float(low), float(high)


def _panel(rows: Rows, kind: str, x: str, y: str, series: tuple[Series, ...], n_shown: int) -> Drawing:
    return Drawing(
        chart=Chart(kind=kind, x=x, y=y, colour=rows.chart.colour),
        title="",
        x_name=x,
        y_name=y,
        x_type="number",
        series=series,
        header=(),
        rows=(),
        n_rows=rows.n_rows,
        n_missing=rows.n_rows - n_shown,
        n_shown=n_shown,
        notes=(),
        description="",
    )


def _points_notes(rows: Rows, points: _Points) -> tuple[str, ...]:
    n_left = rows.n_rows - points.n_complete
    left = f"In no scatter, since one of the columns has no value: {counted(n_left, 'row')}."
    drawn = f"All scatters show the same {counted(len(points.rows), 'row')}"
    sample = f", an even sample of {points.n_complete:,}, the same every time."
    return (drawn + (sample if len(points.rows) < points.n_complete else "."), *((left,) if n_left else ()))


def _description(names: Sequence[str], points: _Points, ranked: Sequence[Relation]) -> str:
    begin = f"Pair plot of {', '.join(names)}: scatters of {counted(len(points.rows), 'row')}."
    known = surest(ranked, 1)
    if not known:
        return f"{begin} No correlation could be computed."
    return f"{begin} Strongest correlation: {told(known[0])}."
