"""kill -9 in the middle of a real training: of its child, of the worker, of everything; and Cancel."""

from __future__ import annotations

import random

import pytest

from beanft import storage
from beanft.extensions import db
from beanft.jobs import cancel
from beanft.models import Experiment, User
from beanft.train import services
from factories import make_dataset
from jobs.theatre import Theatre
from waiting import wait_for

pytestmark = pytest.mark.slow
LEARNERS = ["baseline", "naive_bayes", "discriminant", "logistic", "boosting"]
BUDGET_S = 40  # of each attempt; variations of boosting would go on for longer
Found = dict[str, tuple[str, int | None, tuple[float, ...]]]
"""State, model and scores of each recorded run, by key."""


def table(n_rows: int = 4000) -> str:
    """Big enough that boosting takes a while."""
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
            budget_s=BUDGET_S,
            seed=0,
        )
        return experiment.id


def job_of(theatre: Theatre, experiment_id: int) -> int:
    with theatre.app.app_context():
        job_id = db.session.get_one(Experiment, experiment_id).job_id
        assert job_id is not None
        return job_id


def runs(theatre: Theatre, experiment_id: int) -> Found:
    """The runs that are recorded."""
    with theatre.app.app_context():
        db.session.connection(execution_options={"immediate": False})
        experiment = db.session.get_one(Experiment, experiment_id)
        return {
            run.key: (run.state, run.model.id if run.model else None, tuple(run.facts["scores"]))
            for run in experiment.runs
        }


def check_models(theatre: Theatre, experiment_id: int) -> None:
    """See to it that there is a final model, and that every model file is the one that was recorded."""
    with theatre.app.app_context():
        experiment = db.session.get_one(Experiment, experiment_id)
        models = {run.key: run.model for run in experiment.runs if run.model is not None}
        for model in models.values():
            assert storage.sha256(storage.folder(experiment.key) / model.file) == model.sha256
        assert experiment.result_json is not None
        assert models[experiment.result_json["final"]].role == "final"
        assert {run.learner for run in experiment.runs if run.state == "ready"} >= {"naive_bayes", "logistic"}


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
    job = theatre.ended(job_id, within_s=150)
    assert (job.state, job.error) == ("ready", None)
    after = runs(theatre, experiment_id)
    assert len(after) > len(before)  # how many learners had their turn hangs on how busy the machine is
    assert {state for state, _, _ in after.values()} <= {"ready", "cancelled"}
    kept = {key: found for key, found in before.items() if key != "baseline"}
    assert kept.items() <= after.items()  # the same rows and models as before the blow, none made twice
    check_models(theatre, experiment_id)


def _some(found: Found) -> Found:
    """The runs, once three are there and others are still to come."""
    return found if len(found) >= 3 else {}


def test_cancel_kills_the_fit_and_keeps_what_is_done(theatre: Theatre) -> None:
    theatre.open()
    experiment_id = start_training(theatre)
    job_id = job_of(theatre, experiment_id)
    before = wait_for(lambda: _some(runs(theatre, experiment_id)), within_s=60)
    with theatre.app.app_context():
        cancel(job_id=job_id)
    wait_for(lambda: not theatre.players(job_id), within_s=10)  # half a second on an idle machine
    assert theatre.ended(job_id).state == "cancelled"
    after = runs(theatre, experiment_id)
    assert before.items() <= after.items()
    assert all(model for _, model, _ in after.values())
