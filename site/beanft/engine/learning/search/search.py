"""The search: strong settings first, then variations of the best, fold by fold, until the time ends."""

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from beanft.engine.errors import EngineError
from beanft.engine.learning.cutting import is_joint
from beanft.engine.learning.search.agenda import Agenda, first_candidates
from beanft.engine.learning.search.asked import Asked
from beanft.engine.learning.search.bag import Bag, Fold
from beanft.engine.learning.search.checks import LOOK, Checks
from beanft.engine.learning.search.clock import GRACE, Clock
from beanft.engine.learning.search.crew import Crew, Done
from beanft.engine.learning.search.fitting import Fitted, Terms, fit_fold, joint_rounds
from beanft.engine.learning.search.ledger import Ledger
from beanft.engine.learning.search.material import Material
from beanft.engine.learning.search.memory import too_large
from beanft.engine.learning.search.pace import Pace
from beanft.engine.learning.search.portfolio import Candidate
from beanft.engine.learning.search.saying import plain_error
from beanft.engine.learning.search.trials import Trial, by_fold, facts_of, fold_scores, unseen_of
from beanft.engine.progress import Progress

_WAIT_S = 0.2
_PATIENCE_S = 3.0  # after its end the search waits so long for fits that are about to stop
_ROWS_REPORTED = 3_000  # that reports and intervals ask the model about, beside the locked ones
_STOP_S = 8.0  # for what has to be done once somebody asked to stop
_CUT_SHORT = "Its share of the time ended before it was done; more time may help it."

_log = logging.getLogger(__name__)


class Search:
    """Tries candidates and hands over each run as soon as it is there.

    The agenda says what is tried next, the pace how long it may take, the crew fits it, and the ledger keeps
    the run that it becomes.

    Parameters
    ----------
    asked : Asked
        What it works on.
    material : Material
        Rows as arrays, encoded.
    crew : Crew
        Idle.
    clock : Clock
        Time of the experiment.
    checks : Checks
        They look at the rows once the first scores are there.
    progress : Progress
        Told of each run.
    done : sequence of mapping
        Facts of the runs of an earlier attempt; they are not tried again.
    """

    def __init__(
        self,
        asked: Asked,
        material: Material,
        crew: Crew,
        clock: Clock,
        checks: Checks,
        progress: Progress,
        done: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self.asked, self.question = asked, asked.question
        self.material, self.crew, self.clock = material, crew, clock
        self.checks, self.progress = checks, progress
        self.ledger = Ledger(asked, clock, progress)
        self.was_cut = False
        """Whether time, not the list of candidates, ended it, or shortened a fit."""
        self._agenda = Agenda(
            first_candidates(asked),
            own=asked.choices.settings,
            n_variations=asked.n_variations,
            seed=self.question.seed,
        )
        self._pace = Pace(
            clock,
            self.ledger,
            self.question.folds,
            n_processes=crew.n,
            n_asked=len(self.question.split.holdout) + min(_ROWS_REPORTED, len(self.question.y)),
        )
        self._trials: dict[str, Trial] = {}  # at work
        self._terms = Terms(
            task=self.question.task,
            n_classes=len(self.question.labels),
            n_native=material.n_native,
            n_days=material.n_days,
            balanced=asked.choices.class_weights == "balanced",
            n_folds=len(self.question.folds.parts),
            joint=self.is_joint,
        )
        crew.learn(self._fit)
        for facts in filter(self.ledger.is_of_today, done):
            self.ledger.take_over(dict(facts))
            self._agenda.take_over(facts)

    @property
    def is_joint(self) -> bool:
        """Whether the number of trees is found over all folds together."""
        return is_joint(len(self.question.folds.parts), len(self.question.y_train))

    def run(self) -> None:
        """Try candidates until the list or the time ends, or somebody asks to stop; the baseline always."""
        self._run_baseline()
        try:
            self._try_others()
        finally:
            self.crew.end_within(float("inf"))
            self.crew.forget()

    def _run_baseline(self) -> None:
        """Fit what everything is compared with: it takes no time, and is there however little there is."""
        trial = self._trial(self._agenda.take_baseline())
        trial.fitted = {i: self._fit(trial.candidate, i, trial.slice_s) for i in range(trial.n_parts)}
        self._finish(trial)

    def _try_others(self) -> None:
        while not self._must_stop():
            self.crew.end_within(self._pace.left)  # the more is fitted, the sooner it ends
            while self.crew.is_free and self._begin_next():
                pass
            if self.crew.is_idle:
                self.was_cut = self.was_cut or bool(self._trials) or self._is_left
                self._give_up()
                return
            for done in self.crew.ended(_WAIT_S):
                self._settle(done)
            self._tell()
        self.was_cut = True
        self.crew.dismiss()
        self._give_up()

    def _must_stop(self) -> bool:
        if self.progress.stopping():
            self.clock.end_within(_STOP_S)
            return True
        return self._pace.left < -_PATIENCE_S

    @property
    def _is_left(self) -> bool:
        """Whether there was more to try when the time ended."""
        return self._agenda.is_left(self.ledger) and self._pace.left <= 0

    def _begin_next(self) -> bool:
        """Begin the next fold of the candidate at work, or of the next one; False when nothing can begin."""
        if self.checks.begin(self.crew, len(self.ledger.runs)):
            return True
        waiting = next((trial for trial in self._trials.values() if not trial.is_begun), None)
        if waiting is None:
            waiting = self._next_trial()
        if waiting is None or self._pace.left <= 0:
            return False  # a fold that begins now could only be a stump
        self._begin_fold(waiting)
        return True

    def _begin_fold(self, trial: Trial) -> None:
        i, slice_s = trial.begun, self._pace.of_fold(trial.slice_s)
        trial.begun += 1
        self.crew.begin(
            (trial.candidate.key, i),
            partial(self._fit, trial.candidate, i, slice_s),
            limit_s=slice_s * GRACE[0] + GRACE[1],
        )

    def _fit(self, candidate: Candidate, i: int, slice_s: float) -> Fitted:
        return fit_fold(
            candidate.learner,
            candidate.settings,
            self._terms,
            self.material.rows(i),
            seed=self.question.seed + i,
            slice_s=slice_s,
            cut_later=self.is_joint,
        )

    def _next_trial(self) -> Trial | None:
        """The next candidate, the cheap ones settled at once; None when there is none, or it must wait."""
        while self._pace.left > 0:
            candidate = self._agenda.next(self.ledger, self._trials)
            if candidate is None:
                return None
            if candidate.key not in self.ledger.runs and self._is_worth_trying(candidate):
                trial = self._trials[candidate.key] = self._trial(candidate)
                return trial
        return None

    def _is_worth_trying(self, candidate: Candidate) -> bool:
        """Whether a candidate has the time and the memory that it needs."""
        if self._pace.is_hopeless(candidate.learner):
            self.was_cut = True
            return False
        refusal = too_large(
            candidate.learner,
            self.question.plan,
            n_rows=len(self.question.y_train),
            width=self.material.width,
            memory_mb=self.asked.memory_mb,
        )
        if refusal:
            self._fail(self._trial(candidate), EngineError(refusal))
        return not refusal

    def _trial(self, candidate: Candidate) -> Trial:
        n_parts = len(self.question.folds.parts)
        return Trial(
            candidate=candidate, started_s=self.clock.shown, slice_s=self._pace.slice_s, n_parts=n_parts
        )

    def _settle(self, done: Done) -> None:
        """Note a fold that ended; the last one of a candidate makes its run."""
        key, i = done.key
        if key == LOOK:
            self.checks.settle(done)
            return
        trial = self._trials.get(key)
        if trial is None:
            return  # another fold of it has failed meanwhile
        trial.memory_mb = max(trial.memory_mb, done.memory_mb)
        if done.error is not None:
            del self._trials[key]
            self._fail(trial, done.error)
            return
        trial.fitted[i] = done.result
        if trial.is_whole:
            del self._trials[key]
            self._finish(trial)

    def _finish(self, trial: Trial) -> None:
        """Make the run of a whole trial: scores, files, comparison; and hand it over."""
        fitted = [trial.fitted[i] for i in range(trial.n_parts)]
        try:
            self._cut_together(fitted)
        except EngineError as error:
            self._fail(trial, error)
            return
        facts = facts_of(trial, self.question)
        facts["notes"] = list(dict.fromkeys(note for one in fitted for note in one.notes))
        if any(one.was_cut for one in fitted):
            self.was_cut = True
            facts["notes"].append(_CUT_SHORT)
        unseen = unseen_of(trial, self.question)
        try:
            facts |= fold_scores(self.question, by_fold(self.question, self.asked.evidence, unseen))
        except EngineError as error:
            self._fail(trial, error)
            return
        self.ledger.hand_over(facts, unseen, self._bag(fitted))

    def _cut_together(self, fitted: Sequence[Fitted]) -> None:
        """Give every fold the same number of trees, where it is found over all of them."""
        losses = [one.losses for one in fitted if len(one.losses)]
        together = joint_rounds(losses) if len(losses) == len(fitted) else None
        for i, one in enumerate(fitted):
            if len(one.losses):
                one.cut(together or len(one.losses), self.material.checked(i))

    def _bag(self, fitted: Sequence[Fitted]) -> Bag:
        folds = [
            Fold(encoder=self.material.encoders[i], members=((1.0, one.member),))
            for i, one in enumerate(fitted)
        ]
        if self.question.folds.growing:  # the last fold has learned from the newest rows
            folds = folds[-1:]
        return Bag(coder=self.material.coder, layout=self.material.layout, folds=tuple(folds))

    def _fail(self, trial: Trial, error: BaseException) -> None:
        """Keep why a candidate failed; the others are not affected."""
        facts = facts_of(trial, self.question)
        _log.warning("%s failed: %r", facts["key"], error)
        self.ledger.keep(facts | {"state": "failed", "error": plain_error(facts["title"], error)})

    def _give_up(self) -> None:
        """Say of the candidates at work that their time was over."""
        why = "you ended the search" if self.progress.stopping() else "the time was spent"
        for trial in self._trials.values():
            told = f"Stopped after {len(trial.fitted)} of {trial.n_parts} folds: {why}."
            error = f"{told} Give more time to include it."
            self.ledger.keep(facts_of(trial, self.question) | {"state": "cancelled", "error": error})
        self._trials.clear()

    def _tell(self) -> None:
        """Say what is at work, and how many runs are ready."""
        at_work = [facts_of(trial, self.question)["title"] for trial in self._trials.values()]
        share = min(0.99, self.clock.elapsed / self.clock.budget_s) if self.clock.budget_s else 0.99
        doing = f"{' and '.join(at_work[:2])} at work, " if at_work else ""
        self.progress(share, f"{doing}{len(self.ledger.ready)} ready")
