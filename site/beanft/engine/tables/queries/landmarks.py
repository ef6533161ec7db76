"""Values that divide an order into parts: a page is looked for in its part alone, not in the whole order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

_PARTS = 128
_ENDS = 1 / 2048  # the outermost landmarks lie closer to the ends, where most pages are asked for
_SAMPLED = 50_000  # rows; landmarks are off by some thousandths, which only costs time
_ENOUGH = 1_000  # rows with a value; fewer say nothing


@dataclass(frozen=True)
class Landmarks:
    """Estimates of where values lie in the ascending order of a column."""

    marks: tuple[tuple[float, Any], ...] = ()
    """Share of the rows with a value that lie before it, and the value; ascending."""
    share_missing: float = 0.0
    """Share of the rows without a value."""

    def along(self, *, descending: bool) -> tuple[tuple[float, Any], ...]:
        """The marks in the direction of an order, with shares of all rows; missing values come last."""
        marks = [(1 - share, value) for share, value in reversed(self.marks)] if descending else self.marks
        return tuple((share * (1 - self.share_missing), value) for share, value in marks)


def sample_landmarks(
    database: duckdb.DuckDBPyConnection,
    source: str,
    key: str,
    *,
    condition: str,
    values: Sequence[Any],
    n_rows: int,
) -> Landmarks:
    """Estimate landmarks from some stretches of a table.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        An open connection.
    source : str
        SQL of the table.
    key : str
        SQL of the column.
    condition : str
        SQL that the rows of the view fulfil, with one ? for each of `values`.
    values : sequence
        Parameters of the condition.
    n_rows : int
        Rows of the table, at least 1.

    Returns
    -------
    Landmarks
        None inside when too few rows were met.
    """
    shares = [_ENDS, *(part / _PARTS for part in range(1, _PARTS)), 1 - _ENDS]
    percent = min(100.0, 100 * _SAMPLED / n_rows)
    row = database.execute(
        f"SELECT count(*), count({key}), quantile_disc({key}, ?::DOUBLE[]) "  # noqa: S608 -- quoted names
        f"FROM {source} TABLESAMPLE SYSTEM ({percent:.6f} PERCENT) WHERE {condition}",
        [shares, *values],
    ).fetchone()
    n_met, n_valid, found = row or (0, 0, None)
    if n_valid < _ENOUGH or not found:
        return Landmarks(share_missing=1 - n_valid / n_met if n_met >= _ENOUGH else 0.0)
    return Landmarks(tuple(zip(shares, found, strict=True)), 1 - n_valid / n_met)


def around(
    marks: Sequence[tuple[float, Any]], first: float, last: float, *, margin: float
) -> tuple[Any | None, Any | None]:
    """The nearest landmarks before and after a stretch of an order.

    Parameters
    ----------
    marks : sequence of (float, object)
        Shares and values in the direction of the order.
    first, last : float
        Shares of the rows before the stretch, and before its end.
    margin : float
        How far the landmarks stay away from it, 0..1.

    Returns
    -------
    low, high : object or None
        Values; None where no landmark lies on that side.

    Examples
    --------
    >>> around([(0.1, "a"), (0.5, "m"), (0.9, "z")], 0.55, 0.6, margin=0.01)
    ('m', 'z')
    >>> around([(0.1, "a"), (0.5, "m"), (0.9, "z")], 0.0, 0.01, margin=0.01)
    (None, 'a')
    """
    low = [value for share, value in marks if share <= first - margin]
    high = [value for share, value in marks if share >= last + margin]
    return (low[-1] if low else None), (high[0] if high else None)
