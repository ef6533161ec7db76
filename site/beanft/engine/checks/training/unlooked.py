"""What a check could not look for, and why: nothing that was not looked for may be called absent."""

from collections.abc import Sequence

from beanft.engine.findings import Finding

TIME, ROWS, CLASS, COLUMNS = "time", "rows", "class", "columns"
"""Why a check gave up: its time was over, rows (or those of a class) too few to tell, columns too many."""

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
        TIME, ROWS, CLASS, COLUMNS, or empty where there is nothing to look at: no date, no numbers, no
        second column.
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
    return _note(
        "checks-skipped",
        f"Time was too short to look for: {', '.join(names)} (limit {limit_s:g} s).",
        len(names),
        "Train again with more time, when the machine is less busy, or on fewer columns.",
    )


def for_want(why: str, names: Sequence[str]) -> Finding:
    """Say for which checks there are too few rows, too few of a class, or too many columns.

    Parameters
    ----------
    why : str
        ROWS, CLASS or COLUMNS.
    names : sequence of str
        What they look for.

    Returns
    -------
    Finding
        A note.
    """
    code, lack, bring = _WANTS[why]
    return _note(
        code,
        f"{lack} to look for: {', '.join(names)}.",
        len(names),
        f"{bring}; until then nothing is known of these.",
    )


_WANTS = {
    ROWS: ("checks-few-rows", "Too few rows", "Bring more rows"),
    CLASS: ("checks-few-of-class", "Too few rows of a class", "Bring more rows of the rarest class"),
    COLUMNS: ("checks-many-columns", "Too many number columns", "Train with fewer of them"),
}
"""For each want: code of its note, what is wrong, and what to do."""


def for_locked(why: str, n_locked: int) -> Finding:
    """Say that the locked rows were not compared with those learned from.

    Parameters
    ----------
    why : str
        TIME or ROWS.
    n_locked : int
        Locked rows.

    Returns
    -------
    Finding
        A note.
    """
    lack = "Time was too short" if why == TIME else f"{n_locked:,} locked rows are too few"
    return _note(
        "locked-unchecked",
        f"{lack} to tell whether the locked rows differ from those learned from.",
        n_locked,
        "Train again with more time." if why == TIME else "Bring more rows.",
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
    return _note(
        "checks-failed",
        f"The checks were cut off before they could tell of: {', '.join(names)}.",
        len(names),
        "Train again with more time, when the machine is less busy, or on fewer columns.",
    )


def _note(code: str, sentence: str, figure: int, remedy: str) -> Finding:
    return Finding(code=code, severity="note", sentence=sentence, figure=float(figure), remedy=remedy)
