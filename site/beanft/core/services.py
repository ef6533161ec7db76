"""What the front page and the activity page ask of the database."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, true
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import joinedload, selectinload, undefer
from sqlalchemy.sql.base import ExecutableOption

from beanft import jobs
from beanft.agreed import limits_of_experiment
from beanft.database import is_current
from beanft.engine.learning.learners import BASELINE
from beanft.extensions import db
from beanft.listing import Listing, list_page
from beanft.models import Dataset, Experiment, Job, Run, TrainedModel, Version
from beanft.models.jobs import UNFINISHED

_log = logging.getLogger(__name__)
_ALL = true()
_RECENT = 5  # rows of each list on the front page


@dataclass(frozen=True, kw_only=True)
class Overview:
    """What a member finds on the front page."""

    datasets: list[Dataset]
    models: list[TrainedModel]
    experiments: list[Experiment]
    guesses: dict[int, Run]
    """The baselines of the models' experiments, by the number of the experiment."""
    jobs: list[Job]
    """Waiting and running ones."""
    n_datasets: int
    n_models: int

    @property
    def next_step(self) -> str:
        """The step of the journey that comes next: upload, train, predict or nothing."""
        if not self.datasets:
            return "upload"
        if not self.models:
            return "train"
        return "predict"

    def facts(self) -> dict[str, Any]:
        """The same as plain values."""
        return {
            "datasets": [{"id": dataset.id, "name": dataset.name} for dataset in self.datasets],
            "models": [{"id": model.id, "title": model.run.title} for model in self.models],
            "jobs": [{"id": job.id, "title": job.title, "state": job.state} for job in self.jobs],
            "next": self.next_step,
        }


def overview(*, user_id: int) -> Overview:
    """Gather the newest datasets, models and experiments of a user, and the jobs that are not finished."""
    dataset = joinedload(Experiment.version).joinedload(Version.dataset)
    asked = joinedload(TrainedModel.run).joinedload(Run.experiment).options(dataset)
    verdict = [undefer(getattr(Experiment, f"{name}_json")) for name in ("result", "findings", "decisions")]
    models = _newest(TrainedModel, user_id, asked, where=TrainedModel.run.has(Run.learner != BASELINE))
    return Overview(
        datasets=_newest(Dataset, user_id, selectinload(Dataset.versions)),
        models=models,
        guesses=_baselines({model.run.experiment_id for model in models}),
        experiments=_newest(Experiment, user_id, dataset, *verdict),
        jobs=list(
            db.session.scalars(
                select(Job)
                .where(Job.owner_id == user_id, Job.state.in_(UNFINISHED))
                .order_by(Job.id.desc())
                .limit(_RECENT)
            )
        ),
        n_datasets=_count(Dataset, user_id),
        n_models=_count(TrainedModel, user_id),
    )


def verdict_of(experiment: Experiment) -> str:
    """The verdict of an experiment with what limits it, in words; empty before there is one."""
    verdict = (experiment.result_json or {}).get("verdict") or {}
    if not verdict.get("sentence"):
        return ""
    return limits_of_experiment(experiment).qualify(verdict["sentence"], verdict.get("code") or "")


def list_jobs(*, user_id: int, page: int) -> Listing[Job]:
    """One page of a user's jobs, newest first."""
    return list_page(jobs.jobs_of(user_id), page=page)


def job_facts(job: Job) -> dict[str, Any]:
    """What a program is told of a job."""
    names = (
        "id",
        "kind",
        "title",
        "subject",
        "subject_id",
        "state",
        "cancel",
        "progress",
        "message",
        "error",
    )
    moments = ("created_at", "started_at", "finished_at")
    times = {name: getattr(job, name) for name in moments}
    return {name: getattr(job, name) for name in names} | {
        name: moment.isoformat() if moment else None for name, moment in times.items()
    }


def find_trouble() -> str:
    """What is wrong with the database, in words; empty when nothing is."""
    try:
        return "" if is_current() else "the database needs migrating"
    except DBAPIError:
        _log.exception("the database does not answer")
        return "the database does not answer"


def _newest(table: Any, user_id: int, *options: ExecutableOption, where: Any = _ALL) -> list[Any]:
    query = select(table).where(table.owner_id == user_id, where).order_by(table.id.desc()).limit(_RECENT)
    return list(db.session.scalars(query.options(*options)))


def _baselines(experiments: Collection[int]) -> dict[int, Run]:
    query = select(Run).where(Run.experiment_id.in_(experiments), Run.learner == BASELINE)
    return {run.experiment_id: run for run in db.session.scalars(query)}


def _count(table: Any, user_id: int) -> int:
    return db.session.scalar(select(func.count()).where(table.owner_id == user_id)) or 0
