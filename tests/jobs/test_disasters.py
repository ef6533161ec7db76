"""kill -9 of the worker, of the site, of everything: nothing stuck, nothing lost, nothing twice."""

from __future__ import annotations

import signal

import pytest

from beanft.jobs import cancel
from jobs.theatre import LEASE_S, Theatre, stop
from waiting import wait_for

pytestmark = pytest.mark.slow


def test_the_worker_is_killed(theatre: Theatre) -> None:
    theatre.open()
    job_id = theatre.add("once", marker=str(theatre.instance / "once"))
    theatre.running(job_id, "waiting")
    dead = theatre.worker()
    dead.kill()
    wait_for(lambda: not theatre.players(job_id), within_s=10)
    job = theatre.ended(job_id)
    assert (job.state, job.attempt) == ("ready", 2)
    assert theatre.events("finish", job_id) == ['{"attempt": 2}']
    assert theatre.worker().pid != dead.pid


def test_everything_is_killed_with_jobs_running_and_waiting(theatre: Theatre) -> None:
    theatre.open()
    first = [theatre.add("once", marker=str(theatre.instance / f"once-{n}")) for n in range(2)]
    others = [theatre.add("steps", n=2) for _ in range(4)]
    for job_id in first:
        theatre.running(job_id, "waiting")
    theatre.kill_everything()
    assert [theatre.job(job_id).state for job_id in others] == ["queued"] * 4
    theatre.open()
    jobs = [theatre.ended(job_id) for job_id in [*first, *others]]
    assert {job.state for job in jobs} == {"ready"}
    assert [job.attempt for job in jobs] == [2, 2, 1, 1, 1, 1]
    assert [len(theatre.events("finish", job.id)) for job in jobs] == [1] * 6


def test_only_the_site_is_killed(theatre: Theatre) -> None:
    site = theatre.open()
    job_id = theatre.add("once", marker=str(theatre.instance / "once"))
    theatre.running(job_id, "waiting")
    worker = theatre.worker()
    site.kill()
    site.wait()
    wait_for(lambda: not worker.is_running() and not theatre.players(job_id), within_s=30)
    assert theatre.job(job_id).state == "queued"
    theatre.open()
    assert theatre.ended(job_id).state == "ready"


def test_a_stop_gives_running_jobs_back_without_losing_an_attempt(theatre: Theatre) -> None:
    site = theatre.open()
    job_id = theatre.add("once", marker=str(theatre.instance / "once"))
    theatre.running(job_id, "waiting")
    everybody = theatre.everybody()
    assert stop(site, signal.SIGTERM) < 10
    assert site.returncode == 0
    # Whose parent is gone is swept up by the system, a moment later.
    wait_for(lambda: not any(one.is_running() for one in everybody), within_s=10)
    assert theatre.players() == []
    job = theatre.job(job_id)
    assert (job.state, job.attempt) == ("queued", 0)
    theatre.open()
    job = theatre.ended(job_id)
    assert (job.state, job.attempt) == ("ready", 1)


def test_a_worker_that_hangs_loses_its_job_to_another_attempt(theatre: Theatre) -> None:
    """The reaper of a second worker takes the job; the first one wakes up as a zombie and changes nothing."""
    theatre.open()
    job_id = theatre.add("once", marker=str(theatre.instance / "once"))
    theatre.running(job_id, "waiting")
    hung = theatre.worker()
    hung.suspend()
    other = theatre.spawn(
        "-m", "celery", "-A", "stage.celery", "worker", "-P", "threads", "-c", "1", "-l", "ERROR"
    )
    job = theatre.ended(job_id, within_s=LEASE_S + 30)
    assert (job.state, job.attempt) == ("ready", 2)
    hung.resume()
    wait_for(lambda: not theatre.players(job_id))
    assert theatre.job(job_id).state == "ready"
    assert theatre.events("finish", job_id) == ['{"attempt": 2}']
    stop(other)


def test_a_job_can_be_cancelled_after_a_restart(theatre: Theatre) -> None:
    theatre.open()
    job_id = theatre.add("wait")
    theatre.running(job_id, "waiting")
    theatre.kill_everything()
    with theatre.app.app_context():
        cancel(job_id=job_id)
    theatre.open()
    assert theatre.ended(job_id).state == "cancelled"
