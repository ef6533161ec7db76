"""How much of the best score is luck: the best of many was picked for its score."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from beanft.engine.learning.judging.verdict import short
from beanft.engine.learning.metrics import Metric
from beanft.engine.plain import written

_NEXT_TO_NOTHING = 0.01  # of the width of the interval: less is not worth a number


@dataclass(frozen=True, kw_only=True)
class Optimism:
    """What picking the best of many adds to its score."""

    optimism: float
    """How much too good the best score is expected to be, in the metric's unit, 0 or more."""
    corrected: dict[str, float | None]
    """The best score without it: value, low and high."""
    sentence: str
    """The same in plain words; empty where the best is no better than guessing."""

    def facts(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def optimism_of(
    metric: Metric,
    *,
    values: np.ndarray,
    drawn: np.ndarray,
    left_out: np.ndarray,
    interval: dict[str, float | None],
    guess: float | None = None,
) -> Optimism:
    """Pick the best in each draw and see how it does on the rows that the draw left out.

    The expected optimism is the best score less the mean score of the picked on the rows left out, and not
    less than 0. (Picked score less left-out score would count the luck of the draw on top of the luck of the
    table, about 1.4 times too much.)

    Parameters
    ----------
    metric : Metric
        The score.
    values : array of shape (n_runs,)
        Scores of all rows.
    drawn : array of shape (n_runs, n_draws)
        Scores of each draw.
    left_out : array of shape (n_runs, n_left_out)
        Scores of the rows that the first draws left out; nan where not defined.
    interval : dict
        value, low and high of the best run.
    guess : float, optional
        Score of guessing, below which no correction goes: whoever finds no skill can always guess.

    Returns
    -------
    Optimism
        Without a word where the interval of the best reaches down to guessing, or where all draws agree on
        its score, as they do of a model that says the same of every row.

    Notes
    -----
    Tsamardinos, Greasidou and Borboudakis (2018), Bootstrapping the out-of-sample predictions for efficient
    and accurate cross-validation, Machine Learning 107.
    """
    sign = 1 if metric.greater_is_better else -1
    picks = sign * drawn[:, : left_out.shape[1]]
    known = np.isfinite(picks).all(axis=0) & np.isfinite(left_out).all(axis=0)
    luck = 0.0
    if len(values) > 1 and known.any():
        picked = picks[:, known].argmax(axis=0)
        unseen = left_out[:, known][picked, np.arange(int(known.sum()))]
        bias = float(
            (left_out[:, known].mean(axis=1) - values).mean()
        )  # small parts score otherwise: no luck
        luck = max(0.0, float((sign * values).max()) - sign * (float(unseen.mean()) - bias))
    luck = _down_to(guess, float((sign * values).max()), luck, sign)
    corrected = {name: None if number is None else number - sign * luck for name, number in interval.items()}
    return Optimism(
        optimism=luck,
        corrected=corrected,
        sentence="" if _guesses(interval, guess, sign) else _sentence(len(values), luck, corrected),
    )


def _down_to(guess: float | None, best: float, luck: float, sign: int) -> float:
    """Take no more off than what the best, larger is better, has ahead of the guess."""
    if guess is None or not np.isfinite(guess):
        return luck
    return min(luck, max(0.0, best - sign * guess))


def _guesses(interval: dict[str, float | None], guess: float | None, sign: int) -> bool:
    """Whether the best is no better than guessing, as far as its interval tells."""
    low, high = interval["low"], interval["high"]
    if low is None or high is None:
        return False
    worst = low if sign > 0 else -high
    return low == high or (guess is not None and worst <= sign * guess)


def _sentence(n: int, luck: float, corrected: dict[str, float | None]) -> str:
    if n == 1:
        return "There was only one run to pick from, so its score owes nothing to picking."
    value, low, high = short(corrected["value"], corrected["low"], corrected["high"])
    expected = f"{value} ({low} to {high}) can be expected"
    if luck < _NEXT_TO_NOTHING * _width(corrected):
        return f"The best of {n} runs was picked for its score, which adds next to nothing to it: {expected}."
    return (
        f"The best of {n} runs is partly the luckiest: {_about(luck, value)} of its score comes from "
        f"picking. Without it, {expected}."
    )


def _about(luck: float, beside: str) -> str:
    """Write an estimate with no more decimals than the score beside it.

    >>> _about(0.000366, "0.474"), _about(0.0187, "0.0729"), _about(7.002, "437"), _about(1234.0, "4,370")
    ('less than 0.001', 'about 0.0187', 'about 7', 'about 1,230')
    """
    decimals = len(beside.partition(".")[2])
    if round(luck, decimals) == 0:
        return f"less than {10.0**-decimals:.{decimals}f}"
    short_one = written(luck)
    rounded = f"{luck:,.{decimals}f}"
    return f"about {min(short_one, rounded, key=len)}"


def _width(interval: dict[str, float | None]) -> float:
    low, high = interval["low"], interval["high"]
    return 0.0 if low is None or high is None else high - low
