"""The row of a job: who may change it, and into what."""

from __future__ import annotations

import time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from beanft.extensions import db
from beanft.jobs import services, wakeups
from beanft.models import AuditEvent, Job, User
from factories import make_job

pytestmark = pytest.mark.usefixtures("context", "kind")


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    queues: list[str] = []
    monkeypatch.setattr(wakeups, "publish", queues.append)
    return queues


def queued(owner: User, **values: Any) -> Job:
    job = make_job(owner, **({"kind": "try", "state": "queued"} | values))
    db.session.commit()
    return job


def claimed(owner: User, **values: Any) -> services.Attempt:
    queued(owner, **values)
    attempt = services.claim(queue="default", worker="w:1")
    assert attempt is not None
    return attempt


def row(job_id: int) -> Job:
    db.session.expire_all()
    return db.session.get_one(Job, job_id)


def stored(action: str) -> list[str]:
    return list(db.session.scalars(select(AuditEvent.subject).where(AuditEvent.action == action)))


def test_a_worker_is_woken_after_the_commit_not_before(alice: User, published: list[str]) -> None:
    services.enqueue(kind="try", owner_id=alice.id, title="t", subject="", subject_id=None)
    assert published == []
    db.session.commit()
    assert published == ["default"]
    db.session.commit()
    assert published == ["default"]


def test_a_job_that_is_rolled_back_wakes_nobody(alice: User, published: list[str]) -> None:
    services.enqueue(kind="try", owner_id=alice.id, title="t", subject="", subject_id=None)
    db.session.rollback()
    db.session.commit()
    assert published == []


def test_a_savepoint_is_no_commit(alice: User, published: list[str]) -> None:
    with db.session.begin_nested():
        services.enqueue(kind="try", owner_id=alice.id, title="t", subject="", subject_id=None)
    assert published == []
    db.session.commit()
    assert published == ["default"]


def test_a_broker_that_is_away_fails_no_request(
    app: Flask, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_arguments: Any, **_options: Any) -> None:
        raise ConnectionError("refused")

    monkeypatch.setattr(app.extensions["celery"], "send_task", away)
    job = services.enqueue(kind="try", owner_id=alice.id, title="t", subject="", subject_id=None)
    db.session.commit()
    assert row(job.id).state == "queued"


def test_a_job_is_claimed_once(alice: User) -> None:
    attempt = claimed(alice)
    assert services.claim(queue="default", worker="w:2") is None
    job = row(attempt.job_id)
    assert (job.state, job.attempt, job.worker, job.token) == ("running", 1, "w:1", attempt.token)
    assert job.lease_until > time.time()


def test_another_queue_is_another_queue(alice: User) -> None:
    queued(alice, queue="heavy")
    assert services.claim(queue="default", worker="w:1") is None
    assert services.claim(queue="heavy", worker="w:1") is not None


def test_priority_comes_first_then_the_owner_with_fewest_running_then_age(alice: User, bob: User) -> None:
    first, second = queued(alice), queued(alice)
    of_bob, urgent = queued(bob), queued(alice, priority=1)
    order = []
    while attempt := services.claim(queue="default", worker="w:1"):
        order.append(attempt.job_id)
    assert order == [urgent.id, of_bob.id, first.id, second.id]


def test_nobody_runs_more_than_the_limit(app: Flask, alice: User) -> None:
    for _ in range(app.config["BEANFT"].jobs_per_user + 1):
        queued(alice)
    claims = [services.claim(queue="default", worker="w:1") for _ in range(6)]
    assert sum(claim is not None for claim in claims) == app.config["BEANFT"].jobs_per_user


def test_of_one_owners_trainings_one_runs_at_a_time_and_other_work_goes_on(alice: User, bob: User) -> None:
    first, second, of_bob = (queued(one, kind="train") for one in (alice, alice, bob))
    short = queued(alice)
    claims = [services.claim(queue="default", worker="w:1") for _ in range(4)]
    assert [claim.job_id for claim in claims if claim] == [first.id, of_bob.id, short.id]
    services.fail(claims[0], "It ended.")  # type: ignore[arg-type]  # the first one was claimed
    after = services.claim(queue="default", worker="w:1")
    assert after is not None
    assert after.job_id == second.id


def test_a_pause_is_kept(alice: User) -> None:
    queued(alice, not_before=time.time() + 60)
    assert services.claim(queue="default", worker="w:1") is None
    assert not services.is_due("default")


def test_a_heartbeat_renews_the_lease_and_brings_the_cancel(alice: User) -> None:
    attempt = claimed(alice)
    db.session.execute(update(Job).values(lease_until=0.0))
    db.session.commit()
    assert services.beat(attempt, {"progress": 0.5, "message": "half"}) == "go on"
    job = row(attempt.job_id)
    assert (job.progress, job.message) == (0.5, "half")
    assert job.lease_until > time.time()
    services.cancel(job_id=attempt.job_id)
    assert row(attempt.job_id).state == "running"
    assert services.beat(attempt, {}) == "cancel"
    assert services.stop(attempt)
    assert row(attempt.job_id).state == "cancelled"


def test_a_heartbeat_brings_the_wish_to_wrap_up(alice: User) -> None:
    attempt = claimed(alice, params={"roles": {}})
    services.wrap_up(job_id=attempt.job_id)
    job = row(attempt.job_id)
    assert (job.state, job.wraps_up, job.params["roles"]) == ("running", True, {})
    assert services.beat(attempt, {}) == "wrap up"
    services.cancel(job_id=attempt.job_id)
    assert services.beat(attempt, {}) == "cancel"


def test_wrapping_up_a_job_that_never_began_cancels_it(alice: User) -> None:
    job_id = queued(alice).id
    services.wrap_up(job_id=job_id)
    assert (row(job_id).state, row(job_id).wraps_up) == ("cancelled", False)


def test_a_job_that_waits_for_its_second_attempt_wraps_up_in_it(alice: User) -> None:
    attempt = claimed(alice)
    services.try_again(attempt, "It died.", pause_s=0)
    services.wrap_up(job_id=attempt.job_id)
    assert row(attempt.job_id).state == "queued"
    again = services.claim(queue="default", worker="w:2")
    assert again is not None
    assert services.beat(again, {}) == "wrap up"


def test_a_job_that_ended_has_nothing_to_wrap_up(alice: User) -> None:
    attempt = claimed(alice)
    services.finish(attempt, {})
    services.wrap_up(job_id=attempt.job_id)
    assert (row(attempt.job_id).state, row(attempt.job_id).wraps_up) == ("ready", False)


def test_finish_stores_the_result_with_the_state(alice: User) -> None:
    attempt = claimed(alice)
    assert services.finish(attempt, {"a": 1})
    assert row(attempt.job_id).state == "ready"
    assert stored("finish") == [f'{attempt.job_id} {{"a": 1}}']


def test_a_result_that_cannot_be_stored_leaves_the_job_running(alice: User) -> None:
    attempt = claimed(alice, params={"spoil": "finish"})
    with pytest.raises(ZeroDivisionError):
        services.finish(attempt, {})
    db.session.rollback()
    assert row(attempt.job_id).state == "running"
    assert stored("finish") == []


def test_a_zombie_changes_nothing(alice: User) -> None:
    zombie = claimed(alice)
    assert services.try_again(zombie, "lost", pause_s=0)
    heir = services.claim(queue="default", worker="w:2")
    assert heir is not None
    assert services.beat(zombie, {"progress": 0.9, "message": "zombie"}) == "gone"
    assert not services.record(zombie, {"number": 1, "text": ""})
    assert not services.finish(zombie, {"zombie": True})
    assert not services.fail(zombie, "zombie")
    assert not services.stop(zombie)
    assert not services.give_back(zombie)
    assert not services.try_again(zombie, "zombie")
    job = row(heir.job_id)
    assert (job.state, job.progress, job.message, job.error, job.token) == (
        "running",
        0.0,
        "",
        None,
        heir.token,
    )
    assert stored("finish") == stored("record") == []


def test_a_job_given_back_loses_no_attempt(alice: User) -> None:
    attempt = claimed(alice)
    services.give_back(attempt)
    job = row(attempt.job_id)
    assert (job.state, job.attempt, job.token) == ("queued", 0, None)


def test_a_lost_job_is_tried_twice_then_fails_with_a_sentence(alice: User) -> None:
    attempt = claimed(alice)
    services.take_back(worker="w:other")
    assert row(attempt.job_id).state == "running"
    services.take_back(worker="w:1")
    assert row(attempt.job_id).state == "queued"
    assert services.claim(queue="default", worker="w:1") is not None
    services.take_back()
    job = row(attempt.job_id)
    assert job.state == "failed"
    assert job.error is not None
    assert job.error.startswith("This was interrupted 2 times because its worker stopped.")


def test_the_reaper_takes_only_what_is_silent(alice: User) -> None:
    silent, living = claimed(alice), claimed(alice)
    db.session.execute(update(Job).where(Job.id == silent.job_id).values(lease_until=time.time() - 1))
    db.session.commit()
    services.reap()
    assert row(silent.job_id).state == "queued"
    assert row(silent.job_id).not_before > time.time()
    assert row(living.job_id).state == "running"


def test_a_job_that_is_cancelled_while_it_is_lost_does_not_run_again(alice: User) -> None:
    attempt = claimed(alice)
    services.cancel(job_id=attempt.job_id)
    services.take_back()
    job = row(attempt.job_id)
    assert job.state == "cancelled"
    assert job.finished_at is not None


def test_a_job_that_fails_after_it_was_cancelled_ends_as_cancelled(alice: User) -> None:
    attempt = claimed(alice)
    assert not services.is_cancelled(attempt)
    services.cancel(job_id=attempt.job_id)
    assert services.is_cancelled(attempt)
    assert services.fail(attempt, "No such file.")
    job = row(attempt.job_id)
    assert (job.state, job.error) == ("cancelled", None)
    assert job.finished_at is not None


def test_a_failed_job_keeps_what_its_page_can_offer(alice: User) -> None:
    attempt = claimed(alice, params={"version_id": 5})
    assert services.fail(attempt, "Line 3 is no row.", remedies=("set-aside", "replace-bytes"))
    job = row(attempt.job_id)
    assert (job.state, job.error) == ("failed", "Line 3 is no row.")
    assert job.remedies == ("set-aside", "replace-bytes")
    assert job.params["version_id"] == 5


def test_an_attempt_that_is_no_longer_the_jobs_offers_nothing(alice: User) -> None:
    attempt = claimed(alice, params={"version_id": 5})
    services.take_back()
    assert not services.fail(attempt, "Line 3 is no row.", remedies=("set-aside",))
    assert row(attempt.job_id).params == {"version_id": 5}


def test_cancel_ends_a_waiting_job_at_once_and_leaves_an_ended_one_alone(alice: User) -> None:
    job, ready = queued(alice), make_job(alice)
    services.cancel(job_id=job.id)
    services.cancel(job_id=ready.id)
    assert row(job.id).state == "cancelled"
    assert row(job.id).finished_at is not None
    assert row(ready.id).state == "ready"
    assert not row(ready.id).cancel


def test_a_forgotten_job_is_woken_again_once(alice: User) -> None:
    queued(alice)
    assert services.overdue() == ["default"]
    assert services.overdue() == []
    services.forget_wake_ups()
    assert services.overdue() == ["default"]


def test_few_wake_ups_start_a_long_queue(alice: User) -> None:
    for _ in range(20):
        queued(alice)
    assert len(services.overdue()) == 8
