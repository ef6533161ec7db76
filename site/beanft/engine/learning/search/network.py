"""A small neural network, trained one pass over the rows at a time, that keeps its best state."""

from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier, MLPRegressor

from beanft.engine.learning.search.stopping import is_over

_MOST_PASSES = 80
_PATIENCE = 6
_BATCH = 256
_WIDTH = 96
_RATE = 2e-3


class Rescaled:
    """A network that learned a target of mean 0 and spread 1.

    Parameters
    ----------
    model : MLPRegressor
        Fitted.
    mean, spread : float
        Of the target in training.
    """

    def __init__(self, model: MLPRegressor, mean: float, spread: float) -> None:
        self.model, self.mean, self.spread = model, mean, spread

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Numbers on the target's own scale."""
        result: np.ndarray = self.model.predict(X) * self.spread + self.mean
        return result


def fit_network(
    X: np.ndarray,
    y: np.ndarray,
    X_check: np.ndarray,
    y_check: np.ndarray,
    *,
    n_classes: int,
    settings: dict[str, Any],
    weights: np.ndarray | None,
    check_weights: np.ndarray | None,
    seed: int,
    deadline: float,
    rounds: int | None,
) -> tuple[Any, int, bool, np.ndarray]:
    """Train a network with two hidden layers.

    Parameters
    ----------
    X, y, X_check, y_check : array
        Rows on one scale to learn from, and rows on which the best state is found; codes 0..n_classes-1.
    n_classes : int
        Classes among `y`, 0 for regression.
    settings : dict
        Values of the learner's settings.
    weights, check_weights : array of shape (n_rows,) or None
        Weight of each row, and of each row checked on.
    seed : int
        Seed of the first weights and of the order of rows.
    deadline : float
        Moment on the clock of time.monotonic() to stop at.
    rounds : int or None
        Passes to make, where nothing is checked.

    Returns
    -------
    estimator, int, bool, array
        Fitted; passes made; whether the deadline cut it; nothing, for its passes cannot be cut off later.
    """
    width = int(settings.get("width", _WIDTH))
    kind = MLPClassifier if n_classes else MLPRegressor
    model = kind(
        hidden_layer_sizes=(width, max(4, width // 2)),
        learning_rate_init=_RATE,
        alpha=settings.get("penalty", 1e-3),
        batch_size=min(_BATCH, len(X)),
        random_state=seed,
    )
    mean, spread = (0.0, 1.0) if n_classes else (float(y.mean()), float(y.std()) or 1.0)
    target = y if n_classes else (y - mean) / spread
    X, X_check = X.astype(np.float32), X_check.astype(np.float32)
    best, best_at, passes, state = np.inf, 0, 0, None
    while passes < (rounds or _MOST_PASSES) and passes - best_at < (rounds or _PATIENCE):
        more = {"classes": np.arange(n_classes)} if n_classes and passes == 0 else {}
        model.partial_fit(X, target, sample_weight=weights, **more)
        passes += 1
        loss = 0.0 if rounds else _loss(model, X_check, y_check, n_classes, mean, spread, check_weights)
        if rounds or loss < best:
            best, best_at = loss, passes
            state = [part.copy() for part in (*model.coefs_, *model.intercepts_)]
        if is_over(deadline):
            break
    if state is not None:
        n = len(model.coefs_)
        model.coefs_, model.intercepts_ = state[:n], state[n:]
    was_cut = is_over(deadline)
    return (model if n_classes else Rescaled(model, mean, spread)), best_at, was_cut, np.zeros(0)


def _loss(
    model: Any,
    X: np.ndarray,
    y: np.ndarray,
    n_classes: int,
    mean: float,
    spread: float,
    weights: np.ndarray | None,
) -> float:
    if not n_classes:
        return float(np.mean((model.predict(X) * spread + mean - y) ** 2))
    chance = model.predict_proba(X)[np.arange(len(y)), y]
    return float(np.average(-np.log(np.clip(chance, 1e-7, None)), weights=weights))
