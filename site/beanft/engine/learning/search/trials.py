"""One candidate on its way through the folds, and the run that it becomes."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from beanft.engine.errors import EngineError
from beanft.engine.learning.evidence import Evidence
from beanft.engine.learning.learners import title_of
from beanft.engine.learning.question import Question
from beanft.engine.learning.search.fitting import Fitted
from beanft.engine.learning.search.portfolio import Candidate
from beanft.engine.plain import number


@dataclass
class Trial:
    """A candidate at work."""

    candidate: Candidate
    """What is tried."""
    started_s: float
    """Seconds since the experiment's start."""
    slice_s: float
    """Seconds that each fold may take."""
    n_parts: int
    """Folds."""
    fitted: dict[int, Fitted] = field(default_factory=dict)
    """What was fitted, by fold."""
    begun: int = 0
    """Folds begun."""
    memory_mb: int = 0
    """Most memory that a fold took."""

    @property
    def is_begun(self) -> bool:
        """Whether no fold waits."""
        return self.begun == self.n_parts

    @property
    def is_whole(self) -> bool:
        """Whether every fold was fitted."""
        return len(self.fitted) == self.n_parts

    @property
    def seconds(self) -> float:
        """Time that its folds took together."""
        return sum(one.seconds for one in self.fitted.values())

    @property
    def row_s(self) -> float:
        """Time that all its folds together take to predict a row."""
        return sum(one.row_s for one in self.fitted.values())

    @property
    def rounds(self) -> int:
        """Trees or rounds of a fold, the mean."""
        return round(float(np.mean([one.rounds for one in self.fitted.values()]))) if self.fitted else 0


class Unseen:
    """What is said of the development rows while they are not trained on; the mean where folds repeat."""

    def __init__(self, n_rows: int, n_classes: int) -> None:
        self._sum = np.zeros((n_rows, n_classes) if n_classes else n_rows)
        self._n = np.zeros(n_rows)

    def add(self, rows: np.ndarray, predicted: np.ndarray) -> None:
        """Note the predictions of one fold, for positions in the development rows."""
        self._sum[rows] += predicted
        self._n[rows] += 1

    def mean(self) -> np.ndarray:
        """Predictions of the rows that were tested, in their order."""
        tested = self._n > 0
        total, n = self._sum[tested], self._n[tested]
        result: np.ndarray = total / (n[:, None] if total.ndim == 2 else n)
        return result


def unseen_of(trial: Trial, question: Question) -> np.ndarray:
    """Put together what a trial said of the tested rows.

    Parameters
    ----------
    trial : Trial
        Whole.
    question : Question
        Its experiment.

    Returns
    -------
    array of shape (n_tested, n_classes) or (n_tested,)
        In the order of `Evidence.tested`.
    """
    unseen = Unseen(len(question.split.train), len(question.labels))
    for i, (_, test) in enumerate(question.folds.parts):
        unseen.add(test, trial.fitted[i].predicted)
    return unseen.mean()


def new_facts(key: str, learner: str, settings: dict[str, Any], question: Question) -> dict[str, Any]:
    """Begin the facts of a run.

    Parameters
    ----------
    key : str
        Names the run.
    learner : str
        Key of its learner.
    settings : dict
        Values of its settings.
    question : Question
        Its experiment.

    Returns
    -------
    dict
        Every key that the facts of a run have, most of them empty.
    """
    return {
        "part": "run",
        "key": key,
        "learner": learner,
        "title": _title(key, learner, settings, question.task),
        "task": question.task,
        "metric": question.metric,
        "state": "ready",
        "scores": [],
        "mean": None,
        "sd": None,
        "metrics": {},
        "interval": None,
        "better": None,
        "guess": None,
        "test_to_train": question.folds.test_to_train,
        "seconds": 0.0,
        "started_s": 0.0,
        "ended_s": 0.0,
        "memory_mb": 0,
        "error": None,
        "notes": [],
        "settings": settings,
        "rounds": 0,
        "file": None,
        "sha256": None,
        "role": "",
        "schema": None,
        "report": None,
    }


def facts_of(trial: Trial, question: Question) -> dict[str, Any]:
    """Begin the facts of the run that a trial becomes.

    Parameters
    ----------
    trial : Trial
        Whole or not.
    question : Question
        Its experiment.

    Returns
    -------
    dict
        As `new_facts`, with what its fits took so far.
    """
    candidate = trial.candidate
    facts = new_facts(candidate.key, candidate.learner, dict(candidate.settings), question)
    return facts | {
        "seconds": round(trial.seconds, 3),
        "started_s": trial.started_s,
        "memory_mb": trial.memory_mb,
        "rounds": trial.rounds,
        "row_s": trial.row_s,
        "fold_rounds": [trial.fitted[i].kept for i in sorted(trial.fitted)],
    }


def _title(key: str, learner: str, settings: dict[str, Any], task: str) -> str:
    """The learner's name, told apart from its other settings."""
    title = title_of(learner, task, str(settings.get("guess", "")))
    number = key.removeprefix(learner).lstrip("-")
    bent = " of the logarithm" if settings.get("log") else ""
    bent += {None: "", True: " beside a trend", False: " without a trend"}[settings.get("trend")]
    return f"{title} {number}{bent}" if number else f"{title}{bent}"


def by_fold(question: Question, evidence: Evidence, unseen: np.ndarray) -> list[np.ndarray]:
    """Take apart what was said of the tested rows.

    Parameters
    ----------
    question : Question
        The experiment.
    evidence : Evidence
        Its rows.
    unseen : array of shape (n_tested, n_classes) or (n_tested,)
        Predictions in the order of `Evidence.tested`.

    Returns
    -------
    list of array
        Predictions of the rows of each fold; where folds repeat, a row has the same one in each repeat.
    """
    place = np.full(len(evidence.y), -1)
    place[evidence.tested] = np.arange(len(evidence.tested))
    return [unseen[place[test]] for _, test in question.folds.parts]


def fold_scores(question: Question, said: list[np.ndarray]) -> dict[str, Any]:
    """Score what was said of the rows of each fold; a fold of one class only says nothing and is passed over.

    Parameters
    ----------
    question : Question
        The experiment.
    said : list of array
        Predictions of the rows of each fold.

    Returns
    -------
    dict
        scores of the headline, mean and sd, and metrics {key: {mean, sd}}; sd is None for a single fold.

    Raises
    ------
    EngineError
        The headline is not defined on every fold.
    """
    y = question.y_train
    tests = [test for _, test in question.folds.parts]
    telling = [i for i, test in enumerate(tests) if not question.labels or len(np.unique(y[test])) > 1]
    made: dict[str, Any] = {}
    for metric in question.metrics:
        values = [metric.of(y[tests[i]], said[i]) for i in telling]
        made[metric.key] = values
    scores = made[question.metric]
    if not scores or not np.isfinite(scores).all():
        raise EngineError(
            f"{question.headline.title} is not defined on every fold. Choose another metric, or fewer folds."
        )
    metrics = {key: _summary(values) for key, values in made.items()}
    return {"scores": [float(score) for score in scores], "metrics": metrics} | metrics[question.metric]


def _summary(values: list[float]) -> dict[str, float | None]:
    spread = number(float(np.std(values, ddof=1))) if len(values) > 1 else None
    return {"mean": number(float(np.mean(values))), "sd": spread}
