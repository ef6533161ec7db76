"""The activity page, one job, and whether the site is healthy."""

from flask import Response, jsonify, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from beanft import jobs
from beanft.access import public
from beanft.core import services
from beanft.core.addresses import address_of
from beanft.core.blueprint import bp
from beanft.models import Job
from beanft.models.types import now
from beanft.pages import is_fragment, local_address, page, page_number, wants_json


@bp.get("/activity")
def activity() -> Response:
    """List one's jobs, newest first; the list alone where htmx refreshes it."""
    listing = services.list_jobs(user_id=current_user.id, page=page_number())
    facts = {"jobs": [services.job_facts(job) for job in listing.items], **listing.numbers()}
    template = "core/_jobs.html" if is_fragment() else "core/activity.html"
    return page(template, facts, listing=listing, address_of=address_of, took_s=_took_s)


@bp.get("/jobs/<job>")
def job(job: Job) -> Response:
    """Show one job: its state, its progress, and why it failed."""
    return page("core/job.html", services.job_facts(job), job=job, address_of=address_of, took_s=_took_s)


@bp.post("/jobs/<job>/cancel")
def cancel_job(job: Job) -> AnyResponse:
    """Cancel a job, and go back to where the button was."""
    jobs.cancel(job_id=job.id)
    if wants_json():
        return jsonify(services.job_facts(job))
    return redirect(local_address(request.referrer) or url_for("core.activity"))


@bp.get("/healthz")
@public
def health() -> Response:
    """For monitors: 200 when the database answers and has the tables of this version, 503 otherwise."""
    trouble = services.find_trouble()
    answer = jsonify(status=trouble or "ok")
    answer.status_code = 503 if trouble else 200
    return answer


def _took_s(job: Job) -> float | None:
    """Seconds that a job ran, or has been running."""
    return ((job.finished_at or now()) - job.started_at).total_seconds() if job.started_at else None
