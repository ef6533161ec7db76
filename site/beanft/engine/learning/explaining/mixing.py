"""Rows mixed of others column by column, in the arrays that a model works with: no data frame is made."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import vstack

from beanft.engine.learning.explaining.contributions import Asked
from beanft.engine.learning.explaining.function import Deadline
from beanft.engine.learning.serving.rows import predict_coded

if TYPE_CHECKING:  # loads scikit-learn, which the model itself does when it is opened
    from beanft.engine.learning.search.coding import Coded

_FIRST_ROWS = 16  # of the round in which every column is measured
_WEIGHED_ROWS = 128  # of the round that goes on while time lasts
_SHUFFLED_ROWS = 1024  # predicted between two looks at the clock
_BY_CLASS = 3  # dimensions: columns, rows, classes
_CELLS = 4_000_000  # of them, rows times numbers and codes


class Mixer:
    """Predicts rows whose columns come from different rows.

    Parameters
    ----------
    model : mapping
        What a model file holds.
    """

    def __init__(self, model: Mapping[str, Any]) -> None:
        self._model, coder = model, model["estimator"].coder
        self._numbers, self._codes = list(coder.number_names_), list(coder.code_names_)
        self._words, self._days = list(coder.words_), list(coder.day_names)

    @property
    def width(self) -> int:
        """Numbers and codes of a row."""
        return len(self._numbers) + len(self._codes)

    def predict(self, coded: "Coded") -> np.ndarray:
        """Predict rows: probabilities of shape (n_rows, n_classes) or numbers of shape (n_rows,)."""
        return predict_coded(self._model, coded)

    def between(
        self, row: "Coded", background: "Coded", players: Sequence[tuple[str, ...]], place: int | None
    ) -> Asked:
        """Give what predicts mixtures of one row and background rows.

        Parameters
        ----------
        row : Coded
            The row explained.
        background : Coded
            Rows that it is compared with.
        players : sequence of tuple of str
            Columns that come from the row together.
        place : int or None
            Place of the class whose probability is asked for; None for numbers.

        Returns
        -------
        callable
            (masks of shape (n, n_players), starts of shape (n,)) -> array of shape (n,).
        """
        player = {name: i for i, columns in enumerate(players) for name in columns}
        numbers, codes, days = (
            [player[name] for name in names] for names in (self._numbers, self._codes, self._days)
        )
        words = [vstack([pair[0], pair[1]]).tocsr() for pair in zip(background.words, row.words, strict=True)]
        own = len(background)

        def asked(masks: np.ndarray, starts: np.ndarray) -> np.ndarray:
            mixed = replace(
                row,
                numbers=np.where(masks[:, numbers], row.numbers, background.numbers[starts]),
                codes=np.where(masks[:, codes], row.codes, background.codes[starts]),
                words=tuple(
                    counts[np.where(masks[:, player[name]], own, starts)]
                    for name, counts in zip(self._words, words, strict=True)
                ),
                days=_mixed(masks[:, days], row.days, background.days, starts),
            )
            said = self.predict(mixed)
            return said if place is None else said[:, place]

        return asked

    def shuffled(self, coded: "Coded", names: Sequence[str], order: np.ndarray) -> "Coded":
        """Give the rows once for each name, that column with the values of other rows.

        Parameters
        ----------
        coded : Coded
            The rows.
        names : sequence of str
            Columns of the table, one or more.
        order : array of int of shape (n_rows,)
            For each row the one whose value it takes.

        Returns
        -------
        Coded
            len(names) * n_rows rows: all for the first name, then all for the second.
        """
        n = len(coded)
        places = np.tile(np.arange(n), len(names))
        numbers, codes = coded.numbers[places], coded.codes[places]
        days = None if coded.days is None else coded.days[places]
        words = [places.copy() for _ in self._words]
        parts = [(numbers, coded.numbers, self._numbers), (codes, coded.codes, self._codes)]
        if days is not None and coded.days is not None:
            parts.append((days, coded.days, self._days))
        for i, name in enumerate(names):
            block = slice(i * n, (i + 1) * n)
            for values, source, owners in parts:
                own = [at for at, one in enumerate(owners) if one == name]
                values[block, own] = source[order][:, own]
            for place, one in zip(words, self._words, strict=True):
                if one == name:
                    place[block] = order
        counts = tuple(one[place] for one, place in zip(coded.words, words, strict=True))
        return replace(coded, numbers=numbers, codes=codes, words=counts, days=days)


def _mixed(
    mask: np.ndarray, own: np.ndarray | None, others: np.ndarray | None, starts: np.ndarray
) -> np.ndarray | None:
    """Days of mixed rows; None where the model has none."""
    return None if own is None or others is None else np.where(mask, own, others[starts])


def weights_of(
    mixer: Mixer,
    coded: "Coded",
    names: Sequence[str],
    *,
    limit_s: float,
    known: np.ndarray | None = None,
) -> np.ndarray:
    """Measure how far one shuffle of each column moves the predictions.

    All columns are measured on few rows first, those not known yet before any other; then, while time lasts,
    on more rows, the heaviest first.

    Parameters
    ----------
    mixer : Mixer
        Of the model.
    coded : Coded
        Training rows in random order, one or more.
    names : sequence of str
        Columns of the table.
    limit_s : float
        Seconds after which no further columns are begun; the first ones are measured in any case.
    known : array of shape (n_columns,), optional
        What was measured before, NaN where nothing was.

    Returns
    -------
    array of shape (n_columns,)
        0 or more; probabilities by the share that changes its class. NaN where time did not suffice.
    """
    weights = np.full(len(names), np.nan) if known is None else known.astype(np.float64)
    deadline = Deadline(limit_s)
    for n_rows in (_FIRST_ROWS, _WEIGHED_ROWS):
        rows = coded.at(np.arange(min(n_rows, len(coded))))
        order, before = np.roll(np.arange(len(rows)), 1), mixer.predict(rows)
        unknown = np.flatnonzero(np.isnan(weights))
        wanted = unknown if n_rows == _FIRST_ROWS else np.argsort(-weights, kind="stable")
        at_once = max(1, min(_SHUFFLED_ROWS, _CELLS // max(1, mixer.width)) // len(rows))
        for start in range(0, len(wanted), at_once):
            if deadline.passed and not (start == 0 and len(unknown)):
                return weights
            some = wanted[start : start + at_once]
            said = mixer.predict(mixer.shuffled(rows, [names[place] for place in some], order))
            weights[some] = _moved(said.reshape(len(some), *before.shape) - before)
    return weights


def heaviest(weights: np.ndarray) -> np.ndarray:
    """Order columns by weight; those that were not measured come last.

    Parameters
    ----------
    weights : array of shape (n_columns,)
        NaN where nothing was measured.

    Returns
    -------
    array of int of shape (n_columns,)
        Places; equals in their own order.

    Examples
    --------
    >>> heaviest(np.array([np.nan, 0.0, 2.0])).tolist()
    [2, 1, 0]
    """
    return np.argsort(-np.nan_to_num(weights, nan=-1.0), kind="stable")


def _moved(change: np.ndarray) -> np.ndarray:
    """How far predictions moved, of shape (n_columns, n_rows[, n_classes]), for each column."""
    size = np.abs(change)
    mean: np.ndarray = (size.sum(axis=2) / 2 if size.ndim == _BY_CLASS else size).mean(axis=1)
    return mean
