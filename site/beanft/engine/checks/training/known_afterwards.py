"""Finds dates that are known only after the target is: filled for one class, or later than the rest."""

from collections.abc import Iterator

import numpy as np

from beanft.engine.checks.training.asked import Asked
from beanft.engine.checks.training.coding import as_numbers
from beanft.engine.checks.training.filled import told_by_missing
from beanft.engine.checks.training.unlooked import ROWS, NotLookedError
from beanft.engine.findings import Finding
from beanft.engine.tables.wording import shown

_NEARLY_ALL = 0.95  # of the rows with both dates
_FEWEST = 30
_REMEDY = "If it is written down after the target is known, train without it."


def find(asked: Asked) -> Iterator[Finding]:
    """Look at the features that are dates.

    Parameters
    ----------
    asked : Asked
        The question.

    Yields
    ------
    Finding
        A warning for a date filled for one class only or later than the time of the row; a note for one
        later than another date of the row.

    Raises
    ------
    NotLookedError
        No feature is a date, or rows are too few to tell.
    """
    if not any(asked.kind(str(name)) == "date" for name in asked.X):
        raise NotLookedError
    if len(asked.train) < _FEWEST:
        raise NotLookedError(ROWS)
    dates = [name for name in asked.names if asked.profile.column(name).kind == "date"]
    moments = {name: as_numbers(asked.column_values(name)) for name in dates}
    for name in dates:
        if name not in asked.X:
            continue
        told = told_by_missing(asked, name)
        if told:
            yield _finding(name, "warning", told.figure, f"The date {shown(name)} {told.words}.")
            continue
        yield from _later(asked, name, moments)


def _later(asked: Asked, name: str, moments: dict[str, np.ndarray]) -> Iterator[Finding]:
    time = asked.column if asked.by == "time" else ""
    for other in [time] if time in moments else moments:
        if other == name:
            continue
        both = ~np.isnan(moments[name]) & ~np.isnan(moments[other])
        later = float((moments[name] > moments[other])[both].mean()) if both.sum() >= _FEWEST else 0.0
        if later >= _NEARLY_ALL:
            sentence = (
                f"{shown(name)} is later than {shown(other)} in {100 * later:.3g} % of the "
                f"{int(both.sum()):,} rows to learn from that have both, so it may not be known yet when the "
                "forecast is made."
            )
            yield _finding(name, "warning" if time else "note", later, sentence)
            return


def _finding(name: str, severity: str, figure: float, sentence: str) -> Finding:
    return Finding(
        code="known-afterwards",
        severity=severity,
        columns=(name,),
        sentence=sentence,
        figure=figure,
        remedy=_REMEDY,
    )
