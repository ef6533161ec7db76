"""What is done for a model's report: it is asked for, kept, and split by groups."""

from typing import Any

from sqlalchemy import select

from beanft import audit, storage
from beanft.engine.learning.reports.fairness import figures_by_group, groupings
from beanft.extensions import db
from beanft.jobs import enqueue
from beanft.models import Job, TrainedModel

KIND = "report"
"""The kind of the job that makes a report."""


def find_job(*, model: TrainedModel) -> Job | None:
    """The last job that made, makes or will make the report of a model."""
    query = (
        select(Job)
        .where(Job.kind == KIND, Job.subject == "model", Job.subject_id == model.id)
        .where(Job.owner_id == model.owner_id)
        .order_by(Job.id.desc())
        .limit(1)
    )
    return db.session.scalar(query)


def request_report(*, model: TrainedModel) -> Job | None:
    """Put the report of a model into the queue, unless it is made or under way already."""
    lock = select(TrainedModel.id).where(TrainedModel.id == model.id).with_for_update()
    db.session.execute(lock)  # the other request of a double click waits here
    job = find_job(model=model)
    if model.report_json or (job and job.unfinished):
        return job
    job = enqueue(
        kind=KIND,
        owner_id=model.owner_id,
        title=f"Report: {model.run.title} for {model.run.experiment.target}",
        subject="model",
        subject_id=model.id,
    )
    audit.record(user_id=model.owner_id, action="report-create", subject=f"model {model.id}")
    db.session.commit()
    return job


def job_arguments(*, model: TrainedModel) -> dict[str, Any]:
    """What `engine.learning.reports.make.describe_model` is given."""
    experiment = model.run.experiment
    version = experiment.version
    return {
        "table": str(storage.folder(version.key) / "table.parquet"),
        "table_sha256": version.parquet_sha256,
        "profile": version.profile.to_dict(),
        "folder": str(storage.folder(experiment.key)),
        "file": model.file,
        "sha256": model.sha256,
        "key": model.run.key,
        "title": model.run.title,
    }


def group_columns(*, model: TrainedModel) -> list[str]:
    """Columns by which the rows of a model can be put into groups."""
    experiment = model.run.experiment
    return groupings(experiment.version.profile, without=experiment.target)


def group_figures(*, model: TrainedModel, column: str) -> dict[str, Any]:
    """The figures of a model for each value of a column, at the threshold that its owner chose.

    Raises
    ------
    EngineError
        When the column makes no groups, or the files of the experiment are gone.
    """
    experiment = model.run.experiment
    return figures_by_group(
        folder=storage.folder(experiment.key),
        table=storage.folder(experiment.version.key) / "table.parquet",
        profile=experiment.version.profile,
        key=model.run.key,
        column=column,
        threshold=float((model.threshold_json or {}).get("threshold", 0.5)),
    )
