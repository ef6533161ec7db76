"""The matrix of a fold, made in one go: quicker for a row than joining its parts one by one."""

from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from beanft.engine.learning.search.coding import Coded
from beanft.engine.learning.search.folds import NATIVE_LEVELS, FoldEncoder, Layout


class Matrix:
    """Makes of coded rows what `folds.assemble` makes, with the parts that a fold learned.

    Parameters
    ----------
    encoder : FoldEncoder
        Fitted on the fold.
    layout : Layout
        How the codes are used.
    """

    def __init__(self, encoder: FoldEncoder, layout: Layout) -> None:
        self._native = layout.native
        self._tables = [
            (code, np.hstack([means, counts[:, None]]).astype(np.float32))
            for code, means, counts in zip(layout.by_target, encoder.means_, encoder.counts_, strict=True)
        ]
        self._texts = [_Text(words) for words in encoder.texts_]
        self.is_plain = not self._tables and not self._texts
        """Whether the fold learned no part of it: then all folds make the same."""

    def of(self, coded: Coded) -> np.ndarray:
        """Make the matrix, float32 of shape (n_rows, n_parts) in C order."""
        texts = [text.of(counts) for text, counts in zip(self._texts, coded.words, strict=True)]
        widths = [table.shape[1] for _, table in self._tables] + [part.shape[1] for part in texts]
        n_numbers, n_native = coded.numbers.shape[1], len(self._native)
        at = 0 if coded.days is None else coded.days.shape[1]
        made = np.empty((len(coded), at + n_numbers + sum(widths) + n_native), dtype=np.float32)
        if coded.days is not None:
            made[:, :at] = coded.days
        made[:, at : at + n_numbers] = coded.numbers
        at += n_numbers
        for code, table in self._tables:
            made[:, at : at + table.shape[1]] = table[coded.codes[:, code] + 1]
            at += table.shape[1]
        for part in texts:
            made[:, at : at + part.shape[1]] = part
            at += part.shape[1]
        codes = coded.codes[:, self._native]
        made[:, at:] = np.where((codes < 0) | (codes >= NATIVE_LEVELS), np.nan, codes)
        return made


class _Text:
    """Weighted words condensed to a few numbers; in the order of sums that fitting has, to the last bit."""

    def __init__(self, words: Any) -> None:
        self._weights, self._n = words.weights_, len(words.chosen_)
        self._directions = None if words.svd_ is None else np.ascontiguousarray(words.svd_.components_.T)
        self._places = np.full(int(words.chosen_.max(initial=-1)) + 1, -1)
        self._places[words.chosen_] = np.arange(self._n)

    def of(self, counts: csr_matrix) -> np.ndarray:
        """Numbers of each row, float64 of shape (n_rows, n_numbers)."""
        weighted = self._weighted(counts)
        result: np.ndarray = weighted.toarray() if self._directions is None else weighted @ self._directions
        return result

    def _weighted(self, counts: csr_matrix) -> csr_matrix:
        rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
        known = counts.indices < len(self._places)
        known[known] = self._places[counts.indices[known]] >= 0
        rows, places = rows[known], self._places[counts.indices[known]]
        ends = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=counts.shape[0]))])
        backwards = ends[rows] + ends[rows + 1] - 1 - np.arange(len(rows))  # within each row
        places = places[backwards]
        values = (1 + np.log(counts.data[known][backwards].astype(np.float64))) * self._weights[places]
        lengths = np.sqrt(np.bincount(rows, weights=values * values, minlength=counts.shape[0]))
        return csr_matrix((values / lengths[rows], places, ends), shape=(counts.shape[0], self._n))
