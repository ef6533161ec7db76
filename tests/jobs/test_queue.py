"""The queue as an owner meets it: one site, its worker, and jobs that end well, badly, or not at all."""

from __future__ import annotations

import signal
from pathlib import Path

import psutil
import pytest

from beanft.jobs import cancel, supervisor, wrap_up
from jobs.theatre import Theatre
from waiting import wait_for


def test_progress_arrives_while_it_runs_and_the_result_is_stored_once(house: Theatre) -> None:
    job_id = house.add("steps", n=8, pause_s=0.3)
    seen: set[float] = set()

    def watch() -> bool:
        job = house.job(job_id)
        seen.add(job.progress)
        return not job.unfinished

    wait_for(watch)
    job = house.job(job_id)
    assert (job.state, job.progress, job.attempt, job.error) == ("ready", 1.0, 1, None)
    assert len(seen - {0.0, 1.0}) >= 2
    assert house.events("finish", job_id) == ['{"steps": 8}']
    assert house.players(job_id) == []
    wait_for(lambda: not (house.instance / "jobs" / str(job_id)).exists())


def test_parts_are_kept_though_the_job_fails(house: Theatre) -> None:
    job_id = house.add("parts", sizes=[1, 400_000], then="boom")
    job = house.ended(job_id)
    assert job.state == "failed"
    assert house.events("record", job_id) == ["0 1", "1 400000"]
    assert house.events("finish", job_id) == []


def test_cancel_kills_a_fit_inside_one_long_call(house: Theatre) -> None:
    """Two seconds are promised: it is looked for often enough, and the rest is how busy the machine is."""
    job_id = house.add("fit")
    house.running(job_id, "fitting")
    with house.app.app_context():
        cancel(job_id=job_id)
    wait_for(lambda: not house.players(job_id), within_s=10)
    assert supervisor._LOOK_EVERY_S + supervisor._READ_WAIT_S < 1
    job = house.ended(job_id)
    assert (job.state, job.error) == ("cancelled", None)
    assert job.finished_at is not None


def test_a_job_that_is_wrapped_up_keeps_its_best_so_far(house: Theatre) -> None:
    job_id = house.add("search")
    house.running(job_id, "searching")
    with house.app.app_context():
        wrap_up(job_id=job_id)
    job = house.ended(job_id)
    assert (job.state, job.attempt, job.error) == ("ready", 1, None)
    assert house.events("finish", job_id) == ['{"kept": "the best so far"}']


def test_a_killed_job_is_tried_again(house: Theatre) -> None:
    job_id = house.add("once", marker=str(house.instance / "once"))
    house.running(job_id, "waiting")
    for player in house.players(job_id):
        player.kill()
    job = house.ended(job_id)
    assert (job.state, job.attempt) == ("ready", 2)
    assert house.events("finish", job_id) == ['{"attempt": 2}']


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_job_that_always_dies_fails_after_two_attempts(house: Theatre, number: signal.Signals) -> None:
    job = house.ended(house.add("die", number=number))
    assert (job.state, job.attempt) == ("failed", 2)
    assert job.error is not None
    assert job.error.startswith(f"This stopped 2 times without a result ({number.name}")


def test_an_error_of_the_engine_is_what_the_owner_reads(house: Theatre) -> None:
    job = house.ended(house.add("refuse"))
    assert (job.state, job.attempt) == ("failed", 1)
    assert job.error == "Line 3 has 4 values, the header has 3. Mend the file and try again."
    assert job.remedies == ("set-aside",)
    assert job.params["arguments"] == {"what": "refuse"}


def test_any_other_error_is_a_plain_sentence_and_a_traceback_in_the_log(house: Theatre) -> None:
    job_id = house.add("boom")
    job = house.ended(job_id)
    assert (job.state, job.attempt) == ("failed", 1)
    assert job.error == (
        "Something went wrong inside Beanft while trying boom. "
        f"The details are in the log under job {job_id}."
    )
    wait_for(lambda: f"job {job_id}, attempt 1 failed" in house.log())
    assert "ValueError: /a/secret/path" in house.log()


def test_a_job_that_takes_too_long_is_stopped_even_inside_one_long_call(house: Theatre) -> None:
    job = house.ended(house.add("fit", limits={"time_limit_s": 5.0}))
    assert job.state == "failed"
    assert job.error is not None
    assert job.error.startswith("This took longer than 5 seconds. Take fewer rows or columns")


@pytest.mark.parametrize("at_once", [False, True])
def test_a_job_that_takes_too_much_memory_is_stopped(house: Theatre, at_once: bool) -> None:
    job = house.ended(house.add("swell", at_once=at_once, limits={"memory_mb": 500}))
    assert job.state == "failed"
    assert job.error == (
        "This needed more than 500 MB of memory. "
        "Take fewer rows or columns, or ask the administrator to raise job_memory_mb."
    )


@pytest.mark.parametrize("spoil", ["unprepared", "finish"])
def test_a_feature_that_breaks_fails_its_job_and_nothing_else(house: Theatre, spoil: str) -> None:
    job_id = house.add("steps", spoil=spoil)
    job = house.ended(job_id)
    assert job.state == "failed"
    assert job.error is not None
    assert job.error.startswith("Something went wrong inside Beanft while trying steps.")
    assert house.events("finish", job_id) == []
    wait_for(lambda: f"job {job_id}, attempt 1 failed: ZeroDivisionError" in house.log())


def test_what_a_feature_says_is_what_the_owner_reads(house: Theatre) -> None:
    assert house.ended(house.add("steps", spoil="prepare")).error == "The dataset has been deleted meanwhile."
    job_id = house.add("parts", sizes=[1], spoil="record")
    assert house.ended(job_id).error == "This part cannot be kept."
    assert house.events("record", job_id) == []


def test_a_job_is_gentle_and_the_first_to_die_when_memory_ends(house: Theatre) -> None:
    job_id = house.add("wait")
    house.running(job_id, "waiting")
    player = max(house.players(job_id), key=psutil.Process.create_time)
    score = Path(f"/proc/{player.pid}/oom_score_adj").read_text()
    assert (player.nice(), score) == (10, "800\n")
    with house.app.app_context():
        cancel(job_id=job_id)
    assert house.ended(job_id).state == "cancelled"
