"""How each kind of column becomes numbers: small encoders, each fitted on the rows of one fold."""

import warnings
from collections.abc import Hashable
from typing import Any, Protocol

import numpy as np
import pandas as pd
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import KFold
from sklearn.preprocessing import TargetEncoder

_LARGEST = 1e30  # beyond, squares and 32 bit trees overflow
_RARE_SHARE, _RARE_MAX = 0.005, 10  # a level with fewer rows than 0.5 %, at most 10, joins the rare ones
_TARGET_FOLDS = 5
_WORDS = 2_000  # vocabulary of a text column
_TEXT_PARTS = 16  # numbers that a text becomes
_TEXT_ROWS = 20_000  # rows that the vocabulary is learned from


class Encoder(Protocol):
    """What makes one column numeric: fitted with the target at hand, then applied without it."""

    def fit_transform(self, values: pd.Series, y: np.ndarray) -> np.ndarray:
        """Learn from the column and give its numbers, of shape (n_rows, n_parts)."""

    def transform(self, values: pd.Series) -> np.ndarray:
        """Give the numbers of other rows, of shape (n_rows, n_parts)."""


class NumberEncoder:
    """Missing numbers become the median, marked in a second part when training had missing ones."""

    def fit_transform(self, values: pd.Series, y: np.ndarray) -> np.ndarray:  # noqa: ARG002 - Encoder
        """Learn the median."""
        return self.fit_array(_clean(values)[:, None])

    def transform(self, values: pd.Series) -> np.ndarray:
        """Fill missing numbers."""
        return self.fill(_clean(values)[:, None])

    def fit_array(self, cells: np.ndarray) -> np.ndarray:
        """Learn the medians of an array of shape (n_rows, n_parts) and fill it."""
        missing = np.isnan(cells)
        self.marked_ = bool(missing.any())
        known = [part[~gone] for part, gone in zip(cells.T, missing.T, strict=True)]
        self.medians_ = np.array([np.median(part) if len(part) else 0.0 for part in known])
        return self.fill(cells)

    def fill(self, cells: np.ndarray) -> np.ndarray:
        """Fill missing numbers of an array with the medians learned."""
        missing = np.isnan(cells)
        filled = np.where(missing, self.medians_, cells)
        return np.column_stack([filled, missing[:, :1].astype(float)]) if self.marked_ else filled


class DateEncoder:
    """A date becomes day number, year, month, day of the week, and hour when training had hours."""

    def __init__(self) -> None:
        self.numbers = NumberEncoder()

    def fit_transform(self, values: pd.Series, y: np.ndarray) -> np.ndarray:  # noqa: ARG002 - Encoder
        """Learn whether there are hours, and the medians for missing dates."""
        known = values.dropna()
        self.hours_ = bool((known != known.dt.normalize()).any())
        return self.numbers.fit_array(self._parts(values))

    def transform(self, values: pd.Series) -> np.ndarray:
        """Give the parts of other dates."""
        return self.numbers.fill(self._parts(values))

    def _parts(self, values: pd.Series) -> np.ndarray:
        moment = values.dt
        day = (moment.normalize() - pd.Timestamp(2000, 1, 1)).dt.days
        parts = [day, moment.year, moment.month, moment.day_of_week]
        if self.hours_:
            parts.append(moment.hour + moment.minute / 60)
        return np.column_stack([part.to_numpy(dtype=float, na_value=np.nan) for part in parts])


class LevelEncoder:
    """A category becomes one part for each frequent level, one for the rare ones and one for missing.

    A level that training did not have counts as missing.
    """

    def __init__(self, max_levels: int) -> None:
        self.max_levels = max_levels

    def fit_transform(self, values: pd.Series, y: np.ndarray) -> np.ndarray:  # noqa: ARG002 - Encoder
        """Learn the levels; the part of a level is its rank."""
        counts = _count(values)
        least = max(2, min(_RARE_MAX, round(_RARE_SHARE * len(values))))
        frequent = [level for level, n in counts.items() if n >= least][: self.max_levels]
        rare = {level: len(frequent) for level in counts if level not in set(frequent)}
        self.part_of_ = {level: part for part, level in enumerate(frequent)} | rare
        self.n_levels_ = len(frequent) + bool(rare)
        self.marked_ = bool(values.isna().any())
        return self.transform(values)

    def transform(self, values: pd.Series) -> np.ndarray:
        """Give the parts of other rows."""
        parts = np.zeros((len(values), self.n_levels_ + self.marked_))
        codes = values.map(self.part_of_).to_numpy(dtype=float, na_value=np.nan)
        known = ~np.isnan(codes)
        parts[np.flatnonzero(known), codes[known].astype(int)] = 1.0
        if self.marked_:
            parts[~known, -1] = 1.0
        return parts


class TargetMeanEncoder:
    """A category with many levels becomes the mean of the target in its level, shrunk to the overall mean.

    Training rows get the mean of *other* training rows (cross-fitted), or the target would leak through it.
    """

    def __init__(self, n_classes: int, seed: int) -> None:
        self.n_classes, self.seed = n_classes, seed

    def fit_transform(self, values: pd.Series, y: np.ndarray) -> np.ndarray:
        """Learn the means and give the cross-fitted ones."""
        self.code_of_ = {level: code for code, level in enumerate(_count(values))}
        kind = {0: "continuous", 2: "binary"}.get(self.n_classes, "multiclass")
        folds = KFold(_TARGET_FOLDS, shuffle=True, random_state=self.seed)
        self.encoder_ = TargetEncoder(target_type=kind, cv=folds)
        result: np.ndarray = self.encoder_.fit_transform(self._codes(values), y)
        return result

    def transform(self, values: pd.Series) -> np.ndarray:
        """Give the means for other rows; an unknown level counts as missing."""
        result: np.ndarray = self.encoder_.transform(self._codes(values))
        return result

    def _codes(self, values: pd.Series) -> np.ndarray:
        codes = values.map(self.code_of_).to_numpy(dtype=float, na_value=np.nan)
        return np.where(np.isnan(codes), -1, codes).astype(int)[:, None]


class TextEncoder:
    """A text becomes a few numbers: weighted words (TF-IDF), condensed by a truncated SVD, and its length."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def fit_transform(self, values: pd.Series, y: np.ndarray) -> np.ndarray:  # noqa: ARG002 - Encoder
        """Learn the words and their directions."""
        texts = _texts(values)
        self.words_, self.svd_ = None, None
        words = TfidfVectorizer(max_features=_WORDS, min_df=2, sublinear_tf=True)
        try:
            weights = words.fit_transform(texts[:_TEXT_ROWS])
        except ValueError:  # no word occurs twice: only the length is left
            return self.transform(values)
        self.words_ = words
        if weights.shape[1] > _TEXT_PARTS:
            with warnings.catch_warnings():  # 0/0 of an explained variance that is not used
                warnings.simplefilter("ignore", RuntimeWarning)
                self.svd_ = TruncatedSVD(_TEXT_PARTS, random_state=self.seed).fit(weights)
        return self.transform(values)

    def transform(self, values: pd.Series) -> np.ndarray:
        """Give the numbers of other texts."""
        texts = _texts(values)
        length = np.array([float(len(text)) for text in texts])[:, None]
        if self.words_ is None:
            return length
        weights = self.words_.transform(texts)
        parts: np.ndarray = weights.toarray() if self.svd_ is None else self.svd_.transform(weights)
        return np.hstack([parts, length])


def encoder(role: str, *, max_levels: int, n_classes: int, seed: int) -> Encoder:
    """Make the encoder of a role.

    Parameters
    ----------
    role : str
        number, date, levels, target or text.
    max_levels : int
        Levels that get a part of their own, 1 or more; only levels looks at it.
    n_classes : int
        Classes of the target, 0 for regression; only target looks at it.
    seed : int
        Seed of the cross-fitting and of the condensed words; only target and text look at it.

    Returns
    -------
    Encoder
        Unfitted. Its matrix of shape (n_rows, n_parts) has no missing values: missing numbers and dates
        become the median, missing categories count as a level of their own when training had any, and a
        missing text is an empty one.

    Raises
    ------
    KeyError
        There is no such role.

    Examples
    --------
    >>> made = encoder("number", max_levels=40, n_classes=0, seed=0)
    >>> made.fit_transform(pd.Series([1.0, None, 3.0]), np.zeros(3)).tolist()
    [[1.0, 0.0], [2.0, 1.0], [3.0, 0.0]]
    """
    makers: dict[str, Any] = {
        "number": NumberEncoder,
        "date": DateEncoder,
        "levels": lambda: LevelEncoder(max_levels),
        "target": lambda: TargetMeanEncoder(n_classes, seed),
        "text": lambda: TextEncoder(seed),
    }
    made: Encoder = makers[role]()
    return made


def width(role: str, n_distinct: int, max_levels: int, n_classes: int) -> int:
    """Count the parts that a column of this role becomes, at most.

    Parameters
    ----------
    role : str
        number, date, levels, target or text.
    n_distinct : int
        Different values of the column; missing ones are not counted.
    max_levels : int
        Levels that get a part of their own.
    n_classes : int
        Classes of the target, 0 for regression.

    Returns
    -------
    int
        1 or more; the parts for rare levels and for missing values are included.

    Raises
    ------
    KeyError
        There is no such role.

    Examples
    --------
    >>> width("levels", 3, 40, 0), width("target", 300, 40, 0)
    (5, 1)
    """
    levels = min(n_distinct, max_levels) + 2
    target = n_classes if n_classes > 2 else 1
    return {"number": 2, "date": 6, "levels": levels, "target": target, "text": _TEXT_PARTS + 1}[role]


def _clean(values: pd.Series) -> np.ndarray:
    """Floats; infinities become missing, and what would overflow is cut."""
    cells = values.to_numpy(dtype=float, na_value=np.nan, copy=True)
    cells[np.isinf(cells)] = np.nan
    result: np.ndarray = np.clip(cells, -_LARGEST, _LARGEST)
    return result


def _count(values: pd.Series) -> dict[Hashable, int]:
    """Rows of each level, most frequent first, ties in the order of the alphabet."""
    counts = values.value_counts().to_dict()
    return dict(sorted(counts.items(), key=lambda item: (-item[1], str(item[0]))))


def _texts(values: pd.Series) -> list[str]:
    return ["" if value is None or value != value else str(value) for value in values.tolist()]
