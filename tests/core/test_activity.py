"""The activity page, the page of one job, and health."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from beanft.core import services
from beanft.extensions import db
from beanft.models import Job, User
from beanft.models.types import now
from factories import make_job

HTMX = {"HX-Request": "true"}
JSON = {"Accept": "application/json"}


def add(app: Flask, owner: User, **values: object) -> int:
    with app.app_context():
        job = make_job(owner, **values)
        db.session.commit()
        return job.id


def state(app: Flask, job_id: int) -> str:
    with app.app_context():
        return db.session.get_one(Job, job_id).state


def test_it_lists_ones_own_jobs_newest_first(
    app: Flask, as_alice: FlaskClient, alice: User, bob: User
) -> None:
    add(app, alice, title="Reading old.csv")
    add(app, alice, title="Reading new.csv", state="failed", error="Line 3 has 4 values.")
    add(app, bob, title="Reading secret.csv")
    html = as_alice.get("/activity").text
    assert html.index("Reading new.csv") < html.index("Reading old.csv")
    assert "Line 3 has 4 values." in html
    assert "secret" not in html


def test_an_empty_page_says_what_will_be_there(as_alice: FlaskClient) -> None:
    html = as_alice.get("/activity").text
    assert "Nothing has run yet" in html
    assert "hx-get" not in html


def test_it_refreshes_only_while_something_is_unfinished(
    app: Flask, as_alice: FlaskClient, alice: User
) -> None:
    running = add(app, alice, state="running", progress=0.25, message="Row 1,000", started_at=now())
    html = as_alice.get("/activity", headers=HTMX).text
    assert 'hx-trigger="every 2s"' in html
    assert "Row 1,000" in html
    assert f'action="/jobs/{running}/cancel"' in html
    assert "<html" not in html
    with app.app_context():
        job = db.session.get_one(Job, running)
        job.state, job.finished_at = "ready", now()
        db.session.commit()
    html = as_alice.get("/activity", headers=HTMX).text
    assert "hx-trigger" not in html
    assert "Last to end: Reading table.csv. It is ready." in html
    assert "/cancel" not in html


def test_long_lists_are_paged(app: Flask, as_alice: FlaskClient, alice: User) -> None:
    for number in range(27):
        add(app, alice, title=f"Reading {number}.csv")
    first, second = as_alice.get("/activity").text, as_alice.get("/activity?page=2").text
    assert first.count("data-job=") == 25
    assert second.count("data-job=") == 2
    assert "Page 1 of 2" in first
    assert "Page 2 of 2, 27 jobs" in as_alice.get("/activity?page=3").text
    for number in ("x", "0", "-1"):
        assert "Page 1 of 2" in as_alice.get(f"/activity?page={number}").text


@pytest.mark.parametrize("address", ["/activity", "/datasets", "/experiments", "/models"])
@pytest.mark.parametrize("number", ["9" * 20, "-" + "9" * 20, "9" * 5000, "²", "1e9", "%00"])
def test_no_number_of_a_page_is_too_much(as_alice: FlaskClient, address: str, number: str) -> None:
    assert as_alice.get(f"{address}?page={number}").status_code == 200


def test_programs_get_facts(app: Flask, as_alice: FlaskClient, alice: User) -> None:
    job_id = add(app, alice, state="running", progress=0.5, started_at=now())
    facts = as_alice.get("/activity", headers=JSON).json
    assert (facts["total"], facts["page"], facts["n_pages"]) == (1, 1, 1)
    assert facts["jobs"] == [as_alice.get(f"/jobs/{job_id}", headers=JSON).json]
    assert (facts["jobs"][0]["state"], facts["jobs"][0]["progress"]) == ("running", 0.5)


@pytest.mark.parametrize(
    ("subject", "address"),
    [("dataset", "/datasets/7"), ("experiment", "/experiments/7"), ("batch", "/batches/7")],
)
def test_a_title_leads_to_what_the_job_works_on(
    app: Flask, as_alice: FlaskClient, alice: User, subject: str, address: str
) -> None:
    add(app, alice, subject=subject, subject_id=7)
    assert f'href="{address}"' in as_alice.get("/activity").text


def test_the_page_of_a_job_says_what_it_is(app: Flask, as_alice: FlaskClient, alice: User) -> None:
    started = now() - timedelta(seconds=90)
    job_id = add(app, alice, state="failed", error="No rows.", started_at=started, finished_at=now())
    html = as_alice.get(f"/jobs/{job_id}").text
    assert f'data-object="job" data-id="{job_id}" data-state="failed"' in html
    assert "No rows." in html
    assert "1 min 30 s" in html
    assert "hx-get" not in html


def test_cancel_goes_back_to_where_the_button_was(app: Flask, as_alice: FlaskClient, alice: User) -> None:
    job_id = add(app, alice, state="queued")
    here = {"Referer": "http://localhost/experiments/3?sort=score"}
    answer = as_alice.post(f"/jobs/{job_id}/cancel", headers=here)
    assert (answer.status_code, answer.location) == (302, "/experiments/3?sort=score")
    assert state(app, job_id) == "cancelled"


@pytest.mark.parametrize(
    "referrer", ["https://evil.example/", "http://localhost.evil/x", "http://[", "nonsense", ""]
)
def test_cancel_never_leads_away(app: Flask, as_alice: FlaskClient, alice: User, referrer: str) -> None:
    job_id = add(app, alice, state="ready")
    answer = as_alice.post(f"/jobs/{job_id}/cancel", headers={"Referer": referrer})
    assert (answer.status_code, answer.location) == (302, "/activity")
    assert state(app, job_id) == "ready"


def test_a_path_with_two_slashes_is_no_other_host(app: Flask, as_alice: FlaskClient, alice: User) -> None:
    job_id = add(app, alice, state="queued")
    answer = as_alice.post(f"/jobs/{job_id}/cancel", headers={"Referer": "http://localhost//evil.example/x"})
    assert answer.location == "/evil.example/x"


def test_programs_get_facts_of_a_cancel(app: Flask, as_alice: FlaskClient, alice: User) -> None:
    job_id = add(app, alice, state="running", started_at=now())
    facts = as_alice.post(f"/jobs/{job_id}/cancel", headers=JSON).json
    assert (facts["state"], facts["cancel"]) == ("running", True)
    assert "Stopping…" in as_alice.get("/activity").text


def test_strangers_find_nothing_and_change_nothing(app: Flask, as_charlie: FlaskClient, alice: User) -> None:
    job_id = add(app, alice, state="queued")
    assert as_charlie.get(f"/jobs/{job_id}").status_code == 404
    assert as_charlie.post(f"/jobs/{job_id}/cancel").status_code == 404
    assert state(app, job_id) == "queued"
    assert as_charlie.get("/jobs/999").status_code == as_charlie.get("/jobs/x").status_code == 404


def test_visitors_are_sent_to_the_login(app: Flask, visitor: FlaskClient, alice: User) -> None:
    job_id = add(app, alice, state="queued")
    for answer in (
        visitor.get("/activity"),
        visitor.get(f"/jobs/{job_id}"),
        visitor.post(f"/jobs/{job_id}/cancel"),
    ):
        assert answer.status_code == 302
        assert answer.location.startswith("/login")
    assert state(app, job_id) == "queued"


def test_a_get_cancels_nothing(app: Flask, as_alice: FlaskClient, alice: User) -> None:
    job_id = add(app, alice, state="queued")
    assert as_alice.get(f"/jobs/{job_id}/cancel").status_code == 405
    assert state(app, job_id) == "queued"


def test_health_is_public(visitor: FlaskClient) -> None:
    answer = visitor.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_health_says_so_when_the_database_is_away(
    visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OperationalError("SELECT 1", None, Exception("away"))

    monkeypatch.setattr(services, "is_current", away)
    answer = visitor.get("/healthz")
    assert (answer.status_code, answer.json) == (503, {"status": "the database does not answer"})


def test_health_says_so_when_the_database_needs_migrating(app: Flask, visitor: FlaskClient) -> None:
    with app.app_context():
        db.session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
        db.session.commit()
    answer = visitor.get("/healthz")
    assert (answer.status_code, answer.json) == (503, {"status": "the database needs migrating"})
