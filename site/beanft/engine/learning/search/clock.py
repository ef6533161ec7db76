"""The time of an experiment: what is spent, what is left, and when the search has to end for the rest."""

import time

SLICE, SHORTEST_S = 0.35, 2.0
"""Share of the time left that one candidate may take, and the seconds that it always may."""
GRACE = (1.25, 2.0)
"""A fit is ended when it takes this many times its slice, and so many seconds more."""
WEIGHED = 5
"""Best runs that are thought to be fitted again on all rows at the end."""
_AGAIN, _MOST_AGAIN = 1.4, 0.3  # all rows are more rows; share of the budget
_REST_SHARE, _REST_S = 0.07, 1.5  # of the budget, and seconds, for ensemble, locked rows and reports
_MOST_ASKED = 0.15  # of the budget
_LEAST_SEARCH = 0.4
_VARIATION_S, _MOST_VARIATIONS = 2.5, 120  # seconds of the budget for each variation of settings


def search_end(budget_s: float, again_s: float, asked_s: float = 0.0) -> float:
    """Tell when the search has to end, so that the rest finds its time.

    Parameters
    ----------
    budget_s : float
        Seconds of the training.
    again_s : float
        Seconds that the best runs took, and will take again on more rows.
    asked_s : float, default 0
        Seconds that they will take to predict the locked rows, and rows for reports.

    Returns
    -------
    float
        Seconds since the training began.

    Examples
    --------
    >>> search_end(100, 0), search_end(100, 10), search_end(100, 10, 5)
    (91.5, 77.5, 72.5)
    """
    reserve = _REST_SHARE * budget_s + _REST_S + min(again_s * _AGAIN, _MOST_AGAIN * budget_s)
    reserve += min(asked_s, _MOST_ASKED * budget_s)
    return float(max(_LEAST_SEARCH * budget_s, budget_s - reserve))


def most_variations(budget_s: float) -> int:
    """Tell how many variations of settings are tried at most.

    Parameters
    ----------
    budget_s : float
        Seconds of the training.

    Returns
    -------
    int

    Examples
    --------
    >>> most_variations(60), most_variations(3600)
    (24, 120)
    """
    return min(_MOST_VARIATIONS, int(budget_s / _VARIATION_S))


class Clock:
    """A time budget that began when it was made.

    Parameters
    ----------
    budget_s : float
        Seconds.
    before_s : float
        Seconds spent by earlier attempts, for the times that are shown.
    late_s : float
        Seconds that passed before it was made, such as those of a process that starts; half of the budget at
        most is taken off.
    """

    def __init__(self, budget_s: float, before_s: float = 0.0, late_s: float = 0.0) -> None:
        self.budget_s, self.before_s = budget_s, before_s
        self._begin = time.monotonic() - min(max(0.0, late_s), budget_s / 2)

    @property
    def elapsed(self) -> float:
        """Seconds since it was made."""
        return time.monotonic() - self._begin

    @property
    def left(self) -> float:
        """Seconds of the budget that are left, 0 at least."""
        return max(0.0, self.budget_s - self.elapsed)

    def end_within(self, seconds: float) -> None:
        """Shorten what is left to so many seconds, because somebody asked to stop."""
        self.budget_s = min(self.budget_s, self.elapsed + seconds)

    @property
    def shown(self) -> float:
        """Seconds since the experiment began, those of earlier attempts included."""
        return round(self.before_s + self.elapsed, 2)
