"""The search: strong settings first, then variations of the best, fold by fold, until the time ends."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import skew

from beanft.engine.errors import EngineError
from beanft.engine.findings import Finding
from beanft.engine.learning import files
from beanft.engine.learning.choices import Choices
from beanft.engine.learning.cutting import is_joint
from beanft.engine.learning.evidence import Evidence
from beanft.engine.learning.exports.vectors import keep_vectors, make_vectors, places_in
from beanft.engine.learning.judging.judge import Judge
from beanft.engine.learning.learners import BASELINE, LEARNER
from beanft.engine.learning.libraries import versions_now
from beanft.engine.learning.question import Question
from beanft.engine.learning.schema import brief
from beanft.engine.learning.search.bag import Bag, Fold
from beanft.engine.learning.search.clock import GRACE, SHORTEST_S, SLICE, WEIGHED, Clock, search_end
from beanft.engine.learning.search.crew import Crew, Done
from beanft.engine.learning.search.fitting import Fitted, Terms, fit_fold, joint_rounds
from beanft.engine.learning.search.material import Material
from beanft.engine.learning.search.portfolio import TUNED, Candidate, portfolio, variation
from beanft.engine.learning.search.saying import plain_error, pooled
from beanft.engine.learning.search.trials import Trial, by_fold, fold_scores, new_facts, unseen_of
from beanft.engine.learning.written import written
from beanft.engine.progress import Progress

_WAIT_S = 0.2
_LAG = 2  # a variation looks at the runs up to so many before it, so that no process waits
_FACTOR = {"boosting": 3.0, "lightgbm": 2.0, "extra_trees": 3.0, "random_forest": 3.0, "network": 4.0}
_LINEAR_FACTOR = 5.0  # copies of the matrix in 64 bits that a fit makes
_BYTES = 4
_PATIENCE_S = 3.0  # after its end the search waits so long for fits that are about to stop
_LOOK = "look"
_LOOK_S = 30.0
_WORTH = 0.4  # of the time that a learner needed before; with less a fit says nothing of its settings
_STOP_S = 8.0  # for what has to be done once somebody asked to stop
_FIRST_RUNS = 3  # the baseline and two learners: what people wait for

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the search works on."""

    question: Question
    """The experiment made ready."""
    evidence: Evidence
    """Its rows and truth, saved."""
    choices: Choices
    """Class weights and settings."""
    schema: list[dict[str, Any]]
    """The columns as a form needs them."""
    target: str
    """Column to predict."""
    folder: Path
    """Where files go."""
    learners: tuple[str, ...]
    """Keys of the learners asked for."""
    n_variations: int
    """Variations tried at most."""
    memory_mb: float
    """Memory that one fit may use."""


class Search:
    """Tries candidates and hands over each run as soon as it is there.

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
        progress: Progress,
        done: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self.asked, self.question = asked, asked.question
        self.material, self.crew, self.clock, self.progress = material, crew, clock, progress
        self.judge = Judge(asked.evidence)
        self.runs: dict[str, dict[str, Any]] = {}
        """Facts of the runs by key, in the order in which they ended."""
        self.candidates: list[Candidate] = []
        self.was_cut = False
        """Whether time, not the list of candidates, ended it, or shortened a fit."""
        self._trials: dict[str, Trial] = {}
        self._n_varied = 0
        self.unlooked: Callable[[], tuple[Finding, ...]] | None = None
        """The checks before training, until they have looked."""
        self._is_looking = False
        self._findings: list[dict[str, Any]] = []
        self._terms = Terms(
            task=self.question.task,
            n_classes=len(self.question.labels),
            n_native=material.n_native,
            balanced=asked.choices.class_weights == "balanced",
            n_folds=len(self.question.folds.parts),
            joint=self.is_joint,
        )
        self._queue = self._portfolio()
        for facts in done:
            self._take_over(dict(facts))

    def run(self) -> None:
        """Try candidates until the list or the time ends, or somebody asks to stop; the baseline always."""
        self._run_baseline()
        try:
            self._try_others()
        finally:
            self.crew.end_within(float("inf"))

    def _try_others(self) -> None:
        while True:
            if self._must_stop():
                self.was_cut = True
                self.crew.dismiss()
                self._give_up()
                return
            self.crew.end_within(self._end - self.clock.elapsed)  # the more is fitted, the sooner it ends
            while self.crew.is_free and self._begin_next():
                pass
            if self.crew.is_idle:
                self.was_cut = self.was_cut or bool(self._trials) or self._is_left
                self._give_up()
                return
            for done in self.crew.ended(_WAIT_S):
                self._settle(done)
            self._tell()

    def _run_baseline(self) -> None:
        """Fit what everything is compared with: it takes no time, and is there however little there is."""
        candidate = self._queue.pop(0)
        trial = self._trial(candidate)
        trial.fitted = {i: self._fit(candidate, i, trial.slice_s) for i in range(trial.n_parts)}
        self.candidates.insert(0, candidate)
        self._finish(trial)

    @property
    def _is_left(self) -> bool:
        """Whether there was more to try when the time ended."""
        more = bool(self._queue) or (
            self._n_varied < self.asked.n_variations and any(self._varied(self.candidates))
        )
        return more and self.clock.elapsed >= self._end

    @property
    def is_joint(self) -> bool:
        """Whether the number of trees is found over all folds together."""
        return is_joint(len(self.question.folds.parts), len(self.question.y_train))

    @property
    def _end(self) -> float:
        """Seconds since the clock began at which the search ends, so that the rest finds its time."""
        best = sorted(
            (facts for facts in self.runs.values() if facts["state"] == "ready"), key=self._rank_of
        )[:WEIGHED]
        twice = 2 if self.question.folds.growing else 1  # once more without the locked rows
        again = twice * sum(facts["seconds"] for facts in best) / self.crew.n
        return search_end(self.clock.budget_s, again)

    def _must_stop(self) -> bool:
        if self.progress.stopping():
            self.clock.end_within(_STOP_S)
            return True
        return self.clock.elapsed > self._end + _PATIENCE_S

    def _portfolio(self) -> list[Candidate]:
        y = self.question.y_train
        regression = self.question.task == "regression"
        return portfolio(
            self.question.task,
            self.asked.learners,
            self.asked.choices.settings,
            metric=self.question.metric,
            n_rows=len(y),
            n_classes=len(self.question.labels),
            skew=float(skew(y)) if regression else 0.0,
            least=float(y.min()) if regression else 0.0,
        )

    def _begin_next(self) -> bool:
        """Begin the next fold of the candidate at work, or of the next one; False when nothing can begin."""
        if self.unlooked is not None and not self._is_looking and len(self.runs) >= _FIRST_RUNS:
            self._begin_look()
            return True
        waiting = next((trial for trial in self._trials.values() if not trial.is_begun), None)
        if waiting is None:
            waiting = self._next_trial()
        if waiting is None or self.clock.elapsed >= self._end:
            return False  # a fold that begins now could only be a stump
        i = waiting.begun
        waiting.begun += 1
        slice_s = max(0.05, min(waiting.slice_s, self._end - self.clock.elapsed))
        self.crew.begin(
            (waiting.candidate.key, i),
            partial(self._fit, waiting.candidate, i, slice_s),
            limit_s=slice_s * GRACE[0] + GRACE[1],
        )
        return True

    def _fit(self, candidate: Candidate, i: int, slice_s: float) -> Fitted:
        return fit_fold(
            candidate.learner,
            candidate.settings,
            self._terms,
            self.material.rows(i),
            seed=self.question.seed + i,
            slice_s=slice_s,
        )

    def _next_trial(self) -> Trial | None:
        """The next candidate, the cheap ones settled at once; None when there is none, or it must wait."""
        while self.clock.elapsed < self._end:
            candidate = self._next_candidate()
            if candidate is None:
                return None
            self.candidates.append(candidate)
            if candidate.key in self.runs:
                continue
            trial = self._trial(candidate)
            if self._is_hopeless(trial):
                self.was_cut = True
                continue
            refusal = self._too_large(candidate)
            if refusal:
                self._failed(trial, EngineError(refusal))
                continue
            self._trials[candidate.key] = trial
            return trial
        return None

    def _next_candidate(self) -> Candidate | None:
        if self._queue:
            return self._queue.pop(0)
        if self._n_varied >= self.asked.n_variations:
            return None
        settled = self.candidates[: len(self.candidates) - _LAG]
        if any(one.key in self._trials for one in settled):
            return None  # it waits for the runs that it looks at
        ranked = sorted(self._varied(settled), key=self._rank)
        made = variation(self._n_varied, ranked, self.candidates, seed=self.question.seed)
        self._n_varied += 1
        return made

    def _varied(self, settled: Sequence[Candidate]) -> list[Candidate]:
        """Those that are ready and whose settings can be varied."""
        known = [one for one in settled if self.runs.get(one.key, {}).get("state") == "ready"]
        own = self.asked.choices.settings
        return [one for one in known if one.learner in TUNED and one.learner not in own]

    def _rank(self, candidate: Candidate) -> float:
        return self._rank_of(self.runs[candidate.key])

    def _rank_of(self, facts: Mapping[str, Any]) -> float:
        mean = pooled(facts)
        return -mean if self.question.headline.greater_is_better else mean

    def _trial(self, candidate: Candidate) -> Trial:
        n_parts = len(self.question.folds.parts)
        waves = -(-n_parts // self.crew.n)
        share = 1.0 if n_parts < self.crew.n else SLICE
        slice_s = max(SHORTEST_S, share * (self._end - self.clock.elapsed)) / waves
        return Trial(candidate=candidate, started_s=self.clock.shown, slice_s=slice_s, n_parts=n_parts)

    def _is_hopeless(self, trial: Trial) -> bool:
        """Whether the time left is so short that fits would be cut far below what their learner needed."""
        left = (self._end - self.clock.elapsed) / -(-trial.n_parts // self.crew.n)
        took = [
            facts["seconds"] / trial.n_parts
            for facts in self.runs.values()
            if facts["learner"] == trial.candidate.learner and facts["state"] == "ready"
        ]
        return bool(took) and left < _WORTH * min(took)

    def _too_large(self, candidate: Candidate) -> str:
        """Why a fit would not fit into memory, told before it is begun; empty when it does."""
        learner = LEARNER[candidate.learner]
        n_rows = min(len(self.question.y_train), learner.max_rows or len(self.question.y_train))
        linear = candidate.learner not in _FACTOR or candidate.learner == "network"
        width = self.question.plan.shown_width if linear else self.material.width
        factor = _FACTOR.get(candidate.learner, _LINEAR_FACTOR) * (2 if linear else 1)
        needed_mb = n_rows * width * _BYTES * factor / (1 << 20)
        if needed_mb <= self.asked.memory_mb:
            return ""
        return (
            f"It would need about {needed_mb:,.0f} MB for {n_rows:,} rows and {width:,} parts, and has "
            f"{self.asked.memory_mb:,.0f} MB. Choose fewer columns, or leave it out."
        )

    def _settle(self, done: Done) -> None:
        """Note a fold that ended; the last one of a candidate makes its run."""
        key, i = done.key
        if key == _LOOK:
            self._looked(done)
            return
        trial = self._trials.get(key)
        if trial is None:
            return  # another fold of it has failed meanwhile
        trial.memory_mb = max(trial.memory_mb, done.memory_mb)
        if done.error is not None:
            del self._trials[key]
            self._failed(trial, done.error)
            return
        trial.fitted[i] = done.result
        if trial.is_whole:
            del self._trials[key]
            self._finish(trial)

    def _begin_look(self) -> None:
        assert self.unlooked is not None  # noqa: S101 -- for mypy: asked by both callers
        self._is_looking = True
        self.crew.begin((_LOOK, 0), self.unlooked, limit_s=_LOOK_S)

    def _looked(self, done: Done) -> None:
        self.unlooked = None
        if done.error is None:
            self.add_findings(done.result)
        else:
            _log.warning("the checks failed: %r", done.error)

    def _finish(self, trial: Trial) -> None:
        """Make the run of a whole trial: scores, files, comparison; and hand it over."""
        fitted = [trial.fitted[i] for i in range(trial.n_parts)]
        if all(len(one.losses) for one in fitted):
            rounds = joint_rounds([one.losses for one in fitted])
            for i, one in enumerate(fitted):
                one.cut(rounds, self.material.rows(i)[2])
        facts = self._facts(trial)
        facts["notes"] = list(dict.fromkeys(note for one in fitted for note in one.notes))
        if any(one.was_cut for one in fitted):
            self.was_cut = True
            facts["notes"].append("Its share of the time ended before it was done; more time may help it.")
        unseen = unseen_of(trial, self.question)
        try:
            facts |= fold_scores(self.question, by_fold(self.question, self.asked.evidence, unseen))
        except EngineError as error:
            self._failed(trial, error)
            return
        self.hand_over(facts, unseen, self._bag(fitted))

    def hand_over(self, facts: dict[str, Any], unseen: np.ndarray, bag: Bag, **more: Any) -> None:
        """Keep what a run left, compare it with the others, and tell.

        Parameters
        ----------
        facts : dict
            Facts of the run, with its scores.
        unseen : array of shape (n_tested, n_classes) or (n_tested,)
            What it said of rows that it had not learned from.
        bag : Bag
            Its model.
        **more
            Further parts of the model file.
        """
        key = facts["key"]
        self.asked.evidence.save_oof(key, unseen)
        facts |= self.compared(facts, unseen)
        name = f"{key}.joblib"
        facts["file"], facts["oof"] = name, f"{key}.oof.npy"
        content = self.content(facts, bag) | more
        facts["sha256"] = files.save(self.asked.folder / name, content)
        self.keep_vectors(key, content, facts["sha256"])
        facts["schema"] = self._brief()
        facts["ended_s"] = self.clock.shown
        self._keep(facts)

    def keep_vectors(self, key: str, content: Mapping[str, Any], sha256: str) -> None:
        """Keep what a model says of some rows, so that it can be told one day whether it still says so.

        Parameters
        ----------
        key : str
            Key of the run.
        content : mapping
            What its model file holds.
        sha256 : str
            Digest of that file.
        """
        rows = places_in(len(self.question.y))
        try:
            made = make_vectors(content, self.question.X.iloc[rows], self.question.rows[rows], sha256)
        except EngineError as error:  # it says nothing of these rows; the run itself was judged on others
            _log.warning("no test vectors of %s: %s", key, error)
        else:
            keep_vectors(self.asked.folder, key, made)

    def _brief(self) -> dict[str, Any]:
        """What pages show of the columns and classes of a model."""
        return {"columns": brief(self.asked.schema), "labels": list(self.question.labels)}

    def compared(self, facts: Mapping[str, Any], unseen: np.ndarray) -> dict[str, Any]:
        """Compare a run with the others: its interval, and whether it is better than the baseline."""
        baseline = self.runs.get(BASELINE)
        return {"guess": baseline["mean"] if baseline else None} | self.judge.add(
            facts["key"],
            title=facts["title"],
            learner=facts["learner"],
            predicted=unseen,
            scores=facts["scores"],
            test_to_train=facts["test_to_train"],
            seconds=facts["seconds"],
        )

    def content(self, facts: Mapping[str, Any], bag: Bag) -> dict[str, Any]:
        """What a model file holds."""
        question = self.question
        return {
            "estimator": bag,
            "schema": self.asked.schema,
            "target": self.asked.target,
            "task": question.task,
            "labels": question.labels,
            "learner": facts["learner"],
            "title": facts["title"],
            "seed": question.seed,
            "calibration": None,
            "versions": versions_now(),
        }

    def _bag(self, fitted: list[Fitted]) -> Bag:
        folds = [
            Fold(encoder=self.material.encoders[i], members=((1.0, one.member),))
            for i, one in enumerate(fitted)
        ]
        if self.question.folds.growing:  # the last fold has learned from the newest rows
            folds = folds[-1:]
        return Bag(coder=self.material.coder, layout=self.material.layout, folds=tuple(folds))

    def _facts(self, trial: Trial) -> dict[str, Any]:
        candidate = trial.candidate
        facts = new_facts(candidate.key, candidate.learner, dict(candidate.settings), self.question)
        return facts | {
            "seconds": round(trial.seconds, 3),
            "started_s": trial.started_s,
            "memory_mb": trial.memory_mb,
            "rounds": trial.rounds,
            "fold_rounds": [trial.fitted[i].kept for i in sorted(trial.fitted)],
        }

    def _failed(self, trial: Trial, error: BaseException) -> None:
        """Keep why a candidate failed; the others are not affected."""
        facts = self._facts(trial)
        _log.warning("%s failed: %r", facts["key"], error)
        facts |= {"state": "failed", "error": plain_error(facts["title"], error), "ended_s": self.clock.shown}
        self._keep(facts)

    def _give_up(self) -> None:
        """Say of the candidates at work that their time was over."""
        why = "you ended the search" if self.progress.stopping() else "the time was spent"
        for trial in self._trials.values():
            facts = self._facts(trial)
            told = f"Stopped after {len(trial.fitted)} of {trial.n_parts} folds: {why}."
            facts |= {"state": "cancelled", "error": f"{told} Give more time to include it."}
            self._keep(facts | {"ended_s": self.clock.shown})
        self._trials.clear()

    def _keep(self, facts: dict[str, Any]) -> None:
        self.runs[facts["key"]] = facts
        self.progress.record(facts)
        self.tell_verdict()
        self.progress.record({"part": "log", "s": self.clock.shown, "sentence": self._sentence(facts)})

    def look(self, work: Callable[[], tuple[Finding, ...]]) -> None:
        """Let the checks look at the rows, once the first scores are there.

        Parameters
        ----------
        work : callable
            Takes nothing, gives findings.
        """
        self.unlooked = work

    def add_findings(self, found: Sequence[Finding]) -> None:
        """Hand over what the checks found so far."""
        self._findings += [asdict(finding) for finding in found]
        self.progress.record({"part": "findings", "findings": self._findings})
        self.progress.record({"part": "checked", "checked": True})

    def tell_verdict(self) -> None:
        """Hand over how the runs stand against each other."""
        self.progress.record({"part": "verdict", "verdict": self.judge.verdict().facts()})

    def _sentence(self, facts: Mapping[str, Any]) -> str:
        error = str(facts["error"])
        if facts["state"] == "cancelled":  # it stands in the row of its learner, and names none
            return f"{facts['title']}: {error[:1].lower()}{error[1:]}"
        if facts["state"] != "ready":
            return error
        title = self.question.headline.title
        scored = f"{facts['title']} scored {title} {written(pooled(facts))}"
        # the sum over the folds, which ran side by side: more than had passed on the clock
        return f"{scored} in {facts['seconds']:.1f} s of computing."

    def _take_over(self, facts: dict[str, Any]) -> None:
        """Count a run of an earlier attempt among those of this one."""
        if facts["state"] == "ready":
            self.compared(facts, self.asked.evidence.oof(facts["key"]))
            facts |= {"schema": self._brief(), "role": ""} | facts.pop("unseen_model", {})
            facts.pop("again", None)
        self.runs[facts["key"]] = facts
        if facts["key"] not in {one.key for one in self._queue}:
            candidate = Candidate(
                key=facts["key"], learner=facts["learner"], settings=facts.get("settings") or {}
            )
            if candidate.learner in LEARNER:
                self.candidates.append(candidate)
                self._n_varied += 1

    def _tell(self) -> None:
        at_work = [self._facts(trial)["title"] for trial in self._trials.values()]
        share = min(0.99, self.clock.elapsed / self.clock.budget_s) if self.clock.budget_s else 0.99
        n_ready = sum(facts["state"] == "ready" for facts in self.runs.values())
        doing = f"{' and '.join(at_work[:2])} at work, " if at_work else ""
        self.progress(share, f"{doing}{n_ready} ready")
