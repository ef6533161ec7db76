"""What depends on a model, and its deletion with its files, predictions and explanations."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import or_, select

from beanft import audit, storage
from beanft.database import count_rows
from beanft.engine.learning.learners import BASELINE, ENSEMBLE
from beanft.extensions import db
from beanft.jobs import StillRunningError, cancel, require_ended
from beanft.models import Batch, Champion, Explanation, Job, Run, TrainedModel
from beanft.models.types import now

DELETED = "model_deleted_at"
"""Name in `Run.facts` of the moment at which the model of a run was deleted."""
_EVIDENCE = ("oof.npy", "holdout.npy")  # what the run said of unseen rows: its place on the board hangs on it


@dataclass(frozen=True, kw_only=True)
class Dependents:
    """What goes with a model, and what loses by it."""

    n_batches: int
    """Batches of predictions."""
    n_explanations: int
    """Explanations that were asked for."""
    n_models: int
    """Models that the experiment keeps beside it."""
    role: str
    """final, simple or empty, as in `TrainedModel.role`."""
    is_champion: bool
    """Whether it is the champion of its dataset today."""
    is_baseline: bool
    """Whether the other models of the experiment are compared with it."""
    is_remade: bool
    """Whether training on makes it again."""
    ensemble_share: float | None
    """Its weight in the ensemble of its experiment; None when it has none."""
    size_bytes: int
    """Bytes on disk that become free."""
    unfinished: tuple[Job, ...]
    """Work under way that has to end first."""

    def facts(self) -> dict[str, Any]:
        """Plain values for JSON."""
        names = ("n_batches", "n_explanations", "n_models", "is_champion", "is_baseline", "ensemble_share")
        return {name: getattr(self, name) for name in (*names, "size_bytes")} | {
            "role": self.role or None,
            "unfinished": [job.id for job in self.unfinished],
        }


def find_dependents(*, model: TrainedModel) -> Dependents:
    """Gather what depends on a model."""
    batches = db.session.scalars(select(Batch.key).where(Batch.model_id == model.id)).all()
    return Dependents(
        n_batches=len(batches),
        n_explanations=count_rows(select(Explanation.id).where(Explanation.model_id == model.id)),
        n_models=count_rows(_beside(model)),
        role=model.role,
        is_champion=count_rows(_reigns(model)) > 0,
        is_baseline=model.run.learner == BASELINE,
        is_remade=model.run.learner in (BASELINE, ENSEMBLE),
        ensemble_share=_ensemble_share(model),
        size_bytes=sum(path.stat().st_size for path in _files(model)) + storage.used_bytes(batches),
        unfinished=tuple(_unfinished(model)),
    )


def delete_model(*, model: TrainedModel, user_id: int) -> None:
    """Delete a model with its files, predictions and explanations; its run keeps its place on the board.

    Raises
    ------
    StillRunningError
        While its training, or a prediction with it, is under way; or while a check, a report or an export
        that this ended has not stopped yet.
    """
    require_ended(_unfinished(model))
    end_side_work(models=[model])
    require_ended(_unfinished(model))  # each cancel ended a transaction: something may have begun meanwhile
    batches = db.session.scalars(select(Batch).where(Batch.model_id == model.id)).all()
    keys, paths, number, run = [batch.key for batch in batches], _files(model), model.id, model.run
    # An explanation that still runs is left to whoever runs it.
    jobs = [job for job in jobs_of(model=model) if not job.unfinished]
    run.facts = run.facts | {DELETED: now().isoformat()}
    for row in (*batches, model):
        db.session.delete(row)
    db.session.flush()  # its explanations and exports go with it, and let go of their jobs
    for job in jobs:
        db.session.delete(job)
    audit.record(user_id=user_id, action="model-delete", subject=f"model {number}")
    db.session.commit()
    for path in paths:  # after the commit: a crash here leaves files without a row, never a row without files
        path.unlink(missing_ok=True)
    for key in keys:
        storage.remove(key)


def _files(model: TrainedModel) -> list[Path]:
    """Everything on disk that is of this model: its file, that of the folds, what was made from it."""
    folder, mine = storage.folder(model.run.experiment.key), f"{model.run.key}."
    kept = {mine + name for name in _EVIDENCE}
    found = folder.iterdir() if folder.is_dir() else ()
    return [path for path in found if path.name.startswith(mine) and path.name not in kept]


def jobs_of(*, model: TrainedModel) -> Sequence[Job]:
    """Jobs that predicted with the model, explained it or made something of it."""
    batches = select(Batch.job_id).where(Batch.model_id == model.id)
    explanations = select(Explanation.job_id).where(Explanation.model_id == model.id)
    tried = select(Batch.id).where(Batch.model_id == model.id)
    return db.session.scalars(
        select(Job).where(
            Job.owner_id == model.owner_id,
            or_(
                Job.id.in_(batches),
                Job.id.in_(explanations),
                (Job.subject == "batch") & Job.subject_id.in_(tried),
                (Job.subject == "model") & (Job.subject_id == model.id),
            ),
        )
    ).all()


def _unfinished(model: TrainedModel) -> list[Job]:
    """Work under way that its owner has to end: the training, and predictions."""
    training = model.run.experiment.job
    predicting = [job for job in jobs_of(model=model) if job.subject == "batch"]
    return [job for job in ([training] if training else []) + predicting if job.unfinished]


def end_side_work(*, models: Sequence[TrainedModel]) -> None:
    """Cancel explanations, checks, reports and exports that are under way: nobody wants them any more.

    Raises
    ------
    StillRunningError
        While one that writes files beside a model's has not stopped yet: it would put some back.
    """
    for job in [job for model in models for job in jobs_of(model=model) if job.unfinished]:
        if job.subject != "model":  # its number may be another model's one day, and it must not point there
            job.subject, job.subject_id = "", None
        cancel(job_id=job.id)
    for job in [job for model in models for job in jobs_of(model=model)]:
        if job.subject == "model" and job.unfinished:
            raise StillRunningError(
                f"“{job.title}” has been told to end, which takes a few seconds. Then delete once more."
            )


def _beside(model: TrainedModel) -> Any:
    own = (Run.experiment_id == model.run.experiment_id) & (TrainedModel.id != model.id)
    return select(TrainedModel.id).join(TrainedModel.run).where(own)


def _reigns(model: TrainedModel) -> Any:
    return select(Champion.id).where(Champion.model_id == model.id, Champion.ended_at.is_(None))


def _ensemble_share(model: TrainedModel) -> float | None:
    """The weight of a run in the ensemble of its experiment, where that still has its model."""
    same = (Run.experiment_id == model.run.experiment_id) & (Run.learner == ENSEMBLE)
    ensemble = db.session.scalar(select(Run).join(Run.model).where(same))
    weights = (ensemble.facts.get("settings") or {}).get("weights") or {} if ensemble else {}
    share: float | None = weights.get(model.run.key)
    return share
