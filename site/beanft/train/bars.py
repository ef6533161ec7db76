"""The scores of a leaderboard as pictures: intervals on one scale, with the baseline as a line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from beanft.engine.learning.learners import BASELINE
from beanft.engine.learning.metrics import Metric
from beanft.engine.plain import written
from beanft.models import Run

BAR_WIDTH = 140
"""Width of the picture of an interval, in its own units."""
_MARGIN = 8  # room for dots and arrow heads at both ends
_BEYOND = 1.0  # how far below the baseline the scale reaches, in lengths from it to the best
_ABOVE = 0.25  # how far it reaches beyond the best, in the same lengths; a wild spread is cut there
_SIDE = {True: "above", False: "below"}


@dataclass(frozen=True, kw_only=True)
class Score:
    """The headline score of a run: pooled with its 95 % interval, or of old runs the mean ± spread."""

    value: float
    """Score."""
    low: float
    """Lower end."""
    high: float
    """Upper end."""
    is_interval: bool
    """Whether the ends are a 95 % interval, and not one spread of the folds to each side."""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """Score and interval of a run and the baseline's score as places on one scale, 0 to BAR_WIDTH."""

    low: float
    """Left end of the interval."""
    high: float
    """Right end of the interval."""
    mean: float
    """The dot."""
    baseline: float | None
    """The line of the baseline, if it is known."""
    beyond: str
    """“left” or “right” when the score is off the scale, else empty."""
    words: str
    """The same for people who cannot see it."""


def score_of(run: Run, *, pooled: bool = True) -> Score | None:
    """The headline score of a run; None while it has none.

    `pooled=False` takes the mean over the folds even where an interval is known.
    """
    facts = run.facts
    interval = score_from(facts.get("interval")) if pooled else None
    if interval is not None:
        return interval
    if facts.get("mean") is None:
        return None
    mean, sd = float(facts["mean"]), float(facts.get("sd") or 0.0)
    return Score(value=mean, low=mean - sd, high=mean + sd, is_interval=False)


def score_from(interval: Mapping[str, float | None] | None) -> Score | None:
    """Read a score from value, low and high; None where there is no value. An end that is not known is it."""
    if not interval or interval.get("value") is None:
        return None
    value, low, high = (interval.get(name) for name in ("value", "low", "high"))
    assert value is not None  # noqa: S101  # for mypy: asked above
    return Score(
        value=value, low=value if low is None else low, high=value if high is None else high, is_interval=True
    )


class Scale:
    """One scale for all bars: from somewhat below the baseline to the best; what is far worse is cut."""

    def __init__(self, scores: Sequence[tuple[Run, Score]], metric: Metric) -> None:
        guess = next((score for run, score in scores if run.learner == BASELINE), None)
        self.baseline = guess.value if guess else None
        ends = [end for _, score in scores for end in (score.low, score.high)] or [0.0, 1.0]
        low, high = min(ends), max(ends)
        if guess is not None:
            sign = 1 if metric.greater_is_better else -1
            best = max((score for _, score in scores), key=lambda score: sign * score.value)
            reach = max(sign * (best.value - guess.value) + _spread(best), _spread(guess))
            sides = (guess.value - sign * reach * _BEYOND, guess.value + sign * reach * (1 + _ABOVE))
            low, high = max(low, min(sides)), min(high, max(sides))
        self.low, self.high = (low, high) if high > low else (low - 0.5, low + 0.5)

    def bar(self, score: Score, *, is_baseline: bool) -> Bar:
        """Place one score."""
        beyond = "left" if score.value < self.low else "right" if score.value > self.high else ""
        return Bar(
            low=self._place(score.low),
            high=self._place(score.high),
            mean=self._place(score.value),
            baseline=None if self.baseline is None else self._place(self.baseline),
            beyond=beyond,
            words=self._words(score, is_baseline=is_baseline),
        )

    def _words(self, score: Score, *, is_baseline: bool) -> str:
        words = f"{written(score.value)} plus or minus {written(_spread(score))}"
        if score.is_interval:
            low, high = written(score.low), written(score.high)
            words = f"{written(score.value)}, 95 % interval {low} to {high}"
        if self.baseline is not None and not is_baseline:
            words += f", {_SIDE[score.value >= self.baseline]} the baseline's {written(self.baseline)}"
        return words

    def _place(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(_MARGIN + min(1.0, max(0.0, share)) * (BAR_WIDTH - 2 * _MARGIN), 1)


def _spread(score: Score) -> float:
    return (score.high - score.low) / 2
