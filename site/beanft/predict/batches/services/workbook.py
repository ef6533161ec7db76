"""The predictions of a batch as a workbook, which a job of its own writes."""

from pathlib import Path
from typing import Any

from sqlalchemy import select

from beanft import jobs
from beanft.engine.errors import EngineError
from beanft.engine.learning.batches.downloads import require_sheet
from beanft.extensions import db
from beanft.models import Batch, Job
from beanft.predict.batches.services.results import has_results, predictions_path

_WORKBOOK = "workbook"  # kind of the job that writes one


def ask_workbook(*, batch: Batch) -> None:
    """Have the workbook of a batch written, unless it is there or under way.

    Raises
    ------
    EngineError
        When the batch is not ready, or does not fit on a sheet.
    """
    if not has_results(batch):
        raise EngineError("The predictions are not ready yet.")
    if reason := why_no_workbook(batch):
        raise EngineError(reason)
    job = workbook_job(batch)
    if workbook_path(batch).is_file() or (job and job.unfinished):
        return
    title = f"Writing {batch.original_name} for Excel"
    jobs.enqueue(kind=_WORKBOOK, owner_id=batch.owner_id, title=title, subject="batch", subject_id=batch.id)
    db.session.commit()


def workbook_arguments(batch: Batch) -> dict[str, Any]:
    """What the job is given that writes the workbook."""
    return {
        "source": str(predictions_path(batch)),
        "target": str(workbook_path(batch)),
        "facts": {name: (batch.result_json or {})[name] for name in ("n_rows", "columns", "types", "added")},
    }


def workbook_path(batch: Batch) -> Path:
    """The workbook; small ones are there with the predictions, large ones once somebody asked for them."""
    return predictions_path(batch).with_suffix(".xlsx")


def workbook_job(batch: Batch) -> Job | None:
    """The newest job that writes the workbook of a batch, if there was one."""
    mine = (Job.owner_id == batch.owner_id, Job.subject == "batch", Job.subject_id == batch.id)
    newest = select(Job).where(*mine, Job.kind == _WORKBOOK).order_by(Job.id.desc()).limit(1)
    return db.session.scalar(newest)


def why_no_workbook(batch: Batch) -> str:
    """Why the predictions do not fit into a workbook; empty where they do."""
    try:
        require_sheet(batch.result_json or {"n_rows": 0, "columns": []})
    except EngineError as error:
        return str(error)
    return ""
