"""Which models were checked since the libraries were upgraded; a check is asked for, and its finding kept."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import undefer

from beanft import audit, storage
from beanft.engine.errors import EngineError
from beanft.engine.learning.libraries import upgraded, versions_now
from beanft.extensions import db
from beanft.jobs import enqueue
from beanft.models import Experiment, Job, Run, TrainedModel
from beanft.models.jobs import UNFINISHED
from beanft.models.types import now

KIND = "verify"
"""The kind of the job that checks a model."""
_LIMIT_S = 3600.0
_GONE_WRONG = ("different", "broken")
_TRAINS = "A model is not checked while its experiment trains. Check it once the training has ended."
_TRAINED_MEANWHILE = (
    "The model was trained on while it was checked, so what was found is not true of it. Check it again once "
    "the training has ended."
)


class InTrainingError(Exception):
    """A model is not checked while its experiment trains; the message says so."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What is known of a model's numbers."""

    sentence: str
    """What the last check found; empty before the first."""
    upgrade: str
    """Libraries that were upgraded since the training or the last check, such as numpy 2.1 → 2.2."""
    is_wrong: bool
    """Whether the last check found trouble that was not mended."""
    checked_at: str
    """When, as ISO text; empty before the first check."""
    versions: dict[str, str]
    """Libraries of the last check, or of the training."""
    job: Job | None
    """The check that waits or runs."""

    def facts(self) -> dict[str, Any]:
        """Plain values for JSON."""
        names = ("sentence", "upgrade", "is_wrong", "checked_at", "versions")
        return {name: getattr(self, name) for name in names} | {"job": self.job.id if self.job else None}


def standing_of(*, model: TrainedModel) -> Standing:
    """Tell what is known of a model's numbers."""
    found = _finding(model)
    versions = _versions(model)
    return Standing(
        sentence=found.get("sentence", ""),
        upgrade=upgraded(versions, versions_now()),
        is_wrong=found.get("code") in _GONE_WRONG,
        checked_at=found.get("checked_at", ""),
        versions=versions,
        job=_job_under_way(model),
    )


def request_check(*, model: TrainedModel, user_id: int | None) -> Job:
    """Put the check of a model into the queue, unless one waits or runs already.

    Raises
    ------
    InTrainingError
        While its experiment trains, which may write the model anew.
    """
    lock = select(TrainedModel.id).where(TrainedModel.id == model.id).with_for_update()
    db.session.execute(lock)  # the other request of a double click waits here
    if _is_training(model):
        raise InTrainingError(_TRAINS)
    job = _job_under_way(model)
    if job is None:
        job = enqueue(
            kind=KIND,
            owner_id=model.owner_id,
            title=f"Checking the numbers of {model.run.title} for {model.run.experiment.target}"[:200],
            subject="model",
            subject_id=model.id,
            time_limit_s=_LIMIT_S,
        )
        audit.record(user_id=user_id, action="model-verify", subject=f"model {model.id}")
    db.session.commit()
    return job


def request_checks(*, every: bool = False) -> tuple[int, int]:
    """Have all models checked that were not since the libraries were upgraded; with `every` all there are.

    Models of experiments that train are passed over: their files are about to be written.

    Returns
    -------
    tuple of int
        Models whose check waits now, and models there are.
    """
    numbers, n_asked = list(db.session.scalars(select(TrainedModel.id).order_by(TrainedModel.id))), 0
    for number in numbers:
        model = db.session.get(TrainedModel, number)
        if model is None or _is_training(model):
            continue
        if every or upgraded(_versions(model), versions_now()):
            request_check(model=model, user_id=None)
            n_asked += 1
    return n_asked, len(numbers)


def in_trouble() -> list[TrainedModel]:
    """Models whose last check found numbers that differ, or a file that cannot be opened, and no way out."""
    checked = db.session.scalars(select(TrainedModel).where(TrainedModel.verified_json.is_not(None)))
    return [model for model in checked if _finding(model).get("code") in _GONE_WRONG]


def job_arguments(*, model: TrainedModel) -> dict[str, Any]:
    """What the engine needs to check a model, and to fit it again.

    Raises
    ------
    EngineError
        When its experiment began to train while the check waited.
    """
    if _is_training(model):
        raise EngineError(_TRAINS)
    run = model.run
    experiment = db.session.get_one(Experiment, run.experiment_id)
    runs = db.session.scalars(select(Run).where(Run.experiment_id == experiment.id))
    return {
        "folder": str(storage.folder(experiment.key)),
        "key": run.key,
        "file": model.file,
        "sha256": model.sha256,
        "table": str(storage.folder(experiment.version.key) / "table.parquet"),
        "profile": experiment.version.profile.to_dict(),
        "runs": {one.key: one.facts for one in runs},
        "weights": (experiment.result_json or {}).get("weights") or {},
        "choices": experiment.choices_json,
    }


def store_finding(*, model: TrainedModel, found: dict[str, Any]) -> None:
    """Keep what a check found; a model that was fitted again gets its new file.

    Raises
    ------
    EngineError
        When the model was trained anew meanwhile, or is being trained: then nothing is kept.
    """
    # The row alone: PostgreSQL locks none that an outer join may leave empty, as its run might be.
    db.session.refresh(model, with_for_update={"of": TrainedModel})
    if _is_training(model) or found["checked_sha256"] != model.sha256:
        _drop_file(model, found)
        raise EngineError(_TRAINED_MEANWHILE)
    model.verified_json = found | {"checked_at": now().isoformat()}
    if not found["file"]:
        return
    run = model.run
    if run.facts.get("file") == model.file:
        run.facts = run.facts | {"file": found["file"], "sha256": found["sha256"]}
    model.file, model.sha256 = found["file"], found["sha256"]


def _drop_file(model: TrainedModel, found: dict[str, Any]) -> None:
    """Remove the file that a check wrote and no row will name."""
    if found["file"] and found["file"] != model.file:
        (storage.folder(model.run.experiment.key) / found["file"]).unlink(missing_ok=True)


def _finding(model: TrainedModel) -> dict[str, Any]:
    """What the last check of a model found; nothing once the model was trained anew."""
    found = model.verified_json or {}
    is_of_it = found and (found["sha256"] or found["checked_sha256"]) == model.sha256
    return found if is_of_it else {}


def _versions(model: TrainedModel) -> dict[str, str]:
    """Libraries with which the model's numbers were last seen: at its check, or when it was trained."""
    found = _finding(model)
    if found:
        return dict(found["versions"])
    query = select(Experiment).options(undefer(Experiment.result_json))
    experiment = db.session.scalars(query.where(Experiment.id == model.run.experiment_id)).one()
    return dict((experiment.result_json or {}).get("versions") or {})


def _job_under_way(model: TrainedModel) -> Job | None:
    own = (Job.owner_id == model.owner_id) & (Job.subject == "model") & (Job.subject_id == model.id)
    return db.session.scalars(select(Job).where(own, Job.kind == KIND, Job.state.in_(UNFINISHED))).first()


def _is_training(model: TrainedModel) -> bool:
    job = model.run.experiment.job
    return job is not None and job.unfinished
