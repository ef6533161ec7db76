"""The job that makes a large table quicker to look at."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from beanft import storage
from beanft.engine.tables.files import copies_of
from beanft.extensions import db
from beanft.models import Job, User
from beanft.uploader import services, store_tasks
from factories import run_job

pytestmark = pytest.mark.usefixtures("context")

CSV = b"price,place\n1.5,north\n2.5,south\n"


def copy_jobs() -> list[Job]:
    return list(db.session.scalars(select(Job).where(Job.kind == "copy")))


def ingested(owner: User):
    dataset = services.save_form(owner_id=owner.id, name="prices", file_name="a.csv", chunks=[CSV])
    run_job(dataset.latest.job)
    db.session.refresh(dataset)
    return dataset.latest


def table(version):
    return storage.folder(version.key) / "table.parquet"


def test_a_small_table_is_not_copied(alice: User) -> None:
    ingested(alice)
    assert copy_jobs() == []


def test_the_end_of_a_large_ingest_queues_the_copy(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_tasks, "_LARGE_ROWS", 2)
    version = ingested(alice)
    [job] = copy_jobs()
    assert (version.state, job.state) == ("ready", "queued")
    assert job.title == "Making “prices” quicker to look at"
    assert (job.subject, job.subject_id, job.owner_id) == ("dataset", version.dataset_id, alice.id)
    run_job(job)
    assert job.state == "ready"
    assert len(copies_of(table(version))) == 1


def test_a_copy_that_fails_is_no_failure_of_the_version(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_tasks, "_LARGE_ROWS", 2)
    version = ingested(alice)
    table(version).write_bytes(b"damaged")
    [job] = copy_jobs()
    run_job(job)
    db.session.refresh(version)
    assert (version.state, job.state) == ("ready", "failed")
    assert "damaged" in (job.error or "")
    assert copies_of(table(version)) == []


def test_where_there_is_no_room_there_is_no_copy(
    app: Flask, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = ingested(alice)
    monkeypatch.setattr(store_tasks, "_LARGE_ROWS", 2)
    monkeypatch.setattr(store_tasks, "TIMES_PARQUET", 10**9)
    monkeypatch.setitem(app.config, "BEANFT", replace(app.config["BEANFT"], storage_per_user_mb=1))
    assert store_tasks.enqueue_copy(version) is None
    assert copy_jobs() == []


def test_a_copy_larger_than_the_room_left_is_dropped_and_nothing_fails(
    app: Flask, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_tasks, "_LARGE_ROWS", 2)
    version = ingested(alice)
    [job] = copy_jobs()
    monkeypatch.setattr(store_tasks.quota, "room_left", lambda _user_id: 10)
    run_job(job)
    db.session.refresh(version)
    assert (version.state, job.state, job.error) == ("ready", "ready", None)
    assert copies_of(table(version)) == []
