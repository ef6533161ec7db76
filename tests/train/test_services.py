"""Experiments and models: asked, trained, kept, deleted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from beanft import storage
from beanft.engine.errors import EngineError
from beanft.extensions import db
from beanft.jobs import StillRunningError
from beanft.jobs.kinds import kind_of
from beanft.listing import PER_PAGE
from beanft.models import AuditEvent, Batch, Dataset, Experiment, Job, Run, TrainedModel, User
from beanft.train import services, tasks
from factories import make_dataset, make_job, run_job
from train.stage import FEATURES, ask, iris_csv, run_facts

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def dataset(alice: User, iris: int) -> Dataset:
    return db.session.get_one(Dataset, iris)


def _count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def _job(experiment: Experiment) -> Job:
    assert experiment.job is not None
    return experiment.job


def _run(experiment: Experiment, key: str) -> Run:
    return next(run for run in experiment.runs if run.key == key)


def _folder(experiment: Experiment) -> Path:
    return storage.folder(experiment.key)


def test_a_question_waits_in_the_queue(alice: User, dataset: Dataset) -> None:
    experiment = ask(alice, dataset, budget_s=30)
    assert experiment.state == "queued"
    job = _job(experiment)
    assert (job.kind, job.subject, job.subject_id) == ("train", "experiment", experiment.id)
    assert job.title == "Training: species in iris"
    assert job.time_limit_s == 180
    assert db.session.scalar(select(AuditEvent.subject).where(AuditEvent.action == "experiment-create"))


def test_the_engine_gets_plain_values(alice: User, dataset: Dataset) -> None:
    given = kind_of("train").prepare(_job(ask(alice, dataset)))
    assert json.loads(json.dumps(given)) == given
    assert given["done"] == []
    assert Path(given["table"]).is_file()


def test_a_training_keeps_runs_models_and_result(alice: User, dataset: Dataset) -> None:
    experiment = ask(alice, dataset)
    job = run_job(_job(experiment))
    assert job.state == "ready", job.error
    assert {run.key for run in experiment.runs} >= {"baseline", "naive_bayes", "discriminant"}
    assert experiment.runs[0].learner == "baseline"
    assert {run.state for run in experiment.runs} == {"ready"}
    assert experiment.result_json is not None
    assert experiment.result_json["split"]["n_holdout"] == 30
    assert "schema" not in experiment.result_json
    for run in experiment.runs:
        assert run.model is not None
        assert (_folder(experiment) / run.model.file).is_file()
        assert storage.sha256(_folder(experiment) / run.model.file) == run.model.sha256
        assert [column["name"] for column in run.model.schema_json["columns"]] == FEATURES
        assert run.model.schema_json["labels"] == ["setosa", "versicolor", "virginica"]
        assert "report" not in run.facts
    chosen = {run.key: run.model for run in experiment.runs if run.model and run.model.role}
    assert set(chosen) == {experiment.result_json[role] for role in ("final", "simple")} - {None}
    assert chosen[experiment.result_json["final"]].role == "final"
    assert all(model.report_json["holdout"]["n_rows"] == 30 for model in chosen.values())
    assert all(run.model.report_json == {} for run in experiment.runs if run.key not in chosen and run.model)
    assert experiment.log_json


def test_a_second_attempt_repeats_only_what_was_not_done(alice: User, dataset: Dataset) -> None:
    experiment = ask(alice, dataset)
    run_job(_job(experiment))
    kept = {run.key: (run.id, run.model.id if run.model else None) for run in experiment.runs}
    late, bayes = (_run(experiment, key) for key in ("discriminant", "naive_bayes"))
    late.state = "cancelled"
    db.session.commit()
    given = kind_of("train").prepare(_job(experiment))
    assert [facts["key"] for facts in given["done"]] == ["naive_bayes"]
    assert given["looks"] == 1
    scores = bayes.facts["scores"]
    job = run_job(_job(experiment))
    assert job.state == "ready", job.error
    db.session.expire_all()
    assert {run.key: (run.id, run.model.id if run.model else None) for run in experiment.runs} == kept
    assert _count(Run) == _count(TrainedModel) == len(kept)
    assert bayes.facts["scores"] == scores
    assert experiment.result_json is not None
    assert experiment.result_json["looks"] == 2
    assert late.state == "ready"
    for run in experiment.runs:
        assert run.model is not None
        assert storage.sha256(_folder(experiment) / run.model.file) == run.model.sha256
        assert [column["name"] for column in run.model.schema_json["columns"]] == FEATURES
    judged = {run.facts.get("unseen_model", {}).get("file") for run in experiment.runs} - {None}
    named = {run.model.file for run in experiment.runs if run.model} | judged
    assert {path.name for path in _folder(experiment).glob("*.joblib")} == named


def test_a_run_that_failed_is_kept_without_a_model(alice: User, dataset: Dataset) -> None:
    experiment = ask(alice, dataset)
    facts = run_facts("discriminant", [0.5, 0.5], state="failed", error="It failed.")
    tasks.record(_job(experiment), facts)
    (run,) = experiment.runs
    assert (run.state, run.error, run.model) == ("failed", "It failed.", None)


def test_a_deleted_experiment_ends_its_job_with_a_sentence(alice: User) -> None:
    job = make_job(alice, kind="train", state="running", subject="experiment", subject_id=99)
    with pytest.raises(EngineError, match="was deleted"):
        tasks.prepare(job)


def test_lists_come_newest_first_in_pages(alice: User, bob: User, dataset: Dataset) -> None:
    made = [ask(alice, dataset).id for _ in range(PER_PAGE + 2)]
    first = services.list_experiments(user_id=alice.id, page=1)
    assert [one.id for one in first.items] == made[::-1][:PER_PAGE]
    assert (first.n_pages, first.total) == (2, len(made))
    assert [one.id for one in services.list_experiments(user_id=alice.id, page=9).items] == made[1::-1]
    assert services.list_experiments(user_id=bob.id, page=1).total == 0
    assert services.list_models(user_id=alice.id, page=-3).page == 1


def test_deleting_frees_the_disk(alice: User, dataset: Dataset) -> None:
    experiment, other = ask(alice, dataset), ask(alice, dataset)
    job = run_job(_job(experiment))
    assert job.state == "ready", job.error
    model = experiment.runs[0].model
    assert model is not None
    batch = Batch(
        owner_id=alice.id,
        model_id=model.id,
        key=storage.new_key(),
        original_name="new.csv",
        original_sha256="0" * 64,
        job=make_job(alice, kind="predict"),
    )
    db.session.add(batch)
    db.session.commit()
    (storage.make_folder(batch.key) / "original").write_bytes(b"a\n1\n")
    waiting = make_job(alice, kind="verify", subject="model", subject_id=model.id)
    running = make_job(alice, kind="export", subject="model", subject_id=model.id)
    waiting.state, running.state = "queued", "running"
    db.session.commit()
    folders = [_folder(experiment), storage.folder(batch.key)]
    with pytest.raises(StillRunningError, match="told to end, which takes a few seconds"):
        services.delete_experiment(experiment=experiment)
    assert (waiting.state, running.cancel) == ("cancelled", True)
    running.state = "cancelled"
    db.session.commit()
    services.delete_experiment(experiment=experiment)
    assert not any(folder.exists() for folder in folders)
    assert _count(Run) == _count(TrainedModel) == _count(Batch) == 0
    assert [one.id for one in db.session.scalars(select(Experiment))] == [other.id]
    assert {one.id for one in db.session.scalars(select(Job).where(Job.kind != "ingest"))} == {other.job_id}


def test_what_still_runs_is_not_deleted(alice: User, dataset: Dataset) -> None:
    experiment = ask(alice, dataset)
    with pytest.raises(StillRunningError, match="still under way"):
        services.delete_experiment(experiment=experiment)
    assert _count(Experiment) == 1


def test_a_regression_trains_too(alice: User) -> None:
    numbers = make_dataset(alice, name="numbers", csv=iris_csv())
    features = [*FEATURES[:3], "species"]
    experiment = ask(
        alice, numbers, target="petal_width", features=features, task="regression", metric="mae",
        learners=["baseline", "ridge"],
    )  # fmt: skip
    job = run_job(_job(experiment))
    assert job.state == "ready", job.error
    assert experiment.result_json is not None
    model = _run(experiment, experiment.result_json["final"]).model
    assert model is not None
    assert model.report_json["holdout"]["n_rows"] == 30
    assert model.report_json["points"]["n"] == 120  # each development row while it was unseen
    assert model.schema_json["labels"] == []


def test_a_training_keeps_the_roles_that_were_there_when_it_was_asked(alice: User, dataset: Dataset) -> None:
    dataset.latest.roles = {"day": "time"}
    job = _job(ask(alice, dataset))
    dataset.latest.roles = {"site": "group"}
    db.session.commit()
    columns = tasks.prepare(job)["profile"]["columns"]
    assert {column["name"]: column["role"] for column in columns if column["role"]} == {"day": "time"}
