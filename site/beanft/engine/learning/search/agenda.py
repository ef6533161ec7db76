"""What a search tries next: the portfolio first, then variations of the best."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from scipy.stats import skew

from beanft.engine.learning.learners import LEARNER
from beanft.engine.learning.search.asked import Asked
from beanft.engine.learning.search.ledger import Ledger
from beanft.engine.learning.search.portfolio import TUNED, Candidate, portfolio, variation

_LAG = 2  # a variation looks at the runs up to so many before it, so that no process waits


def first_candidates(asked: Asked) -> list[Candidate]:
    """List what is tried before anything is varied.

    Parameters
    ----------
    asked : Asked
        What the search works on.

    Returns
    -------
    list of Candidate
        The baseline first.
    """
    question, y = asked.question, asked.question.y_train
    regression = question.task == "regression"
    return portfolio(
        question.task,
        asked.learners,
        asked.choices.settings,
        metric=question.metric,
        n_rows=len(y),
        n_classes=len(question.labels),
        skew=float(skew(y)) if regression else 0.0,
        least=float(y.min()) if regression else 0.0,
        by_time=any(feature.carried for feature in question.plan.features),
    )


class Agenda:
    """Hands out candidates, one at a time.

    Parameters
    ----------
    first : sequence of Candidate
        What is tried first, the baseline at its head.
    own : collection of str
        Learners whose settings the owner chose: they are not varied.
    n_variations : int
        Variations made at most.
    seed : int
        The same seed and the same runs give the same variations.
    """

    def __init__(
        self, first: Sequence[Candidate], *, own: Collection[str], n_variations: int, seed: int
    ) -> None:
        self.tried: list[Candidate] = []
        """Candidates handed out, in their order."""
        self._queue, self._own, self._seed = list(first), own, seed
        self._n_variations, self._n_varied = n_variations, 0

    def take_baseline(self) -> Candidate:
        """Hand out what everything is compared with, before anything else."""
        baseline = self._queue.pop(0)
        self.tried.insert(0, baseline)
        return baseline

    def take_over(self, facts: Mapping[str, Any]) -> None:
        """Count a run of an earlier attempt that this one does not list among the variations made."""
        if facts["learner"] not in LEARNER or facts["key"] in {one.key for one in self._queue}:
            return
        settings = facts.get("settings") or {}
        self.tried.append(Candidate(key=facts["key"], learner=facts["learner"], settings=settings))
        self._n_varied += 1

    def next(self, ledger: Ledger, at_work: Collection[str]) -> Candidate | None:
        """Hand out the next candidate.

        Parameters
        ----------
        ledger : Ledger
            The runs so far: the best are varied.
        at_work : collection of str
            Keys of the candidates that are being fitted.

        Returns
        -------
        Candidate or None
            None when there is nothing more, or a variation has to wait for the runs that it looks at.
        """
        made = self._queue.pop(0) if self._queue else self._varied(ledger, at_work)
        if made is not None:
            self.tried.append(made)
        return made

    def is_left(self, ledger: Ledger) -> bool:
        """Whether there is more to try, now or later."""
        can_vary = self._n_varied < self._n_variations and bool(self._variable(self.tried, ledger))
        return bool(self._queue) or can_vary

    def _varied(self, ledger: Ledger, at_work: Collection[str]) -> Candidate | None:
        if self._n_varied >= self._n_variations:
            return None
        settled = self.tried[: len(self.tried) - _LAG]
        if any(one.key in at_work for one in settled):
            return None
        ranked = sorted(self._variable(settled, ledger), key=lambda one: ledger.rank(one.key))
        made = variation(self._n_varied, ranked, self.tried, seed=self._seed)
        self._n_varied += 1
        return made

    def _variable(self, settled: Sequence[Candidate], ledger: Ledger) -> list[Candidate]:
        """Those that are ready and whose settings can be varied."""
        known = [one for one in settled if ledger.is_ready(one.key)]
        return [one for one in known if one.learner in TUNED and one.learner not in self._own]
