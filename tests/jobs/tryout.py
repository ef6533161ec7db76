"""Kinds of job for tests: their work is in files of their own, and all else can be told to go wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from beanft import audit
from beanft.engine.errors import EngineError
from beanft.jobs import JobKind, register
from beanft.models import Job

HERE = Path(__file__).resolve().parent


def prepare(job: Job) -> dict[str, Any]:
    if job.params.get("spoil") == "prepare":
        raise LookupError("The dataset has been deleted meanwhile.")
    if job.params.get("spoil") == "unprepared":
        raise ZeroDivisionError
    return dict(job.params.get("arguments", {}))


def finish(job: Job, result: dict[str, Any]) -> None:
    """Leave a row, so that tests can count how often a result was stored."""
    audit.record(user_id=job.owner_id, action="finish", subject=f"{job.id} {json.dumps(result)}")
    if job.params.get("spoil") == "finish":
        raise ZeroDivisionError


def record(job: Job, facts: dict[str, Any]) -> None:
    audit.record(
        user_id=job.owner_id, action="record", subject=f"{job.id} {facts['number']} {len(facts['text'])}"
    )
    if job.params.get("spoil") == "record":
        raise EngineError("This part cannot be kept.")


def add_kinds() -> None:
    for name, module in (("try", "work"), ("try-hard", "heavy_work")):
        work = f"{module}:run"
        register(JobKind(name=name, work=work, prepare=prepare, finish=finish, record=record, folder=HERE))
