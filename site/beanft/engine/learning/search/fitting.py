"""Fits one learner on the rows of one fold within its time; what it says is handed back unscored."""

import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import has_fit_parameter

from beanft.engine.learning.estimators import build
from beanft.engine.learning.learners import BASELINE, LEARNER
from beanft.engine.learning.search.boosting import fit_histogram, fit_lightgbm
from beanft.engine.learning.search.designs import Carried, Design, Filled, Plain, Scaled, Undated
from beanft.engine.learning.search.members import Logarithm, Made, Member
from beanft.engine.learning.search.network import fit_network
from beanft.engine.learning.search.slopes import slopes_of
from beanft.engine.learning.search.stopping import is_over
from beanft.engine.learning.search.trend import Detrended, split_line
from beanft.engine.learning.split import sample_rows

_FEWEST_CHECKED = 10  # rows; with fewer the number of trees cannot be found
_UNCHECKED_ROUNDS = 100
_TREES_AT_ONCE = 10
_FOREST_BYTES = 120_000_000  # of one fold's forest; a model must fit into the memory of a page
_MOST_LEAVES = 4_000
_BYTES_A_NODE = 64
_TREES = 100
_NO_WEIGHTS = ("neighbours", "discriminant")
_LINES = ("linear", "ridge", "lasso", "elastic_net", "logistic", "discriminant")
"""Learners whose answer goes on beyond the rows that they saw: in days, too."""
_INNER = 0.15  # of the rows learned from


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What holds for every fit of an experiment's learner in a fold."""

    task: str
    """classification or regression."""
    n_classes: int
    """Classes of the target, 0 for regression."""
    n_native: int
    """The last so many parts of the matrix are codes of categories."""
    balanced: bool
    """Whether rare classes weigh as much as frequent ones."""
    n_folds: int
    """Folds that the model will consist of."""
    n_days: int = 0
    """The first so many parts of the matrix are numbers of days, for the learners that carry a trend on."""
    joint: bool = False
    """Whether the number of trees is found over all folds together, because one fold has few rows: found on
    each alone it would follow their chance, and flatter the score."""


@dataclass(kw_only=True)
class Fitted:
    """A learner fitted on a fold."""

    member: Member
    """What predicts."""
    predicted: np.ndarray
    """Its predictions of the rows that were checked on; none yet where `cut` makes them."""
    seconds: float
    """Time it took."""
    rounds: int = 0
    """Trees or rounds, where it has some."""
    was_cut: bool = False
    """Whether its time ended before it was done."""
    losses: np.ndarray = field(default_factory=lambda: np.zeros(0))
    """Loss on the checked rows after each tree, where the trees are still to be cut."""
    notes: list[str] = field(default_factory=list)
    """What the user should know."""

    @property
    def kept(self) -> int:
        """Trees or rounds that its learner has, as they are to be asked for to make it again."""
        return self.member.made.rounds if self.member.made else self.rounds

    def cut(self, rounds: int, X_check: np.ndarray) -> None:
        """Keep the first trees only, and predict the checked rows."""
        if len(self.losses):
            self.rounds = min(rounds, len(self.losses))
            self.member.model.keep(self.rounds)
            if self.member.made is not None:
                made = replace(self.member.made, rounds=self.member.model.n_steps)
                self.member = replace(self.member, made=made)
            self.predicted, self.losses = self.member.predict(X_check), np.zeros(0)


def fit_fold(
    learner: str,
    settings: Mapping[str, Any],
    terms: Terms,
    rows: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    *,
    seed: int,
    slice_s: float,
    rounds: int | None = None,
    repeated: bool = False,
    cut_later: bool = False,
) -> Fitted:
    """Fit a learner and predict the rows it is checked on.

    Parameters
    ----------
    learner : str
        Key of the learner.
    settings : mapping
        Values of its settings; `log` learns the logarithm of the target, `loss` is a regression's, with
        `trend` trees learn what a line along the days leaves over; where it is False lines carry none on.
    terms : Terms
        What holds for every fit.
    rows : tuple of array
        Matrix and target of the rows learned from, matrix and target of the rows checked on.
    seed : int
        Seed of everything random.
    slice_s : float
        Seconds after which learners that grow step by step stop and keep what they have.
    rounds : int, optional
        Trees to grow where nothing can be checked: in the last fit on all rows.
    repeated : bool
        Whether a fit is made again that had so many `rounds`, forests too; all its trees are kept.
    cut_later : bool
        Whether `cut` follows where there are losses; the rows are not predicted before, too, then.

    Returns
    -------
    Fitted

    Raises
    ------
    MemoryError
        It needed more than there is.
    EngineError
        It predicts what is no number.
    """
    started = time.monotonic()
    X, y, X_check, y_check = rows
    notes: list[str] = []
    X, y = _limited(learner, X, y, terms, seed, notes)
    link = Logarithm(highest=float(Logarithm.of(y).max())) if settings.get("log") else None
    y, y_check = (link.of(y), link.of(y_check)) if link else (y, y_check)
    design = _design(learner, settings, terms).fit(X, terms.n_native)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model, classes, n_rounds, was_cut, losses = _fit(
            learner,
            dict(settings),
            terms,
            design,
            (X, y, X_check, y_check),
            seed,
            started + slice_s,
            rounds,
            repeated=repeated,
        )
        made = Made(learner=learner, settings=dict(settings), seed=seed, rounds=n_rounds)
        member = Member(
            design=design, model=model, classes=classes, n_classes=terms.n_classes, link=link, made=made
        )
        predicted = np.zeros(0) if cut_later and len(losses) else member.predict(X_check)
    return Fitted(
        member=member,
        predicted=predicted,
        seconds=time.monotonic() - started,
        rounds=n_rounds,
        was_cut=was_cut,
        losses=losses,
        notes=[*notes, *_unweighted(learner, terms), *_warned(caught)],
    )


def _fit(
    learner: str,
    settings: dict[str, Any],
    terms: Terms,
    design: Design,
    rows: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    seed: int,
    deadline: float,
    rounds: int | None,
    *,
    repeated: bool,
) -> tuple[Any, np.ndarray | None, int, bool, np.ndarray]:
    """The fitted estimator, codes of its classes, its rounds, whether its time ended, and its losses."""
    X, y, X_check, y_check = rows
    by_class = _weights(y, terms.n_classes) if terms.balanced and terms.n_classes else None
    weights = None if by_class is None else by_class[y]
    classes = np.unique(y) if terms.n_classes else None
    if learner == "network" and terms.joint:  # its best pass is found on rows that it is not scored on
        X, y, X_check, y_check, weights = _inner(X, y, weights, seed)
    if learner in ("boosting", "lightgbm", "network"):
        known = np.isin(y_check, classes) if classes is not None else np.ones(len(y_check), dtype=bool)
        X_check, y_check = X_check[known], y_check[known]
        if rounds is None and len(y_check) < _FEWEST_CHECKED:
            rounds = _UNCHECKED_ROUNDS
        if not len(y_check):
            X_check, y_check = X[:1], y[:1]
        check_weights = None if by_class is None else by_class[y_check]
        if classes is not None:  # codes without gaps: a fold may lack a class
            y, y_check = np.searchsorted(classes, y), np.searchsorted(classes, y_check)
        stepwise: dict[str, Any] = {
            "settings": settings,
            "weights": weights,
            "check_weights": check_weights,
            "seed": seed,
            "deadline": deadline,
            "rounds": rounds,
        }
        n_known = 0 if classes is None else len(classes)
        grown: dict[str, Any] = {"n_native": terms.n_native, "joint": terms.joint and rounds is None}
        slopes = None
        if isinstance(design, Carried):
            slopes = slopes_of(X, y, design, terms.n_native, seed)
        X, X_check = design.transform(X), design.transform(X_check)
        if slopes is not None:
            (X, line), (X_check, line_check) = (split_line(rows, slopes) for rows in (X, X_check))
            y, y_check = y - line, y_check - line_check
        if learner == "boosting":
            made = fit_histogram(X, y, X_check, y_check, classes=n_known > 0, **grown, **stepwise)
        elif learner == "lightgbm":
            made = fit_lightgbm(X, y, X_check, y_check, n_classes=n_known, **grown, **stepwise)
        else:
            made = fit_network(X, y, X_check, y_check, n_classes=n_known, **stepwise)
        model = made[0] if slopes is None else Detrended(made[0], slopes)
        return model, classes, made[1], made[2], made[3] if grown["joint"] else np.zeros(0)
    if learner in ("extra_trees", "random_forest"):
        model, n_trees, was_cut = _forest(
            learner,
            settings,
            terms,
            design.transform(X),
            y,
            weights,
            seed,
            deadline,
            trees=rounds if repeated else None,
        )
        return model, classes, n_trees, was_cut, np.zeros(0)
    model = build(learner, terms.task, settings=settings, seed=seed, n_rows=len(y), balanced=terms.balanced)
    weighted = (
        {"sample_weight": weights}
        if weights is not None and has_fit_parameter(model, "sample_weight")
        else {}
    )
    model.fit(design.transform(X), y, **weighted)
    return model, classes, 0, False, np.zeros(0)


def joint_rounds(losses: Sequence[np.ndarray]) -> int:
    """Find the number of trees that is best over all folds.

    Parameters
    ----------
    losses : sequence of array
        Loss after each tree on the checked rows of each fold; folds may have stopped early.

    Returns
    -------
    int
        1 or more.

    Examples
    --------
    >>> joint_rounds([np.array([3.0, 2.0, 2.5]), np.array([3.0, 2.9])])
    2
    """
    most = max(len(one) for one in losses)
    whole = [np.pad(one, (0, most - len(one)), mode="edge") for one in losses]
    return int(np.argmin(np.mean(whole, axis=0))) + 1


def _forest(
    learner: str,
    settings: dict[str, Any],
    terms: Terms,
    X: np.ndarray,
    y: np.ndarray,
    weights: np.ndarray | None,
    seed: int,
    deadline: float,
    trees: int | None,
) -> tuple[Any, int, bool]:
    """Grow a forest a few trees at a time, as large as its memory and its time allow."""
    kinds = {
        ("extra_trees", True): ExtraTreesClassifier,
        ("extra_trees", False): ExtraTreesRegressor,
        ("random_forest", True): RandomForestClassifier,
        ("random_forest", False): RandomForestRegressor,
    }
    leaf_rows = int(settings.get("leaf_rows", 3))
    leaves = int(min(_MOST_LEAVES, max(2, len(y) // max(1, leaf_rows))))
    most = trees or _most_trees(leaves, terms, int(settings.get("trees", _TREES)))
    model = kinds[learner, terms.n_classes > 0](
        n_estimators=1,
        warm_start=True,
        n_jobs=1,
        random_state=seed,
        min_samples_leaf=leaf_rows,
        max_leaf_nodes=_MOST_LEAVES if len(y) > leaf_rows * _MOST_LEAVES else None,
        max_features=settings.get("column_share", "sqrt" if terms.n_classes else 0.5),
    )
    n_trees = 0
    while n_trees < most and (n_trees == 0 or not is_over(deadline)):
        n_trees = min(most, n_trees + _TREES_AT_ONCE)
        model.n_estimators = n_trees
        model.fit(X, y, sample_weight=weights)
    return model, n_trees, n_trees < most


def _most_trees(leaves: int, terms: Terms, wanted: int) -> int:
    """Trees of one fold: what was asked for is shared among folds that make one model, memory permitting."""
    size = 2 * leaves * (_BYTES_A_NODE + 8 * max(1, terms.n_classes))
    share = max(40, wanted // max(1, terms.n_folds)) if wanted == _TREES else wanted
    return max(_TREES_AT_ONCE, min(share, _FOREST_BYTES // size))


def _design(learner: str, settings: Mapping[str, Any], terms: Terms) -> Design:
    design: Design
    is_boosted = learner in ("boosting", "lightgbm")
    if is_boosted or learner == BASELINE:
        design = Plain()
    else:
        design = Filled() if learner in ("extra_trees", "random_forest") else Scaled()
    if not terms.n_days:
        return design
    can = learner in _LINES or (is_boosted and not terms.n_classes)
    return (Carried if can and settings.get("trend", learner in _LINES) else Undated)(terms.n_days, design)


def _inner(
    X: np.ndarray, y: np.ndarray, weights: np.ndarray | None, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray | None]:
    """Set a part of the rows learned from aside to check on."""
    order = np.random.default_rng(seed).permutation(len(y))
    n = max(1, round(_INNER * len(y)))
    check, kept = order[:n], order[n:]
    return X[kept], y[kept], X[check], y[check], None if weights is None else weights[kept]


def _limited(
    learner: str, X: np.ndarray, y: np.ndarray, terms: Terms, seed: int, notes: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """The rows, or an even sample of them for a learner that does not scale."""
    limit = LEARNER[learner].max_rows
    if limit is None or len(y) <= limit:
        return X, y
    rows = sample_rows(y if terms.n_classes else None, limit, seed, n_rows=len(y))
    notes.append(f"Fitted on a sample of at most {limit:,} rows, because it is slow on more.")
    return X[rows], y[rows]


def _weights(y: np.ndarray, n_classes: int) -> np.ndarray:
    """Weight of a row of each class, under which every class has the same sum."""
    counts = np.bincount(y, minlength=n_classes).astype(float)
    result: np.ndarray = len(y) / (np.count_nonzero(counts) * np.maximum(counts, 1.0))
    return result


def _unweighted(learner: str, terms: Terms) -> list[str]:
    """Tell that a learner cannot weigh classes."""
    if not terms.balanced or learner not in _NO_WEIGHTS:
        return []
    return ["It cannot weigh classes, so the rare ones count by their rows."]


def _warned(caught: list[warnings.WarningMessage]) -> list[str]:
    """What warnings mean to the user, each sentence once."""
    said = []
    if any(issubclass(warning.category, ConvergenceWarning) for warning in caught):
        said.append("It stopped before it had settled, so a longer search might score a little better.")
    if any(issubclass(warning.category, RuntimeWarning) for warning in caught):
        said.append("Some of its sums became too large or undefined, so take its scores with care.")
    return said
