"""What came of batches: listed, looked at, deleted."""

from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from beanft import audit, jobs, storage
from beanft.engine.learning.batches.results import Predictions, Wish, predictions
from beanft.extensions import db, settings
from beanft.listing import Listing, list_page
from beanft.models import Batch, Job, Run, TrainedModel


def has_results(batch: Batch) -> bool:
    """Whether it is ready, and not one of an earlier release, whose results this one cannot show."""
    return batch.state == "ready" and "summary" in (batch.result_json or {})


def store_result(*, batch: Batch, result: dict[str, Any]) -> None:
    """Keep what a finished job found; the queue commits it together with the job's state."""
    batch.result_json, batch.n_rows = result, result["n_rows"]


def find_predictions(*, batch: Batch, wish: Wish, offset: int, limit: int) -> Predictions:
    """Some rows of a batch that is ready.

    Raises
    ------
    EngineError
        When it takes too long, or the predictions are lost.
    """
    path, result = predictions_path(batch), batch.result_json or {}
    needed = [column["name"] for column in batch.model.schema_json["columns"]]
    return predictions(
        path,
        result,
        wish,
        first_columns=needed,
        offset=offset,
        limit=limit,
        timeout_s=settings.query_timeout_s,
        memory_mb=settings.query_memory_mb,
    )


def list_all(*, user_id: int, page: int) -> Listing[Batch]:
    """One page of all batches of a user, newest first."""
    query = select(Batch).where(Batch.owner_id == user_id).order_by(Batch.id.desc())
    with_question = joinedload(Batch.model).joinedload(TrainedModel.run).joinedload(Run.experiment)
    return list_page(query, page=page, options=[with_question])


def list_batches(*, model: TrainedModel, page: int) -> Listing[Batch]:
    """One page of a model's batches, newest first."""
    query = select(Batch).where(Batch.model_id == model.id).order_by(Batch.id.desc())
    return list_page(query, page=page)


def delete_batch(*, batch: Batch) -> None:
    """Delete a batch with its files and its jobs, those of earlier attempts too.

    Raises
    ------
    StillRunningError
        While the prediction, or a workbook of it, is under way.
    """
    key = batch.key
    mine = (Job.owner_id == batch.owner_id, Job.subject == "batch", Job.subject_id == batch.id)
    tried = db.session.scalars(select(Job).where(*mine)).all()
    jobs.require_ended([*([batch.job] if batch.job else []), *tried])
    audit.record(user_id=batch.owner_id, action="batch-delete", subject=f"batch {batch.id}")
    for row in (batch, *tried):
        db.session.delete(row)
    db.session.commit()
    # After the commit: a crash here leaves files without a row, never a row without files.
    storage.remove(key)


def is_training_table(batch: Batch) -> bool:
    """Whether it is the very table that the model was trained on, so that a score on it would flatter."""
    version = batch.model.run.experiment.version
    if batch.source_kind == "dataset":
        return batch.original_sha256 == version.parquet_sha256
    return batch.original_sha256 == version.original_sha256


def original_path(batch: Batch) -> Path:
    """The file as it came; there is none of a dataset."""
    return storage.folder(batch.key) / "original"


def predictions_path(batch: Batch) -> Path:
    """The file with the predictions; it is there once the batch is ready."""
    return storage.folder(batch.key) / "predictions.parquet"
