"""Finds scores that are too good to be true."""

from collections.abc import Iterator

from beanft.engine.checks.training.asked import Asked
from beanft.engine.checks.training.outcome import Outcome
from beanft.engine.checks.training.scores import score_title, skill
from beanft.engine.findings import Finding
from beanft.engine.learning.metrics import METRIC
from beanft.engine.plain import plain
from beanft.engine.tables.wording import shown

_PERFECT = 0.995  # of the way from guessing to perfect
_LEANS = 0.9  # skill of a single column: then that column is the reason


def find(asked: Asked, outcome: Outcome) -> Iterator[Finding]:
    """Look at the lower end of the final model's score, and for the column that it leans on.

    Parameters
    ----------
    asked : Asked
        The question.
    outcome : Outcome
        How it ended.

    Yields
    ------
    Finding
        A warning where a single column is nearly as good, else a note.
    """
    if not _is_perfect(outcome) or outcome.holdout is None:
        return
    name, value = next(iter(asked.alone.items()), ("", 0.0))
    leans = bool(name) and skill(value, asked.n_classes) >= _LEANS
    why = f" {shown(name)} alone reaches {score_title(asked.n_classes)} {value:.3f}." if name else ""
    yield Finding(
        code="too-good",
        severity="warning" if leans else "note",
        columns=(name,) if name else (),
        sentence=(
            f"{outcome.metric_title} {plain(outcome.holdout.value)} on the locked rows is nearly perfect, "
            f"which is rarely earned.{why}"
        ),
        figure=outcome.holdout.value,
        remedy=(
            "Check that no column says the target in other words or is known only afterwards; if one does, "
            "train without it."
        ),
    )


def _is_perfect(outcome: Outcome) -> bool:
    """Whether even the worse end of the interval is close to the best value that there is."""
    locked, guess = outcome.holdout, outcome.baseline
    if locked is None:
        return False
    if METRIC[outcome.metric].greater_is_better:
        return locked.low >= _PERFECT
    return guess is not None and locked.high <= (1 - _PERFECT) * guess.value
