"""Finds scores that jump between the folds and the locked rows."""

from collections.abc import Iterator

from beanft.engine.checks.training.asked import Asked
from beanft.engine.checks.training.outcome import Outcome, Scored
from beanft.engine.findings import Finding
from beanft.engine.plain import plain

_SURE = 3.0  # standard errors of the difference
_HALF_WIDTH = 1.96  # of a 95 % interval


def find(asked: Asked, outcome: Outcome) -> Iterator[Finding]:
    """Compare the final model's score on unseen development rows with that on the locked rows.

    Parameters
    ----------
    asked : Asked
        The question.
    outcome : Outcome
        How it ended.

    Yields
    ------
    Finding
        A warning where the locked rows score lower than chance allows, a note where they score higher.
    """
    folds, locked = outcome.folds, outcome.holdout
    if folds is None or locked is None:
        return
    error = (_error(folds) ** 2 + _error(locked) ** 2) ** 0.5
    gap = locked.value - folds.value
    if not error or abs(gap) <= _SURE * error:
        return
    worse = (gap < 0) == outcome.greater_is_better
    yield Finding(
        code="score-jump",
        severity="warning" if worse else "note",
        sentence=(
            f"{outcome.title} has {outcome.metric_title} {_written(locked)} on the locked rows, but "
            f"{_written(folds)} on the others while they were unseen: more than chance explains."
        ),
        figure=abs(gap) / error,
        remedy=_remedy(asked, worse=worse),
    )


def _remedy(asked: Asked, *, worse: bool) -> str:
    if not worse:
        return "Look whether the locked rows are easier ones, and trust the lower score."
    if asked.by == "time":
        return (
            "The locked rows are the latest: what was learned wears out. Trust the score on the locked rows."
        )
    return (
        "Trust the score on the locked rows. Look for rows that hang together, and for dates; then train "
        "with such rows kept together or by time."
    )


def _error(scored: Scored) -> float:
    return (scored.high - scored.low) / (2 * _HALF_WIDTH)


def _written(scored: Scored) -> str:
    return f"{plain(scored.value)} (95 % interval {plain(scored.low)} to {plain(scored.high)})"
