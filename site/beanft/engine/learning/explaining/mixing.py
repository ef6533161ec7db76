"""Rows mixed of others column by column, in the arrays that a model works with: no data frame is made."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import vstack

from beanft.engine.learning.explaining.contributions import Asked
from beanft.engine.learning.serving.rows import predict_coded

if TYPE_CHECKING:  # loads scikit-learn, which the model itself does when it is opened
    from beanft.engine.learning.search.coding import Coded

_WEIGHED_ROWS = 128


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
        self._words = list(coder.words_)

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
        numbers, codes = ([player[name] for name in names] for names in (self._numbers, self._codes))
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
            )
            said = self.predict(mixed)
            return said if place is None else said[:, place]

        return asked

    def shuffled(self, coded: "Coded", name: str, order: np.ndarray) -> "Coded":
        """Give rows in which one column has the values of other rows."""
        numbers, codes = coded.numbers.copy(), coded.codes.copy()
        for values, names in ((numbers, self._numbers), (codes, self._codes)):
            own = [i for i, one in enumerate(names) if one == name]
            values[:, own] = values[order][:, own]
        words = tuple(
            counts[order] if one == name else counts
            for one, counts in zip(self._words, coded.words, strict=True)
        )
        return replace(coded, numbers=numbers, codes=codes, words=words)


def weights_of(mixer: Mixer, coded: "Coded", names: Sequence[str], *, limit_s: float) -> np.ndarray:
    """Measure how far one shuffle of each column moves the predictions.

    Parameters
    ----------
    mixer : Mixer
        Of the model.
    coded : Coded
        Training rows in random order, one or more.
    names : sequence of str
        Columns of the table.
    limit_s : float
        Seconds after which the columns left get the mean of the others.

    Returns
    -------
    array of shape (n_columns,)
        0 or more; probabilities by the share that changes its class.
    """
    rows = coded.at(np.arange(min(_WEIGHED_ROWS, len(coded))))
    order, before = np.roll(np.arange(len(rows)), 1), mixer.predict(rows)
    weights, ended = np.full(len(names), np.nan), time.monotonic() + limit_s
    for i, name in enumerate(names):
        if i and time.monotonic() > ended:
            break
        moved = np.abs(mixer.predict(mixer.shuffled(rows, name, order)) - before)
        weights[i] = moved.sum(axis=1).mean() / 2 if moved.ndim == 2 else moved.mean()
    return np.where(np.isnan(weights), np.nanmean(weights), weights)
