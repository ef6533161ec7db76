"""The job that answers one question about a model."""

from typing import Any

from beanft.jobs import JobKind, register, subject_of
from beanft.models import Explanation, Job
from beanft.train.explain import services


def prepare(job: Job) -> dict[str, Any]:
    """Give the engine the model, the table and the question."""
    return services.job_arguments(explanation=_explanation(job))


def finish(job: Job, result: dict[str, Any]) -> None:
    """Keep the answer."""
    services.store_result(explanation=_explanation(job), result=result)


def _explanation(job: Job) -> Explanation:
    return subject_of(job, Explanation, "The model that was to be explained was deleted.")


KIND = JobKind(
    name="explain",
    work="beanft.engine.learning.explaining.explain:explain",
    prepare=prepare,
    finish=finish,
)
"""Registered with the queue as this module is imported."""

register(KIND)
