"""Boosted trees that can be stopped at any iteration and keep the best of those they made."""

from collections.abc import Mapping
from typing import Any

import lightgbm
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from beanft.engine.learning.search.given import Given, Grown
from beanft.engine.learning.search.stopping import is_over
from beanft.engine.learning.serving.sums import softmax, two_chances

_MOST_TREES = 3_000
_PATIENCE = {True: 25, False: 40}  # iterations without a gain; fewer where the steps are large
_LARGE_STEP = 0.06
_MAX_BINS = 255
_TREES_AT_ONCE = 512  # as many as the processor holds in its own memory; fewer make one row slower


class _Stoppable:
    """Stops scikit-learn's histogram boosting at a deadline, and forgets trees after the best iteration.

    scikit-learn calls `_check_early_stopping_loss` once an iteration; it is private, so the release is
    pinned and a test sees to it that it still is called.
    """

    deadline: float = float("inf")
    """Moment on the clock of time.monotonic() at which no further tree is grown."""
    was_cut: bool = False

    def _check_early_stopping_loss(self, *args: Any, **options: Any) -> bool:
        stop = bool(super()._check_early_stopping_loss(*args, **options))  # type: ignore[misc]  # the mixed-in
        self.was_cut = not stop and is_over(self.deadline)
        return stop or self.was_cut

    def keep_best(self) -> int:
        """Forget the trees after the best iteration; give their number."""
        scores = np.asarray(self.validation_score_)  # type: ignore[attr-defined]  # of the mixed-in
        best = max(1, int(np.argmax(scores))) if len(scores) else 1
        self.keep(best)
        return best

    @property
    def n_steps(self) -> int:
        """Steps that it has; each is a tree, or one for each class."""
        return len(self._predictors)

    def keep(self, n: int) -> None:
        """Forget the trees after the first `n`."""
        self._predictors = self._predictors[:n]  # type: ignore[has-type]  # of the mixed-in


class StoppableClassifier(_Stoppable, HistGradientBoostingClassifier):
    """Histogram boosting of classes."""


class StoppableRegressor(_Stoppable, HistGradientBoostingRegressor):
    """Histogram boosting of numbers."""


def fit_histogram(given: Given) -> Grown:
    """Boost with scikit-learn's histograms.

    Parameters
    ----------
    given : Given
        What to learn from, and how.

    Returns
    -------
    Grown
        The loss after each tree is that on the checked rows.
    """
    settings, rounds = given.settings, given.rounds
    rate = settings.get("learning_rate", 0.1)
    X, native = given.X, np.zeros(given.X.shape[1], dtype=bool)
    native[X.shape[1] - given.n_native :] = given.n_native > 0
    most = int(rounds or settings.get("trees", _MOST_TREES))
    kind = StoppableClassifier if given.n_classes else StoppableRegressor
    loss = {} if given.n_classes else {"loss": settings.get("loss", "squared_error")}
    model = kind(
        learning_rate=rate,
        max_leaf_nodes=int(settings.get("leaves", 31)),
        min_samples_leaf=int(settings.get("leaf_rows", 20)),
        l2_regularization=settings.get("penalty", 0.0),
        max_features=settings.get("column_share", 1.0),
        max_iter=most,
        n_iter_no_change=most if rounds else _PATIENCE[rate > _LARGE_STEP],
        early_stopping=True,
        tol=1e-7,
        categorical_features=native if native.any() else None,
        random_state=given.seed,
        **loss,
    )
    model.deadline = given.deadline
    empty = np.isnan(X).all(axis=0)
    if empty.any():  # scikit-learn cannot bin a part without any value; as a constant it is never cut
        X = np.where(empty, np.float32(0), X)
    model.fit(
        X,
        given.y,
        sample_weight=given.weights,
        X_val=given.X_check,
        y_val=given.y_check,
        sample_weight_val=given.check_weights,
    )
    losses = -np.asarray(model.validation_score_)[1:]
    trees = model.n_iter_ if rounds or given.joint else model.keep_best()
    return Grown(model, int(trees), model.was_cut, losses)


class Boosted:
    """LightGBM's trees behind the two methods that scikit-learn's have.

    Their text takes as long to write and to read as many trees to grow. So it is written once, when it is
    asked for, and read only when rows are to be predicted.

    Parameters
    ----------
    booster : lightgbm.Booster
        Fitted; it may have more trees.
    n_classes : int
        Classes that it knows, 0 for regression.
    n_steps : int
        Steps that count, from the first on.
    """

    def __init__(self, booster: lightgbm.Booster, n_classes: int, n_steps: int) -> None:
        self._booster: lightgbm.Booster | None = booster
        self._text, self._n_steps, self.n_classes = "", n_steps, n_classes

    @property
    def booster(self) -> lightgbm.Booster:
        """LightGBM's own object; while it is still being trained it has trees that do not count."""
        text = self._text  # before the next line: another thread may be here, too
        if self._booster is None:
            self._booster = lightgbm.Booster(model_str=text)
        self._text = ""
        return self._booster

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Add up what the trees say: numbers, or the margin of the second of two classes, or of each of more.

        LightGBM walks all its trees for one row and then for the next: where they are many, none is still in
        the processor's own memory when the next row comes. A few hundred at a time take half as long.
        """
        at_once = max(1, _TREES_AT_ONCE // max(1, self.n_classes))
        sums: np.ndarray | float = 0.0
        for first in range(0, self.n_steps, at_once):
            n = min(at_once, self.n_steps - first)
            part = self.booster.predict(
                X, start_iteration=first, num_iteration=n, raw_score=True, num_threads=1
            )
            sums = sums + np.asarray(part)
        return np.asarray(sums)

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Chances of shape (n_rows, n_classes)."""
        margins = self.predict(X)
        return two_chances(margins) if self.n_classes == 2 else softmax(margins)

    @property
    def n_steps(self) -> int:
        """Steps that it has."""
        if self._n_steps == 0:
            self._n_steps = int(self.booster.current_iteration())
        return self._n_steps

    def keep(self, n: int) -> None:
        """Forget the trees after the first `n`."""
        self._booster, self._n_steps = self.booster, n

    def __getstate__(self) -> dict[str, Any]:
        """As LightGBM's own text: it opens in later releases too."""
        text = self._text or self.booster.model_to_string(num_iteration=self.n_steps)
        return {"text": text, "n_classes": self.n_classes}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take that text; it is read when it is needed."""
        self._booster, self._n_steps = None, 0
        self._text, self.n_classes = state["text"], state["n_classes"]


class _Deadline:
    """Stops LightGBM between two trees."""

    before_iteration = False
    order = 40

    def __init__(self, deadline: float) -> None:
        self.deadline, self.was_cut = deadline, False

    def __call__(self, told: lightgbm.callback.CallbackEnv) -> None:
        if is_over(self.deadline):
            self.was_cut = True
            raise lightgbm.callback.EarlyStopException(told.iteration, told.evaluation_result_list or [])


def fit_lightgbm(given: Given) -> Grown:
    """Boost with LightGBM.

    Parameters
    ----------
    given : Given
        What to learn from, and how.

    Returns
    -------
    Grown
        Its model is a `Boosted`; the loss after each tree is that on the checked rows.
    """
    settings, rounds = given.settings, given.rounds
    rate = settings.get("learning_rate", 0.05)
    natives = list(range(given.X.shape[1] - given.n_native, given.X.shape[1]))
    data = lightgbm.Dataset(
        given.X,
        given.y,
        weight=given.weights,
        categorical_feature=natives,
        params={"verbose": -1, "max_bin": _MAX_BINS},
    )
    check = lightgbm.Dataset(given.X_check, given.y_check, weight=given.check_weights, reference=data)
    stop, told = _Deadline(given.deadline), dict[str, Any]()
    callbacks: list[Any] = [stop, lightgbm.record_evaluation(told)]
    if not rounds:
        callbacks.append(lightgbm.early_stopping(_PATIENCE[rate > _LARGE_STEP], verbose=False))
    booster = lightgbm.train(
        _parameters(settings, given.n_classes, rate, given.seed),
        data,
        num_boost_round=int(rounds or settings.get("trees", _MOST_TREES)),
        valid_sets=[check],
        callbacks=callbacks,
        keep_training_booster=True,  # else it is written as text and read again
    )
    losses = np.array(next(iter(next(iter(told.values())).values()))) if told else np.zeros(0)
    n_trees = booster.current_iteration()
    best = booster.best_iteration if booster.best_iteration > 0 and not given.joint else n_trees
    return Grown(Boosted(booster, given.n_classes, max(1, best)), int(best), stop.was_cut, losses)


def _parameters(settings: Mapping[str, Any], n_classes: int, rate: float, seed: int) -> dict[str, Any]:
    objective = "multiclass" if n_classes > 2 else "binary" if n_classes else settings.get("loss", "l2")
    return {
        "objective": {"absolute_error": "l1", "squared_error": "l2"}.get(objective, objective),
        "learning_rate": rate,
        "num_leaves": int(settings.get("leaves", 31)),
        "min_child_samples": int(settings.get("leaf_rows", 20)),
        "lambda_l2": settings.get("penalty", 1.0),
        "feature_fraction": settings.get("column_share", 0.6),
        "bagging_fraction": settings.get("row_share", 0.8),
        "bagging_freq": 1,
        "extra_trees": bool(settings.get("extra", False)),
        "num_threads": 1,
        "deterministic": True,
        "seed": seed,
        "verbose": -1,
    } | ({"num_class": n_classes} if n_classes > 2 else {})
