"""Mends probabilities that are too sure or too cautious, when rows that were unseen show that it helps."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import expit, log_softmax, logit, softmax
from sklearn.isotonic import IsotonicRegression

from beanft.engine.learning.calibration_kinds import ISOTONIC, NONE, SIGMOID, TEMPERATURE

ISOTONIC_ROWS = 1_000
"""Rows of the rarer class from which steps may be fitted; with fewer they follow chance."""
_FEWEST_ROWS = 50  # below this nothing about probabilities can be told from chance
_FEWEST_OF_CLASS = 5  # the same for the rarer of two classes
_MOST_CELLS = 200_000  # rows times classes used: more would not move one or two parameters
_PARTS = 5  # parts of the cross-fit
_BEYOND_NOISE = 2.0  # standard errors by which a map must beat the simpler one
SMALLEST_P = 1e-6
"""A probability of exactly 0 has no logarithm, and claims more than any sample shows."""
_SMALLEST_LOSS_P = 1e-15  # as in the metric
_Z = 1.96  # standard errors of a 95 % interval
_LOG_TEMPERATURES = (-2.3, 3.0)  # 0.1 to 20
_LOG_SLOPES = (-3.0, 2.3)
_SHIFTS = (-10.0, 10.0)

_WORDS = {
    TEMPERATURE: "one factor for how sure it is",
    SIGMOID: "a smooth curve with two numbers",
    ISOTONIC: "steps that only rise",
}


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """A map from probabilities as a model gives them to mended ones; plain values only."""

    kind: str
    """none, temperature, sigmoid or isotonic."""
    numbers: tuple[float, ...] = ()
    """temperature: the divisor of the log-probabilities; sigmoid: slope and shift of the log-odds; isotonic:
    the probabilities at which the steps lie, ascending."""
    heights: tuple[float, ...] = ()
    """isotonic: the mended probability at each of `numbers`."""
    n_rows: int = 0
    """Rows that the choice rests on."""
    before: float | None = None
    """Log loss of the probabilities as they were; None where it could not be measured."""
    after: float | None = None
    """Log loss of the mended ones, each row mended by a map fitted without it; of the best map when none was
    kept."""
    gain: tuple[float, float, float] | None = None
    """before - after with its 95 % interval: value, low, high."""

    def apply(self, predicted: np.ndarray) -> np.ndarray:
        """Mend probabilities; a row's numbers do not depend on the rows around it.

        Parameters
        ----------
        predicted : array of shape (n_rows, n_classes)
            Probabilities, each row adding up to 1.

        Returns
        -------
        array of shape (n_rows, n_classes), float64
            Mended probabilities; the very same values when nothing was to mend.

        Examples
        --------
        >>> Calibration(kind="temperature", numbers=(2.0,)).apply(np.array([[0.1, 0.9]])).round(2).tolist()
        [[0.25, 0.75]]
        """
        p = np.asarray(predicted, dtype=float)
        if self.kind == NONE:
            return p
        if self.kind == TEMPERATURE:
            tempered: np.ndarray = softmax(_log(p) / self.numbers[0], axis=1)
            return tempered
        if self.kind == SIGMOID:
            slope, shift = self.numbers
            second = expit(slope * _log_odds(p) + shift)
        else:
            second = np.interp(p[:, 1], self.numbers, self.heights)
        return np.column_stack([1 - second, second])

    def facts(self) -> dict[str, Any]:
        """Plain values for JSON: kind, log loss before and after, the gain, and one sentence."""
        value, low, high = self.gain or (None, None, None)
        return {
            "kind": self.kind,
            "n_rows": self.n_rows,
            "before": self.before,
            "after": self.after,
            "gain": {"value": value, "low": low, "high": high} if self.gain else None,
            "sentence": self.sentence,
        }

    def to_dict(self) -> dict[str, Any]:
        """Every field as JSON holds it; `Calibration(**values)` is the way back."""
        return asdict(self)

    @property
    def sentence(self) -> str:
        """What was done to the probabilities and why."""
        if self.before is None or self.after is None or self.gain is None:
            return (
                f"The probabilities are as the model gives them: {self.n_rows:,} rows are too few "
                "to tell whether they could be mended."
            )
        size = f"from {self.before:.3g} to {self.after:.3g} on {self.n_rows:,} rows while they were unseen"
        if self.kind == NONE:
            return (
                "The probabilities are as the model gives them: mending them did not help beyond chance "
                f"(log loss {size})."
            )
        _, low, high = self.gain
        return (
            f"The probabilities were mended with {_WORDS[self.kind]}: log loss {size} "
            f"(better by {low:.2g} to {high:.2g}, 95 % interval)."
        )


def choose_calibration(
    y: np.ndarray, predicted: np.ndarray, seed: int = 0, order: np.ndarray | None = None
) -> Calibration:
    """Choose the map that mends probabilities best, or none when no map helps beyond chance.

    Each kind is fitted on four fifths of the rows and measured on the others, five times. A kind with more
    freedom is taken only when it beats the simpler one by two standard errors of the paired difference.

    Parameters
    ----------
    y : array of shape (n_rows,)
        True class codes.
    predicted : array of shape (n_rows, n_classes)
        Out-of-fold probabilities of the same rows.
    seed : int, default 0
        Seed of the parts, and of the sample when there are very many rows.
    order : array of shape (n_rows,), optional
        Group or moment of each row; rows that share one stay together.

    Returns
    -------
    Calibration
        Fitted on all rows (or the sample); kind none when nothing helps or the rows are too few.

    References
    ----------
    Guo et al. (2017), “On calibration of modern neural networks”, for temperature; Platt (1999) for sigmoid;
    Zadrozny and Elkan (2002) for isotonic.

    Examples
    --------
    >>> y, sure = np.tile([0, 1, 1], 200), np.tile([[0.02, 0.98]], (600, 1))
    >>> choose_calibration(y, sure).kind
    'temperature'
    """
    p, y = np.asarray(predicted, dtype=float), np.asarray(y)
    sample, groups, part = _cross_fit(y, p.shape[1], seed, order)
    y, p = y[sample], p[sample]
    kinds = _kinds(y, p.shape[1])
    if not kinds:
        return Calibration(kind=NONE, n_rows=len(y))
    losses = {NONE: _losses(y, p)} | {kind: _cross_fitted(kind, y, p, part) for kind in kinds}
    chosen = NONE
    for kind in kinds:
        value, error = _paired(losses[chosen] - losses[kind], groups)
        if value > _BEYOND_NOISE * error:
            chosen = kind
    shown = min(kinds, key=lambda kind: losses[kind].mean()) if chosen == NONE else chosen
    value, error = _paired(losses[NONE] - losses[shown], groups)
    numbers, heights = _fit(chosen, y, p)
    return Calibration(
        kind=chosen,
        numbers=numbers,
        heights=heights,
        n_rows=len(y),
        before=float(losses[NONE].mean()),
        after=float(losses[shown].mean()),
        gain=(value, value - _Z * error, value + _Z * error),
    )


def mend_unseen(
    calibration: Calibration,
    y: np.ndarray,
    predicted: np.ndarray,
    seed: int = 0,
    order: np.ndarray | None = None,
) -> np.ndarray:
    """Mend out-of-fold probabilities, each row by a map of the chosen kind that was fitted without it.

    Scores of these are honest; those of `calibration.apply` would be measured on the rows it was fitted to.

    Parameters
    ----------
    calibration : Calibration
        What `choose_calibration` gave for the same arguments.
    y, predicted, seed, order
        As given to `choose_calibration`.

    Returns
    -------
    array of shape (n_rows, n_classes), float64
        Mended probabilities.

    Examples
    --------
    >>> p = np.array([[0.3, 0.7]])
    >>> mend_unseen(Calibration(kind="none"), np.array([1]), p).tolist()
    [[0.3, 0.7]]
    """
    mended = calibration.apply(predicted)
    if calibration.kind == NONE:
        return mended
    p, y = np.asarray(predicted, dtype=float), np.asarray(y)
    sample, _, part = _cross_fit(y, p.shape[1], seed, order)
    for one in np.unique(part):
        inside, outside = sample[part == one], sample[part != one]
        mended[inside] = _fitted(calibration.kind, y[outside], p[outside]).apply(p[inside])
    return mended


def _cross_fit(
    y: np.ndarray, n_classes: int, seed: int, order: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The rows of the sample, and their groups and parts."""
    sample = _sample(len(y), n_classes, seed)
    groups = np.arange(len(sample)) if order is None else np.unique(order[sample], return_inverse=True)[1]
    return sample, groups, _parts(y[sample], groups, seed, shuffled=order is None)


def _fitted(kind: str, y: np.ndarray, p: np.ndarray) -> Calibration:
    numbers, heights = _fit(kind, y, p)
    return Calibration(kind=kind, numbers=numbers, heights=heights)


def _kinds(y: np.ndarray, n_classes: int) -> tuple[str, ...]:
    """The maps that so many rows can bear, the one with the least freedom first."""
    rarer = np.bincount(y, minlength=n_classes).min() if n_classes == 2 else len(np.unique(y)) - 1
    if len(y) < _FEWEST_ROWS or rarer < (_FEWEST_OF_CLASS if n_classes == 2 else 1):
        return ()
    if n_classes != 2:
        return (TEMPERATURE,)
    return (TEMPERATURE, SIGMOID, ISOTONIC) if rarer >= ISOTONIC_ROWS else (TEMPERATURE, SIGMOID)


def _sample(n_rows: int, n_classes: int, seed: int) -> np.ndarray:
    most = max(_FEWEST_ROWS, _MOST_CELLS // n_classes)
    if n_rows <= most:
        return np.arange(n_rows)
    return np.sort(np.random.default_rng(seed).choice(n_rows, most, replace=False))


def _parts(y: np.ndarray, groups: np.ndarray, seed: int, *, shuffled: bool) -> np.ndarray:
    """The part of each row: every class in each part, or whole groups."""
    random = np.random.default_rng(seed)
    n_groups = int(groups.max()) + 1
    if shuffled or n_groups < 2:
        part = np.empty(len(y), dtype=np.int64)
        part[np.lexsort((random.random(len(y)), y))] = np.arange(len(y)) % _PARTS
        return part
    parts: np.ndarray = (random.permutation(n_groups) % min(_PARTS, n_groups))[groups]
    return parts


def _cross_fitted(kind: str, y: np.ndarray, p: np.ndarray, part: np.ndarray) -> np.ndarray:
    """The loss of each row under the map that was fitted without its part."""
    losses = np.empty(len(y))
    for one in np.unique(part):
        inside = part == one
        fitted = _fitted(kind, y[~inside], p[~inside])
        losses[inside] = _losses(y[inside], fitted.apply(p[inside]))
    return losses


def _losses(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    losses: np.ndarray = -np.log(np.clip(p[np.arange(len(y)), y], _SMALLEST_LOSS_P, 1.0))
    return losses


def _paired(differences: np.ndarray, groups: np.ndarray) -> tuple[float, float]:
    """Mean difference and its standard error; rows of a group count as one observation."""
    mean = float(differences.mean())
    off = np.bincount(groups, weights=differences - mean)
    return mean, float(np.sqrt((off**2).sum())) / len(differences)


def _fit(kind: str, y: np.ndarray, p: np.ndarray) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Fit one map: its numbers and heights."""
    if kind == TEMPERATURE:
        return _temperature(y, p), ()
    if kind == SIGMOID:
        return _sigmoid(y, p), ()
    return _isotonic(y, p) if kind == ISOTONIC else ((), ())


def _doubt(n_rows: int) -> float:
    """What is left to the other classes, so that rows that are all told right do not make it all sure."""
    return 1 / (n_rows + 2)


def _temperature(y: np.ndarray, p: np.ndarray) -> tuple[float, ...]:
    logs, rows, doubt, others = _log(p), np.arange(len(y)), _doubt(len(y)), p.shape[1] - 1

    def loss(log_temperature: float) -> float:
        made = log_softmax(logs / np.exp(log_temperature), axis=1)
        right = made[rows, y]
        return float(-((1 - doubt) * right + doubt * (made.sum(axis=1) - right) / others).mean())

    found = minimize_scalar(loss, bounds=_LOG_TEMPERATURES, method="bounded", options={"xatol": 1e-3})
    return (float(np.exp(found.x)),)


def _sigmoid(y: np.ndarray, p: np.ndarray) -> tuple[float, ...]:
    odds, doubt = _log_odds(p), _doubt(len(y))
    goal = np.where(y == 1, 1 - doubt, doubt)

    def loss(numbers: np.ndarray) -> tuple[float, np.ndarray]:
        slope = np.exp(numbers[0])
        z = slope * odds + numbers[1]
        off = expit(z) - goal
        value = float((np.logaddexp(0, z) - goal * z).mean())
        return value, np.array([float((off * odds).mean()) * slope, float(off.mean())])

    found = minimize(loss, np.zeros(2), jac=True, method="L-BFGS-B", bounds=(_LOG_SLOPES, _SHIFTS))
    return float(np.exp(found.x[0])), float(found.x[1])


def _isotonic(y: np.ndarray, p: np.ndarray) -> tuple[tuple[float, ...], tuple[float, ...]]:
    doubt = _doubt(len(y))
    steps = IsotonicRegression(y_min=doubt, y_max=1 - doubt, out_of_bounds="clip").fit(p[:, 1], y)
    return tuple(steps.X_thresholds_.tolist()), tuple(steps.y_thresholds_.tolist())


def _log(p: np.ndarray) -> np.ndarray:
    logs: np.ndarray = np.log(np.clip(p, SMALLEST_P, 1.0))
    return logs


def _log_odds(p: np.ndarray) -> np.ndarray:
    odds: np.ndarray = logit(np.clip(p[:, 1], SMALLEST_P, 1 - SMALLEST_P))
    return odds
