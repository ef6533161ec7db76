"""Which words of a row's texts speak for its answer, and which against it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_matrix

if TYPE_CHECKING:  # loads scikit-learn, which the model itself does when it is opened
    from beanft.engine.learning.search.coding import Coded

_NAMED = 12
_COUNTS = 1_000_000  # of all copies of a row together: some 12 MB


def words_that_count(
    predict: Callable[["Coded"], np.ndarray],
    row: "Coded",
    vocabularies: Mapping[str, Any],
    place: int | None,
    *,
    most: int,
) -> dict[str, Any]:
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
        Words that are tried, an equal part of each column: those that stand in it most often, then by the
        alphabet. Very long texts get fewer.

    Returns
    -------
    dict
        words: the words that move the answer most, the largest first, each with its column, and as value what
        the answer is higher for it (they are left out one at a time, so values do not add up); n_words, those
        that the model knows in these texts; n_words_tried.
    """
    known = [counts.indices[np.lexsort((counts.indices, -counts.data))] for counts in row.words]
    each = min(most // max(1, len(known)), _COUNTS // max(1, sum(map(len, known))))
    tried = [codes[: max(1, each)] for codes in known]
    found: list[dict[str, Any]] = [
        {"column": name, "word": word, "value": value}
        for at, (name, vectorizer) in enumerate(vocabularies.items())
        if len(tried[at])
        for word, value in _lost(predict, row, at, tried[at], vectorizer, place)
        if value
    ]
    return {
        "words": sorted(found, key=lambda one: (-abs(one["value"]), one["word"]))[:_NAMED],
        "n_words": sum(map(len, known)),
        "n_words_tried": sum(map(len, tried)),
    }


def _lost(
    predict: Callable[["Coded"], np.ndarray],
    row: "Coded",
    at: int,
    tried: np.ndarray,
    vectorizer: Any,
    place: int | None,
) -> list[tuple[str, float]]:
    """Words of text number `at`, each with what the answer loses without it."""
    said = predict(_without_each(row, at, tried))
    said = said if place is None else said[:, place]
    lost = dict(zip(tried.tolist(), (said[0] - said[1:]).tolist(), strict=True))
    return [(word, lost[code]) for word, code in vectorizer.vocabulary_.items() if code in lost]


def _without_each(row: "Coded", at: int, tried: np.ndarray) -> "Coded":
    """The row, then once more for each word that is left out of its text number `at`."""
    n, counts = len(tried) + 1, row.words[at]
    codes, data = np.tile(counts.indices, (n, 1)), np.tile(counts.data, (n, 1))
    data[1:][codes[1:] == tried[:, None]] = 0
    ends = np.arange(n + 1) * counts.nnz
    left = csr_matrix((data.ravel(), codes.ravel(), ends), shape=(n, counts.shape[1]))
    left.eliminate_zeros()
    copies = row.at(np.zeros(n, dtype=np.int64))
    return replace(copies, words=(*copies.words[:at], left, *copies.words[at + 1 :]))
