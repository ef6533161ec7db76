"""What the front page asks of the database."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from beanft.extensions import db
from beanft.models import Dataset, Experiment, Job, TrainedModel
from beanft.models.jobs import UNFINISHED

_RECENT = 5  # rows of each list on the front page


@dataclass(frozen=True, kw_only=True)
class Overview:
    """What a member finds on the front page."""

    datasets: list[Dataset]
    models: list[TrainedModel]
    experiments: list[Experiment]
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
    return Overview(
        datasets=_newest(Dataset, user_id),
        models=_newest(TrainedModel, user_id),
        experiments=_newest(Experiment, user_id),
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


def _newest(table: Any, user_id: int) -> list[Any]:
    query = select(table).where(table.owner_id == user_id).order_by(table.id.desc()).limit(_RECENT)
    return list(db.session.scalars(query).unique())


def _count(table: Any, user_id: int) -> int:
    return db.session.scalar(select(func.count()).where(table.owner_id == user_id)) or 0
