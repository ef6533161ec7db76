"""Finds classes with so few rows that nothing sure can be said of them."""

from collections.abc import Iterator

import numpy as np

from beanft.engine.checks.training.asked import Asked
from beanft.engine.findings import Finding
from beanft.engine.tables.wording import counted, shown

_FEWEST = 30  # development rows
_TOO_FEW = 10
_NAMED = 3


def find(asked: Asked) -> Iterator[Finding]:
    """Count the development rows of each class.

    Parameters
    ----------
    asked : Asked
        The question.

    Yields
    ------
    Finding
        One for all rare classes: a warning where one has hardly any row, else a note.
    """
    if not asked.labels:
        return
    counts = np.bincount(asked.y_dev, minlength=len(asked.labels))
    rare = [int(k) for k in np.argsort(counts, kind="stable") if counts[k] < _FEWEST]
    if not rare:
        return
    named = ", ".join(f"{shown(asked.labels[k], 40)} {counts[k]:,}" for k in rare[:_NAMED])
    more = f" and {counted(len(rare) - _NAMED, 'more class', 'more classes')}" if len(rare) > _NAMED else ""
    yield Finding(
        code="rare-classes",
        severity="warning" if counts[rare[0]] < _TOO_FEW else "note",
        sentence=f"Few rows to learn from: {named}{more}. What is said of such a class is hardly sure.",
        figure=float(counts[rare[0]]),
        remedy="Bring more rows of it, put rare classes together, or do not rely on forecasts of it.",
    )
