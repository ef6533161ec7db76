"""What would have changed a prediction: the smallest change of up to three columns, to values that occur."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from beanft.engine.learning.explaining.function import ROWS_AT_ONCE, Deadline, Predict
from beanft.engine.learning.explaining.grids import make_grid, moments
from beanft.engine.learning.explaining.similar import distances_to

Goal = Callable[[np.ndarray], np.ndarray]
"""Predictions -> how far beyond the goal each is, of shape (n_rows,); above 0 is reached."""

_POINTS = 15  # values tried of a number
_BEAM, _ALIKE = 16, 4  # unfinished changes that are taken further, and those of the same columns
_MOST, _WANTED = 3, 3  # columns changed together, and changes told
_LOOKED = 3  # times as many changes are looked at closely as are wanted
_FINER = 24  # values tried between a number and the one that reached the goal


@dataclass(frozen=True, kw_only=True)
class Change:
    """A way to another prediction."""

    places: Mapping[str, int]
    """For each changed column a row of the sample whose value it takes."""
    distance: float
    """How large it is: the sum over the columns of 0 (the same) to 1 (from end to end)."""
    margin: float
    """How far beyond the goal it leads."""
    excess: float = 0.0
    """By how many interquartile ranges its numbers move, the first one of each not counted."""

    @property
    def large(self) -> bool:
        """Whether a number moves by more than an interquartile range."""
        return self.excess > 0

    @property
    def size(self) -> float:
        """What changes are sorted by: large moves count more than their distance."""
        return self.distance + self.excess


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a search found."""

    changes: tuple[Change, ...]
    """The smallest and likeliest first; empty when there is none."""
    n_tried: int
    """Rows that were predicted."""
    cut_short: bool
    """Whether time ran out before the search was done."""


def class_goal(place: int, wanted: int | None = None) -> Goal:
    """Give the goal of another class.

    Parameters
    ----------
    place : int
        The class predicted now.
    wanted : int, optional
        The class wanted; any other when None.

    Returns
    -------
    Goal

    Examples
    --------
    >>> class_goal(0)(np.array([[0.75, 0.25], [0.25, 0.75]])).tolist()
    [-0.5, 0.5]
    """

    def beyond(said: np.ndarray) -> np.ndarray:
        if wanted is None:
            ahead, behind = np.delete(said, place, axis=1).max(axis=1), said[:, place]
        else:
            ahead, behind = said[:, wanted], np.delete(said, wanted, axis=1).max(axis=1)
        margin: np.ndarray = ahead - behind
        return margin

    return beyond


def threshold_goal(place: int, value: float, *, reach: bool) -> Goal:
    """Give the goal of a class that counts from a probability on, or of the other one.

    Parameters
    ----------
    place : int
        The class that the threshold is for.
    value : float
        The probability from which on a row counts as it.
    reach : bool
        Whether the row is to count as it, else as the other one.

    Returns
    -------
    Goal

    Examples
    --------
    >>> threshold_goal(1, 0.25, reach=False)(np.array([[0.5, 0.5], [1.0, 0.0]])).tolist()
    [-0.25, 0.25]
    """
    if reach:
        return lambda said: said[:, place] - np.nextafter(value, -1)
    return lambda said: value - said[:, place]


def number_goal(value: float, *, above: bool) -> Goal:
    """Give the goal of a number above or below a value.

    Parameters
    ----------
    value : float
        The value to pass.
    above : bool
        Whether to come above it.

    Returns
    -------
    Goal

    Examples
    --------
    >>> number_goal(3.0, above=False)(np.array([1.0, 5.0])).tolist()
    [2.0, -2.0]
    """
    return lambda said: said - value if above else value - said


def find_changes(
    predict: Predict,
    row: pd.DataFrame,
    X: pd.DataFrame,
    goal: Goal,
    columns: Sequence[str],
    kinds: Mapping[str, str],
    *,
    limit_s: float = 40.0,
) -> Found:
    """Search for small changes that reach a goal.

    Parameters
    ----------
    predict : callable
        The model.
    row : DataFrame of shape (1, n_columns)
        The row as it is.
    X : DataFrame of shape (n_rows, n_columns)
        Real rows, whose values are tried; missing values and texts are not.
    goal : Goal
        What is to be reached.
    columns : sequence of str
        Columns that may change, those worth trying first in front.
    kinds : mapping of str to str
        Kind of each column.
    limit_s : float
        Seconds after which the search stops with what it has.

    Returns
    -------
    Found
        At most three changes, of different columns; more columns are changed together only where fewer do
        not suffice. Pairs and triples go on from the changes that come nearest to the goal, so a smaller one
        may exist where it says none.

    Examples
    --------
    >>> X = pd.DataFrame({"a": [0.0, 1, 2, 3], "b": [0.0, 0, 1, 1]})
    >>> said = lambda X: (X["a"] + 10 * X["b"]).to_numpy()
    >>> goal, kinds = number_goal(1.5, above=True), {"a": "number", "b": "number"}
    >>> found = find_changes(said, X.iloc[:1], X, goal, ["a"], kinds)
    >>> found.changes[0].places
    {'a': 2}
    """
    search = _Search(predict, row, X, goal, kinds, Deadline(limit_s))
    singles = [(name, place) for name in columns for place in search.values(name)]
    beam: list[dict[str, int]] = [{}]
    reached: list[Change] = []
    for _ in range(_MOST):
        tried = search.tried(_extended(beam, singles))
        reached += [change for change in tried if change.margin > 0]
        if any(not change.large for change in reached) or search.cut_short or not tried:
            break
        beam = [dict(change.places) for change in _nearest_to_goal(tried)]
    best = [search.refined(change) for change in _distinct(reached, _LOOKED * _WANTED)]
    best.sort(key=lambda change: change.size + search.rarity(change))
    best = best[:_WANTED]
    return Found(changes=tuple(best), n_tried=search.n_tried, cut_short=search.cut_short)


@dataclass
class _Search:
    """Predicts changed rows and keeps count."""

    predict: Predict
    row: pd.DataFrame
    X: pd.DataFrame
    goal: Goal
    kinds: Mapping[str, str]
    deadline: Deadline
    n_tried: int = 0
    cut_short: bool = False
    _apart: dict[str, np.ndarray] = field(default_factory=dict)
    _moved: dict[str, np.ndarray] = field(default_factory=dict)

    def values(self, name: str) -> list[int]:
        """Rows of the sample whose values of a column are tried: those that differ from the row's."""
        grid = make_grid(self.X, name, self.kinds[name], _POINTS)
        if grid is None:
            return []
        pairs = zip(grid.places.tolist(), grid.labels, strict=True)
        return [place for place, label in pairs if label is not None and self.apart(name)[place] > 0]

    def apart(self, name: str) -> np.ndarray:
        """How far each row's value of a column is from the row's own."""
        if name not in self._apart:
            self._apart[name] = distances_to(self.row[[name]], self.X[[name]], self.kinds)
        return self._apart[name]

    def tried(self, asked: Iterable[dict[str, int]]) -> list[Change]:
        """Predict changed rows, as many as time allows."""
        wanted, found = list(asked), []
        for start in range(0, len(wanted), ROWS_AT_ONCE):
            if self.n_tried and self.deadline.passed:
                self.cut_short = True
                break
            some = wanted[start : start + ROWS_AT_ONCE]
            margins = self.goal(np.asarray(self.predict(self._changed(some)), dtype=np.float64))
            self.n_tried += len(some)
            found += [
                Change(
                    places=places,
                    distance=self._distance(places),
                    margin=float(margin),
                    excess=self._excess(places),
                )
                for places, margin in zip(some, margins, strict=True)
            ]
        return found

    def refined(self, change: Change) -> Change:
        """Bring each changed number nearer to what it was, as long as the goal is still reached."""
        for name in change.places:
            if self.kinds[name] not in ("number", "date") or self.deadline.passed:
                continue
            nearer = self._between(name, change.places[name])
            reached = [
                one for one in self.tried({**change.places, name: at} for at in nearer) if one.margin > 0
            ]
            change = min([change, *reached], key=lambda one: one.size)
        return change

    def rarity(self, change: Change) -> float:
        """How far the changed row is from the nearest real one: values may be usual, but not together."""
        return float(distances_to(self._changed([change.places]), self.X, self.kinds).min())

    def _excess(self, places: Mapping[str, int]) -> float:
        """Interquartile ranges beyond the first by which numbers and dates move."""
        moved = (self._ranges(name)[place] for name, place in places.items())
        return float(sum(max(0.0, ranges - 1) for ranges in moved))

    def _ranges(self, name: str) -> np.ndarray:
        """Interquartile ranges from the row's own number to each row's; 0 where that says nothing."""
        if name not in self._moved:
            self._moved[name] = np.zeros(len(self.X))
            if self.kinds[name] in ("number", "date"):
                values, own = moments(self.X[name]), moments(self.row[name])[0]
                known = values[~np.isnan(values)]
                reach = float(np.subtract(*np.quantile(known, [0.75, 0.25]))) if len(known) else 0.0
                if reach > 0 and not np.isnan(own):
                    self._moved[name] = np.nan_to_num(np.abs(values - own) / reach)
        return self._moved[name]

    def _between(self, name: str, place: int) -> list[int]:
        values, own = moments(self.X[name]), moments(self.row[name])[0]
        if np.isnan(own):
            return []
        low, high = sorted((own, values[place]))
        inside = np.flatnonzero((values > low) & (values < high))
        _, first = np.unique(values[inside], return_index=True)
        chosen = np.unique(np.linspace(0, len(first) - 1, min(_FINER, len(first))).astype(int))
        return [int(at) for at in inside[first[chosen]]]

    def _distance(self, places: Mapping[str, int]) -> float:
        return float(sum(self.apart(name)[place] for name, place in places.items()))

    def _changed(self, asked: Sequence[Mapping[str, int]]) -> pd.DataFrame:
        source = pd.concat([self.X, self.row[list(self.X)]], ignore_index=True)
        own, mixed = len(self.X), {}
        for name in source:
            places = np.array([places.get(str(name), own) for places in asked], dtype=np.int64)
            mixed[name] = source[name].take(places).reset_index(drop=True)
        return pd.DataFrame(mixed)


def _extended(
    beam: Sequence[Mapping[str, int]], singles: Sequence[tuple[str, int]]
) -> Iterator[dict[str, int]]:
    """Add one changed column to each unfinished change; the same set of changes comes once."""
    seen = set()
    for places in beam:
        for name, place in singles:
            made = {**places, name: place}
            key = frozenset(made.items())
            if name not in places and key not in seen:
                seen.add(key)
                yield made


def _nearest_to_goal(tried: Sequence[Change]) -> list[Change]:
    """The changes to go on from, at most four of the same columns; of equal ones the larger moves more."""
    chosen: list[Change] = []
    for change in sorted(tried, key=lambda one: (-one.margin, -one.distance)):
        if sum(one.places.keys() == change.places.keys() for one in chosen) < _ALIKE:
            chosen.append(change)
        if len(chosen) == _BEAM:
            break
    return chosen


def _distinct(reached: Sequence[Change], n: int) -> list[Change]:
    """The smallest changes, one of each set of columns."""
    best: dict[frozenset[str], Change] = {}
    for change in sorted(reached, key=lambda one: one.size):
        best.setdefault(frozenset(change.places), change)
    return list(best.values())[:n]
