"""Quantiles against those of the normal distribution (Q-Q), with the band that chance would keep to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtr, ndtri

from beanft.engine.charts.catalogue import N_SERIES
from beanft.engine.charts.drawing import Drawing, Series
from beanft.engine.charts.groups import Groups, coloured_sql, find_groups, other_notes, place_values
from beanft.engine.charts.rows import Rows
from beanft.engine.charts.samples import sampled_sql, sampling_step
from beanft.engine.charts.words import FEW_ROWS, by, few_note, figure
from beanft.engine.plain import finite
from beanft.engine.tables.wording import counted, shown

N_POINTS = 200
"""Most quantiles that are drawn of a colour."""

_TAIL = 0.05  # the share of the rows that makes a tail in the sentence about it; 0.01 of very many rows
_THIN_TAIL = 0.01
_MANY = 1000


@dataclass(frozen=True)
class _Ranked:
    """The quantiles of one colour."""

    label: str
    n: int
    ranks: tuple[int, ...]
    normal: tuple[float, ...]
    """Quantiles of the standard normal distribution at the same shares."""
    values: tuple[float, ...]
    line: tuple[float | None, ...]
    """The straight line through the quartiles; None where they are equal."""
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]

    @property
    def has_line(self) -> bool:
        """Whether quartiles differ, so that there is a normal distribution to compare with."""
        return self.line[:1] != (None,)

    @property
    def marks(self) -> list[tuple[Any, ...]]:
        """One for each quantile: normal, value, line, low, high."""
        return list(zip(self.normal, self.values, self.line, self.low, self.high, strict=True))


def draw_quantiles(rows: Rows) -> Drawing:
    """Set the rows of each colour, by their rank, against the normal distribution.

    Parameters
    ----------
    rows : Rows
        Rows with a number x; c is the colour.

    Returns
    -------
    Drawing
        Series of (normal quantile, value); their `fit` is the line through the quartiles with the 95 % band
        of each single value. The values are those of rows, their ranks lie evenly along the axis. Of more
        than a million rows a sample is ranked, which is said.
    """
    chart = rows.chart
    colours = find_groups(rows, "c", N_SERIES)
    every = sampling_step(rows.n_used)
    ranked = [one for one in _ranked(rows, colours, every) if one.n]
    colour = (chart.colour,) if chart.colour else ()
    return Drawing(
        chart=chart,
        title=chart.title or f"Quantiles of {chart.x} against the normal distribution{by(chart.colour)}",
        x_name="normal quantile (standard deviations)",
        y_name=chart.x,
        x_type="number",
        series=tuple(_series(one) for one in ranked),
        brush=("", chart.x),
        header=(*colour, "rank", "normal quantile", "value", "line", "low", "high", "remark"),
        rows=tuple(
            _row(one, mark, rank, colour)
            for one in ranked
            for mark, rank in zip(one.marks, one.ranks, strict=True)
        ),
        n_rows=rows.n_rows,
        n_missing=rows.n_rows - rows.n_used,
        n_shown=sum(one.n for one in ranked),
        notes=_notes(rows, colours, ranked, is_sample=every > 1),
        description=" ".join(
            [f"Quantiles of {chart.x} against the normal distribution, {counted(rows.n_used, 'row')}."]
            + [_in_words(one, chart.x, is_brief=len(ranked) > 1) for one in ranked]
        ),
    )


def _notes(rows: Rows, colours: Groups, ranked: list[_Ranked], *, is_sample: bool) -> tuple[str, ...]:
    """What is drawn, of how many rows, and of which there is no line."""
    chart, n_drawn = rows.chart, sum(one.n for one in ranked)
    sampled = (f"Ranked is an even sample of {n_drawn:,} rows, the same every time.",)
    counts = (f"Rows: {', '.join(f'{one.label} {one.n:,}' for one in ranked)}.",)
    return (
        "The line goes through the quartiles; of a normal distribution 95 of 100 values would lie within "
        "the band, each taken by itself (order statistics).",
        *(sampled if is_sample else ()),
        *(counts if chart.colour else ()),
        *(
            f"{_subject(one, chart.x)}: at least half of the values are equal, so there is no line."
            for one in ranked
            if not one.has_line
        ),
        *rows.notes,
        *few_note([one.n for one in ranked], mark="marked"),
        *other_notes(Groups((), (), 0), colours, chart),
    )


def _ranked(rows: Rows, colours: Groups, every: int) -> list[_Ranked]:
    """Rank the rows of each colour, and take those whose ranks are drawn."""
    sample = f"g AS ({coloured_sql('x', colours)} WHERE {sampled_sql(every)})"
    values = place_values(colours)
    sizes = dict(rows.ask("SELECT gc, count(*) FROM g GROUP BY gc", values, sample))
    ranks = {place: drawn_ranks(n) for place, n in sizes.items()}
    wanted = [
        f"quantile_disc(x, {[(rank - 0.5) / sizes[place] for rank in of]!r}) FILTER (gc = {place})"
        for place, of in sorted(ranks.items())
    ]
    quartiles = [f"quantile_cont(x, [0.25, 0.75]) FILTER (gc = {place})" for place in sorted(ranks)]
    if not ranks:
        return []
    found = rows.ask(f"SELECT {', '.join(wanted + quartiles)} FROM g", values, sample)[0]  # noqa: S608 -- our own numbers
    return [
        _compared(colours.labels[place], sizes[place], ranks[place], found[at], found[len(ranks) + at])
        for at, place in enumerate(sorted(ranks))
    ]


def drawn_ranks(n: int) -> tuple[int, ...]:
    """Choose the ranks that are drawn: all of few rows, else such as lie evenly along the normal axis.

    Parameters
    ----------
    n : int
        Rows.

    Returns
    -------
    tuple of int
        Rising ranks from 1 to n, at most N_POINTS.

    Examples
    --------
    >>> drawn_ranks(3), len(drawn_ranks(1000)) <= N_POINTS
    ((1, 2, 3), True)
    """
    if n <= N_POINTS:
        return tuple(range(1, n + 1))
    end = -ndtri(0.5 / n)
    shares = ndtr(np.linspace(-end, end, N_POINTS))
    return tuple(int(rank) for rank in np.unique(np.clip(np.round(shares * n + 0.5), 1, n)))


def _compared(
    label: str, n: int, ranks: tuple[int, ...], values: Sequence[float], quartiles: Sequence[float]
) -> _Ranked:
    """Set values beside the normal distribution with the same quartiles."""
    normal, *arrays = reference(np.array(ranks, dtype=float), n, *quartiles)
    lines = (tuple(finite(float(one)) for one in array) for array in arrays)
    return _Ranked(label, n, ranks, tuple(map(float, normal)), tuple(values), *lines)


def reference(ranks: NDArray[Any], n: int, q1: float, q3: float) -> list[NDArray[Any]]:
    """Compute what a normal distribution with these quartiles gives; the lines of pandas hold it, too.

    Parameters
    ----------
    ranks : array of shape (points,)
        Ranks from 1 to n.
    n : int
        Rows.
    q1, q3 : float
        Quartiles.

    Returns
    -------
    list of array of shape (points,)
        Standard normal quantiles; the line through the quartiles, and the ends of the 95 % band of each
        value: NaN where the quartiles are equal.
    """
    normal = ndtri((ranks - 0.5) / n)
    # The share of the distribution below the k-th of n rows follows Beta(k, n - k + 1).
    shares = [normal, *(ndtri(betaincinv(ranks, n - ranks + 1, end)) for end in (0.025, 0.975))]
    sd = (q3 / 2 - q1 / 2) / ndtri(0.75)
    if not (sd > 0 and np.isfinite(sd)):
        return [normal, *(np.full(len(ranks), np.nan) for _ in shares)]
    with np.errstate(over="ignore"):
        return [normal, *((q1 / 2 + q3 / 2) + sd * share for share in shares)]


def _series(one: _Ranked) -> Series:
    fit = tuple((x, line, low, high) for x, _, line, low, high in one.marks) if one.has_line else ()
    return Series(name=one.label, values=tuple(mark[:2] for mark in one.marks), fit=fit)


def _row(one: _Ranked, mark: tuple[Any, ...], rank: int, colour: tuple[str, ...]) -> tuple[Any, ...]:
    return (*((one.label,) if colour else ()), rank, *mark, "few rows" if one.n < FEW_ROWS else "")


def _subject(one: _Ranked, name: str) -> str:
    return shown(name, 40) if one.label == "all rows" else shown(one.label, 40)


def _in_words(one: _Ranked, name: str, *, is_brief: bool) -> str:
    """Say what the picture shows: how both tails stand to the band; of several colours in few words."""
    subject = _subject(one, name)
    if not one.has_line:
        return f"{subject}: at least half of the values are equal, which no normal distribution gives."
    if one.n < FEW_ROWS:
        return f"{subject}: {counted(one.n, 'row')}, too few to tell."
    if is_brief:
        return f"{subject}: {_SHAPES[_sides(one)]}."
    beyond = sum(
        low is not None and high is not None and not low <= value <= high
        for _, value, _, low, high in one.marks
    )
    share = f"{beyond} of {len(one.marks)} values lie outside the band"
    return f"{subject}: {_tails(one, name)}; {share}."


def _tail_of(one: _Ranked) -> float:
    return _THIN_TAIL if one.n >= _MANY else _TAIL


def _sides(one: _Ranked) -> tuple[int, int]:
    """How the lower and the upper tail stand to the band."""
    tail = _tail_of(one)
    return _side(_nearest(one, tail), -1), _side(_nearest(one, 1 - tail), 1)


def _tails(one: _Ranked, name: str) -> str:
    """Compare both tails: how far they reach with how far a normal distribution would."""
    tail = _tail_of(one)
    left, right = _nearest(one, tail), _nearest(one, 1 - tail)
    shape = _SHAPES[_sides(one)]
    percent = f"{tail:.0%}".replace("%", " %")
    return (
        f"{shape} (the lowest {percent} end at {figure(left[1], name)}, of a normal distribution "
        f"{figure(left[2], name)}; the highest begin at {figure(right[1], name)}, of a normal distribution "
        f"{figure(right[2], name)})"
    )


def _nearest(one: _Ranked, share: float) -> tuple[Any, ...]:
    """The mark whose rank is nearest to a share of the rows."""
    place = min(range(len(one.ranks)), key=lambda at: abs((one.ranks[at] - 0.5) / one.n - share))
    return one.marks[place]


def _side(mark: tuple[Any, ...], sign: int) -> int:
    """1 where the tail reaches further than chance would let a normal one, -1 where less far, else 0."""
    _, value, _, low, high = mark
    if low is not None and value < low:
        return -sign
    return sign if high is not None and value > high else 0


_SHAPES = {
    (0, 0): "both tails are like those of a normal distribution",
    (1, 1): "both tails are heavier than those of a normal distribution",
    (-1, -1): "both tails are lighter than those of a normal distribution",
    (-1, 1): "skewed to the right, with a long upper and a short lower tail",
    (1, -1): "skewed to the left, with a long lower and a short upper tail",
    (0, 1): "the upper tail is heavier than that of a normal distribution, the lower one alike",
    (1, 0): "the lower tail is heavier than that of a normal distribution, the upper one alike",
    (0, -1): "the upper tail is lighter than that of a normal distribution, the lower one alike",
    (-1, 0): "the lower tail is lighter than that of a normal distribution, the upper one alike",
}
