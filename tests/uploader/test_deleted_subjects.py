"""Jobs whose subject is deleted: they end, and what they found never reaches a row that got its number."""

from __future__ import annotations

import pytest

from beanft import storage
from beanft.engine.errors import EngineError
from beanft.extensions import db
from beanft.jobs import services as queue
from beanft.models import Dataset, Experiment, Explanation, Job, Run, TrainedModel, User, Version
from beanft.train.verification import services as verification
from beanft.uploader.versions import services
from factories import make_user

KINDS = ("report", "verify")


def explained_model(owner: User) -> tuple[Dataset, TrainedModel, Explanation]:
    """A dataset with an experiment, a model and an explanation, all as rows alone."""
    dataset = Dataset(owner_id=owner.id, name="staff")
    version = Version(number=1, key=storage.new_key(), original_name="staff.csv", original_bytes=1)
    version.original_sha256 = "a" * 64
    dataset.versions.append(version)
    experiment = Experiment(owner_id=owner.id, version=version, key=storage.new_key(), target="salary")
    experiment.features, experiment.learners, experiment.budget_s = ["age"], ["ridge"], 1
    experiment.task, experiment.metric = "regression", "rmse"
    run = Run(key="ridge", learner="ridge", title="Ridge", state="ready", facts={})
    experiment.runs.append(run)
    run.model = TrainedModel(owner_id=owner.id, file="f", sha256="s", schema_json={}, report_json={})
    db.session.add_all([dataset, experiment])
    db.session.flush()
    explanation = Explanation(owner_id=owner.id, model=run.model, kind="importance", asked="q")
    db.session.add(explanation)
    db.session.flush()
    return dataset, run.model, explanation


def begun(owner: User, model: TrainedModel, explanation: Explanation) -> list[queue.Attempt]:
    """Three jobs about a model that are at work."""
    explanation.job = queue.enqueue(
        kind="explain", owner_id=owner.id, title="Why", subject="explanation", subject_id=explanation.id
    )
    for kind in KINDS:
        queue.enqueue(kind=kind, owner_id=owner.id, title="Salary", subject="model", subject_id=model.id)
    db.session.commit()
    return [attempt for _ in range(3) if (attempt := queue.claim(queue="default", worker="w"))]


@pytest.mark.usefixtures("context")
def test_what_was_found_of_a_deleted_model_does_not_reach_the_model_that_got_its_number():
    alice, bob = make_user("alice"), make_user("bob")
    dataset, model, explanation = explained_model(alice)
    attempts, numbers, other = begun(alice, model, explanation), (model.id, explanation.id), bob.id
    assert [attempt.kind for attempt in attempts] == ["explain", *KINDS]
    services.delete_dataset(dataset=dataset, user_id=alice.id)
    db.session.expunge_all()
    assert all(job.cancel and job.subject_id is None for job in db.session.scalars(db.select(Job)))
    for job in db.session.scalars(db.select(Job)):  # as if it had been deleted the moment before
        job.subject, job.subject_id = {"explain": ("explanation", numbers[1])}.get(
            job.kind, ("model", numbers[0])
        )
    _, model, explanation = explained_model(db.session.get_one(User, other))
    db.session.commit()
    assert (model.id, explanation.id) == numbers
    assert verification.standing_of(model=model).job is None
    for attempt in attempts[:2]:
        with pytest.raises(EngineError, match="was deleted"):
            queue.finish(attempt, {"secret": "rows of alice"})
        db.session.rollback()
    assert explanation.result_json is None
    assert model.report_json == {}
