"""Jobs: how far long work is, and its end where nobody wants it any more."""

from flask import Response, abort

from beanft import jobs
from beanft.access import needs
from beanft.api.blueprint import bp
from beanft.api.schemas import Job as JobSchema
from beanft.core.services import job_facts
from beanft.extensions import db
from beanft.models import Job
from beanft.pages import json_in_order

_CANCELLED_HERE = "predict"


@bp.route("/jobs/<int:job>", tags=["jobs"])
@needs("read", "predict")
@bp.doc(operationId="read_job", summary="Read a job")
@bp.response(200, JobSchema)
def job(job: Job) -> Response:
    """Its state, how much is done, and why it failed."""
    return json_in_order(job_facts(job))


@bp.route("/jobs/<int:job>/cancel", methods=["POST"], tags=["jobs"])
@needs("predict")
@bp.doc(operationId="cancel_job", summary="Cancel the job of a batch")
@bp.response(200, JobSchema)
def cancel_job(job: Job) -> Response:
    """A job that waits ends at once, one that runs within two seconds; one that ended stays as it is."""
    if job.kind != _CANCELLED_HERE:
        abort(403, "A token cancels jobs of batches only. Cancel this one on the page “Activity”.")
    jobs.cancel(job_id=job.id)
    db.session.refresh(job)
    return json_in_order(job_facts(job))
