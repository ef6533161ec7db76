"""Rows for tests: functions with keyword defaults."""

from __future__ import annotations

import hashlib
import importlib
import json
from pathlib import Path
from typing import Any

from beanft import storage
from beanft.engine.errors import EngineError
from beanft.engine.progress import Progress
from beanft.engine.tables.read import ingest
from beanft.extensions import db
from beanft.jobs.kinds import kind_of
from beanft.models import Dataset, Job, User, Version
from beanft.models.jobs import REMEDIES
from beanft.users import services as users

PASSWORD = "correct horse battery"


def make_user(username: str = "alice", *, email: str = "", password: str = PASSWORD) -> User:
    return users.register(username=username, email=email or f"{username}@example.org", password=password)


def make_job(owner: User, *, kind: str = "ingest", state: str = "ready", **values: Any) -> Job:
    job = Job(
        owner_id=owner.id,
        kind=kind,
        title=values.pop("title", "Reading table.csv"),
        subject=values.pop("subject", ""),
        state=state,
        time_limit_s=60,
        memory_mb=1024,
        **values,
    )
    db.session.add(job)
    db.session.flush()
    return job


def make_dataset(
    owner: User,
    *,
    name: str = "table",
    csv: str | bytes = "a,b\n1,x\n2,y\n",
    kinds: dict[str, str] | None = None,
) -> Dataset:
    """A dataset whose version is ready: the real ingest, run here instead of in a worker."""
    content = csv.encode() if isinstance(csv, str) else csv
    key = storage.new_key()
    original = storage.make_folder(key) / "original"
    original.write_bytes(content)
    target = storage.folder(key) / "table.parquet"
    result = ingest(
        source=str(original), target=str(target), original_name=f"{name}.csv", wishes=wishes_for(kinds)
    )
    dataset = Dataset(owner_id=owner.id, name=name)
    job = make_job(owner, subject="dataset")
    version = Version(
        number=1,
        job=job,
        key=key,
        original_name=f"{name}.csv",
        original_bytes=len(content),
        original_sha256=hashlib.sha256(content).hexdigest(),
        wishes_json=wishes_for(kinds),
        parquet_sha256=result["parquet_sha256"],
        parquet_bytes=Path(target).stat().st_size,
        n_rows=result["profile"]["n_rows"],
        n_columns=len(result["profile"]["columns"]),
        profile_json=result["profile"],
        correlations_json=result.get("correlations"),
    )
    dataset.versions.append(version)
    db.session.add(dataset)
    db.session.commit()
    job.subject_id = dataset.id
    db.session.commit()
    return dataset


def wishes_for(kinds: dict[str, str] | None) -> dict[str, Any]:
    """Wishes for nothing but the kinds of some columns."""
    columns = {name: {"kind": kind} for name, kind in (kinds or {}).items()}
    return {"columns": columns} if columns else {}


class _Recorder(Progress):
    """Hands finished parts to the kind of the job, as the supervisor of a worker does."""

    def __init__(self, job: Job) -> None:
        self.job = job

    def record(self, facts: dict[str, Any]) -> None:
        keep = kind_of(self.job.kind).record
        if keep:
            keep(self.job, json.loads(json.dumps(facts)))
            db.session.commit()


def run_job(job: Job) -> Job:
    """Do a job here and now, without queue and child; plain values travel as JSON, as they do there."""
    kind = kind_of(job.kind)
    module, _, function = kind.work.partition(":")
    try:
        values = json.loads(json.dumps(kind.prepare(job)))
        work = getattr(importlib.import_module(module), function)
        result = work(**values, progress=_Recorder(job))
    except EngineError as error:
        db.session.rollback()
        job.state, job.error = "failed", str(error)
        job.params = {**job.params, REMEDIES: list(error.remedies)}
    else:
        kind.finish(job, json.loads(json.dumps(result)))
        job.state, job.progress = "ready", 1.0
    db.session.commit()
    return job
