"""Finds tables with too few rows for their columns."""

from collections.abc import Iterator

import numpy as np

from beanft.engine.checks.training.asked import Asked
from beanft.engine.findings import Finding
from beanft.engine.tables.wording import counted

_ENOUGH = 10.0  # rows, or rows of the rarer class, for each column


def find(asked: Asked) -> Iterator[Finding]:
    """Count the development rows for each feature; of two classes, those of the rarer one.

    Parameters
    ----------
    asked : Asked
        The question.

    Yields
    ------
    Finding
        A note.
    """
    n, what = len(asked.train), "row"
    if len(asked.labels) == 2:
        counts = np.bincount(asked.y_dev, minlength=2)
        n, what = int(counts.min()), f"row of “{asked.labels[int(counts.argmin())]}”"
    each = n / max(1, asked.X.shape[1])
    if each >= _ENOUGH:
        return
    columns = counted(asked.X.shape[1], "column")
    yield Finding(
        code="few-rows",
        severity="note",
        sentence=(
            f"There {'is' if n == 1 else 'are'} {counted(n, what, what.replace('row', 'rows', 1))} to learn "
            f"from for {columns}, {each:.1f} for each; below 10 a model can easily learn chance."
        ),
        figure=each,
        remedy="Bring more rows, or train on the few columns that you expect to matter.",
    )
