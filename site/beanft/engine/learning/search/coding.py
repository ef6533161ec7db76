"""From a raw table to arrays: numbers, codes of categories and counts of words; nothing here sees the target.

Naming a category by a number and cutting a text into words learn nothing of other rows, so they are done once
for an experiment. What does learn from rows (means, medians, weights of words) is fitted inside the folds.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer

from beanft.engine.learning.prepare import Feature, Plan

_LARGEST = 1e30  # beyond, squares and 32 bit trees overflow
_YEAR_2000 = pd.Timestamp(2000, 1, 1)
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

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.numbers)

    def at(self, rows: np.ndarray) -> "Coded":
        """Some of the rows, by their positions."""
        return Coded(
            numbers=self.numbers[rows],
            codes=self.codes[rows],
            words=tuple(counts[rows] for counts in self.words),
        )


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

    def transform(self, X: pd.DataFrame) -> Coded:
        """Turn rows into arrays; a level or word that `fit` did not see counts as unknown."""
        numbers = [part for feature in self.plan.features for part in self._numbers(feature, X[feature.name])]
        codes = [self._codes(name, X[name]) for name in self.code_names_]
        counts = tuple(
            csr_matrix((len(X), 0)) if words is None else words.transform(_texts(X[name])).tocsr()
            for name, words in self.words_.items()
        )
        return Coded(
            numbers=_columns(numbers, len(X), np.float32),
            codes=_columns(codes, len(X), np.int32),
            words=counts,
        )

    def _n_numbers(self, feature: Feature) -> int:
        if feature.role == "date":
            return (3 if feature.cyclic else 5) + self.hours_[feature.name]
        return int(feature.role in ("number", "code", "text"))

    def _numbers(self, feature: Feature, values: pd.Series) -> list[np.ndarray]:
        if feature.role == "date":
            return self._date(feature, values)
        if feature.role == "text":
            return [np.array([float(len(text)) for text in _texts(values)])]
        if feature.role in ("number", "code"):
            return [_clean(values) - self.centres_[feature.name]]
        return []

    def _date(self, feature: Feature, values: pd.Series) -> list[np.ndarray]:
        """Month, weekday and day of the year; the day's number and the year too unless rows are cut by time.

        A tree cannot reach beyond the last day that it saw, so where it is judged on later rows the
        number of the day only misleads.
        """
        moment = values.dt
        parts = [moment.month, moment.day_of_week, moment.day_of_year]
        if not feature.cyclic:
            parts += [(moment.normalize() - _YEAR_2000).dt.days, moment.year]
        if self.hours_[feature.name]:
            parts.append(moment.hour + moment.minute / 60)
        return [part.to_numpy(dtype=float, na_value=np.nan) for part in parts]

    def _codes(self, name: str, values: pd.Series) -> np.ndarray:
        codes = values.map(self.levels_[name]).to_numpy(dtype=float, na_value=np.nan)
        return np.where(np.isnan(codes), -1, codes)


def _columns(parts: list[np.ndarray], n_rows: int, kind: Any) -> np.ndarray:
    return np.column_stack(parts).astype(kind) if parts else np.zeros((n_rows, 0), dtype=kind)


def _clean(values: pd.Series) -> np.ndarray:
    """Floats; infinities become missing, and what would overflow is cut."""
    cells = values.to_numpy(dtype=float, na_value=np.nan, copy=True)
    cells[np.isinf(cells)] = np.nan
    result: np.ndarray = np.clip(cells, -_LARGEST, _LARGEST)
    return result


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


def _texts(values: pd.Series) -> list[str]:
    return ["" if value is None or value != value else str(value) for value in values.tolist()]
