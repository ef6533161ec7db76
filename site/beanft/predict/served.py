"""What answering needs to know of a model in the database, and what guessing says beside it."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select

from beanft import storage
from beanft.agreed import Answered, answered_of, limits_of_model
from beanft.engine.errors import EngineError
from beanft.engine.learning import files
from beanft.engine.learning.inputs import check_records
from beanft.engine.learning.learners import BASELINE
from beanft.engine.learning.predict import predict_rows
from beanft.extensions import db
from beanft.models import Experiment, Job, Run, TrainedModel
from beanft.models.jobs import UNFINISHED

_KEPT = 512  # models whose guess and limits are remembered

COLUMNS = (
    select(
        TrainedModel.id,
        TrainedModel.file,
        TrainedModel.sha256,
        TrainedModel.threshold_json.label("threshold"),
        Run.key,
        Run.experiment_id,
        Experiment.key.label("folder"),
        Experiment.target,
        Experiment.task,
        Experiment.decisions_json.label("decisions"),
        Job.id.label("job_id"),
        Job.state.label("job_state"),
        Job.finished_at.label("job_finished_at"),
    )
    .join(TrainedModel.run)
    .join(Run.experiment)
    .outerjoin(Experiment.job)
)
"""What `served_by` asks for, and the question of the model."""


@dataclass(frozen=True, kw_only=True)
class Served:
    """A model as it answers."""

    id: int
    folder: Path
    """Its experiment's."""
    file: Path
    sha256: str
    key: str
    """Its run's."""
    threshold: dict[str, Any] | None
    """The one that its owner chose."""
    as_of: tuple[Hashable, ...] | None
    """Tells one training of its experiment from the next; None while one is under way."""
    answered: Answered
    """What was decided about the findings of its experiment."""


def served_by(row: Row[Any]) -> Served:
    """Take a row of COLUMNS."""
    as_of = (row.job_id, row.job_state, row.job_finished_at)
    answered = answered_of(row.experiment_id, row.decisions)
    return _served(row, row.key, row.folder, row.threshold, as_of, answered)


def served(model: TrainedModel) -> Served:
    """Take a model of the ORM."""
    experiment = model.run.experiment
    job = experiment.job
    as_of = (job.id, job.state, job.finished_at) if job else (None, None, None)
    answered = answered_of(experiment.id, experiment.decisions_json)
    return _served(model, model.run.key, experiment.key, model.threshold_json, as_of, answered)


def _served(
    model: Any,
    key: str,
    folder: str,
    threshold: dict[str, Any] | None,
    as_of: tuple[Any, Any, Any],
    answered: Answered,
) -> Served:
    path = storage.folder(folder)
    return Served(
        id=model.id,
        folder=path,
        file=path / model.file,
        sha256=model.sha256,
        key=key,
        threshold=threshold,
        as_of=None if as_of[1] in UNFINISHED else as_of,
        answered=answered,
    )


@dataclass(frozen=True, kw_only=True)
class Guess:
    """What a model is compared with: the baseline of its experiment, which looks at no column."""

    file: Path | None
    """None where the baseline is lost."""
    sha256: str
    better: bool | None
    """Whether the model beats guessing beyond chance; None where that is not known."""
    limits: tuple[str, ...]
    """What limits the meaning of the model's score, in sentences."""

    def said(self) -> dict[str, Any] | None:
        """What it says of every row; None while its file is lost."""
        if self.file is None:
            return None
        try:
            return _said(self.file, self.sha256)
        except EngineError:
            return None


def guess_beside(model: Served) -> Guess:
    """Find the guess beside a model, and what limits the meaning of its score.

    Remembered once the last training has ended, as long as that, the model's file and what was decided about
    findings are the same: until then both may still come.
    """
    if model.as_of is None:
        return _guess.__wrapped__(model.id, model.folder, model.answered)
    return _guess(model.id, model.folder, model.answered, model.sha256, *model.as_of)


@lru_cache(maxsize=_KEPT)
def _guess(model_id: int, folder: Path, answered: Answered, *_as_of: Hashable) -> Guess:
    model = db.session.get_one(TrainedModel, model_id)
    verdict = (model.run.experiment.result_json or {}).get("verdict") or {}
    better: bool | None = (verdict.get("better") or {}).get(model.run.key)
    limits = limits_of_model(model, answered).sentences
    beside = Run.experiment_id == model.run.experiment_id
    query = select(TrainedModel).join(TrainedModel.run).where(beside, Run.learner == BASELINE)
    baseline = db.session.scalar(query.limit(1))
    if baseline is None:
        return Guess(file=None, sha256="", better=better, limits=limits)
    return Guess(file=folder / baseline.file, sha256=baseline.sha256, better=better, limits=limits)


@lru_cache(maxsize=_KEPT)
def _said(file: Path, sha256: str) -> dict[str, Any]:
    opened = files.load(file, sha256)
    empty = check_records([{column["name"]: None for column in opened["schema"]}], opened["schema"])
    predicted = predict_rows(opened, empty.frame)
    chances = chances_of(opened["labels"], predicted[0]) if opened["labels"] else {}
    return {"prediction": next(iter(chances)) if chances else float(predicted[0]), "probabilities": chances}


def chances_of(labels: Sequence[str], shares: Any) -> dict[str, float]:
    """Classes with their probabilities, most likely first; none for numbers."""
    if not labels:
        return {}
    return dict(sorted(zip(labels, shares.tolist(), strict=True), key=lambda pair: -pair[1]))
