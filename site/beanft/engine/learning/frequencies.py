"""What the frequencies of a target's values tell of the question that suits it."""

from collections.abc import Mapping, Sequence

import numpy as np

_MOST = 0.5  # of the values are 0 in a count of what mostly does not happen
_SURE = 2.0  # standard errors, by which a larger count may have more rows than the one before it
_RARE_SHARE = 0.2  # of the share that all classes would have alike: hardly a model names a class with less


def mostly_nothing(rows: Mapping[float, int]) -> bool:
    """Tell whether numbers count something that mostly does not happen, such as claims or faults.

    Parameters
    ----------
    rows : mapping
        Each number with its rows.

    Returns
    -------
    bool
        Whether they are 0, 1, 2 and so on without a gap, three or more, more than half of them 0, and each
        larger one rarer, as far as chance allows.

    Examples
    --------
    >>> mostly_nothing({0: 900, 1: 80, 2: 20}), mostly_nothing({0: 900, 1: 20, 2: 80})
    (True, False)
    """
    if len(rows) < 3 or sorted(rows) != list(range(len(rows))):
        return False
    counts = np.array([rows[k] for k in range(len(rows))], dtype=float)
    falls = np.diff(counts) <= _SURE * np.sqrt(counts[1:] + counts[:-1])
    return bool(counts[0] > _MOST * counts.sum() and falls.all())


def metric_for_rare(counts: Sequence[int]) -> str:
    """Choose the metric that ranks where some classes are so rare that hardly any model names them.

    Balanced accuracy sees only the class that is named: all models then score as guessing does, though their
    chances of the rare classes may be right.

    Parameters
    ----------
    counts : sequence of int
        Rows of each class that is learned.

    Returns
    -------
    str
        Key of a metric; empty for the usual one, as always for two classes, whose usual one sees chances.

    Examples
    --------
    >>> metric_for_rare([7400, 560, 30]), metric_for_rare([50, 50, 50]), metric_for_rare([990, 10])
    ('log_loss', '', '')
    """
    few = len(counts) > 2 and min(counts) < _RARE_SHARE * sum(counts) / len(counts)
    return "log_loss" if few else ""


def most_in_classes(top: Sequence[tuple[str, int]], n_distinct: int, n_values: int, least: int) -> int:
    """Tell how many rows are at most of values that have some rows or more.

    Parameters
    ----------
    top : sequence of (str, int)
        The most frequent values with their rows, the most frequent first.
    n_distinct : int
        Different values.
    n_values : int
        Rows with a value.
    least : int
        Rows that a value must have.

    Returns
    -------
    int
        Exactly so many where all such values are listed. Else each value that is not listed has a row of its
        own, and what is left over is shared out so that as many as possible have enough.

    Examples
    --------
    >>> most_in_classes((("a", 9), ("b", 2)), 400, 409, 5), most_in_classes((("a", 9),), 101, 117, 5)
    (9, 19)
    """
    listed = sum(n for _, n in top if n >= least)
    if not top:
        return n_values
    if len(top) >= n_distinct or top[-1][1] < least:
        return listed
    over = max(0, (n_values - listed) - (n_distinct - len(top)))
    return min(n_values, listed + over + over // (least - 1))
