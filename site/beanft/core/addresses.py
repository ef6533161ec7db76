"""The page of what a job works on."""

from typing import Any

from flask import url_for

from beanft.models import Job

_PAGES = {
    "dataset": ("explore.show", "dataset"),
    "experiment": ("train.show", "experiment"),
    "model": ("train.model", "model"),
    "batch": ("predict.batch", "batch"),
    "explanation": ("train.explanation", "explanation"),
}


def address_of(job: Job) -> str:
    """The page of what the job works on; the job's own where there is none."""
    if job.subject not in _PAGES or job.subject_id is None:
        return url_for("core.job", job=job.id)
    endpoint, name = _PAGES[job.subject]
    values: dict[str, Any] = {name: job.subject_id}
    return url_for(endpoint, **values)
