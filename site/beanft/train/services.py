"""What happens to experiments and models: asked, listed, deleted."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from beanft import audit, once, storage
from beanft.extensions import db
from beanft.jobs import enqueue, require_ended
from beanft.listing import Listing, list_page
from beanft.models import Batch, Experiment, Job, Run, TrainedModel, Version

_OVERHEAD_S = 120  # reading the table, the final fits and the reports, beside the budget


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
    form_key: str = "",
) -> Experiment:
    """Ask a question of a version and put its training into the queue.

    The same question from the same form, told by `form_key`, is asked once.
    """
    asked = (version.id, target, features, task, metric, learners, budget_s, seed)
    experiment = Experiment(
        owner_id=user_id,
        version=version,
        key=storage.new_key(),
        once=once.stamp(form_key, *asked),
        target=target,
        features=features,
        task=task,
        metric=metric,
        learners=learners,
        budget_s=budget_s,
        seed=seed,
    )
    made = once.add(experiment)
    if made is not experiment:
        return made
    experiment.job = enqueue(
        kind="train",
        owner_id=user_id,
        title=f"Training: {target} in {version.dataset.name}",
        subject="experiment",
        subject_id=experiment.id,
        params={"roles": version.roles},  # a second attempt must cut the rows as the first one did
        time_limit_s=2.0 * budget_s + _OVERHEAD_S,
    )
    audit.record(user_id=user_id, action="experiment-create", subject=f"experiment {experiment.id}")
    db.session.commit()
    return experiment


def list_experiments(*, user_id: int, page: int) -> Listing[Experiment]:
    """The experiments of a user, newest first."""
    dataset = joinedload(Experiment.version).joinedload(Version.dataset)
    query = select(Experiment).where(Experiment.owner_id == user_id).order_by(Experiment.id.desc())
    return list_page(query, page=page, options=[dataset])


def list_models(*, user_id: int, page: int) -> Listing[TrainedModel]:
    """The models of a user, newest first."""
    experiment = joinedload(TrainedModel.run).joinedload(Run.experiment)
    dataset = experiment.joinedload(Experiment.version).joinedload(Version.dataset)
    query = select(TrainedModel).where(TrainedModel.owner_id == user_id).order_by(TrainedModel.id.desc())
    return list_page(query, page=page, options=[dataset])


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
    require_ended(find_unfinished(experiment=experiment))
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
