"""The job that predicts a whole file."""

from typing import Any

from beanft.engine.errors import EngineError
from beanft.extensions import db
from beanft.jobs import JobKind, register
from beanft.models import Batch, Job
from beanft.predict import services


def prepare(job: Job) -> dict[str, Any]:
    """Give the engine the paths of the batch."""
    return services.job_arguments(batch=_batch(job))


def finish(job: Job, result: dict[str, Any]) -> None:
    """Keep preview, repairs and notes."""
    services.store_result(batch=_batch(job), result=result)


def _batch(job: Job) -> Batch:
    batch = db.session.get(Batch, job.subject_id)
    if batch is None:
        raise EngineError("The file to predict was deleted.")
    return batch


KIND = JobKind(
    name="predict", work="beanft.engine.learning.batch:predict_file", prepare=prepare, finish=finish
)
"""Registered with the queue as this module is imported."""

register(KIND)
