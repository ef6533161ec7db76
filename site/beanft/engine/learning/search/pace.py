"""How a search shares its time out: when it ends, what a fold may take, and what is not worth beginning."""

from beanft.engine.learning.search.clock import SHORTEST_S, SLICE, WEIGHED, Clock, search_end
from beanft.engine.learning.search.ledger import Ledger
from beanft.engine.learning.split import Folds

_SHORTEST_FOLD_S = 0.05
_WORTH = 0.4  # of the time that a learner needed before; with less a fit says nothing of its settings


class Pace:
    """The time of a search.

    Parameters
    ----------
    clock : Clock
        Time of the experiment.
    ledger : Ledger
        The runs so far: what is good will be fitted again at the end.
    folds : Folds
        What each candidate is fitted on.
    n_processes : int
        Fits at the same time.
    n_asked : int
        Rows that the chosen model is asked about at the end.
    """

    def __init__(self, clock: Clock, ledger: Ledger, folds: Folds, *, n_processes: int, n_asked: int) -> None:
        self._clock, self._ledger, self._n_processes = clock, ledger, n_processes
        self._n_asked = n_asked
        self._n_parts, self._growing = len(folds.parts), folds.growing

    @property
    def end(self) -> float:
        """Seconds since the clock began at which the search ends, so that the rest finds its time."""
        twice = 2 if self._growing else 1  # once more without the locked rows
        best = self._ledger.ready[:WEIGHED]
        again = twice * sum(facts["seconds"] for facts in best) / self._n_processes
        # a run of an earlier release does not tell how long it takes to ask
        asked = self._n_asked * sum(facts.get("row_s", 0.0) for facts in best) / self._n_processes
        return search_end(self._clock.budget_s, again, asked)

    @property
    def left(self) -> float:
        """Seconds until the search ends; below 0 afterwards."""
        return self.end - self._clock.elapsed

    @property
    def slice_s(self) -> float:
        """Seconds that each fold of a candidate may take that begins now."""
        share = 1.0 if self._n_parts < self._n_processes else SLICE
        return max(SHORTEST_S, share * self.left) / self._waves

    def of_fold(self, slice_s: float) -> float:
        """Seconds for a fold that begins now, of those that its candidate was given for each."""
        return max(_SHORTEST_FOLD_S, min(slice_s, self.left))

    def is_hopeless(self, learner: str) -> bool:
        """Whether the time left is so short that fits would be cut far below what their learner needed."""
        took = [facts["seconds"] for facts in self._ledger.ready if facts["learner"] == learner]
        return bool(took) and self.left / self._waves < _WORTH * (min(took) / self._n_parts)

    @property
    def _waves(self) -> int:
        """How often the processes begin anew until all folds of a candidate are done."""
        return -(-self._n_parts // self._n_processes)
