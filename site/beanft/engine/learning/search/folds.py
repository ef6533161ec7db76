"""What is fitted inside a fold (means of the target by level, weights of words), and its matrix."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, diags
from sklearn.decomposition import TruncatedSVD
from sklearn.preprocessing import normalize

from beanft.engine.learning.prepare import MAX_TARGET_CLASSES, TEXT_PARTS, Plan
from beanft.engine.learning.search.coding import Coded

NATIVE_LEVELS = 250
"""Levels of a category that trees take as they are; scikit-learn's histograms hold 255."""
_SMOOTH = 10.0  # rows of the overall mean that each level's mean is mixed with
_CROSS = 4  # parts in which training rows are encoded by the other parts
_TEXT_ROWS = 20_000  # rows that the directions of the words are learned from
_WORDS = 3_000  # words of a text column that count, the commonest
_FEWEST = 3  # rows that a word must be in


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Where the parts of a matrix come from."""

    roles: tuple[str, ...]
    """Role of each code: levels, target or code."""
    n_levels: tuple[int, ...]
    """Levels of each code."""
    n_classes: int
    """Classes of the target, 0 for regression."""

    @property
    def native(self) -> list[int]:
        """Codes that trees take as categories."""
        wide = self.n_classes > MAX_TARGET_CLASSES  # no means by class then: the commonest levels must do
        return [i for i, role in enumerate(self.roles) if role == "levels" or (wide and role == "target")]

    @property
    def by_target(self) -> list[int]:
        """Codes that become means of the target."""
        if self.n_classes > MAX_TARGET_CLASSES:
            return []
        return [i for i, role in enumerate(self.roles) if role in ("target", "code")]


def layout_of(plan: Plan, n_levels: list[int], n_classes: int) -> Layout:
    """Tell how the codes of a plan are used.

    Parameters
    ----------
    plan : Plan
        Columns and roles.
    n_levels : list of int
        Levels of each code, as `Coder.n_levels_`.
    n_classes : int
        Classes of the target, 0 for regression.

    Returns
    -------
    Layout
    """
    roles = tuple(one.role for one in plan.features if one.role in ("levels", "target", "code"))
    return Layout(roles=roles, n_levels=tuple(n_levels), n_classes=n_classes)


class FoldEncoder:
    """Learns from the training rows of one fold what the target and the words say.

    Parameters
    ----------
    layout : Layout
        How the codes are used.
    seed : int
        Seed of the cross-fitting and of the directions of words.
    """

    def __init__(self, layout: Layout, seed: int) -> None:
        self.layout, self.seed = layout, seed

    def fit_transform(self, coded: Coded, y: np.ndarray) -> np.ndarray:
        """Learn from rows and give their parts, those from the target cross-fitted.

        A training row must not see its own target, or the mean of a rare level would tell it.
        """
        means = _one_column_each(y, self.layout.n_classes)
        self.prior_ = means.mean(axis=0)
        self.means_: list[np.ndarray] = []
        self.counts_: list[np.ndarray] = []
        parts = []
        for i in self.layout.by_target:
            codes, n_levels = coded.codes[:, i] + 1, self.layout.n_levels[i] + 1
            parts.append(_cross_fitted(codes, means, n_levels, self.prior_, self.seed + i))
            total, n = _sums(codes, means, n_levels)
            self.means_.append(_smoothed(total, n, self.prior_))
            self.counts_.append(np.log1p(n))
            parts.append(self.counts_[-1][codes][:, None])
        self.texts_ = [_Words(self.seed).fit(counts) for counts in coded.words]
        return _joined([*parts, *self._words(coded)], len(coded))

    def transform(self, coded: Coded) -> np.ndarray:
        """Give the parts of other rows, float32 of shape (n_rows, n_parts)."""
        parts = []
        for place, i in enumerate(self.layout.by_target):
            codes = coded.codes[:, i] + 1
            parts += [self.means_[place][codes], self.counts_[place][codes][:, None]]
        return _joined([*parts, *self._words(coded)], len(coded))

    def _words(self, coded: Coded) -> list[np.ndarray]:
        return [one.transform(counts) for one, counts in zip(self.texts_, coded.words, strict=True)]


class _Words:
    """Weighted words (TF-IDF) condensed to a few numbers by a truncated SVD."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def fit(self, counts: csr_matrix) -> "_Words":
        n_rows = counts.shape[0]
        in_rows = np.asarray((counts > 0).sum(axis=0)).ravel()
        common = np.flatnonzero(in_rows >= min(_FEWEST, n_rows))
        self.chosen_ = common[np.argsort(-in_rows[common], kind="stable")[:_WORDS]]
        self.weights_ = np.log((1 + n_rows) / (1 + in_rows[self.chosen_])) + 1
        self.svd_ = None
        if len(self.chosen_) > TEXT_PARTS:
            rows = np.random.default_rng(self.seed).permutation(n_rows)[:_TEXT_ROWS]
            weighted = self._weighted(counts[np.sort(rows)])
            with np.errstate(all="ignore"):  # 0/0 of an explained variance that is not used
                self.svd_ = TruncatedSVD(TEXT_PARTS, n_iter=3, random_state=self.seed).fit(weighted)
        return self

    def transform(self, counts: csr_matrix) -> np.ndarray:
        weighted = self._weighted(counts)
        result: np.ndarray = weighted.toarray() if self.svd_ is None else self.svd_.transform(weighted)
        return result

    def _weighted(self, counts: csr_matrix) -> csr_matrix:
        chosen = counts[:, self.chosen_].astype(np.float64)
        if not len(self.chosen_):  # no word is in enough rows
            return csr_matrix(chosen.shape)
        chosen.data = 1 + np.log(chosen.data)
        return normalize((chosen @ diags(self.weights_)).tocsr())


def assemble(coded: Coded, block: np.ndarray, layout: Layout) -> np.ndarray:
    """Join numbers, the parts learned in a fold, and the categories that trees take as they are.

    Parameters
    ----------
    coded : Coded
        Rows as arrays.
    block : array of shape (n_rows, n_learned)
        What a FoldEncoder gives for them.
    layout : Layout
        How the codes are used.

    Returns
    -------
    array of shape (n_rows, n_parts), float32
        The numbers of days first, of which `designs.Carried` knows, the categories last; NaN where nothing
        is known, also for a level beyond NATIVE_LEVELS.
    """
    native = coded.codes[:, layout.native].astype(np.float32)
    native[(native < 0) | (native >= NATIVE_LEVELS)] = np.nan
    days = [] if coded.days is None else [coded.days]
    return np.hstack([*days, coded.numbers, block, native])


def _one_column_each(y: np.ndarray, n_classes: int) -> np.ndarray:
    """Targets whose means are wanted: the number, the second of two classes, or one column a class."""
    if n_classes <= 2:
        return y.astype(float)[:, None]
    result: np.ndarray = np.eye(n_classes)[y]
    return result


def _sums(codes: np.ndarray, means: np.ndarray, n_levels: int) -> tuple[np.ndarray, np.ndarray]:
    n = np.bincount(codes, minlength=n_levels).astype(float)
    sums = [np.bincount(codes, weights=column, minlength=n_levels) for column in means.T]
    return np.column_stack(sums), n


def _smoothed(total: np.ndarray, n: np.ndarray, prior: np.ndarray) -> np.ndarray:
    result: np.ndarray = (total + _SMOOTH * prior) / (n + _SMOOTH)[:, None]
    return result


def _cross_fitted(
    codes: np.ndarray, means: np.ndarray, n_levels: int, prior: np.ndarray, seed: int
) -> np.ndarray:
    part = np.random.default_rng(seed).permutation(len(codes)) % _CROSS
    total, n = _sums(codes, means, n_levels)
    made = np.empty((len(codes), means.shape[1]))
    for i in range(_CROSS):
        own = part == i
        own_total, own_n = _sums(codes[own], means[own], n_levels)
        made[own] = _smoothed(total - own_total, n - own_n, prior)[codes[own]]
    return made


def _joined(parts: list[np.ndarray], n_rows: int) -> np.ndarray:
    return np.hstack(parts).astype(np.float32) if parts else np.zeros((n_rows, 0), dtype=np.float32)
