"""From a raw table to arrays: numbers, codes of categories and counts of words; nothing here sees the target.

Naming a category by a number and cutting a text into words learn nothing of other rows, so they are done once
for an experiment. What does learn from rows (means, medians, weights of words) is fitted inside the folds.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer

from beanft.engine.learning.prepare import Feature, Plan

LARGEST = 1e30
"""Beyond, squares and 32 bit trees overflow."""
_YEAR_2000 = 10_957  # days after 1970
_THURSDAY = 3  # 1 January 1970, Monday being 0
_SEED, _PRIME = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
_MOST_WORDS = 100_000  # different words of one column that are told apart


@dataclass(frozen=True, kw_only=True)
class Coded:
    """Rows as arrays."""

    numbers: np.ndarray
    """float32 of shape (n_rows, n_numbers); NaN where nothing is known."""
    codes: np.ndarray
    """int32 of shape (n_rows, n_categories); -1 where nothing is known, or the level is new."""
    words: tuple[csr_matrix, ...]
    """Counts of words for each text column, of shape (n_rows, n_words)."""
    days: np.ndarray | None = None
    """Numbers of days for the learners that carry a trend on: float32 of shape (n_rows, n_dates), NaN where
    nothing is known; None where rows were not cut by time. No part of what a row is compared by."""

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.numbers)

    def at(self, rows: np.ndarray | slice) -> "Coded":
        """Some of the rows, by their positions."""
        return Coded(
            numbers=self.numbers[rows],
            codes=self.codes[rows],
            words=tuple(counts[rows] for counts in self.words),
            days=None if self.days is None else self.days[rows],
        )

    def chance(self) -> np.ndarray:
        """A number from 0 to below 1 for each row, drawn from what is in it: equal rows draw alike.

        Returns
        -------
        array of shape (n_rows,), float64
        """
        cells = np.hstack([self.numbers, self.codes.astype(np.float32)]) + np.float32(0)  # no -0
        bits = np.where(np.isnan(cells), np.float32(np.nan), cells).view(np.uint32).astype(np.uint64)
        drawn = np.full(len(self), _SEED, dtype=np.uint64)
        for column in bits.T:
            drawn = (drawn ^ column) * _PRIME
            drawn ^= drawn >> np.uint64(32)
        result: np.ndarray = (drawn >> np.uint64(11)).astype(float) / 2.0**53
        return result


class Coder:
    """Names levels and words after the rows it is shown, and turns any rows into arrays.

    Parameters
    ----------
    plan : Plan
        Columns and roles.

    Attributes
    ----------
    number_names_ : list of str
        Column of the table behind each number.
    code_names_ : list of str
        Column of the table behind each code.
    n_levels_ : list of int
        Levels of each code.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def fit(self, X: pd.DataFrame) -> Self:
        """Name the levels and words of a table, commonest first."""
        self.levels_: dict[str, dict[Hashable, int]] = {}
        self.words_: dict[str, Any] = {}
        self.centres_: dict[str, float] = {}
        self.hours_: dict[str, bool] = {}
        for feature in self.plan.features:
            values = X[feature.name]
            if feature.role in ("levels", "target", "code"):
                self.levels_[feature.name] = {level: code for code, level in enumerate(_ranked(values))}
            if feature.role == "text":
                self.words_[feature.name] = _vocabulary(values)
            if feature.role in ("number", "code"):
                self.centres_[feature.name] = _centre(_clean(values))
            if feature.role == "date":
                known = values.dropna()
                self.hours_[feature.name] = bool((known != known.dt.normalize()).any())
        self.code_names_ = list(self.levels_)
        self.n_levels_ = [len(levels) for levels in self.levels_.values()]
        self.number_names_ = [
            feature.name for feature in self.plan.features for _ in range(self._n_numbers(feature))
        ]
        return self

    @property
    def day_names(self) -> list[str]:
        """Column of the table behind each number of a day; none in models of earlier releases."""
        return [feature.name for feature in self.plan.features if feature.carried]

    def transform(self, X: pd.DataFrame | Mapping[str, np.ndarray]) -> Coded:
        """Turn rows into arrays; a level or word that `fit` did not see counts as unknown.

        Parameters
        ----------
        X : DataFrame, or mapping of str to array of shape (n_rows,)
            The columns of the plan, and any others: numbers as float, dates as datetime64, all else as text
            or None. Arrays save one row the milliseconds that a data frame takes.

        Returns
        -------
        Coded
        """
        cells = {one.name: _cells(X[one.name], one.role) for one in self.plan.features}
        n_rows = len(X) if isinstance(X, pd.DataFrame) else len(next(iter(X.values()), ()))
        texts = {name: _texts(cells[name]) for name in self.words_}
        return Coded(
            numbers=self._numbers(cells, texts, n_rows),
            codes=_codes([(cells[name], self.levels_[name]) for name in self.code_names_], n_rows),
            words=tuple(
                csr_matrix((n_rows, 0)) if words is None else words.transform(texts[name]).tocsr()
                for name, words in self.words_.items()
            ),
            days=self._days(cells),
        )

    def _days(self, cells: Mapping[str, np.ndarray]) -> np.ndarray | None:
        names = self.day_names
        return np.column_stack([_day(cells[name]) for name in names]) if names else None

    def _n_numbers(self, feature: Feature) -> int:
        if feature.role == "date":
            return (3 if feature.cyclic else 5) + self.hours_[feature.name]
        return int(feature.role in ("number", "code", "text"))

    def _numbers(
        self, cells: Mapping[str, np.ndarray], texts: Mapping[str, list[str]], n_rows: int
    ) -> np.ndarray:
        """All numbers, float32 in C order: plain ones are cleaned together, which one row is glad of."""
        made = np.empty((n_rows, len(self.number_names_)))
        at, plain, centres = 0, [], []
        for feature in self.plan.features:
            values = cells[feature.name]
            if feature.role in ("number", "code"):
                made[:, at] = values
                plain.append(at)
                centres.append(self.centres_[feature.name])
            elif feature.role == "date":
                made[:, at : at + self._n_numbers(feature)] = _date(
                    values, cyclic=feature.cyclic, hours=self.hours_[feature.name]
                )
            elif feature.role == "text":
                made[:, at] = [len(text) for text in texts[feature.name]]
            at += self._n_numbers(feature)
        if plain:
            made[:, plain] = _bounded(made[:, plain]) - centres
        return made.astype(np.float32)


def _cells(values: Any, role: str) -> np.ndarray:
    """A column as an array: numbers, datetime64, or objects."""
    if isinstance(values, np.ndarray):
        return values
    if role == "date":
        return np.asarray(values.to_numpy(dtype="datetime64[us]"))
    if role not in ("number", "code"):
        return np.asarray(values.to_numpy(dtype=object))
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "iuf":
        return np.asarray(values.to_numpy())
    return np.asarray(values.to_numpy(dtype=float, na_value=np.nan))


def _date(values: np.ndarray, *, cyclic: bool, hours: bool) -> np.ndarray:
    """Month, weekday and day of the year; the day's number and the year too unless rows are cut by time.

    A tree cannot reach beyond the last day that it saw, so where it is judged on later rows the number of the
    day only misleads: those who can carry a trend on get it apart.
    """
    days = values.astype("datetime64[D]")
    months, years = days.astype("datetime64[M]"), days.astype("datetime64[Y]")
    number = days.astype(np.int64)
    parts = [
        months.astype(np.int64) % 12 + 1,
        (number + _THURSDAY) % 7,
        number - years.astype("datetime64[D]").astype(np.int64) + 1,
    ]
    if not cyclic:
        parts += [number - _YEAR_2000, years.astype(np.int64) + 1970]
    if hours:
        minutes = (values.astype("datetime64[m]") - days.astype("datetime64[m]")).astype(np.int64)
        parts.append(minutes // 60 + minutes % 60 / 60)
    made = np.column_stack(parts).astype(float)
    made[np.isnat(values)] = np.nan
    return made


def _day(values: np.ndarray) -> np.ndarray:
    """The number of the day from 2000 on, float32."""
    made = (values.astype("datetime64[D]").astype(np.int64) - _YEAR_2000).astype(np.float32)
    made[np.isnat(values)] = np.nan
    return made


def _codes(columns: list[tuple[np.ndarray, dict[Hashable, int]]], n_rows: int) -> np.ndarray:
    made = np.empty((n_rows, len(columns)), dtype=np.int32)
    for i, (values, levels) in enumerate(columns):
        made[:, i] = [levels.get(value, -1) for value in values.tolist()]
    return made


def _bounded(cells: np.ndarray) -> np.ndarray:
    """Infinities become missing, and what would overflow is cut."""
    result: np.ndarray = np.clip(np.where(np.isinf(cells), np.nan, cells), -LARGEST, LARGEST)
    return result


def _clean(values: pd.Series) -> np.ndarray:
    """Floats within bounds."""
    return _bounded(values.to_numpy(dtype=float, na_value=np.nan))


def _centre(cells: np.ndarray) -> float:
    """The whole number nearest to the median: taken off, because 32 bits hold only seven digits."""
    known = cells[~np.isnan(cells)]
    return float(np.round(np.median(known))) if len(known) else 0.0


def _ranked(values: pd.Series) -> list[Hashable]:
    """Levels, most frequent first, ties in the order of the alphabet."""
    counts = values.dropna().value_counts().to_dict()
    return sorted(counts, key=lambda level: (-counts[level], str(level)))


def _vocabulary(values: pd.Series) -> CountVectorizer | None:
    words = CountVectorizer(min_df=2, max_features=_MOST_WORDS, dtype=np.float32)
    try:
        return words.fit(_texts(values))
    except ValueError:  # no word occurs twice: only the length is left
        return None


def _texts(values: pd.Series | np.ndarray) -> list[str]:
    return ["" if value is None or value != value else str(value) for value in values.tolist()]
