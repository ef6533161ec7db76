"""The judge of an experiment: gives each run its interval, and all of them together a verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from beanft.engine.claims import ALPHA
from beanft.engine.learning.evidence import Evidence
from beanft.engine.learning.judging.comparing import (
    Comparison,
    family_p,
    least_p,
    paired,
    seen_in_folds,
    shortfall_p,
)
from beanft.engine.learning.judging.differences import Side, within_reach
from beanft.engine.learning.judging.draws import Draws, clusters_of
from beanft.engine.learning.judging.guess import pooled_guess
from beanft.engine.learning.judging.intervals import few_decide
from beanft.engine.learning.judging.optimism import Optimism, optimism_of
from beanft.engine.learning.judging.simplicity import simplicity
from beanft.engine.learning.judging.verdict import (
    Standing,
    Verdict,
    better_sentence,
    empty,
    guessing_sentence,
)
from beanft.engine.learning.learners import BASELINE
from beanft.engine.learning.metrics import METRIC

_PERFECT = 0.998  # of 1, or of the way from guessing to no error at all; honest tables rarely get there


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """What the judge keeps of a run."""

    key: str
    title: str
    learner: str
    value: float
    drawn: np.ndarray
    pairing: np.ndarray
    left_out: np.ndarray
    interval: dict[str, float | None]
    note: str
    scores: tuple[float, ...]
    test_to_train: float
    seconds: float


class Judge:
    """Judges the runs of an experiment by what they said of rows while these were unseen.

    Every score is that of all tested rows pooled, and the same bootstrap draws of them (of groups, or blocks
    of time, where rows were cut by these) serve all runs, so that differences pair. A difference is claimed
    only when both tests see it: the draws, which know how few rows there are but take the fitted models as
    given, and, from three folds on, the corrected t-test of Nadeau and Bengio over the folds, which knows how
    models change with their training rows but has little to go by. (By time the folds grow and differ in
    strength: there one of the two must be ahead in every fold.) Why both: in simulations with real
    trainings the draws alone called equal learners different in 7 to 11 % of tables (100 to 500 rows) and
    eight learners of noise better than guessing in 10 % (60 rows); both together in 1 to 3 % and in 2 to 6 %.

    Parameters
    ----------
    evidence : Evidence
        The rows of the experiment and how they were cut.
    """

    def __init__(self, evidence: Evidence) -> None:
        tested = evidence.tested
        order = None if evidence.order is None else evidence.order[tested]
        clusters = clusters_of(evidence.by, order)
        self.metric = METRIC[evidence.metric]
        self._evidence = evidence
        self.draws = Draws(evidence.y[tested], clusters=clusters, seed=evidence.seed)
        self._sign = 1 if self.metric.greater_is_better else -1
        self._least_p = least_p(
            evidence.y[tested], classes=evidence.task == "classification", clusters=clusters
        )
        self._entries: dict[str, _Entry] = {}

    def add(
        self,
        key: str,
        *,
        title: str,
        learner: str,
        predicted: np.ndarray,
        scores: Sequence[float],
        test_to_train: float,
        seconds: float,
    ) -> dict[str, Any]:
        """Take a run in; the baseline comes first.

        Parameters
        ----------
        key : str
            Key of the run; a run of the same key is replaced.
        title : str
            Name shown.
        learner : str
            Key of its learner; BASELINE for the baseline.
        predicted : array of shape (n_tested, n_classes) or (n_tested,)
            What it said of the tested rows while they were unseen, in the order of `Evidence.tested`.
        scores : sequence of float
            Scores fold by fold.
        test_to_train : float
            Rows tested for each row trained on.
        seconds : float
            Time it took.

        Returns
        -------
        dict
            interval {value, low, high; note where a few rows decide the score} and better (facts of the
            comparison with the baseline, or None).
        """
        is_guess = learner == BASELINE
        if is_guess:
            predicted = pooled_guess(self._evidence, predicted)
        value, drawn = self.draws.scores(self.metric, predicted)
        note = "" if is_guess else few_decide(self.metric, self.draws.y, predicted)
        self._entries[key] = _Entry(
            key=key,
            title=title,
            learner=learner,
            value=value,
            drawn=drawn,
            pairing=self.draws.pairing(self.metric, predicted, drawn),
            left_out=self.draws.left_out(self.metric, predicted),
            interval=self.draws.interval(
                self.metric,
                value,
                drawn,
                pull=self.draws.pull(self.metric, predicted),
                is_guess=is_guess,
            ),
            note=note,
            scores=tuple(float(score) for score in scores),
            test_to_train=test_to_train,
            seconds=seconds,
        )
        interval = self._entries[key].interval
        return {
            "interval": interval | {"note": note} if note else interval,
            "better": self._better_facts(key),
        }

    def value(self, key: str) -> float:
        """Give the score of a run over all tested rows pooled, by which runs are ranked.

        Parameters
        ----------
        key : str
            Key of a run that was added.

        Returns
        -------
        float
            In the metric's unit; nan where it is not defined.

        Raises
        ------
        KeyError
            No such run was added.
        """
        return self._entries[key].value

    @property
    def ranking(self) -> list[str]:
        """Keys of all runs but the baseline with a score, the best first."""
        runs = [entry for entry in self._runs() if np.isfinite(entry.value)]
        return [entry.key for entry in sorted(runs, key=lambda entry: -self._sign * entry.value)]

    def verdict(self) -> Verdict:
        """Judge the runs that are there so far.

        Returns
        -------
        Verdict
            Better than guessing: the chance of a false claim is 5 % for all runs together. Tied with the
            best: a run as good as the best one is left out of the ties one time in twenty at most.
        """
        baseline = self._baseline
        if baseline is None:
            return empty("waiting", "There is nothing to compare yet: the baseline is not ready.")
        runs = self._runs()
        if not runs:
            return empty("baseline_only", "Only the baseline is ready, so there is nothing to compare yet.")
        shown = self._shown(runs, baseline)
        different = {run.key: shown[run.key] and self._seen_in_folds(run, baseline) for run in runs}
        ahead = {run.key: self._sign * (run.value - baseline.value) > 0 for run in runs}
        better = {run.key: different[run.key] and ahead[run.key] for run in runs}
        worse = [run.key for run in runs if different[run.key] and not ahead[run.key]]
        if not any(better.values()):
            titles = [run.title for run in runs if run.key in worse]
            unsteady = [run.title for run in runs if shown[run.key] and ahead[run.key]]
            return empty("guessing", guessing_sentence(titles, unsteady), better=better, worse=worse)
        return self._won([run for run in runs if better[run.key]], baseline, better, worse)

    def optimism(self) -> Optimism | None:
        """Estimate how much the best score owes to being picked as the best; None before there is a run."""
        runs = [entry for entry in self._runs() if np.isfinite(entry.value)]
        if not runs:
            return None
        return optimism_of(
            self.metric,
            values=np.array([run.value for run in runs]),
            drawn=np.stack([run.drawn for run in runs]),
            left_out=np.stack([run.left_out for run in runs]),
            interval=max(runs, key=lambda run: self._sign * run.value).interval,
            guess=self._baseline.value if self._baseline else None,
        )

    @property
    def _baseline(self) -> _Entry | None:
        return next((entry for entry in self._entries.values() if entry.learner == BASELINE), None)

    def _runs(self) -> list[_Entry]:
        return [entry for entry in self._entries.values() if entry.learner != BASELINE]

    def _better_facts(self, key: str) -> dict[str, Any] | None:
        entry, baseline = self._entries[key], self._baseline
        if baseline is None or entry.learner == BASELINE:
            return None
        found = self._paired(entry, baseline)
        better = found.clear and found.p <= ALPHA and self._seen_in_folds(entry, baseline)
        return found.facts() | {"better": better}

    def _paired(self, one: _Entry, other: _Entry) -> Comparison:
        drawn = self._sign * (one.pairing - other.pairing)
        difference = self._sign * (one.value - other.value)
        found = paired(difference, drawn, self.draws.error(drawn), self._least_p)
        own, beside = (Side.of(entry.interval, entry.pairing, self._sign) for entry in (one, other))
        return within_reach(found, own, beside, self.metric, self.draws.y)

    def _shown(self, runs: Sequence[_Entry], baseline: _Entry) -> dict[str, bool]:
        """Which runs the draws show to differ from the baseline, all looked at together."""
        found = [self._paired(run, baseline) for run in runs]
        drawn = np.stack([self._sign * (run.pairing - baseline.pairing) for run in runs])
        errors = np.array([self.draws.error(one) for one in drawn])
        p = family_p(np.array([one.difference for one in found]), drawn, errors)
        p = np.maximum(p, min(1.0, self._least_p * len(runs)))
        return {run.key: bool(p[i] <= ALPHA) for i, run in enumerate(runs)}

    def _seen_in_folds(self, one: _Entry, other: _Entry) -> bool:
        return seen_in_folds(
            one.scores,
            other.scores,
            greater_is_better=self.metric.greater_is_better,
            test_to_train=one.test_to_train,
            growing=self._evidence.by == "time",
        )

    def _won(
        self, winners: Sequence[_Entry], baseline: _Entry, better: dict[str, bool], worse: list[str]
    ) -> Verdict:
        ranked = sorted(winners, key=lambda run: -self._sign * run.value)
        best, tied = ranked[0], self._tied(ranked)
        equals = [best, *tied]
        simplest = min(equals, key=lambda run: simplicity(run.learner))  # of equally simple ones the best
        quickest = min(equals, key=lambda run: run.seconds)
        sentence = better_sentence(
            Standing(title=best.title, interval=best.interval),
            baseline.value,
            tied=[run.title for run in _a_learner_each(equals)],
            simplest=simplest.title,
            is_quickest=simplest is quickest,
            note=best.note,
        )
        return Verdict(
            code="better",
            sentence=sentence,
            best=best.key,
            better=better,
            worse=worse,
            tied_with_best=[run.key for run in tied],
            simplest=simplest.key,
            too_good=self._too_good(best, baseline),
        )

    def _tied(self, ranked: Sequence[_Entry]) -> list[_Entry]:
        """Runs not shown to be worse than the best, by rank; none that comes after one that is."""
        values = np.array([self._sign * run.value for run in ranked])
        drawn = np.stack([self._sign * run.pairing for run in ranked])
        p, tied = shortfall_p(values, drawn, self.draws.widened), []
        for i, run in enumerate(ranked[1:], start=1):
            if p[i] <= ALPHA and self._seen_in_folds(ranked[0], run):
                break
            tied.append(run)
        return tied

    def _too_good(self, best: _Entry, baseline: _Entry) -> bool:
        if self.metric.greater_is_better:
            return best.value >= _PERFECT
        return best.value <= (1 - _PERFECT) * baseline.value


def _a_learner_each(equals: Sequence[_Entry]) -> list[_Entry]:
    """The best run of each learner but that of the best of all, as the leaderboard shows them."""
    first = {run.learner: run for run in reversed(equals)}
    return [run for run in equals[1:] if first[run.learner] is run]
