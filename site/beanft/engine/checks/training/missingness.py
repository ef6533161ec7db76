"""Finds columns that tell the target by where they are filled."""

from collections.abc import Iterator

from beanft.engine.checks.training.asked import Asked
from beanft.engine.checks.training.filled import FEWEST, told_by_missing
from beanft.engine.checks.training.unlooked import ROWS, NotLookedError
from beanft.engine.findings import Finding
from beanft.engine.tables.wording import shown


def find(asked: Asked) -> Iterator[Finding]:
    """Look at the features with missing values; dates are looked at by `known_afterwards`.

    Parameters
    ----------
    asked : Asked
        The question.

    Yields
    ------
    Finding
        A warning for each.

    Raises
    ------
    NotLookedError
        Values are missing, but rows are too few to tell what of.
    """
    if len(asked.dev) < 2 * FEWEST and asked.dev.isna().to_numpy().any():
        raise NotLookedError(ROWS)
    for name in asked.X:
        if asked.profile.column(str(name)).kind == "date":
            continue
        told = told_by_missing(asked, str(name))
        if told:
            yield Finding(
                code="missingness-leak",
                severity="warning",
                columns=(str(name),),
                sentence=f"{shown(str(name))} {told.words}.",
                figure=told.figure,
                remedy=(
                    "Such a column is mostly filled in once the target is known. If so, train without it."
                ),
            )
