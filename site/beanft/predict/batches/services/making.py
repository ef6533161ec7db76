"""A batch is made of a file or a dataset, and its prediction queued."""

from collections.abc import Iterable, Set
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import contains_eager

from beanft import audit, file_names, jobs, once, quota, storage
from beanft.database import release_locks
from beanft.engine.errors import EngineError
from beanft.engine.learning.batches.fitting import has_columns
from beanft.engine.learning.uncertainty.kept import checked_level
from beanft.extensions import db, settings
from beanft.models import ApiToken, Batch, Dataset, Experiment, Job, TrainedModel, Upload, Version
from beanft.predict.batches.services.results import has_results, original_path, predictions_path
from beanft.predict.batches.words import sheet_fault
from beanft.predict.services import file_of

_CHOICES = 200  # versions of datasets that a form offers


def create_batch(
    *,
    model: TrainedModel,
    user_id: int,
    name: str,
    chunks: Iterable[bytes],
    form_key: str = "",
    sheet: str = "",
    level: float = 0.9,
    unreadable_as_missing: bool = False,
    token_id: int | None = None,
) -> Batch | None:
    """Keep a file and queue its prediction.

    The same file from the same form, told by `form_key`, makes one batch; `token_id` is of the token that
    asked. None when the model was deleted while the file arrived.

    Raises
    ------
    EngineError
        When the file is empty, the user has no room for it, the level is not offered or no sheet can be
        called so.
    """
    key, name = storage.new_key(), file_names.file_name(name)
    _check(level, sheet)
    model_id = model.id
    release_locks()
    try:
        size, digest = storage.write(storage.make_folder(key) / "original", chunks)
        if size == 0:
            raise EngineError(f"“{name}” is empty. Choose a file with a header and rows.")
        quota.require(user_id=user_id, n_bytes=size)
        batch = Batch(
            owner_id=user_id,
            model_id=model_id,
            key=key,
            once=once.stamp(form_key, model_id, name, digest, sheet, level, unreadable_as_missing),
            sheet=sheet.strip(),
            level=level,
            unreadable_as_missing=unreadable_as_missing,
            original_name=name,
            original_sha256=digest,
            token_id=token_id,
        )
        made = _add(batch)
    except BaseException:
        db.session.rollback()
        storage.remove(key)
        raise
    if made is not batch:
        storage.remove(key)
    return made


def create_from_upload(
    *,
    model: TrainedModel,
    user_id: int,
    key: str,
    sheet: str = "",
    level: float = 0.9,
    unreadable_as_missing: bool = False,
) -> Batch | None:
    """Queue the prediction of a file that arrived in slices and is there whole.

    None when there is no such file, or no such model any more. Asked again, because the first answer was
    lost, it gives the same batch.

    Raises
    ------
    EngineError
        When bytes are missing, the level is not offered or no sheet can be called so.
    """
    _check(level, sheet)
    mine = select(Upload).where(Upload.owner_id == user_id, Upload.key == key, Upload.dataset_id.is_(None))
    upload = db.session.scalar(mine.with_for_update())
    if upload is None:
        return db.session.scalar(select(Batch).where(Batch.owner_id == user_id, Batch.key == key))
    if upload.sha256 is None:
        raise EngineError("The upload is not complete. Choose the same file again to go on.")
    batch = Batch(
        owner_id=user_id,
        model_id=model.id,
        key=key,
        sheet=sheet.strip(),
        level=level,
        unreadable_as_missing=unreadable_as_missing,
        original_name=upload.name,
        original_sha256=upload.sha256,
    )
    db.session.delete(upload)
    return _add(batch)


def create_from_dataset(
    *,
    model: TrainedModel,
    user_id: int,
    version: Version,
    level: float = 0.9,
    unreadable_as_missing: bool = False,
    form_key: str = "",
    token_id: int | None = None,
) -> Batch | None:
    """Queue the prediction of a version of a dataset; None when it or the model was just deleted.

    Raises
    ------
    EngineError
        When the version is not ready, or the level is not offered.
    """
    _check(level)
    if version.state != "ready":
        raise EngineError(f"“{version.dataset.name}” is not read yet. Wait until it is ready.")
    batch = Batch(
        owner_id=user_id,
        model_id=model.id,
        key=storage.new_key(),
        once=once.stamp(form_key, model.id, version.id, level, unreadable_as_missing),
        source_kind="dataset",
        version_id=version.id,
        token_id=token_id,
        level=level,
        unreadable_as_missing=unreadable_as_missing,
        original_name=f"{version.dataset.name} version {version.number}",
        original_sha256=version.parquet_sha256 or "",
    )
    return _add(batch)


def find_version(*, user_id: int, version_id: int | None) -> Version | None:
    """A version of one of a user's datasets."""
    if version_id is None or not 0 < version_id < 1 << 63:
        return None
    mine = (Version.id == version_id, Dataset.owner_id == user_id)
    return db.session.scalar(select(Version).join(Version.dataset).where(*mine))


def versions_to_choose(*, user_id: int) -> list[Version]:
    """The newest versions of a user's datasets that can be predicted."""
    ready = select(Version).join(Version.dataset).join(Version.job).options(contains_eager(Version.dataset))
    mine = ready.where(Dataset.owner_id == user_id, Job.state == "ready")
    return list(db.session.scalars(mine.order_by(Version.id.desc()).limit(_CHOICES)))


def fits(*, model: TrainedModel, version: Version) -> bool:
    """Whether a version has the columns that a model needs."""
    needed = tuple(column["name"] for column in model.schema_json["columns"])
    return has_columns(storage.folder(version.key) / "table.parquet", needed)


def retry(*, batch: Batch, unreadable_as_missing: bool | None = None) -> None:
    """Queue a batch that failed, was cancelled or is of an earlier release once more; no other one.

    `unreadable_as_missing` is as it was where nobody says anything.
    """
    lock = select(Batch.id).where(Batch.id == batch.id).with_for_update()
    db.session.execute(lock)  # the other request of a double click waits here
    db.session.refresh(batch)
    if batch.state not in ("failed", "cancelled") and (batch.state != "ready" or has_results(batch)):
        return
    _enqueue(batch)
    batch.result_json = batch.n_rows = None
    if unreadable_as_missing not in (None, batch.unreadable_as_missing):
        batch.unreadable_as_missing = bool(unreadable_as_missing)
        batch.once = None  # it is no longer what the form or the program asked for
    db.session.commit()


def job_arguments(*, batch: Batch) -> dict[str, Any]:
    """What the engine needs to predict a batch.

    Raises
    ------
    EngineError
        When the dataset to predict was deleted.
    """
    file, digest = file_of(batch.model)
    run = batch.model.run
    storage.make_folder(batch.key)
    return {
        "model_file": str(file),
        "model_sha256": digest,
        "source": str(_source(batch)),
        "kind": batch.source_kind,
        "sheet": batch.sheet,
        "target": str(predictions_path(batch)),
        "original_name": batch.original_name,
        "threshold": batch.model.threshold_json,
        "level": batch.level,
        "unreadable_as_missing": batch.unreadable_as_missing,
        "folder": str(storage.folder(run.experiment.key)),
        "key": run.key,
        "source_sha256": batch.original_sha256,
        "room_bytes": quota.room_left(batch.owner_id),
        "unpacked_mb": settings.unpacked_max_mb,
        "max_columns": settings.columns_max,
        "max_line_mb": settings.line_max_mb,
        "training": _training(run.experiment, {one["name"] for one in batch.model.schema_json["columns"]}),
    }


def _check(level: float, sheet: str = "") -> None:
    checked_level(level)
    if fault := sheet_fault(sheet):
        raise EngineError(fault)


def _add(batch: Batch) -> Batch | None:
    """Add a batch and its job in one commit; where the same form made one before, return that.

    None where the model, the version or the token was deleted meanwhile.
    """
    needed = ((TrainedModel, batch.model_id), (Version, batch.version_id), (ApiToken, batch.token_id))
    try:
        made = once.add(batch)
    except IntegrityError:
        db.session.rollback()
        if all(number is None or db.session.get(table, number) for table, number in needed):
            raise
        return None
    if made is batch:
        _enqueue(batch)
        audit.record(user_id=batch.owner_id, action="batch-create", subject=f"batch {batch.id}")
    db.session.commit()
    return made


def _enqueue(batch: Batch) -> None:
    job = jobs.enqueue(
        kind="predict",
        owner_id=batch.owner_id,
        title=f"Predicting {batch.original_name}",
        subject="batch",
        subject_id=batch.id,
    )
    batch.job = job


def _source(batch: Batch) -> Path:
    """The file to read, or the table of a dataset."""
    if batch.source_kind == "file":
        return original_path(batch)
    if batch.version is None:
        raise EngineError("The dataset was deleted before it was predicted.")
    return storage.folder(batch.version.key) / "table.parquet"


def _training(experiment: Experiment, needed: Set[str]) -> dict[str, Any]:
    """The table that a model was trained on: where it is, and what is known of the columns that matter."""
    version, wanted = experiment.version, {*needed, experiment.target}
    profile = version.profile_json or {"n_rows": 0, "columns": []}
    return {
        "table": str(storage.folder(version.key) / "table.parquet"),
        "n_rows": profile["n_rows"],
        "columns": [column for column in profile["columns"] if column["name"] in wanted],
    }
