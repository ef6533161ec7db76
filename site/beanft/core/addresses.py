"""Addresses inside this site: of what a job works on, and of where a visitor came from."""

from typing import Any
from urllib.parse import urlsplit

from flask import request, url_for

from beanft.models import Job

_PAGES = {
    "dataset": ("explore.show", "dataset"),
    "experiment": ("train.show", "experiment"),
    "batch": ("predict.batch", "batch"),
}


def address_of(job: Job) -> str:
    """The page of what the job works on; the job's own where there is none."""
    if job.subject not in _PAGES or job.subject_id is None:
        return url_for("core.job", job=job.id)
    endpoint, name = _PAGES[job.subject]
    values: dict[str, Any] = {name: job.subject_id}
    return url_for(endpoint, **values)


def local_address(address: str | None) -> str | None:
    """The path and query of an address, if it is one of this site; None otherwise.

    A path that begins with two slashes would lead browsers to another host.
    """
    parts = urlsplit(address or "")
    if parts.netloc != request.host or parts.scheme not in ("http", "https"):
        return None
    path = "/" + parts.path.lstrip("/\\")
    return f"{path}?{parts.query}" if parts.query else path
