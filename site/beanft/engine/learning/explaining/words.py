"""Which words of a row's texts speak for its answer, and which against it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_matrix, vstack

if TYPE_CHECKING:  # loads scikit-learn, which the model itself does when it is opened
    from beanft.engine.learning.search.coding import Coded

_NAMED = 12


def words_that_count(
    predict: Callable[["Coded"], np.ndarray],
    row: "Coded",
    vocabularies: Mapping[str, Any],
    place: int | None,
    *,
    most: int,
) -> list[dict[str, Any]]:
    """Leave each word of a row's texts out by itself, all else as it is, and look what the answer loses.

    Parameters
    ----------
    predict : callable
        Predicts coded rows.
    row : Coded
        One row.
    vocabularies : mapping of str to CountVectorizer or None
        What cut each text column into words, in the order of `Coded.words` (`Coder.words_`).
    place : int or None
        Place of the class whose probability is asked for; None for numbers.
    most : int
        Words of a column that are tried: those that stand in it most often, then by the alphabet.

    Returns
    -------
    list of dict
        The words that move the answer most, the largest first: column, word, and value, what the answer is
        higher for it. Words that belong together are left out one at a time, so the values do not add up.
    """
    found: list[dict[str, Any]] = []
    for at, (name, vectorizer) in enumerate(vocabularies.items()):
        tried = _tried(row.words[at], most)
        if vectorizer is None or not len(tried):
            continue
        said = predict(_without_each(row, at, tried))
        said = said if place is None else said[:, place]
        lost = dict(zip(tried.tolist(), (said[0] - said[1:]).tolist(), strict=True))
        found += [
            {"column": name, "word": word, "value": lost[code]}
            for word, code in vectorizer.vocabulary_.items()
            if lost.get(code)
        ]
    return sorted(found, key=lambda one: (-abs(one["value"]), one["word"]))[:_NAMED]


def _tried(counts: csr_matrix, most: int) -> np.ndarray:
    """Places of the words that a row of counts holds."""
    codes, times = counts.indices[counts.data > 0], counts.data[counts.data > 0]
    tried: np.ndarray = codes[np.lexsort((codes, -times))][:most]
    return tried


def _without_each(row: "Coded", at: int, tried: np.ndarray) -> "Coded":
    """The row, then once more for each word that is left out of its text number `at`."""
    copies = row.at(np.zeros(len(tried) + 1, dtype=np.int64))
    counts = vstack([row.words[at]] * (len(tried) + 1)).tolil()
    counts[np.arange(1, len(tried) + 1), tried] = 0
    words = (*copies.words[:at], counts.tocsr(), *copies.words[at + 1 :])
    return replace(copies, words=words)
