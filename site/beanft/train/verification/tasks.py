"""The job that checks whether a model still gives its numbers."""

from typing import Any

from beanft.jobs import JobKind, register
from beanft.models import Job
from beanft.train.services import model_of
from beanft.train.verification import services


def prepare(job: Job) -> dict[str, Any]:
    """Give the engine the model, the table and the recipe."""
    return services.job_arguments(model=model_of(job))


def finish(job: Job, result: dict[str, Any]) -> None:
    """Keep what was found."""
    services.store_finding(model=model_of(job), found=result)


register(
    JobKind(
        name=services.KIND,
        work="beanft.engine.learning.exports.verify:verify",
        prepare=prepare,
        finish=finish,
    )
)
