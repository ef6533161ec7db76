"""Finds single columns that tell the target nearly perfectly, or nearly alone."""

from collections.abc import Iterator

import numpy as np

from beanft.engine.checks.training.asked import Asked
from beanft.engine.checks.training.scores import score, score_title, skill
from beanft.engine.checks.training.unlooked import CLASS, ROWS, NotLookedError
from beanft.engine.findings import Finding
from beanft.engine.tables.wording import shown

_SURE = {True: 0.98, False: 0.97}  # reached even by the lower end of chance: hardly any honest column does
_NEAR = {True: 0.95, False: 0.90}  # nearly perfect
_APART = 3.0  # times: what the next column leaves open, beside what this one does
_HIGH = {True: 0.85, False: 0.70}
_MOST_OF_ALL = 0.9  # of what all columns together know
_HALF = 0.5
_FEW_ROWS = 40  # fewer rows of the rarer class, or of all, prove nothing
_MOST = 5  # columns named


def find(asked: Asked) -> Iterator[Finding]:
    """Compare what each column tells alone with perfection, with the next one, and with all together.

    Parameters
    ----------
    asked : Asked
        The question.

    Yields
    ------
    Finding
        A warning for each suspect, the strongest first.

    Raises
    ------
    NotLookedError
        No column differs from row to row, or rows, or those of the rarest class, are too few to tell.
    """
    classes = bool(asked.n_classes)
    support = _support(asked.y_sample, asked.n_classes)
    if support < (_FEW_ROWS // 2 if classes else _FEW_ROWS):
        raise NotLookedError(CLASS if classes and len(asked.sample) >= _FEW_ROWS else ROWS)
    if not asked.alone:
        raise NotLookedError
    ranked = list(asked.alone.items())
    sure = [name for name, value in ranked if _lower(value, support, classes=classes) >= _SURE[classes]]
    for name in sure[:_MOST]:
        yield _perfect(asked, name)
    # a date that tells the target among rows cut by chance is for `dated` to judge
    others = [(name, value) for name, value in ranked if asked.profile.column(name).kind != "date"]
    if not sure and len(others) > 1:
        yield from _standing_out(asked, others)


def _standing_out(asked: Asked, ranked: list[tuple[str, float]]) -> Iterator[Finding]:
    classes = bool(asked.n_classes)
    (name, value), (next_name, next_value) = ranked[:2]
    if value >= _NEAR[classes] and 1 - next_value >= _APART * (1 - value):
        yield _perfect(asked, name)
        return
    if value < _HIGH[classes]:
        return
    alone, second = skill(value, asked.n_classes), skill(next_value, asked.n_classes)
    if second > _HALF * alone:
        return
    whole = score(asked.y_sample, asked.unseen)
    if alone >= _MOST_OF_ALL * skill(whole, asked.n_classes):
        title = score_title(asked.n_classes)
        yield _finding(
            asked,
            name,
            f"{shown(name)} alone reaches {title} {value:.3f} of {whole:.3f} with all columns; the next one, "
            f"{shown(next_name)}, reaches {next_value:.3f}.",
        )


def _perfect(asked: Asked, name: str) -> Finding:
    after = list(asked.alone).index(name) + 1  # the best first: what comes before it does better, not next
    ranked = list(asked.alone.items())[after:]
    beside = f"; the next one, {shown(ranked[0][0])}, reaches {ranked[0][1]:.3f}" if ranked else ""
    title = score_title(asked.n_classes)
    return _finding(
        asked,
        name,
        f"{shown(name)} alone tells {shown(asked.target)} almost perfectly: {title} {asked.alone[name]:.3f}"
        f"{beside}.",
    )


def _finding(asked: Asked, name: str, sentence: str) -> Finding:
    return Finding(
        code="leak-column",
        severity="warning",
        columns=(name,),
        sentence=f"{sentence} Measured on {len(asked.sample):,} rows while they were unseen.",
        figure=asked.alone[name],
        remedy=(
            "Is it known before the target is? If it is filled in afterwards, or says the target in other "
            "words, train without it: with it the score is a promise that cannot be kept."
        ),
    )


def _support(y: np.ndarray, n_classes: int) -> int:
    """Rows that the score hangs on: those of the rarest class with a fair share, or all."""
    if not n_classes:
        return len(y)
    counts = np.sort(np.bincount(y.astype(int), minlength=n_classes))
    return int(counts[0] if n_classes == 2 else counts[counts > 0][0])


def _lower(value: float, support: int, *, classes: bool) -> float:
    """About the lower end of what chance allows; a perfect score of few rows is not sure either."""
    error = (value * (1 - value) / support) ** 0.5 if 0 < value < 1 else 0.0
    return value - (2 * error + 0.5 / support if classes else 0.0)
