"""Would more rows help? One good and quick run is fitted again on parts of the rows."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from beanft.engine.learning.judging.curve import Curve, Drawn, learning_curve
from beanft.engine.learning.learners import BASELINE, ENSEMBLE
from beanft.engine.learning.search.fitting import Terms, fit_fold
from beanft.engine.learning.search.material import Material

if TYPE_CHECKING:
    from beanft.engine.learning.search.search import Search

_WORK = 2.0  # all sizes together, in fits on the whole
_BEST = 3  # of the best runs the quickest


def curve_of(search: "Search", *, share: float) -> Callable[[], Curve] | None:
    """Prepare the learning curve.

    Parameters
    ----------
    search : Search
        Ended.
    share : float
        Share of the time left that it may take.

    Returns
    -------
    callable or None
        Takes nothing and gives the curve; None when there is no run, or not enough time.
    """
    runs, ranking = search.ledger.runs, search.ledger.judge.ranking
    ranked = [key for key in ranking if runs[key]["learner"] not in (BASELINE, ENSEMBLE)]
    if not ranked:
        return None
    n_parts = len(search.question.folds.parts)
    key = min(ranked[:_BEST], key=lambda one: runs[one]["seconds"])
    seconds = runs[key]["seconds"] / n_parts
    if _WORK * seconds > share * search.clock.left:
        return None
    return partial(_draw, search, key, slice_s=4 * seconds + 1.0)


def _draw(search: "Search", key: str, *, slice_s: float) -> Curve:
    question, facts = search.question, search.ledger.runs[key]
    train, test = question.folds.parts[-1]
    y = question.y_train
    X = question.X.iloc[question.split.train]

    def fit_predict(rows: np.ndarray) -> np.ndarray:
        both = np.concatenate([rows, test])
        parts = ((np.arange(len(rows)), len(rows) + np.arange(len(test))),)
        material = Material(
            X.iloc[both].reset_index(drop=True),
            y[both],
            question.plan,
            parts,
            n_classes=len(question.labels),
            seed=question.seed,
        )
        material.encode_here()
        terms = Terms(
            task=question.task,
            n_classes=len(question.labels),
            n_native=material.n_native,
            n_days=material.n_days,
            balanced=search.asked.choices.class_weights == "balanced",
            n_folds=1,
        )
        fitted = fit_fold(
            facts["learner"],
            facts["settings"],
            terms,
            material.rows(0),
            seed=question.seed,
            slice_s=slice_s,
        )
        return fitted.predicted

    judge = search.ledger.judge
    best = judge.ranking[0]
    drawn_with = Drawn(
        title=facts["title"],
        value=judge.value(key),
        n_tested=len(search.asked.evidence.tested),
        best_title=search.ledger.runs[best]["title"],
        best_value=judge.value(best),
    )
    order = search.asked.evidence.order
    return learning_curve(
        fit_predict,
        y,
        train,
        test,
        question.headline,
        seed=question.seed,
        classes=question.task == "classification",
        clusters=order if search.asked.evidence.by == "group" else None,
        drawn_with=drawn_with,
    )
