"""A small neural network, trained one pass over the rows at a time, that keeps its best state.

Its steps become shorter along a half cosine (Loshchilov and Hutter (2017), “SGDR”): with steps of one length
its loss was a fifth higher on the two larger tables that were tried. Where in that curve a pass stands
hangs on the number of rows only, so that a network is made again by its passes, checked or not.
"""

import math
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier, MLPRegressor

from beanft.engine.learning.search.given import Given, Grown
from beanft.engine.learning.search.stopping import is_over

_STEPS = 4_000  # that suffice for most tables; a pass over many rows makes many
_FEWEST_PASSES, _MOST_PASSES = 10, 80
_PATIENCE = 1 / 3  # of the passes: in the first ones, which make long steps, it takes turns for the worse
_FAR = 0.3  # of the passes: a network that gets no further has learned little, its steps being long still
_BATCH, _LARGE_BATCH, _MANY = 128, 256, 20_000  # rows a step; more of so many rows, for the time
_WIDTH, _LAYERS, _PENALTY = 160, 2, 0.03
_RATE, _LEAST = 5e-3, 0.01  # length of the first steps, and share of it that the last ones have


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


def fit_network(given: Given) -> Grown:
    """Train a network; of several hidden layers the last has half the units of the others.

    Parameters
    ----------
    given : Given
        What to learn from, and how: rows on one scale, codes as numbers.

    Returns
    -------
    Grown
        In its best state, after so many passes; without losses, for passes cannot be cut off later.
    """
    model = _unfitted(given.settings, len(given.X), classes=given.n_classes > 0, seed=given.seed)
    scale = (0.0, 1.0) if given.n_classes else (float(given.y.mean()), float(given.y.std()) or 1.0)
    target = given.y if given.n_classes else (given.y - scale[0]) / scale[1]
    X, X_check = given.X.astype(np.float32), given.X_check.astype(np.float32)
    rounds, most = given.rounds, _n_passes(len(X))
    best, best_at, passes, state = np.inf, 0, 0, None
    started, was_cut = time.monotonic(), False
    while passes < (rounds or most) and passes - best_at < (rounds or most * _PATIENCE):
        more = {"classes": np.arange(given.n_classes)} if given.n_classes and passes == 0 else {}
        model.partial_fit(X, target, sample_weight=given.weights, **more)
        passes += 1
        model._optimizer.learning_rate_init = _rate(passes, most)  # which nothing public changes
        loss = 0.0 if rounds else _loss(model, X_check, given, scale)
        if rounds or loss < best:
            best, best_at = loss, passes
            state = [part.copy() for part in (*model.coefs_, *model.intercepts_)]
        if is_over(given.deadline) or (passes == 1 and _is_vain(started, given.deadline, rounds or most)):
            was_cut = True
            break
    if state is not None:
        n = len(model.coefs_)
        model.coefs_, model.intercepts_ = state[:n], state[n:]
    return Grown(model if given.n_classes else Rescaled(model, *scale), best_at, was_cut)


def _unfitted(settings: Mapping[str, Any], n_rows: int, *, classes: bool, seed: int) -> Any:
    width = int(settings.get("width", _WIDTH))
    layers = [width] * (int(settings.get("layers", _LAYERS)) - 1)
    return (MLPClassifier if classes else MLPRegressor)(
        hidden_layer_sizes=(*layers, max(4, width // 2)) if layers else (width,),
        learning_rate_init=_RATE,
        alpha=settings.get("penalty", _PENALTY),
        batch_size=min(_batch(n_rows), n_rows),
        random_state=seed,
    )


def _is_vain(started: float, deadline: float, most: int) -> bool:
    """Whether after the first pass the time is seen to end so early that others use it better."""
    one = time.monotonic() - started
    return deadline - started < _FAR * most * one


def _n_passes(n_rows: int) -> int:
    """Passes in which the steps become as short as they get."""
    return min(_MOST_PASSES, max(_FEWEST_PASSES, round(_STEPS * _batch(n_rows) / n_rows)))


def _batch(n_rows: int) -> int:
    return _BATCH if n_rows < _MANY else _LARGE_BATCH


def _rate(passes: int, most: int) -> float:
    """Length of the steps after so many passes.

    Examples
    --------
    >>> [round(_rate(passes, 4), 5) for passes in range(6)]
    [0.005, 0.00427, 0.0025, 0.00073, 5e-05, 5e-05]
    """
    share = 0.5 * (1 + math.cos(math.pi * min(1.0, passes / most)))
    return _RATE * max(_LEAST, share)


def _loss(model: Any, X: np.ndarray, given: Given, scale: tuple[float, float]) -> float:
    y = given.y_check
    if not given.n_classes:
        return float(np.mean((model.predict(X) * scale[1] + scale[0] - y) ** 2))
    chance = model.predict_proba(X)[np.arange(len(y)), y]
    return float(np.average(-np.log(np.clip(chance, 1e-7, None)), weights=given.check_weights))
