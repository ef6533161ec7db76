"""A model of alice that tells two classes apart, and one that tells three apart; nothing is trained."""

from __future__ import annotations

import numpy as np
import pytest
from flask import Flask

from beanft.engine.learning.calibration import choose_calibration
from beanft.engine.learning.reports.curves import class_curves
from beanft.engine.learning.reports.thresholds import threshold_table
from beanft.extensions import db
from beanft.models import TrainedModel, User
from factories import make_dataset
from train.stage import ask, make_run


def report_of(labels: list[str], n: int = 300) -> dict[str, object]:
    """What `make_report` keeps of classes, of probabilities that lean to the truth."""
    random = np.random.default_rng(3)
    y = random.integers(0, len(labels), n)
    scores = random.normal(0, 1, (n, len(labels))) + 1.2 * np.eye(len(labels))[y]
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    report: dict[str, object] = {
        "curves": class_curves(y, p, labels),
        "calibration": choose_calibration(y, p).facts(),
    }
    table = threshold_table(y, p, labels)
    return report | ({"threshold": table} if table else {})


def make_model(owner: User, report: dict[str, object], labels: list[str]) -> int:
    csv = "a,b,c,d,churn\n" + "\n".join(
        f"{i},{i % 7},{i % 3},{i % 5},{labels[i % len(labels)]}" for i in range(40)
    )
    dataset = make_dataset(owner, name=f"table of {len(labels)} {len(report)}", csv=csv)
    experiment = ask(owner, dataset, target="churn", features=["a", "b"], metric="accuracy")
    run = make_run("logistic", [0.8, 0.82, 0.81])
    run.model = TrainedModel(
        owner_id=owner.id,
        file="x.model",
        sha256="0" * 64,
        schema_json={"columns": [], "labels": labels},
        report_json=report,
    )
    experiment.runs = [make_run("baseline", [0.5, 0.5, 0.5]), run]
    assert experiment.job is not None
    experiment.job.state = "ready"
    db.session.commit()
    return int(run.model.id)


@pytest.fixture
def binary(app: Flask, alice: User) -> int:
    with app.app_context():
        return make_model(alice, report_of(["no", "yes"]), ["no", "yes"])


@pytest.fixture
def species(app: Flask, alice: User) -> int:
    labels = ["Adelie", "Chinstrap", "<b>Gentoo</b>"]
    with app.app_context():
        return make_model(alice, report_of(labels), labels)


@pytest.fixture
def old(app: Flask, alice: User) -> int:
    """A model whose report was made before there were curves."""
    with app.app_context():
        return make_model(alice, {}, ["no", "yes"])
