"""Trainings that really run, here instead of in a worker."""

from __future__ import annotations

import pytest
from flask import Flask

from beanft.extensions import db
from beanft.models import Dataset, User
from factories import make_dataset, run_job
from train.stage import ask, iris_csv


@pytest.fixture
def iris(app: Flask, alice: User) -> int:
    """Number of alice's iris dataset."""
    with app.app_context():
        return make_dataset(alice, name="iris", csv=iris_csv()).id


@pytest.fixture
def trained(app: Flask, alice: User, iris: int) -> int:
    """Number of an experiment of alice that is ready."""
    with app.app_context():
        experiment = ask(alice, db.session.get_one(Dataset, iris))
        assert experiment.job is not None
        run_job(experiment.job)
        return experiment.id
