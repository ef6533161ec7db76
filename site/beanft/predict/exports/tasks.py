"""The job that makes a file of a model."""

from typing import Any

from beanft.engine.errors import EngineError
from beanft.jobs import JobKind, register
from beanft.models import Job, ModelFile
from beanft.predict.exports import services


def prepare(job: Job) -> dict[str, Any]:
    """Give the engine the model, the table and the recipe."""
    return services.job_arguments(file=_file(job))


def finish(job: Job, result: dict[str, Any]) -> None:
    """Keep what was made."""
    services.store_result(file=_file(job), result=result)


def _file(job: Job) -> ModelFile:
    file = services.file_of(job=job)
    if file is None:
        raise EngineError("The model was deleted meanwhile.")
    return file


KIND = JobKind(
    name="export", work="beanft.engine.learning.exports.make:export", prepare=prepare, finish=finish
)
"""Registered with the queue as this module is imported."""

register(KIND)
