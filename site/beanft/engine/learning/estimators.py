"""The estimators that are fitted in one go. Importing this loads scikit-learn's; the website never does."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import ElasticNetCV, LassoCV, LinearRegression, LogisticRegression, Ridge, RidgeCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR

from beanft.engine.learning.guessing import GuessedClass, GuessedNumber

_NEIGHBOURS = 25  # the square root of the rows, but no more than this
_CALIBRATION_FOLDS = 3
_PENALTIES = 20  # strengths tried on the path of lasso and elastic net
_PATH_STEPS = 5_000
_STEPS = 100  # of logistic regression; what it gains afterwards cannot be seen
_STEEPNESS = 3.0  # penalty of logistic regression


def build(
    learner: str, task: str, *, settings: Mapping[str, Any], seed: int, n_rows: int, balanced: bool = False
) -> Any:
    """Make the estimator of a learner that is fitted in one go.

    Parameters
    ----------
    learner : str
        Key of the learner.
    task : str
        classification or regression.
    settings : mapping
        Values of the learner's settings; those left out are the usual ones.
    seed : int
        Its random state.
    n_rows : int
        Rows it will be fitted on.
    balanced : bool
        Whether rare classes weigh as much as frequent ones, for an estimator that takes no weights of rows.

    Returns
    -------
    estimator
        Unfitted, one thread; takes a matrix without gaps on one scale, and class codes or numbers.

    Raises
    ------
    KeyError
        The learner cannot do the task, or is fitted step by step.

    Examples
    --------
    >>> build("baseline", "regression", settings={}, seed=0, n_rows=10)
    GuessedNumber(kind='', number=0.0)
    """
    if task == "classification":
        return _classifiers(settings, n_rows, balanced=balanced)[learner]
    return _regressors(settings, seed, n_rows)[learner]


def _classifiers(settings: Mapping[str, Any], n_rows: int, *, balanced: bool) -> dict[str, Any]:
    penalty = settings.get("penalty", _STEEPNESS)
    margin = {"C": settings.get("margin", 1.0), "class_weight": "balanced" if balanced else None}
    return {
        "baseline": GuessedClass(str(settings.get("guess", ""))),
        "naive_bayes": GaussianNB(var_smoothing=1e-6),
        "discriminant": LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"),
        "logistic": LogisticRegression(C=1 / max(penalty, 1e-6), max_iter=_STEPS, tol=1e-3),
        "neighbours": KNeighborsClassifier(settings.get("neighbours", _neighbours(n_rows))),
        "support_vectors": SupportVectors(**margin),
    }


def _regressors(settings: Mapping[str, Any], seed: int, n_rows: int) -> dict[str, Any]:
    path = {"alphas": _PENALTIES, "max_iter": _PATH_STEPS, "random_state": seed}
    chosen, margin = settings.get("penalty"), settings.get("margin", 1.0)
    return {
        "baseline": GuessedNumber(str(settings.get("guess", ""))),
        "linear": LinearRegression(),
        "ridge": RidgeCV(alphas=np.logspace(-2, 4, 13)) if chosen is None else Ridge(alpha=chosen),
        "lasso": LassoCV(**path),
        "elastic_net": ElasticNetCV(l1_ratio=[0.2, 0.5, 0.8], **path),
        "neighbours": KNeighborsRegressor(settings.get("neighbours", _neighbours(n_rows))),
        "support_vectors": TransformedTargetRegressor(SVR(C=margin), transformer=StandardScaler()),
    }


def _neighbours(n_rows: int) -> int:
    return max(1, min(_NEIGHBOURS, int(n_rows**0.5)))


class SupportVectors(ClassifierMixin, BaseEstimator):
    """Support vector classification with probabilities calibrated on other rows than it was fitted on.

    Parameters
    ----------
    C : float
        Cost of a row on the wrong side.
    class_weight : str or None
        balanced, where rare classes are to weigh as much as frequent ones.
    """

    def __init__(self, C: float = 1.0, class_weight: str | None = None) -> None:
        self.C, self.class_weight = C, class_weight

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:
        """Fit; a class needs two rows or more."""
        rarest = int(np.unique(y, return_counts=True)[1].min())
        folds = min(_CALIBRATION_FOLDS, rarest)
        self.model_ = CalibratedClassifierCV(
            SVC(C=self.C, class_weight=self.class_weight), ensemble=False, cv=folds
        ).fit(X, y)
        self.classes_ = self.model_.classes_
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities of shape (n_rows, n_classes)."""
        result: np.ndarray = self.model_.predict_proba(X)
        return result

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Classes of shape (n_rows,)."""
        result: np.ndarray = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return result
