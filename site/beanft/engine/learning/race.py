"""The learners of one question, one after another: scored on the same folds, fitted, reported and kept."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from beanft.engine.learning import answers, evaluate, files, report
from beanft.engine.learning.evaluate import Clock, Matrices
from beanft.engine.learning.evidence import evidence_of
from beanft.engine.learning.learners import BASELINE, LEARNER, Learner, title_of
from beanft.engine.learning.question import Question
from beanft.engine.learning.schema import brief, describe
from beanft.engine.learning.verdict import compare
from beanft.engine.progress import Progress
from beanft.engine.tables.columns import Profile

_SLOW_PREDICTION = 20_000  # learners with a lower limit of rows keep their rows and predict slowly

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class _Fitted:
    """A learner fitted on all development rows."""

    estimator: Pipeline
    report: dict[str, Any]


class Race:
    """The learners of one question, one after another."""

    def __init__(
        self,
        *,
        question: Question,
        profile: Profile,
        target: str,
        folder: Path,
        clock: Clock,
        progress: Progress,
    ) -> None:
        self.question, self.target, self.folder = question, target, folder
        self.clock, self.progress = clock, progress
        self.matrices = Matrices(question)
        self.evidence = evidence_of(question, folder, target)
        self.evidence.save()
        rows = question.X.iloc[question.split.train]
        self.schema = describe(
            rows, question.plan.features, {column.name: column for column in profile.columns}
        )
        self.baseline: dict[str, Any] = {}
        self.n_steps, self.step = 1, 0

    def run(self, learners: Sequence[Learner], done: frozenset[str]) -> list[dict[str, Any]]:
        """Run all; give the facts of those that are not done."""
        self.n_steps = len(learners) * (len(self.question.folds.parts) + 1)
        runs = []
        for i, learner in enumerate(learners):
            self.step = i * (len(self.question.folds.parts) + 1)
            if learner.key in done and learner.key != BASELINE:
                continue
            facts = self._one(learner)
            if learner.key == BASELINE:
                self.baseline = facts
            runs.append(facts)
            if learner.key not in done:
                self.progress.record(facts)
        self.progress(1.0, "Done")
        return runs

    def _one(self, learner: Learner) -> dict[str, Any]:
        """Cross-validate, fit and keep one learner; its failure is a fact, not an exception."""
        started, notes = time.monotonic(), list[str]()
        question = self.question
        facts: dict[str, Any] = {
            "key": learner.key,
            "learner": learner.key,
            "title": title_of(learner, question.task),
            "task": question.task,
            "metric": question.metric,
            "state": "ready",
            "scores": [],
            "mean": None,
            "sd": None,
            "metrics": {},
            "test_to_train": question.folds.test_to_train,
            "error": None,
            "notes": notes,
            "file": None,
            "sha256": None,
            "schema": None,
            "report": None,
            "settings": None,
            "guess": None,
            "better": None,
        }
        if self._out_of_time(learner):
            facts |= {"state": "cancelled", "error": f"Not started: {self._spent()}"}
        else:
            self._score(learner, facts, notes)
            if facts["state"] == "ready":
                self._keep(learner, facts, notes)
        return facts | {"seconds": round(time.monotonic() - started, 3)}

    def _score(self, learner: Learner, facts: dict[str, Any], notes: list[str]) -> None:
        n_folds, folds = len(self.question.folds.parts), []
        unseen = evaluate.Unseen(self.question)
        for i, fold in enumerate(evaluate.cross_validate(learner, self.matrices, notes, unseen)):
            if self._out_of_time(learner):
                facts |= {
                    "state": "cancelled",
                    "error": f"Stopped after {i} of {n_folds} folds: {self._spent()}",
                }
                return
            self.progress((self.step + i) / self.n_steps, f"{learner.title}, fold {i + 1} of {n_folds}")
            try:
                folds.append(fold())
            except Exception as raised:
                self._failed(learner, facts, raised)
                return
        facts |= _summary(folds, self.question)
        self.evidence.save_oof(learner.key, unseen.mean())

    def _keep(self, learner: Learner, facts: dict[str, Any], notes: list[str]) -> None:
        self.progress(
            (self.step + len(self.question.folds.parts)) / self.n_steps, f"{learner.title}, final fit"
        )
        try:
            fitted = self._fit_all(learner, notes)
        except Exception as error:
            self._failed(learner, facts, error)
            return
        name = f"{learner.key}.joblib"
        facts |= {
            "file": name,
            "sha256": files.save(self.folder / name, self._content(learner, fitted.estimator)),
            "schema": {"columns": brief(self.schema), "labels": list(self.question.labels)},
            "report": fitted.report,
            "settings": repr(fitted.estimator.named_steps["model"]),
        }
        if self.baseline.get("scores"):
            facts["guess"] = self.baseline["mean"]
            comparison = compare(
                facts["scores"],
                self.baseline["scores"],
                greater_is_better=self.question.headline.greater_is_better,
                test_to_train=facts["test_to_train"],
            )
            facts["better"] = comparison.facts()

    def _fit_all(self, learner: Learner, notes: list[str]) -> _Fitted:
        question, prepared = self.question, self.matrices.whole()
        model = evaluate.fit(learner, prepared.train, question.y_train, question, notes)
        n_classes = len(question.labels)

        def predict(X: np.ndarray) -> np.ndarray:
            return answers.predict(model, X, n_classes)

        guess = evaluate.fit(LEARNER[BASELINE], prepared.train, question.y_train, question, [])
        predicted, y = predict(prepared.test), question.y_holdout
        self.evidence.save_holdout(learner.key, predicted)
        baseline = answers.predict(guess, prepared.test, n_classes)
        facts: dict[str, Any] = {
            "holdout": report.holdout_scores(
                y, predicted, baseline, question.metrics, question.headline, question.seed
            ),
            "importance": report.importance(
                predict,
                prepared.test,
                y,
                prepared.preparation.spans_,
                question.headline,
                seed=question.seed,
                slow=learner.max_rows is not None and learner.max_rows <= _SLOW_PREDICTION,
            ),
        }
        if n_classes:
            facts["confusion"] = report.confusion(y, predicted, question.labels)
        else:
            facts |= report.residuals(y, predicted, question.seed)
        estimator = Pipeline([("prepare", prepared.preparation), ("model", model)])
        return _Fitted(estimator=estimator, report=facts)

    def _content(self, learner: Learner, estimator: Pipeline) -> dict[str, Any]:
        """What a model file holds."""
        question = self.question
        return {
            "estimator": estimator,
            "schema": self.schema,
            "target": self.target,
            "task": question.task,
            "labels": question.labels,
            "key": learner.key,
            "learner": learner.key,
            "title": title_of(learner, question.task),
            "seed": question.seed,
            "holdout": question.split.holdout,
            "versions": {name: version(name) for name in ("scikit-learn", "numpy", "pandas")},
        }

    def _failed(self, learner: Learner, facts: dict[str, Any], error: Exception) -> None:
        _log.warning("%s failed", learner.key, exc_info=error)
        facts |= {"state": "failed", "error": evaluate.plain_error(facts["title"], error)}

    def _out_of_time(self, learner: Learner) -> bool:
        return self.clock.spent and learner.key != BASELINE

    def _spent(self) -> str:
        return f"the time budget of {self.clock.budget_s:g} s was spent. Raise the budget to include it."


def _summary(folds: list[dict[str, float]], question: Question) -> dict[str, Any]:
    """Fold scores of the headline, and mean and spread of every metric."""
    scores = [fold[question.metric] for fold in folds]
    if not np.isfinite(scores).all():
        return {
            "state": "failed",
            "error": f"{question.headline.title} is not defined on every fold. Choose another metric.",
        }
    metrics = {}
    for metric in question.metrics:
        values = np.array([fold[metric.key] for fold in folds])
        metrics[metric.key] = {
            "mean": report.number(float(values.mean())),
            "sd": report.number(float(values.std(ddof=1))),
        }
    return {"scores": [float(score) for score in scores], "metrics": metrics} | metrics[question.metric]
