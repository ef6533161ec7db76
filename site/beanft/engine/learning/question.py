"""What an experiment asks: its choices checked, its rows bounded and cut, its metric and learners found."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from beanft.engine.errors import EngineError
from beanft.engine.learning.choices import Validation
from beanft.engine.learning.cutting import cut_development
from beanft.engine.learning.learners import BASELINE, Learner, learners_for
from beanft.engine.learning.metrics import METRIC, Metric, metrics_for
from beanft.engine.learning.order import Order, hold_out_groups, hold_out_later
from beanft.engine.learning.prepare import Plan, plan
from beanft.engine.learning.sizes import locked_share, sizes
from beanft.engine.learning.split import Folds, Split, hold_out
from beanft.engine.learning.target import MAX_CLASSES, Target
from beanft.engine.tables.columns import Profile

_AS_PROPOSED = Validation()
_CHANCES = 2  # the chances of all classes are kept for each row, and mended
_MAX_CELLS = 40_000_000  # of the prepared matrix, 320 MB; wider tables are trained on fewer rows


@dataclass(frozen=True, kw_only=True)
class Question:
    """One experiment made ready: the rows that take part, their target, and how they are cut."""

    X: pd.DataFrame
    """Features of shape (n_rows, n_features)."""
    y: np.ndarray
    """Class codes or numbers of shape (n_rows,)."""
    labels: tuple[str, ...]
    """The classes in the order of their codes; empty for regression."""
    task: str
    """classification or regression."""
    metric: str
    """Key of the metric that ranks."""
    plan: Plan
    """Roles of the columns."""
    split: Split
    """Development rows and hold-out."""
    folds: Folds
    """Folds of the development rows."""
    seed: int
    """Seed of everything random."""
    rows: np.ndarray
    """Numbers in the table of the rows that take part, int64 of shape (n_rows,)."""
    order: Order | None
    """What the rows are cut by instead of chance."""

    @property
    def headline(self) -> Metric:
        """The metric that ranks."""
        return METRIC[self.metric]

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """All metrics that fit."""
        return metrics_for(self.task, len(self.labels))

    @property
    def y_train(self) -> np.ndarray:
        """Target of the development rows."""
        values: np.ndarray = self.y[self.split.train]
        return values

    @property
    def y_holdout(self) -> np.ndarray:
        """Target of the hold-out."""
        values: np.ndarray = self.y[self.split.holdout]
        return values


def ask(
    data: pd.DataFrame,
    answer: Target,
    chosen: Plan,
    task: str,
    metric: str,
    seed: int,
    order: Order | None = None,
    validation: Validation = _AS_PROPOSED,
) -> Question:
    """Make an experiment ready: choose its metric and cut the rows that take part.

    Parameters
    ----------
    data : DataFrame of shape (n_rows, n_columns)
        Holds the columns of the plan; their missing values stay, for the preparation fills them.
    answer : Target
        The checked target; rows without a value of it are left out.
    chosen : Plan
        Columns and roles.
    task : str
        classification or regression.
    metric : str
        Key of the metric that ranks; empty for the headline of the task.
    seed : int
        Seed of everything random.
    order : Order, optional
        What the rows are cut by instead of chance, for the rows of `data`.
    validation : Validation
        Share of locked rows and number of folds that the owner chose.

    Returns
    -------
    Question
        Hold-out and folds are the same for the same seed and target.

    Raises
    ------
    EngineError
        No column is left to learn from, the metric does not fit the target, or the rows cannot be cut.
    """
    if not chosen.features:
        raise EngineError(
            " ".join(["No column is left to learn from.", *chosen.notes, "Choose other columns."])
        )
    classes = task == "classification"
    fitting = metrics_for(task, len(answer.labels))
    key = metric or fitting[0].key
    if key not in [one.key for one in fitting]:
        raise EngineError(
            f"The metric “{key}” does not fit this target. "
            f"Choose one of: {', '.join(one.key for one in fitting)}."
        )
    cut_by = order.at(answer.rows) if order else None
    split, folds = _cut(answer, validation, classes=classes, seed=seed, order=cut_by)
    return Question(
        X=data.iloc[answer.rows][chosen.names].reset_index(drop=True),
        y=answer.y,
        labels=answer.labels,
        task=task,
        metric=key,
        plan=chosen,
        split=split,
        folds=folds,
        seed=seed,
        rows=data.index.to_numpy(dtype=np.int64)[answer.rows],
        order=cut_by,
    )


def _cut(
    answer: Target, validation: Validation, *, classes: bool, seed: int, order: Order | None
) -> tuple[Split, Folds]:
    """The hold-out, and the folds of the other rows."""
    y = answer.y
    share = locked_share(len(y), order.by if order else "chance", validation.holdout)
    if order is None:
        split = hold_out(y, classes=classes, seed=seed, share=share)
    elif order.by == "time":
        split = hold_out_later(order, seed=seed, share=share)
    else:
        split = hold_out_groups(y, order, classes=classes, seed=seed, share=share)
    return split, cut_development(
        y[split.train],
        None if order is None else order.at(split.train),
        classes=classes,
        seed=seed,
        n_folds=n_folds_of(validation, len(y), ordered=order is not None),
    )


def n_folds_of(validation: Validation, n_rows: int, *, ordered: bool) -> int:
    """Tell how many folds are asked of the cut; 0 for the usual number.

    Parameters
    ----------
    validation : Validation
        What the owner chose.
    n_rows : int
        Rows that take part.
    ordered : bool
        Whether they are cut by groups or time.

    Returns
    -------
    int
        Where nobody chose, a large table cut by groups or time is checked once only.
    """
    usual = 1 if ordered and sizes(n_rows).folds == 1 else 0
    return validation.folds or usual


def check_choice(
    profile: Profile, target: str, features: Sequence[str], task: str, metric: str, learners: Sequence[str]
) -> None:
    """Refuse columns, learners and metrics that there are not.

    Parameters
    ----------
    profile : Profile
        Profile of the table.
    target : str
        Column to predict.
    features : sequence of str
        Columns to predict from.
    task : str
        classification or regression.
    metric : str
        Key of a metric; empty for the headline of the task.
    learners : sequence of str
        Keys of learners.

    Raises
    ------
    EngineError
        The first choice that is not to be had, and what can be chosen instead.
    """
    names = {column.name for column in profile.columns}
    for name in (target, *features):
        if name not in names:
            raise EngineError(f"There is no column “{name}” in this dataset. Choose one of its columns.")
    fitting = {learner.key for learner in learners_for(task)}
    for key in learners:
        if key not in fitting:
            raise EngineError(
                f"There is no learner “{key}” for {task}. Choose one of: {', '.join(sorted(fitting))}."
            )
    known = {one.key for one in metrics_for(task, n_classes=2)}
    if metric and metric not in known:
        raise EngineError(
            f"There is no metric “{metric}” for {task}. Choose one of: {', '.join(sorted(known))}."
        )


def without_role(profile: Profile, target: str) -> Profile:
    """Take the target's role away: what is to be predicted cannot say how rows are cut.

    Parameters
    ----------
    profile : Profile
        What is known of the table.
    target : str
        Column to predict.

    Returns
    -------
    Profile
        With the roles of the other columns.
    """
    return profile.with_roles({one.name: one.role for one in profile.columns if one.name != target})


def chosen_learners(task: str, keys: Sequence[str]) -> list[Learner]:
    """Give the learners asked for, in the order in which they are tried.

    Parameters
    ----------
    task : str
        classification or regression.
    keys : sequence of str
        Keys of learners; those that cannot do the task are passed over.

    Returns
    -------
    list of Learner
        Each once, the baseline always first.

    Examples
    --------
    >>> [learner.key for learner in chosen_learners("regression", ["ridge", "linear"])]
    ['baseline', 'linear', 'ridge']
    """
    return [learner for learner in learners_for(task) if learner.key in {BASELINE, *keys}]


def row_limit(profile: Profile, names: Sequence[str], task: str, target: str, max_rows: int) -> int:
    """Count the rows that keep the prepared matrix within bounds.

    Parameters
    ----------
    profile : Profile
        Profile of the table.
    names : sequence of str
        The columns to predict from.
    task : str
        classification or regression.
    target : str
        Column to predict.
    max_rows : int
        Rows trained on at most.

    Returns
    -------
    int
        `max_rows`, or fewer for a table that becomes very wide or has very many classes.
    """
    n_classes = min(profile.column(target).n_distinct, MAX_CLASSES) if task == "classification" else 0
    wide = plan([profile.column(name) for name in names], n_rows=profile.n_rows, n_classes=n_classes).width
    return min(max_rows, _MAX_CELLS // max(1, wide, _CHANCES * n_classes))


def sample_notes(n_rows: int, of: int) -> list[str]:
    """Tell that a table was sampled.

    Parameters
    ----------
    n_rows : int
        Rows trained on.
    of : int
        Rows of the table.

    Returns
    -------
    list of str
        One plain sentence, or nothing when all rows were taken.

    Examples
    --------
    >>> sample_notes(120, 300)
    ['Trained on 120 of 300 rows, drawn at random, to keep time and memory within bounds.']
    """
    if n_rows >= of:
        return []
    return [f"Trained on {n_rows:,} of {of:,} rows, drawn at random, to keep time and memory within bounds."]
