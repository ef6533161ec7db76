"""The job that makes the report of a model that has none yet."""

from typing import Any

from beanft.engine.errors import EngineError
from beanft.extensions import db
from beanft.jobs import JobKind, register
from beanft.models import Job, TrainedModel
from beanft.train.reports import services


def prepare(job: Job) -> dict[str, Any]:
    """Give the engine the files of the model."""
    return services.job_arguments(model=_model(job))


def finish(job: Job, result: dict[str, Any]) -> None:
    """Keep the report with its model."""
    _model(job).report_json = result


def _model(job: Job) -> TrainedModel:
    model = db.session.get(TrainedModel, job.subject_id)
    if model is None:
        raise EngineError("This model was deleted.")
    return model


register(
    JobKind(
        name=services.KIND,
        work="beanft.engine.learning.reports.make:describe_model",
        prepare=prepare,
        finish=finish,
    )
)
