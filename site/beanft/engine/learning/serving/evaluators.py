"""Which of the ready forms a fitted estimator gets; one that has none answers in slices of fixed size."""

from collections.abc import Callable
from typing import Any

import numpy as np

from beanft.engine.learning.search.trend import split_line
from beanft.engine.learning.serving.formulas import (
    Evaluator,
    linear,
    linear_chances,
    naive_bayes,
    network,
    rescaled,
)
from beanft.engine.learning.serving.neighbours import (
    neighbour_chances,
    neighbour_numbers,
    sliced,
    support_chances,
    support_numbers,
)
from beanft.engine.learning.serving.trees import Histogram, forest


def row_wise(model: Any) -> Evaluator:
    """Take an estimator as it is: each row's answer is made from that row alone.

    Parameters
    ----------
    model : estimator
        Fitted: LightGBM's trees, or a guess.

    Returns
    -------
    callable
    """
    n_classes = getattr(model, "n_classes", None)
    gives_chances = bool(n_classes) if n_classes is not None else hasattr(model, "predict_proba")
    answers: Evaluator = model.predict_proba if gives_chances else model.predict
    return answers


def detrended(model: Any) -> Evaluator:
    """Make trees ready that learned what a line along the days leaves over.

    Parameters
    ----------
    model : Detrended
        Fitted.

    Returns
    -------
    callable
        Numbers of shape (n_rows,).
    """
    inner, slopes = evaluator_of(model.model), model.slopes

    def numbers(X: np.ndarray) -> np.ndarray:
        others, line = split_line(X, slopes)
        result: np.ndarray = inner(others) + line
        return result

    return numbers


def evaluator_of(model: Any) -> Evaluator:
    """Make a fitted estimator ready to answer.

    Parameters
    ----------
    model : estimator
        What a Member holds.

    Returns
    -------
    callable
        Takes rows as the member's design makes them; a row's answer has the same bits whatever the others.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> evaluator_of(LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0])) is not None
    True
    """
    ready = READY.get(type(model).__name__)
    if ready is not None:
        return ready(model)
    return sliced(model.predict_proba if hasattr(model, "predict_proba") else model.predict)


READY: dict[str, Callable[[Any], Evaluator]] = {
    "GuessedClass": row_wise,
    "GuessedNumber": row_wise,
    "Boosted": row_wise,
    "Detrended": detrended,
    "GaussianNB": naive_bayes,
    "LinearDiscriminantAnalysis": linear_chances,
    "LogisticRegression": linear_chances,
    "LinearRegression": linear,
    "Ridge": linear,
    "RidgeCV": linear,
    "LassoCV": linear,
    "ElasticNetCV": linear,
    "StoppableClassifier": Histogram,
    "StoppableRegressor": Histogram,
    "HistGradientBoostingClassifier": Histogram,
    "HistGradientBoostingRegressor": Histogram,
    "ExtraTreesClassifier": forest,
    "ExtraTreesRegressor": forest,
    "RandomForestClassifier": forest,
    "RandomForestRegressor": forest,
    "MLPClassifier": network,
    "Rescaled": rescaled,
    "KNeighborsClassifier": neighbour_chances,
    "KNeighborsRegressor": neighbour_numbers,
    "SupportVectors": support_chances,
    "TransformedTargetRegressor": support_numbers,
}
"""By the name of the estimator's class: so nothing is imported that a model does not need."""
