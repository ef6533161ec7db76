"""The estimators behind the learners. Importing this loads scikit-learn's; the website itself never does."""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import ElasticNetCV, LassoCV, LinearRegression, LogisticRegression, RidgeCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR

_TREES = 100
_NEIGHBOURS = 25  # the square root of the rows, but no more than this
_CALIBRATION_FOLDS = 3
_PENALTIES = 20  # strengths tried on the path of lasso and elastic net
_PATH_STEPS = 5_000


def build(learner: str, task: str, *, seed: int, n_rows: int) -> Any:
    """Make the estimator of a learner.

    Parameters
    ----------
    learner : str
        Key of the learner.
    task : str
        classification or regression.
    seed : int
        Its random state.
    n_rows : int
        Rows it will be fitted on.

    Returns
    -------
    estimator
        Unfitted, one thread; takes a matrix without missing values and class codes or numbers.

    Raises
    ------
    KeyError
        The learner cannot do the task.

    Examples
    --------
    >>> build("baseline", "regression", seed=0, n_rows=10)
    DummyRegressor()
    """
    kinds = _classifiers(seed, n_rows) if task == "classification" else _regressors(seed, n_rows)
    return kinds[learner]


def _classifiers(seed: int, n_rows: int) -> dict[str, Any]:
    forest = {"min_samples_leaf": 2, "max_features": "sqrt", "random_state": seed, "n_jobs": 1}
    return {
        "baseline": DummyClassifier(strategy="prior"),
        "naive_bayes": _scaled(GaussianNB(var_smoothing=1e-6)),
        "discriminant": _scaled(LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")),
        "logistic": _scaled(LogisticRegression(max_iter=1_000)),
        "boosting": HistGradientBoostingClassifier(early_stopping=False, random_state=seed),
        "neighbours": _scaled(KNeighborsClassifier(_neighbours(n_rows))),
        "extra_trees": ExtraTreesClassifier(_TREES, **forest),
        "random_forest": RandomForestClassifier(_TREES, **forest),
        "support_vectors": _scaled(SupportVectors()),
    }


def _regressors(seed: int, n_rows: int) -> dict[str, Any]:
    path = {"alphas": _PENALTIES, "max_iter": _PATH_STEPS, "random_state": seed}
    forest = {"min_samples_leaf": 2, "random_state": seed, "n_jobs": 1}
    return {
        "baseline": DummyRegressor(),
        "linear": _scaled(LinearRegression()),
        "ridge": _scaled(RidgeCV(alphas=np.logspace(-2, 4, 13))),
        "lasso": _scaled(LassoCV(**path)),
        "elastic_net": _scaled(ElasticNetCV(l1_ratio=[0.2, 0.5, 0.8], **path)),
        "boosting": HistGradientBoostingRegressor(early_stopping=False, random_state=seed),
        "neighbours": _scaled(KNeighborsRegressor(_neighbours(n_rows))),
        "extra_trees": ExtraTreesRegressor(_TREES, max_features=1.0, **forest),
        "random_forest": RandomForestRegressor(_TREES, max_features=0.5, **forest),
        "support_vectors": _scaled(TransformedTargetRegressor(SVR(), transformer=StandardScaler())),
    }


def _neighbours(n_rows: int) -> int:
    return max(1, min(_NEIGHBOURS, int(n_rows**0.5)))


def _scaled(model: Any) -> Any:
    return make_pipeline(NumberScaler(), model)


class SupportVectors(ClassifierMixin, BaseEstimator):
    """Support vector classification with probabilities calibrated on other rows than it was fitted on."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:
        """Fit; a class needs two rows or more."""
        rarest = int(np.unique(y, return_counts=True)[1].min())
        folds = min(_CALIBRATION_FOLDS, rarest)
        self.model_ = CalibratedClassifierCV(SVC(), ensemble=False, cv=folds).fit(X, y)
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


class NumberScaler(StandardScaler):
    """Standard scaling that leaves parts of 0 and 1 alone: stretched, a rare level would outweigh numbers."""

    scale_: np.ndarray

    def fit(
        self, X: np.ndarray, y: np.ndarray | None = None, sample_weight: np.ndarray | None = None
    ) -> Self:
        """Learn mean and spread of the parts that hold more than 0 and 1."""
        super().fit(X, y, sample_weight)
        marks = ((X == 0) | (X == 1)).all(axis=0)
        self.scale_ = np.where(marks, 1.0, self.scale_)
        return self
