"""How unlike the training rows a row is: its distance to some of them, against their own distances."""

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # loads scikit-learn, which the model itself does when it is opened
    from beanft.engine.learning.search.coding import Coded


_USUAL = 0.995  # share of training rows that count as usual: of rows like them one in 200 is called far
_CELLS, _MOST_ROWS, _LEAST_ROWS = 6_400, 400, 48  # numbers of the rows compared with; their number
_MOST_PARTS = 300
_LEVELS = 6  # commonest levels of a category that are told apart; the others count as one
_CLIP = 4.0  # spreads from the middle beyond which a number is only “far out”
_BLOCK = 256  # rows multiplied at once
_CLOSE, _SAME = 1e-3, 1e-5  # relative: below, rounding decides
_FEWEST = 60  # training rows without which nothing is called far
_UNKNOWN = -1  # code of a level that training did not know
_ALL = 199  # rows of which the 99.5 % are not below the largest: of fewer it is just that


@dataclass(frozen=True, kw_only=True)
class Familiar:
    """Some training rows as points, and how far others of them are from these."""

    middle: np.ndarray
    """Median of each number."""
    spread: np.ndarray
    """Distance between its quartiles, or its standard deviation where that is 0; above 0."""
    n_levels: tuple[int, ...]
    """Levels of each code that are told apart."""
    points: np.ndarray
    """Rows compared with, of shape (n_points, n_parts)."""
    usual: float
    """Distance that 99.5 % of other training rows stay within, all of them where they are fewer than 199;
    infinite where they are too few to tell."""
    n_rows: int
    """Training rows that were measured."""
    most_missing: float
    """Cells without a value that 99.5 % of training rows do not exceed."""

    @property
    def usual_words(self) -> str:
        """How many training rows have more similar ones than a row that is called far."""
        if self.n_rows >= _ALL:
            return "199 of 200 of those have"
        return f"all {self.n_rows} of those that were measured have"

    def distances(self, coded: "Coded") -> np.ndarray:
        """Measure how far rows are from the nearest of the points.

        Parameters
        ----------
        coded : Coded
            Rows.

        Returns
        -------
        array of shape (n_rows,), float32
            The last digits hang on the rows around a row; `far` looks twice where they could matter.
        """
        return _nearest(self._placed(coded), self.points, *self._sides)

    def far(self, coded: "Coded") -> np.ndarray:
        """Tell which rows lie further away than training rows do, as bool of shape (n_rows,)."""
        if not np.isfinite(self.usual):
            return np.zeros(len(coded), dtype=bool)
        apart = self.distances(coded)
        close = np.flatnonzero(np.abs(apart - self.usual) <= _CLOSE * (1 + self.usual))
        if len(close):
            for row, place in zip(close, self._placed(coded.at(close)), strict=True):
                apart[row] = np.sqrt(((self.points - place) ** 2).sum(axis=1).min())
        further: np.ndarray = apart > self.usual * (1 + _SAME)
        return further

    def _placed(self, coded: "Coded") -> np.ndarray:
        return _placed(coded, self.middle, self.spread, self.n_levels)

    @cached_property
    def _sides(self) -> tuple[np.ndarray, np.ndarray]:
        return _sides(self.points)


def learn(coded: "Coded", n_missing: np.ndarray) -> Familiar:
    """Learn what is usual from training rows.

    Parameters
    ----------
    coded : Coded
        Training rows in random order, one or more.
    n_missing : array of int of shape (n_rows,)
        Cells without a value in each of them.

    Returns
    -------
    Familiar
    """
    middle, spread = _spreads(coded.numbers)
    codes = coded.codes
    n_levels = tuple(min(_LEVELS, int(codes[:, i].max(initial=-1)) + 1) for i in range(codes.shape[1]))
    placed = _placed(coded, middle, spread, n_levels)
    n_points = int(np.clip(_CELLS // max(1, placed.shape[1]), _LEAST_ROWS, _MOST_ROWS))
    n_points = min(n_points, len(placed) // 2)
    points = placed[:n_points]
    own = _nearest(placed[n_points:], points, *_sides(points)) if n_points else np.zeros(0)
    return Familiar(
        middle=middle,
        spread=spread,
        n_levels=n_levels,
        points=points,
        usual=_usual(own),
        n_rows=len(own),
        most_missing=float(np.quantile(n_missing, _USUAL, method="higher")) if len(n_missing) else 0.0,
    )


def _usual(distances: np.ndarray) -> float:
    """The distance that so many of the rows stay within; the largest where they are few."""
    if len(distances) < _FEWEST:
        return float("inf")
    place = min(len(distances), int(np.ceil((len(distances) + 1) * _USUAL)))
    return float(np.sort(distances)[place - 1])


def _spreads(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Median and spread of each column; 0 and 1 for one without values or with a single one."""
    middle, spread = np.zeros(numbers.shape[1]), np.ones(numbers.shape[1])
    for i, column in enumerate(numbers.T.astype(np.float64)):
        known = column[~np.isnan(column)]
        if len(known):
            low, middle[i], high = np.quantile(known, [0.25, 0.5, 0.75])
            spread[i] = (high - low) or known.std() or 1.0
    return middle, spread


def _placed(coded: "Coded", middle: np.ndarray, spread: np.ndarray, n_levels: tuple[int, ...]) -> np.ndarray:
    """Rows as points: numbers in spreads, whether they are known, and one part for each common level."""
    numbers = (coded.numbers.astype(np.float64) - middle) / spread
    gone = np.isnan(numbers)
    which = np.repeat(np.arange(len(n_levels)), [n + 1 for n in n_levels])
    levels = np.concatenate([np.zeros(0, dtype=np.intp), *(_levels(n) for n in n_levels)])
    shares = np.maximum(coded.codes, _UNKNOWN).take(which, axis=1) == levels
    inside = np.clip(np.where(gone, 0.0, numbers), -_CLIP, _CLIP)
    placed: np.ndarray = np.hstack([inside, gone, shares])[:, :_MOST_PARTS].astype(np.float32)
    return placed


@cache
def _levels(n: int) -> np.ndarray:
    """The levels of a category that are told apart, then its being unknown."""
    return np.append(np.arange(n), _UNKNOWN)


def _sides(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What a distance to points needs of them: their squared lengths, and themselves turned."""
    return (points**2).sum(axis=1), np.ascontiguousarray(points.T)


def _nearest(rows: np.ndarray, points: np.ndarray, lengths: np.ndarray, turned: np.ndarray) -> np.ndarray:
    """Distance of each row to the nearest point."""
    if not len(rows) or not len(points):
        return np.zeros(len(rows), dtype=np.float32)
    found = np.empty(len(rows), dtype=np.float32)
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        apart = lengths - 2 * (block @ turned)
        found[start : start + _BLOCK] = apart.min(axis=1) + (block**2).sum(axis=1)
    distances: np.ndarray = np.sqrt(np.maximum(found, 0))
    return distances
