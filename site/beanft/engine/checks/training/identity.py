"""Finds targets that are computed from other columns: a sum, a difference, a product or a ratio of them."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from beanft.engine.checks.training.asked import Asked
from beanft.engine.checks.training.coding import as_numbers
from beanft.engine.checks.training.unlooked import COLUMNS, ROWS, NotLookedError
from beanft.engine.findings import Finding
from beanft.engine.tables.wording import shown

_EXACT = 1e-4  # of the target's variance may be left over
_FEWEST_ROWS = 30
_ROWS_A_COLUMN = 3
_MOST_COLUMNS = 60
_MOST_PARTS = 6  # an exact sum of more columns is an index that somebody made, and hard to act on
_MATTERS = 1e-3  # of the target's spread: what a column adds to it


def find(asked: Asked) -> Iterator[Finding]:
    """Solve for the target by least squares on half of the sampled rows, and look at the other half.

    Parameters
    ----------
    asked : Asked
        The question; only numbers can be computed from others.

    Yields
    ------
    Finding
        At most one.

    Raises
    ------
    NotLookedError
        There are no numbers to compute it from, too many, or too few rows with all of them.
    """
    if asked.task != "regression":
        raise NotLookedError
    rows = asked.dev.iloc[asked.sample]
    columns = {str(name): as_numbers(rows[name]) for name in rows if _is_number(rows[name])}
    known = {name: cells for name, cells in columns.items() if np.isfinite(cells).mean() > 0.9}
    if len(known) < 2:
        raise NotLookedError
    if len(known) > _MOST_COLUMNS:
        raise NotLookedError(COLUMNS)
    y = asked.y_sample
    for word, parts in (("sum or difference", _sum(known, y)), ("product or ratio", _product(known, y))):
        if parts and len(parts) > 1:
            yield _finding(asked, word, parts)
            return
    if np.isfinite(np.column_stack(list(known.values()))).all(axis=1).sum() < _fewest_rows(len(known)):
        raise NotLookedError(ROWS)


def _finding(asked: Asked, word: str, parts: list[str]) -> Finding:
    named = ", ".join(shown(name, 40) for name in parts[:-1])
    return Finding(
        code="target-identity",
        severity="warning",
        columns=tuple(parts),
        sentence=(
            f"{shown(asked.target)} is a {word} of {named} and {shown(parts[-1], 40)}: "
            "together they give it exactly (R² above 0.9999)."
        ),
        figure=1.0,
        remedy=(
            "If these columns are known beforehand, compute the target instead of forecasting it. If they "
            "are known only with it, train without them."
        ),
    )


def _is_number(values: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values))


def _sum(columns: dict[str, np.ndarray], y: np.ndarray) -> list[str]:
    return _solved(columns, y)


def _product(columns: dict[str, np.ndarray], y: np.ndarray) -> list[str]:
    """The same for logarithms, where all is above zero."""
    if not (y > 0).all():
        return []
    above = {name: cells for name, cells in columns.items() if np.nanmin(cells) > 0}
    if len(above) < 2:
        return []
    return _solved({name: np.log(cells) for name, cells in above.items()}, np.log(y))


def _solved(columns: dict[str, np.ndarray], y: np.ndarray) -> list[str]:
    """The columns that give the target exactly, or none."""
    names = list(columns)
    cells = np.column_stack([columns[name] for name in names])
    whole = np.isfinite(cells).all(axis=1)
    cells, y = cells[whole], y[whole]
    kept = cells.std(axis=0) > 0 if len(cells) else np.zeros(len(names), dtype=bool)
    names, cells = [name for name, keep in zip(names, kept, strict=True) if keep], cells[:, kept]
    if len(y) < _fewest_rows(len(names)) or not names or not y.std():
        return []
    cells = (cells - cells.mean(axis=0)) / cells.std(axis=0)
    weights = _weights(cells, y)
    if weights is None:
        return []
    parts = np.flatnonzero(np.abs(weights) > _MATTERS * y.std())
    if len(parts) > _MOST_PARTS or not len(parts) or _weights(cells[:, parts], y) is None:
        return []
    return [names[i] for i in parts]


def _fewest_rows(n_columns: int) -> int:
    return max(_FEWEST_ROWS, 2 * _ROWS_A_COLUMN * n_columns)


def _weights(cells: np.ndarray, y: np.ndarray) -> np.ndarray | None:
    """Least squares on every other row; None unless they fit the rows between as well."""
    table = np.column_stack([cells, np.ones(len(cells))])
    weights: np.ndarray = np.linalg.lstsq(table[::2], y[::2], rcond=1e-10)[0]
    left = y[1::2] - table[1::2] @ weights
    return weights[:-1] if float(np.var(left)) <= _EXACT * float(np.var(y)) else None
