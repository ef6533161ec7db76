"""Two small trained models, fitted once a session and given to alice in each test that asks."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from beanft import storage
from beanft.engine.learning import files
from beanft.engine.learning.train import train
from beanft.engine.progress import Progress
from beanft.engine.tables.read import ingest
from beanft.extensions import db
from beanft.jobs.kinds import kind_of
from beanft.models import Batch, Experiment, TrainedModel, User, Version
from factories import make_dataset, make_job, run_job
from predict.birds import FEATURES, table, written


@dataclass
class Recorder(Progress):
    """Keeps the runs that a training hands over."""

    runs: list[dict[str, Any]]

    def record(self, facts: dict[str, Any]) -> None:
        if facts["part"] == "run" and facts["state"] == "ready":
            self.runs = [run for run in self.runs if run["key"] != facts["key"]] + [facts]


@dataclass
class Trained:
    """A finished training, apart from any database."""

    folder: Path
    target: str
    task: str
    runs: list[dict[str, Any]]
    result: dict[str, Any]
    profile: dict[str, Any]
    parquet_sha256: str


def train_on(folder: Path, target: str, task: str, learner: str, **more: Any) -> Trained:
    """Bring the table and train one learner on it."""
    source, parquet = folder / "original", folder / "table.parquet"
    source.write_bytes(written(table(), (*FEATURES, "species", "length")))
    found = ingest(
        source=str(source),
        target=str(parquet),
        original_name="birds.csv",
        wishes={"columns": {"remark": {"kind": "text"}}},
    )
    recorder = Recorder([])
    result = train(
        table=str(parquet),
        table_sha256=found["parquet_sha256"],
        profile=found["profile"],
        target=target,
        features=list(FEATURES),
        task=task,
        learners=[learner],
        budget_s=60,
        n_variations=0,
        folder=str(folder),
        progress=recorder,
        **more,
    )
    return Trained(folder, target, task, recorder.runs, result, found["profile"], found["parquet_sha256"])


@pytest.fixture(scope="session")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return train_on(tmp_path_factory.mktemp("classifier"), "species", "classification", "logistic")


@pytest.fixture(scope="session")
def regressor(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return train_on(tmp_path_factory.mktemp("regressor"), "length", "regression", "linear")


@pytest.fixture(scope="session")
def forecaster(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Trained on rows cut by time."""
    cut = {"validation": {"by": "time", "column": "seen", "folds": 3}}
    return train_on(tmp_path_factory.mktemp("forecaster"), "length", "regression", "linear", choices=cut)


def _take_over(trained: Trained, version: Version) -> None:
    """Make a version the one that was trained on: reading it anew in each test would take long."""
    shutil.copy(trained.folder / "table.parquet", storage.folder(version.key))
    version.profile_json, version.parquet_sha256 = trained.profile, trained.parquet_sha256
    version.n_rows, version.n_columns = trained.profile["n_rows"], len(trained.profile["columns"])


def _copy(source: Path, target: Path) -> None:
    """Everything that a training left, but the table."""
    for path in source.iterdir():
        if path.is_file() and path.name not in ("original", "table.parquet"):
            shutil.copy(path, target)


@pytest.fixture
def make_model(app: Flask) -> Callable[..., int]:
    """Gives a user a trained model: the best of the training, or its baseline; answers its number."""

    def make(owner: User, trained: Trained, learner: str = "") -> int:
        with app.app_context():
            dataset = make_dataset(owner, name=trained.target)
            _take_over(trained, dataset.versions[0])
            experiment = Experiment(
                owner_id=owner.id,
                version=dataset.versions[0],
                key=storage.new_key(),
                target=trained.target,
                features=list(FEATURES),
                task=trained.task,
                metric=trained.result["metric"],
                learners=trained.result["learners"],
                budget_s=60,
            )
            db.session.add(experiment)
            db.session.flush()
            experiment.job = make_job(owner, kind="train", subject="experiment", subject_id=experiment.id)
            _copy(trained.folder, storage.make_folder(experiment.key))
            for run in trained.runs:
                kind_of("train").record(experiment.job, run)
            kind_of("train").finish(experiment.job, trained.result)
            db.session.commit()
            files.forget()  # the queue loads models in another process than the site
            wanted = learner or trained.runs[-1]["learner"]
            return next(run.model.id for run in experiment.runs if run.learner == wanted and run.model)

    return make


@pytest.fixture
def species_model(make_model: Callable[..., int], alice: User, classifier: Trained) -> int:
    return make_model(alice, classifier)


@pytest.fixture
def length_model(make_model: Callable[..., int], alice: User, regressor: Trained) -> int:
    return make_model(alice, regressor)


@pytest.fixture
def model_file(app: Flask) -> Callable[[int], Path]:
    """Where the file of a model lies."""

    def find(model_id: int) -> Path:
        with app.app_context():
            model = db.session.get(TrainedModel, model_id)
            assert model is not None
            return storage.folder(model.run.experiment.key) / model.file

    return find


@pytest.fixture
def do_batch(app: Flask) -> Callable[[int], Batch]:
    """Does the job of a batch in this process, as the queue does in a child."""

    def do(batch_id: int) -> Batch:
        with app.app_context():
            batch = db.session.get(Batch, batch_id)
            assert batch is not None
            assert batch.job is not None
            run_job(batch.job)
            db.session.refresh(batch)
            db.session.refresh(batch, ["result_json"])  # is loaded only when it is asked for
            db.session.expunge_all()
            return batch

    return do
