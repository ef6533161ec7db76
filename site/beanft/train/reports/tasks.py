"""The job that makes the report of a model that has none yet."""

from typing import Any

from beanft.jobs import JobKind, register
from beanft.models import Job
from beanft.train.reports import services
from beanft.train.services import model_of


def prepare(job: Job) -> dict[str, Any]:
    """Give the engine the files of the model."""
    return services.job_arguments(model=model_of(job))


def finish(job: Job, result: dict[str, Any]) -> None:
    """Keep the report with its model."""
    model_of(job).report_json = result


register(
    JobKind(
        name=services.KIND,
        work="beanft.engine.learning.reports.make:describe_model",
        prepare=prepare,
        finish=finish,
    )
)
