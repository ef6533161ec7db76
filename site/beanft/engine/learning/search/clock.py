"""The time of an experiment: what is spent, what is left, and when the search has to end for the rest."""

import time


class Clock:
    """A time budget that began when it was made.

    Parameters
    ----------
    budget_s : float
        Seconds.
    before_s : float
        Seconds spent by earlier attempts, for the times that are shown.
    """

    def __init__(self, budget_s: float, before_s: float = 0.0) -> None:
        self.budget_s, self.before_s = budget_s, before_s
        self._begin = time.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since it was made."""
        return time.monotonic() - self._begin

    @property
    def left(self) -> float:
        """Seconds of the budget that are left, 0 at least."""
        return max(0.0, self.budget_s - self.elapsed)

    @property
    def shown(self) -> float:
        """Seconds since the experiment began, those of earlier attempts included."""
        return round(self.before_s + self.elapsed, 2)
