"""Fits one learner on the rows of one fold within its time; what it says is handed back unscored."""

import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
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
from beanft.engine.learning.search.given import Given, Grown
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
_TIMED_ROWS = 500
_INNER = 0.15  # of the rows learned from
_STEPWISE = {"boosting": fit_histogram, "lightgbm": fit_lightgbm, "network": fit_network}


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
    row_s: float = 0.0
    """Time that it took to predict a row, a part of `seconds` where the trees were not still to be cut."""
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
            self.predicted, self.row_s = _timed(self.member, X_check)
            self.losses = np.zeros(0)


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
        asked = _Asked(
            learner=learner,
            settings=dict(settings),
            terms=terms,
            design=design,
            X=X,
            y=y,
            X_check=X_check,
            y_check=y_check,
            seed=seed,
            deadline=started + slice_s,
            rounds=rounds,
        )
        grown = _grown(asked, repeated=repeated)
        member = Member(
            design=design,
            model=grown.model,
            classes=asked.classes,
            n_classes=terms.n_classes,
            link=link,
            made=Made(learner=learner, settings=dict(settings), seed=seed, rounds=grown.rounds),
        )
        waits = cut_later and len(grown.losses)
        predicted, row_s = (np.zeros(0), 0.0) if waits else _timed(member, X_check)
    return Fitted(
        member=member,
        predicted=predicted,
        seconds=time.monotonic() - started,
        row_s=row_s,
        rounds=grown.rounds,
        was_cut=grown.was_cut,
        losses=grown.losses,
        notes=[*notes, *_unweighted(learner, terms), *_warned(caught)],
    )


def _timed(member: Member, X: np.ndarray) -> tuple[np.ndarray, float]:
    """Predict rows; give the seconds for one of them, too, of few rows as if they were more.

    What a call costs whatever the rows would be taken for what each of them costs.
    """
    started = time.monotonic()
    predicted = member.predict(X)
    return predicted, (time.monotonic() - started) / max(_TIMED_ROWS, len(X))


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """One fit: a learner, the rows of a fold, and how long it may take."""

    learner: str
    settings: dict[str, Any]
    terms: Terms
    design: Design
    X: np.ndarray
    y: np.ndarray
    X_check: np.ndarray
    y_check: np.ndarray
    seed: int
    deadline: float
    rounds: int | None

    @cached_property
    def classes(self) -> np.ndarray | None:
        """Codes of the classes that are there; None for numbers."""
        return np.unique(self.y) if self.terms.n_classes else None

    @cached_property
    def by_class(self) -> np.ndarray | None:
        """Weight of a row of each class, where classes are weighed."""
        is_weighed = self.terms.balanced and self.terms.n_classes
        return _weights(self.y, self.terms.n_classes) if is_weighed else None

    def weights(self, y: np.ndarray) -> np.ndarray | None:
        """Weight of each row of these classes."""
        return None if self.by_class is None else self.by_class[y]


def _grown(asked: _Asked, *, repeated: bool) -> Grown:
    if asked.learner in _STEPWISE:
        return _step_by_step(asked)
    if asked.learner in ("extra_trees", "random_forest"):
        return _forest(asked, trees=asked.rounds if repeated else None)
    return _at_once(asked)


def _step_by_step(asked: _Asked) -> Grown:
    """Learners that grow tree by tree or pass by pass, and find on other rows when to stop."""
    given, slopes = _without_line(asked, _given(asked))
    grown = _STEPWISE[asked.learner](given)
    return Grown(
        grown.model if slopes is None else Detrended(grown.model, slopes),
        grown.rounds,
        grown.was_cut,
        grown.losses if given.joint else np.zeros(0),
    )


def _given(asked: _Asked) -> Given:
    """The rows to learn from and those checked on, whose classes are known; codes without gaps."""
    X, y, X_check, y_check = asked.X, asked.y, asked.X_check, asked.y_check
    if asked.learner == "network" and asked.terms.joint:
        X, y, X_check, y_check = _inner(X, y, asked.seed)  # not on rows that it is scored on
    classes, rounds, weights = asked.classes, asked.rounds, asked.weights(y)
    if classes is not None:
        known = np.isin(y_check, classes)
        X_check, y_check = X_check[known], y_check[known]
    if rounds is None and len(y_check) < _FEWEST_CHECKED:
        rounds = _UNCHECKED_ROUNDS
    if not len(y_check):
        X_check, y_check = X[:1], y[:1]
    check_weights = asked.weights(y_check)
    if classes is not None:  # a fold may lack a class
        y, y_check = np.searchsorted(classes, y), np.searchsorted(classes, y_check)
    return Given(
        X=X,
        y=y,
        X_check=X_check,
        y_check=y_check,
        n_classes=0 if classes is None else len(classes),
        settings=asked.settings,
        n_native=asked.terms.n_native,
        weights=weights,
        check_weights=check_weights,
        seed=asked.seed,
        deadline=asked.deadline,
        rounds=rounds,
        joint=asked.terms.joint and rounds is None and asked.learner != "network",
    )


def _without_line(asked: _Asked, given: Given) -> tuple[Given, np.ndarray | None]:
    """What is learned from after the design; with a trend, what a line along the days leaves over."""
    design, slopes = asked.design, None
    if isinstance(design, Carried):
        slopes = slopes_of(given.X, given.y, design, given.n_native, asked.seed)
    X, X_check = design.transform(given.X), design.transform(given.X_check)
    if slopes is None:
        return replace(given, X=X, X_check=X_check), None
    (X, line), (X_check, line_check) = (split_line(rows, slopes) for rows in (X, X_check))
    y, y_check = given.y - line, given.y_check - line_check
    return replace(given, X=X, y=y, X_check=X_check, y_check=y_check), slopes


def _at_once(asked: _Asked) -> Grown:
    """Learners that take as long as they take."""
    model = build(
        asked.learner,
        asked.terms.task,
        settings=asked.settings,
        seed=asked.seed,
        n_rows=len(asked.y),
        balanced=asked.terms.balanced,
    )
    weights = asked.weights(asked.y) if has_fit_parameter(model, "sample_weight") else None
    weighted = {} if weights is None else {"sample_weight": weights}
    model.fit(asked.design.transform(asked.X), asked.y, **weighted)
    return Grown(model)


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


def _forest(asked: _Asked, *, trees: int | None) -> Grown:
    """Grow a forest a few trees at a time, as large as its memory and its time allow."""
    kinds = {
        ("extra_trees", True): ExtraTreesClassifier,
        ("extra_trees", False): ExtraTreesRegressor,
        ("random_forest", True): RandomForestClassifier,
        ("random_forest", False): RandomForestRegressor,
    }
    settings, terms, y = asked.settings, asked.terms, asked.y
    X, weights = asked.design.transform(asked.X), asked.weights(y)
    leaf_rows = int(settings.get("leaf_rows", 3))
    leaves = int(min(_MOST_LEAVES, max(2, len(y) // max(1, leaf_rows))))
    most = trees or _most_trees(leaves, terms, int(settings.get("trees", _TREES)))
    model = kinds[asked.learner, terms.n_classes > 0](
        n_estimators=1,
        warm_start=True,
        n_jobs=1,
        random_state=asked.seed,
        min_samples_leaf=leaf_rows,
        max_leaf_nodes=_MOST_LEAVES if len(y) > leaf_rows * _MOST_LEAVES else None,
        max_features=settings.get("column_share", "sqrt" if terms.n_classes else 0.5),
    )
    n_trees = 0
    while n_trees < most and (n_trees == 0 or not is_over(asked.deadline)):
        n_trees = min(most, n_trees + _TREES_AT_ONCE)
        model.n_estimators = n_trees
        model.fit(X, y, sample_weight=weights)
    return Grown(model, n_trees, n_trees < most)


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


def _inner(X: np.ndarray, y: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Set a part of the rows learned from aside to check on."""
    order = np.random.default_rng(seed).permutation(len(y))
    n = max(1, round(_INNER * len(y)))
    check, kept = order[:n], order[n:]
    return X[kept], y[kept], X[check], y[check]


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
