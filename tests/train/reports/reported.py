"""Models of a small table without a training: their evidence is made up, their report is real."""

from __future__ import annotations

from typing import Any

import numpy as np

from beanft import storage
from beanft.engine.learning import files
from beanft.extensions import db
from beanft.models import Experiment, Job, TrainedModel, User
from beanft.train.reports import services
from engine.learning.reports.stage import chances, make_evidence
from factories import make_dataset, run_job
from train.stage import ask, make_run

N_ROWS = 200
SCHEMA = {"columns": [{"name": "town"}, {"name": "age"}], "labels": ["no", "yes"]}


def people_csv() -> str:
    """Two hundred people: town, age, sex, and whether they bought."""
    random = np.random.default_rng(0)
    lines = ["town,age,sex,bought,spent"]
    for i in range(N_ROWS):
        town, sex = random.choice(["Leeds", "York", "Hull"]), "f" if i % 3 else "m"
        bought = "yes" if _truth()[i] else "no"
        lines.append(f"{town},{random.integers(18, 90)},{sex},{bought},{random.normal(100, 10):.2f}")
    return "\n".join(lines) + "\n"


def _truth() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 2, N_ROWS)


def make_experiment(owner: User, *, task: str = "classification") -> Experiment:
    """An experiment that is ready, with a baseline and a model that have no report yet."""
    classes = task == "classification"
    dataset = make_dataset(owner, name="people", csv=people_csv())
    target, metric = ("bought", "roc_auc") if classes else ("spent", "rmse")
    experiment = ask(
        owner,
        dataset,
        target=target,
        features=["town", "age"],
        task=task,
        metric=metric,
        learners=["baseline"],
    )
    _save_evidence(experiment, classes=classes)
    for learner, scores in (("baseline", [0.5, 0.5]), ("boosting", [0.8, 0.9])):
        run = make_run(learner, scores, task=task, metric=metric, settings={"leaves": 31})
        run.model = _model(owner, experiment, learner, classes=classes)
        experiment.runs.append(run)
    assert experiment.job is not None
    experiment.job.state = "ready"
    experiment.result_json = {"split": {"n_train": 160, "n_holdout": 40, "hash": "ab" * 32}}
    db.session.commit()
    return experiment


def _save_evidence(experiment: Experiment, *, classes: bool) -> None:
    folder = storage.make_folder(experiment.key)
    if classes:
        y, known = _truth(), {"target": "bought"}
        predicted, guess = chances(y, strength=2.0), np.tile([0.5, 0.5], (N_ROWS, 1))
    else:
        y, known = np.random.default_rng(2).normal(100, 10, N_ROWS), {"target": "spent", "labels": ()}
        predicted, guess = y + np.random.default_rng(3).normal(size=N_ROWS), np.full(N_ROWS, 100.0)
    evidence = make_evidence(folder, y, **known)
    evidence.save_oof("boosting", predicted[:160])
    evidence.save_oof("baseline", guess[:160])


def _model(owner: User, experiment: Experiment, key: str, *, classes: bool) -> TrainedModel:
    content: dict[str, Any] = {"labels": SCHEMA["labels"] if classes else [], "target": experiment.target}
    name = f"{key}.joblib"
    sha256 = files.save(storage.folder(experiment.key) / name, content)
    return TrainedModel(owner_id=owner.id, file=name, sha256=sha256, schema_json=SCHEMA, report_json={})


def model_of(experiment: Experiment, key: str = "boosting") -> TrainedModel:
    """The model of a run."""
    run = next(run for run in experiment.runs if run.key == key)
    assert run.model is not None
    return run.model


def report_on(model: TrainedModel) -> Job:
    """Make its report, here instead of in a worker."""
    job = services.request_report(model=model)
    assert job is not None
    return run_job(job)
