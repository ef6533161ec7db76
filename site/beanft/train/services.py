"""What happens to experiments and models: asked, stopped, continued, listed, deleted."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload

from beanft import audit, once, quota, storage
from beanft.engine.learning.learners import BASELINE
from beanft.extensions import db
from beanft.jobs import enqueue, require_ended, subject_of, wrap_up
from beanft.listing import Listing, list_page
from beanft.models import Batch, Experiment, Job, Run, TrainedModel, Version
from beanft.train.deletion.services import end_side_work, jobs_of

FINAL = "final"
"""Role of the model that an experiment recommends."""
MORE_S = "more_s"
"""Name in `Job.params` of the seconds for which a training continues."""
_ONCE = "once"  # name in Job.params of the stamp of the form that asked to continue
_LEAST_ROOM = 10_000_000  # bytes that models and their evidence need, of small tables
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
    choices: dict[str, Any] | None = None,
    origin: dict[str, Any] | None = None,
    form_key: str = "",
) -> Experiment:
    """Ask a question of a version and put its training into the queue.

    The same question from the same form, told by `form_key`, is asked once. `origin` says which experiment
    it repeats, and because of which finding.

    Raises
    ------
    QuotaError
        When its owner has no room left for what a training keeps.
    """
    quota.require(user_id=user_id, n_bytes=_LEAST_ROOM)
    asked = (version.id, target, features, task, metric, learners, budget_s, seed, choices)
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
        choices_json=choices or {},
        origin_json=origin or {},
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


class CannotContinueError(Exception):
    """A training cannot be continued; the message says why."""


def stop_experiment(*, experiment: Experiment) -> None:
    """End a training soon, and keep the best so far; one that has not begun is cancelled."""
    if experiment.job is not None:
        wrap_up(job_id=experiment.job.id)


def can_continue(experiment: Experiment, *, n_runs: int) -> bool:
    """Whether more time may be asked for: the training ended, and left something to go on from."""
    return n_runs > 0 and not (experiment.job and experiment.job.unfinished)


def continue_experiment(*, experiment: Experiment, seconds: int, form_key: str = "") -> None:
    """Train on for some seconds: what is there stays, and only what is missing is tried.

    The same form, told by `form_key`, continues once.

    Raises
    ------
    CannotContinueError
        While it trains, or when there is no run to go on from.
    QuotaError
        When its owner has no room left for what a training keeps.
    """
    quota.require(user_id=experiment.owner_id, n_bytes=_LEAST_ROOM)
    lock = select(Experiment.id).where(Experiment.id == experiment.id).with_for_update()
    db.session.execute(lock)  # the other request of a double click waits here
    db.session.refresh(experiment)
    before, stamp = experiment.job, once.stamp(form_key, experiment.id, seconds)
    params = dict(before.params) if before else {}
    if stamp is not None and params.get(_ONCE) == stamp:
        return
    if not can_continue(experiment, n_runs=len(experiment.runs)):
        raise CannotContinueError(
            "This training cannot be continued: it is still under way, or no run of it was ready. "
            "Wait for its end, or train again."
        )
    experiment.job = enqueue(
        kind="train",
        owner_id=experiment.owner_id,
        title=f"Training on: {experiment.target} in {experiment.version.dataset.name}",
        subject="experiment",
        subject_id=experiment.id,
        params={"roles": params.get("roles", experiment.version.roles), MORE_S: seconds, _ONCE: stamp},
        time_limit_s=2.0 * seconds + _OVERHEAD_S,
    )
    experiment.budget_s += seconds
    audit.record(
        user_id=experiment.owner_id, action="experiment-continue", subject=f"experiment {experiment.id}"
    )
    db.session.commit()


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


def final_models(*, experiments: Sequence[Experiment]) -> dict[int, TrainedModel]:
    """The final model of each experiment that has one, by the number of the experiment."""
    numbers = [experiment.id for experiment in experiments]
    query = (
        select(TrainedModel)
        .join(TrainedModel.run)
        .where(Run.experiment_id.in_(numbers), TrainedModel.role == FINAL)
    )
    return {model.run.experiment_id: model for model in db.session.scalars(query)}


def baseline_runs(*, experiments: Sequence[int]) -> dict[int, Run]:
    """The baseline of each experiment, by the number of the experiment."""
    query = select(Run).where(Run.experiment_id.in_(experiments), Run.learner == BASELINE)
    return {run.experiment_id: run for run in db.session.scalars(query)}


def load_runs(*, experiment: Experiment) -> list[Run]:
    """The runs of an experiment with the numbers of their models, in the order they ended."""
    query = (
        select(Run)
        .where(Run.experiment_id == experiment.id)
        .options(joinedload(Run.model).load_only(TrainedModel.id, TrainedModel.run_id, TrainedModel.role))
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
    """Jobs under way that work on an experiment or with its models; explanations are ended unasked."""
    batches = (
        select(Batch.job_id)
        .join(Batch.model)
        .join(TrainedModel.run)
        .where(Run.experiment_id == experiment.id)
    )
    jobs = db.session.scalars(select(Job).where(or_(*_trainings(experiment), Job.id.in_(batches))))
    return [job for job in jobs if job.unfinished]


def _trainings(experiment: Experiment) -> list[ColumnElement[bool]]:
    """Conditions of the jobs that trained an experiment: the latest, and those that it continued from."""
    own = (Job.kind == "train") & (Job.subject == "experiment") & (Job.subject_id == experiment.id)
    return [Job.id == experiment.job_id, own & (Job.owner_id == experiment.owner_id)]


def delete_experiment(*, experiment: Experiment) -> None:
    """Delete an experiment, its models, their predictions and every file of them.

    Raises
    ------
    StillRunningError
        While its training or a prediction with one of its models is under way; or while a check, a report or
        an export that this ended has not stopped yet.
    """
    require_ended(find_unfinished(experiment=experiment))
    models = [run.model for run in experiment.runs if run.model is not None]
    end_side_work(models=models)
    require_ended(find_unfinished(experiment=experiment))  # each cancel ended a transaction
    batches: Sequence[Batch] = db.session.scalars(
        select(Batch).join(Batch.model).join(TrainedModel.run).where(Run.experiment_id == experiment.id)
    ).all()
    keys = [experiment.key, *(batch.key for batch in batches)]
    trainings = db.session.scalars(select(Job).where(or_(*_trainings(experiment)))).all()
    aside = {job for model in models for job in jobs_of(model=model) if not job.unfinished}
    audit.record(
        user_id=experiment.owner_id, action="experiment-delete", subject=f"experiment {experiment.id}"
    )
    for row in (*batches, experiment, *aside.union(trainings)):
        db.session.delete(row)
    db.session.commit()
    for key in keys:  # after the commit: a crash here leaves files without a row, never a row without files
        storage.remove(key)


def size_bytes(*, experiment: Experiment) -> int:
    """Bytes on disk of an experiment's models."""
    return storage.size_bytes(experiment.key)


def model_of(job: Job) -> TrainedModel:
    """The model that a job works on.

    Raises
    ------
    EngineError
        When it was deleted.
    """
    return subject_of(job, TrainedModel, "This model was deleted.")
