"""Pages with lists ask the database as often for many objects as for few, and not for what is not shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from beanft import storage
from beanft.extensions import db
from beanft.models import Batch, Dataset, Experiment, Run, TrainedModel, User, Version
from factories import make_job

PAGES = [
    *("/", "/datasets", "/models", "/experiments", "/activity", "/models/1/batches/new"),
    *("/api/v1/datasets", "/api/v1/models", "/api/v1/batches"),
]
HEAVY = ("profile_json", "wishes_json", "schema_json", "report_json", "result_json")
NEEDED = {
    "/": {"result_json"},  # the verdicts of the newest experiments
    "/models/1/batches/new": {"schema_json", "profile_json"},  # the columns, and the words for yes and no
}


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def add(owner: User, name: str) -> None:
    """A dataset with two versions, an experiment with a model, and a batch of the first model."""
    versions = [
        Version(
            number=number,
            job=make_job(owner),
            key=storage.new_key(),
            original_name="a.csv",
            original_bytes=1,
            original_sha256="0" * 64,
            profile_json={},
        )
        for number in (1, 2)
    ]
    experiment = Experiment(
        owner_id=owner.id,
        version=versions[1],
        job=make_job(owner, kind="train"),
        key=storage.new_key(),
        target="a",
        features=["b"],
        task="regression",
        metric="rmse",
        learners=["baseline"],
        budget_s=1,
        result_json={},
    )
    facts = {"mean": 1.0, "sd": 0.1}
    run = Run(key="baseline", learner="baseline", title="Baseline", state="ready", facts=facts)
    run.model = TrainedModel(
        owner_id=owner.id,
        file="x",
        sha256="0" * 64,
        schema_json={"columns": [], "labels": []},
        report_json={},
    )
    experiment.runs.append(run)
    db.session.add_all([Dataset(owner_id=owner.id, name=name, versions=versions), experiment])
    db.session.flush()
    db.session.add(
        Batch(
            owner_id=owner.id,
            model_id=1,
            job=make_job(owner, kind="predict"),
            key=storage.new_key(),
            original_name="a.csv",
            original_sha256="0" * 64,
            n_rows=17,
            result_json={},
        )
    )
    db.session.commit()


@pytest.mark.parametrize("page", PAGES)
def test_the_number_of_statements_does_not_grow_with_the_objects(
    app: Flask, as_alice: FlaskClient, alice: User, page: str
) -> None:
    counts = []
    for names in (["first"], [f"more {n}" for n in range(6)]):
        with app.app_context():
            for name in names:
                add(alice, name)
        with statements(app) as asked:
            assert as_alice.get(page).status_code == 200
        counts.append(len(asked))
        loaded = {column for column in HEAVY if any(column in statement for statement in asked)}
        assert loaded == NEEDED.get(page, set())
    assert counts[0] == counts[1]
    assert counts[1] <= 14
