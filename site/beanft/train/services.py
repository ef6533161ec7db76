"""What happens to experiments and models: asked, listed, deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import defer, joinedload
from sqlalchemy.sql.base import ExecutableOption

from beanft import audit, storage
from beanft.extensions import db
from beanft.jobs import enqueue
from beanft.models import Batch, Experiment, Job, Run, TrainedModel, Version

PAGE_SIZE = 25
_OVERHEAD_S = 120  # reading the table, the final fits and the reports, beside the budget


class StillRunningError(Exception):
    """Something cannot be deleted because work on it is under way; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One page of a list."""

    items: Sequence[Any]
    """Rows of this page, newest first."""
    page: int
    """Number of this page, from 1."""
    n_pages: int
    """Pages in all, at least 1."""
    total: int
    """Rows in all."""


def create_experiment(
    *,
    user_id: int,
    version: Version,
    target: str,
    features: list[str],
    task: str,
    metric: str,
    learners: list[str],
    budget_s: int,
    seed: int,
) -> Experiment:
    """Ask a question of a version and put its training into the queue."""
    experiment = Experiment(
        owner_id=user_id,
        version=version,
        key=storage.new_key(),
        target=target,
        features=features,
        task=task,
        metric=metric,
        learners=learners,
        budget_s=budget_s,
        seed=seed,
    )
    db.session.add(experiment)
    db.session.flush()
    experiment.job = enqueue(
        kind="train",
        owner_id=user_id,
        title=f"Training: {target} in {version.dataset.name}",
        subject="experiment",
        subject_id=experiment.id,
        time_limit_s=2.0 * budget_s + _OVERHEAD_S,
    )
    audit.record(user_id=user_id, action="experiment-create", subject=f"experiment {experiment.id}")
    db.session.commit()
    return experiment


def list_experiments(*, user_id: int, page: int) -> Listing:
    """The experiments of a user, newest first, without the profiles of their tables."""
    version = joinedload(Experiment.version)
    options = (version.defer(Version.profile_json), version.joinedload(Version.dataset))
    return _listing(Experiment, user_id, page, options)


def list_models(*, user_id: int, page: int) -> Listing:
    """The models of a user, newest first, without their reports."""
    version = joinedload(TrainedModel.run).joinedload(Run.experiment).joinedload(Experiment.version)
    options = (
        defer(TrainedModel.report_json),
        defer(TrainedModel.schema_json),
        version.defer(Version.profile_json),
        version.joinedload(Version.dataset),
    )
    return _listing(TrainedModel, user_id, page, options)


def load_runs(*, experiment: Experiment) -> list[Run]:
    """The runs of an experiment with the numbers of their models, in the order they ended."""
    query = (
        select(Run)
        .where(Run.experiment_id == experiment.id)
        .options(joinedload(Run.model).load_only(TrainedModel.id, TrainedModel.run_id))
        .order_by(Run.id)
    )
    return list(db.session.scalars(query))


def baseline_report(*, model: TrainedModel, key: str) -> dict[str, Any] | None:
    """The report of the baseline that a model competed with, if it was kept."""
    return db.session.scalar(
        select(TrainedModel.report_json)
        .join(TrainedModel.run)
        .where(Run.experiment_id == model.run.experiment_id, Run.learner == key)
    )


def find_unfinished(*, experiment: Experiment) -> list[Job]:
    """Jobs under way that work on an experiment or with its models."""
    batches = (
        select(Batch.job_id)
        .join(Batch.model)
        .join(TrainedModel.run)
        .where(Run.experiment_id == experiment.id)
    )
    own = Job.id == experiment.job_id
    jobs = db.session.scalars(select(Job).where(own | Job.id.in_(batches)))
    return [job for job in jobs if job.unfinished]


def delete_experiment(*, experiment: Experiment) -> None:
    """Delete an experiment, its models, their predictions and every file of them.

    Raises
    ------
    StillRunningError
        While its training or a prediction with one of its models is under way.
    """
    running = find_unfinished(experiment=experiment)
    if running:
        raise StillRunningError(f"“{running[0].title}” is still under way. Cancel it first, then delete.")
    batches: Sequence[Batch] = db.session.scalars(
        select(Batch).join(Batch.model).join(TrainedModel.run).where(Run.experiment_id == experiment.id)
    ).all()
    keys = [experiment.key, *(batch.key for batch in batches)]
    jobs = [job for job in (experiment.job, *(batch.job for batch in batches)) if job is not None]
    audit.record(
        user_id=experiment.owner_id, action="experiment-delete", subject=f"experiment {experiment.id}"
    )
    for row in (*batches, experiment, *jobs):
        db.session.delete(row)
    db.session.commit()
    for key in keys:  # after the commit: a crash here leaves files without a row, never a row without files
        storage.remove(key)


def size_bytes(*, experiment: Experiment) -> int:
    """Bytes on disk of an experiment's models."""
    return storage.size_bytes(experiment.key)


def _listing(table: Any, user_id: int, page: int, options: Sequence[ExecutableOption]) -> Listing:
    """One page of a user's rows, newest first; a page that is not there is the nearest one."""
    total = db.session.scalar(select(func.count()).select_from(table).where(table.owner_id == user_id)) or 0
    n_pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(1, page), n_pages)
    query = select(table).where(table.owner_id == user_id).order_by(table.id.desc()).options(*options)
    items = db.session.scalars(query.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).all()
    return Listing(items=items, page=page, n_pages=n_pages, total=total)
