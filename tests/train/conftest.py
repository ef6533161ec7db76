"""Trainings that really run, here instead of in a worker."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from beanft.engine.learning.train import train
from beanft.engine.progress import Progress
from beanft.extensions import db
from beanft.models import Dataset, User
from factories import make_dataset, run_job
from train.stage import ask, iris_csv


@pytest.fixture
def iris(app: Flask, alice: User) -> int:
    """Number of alice's iris dataset."""
    with app.app_context():
        return make_dataset(alice, name="iris", csv=iris_csv()).id


@dataclass
class Remembered(Progress):
    """The engine's training: what was asked of it last time is not done again, but told and handed over."""

    folder: Path
    asked: dict[str, Any] = field(default_factory=dict)
    parts: list[dict[str, Any]] = field(default_factory=list)
    result: dict[str, Any] = field(default_factory=dict)

    def record(self, facts: dict[str, Any]) -> None:
        self.parts.append(facts)

    def train(self, *, table: str, folder: str, progress: Progress, **asked: Any) -> dict[str, Any]:
        """Stand in for the engine's function of that name."""
        if asked != self.asked:
            shutil.rmtree(self.folder)
            self.folder.mkdir()
            self.parts.clear()
            self.result = train(table=table, folder=str(self.folder), progress=self, **asked)
            self.asked = asked
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        for part in self.parts:
            progress.record(part)
        return self.result


@pytest.fixture(scope="session")
def remembered(tmp_path_factory: pytest.TempPathFactory) -> Remembered:
    return Remembered(tmp_path_factory.mktemp("iris"))


@pytest.fixture
def trained(app: Flask, alice: User, iris: int, remembered: Remembered) -> int:
    """Number of an experiment of alice that is ready."""
    with app.app_context(), pytest.MonkeyPatch.context() as patched:
        experiment = ask(alice, db.session.get_one(Dataset, iris))
        assert experiment.job is not None
        patched.setattr("beanft.engine.learning.train.train", remembered.train)
        run_job(experiment.job)
        return experiment.id
