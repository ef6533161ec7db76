"""The job that checks whether a model still gives its numbers."""

from typing import Any

from beanft.engine.errors import EngineError
from beanft.extensions import db
from beanft.jobs import JobKind, register
from beanft.models import Job, TrainedModel
from beanft.train.verification import services


def prepare(job: Job) -> dict[str, Any]:
    """Give the engine the model, the table and the recipe."""
    return services.job_arguments(model=_model(job))


def finish(job: Job, result: dict[str, Any]) -> None:
    """Keep what was found."""
    services.store_finding(model=_model(job), found=result)


def _model(job: Job) -> TrainedModel:
    model = db.session.get(TrainedModel, job.subject_id) if job.subject_id else None
    if model is None:
        raise EngineError("This model was deleted.")
    return model


register(
    JobKind(
        name=services.KIND,
        work="beanft.engine.learning.exports.verify:verify",
        prepare=prepare,
        finish=finish,
    )
)
