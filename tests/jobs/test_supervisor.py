"""One attempt that is watched here, without a worker."""

from __future__ import annotations

import logging
import threading

import pytest
from flask import Flask

from beanft.extensions import db
from beanft.jobs import services
from beanft.jobs.supervisor import supervise
from beanft.models import Job, User
from factories import make_job

pytestmark = pytest.mark.usefixtures("kind")


def watched(app: Flask, owner: User, *, cancelled: bool, what: str = "boom", spoil: str = "") -> Job:
    """A job whose owner cancels it at a moment when no heartbeat tells the supervisor any more."""
    with app.app_context():
        make_job(owner, kind="try", state="queued", params={"arguments": {"what": what}, "spoil": spoil})
        db.session.commit()
        attempt = services.claim(queue="default", worker="w:1")
        assert attempt is not None
        if cancelled:
            services.cancel(job_id=attempt.job_id)
    supervise(app, attempt, threading.Event())
    with app.app_context():
        return db.session.get_one(Job, attempt.job_id)


@pytest.mark.parametrize("spoil", ["unprepared", ""])
def test_a_cancelled_job_that_trips_over_missing_files_is_cancelled_without_a_traceback(
    app: Flask, alice: User, spoil: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "beat", lambda *_arguments: "go on")
    job = watched(app, alice, cancelled=True, spoil=spoil)
    assert (job.state, job.error) == ("cancelled", None)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize(("spoil", "cause"), [("unprepared", "ZeroDivisionError"), ("", "ValueError")])
def test_a_fault_of_ours_is_a_sentence_for_the_owner_and_a_traceback_in_the_log(
    app: Flask, alice: User, spoil: str, cause: str, caplog: pytest.LogCaptureFixture
) -> None:
    job = watched(app, alice, cancelled=False, spoil=spoil)
    assert job.state == "failed"
    assert job.error is not None
    assert job.error.startswith("Something went wrong inside Beanft")
    assert cause in caplog.text
    assert "Traceback" in caplog.text
