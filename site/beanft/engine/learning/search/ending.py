"""After the search: weigh the runs together, open the locked rows once, and learn from all rows."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from beanft.engine.checks.training.asked import Asked as Suspicion
from beanft.engine.checks.training.look import FAILED, look_after
from beanft.engine.checks.training.outcome import Outcome, Scored
from beanft.engine.checks.training.unlooked import for_failure
from beanft.engine.findings import Finding
from beanft.engine.learning import files
from beanft.engine.learning.cutting import ALL, DEVELOPMENT
from beanft.engine.learning.judging.confirmed import Confirmation, confirm
from beanft.engine.learning.judging.references import Reference, best_column, rule
from beanft.engine.learning.judging.verdict import Verdict
from beanft.engine.learning.learners import BASELINE, ENSEMBLE
from beanft.engine.learning.predict import predict_rows
from beanft.engine.learning.reports.make import make_report
from beanft.engine.learning.search.bag import Bag
from beanft.engine.learning.search.crew import Done
from beanft.engine.learning.search.ledger import fresh_name
from beanft.engine.learning.search.refit import Refit, begin_again, rounds_in
from beanft.engine.learning.search.search import Search
from beanft.engine.learning.search.side import Task, side_by_side
from beanft.engine.learning.search.tried import curve_of
from beanft.engine.learning.search.weighing import weigh_runs
from beanft.engine.learning.truth_words import truth_words
from beanft.engine.learning.uncertainty.leaving import leave
from beanft.engine.tables.columns import Profile

_REPORT_S = 30.0  # that a report, or what a model's intervals need, may take also beyond the time
_ASKED_S = 600.0  # that a part of the locked rows may take before it is asked here, without a limit
_LEAST_S = 3.0  # given to what has to be done even when the time is over
_OVER = 0.05  # of the budget, by which the end may be late
_IMPORTANCE_S, _IMPORTANCE_SHARE = 4.0, 0.25  # seconds at most, and share of the time left
_CURVE_SHARE = 0.5  # of the time left that the learning curve may take
_ROWS_ASKED = 1_000  # of a new model, before its uncertainty is known

_log = logging.getLogger(__name__)


class Ending:
    """What is done once no further candidate is tried.

    Parameters
    ----------
    search : Search
        Ended; its crew is idle.
    profile : Profile
        Profile of the table.
    suspicion : Suspicion
        The question as the checks see it.
    looks, looks_own : int
        How often the locked rows were opened before, by all and by this experiment.
    """

    def __init__(
        self, search: Search, profile: Profile, suspicion: Suspicion, *, looks: int, looks_own: int
    ) -> None:
        self.search, self.ledger, self.checks = search, search.ledger, search.checks
        self.profile, self.suspicion = profile, suspicion
        self.question, self.evidence = search.question, search.asked.evidence
        self.looks, self.looks_own = looks, looks_own
        self.weights: dict[str, float] = {}
        self.reference_words: dict[str, dict[str, str]] = {}

    def run(self) -> dict[str, Any]:
        """Do it all; give what is known of the experiment as plain values."""
        # a wish that comes after the search has ended stopped nothing
        is_stopped = self.search.was_cut and self.search.progress.stopping()
        if self.checks.pending is not None:  # the search ended before the checks had their turn
            self.checks.take(self._side({"look": self.checks.pending}).get("look", FAILED))
        self.weights = weigh_runs(self.search, say=partial(self._say, "Weighing the runs together"))
        verdict = self.ledger.judge.verdict()
        facts: dict[str, Any] = {"verdict": verdict.facts(), "final": None, "simple": None}
        facts["stopped"] = is_stopped
        final = self._final(verdict)
        if final is None or self.ledger.runs[BASELINE]["state"] != "ready":
            return facts
        simple = verdict.simplest if verdict.simplest != final else None
        models = {key: self.ledger.model(key) for key in dict.fromkeys((final, simple)) if key is not None}
        judged = self._open(models, final, simple, verdict)
        optimism = self.ledger.judge.optimism()
        facts |= {
            "final": final,
            "simple": simple,
            "verdict": judged.verdict.facts(),
            "judged": judged.facts()
            | {"optimism": optimism.facts() if optimism else None, "words": self.reference_words},
            "weights": self.weights,
            "checked": True,
            "looked": list(self.checks.looked),
        } | self._counted()
        self.search.progress.record({"part": "verdict", "verdict": facts["verdict"]})
        self._look_after(final, judged)
        return facts | self._last_things(models, final, simple)

    def _counted(self) -> dict[str, int]:
        return {"looks": self.looks + 1, "looks_own": self.looks_own + 1}

    def _final(self, verdict: Verdict) -> str | None:
        """The run that is recommended, whatever it is worth: the ensemble unless one is shown to be better.

        The best of many runs owes a part of its rank to luck, which the ensemble's own score does not have.
        Where one is shown to be better than guessing, none that is not takes its place.
        """
        ranking = self.ledger.judge.ranking
        if ENSEMBLE in ranking and verdict.best in (None, ENSEMBLE):
            return ENSEMBLE
        if ENSEMBLE in verdict.tied_with_best:
            return ENSEMBLE
        return verdict.best or (ranking[0] if ranking else None)

    def _open(
        self, models: dict[str, dict[str, Any]], final: str, simple: str | None, verdict: Verdict
    ) -> Confirmation:
        """Open the locked rows, once, for what was chosen and for simple guesses."""
        self._say("Opening the locked rows")
        # told before it happens: a look is a look, even if the training is killed in the middle of it
        self.search.progress.record({"part": "opened", **self._counted()})
        question = self.question
        locked = question.X.iloc[question.split.holdout]
        if question.folds.growing:  # the folds' models have not seen the newest development rows
            for key in models:
                self._refit_development(key, models[key])
        for key, model in models.items():
            self.evidence.save_holdout(key, self._ask(model, locked))
        guess = predict_rows(self.ledger.model(BASELINE), locked)
        self.evidence.save_holdout(BASELINE, guess)
        references = {"baseline": guess} | self._references(locked)
        return confirm(self.evidence, final, simple, references, verdict=verdict, looks=self.looks + 1)

    def _ask(self, model: dict[str, Any], rows: pd.DataFrame) -> np.ndarray:
        """Predict rows by all processes: a model of many trees takes a while, and no fit is under way."""
        cuts = np.array_split(np.arange(len(rows)), self.search.crew.n)
        parts = {
            str(i): partial(predict_rows, model, rows.iloc[cut]) for i, cut in enumerate(cuts) if len(cut)
        }
        said = self._side(parts, limits=dict.fromkeys(parts, _ASKED_S))
        return np.concatenate([said[i] if i in said else ask() for i, ask in parts.items()])

    def _refit_development(self, key: str, model: dict[str, Any]) -> None:
        made = self._again(key, self.question.split.train)
        if made is not None:
            model["estimator"] = made
            self._save(key, model, DEVELOPMENT)

    def _references(self, locked: pd.DataFrame) -> dict[str, np.ndarray]:
        """What the best single column and a rule of depth 2 say of the locked rows."""
        question = self.question
        X, y = question.X.iloc[question.split.train], question.y_train
        in_words = partial(rule, labels=question.labels, words=truth_words(self.profile))

        def said(find: Callable[..., Reference]) -> tuple[np.ndarray, dict[str, Any]]:
            found = find(X, y, question.task, len(question.labels), question.seed)
            return found.predict(locked), {"name": found.name, "sentence": found.sentence}

        made = self._side({"best_column": partial(said, best_column), "rule": partial(said, in_words)})
        self.reference_words = {name: words for name, (_, words) in made.items()}
        return {name: predicted for name, (predicted, _) in made.items()}

    def _look_after(self, final: str, judged: Confirmation) -> None:
        """Run the checks that need the scores."""
        metric, facts = self.question.metric, self.ledger.runs[final]
        outcome = Outcome(
            metric=metric,
            title=facts["title"],
            folds=_scored(facts["interval"]),
            holdout=_scored(judged.final["metrics"].get(metric)),
            baseline=_scored(judged.references["baseline"]["metrics"].get(metric)),
        )
        found: dict[str, tuple[Finding, ...]] = self._side(
            {"look": partial(look_after, self.suspicion, outcome)}
        )
        self.checks.add(found.get("look", (for_failure(("what the scores give away",)),)))

    def _last_things(
        self, models: Mapping[str, dict[str, Any]], final: str, simple: str | None
    ) -> dict[str, Any]:
        """Make the reports, learn from all rows, draw the learning curve, as far as time allows."""
        self._say("Writing the reports")
        reports: dict[str, Any] = {}
        work = {key: partial(self._report, key, model) for key, model in models.items()}
        tasks = self._tasks(work, reports, limits={final: _REPORT_S})
        everything = np.arange(len(self.question.y))
        whole = self._again(final, everything, tasks, beside_s=len(models) * self._importance_s)
        judged = {key: model["estimator"] for key, model in models.items()}
        if whole is not None:
            models = dict(models) | {final: models[final] | {"estimator": whole, "all_rows": True}}
            self._save(final, models[final], ALL)
        self._say(_KNOWS_ALL if whole is not None else self._knows_less())
        trust = {key: partial(self._trust, key, model, judged[key]) for key, model in models.items()}
        self._side(trust, limits=dict.fromkeys(trust, _REPORT_S))
        draw = curve_of(self.search, share=_CURVE_SHARE)
        drawn = self._side({"curve": draw}).get("curve") if draw else None
        if draw is None:
            self._say("No time was left for the learning curve")
        for key, role in ((final, "final"), (simple, "simple")):
            if key is not None:
                self._retell(key, role, reports.get(key), all_rows=whole is not None and key == final)
        return {"learning_curve": drawn.facts() if drawn is not None else None}

    def _knows_less(self) -> str:
        percent = round(100 * len(self.question.split.train) / len(self.question.y))
        return f"No time was left to learn from the locked rows too: the model knows {percent} % of the rows"

    def _again(
        self,
        key: str,
        rows: np.ndarray,
        beside: Sequence[Task] = (),
        *,
        beside_s: float = 0.0,
    ) -> Bag | None:
        """Fit a run, or those that an ensemble weighs, on more rows, beside other tasks.

        None when the time does not suffice; the other tasks are done whatever happens.
        """
        weights = self.weights if key == ENSEMBLE else {key: 1.0}
        wanted = [_wanted(self.ledger.runs[one], weight) for one, weight in weights.items()]
        spare_s = self._asking_s(weights) if beside else 0.0
        again = begin_again(self.search, wanted, rows, beside_s=beside_s, spare_s=spare_s)
        if again is not None:
            all_rows = len(rows) == len(self.question.y)
            what = "all rows, the locked ones too" if all_rows else "all development rows"
            self._say(f"Learning from {what}")
        side_by_side(self.search.crew, [*beside, *(again.tasks() if again else ())])
        return again.bag() if again else None

    @property
    def _importance_s(self) -> float:
        """Seconds for the importance of the columns, which is most of a report."""
        return min(_IMPORTANCE_S, max(1.0, _IMPORTANCE_SHARE * self.search.clock.left))

    def _asking_s(self, keys: Collection[str]) -> float:
        """Seconds for asking a model of these runs some rows, before its uncertainty can be told."""
        n_rows = min(_ROWS_ASKED, len(self.question.y))
        row_s = sum(float(self.ledger.runs[key].get("row_s", 0.0)) for key in keys)
        return min(n_rows * row_s, _OVER * self.search.clock.budget_s)

    def _report(self, key: str, model: dict[str, Any]) -> dict[str, Any]:
        question, evidence = self.question, self.evidence
        development = question.X.iloc[question.split.train[evidence.tested]].reset_index(drop=True)
        locked = question.X.iloc[question.split.holdout].reset_index(drop=True)
        return make_report(
            evidence,
            key,
            development,
            title=self.ledger.runs[key]["title"],
            profile=self.profile,
            model=model,
            locked=locked,
            importance_s=self._importance_s,
        )

    def _trust(self, key: str, model: dict[str, Any], judged: Bag) -> None:
        """Keep how far a model's predictions can be trusted."""
        split, X = self.question.split, self.question.X
        leave(self.evidence, key, model, X.iloc[split.train], X.iloc[split.holdout], judged=judged)

    def _save(self, key: str, model: dict[str, Any], rows: str) -> None:
        """Keep a model that learned from more rows beside that of the folds.

        If the search is taken up again, only the one that has not seen the locked rows may be judged on them
        and weighed with others.
        """
        facts = self.ledger.runs[key]
        facts.setdefault("unseen_model", {name: facts[name] for name in ("file", "sha256", "notes")})
        facts["file"] = fresh_name(self.search.asked.folder, f"{key}.more")
        facts["again"] = {"rows": rows, "rounds": rounds_in(model["estimator"])}
        facts["sha256"] = files.save(self.search.asked.folder / facts["file"], model)
        self.ledger.keep_vectors(key, model, facts["sha256"])

    def _retell(self, key: str, role: str, report: dict[str, Any] | None, *, all_rows: bool) -> None:
        """Hand a run over again, with its role and its report."""
        facts = self.ledger.runs[key]
        if all_rows:
            facts["notes"] = [*facts["notes"], _ALL_ROWS]
        self.search.progress.record(facts | {"role": role, "report": report})

    def _side(
        self, work: Mapping[str, Callable[[], Any]], limits: Mapping[str, float] | None = None
    ) -> dict[str, Any]:
        """Do things side by side; one that fails is missing, and its failure is in the log."""
        made: dict[str, Any] = {}
        side_by_side(self.search.crew, self._tasks(work, made, limits))
        return made

    def _tasks(
        self,
        work: Mapping[str, Callable[[], Any]],
        made: dict[str, Any],
        limits: Mapping[str, float] | None = None,
    ) -> list[Task]:
        """Prepare things whose results go into `made`; `limits` are seconds that they have at least."""

        def take(done: Done) -> None:
            if done.error is None:
                made[done.key] = done.result
            else:
                _log.warning("%s failed: %r", done.key, done.error)

        def limit_s(key: str) -> float:
            return max(self._limit_s(), (limits or {}).get(key, 0.0))

        return [
            Task(key=key, work=one, limit_s=partial(limit_s, key), take=take) for key, one in work.items()
        ]

    def _limit_s(self) -> float:
        """Seconds that one more thing may take, so that the whole ends about when it was promised."""
        clock = self.search.clock
        return max(_LEAST_S, clock.left + _OVER * clock.budget_s)

    def _say(self, sentence: str) -> None:
        clock = self.search.clock
        share = min(0.99, clock.elapsed / clock.budget_s) if clock.budget_s else 0.99
        self.search.progress(share, sentence)
        self.search.progress.record({"part": "log", "s": clock.shown, "sentence": f"{sentence}."})


def _wanted(facts: Mapping[str, Any], weight: float) -> Refit:
    """A run as it is to be fitted again."""
    return Refit(
        learner=facts["learner"],
        settings=facts["settings"],
        weight=weight,
        rounds=facts["rounds"],
        seconds=facts["seconds"],
    )


def _scored(interval: Mapping[str, Any] | None) -> Scored | None:
    if not interval or any(interval.get(name) is None for name in ("value", "low", "high")):
        return None
    return Scored(value=interval["value"], low=interval["low"], high=interval["high"])


_KNOWS_ALL = "It has learned from all rows, with the same settings"
_ALL_ROWS = (
    "After it was judged it learned once more, from all rows with the same settings, the locked ones too: "
    "its scores are those of the model before, which had not seen them."
)
