"""kill -9 in the middle of a real training: of its child, of the worker, of everything; and Cancel."""

from __future__ import annotations

import random

import pytest

from beanft.extensions import db
from beanft.jobs import cancel
from beanft.models import Experiment, User
from beanft.train import services
from factories import make_dataset
from jobs.theatre import Theatre, wait_for

pytestmark = pytest.mark.slow
LEARNERS = ["baseline", "naive_bayes", "discriminant", "logistic", "boosting", "neighbours", "extra_trees"]


def table(n_rows: int = 4000) -> str:
    """Big enough that boosting and the forests take a while."""
    draw = random.Random(0)
    lines = ["a,b,c,label"]
    for _ in range(n_rows):
        a, b, c = (draw.gauss(0, 1) for _ in range(3))
        lines.append(f"{a:.4f},{b:.4f},{c:.4f},{'yes' if a + b * c + draw.gauss(0, 1) > 0 else 'no'}")
    return "\n".join(lines)


def start_training(theatre: Theatre) -> int:
    """Ask for a training; return its experiment."""
    with theatre.app.app_context():
        owner = db.session.get_one(User, theatre.owner_id)
        version = make_dataset(owner, csv=table()).latest
        experiment = services.create_experiment(
            user_id=owner.id,
            version=version,
            target="label",
            features=["a", "b", "c"],
            task="classification",
            metric="roc_auc",
            learners=LEARNERS,
            budget_s=300,
            seed=0,
        )
        return experiment.id


def job_of(theatre: Theatre, experiment_id: int) -> int:
    with theatre.app.app_context():
        job_id = db.session.get_one(Experiment, experiment_id).job_id
        assert job_id is not None
        return job_id


def runs(theatre: Theatre, experiment_id: int) -> dict[str, tuple[str, int | None]]:
    """State and model of each recorded run, by learner."""
    with theatre.app.app_context():
        db.session.connection(execution_options={"immediate": False})
        experiment = db.session.get_one(Experiment, experiment_id)
        return {run.learner: (run.state, run.model.id if run.model else None) for run in experiment.runs}


@pytest.mark.parametrize("victim", ["child", "worker", "everything"])
def test_a_training_survives_kill_9(theatre: Theatre, victim: str) -> None:
    theatre.open()
    experiment_id = start_training(theatre)
    job_id = job_of(theatre, experiment_id)
    before = wait_for(lambda: _some(runs(theatre, experiment_id)), within_s=60)
    if victim == "everything":
        theatre.kill_everything()
        theatre.open()
    else:
        for process in theatre.players(job_id) if victim == "child" else [theatre.worker()]:
            process.kill()
    job = theatre.ended(job_id, within_s=90)
    assert (job.state, job.error) == ("ready", None)
    after = runs(theatre, experiment_id)
    assert sorted(after) == sorted(LEARNERS)
    assert {state for state, _ in after.values()} == {"ready"}
    kept = {learner: found for learner, found in before.items() if learner != "baseline"}
    assert kept.items() <= after.items()  # the same rows and models as before the blow, none made twice


def _some(found: dict[str, tuple[str, int | None]]) -> dict[str, tuple[str, int | None]]:
    """The runs, once three are there and others are still to come."""
    return found if len(found) >= 3 else {}


def test_cancel_kills_the_fit_and_keeps_what_is_done(theatre: Theatre) -> None:
    theatre.open()
    experiment_id = start_training(theatre)
    job_id = job_of(theatre, experiment_id)
    before = wait_for(lambda: _some(runs(theatre, experiment_id)), within_s=60)
    with theatre.app.app_context():
        cancel(job_id=job_id)
    wait_for(lambda: not theatre.players(job_id), within_s=5)  # half a second on an idle machine
    assert theatre.ended(job_id).state == "cancelled"
    after = runs(theatre, experiment_id)
    assert before.items() <= after.items()
    assert all(model for _, model in after.values())
