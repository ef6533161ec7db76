"""Kinds of rows that a table tells apart: one value of a column, a range of its numbers, or no value."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from beanft.engine.charts.links import Link, moment_link, range_link
from beanft.engine.charts.words import figure
from beanft.engine.learning.truth_words import in_owner_words
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.queries.conditions import Filter
from beanft.engine.tables.wording import shown

FEWEST_ROWS = 30
"""Rows below which nothing is said of a kind of rows."""

_VALUES = 20  # most frequent values of a column that are looked at
_RANGES = 5  # ranges of numbers and dates, each with about as many rows
_FEW_NUMBERS = 6  # numbers of so few different values are looked at value by value
_DAY_US = 86_400_000_000


@dataclass(frozen=True, kw_only=True)
class RowKind:
    """Rows that have one thing in common."""

    columns: tuple[str, ...]
    """The column, or the two columns, that tell them."""
    words: str
    """What they have in common, such as “town” is Leeds."""
    link: Link
    """Filters that lead to such rows in the table; empty where no filter can say it."""
    inside: np.ndarray
    """Which rows they are, bool of shape (n_rows,)."""

    @property
    def n_rows(self) -> int:
        """How many they are."""
        return int(self.inside.sum())


def kinds_of_rows(X: pd.DataFrame, profile: Profile) -> list[RowKind]:
    """Find the kinds of rows of a table: by value, by range, and those without a value.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_columns)
        Raw columns, as `evidence.read_rows` gives them.
    profile : Profile
        The profile of their table.

    Returns
    -------
    list of RowKind
        Column by column; none of fewer than `FEWEST_ROWS` rows, nor with fewer rows beside them.
    """
    found = [kind for name in X.columns for kind in _of_column(X[name], profile.column(name))]
    return [kind for kind in found if FEWEST_ROWS <= kind.n_rows <= len(X) - FEWEST_ROWS]


def both(one: RowKind, other: RowKind) -> RowKind:
    """Give the rows that are of two kinds at once.

    Parameters
    ----------
    one, other : RowKind
        Kinds by different columns.

    Returns
    -------
    RowKind
    """
    return RowKind(
        columns=one.columns + other.columns,
        words=f"{one.words} and {other.words}",
        link=one.link + other.link if one.link and other.link else (),
        inside=one.inside & other.inside,
    )


def _of_column(values: pd.Series, column: Column) -> Iterator[RowKind]:
    missing = values.isna().to_numpy()
    if missing.any():
        link = (Filter(column.name, "is-missing"),)
        yield RowKind(
            columns=(column.name,), words=f"{shown(column.name)} is missing", link=link, inside=missing
        )
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        yield from _spans(values, column)
    elif not pd.api.types.is_numeric_dtype(values.dtype) or values.nunique() <= _FEW_NUMBERS:
        yield from _by_value(values, column)
    else:
        yield from _ranges(values.to_numpy(dtype=float), column)


def _by_value(values: pd.Series, column: Column) -> Iterator[RowKind]:
    for value in values.value_counts().index[:_VALUES]:
        text = _written(value, column)
        yield RowKind(
            columns=(column.name,),
            words=f"{shown(column.name)} is {shown(_said(text, column))}",
            link=(Filter(column.name, "equals", text),),
            inside=(values == value).to_numpy(dtype=bool, na_value=False),
        )


def _written(value: object, column: Column) -> str:
    """A value as the filters of its column take it."""
    if isinstance(value, str):
        return value
    number = float(value)  # type: ignore[arg-type]  # numpy's numbers
    return f"{number:.0f}" if number.is_integer() and column.stored == "BIGINT" else repr(number)


def _said(text: str, column: Column) -> str:
    """A value in the owner's words."""
    said: str = in_owner_words(text, column.labels or None)
    return said.removesuffix(".0") if column.stored == "DOUBLE" else said


def _ranges(numbers: np.ndarray, column: Column) -> Iterator[RowKind]:
    finite = np.isfinite(numbers)
    if not finite.any():
        return
    edges = np.unique(np.quantile(numbers[finite], np.linspace(0, 1, _RANGES + 1)))
    for at, (low, high) in enumerate(pairwise(edges.tolist())):
        is_last = at == len(edges) - 2
        upper = numbers <= high if is_last else numbers < high
        yield RowKind(
            columns=(column.name,),
            words=_range_words(column, low, high, is_last=is_last),
            link=range_link(column, low, high, is_last=is_last) or (),
            inside=finite & (numbers >= low) & upper,
        )


def _range_words(column: Column, low: float, high: float, *, is_last: bool) -> str:
    below = "" if is_last else "below "
    return f"{shown(column.name)} is from {figure(low, column.name)} to {below}{figure(high, column.name)}"


def _spans(values: pd.Series, column: Column) -> Iterator[RowKind]:
    known = values.notna().to_numpy()
    moments = values.to_numpy().astype("datetime64[us]").astype(np.int64)
    days = np.floor_divide(moments, _DAY_US) * _DAY_US
    if not known.any():
        return
    edges = np.unique(np.quantile(days[known], np.linspace(0, 1, _RANGES + 1), method="nearest"))
    edges = np.append(edges[:-1], edges[-1] + _DAY_US) if len(edges) > 1 else edges
    for begin, end in pairwise(edges.tolist()):
        first, last = (str(np.datetime64(int(at), "us"))[:10] for at in (begin, end - 1))
        yield RowKind(
            columns=(column.name,),
            words=f"{shown(column.name)} is from {first} to {last}",
            link=moment_link(column, int(begin), int(end)) or (),
            inside=known & (moments >= begin) & (moments < end),
        )
