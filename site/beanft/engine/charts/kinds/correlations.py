"""Correlation matrices: how strongly each pair of numbers goes together, related columns side by side."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

from beanft.engine.charts.catalogue import KINDS
from beanft.engine.charts.drawing import Drawing, Series
from beanft.engine.charts.kinds.related import (
    HEADER,
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
from beanft.engine.tables.relations.pairs import FEWEST_ROWS
from beanft.engine.tables.wording import counted

N_COLUMNS = 20
"""Most columns where none are chosen: those with the strongest relations."""


def draw_correlations(rows: Rows) -> Drawing:
    """Measure every pair of the columns.

    Parameters
    ----------
    rows : Rows
        The rows of the table; `chart.columns` holds numbers, or is empty for those most related.

    Returns
    -------
    Drawing
        One series of (place on x, place on y, correlation, low, high, rows), both halves of the matrix
        without its diagonal; the table has each pair once, the strongest first.
    """
    chart = rows.chart
    names = chart.columns or comparable(rows.profile, KINDS[chart.kind].article)
    compared = take_sample(rows, tuple(dict.fromkeys(names)))
    sample = compared if chart.columns else strongest(compared, N_COLUMNS)
    found = relations(sample)
    order = _clustered(sample.names, found)
    ranked = by_strength(found)
    return Drawing(
        chart=replace(chart, columns=chart.columns or sample.names),
        title=chart.title or f"Correlations of {counted(len(order), 'column')}",
        x_name="",
        y_name="",
        x_type="category",
        y_type="category",
        series=(Series(name="correlation", values=_marks(order, found)),),
        places=order,
        y_places=order[::-1],
        colour_range=(-1.0, 1.0),
        header=HEADER,
        rows=tuple(one.row for one in ranked),
        n_rows=rows.n_rows,
        n_missing=0,
        n_shown=sample.values.shape[0],
        notes=(
            *sample_note(rows, sample),
            "Columns that go together stand side by side.",
            *_left_out(compared, sample),
            *_few(found),
        ),
        description=_description(order, ranked),
    )


def _clustered(names: Sequence[str], found: Sequence[Relation]) -> tuple[str, ...]:
    """The columns in the order of a hierarchical clustering by strength."""
    if len(names) < 3:
        return tuple(names)
    place = {name: at for at, name in enumerate(names)}
    apart = np.zeros((len(names), len(names)))
    for one in found:
        apart[place[one.a], place[one.b]] = apart[place[one.b], place[one.a]] = 1 - max(0.0, one.strength)
    tree = linkage(squareform(apart, checks=False), "average", optimal_ordering=True)
    return tuple(names[at] for at in leaves_list(tree))


def _marks(order: Sequence[str], found: Sequence[Relation]) -> tuple[tuple[float | None, ...], ...]:
    """Each pair twice, mirrored; the vertical axis runs from the bottom."""
    across = {name: at for at, name in enumerate(order)}
    up = {name: at for at, name in enumerate(order[::-1])}
    return tuple(
        (across[a], up[b], one.value, one.low, one.high, one.n)
        for one in found
        if one.value is not None
        for a, b in ((one.a, one.b), (one.b, one.a))
    )


def _left_out(compared: Sampled, sample: Sampled) -> tuple[str, ...]:
    n = len(compared.names)
    if n == len(sample.names):
        return ()
    return (f"Of {n} columns of numbers these {len(sample.names)} have the strongest relations.",)


def _few(found: Sequence[Relation]) -> tuple[str, ...]:
    n_few, n_flat = sum(one.n < FEWEST_ROWS for one in found), sum(one.value is None for one in found)
    few = f"{counted(n_few, 'pair')} with fewer than {FEWEST_ROWS} rows, marked “few rows” in the table."
    flat = (
        f"{counted(n_flat, 'pair')} without a correlation: too few rows, or one column does not vary. "
        "Their cells stay empty."
    )
    return (*((few,) if n_few else ()), *((flat,) if n_flat else ()))


def _description(order: Sequence[str], ranked: Sequence[Relation]) -> str:
    begin = f"Correlation matrix of {counted(len(order), 'column')}."
    known = surest(ranked, 3)
    if not known:
        return f"{begin} No correlation could be computed."
    return f"{begin} Strongest: {'; '.join(map(told, known))}."
