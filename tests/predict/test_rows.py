"""What is remembered beside a model: its verdict and its baseline, never longer than they hold."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from beanft import storage
from beanft.engine.learning import files
from beanft.engine.learning.learners import BASELINE
from beanft.extensions import db
from beanft.models import Experiment, Run, TrainedModel, User
from beanft.predict.rows import Predicted, predict_many
from beanft.predict.served import served
from factories import make_job
from predict.birds import FEATURES, table

ROW = {name: table()[0][name] for name in FEATURES}


@pytest.fixture
def experiment(app: Flask, species_model: int) -> Iterator[Experiment]:
    with app.app_context():
        yield db.session.get_one(TrainedModel, species_model).run.experiment


def asked(experiment: Experiment) -> Predicted:
    """What is said by the model that is no baseline."""
    key = experiment.id
    others = Run.experiment_id == key, Run.learner != BASELINE
    model = db.session.scalars(select(TrainedModel).join(TrainedModel.run).where(*others)).one()
    return predict_many(model=served(model), rows=[ROW])


def judged(experiment: Experiment, *, better: bool | None, state: str) -> None:
    """Let the training be at this point."""
    run = next(run for run in experiment.runs if run.learner != BASELINE)
    experiment.result_json = {} if better is None else {"verdict": {"better": {run.key: better}}}
    assert experiment.job is not None
    experiment.job.state = state
    db.session.commit()


def test_a_verdict_that_comes_later_is_told(experiment: Experiment) -> None:
    judged(experiment, better=None, state="running")
    assert asked(experiment).better is None
    judged(experiment, better=False, state="running")  # told before the training ends
    assert asked(experiment).better is False
    judged(experiment, better=True, state="ready")
    assert asked(experiment).better is True


def test_a_continued_training_changes_the_verdict(experiment: Experiment) -> None:
    judged(experiment, better=True, state="ready")
    assert asked(experiment).better is True
    owner = db.session.get_one(User, experiment.owner_id)
    experiment.job = make_job(owner, kind="train", subject="experiment", subject_id=experiment.id)
    judged(experiment, better=True, state="queued")
    assert asked(experiment).better is True
    judged(experiment, better=False, state="ready")
    assert asked(experiment).better is False


def test_a_run_is_judged_by_its_key_and_not_by_its_learner(experiment: Experiment) -> None:
    run = next(run for run in experiment.runs if run.learner != BASELINE)
    experiment.result_json = {"verdict": {"better": {run.learner: False, "varied": True}}}
    run.key = "varied"  # the learner's key with a number, where it has several runs
    db.session.commit()
    assert asked(experiment).better is True


def test_a_baseline_that_comes_back_is_found(experiment: Experiment) -> None:
    baseline = next(run.model for run in experiment.runs if run.learner == BASELINE)
    assert baseline is not None
    path = storage.folder(experiment.key) / baseline.file
    content = path.read_bytes()
    path.unlink()
    files.forget()
    assert asked(experiment).baseline is None
    path.write_bytes(content)
    found = asked(experiment).baseline
    assert found is not None
    assert set(found["probabilities"]) == {"Adelie", "Gentoo"}
