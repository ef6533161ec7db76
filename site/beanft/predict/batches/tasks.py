"""The jobs that predict a whole file or dataset, and that write the predictions for Excel."""

from typing import Any

from beanft.jobs import JobKind, register, subject_of
from beanft.models import Batch, Job
from beanft.predict.batches import services


def prepare(job: Job) -> dict[str, Any]:
    """Give the engine the paths of the batch."""
    return services.job_arguments(batch=_batch(job))


def finish(job: Job, result: dict[str, Any]) -> None:
    """Keep what was found."""
    services.store_result(batch=_batch(job), result=result)


def prepare_workbook(job: Job) -> dict[str, Any]:
    """Give the engine the predictions of the batch."""
    return services.workbook_arguments(_batch(job))


def finish_workbook(job: Job, result: dict[str, Any]) -> None:
    """Nothing is stored: the workbook lies beside the predictions."""
    del job, result


def _batch(job: Job) -> Batch:
    return subject_of(job, Batch, "The predictions were deleted meanwhile.")


KIND = JobKind(
    name="predict",
    work="beanft.engine.learning.batches.work:predict_batch",
    prepare=prepare,
    finish=finish,
)
"""Registered with the queue as this module is imported."""

WORKBOOK = JobKind(
    name="workbook",
    work="beanft.engine.learning.batches.workbook:write_workbook",
    prepare=prepare_workbook,
    finish=finish_workbook,
)
"""The same."""

register(KIND)
register(WORKBOOK)
