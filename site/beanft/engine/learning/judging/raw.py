"""Raw columns as numbers for a small tree: numbers and dates as they are, categories by mean target."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

_LARGEST = 3e38  # trees hold values in four bytes
_DAY_NS = 86_400e9


@dataclass(frozen=True, kw_only=True)
class Raw:
    """How one column becomes a number."""

    name: str
    """Name of the column."""
    kind: str
    """number, date or category."""
    missing: bool = False
    """Whether values were missing, or categories too rare to count, where it was fitted."""
    levels: tuple[str, ...] = ()
    """Categories by rising mean target; each becomes its place here."""

    def of(self, frame: pd.DataFrame) -> np.ndarray:
        """Turn the column of a frame into numbers, nan where it is missing or a category is unknown."""
        values = frame[self.name]
        if self.kind == "category":
            places = pd.Index(self.levels, dtype=object).get_indexer(pd.Index(_texts(values), dtype=object))
            return np.where(places < 0, np.nan, places.astype(float))
        if self.kind == "date":
            return _days(values)
        numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        clipped: np.ndarray = np.clip(numbers, -_LARGEST, _LARGEST)
        return clipped


def fit_raw(values: pd.Series, target: np.ndarray, fewest: int = 5) -> Raw:
    """Find out how a column becomes a number.

    Parameters
    ----------
    values : Series of shape (n_rows,)
        The column, as `read_rows` gives it.
    target : array of shape (n_rows,)
        What categories are ordered by: numbers, or 1 for rows of one class.
    fewest : int
        Rows that a category needs; rarer ones count as missing.

    Returns
    -------
    Raw

    Examples
    --------
    >>> fit_raw(pd.Series(["a", "b"] * 5, name="c"), np.array([1.0, 0.0] * 5)).levels
    ('b', 'a')
    """
    name, missing = str(values.name), bool(values.isna().any())
    if pd.api.types.is_datetime64_any_dtype(values):
        return Raw(name=name, kind="date", missing=missing)
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        return Raw(name=name, kind="number", missing=missing)
    codes, levels = pd.factorize(_texts(values))
    known = codes >= 0
    n = np.bincount(codes[known], minlength=len(levels))
    mean = np.bincount(codes[known], target[known], minlength=len(levels)) / np.maximum(n, 1)
    common = np.flatnonzero(n >= fewest)
    ordered = common[np.argsort(mean[common], kind="stable")]
    kept = tuple(str(levels[place]) for place in ordered)
    return Raw(name=name, kind="category", missing=missing or len(kept) < len(levels), levels=kept)


def date_of(days: float) -> str:
    """Write days since 1970 as a date.

    Parameters
    ----------
    days : float
        As `Raw.of` gives them.

    Returns
    -------
    str

    Examples
    --------
    >>> date_of(365.0)
    '1971-01-01'
    """
    return str(np.datetime64(int(np.floor(days)), "D"))


def _texts(values: pd.Series) -> np.ndarray:
    texts = values.astype(object)
    kept: np.ndarray = texts.where(values.notna(), None).map(str, na_action="ignore").to_numpy(dtype=object)
    return kept


def _days(values: pd.Series) -> np.ndarray:
    moments = pd.to_datetime(values).to_numpy().astype("datetime64[ns]")
    days = moments.astype(np.int64) / _DAY_NS
    days[np.isnat(moments)] = np.nan
    return days
