"""What a check could not look for, and why: nothing that was not looked for may be called absent."""

from collections.abc import Sequence

from beanft.engine.findings import Finding

TIME, ROWS = "time", "rows"
"""Why a check gave up: its time was over, or rows are too few to show anything."""

LIMITING = (
    "entities on both sides",
    "shuffled dates",
    "columns that tell the target alone",
    "rows on both sides",
    "dates known only afterwards",
    "targets computed from columns",
    "columns filled for one class only",
    "identifiers",
)
"""What would limit the meaning of a score if it was there; what spoils most scores comes first."""


class NotLookedError(Exception):
    """A check could not look.

    Parameters
    ----------
    why : str
        TIME, ROWS, or empty where there is nothing to look at: no date, no numbers, no second column.
    told : Finding, optional
        What says so in words of its own.
    """

    def __init__(self, why: str = "", told: Finding | None = None) -> None:
        super().__init__(why)
        self.why, self.told = why, told


def for_time(names: Sequence[str], limit_s: float) -> Finding:
    """Say for which checks time was too short.

    Parameters
    ----------
    names : sequence of str
        What they look for.
    limit_s : float
        Seconds that all checks had.

    Returns
    -------
    Finding
        A note.
    """
    return Finding(
        code="checks-skipped",
        severity="note",
        sentence=f"Time was too short to look for: {', '.join(names)} (limit {limit_s:g} s).",
        figure=float(len(names)),
        remedy="Train again with more time, when the machine is less busy, or on fewer columns.",
    )


def for_rows(names: Sequence[str]) -> Finding:
    """Say for which checks there are too few rows.

    Parameters
    ----------
    names : sequence of str
        What they look for.

    Returns
    -------
    Finding
        A note.
    """
    return Finding(
        code="checks-few-rows",
        severity="note",
        sentence=f"Too few rows, or rows of a rare class, to look for: {', '.join(names)}.",
        figure=float(len(names)),
        remedy="Bring more rows; until then nothing is known of these.",
    )


def for_failure(names: Sequence[str]) -> Finding:
    """Say that the checks ended without an answer.

    Parameters
    ----------
    names : sequence of str
        What they look for.

    Returns
    -------
    Finding
        A note.
    """
    return Finding(
        code="checks-failed",
        severity="note",
        sentence=f"The checks were cut off before they could tell of: {', '.join(names)}.",
        figure=float(len(names)),
        remedy="Train again with more time, when the machine is less busy, or on fewer columns.",
    )
