"""Which files were made of a model, and what a job is given to make one."""

from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from beanft import audit, quota, storage
from beanft.engine.learning.exports.kinds import KINDS
from beanft.extensions import db
from beanft.file_names import file_name
from beanft.jobs import enqueue
from beanft.models import Job, ModelFile, Run, TrainedModel

_LIMIT_S = 1800.0
_TITLES = {
    "skops": "Writing {title} as skops",
    "reproduce": "Writing how {title} was made",
    "onnx": "Writing {title} as ONNX",
}
_SAVED = ("threshold", "positive")
_ENDINGS = {"skops": "skops.zip", "reproduce": "reproduce.zip", "onnx": "onnx"}


def files_of(*, model: TrainedModel) -> dict[str, ModelFile]:
    """The files of a model by their kind, whatever became of them."""
    found = db.session.scalars(select(ModelFile).where(ModelFile.model_id == model.id))
    return {one.kind: one for one in found}


def make(*, model: TrainedModel, kind: str) -> ModelFile:
    """Have a file made, or made again; one that is being made already is left alone.

    Raises
    ------
    QuotaError
        The user has no room for it.
    """
    made = files_of(model=model).get(kind) or _add(model, kind)
    if made.job is None or not made.job.unfinished:
        quota.require(user_id=model.owner_id, n_bytes=_expected_bytes(model))
        _enqueue(made)
        audit.record(user_id=model.owner_id, action="export", subject=f"model {model.id}")
    db.session.commit()
    return made


def is_current(file: ModelFile) -> bool:
    """Whether the model is still the one that the file was made of."""
    return file.model_sha256 == file.model.sha256


def path_of(file: ModelFile) -> Path | None:
    """Where a file that is ready lies; None where there is none."""
    if file.state != "ready" or file.file is None:
        return None
    path = storage.folder(file.model.run.experiment.key) / file.file
    return path if path.is_file() else None


def download_name(file: ModelFile) -> str:
    """Name under which a file is saved."""
    run = file.model.run
    return file_name(f"{run.experiment.target}-{run.key}.{_ENDINGS[file.kind]}")


def file_of(*, job: Job) -> ModelFile | None:
    """The file that a job makes; None once the model was deleted."""
    return db.session.scalar(select(ModelFile).where(ModelFile.job_id == job.id))


def job_arguments(*, file: ModelFile) -> dict[str, Any]:
    """What the engine needs to make a file."""
    model = file.model
    run, experiment = model.run, model.run.experiment
    version, saved = experiment.version, model.threshold_json or {}
    table = storage.folder(version.key)
    runs = db.session.scalars(select(Run).where(Run.experiment_id == experiment.id))
    return {
        "kind": file.kind,
        "folder": str(storage.folder(experiment.key)),
        "key": run.key,
        "file": model.file,
        "sha256": model.sha256,
        "table": str(table / "table.parquet"),
        "profile": version.profile.to_dict(),
        "original": str(table / "original"),
        "source": {
            "name": version.original_name,
            "sha256": version.original_sha256,
            "parquet_sha256": version.parquet_sha256,
        },
        "runs": {one.key: one.facts for one in runs},
        "weights": (experiment.result_json or {}).get("weights") or {},
        "choices": experiment.choices_json,
        "threshold": {name: saved[name] for name in ("threshold", "positive")}
        if saved.get("positive")
        else None,
        "title": f"{experiment.target} by {run.title}",
    }


def store_result(*, file: ModelFile, result: dict[str, Any]) -> None:
    """Keep what was made; the queue commits it together with the job's state."""
    file.file, file.sha256, file.size_bytes = result["file"], result["sha256"], result["size_bytes"]
    file.facts_json = result


def _expected_bytes(model: TrainedModel) -> int:
    """About what a file takes: as much as the model's own."""
    path = storage.folder(model.run.experiment.key) / model.file
    return path.stat().st_size if path.is_file() else 0


def _add(model: TrainedModel, kind: str) -> ModelFile:
    if kind not in KINDS:
        raise KeyError(kind)
    made = ModelFile(owner_id=model.owner_id, model=model, kind=kind, model_sha256=model.sha256)
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError:  # the other request of the two was a moment quicker
        return files_of(model=model)[kind]
    return made


def _enqueue(file: ModelFile) -> None:
    before, model = file.job, file.model
    file.job = enqueue(
        kind="export",
        owner_id=file.owner_id,
        title=_TITLES[file.kind].format(title=model.run.title),
        subject="model",
        subject_id=model.id,
        time_limit_s=_LIMIT_S,
    )
    file.model_sha256, file.facts_json, file.file = model.sha256, None, None
    if before is not None:
        db.session.flush()  # the file lets go of it first
        db.session.delete(before)
