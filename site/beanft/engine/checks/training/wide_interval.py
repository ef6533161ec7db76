"""Finds gains over guessing that are smaller than what is uncertain of them."""

from collections.abc import Iterator

from beanft.engine.checks.training.asked import Asked
from beanft.engine.checks.training.outcome import Outcome
from beanft.engine.findings import Finding
from beanft.engine.plain import plain


def find(asked: Asked, outcome: Outcome) -> Iterator[Finding]:
    """Compare the gain over the baseline with the interval of the final score on the locked rows.

    Parameters
    ----------
    asked : Asked
        The question.
    outcome : Outcome
        How it ended.

    Yields
    ------
    Finding
        A note where the interval is wider than the gain.
    """
    locked, guess = outcome.holdout, outcome.baseline
    if locked is None or guess is None:
        return
    sign = 1 if outcome.greater_is_better else -1
    gain, width = sign * (locked.value - guess.value), locked.high - locked.low
    if gain <= 0 or width <= gain:
        return
    yield Finding(
        code="wide-interval",
        severity="note",
        sentence=(
            f"The gain over guessing is {plain(gain, 3)} in {outcome.metric_title}, but the score is only "
            f"known within {plain(width, 3)} ({plain(locked.low)} to {plain(locked.high)}, 95 % interval on "
            f"{len(asked.holdout):,} rows)."
        ),
        figure=width / gain,
        remedy="Bring more rows before you rely on the size of this gain.",
    )
