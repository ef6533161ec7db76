"""The job that makes a large table quicker to look at: a copy beside its Parquet file, never the truth."""

import logging
from typing import Any

from beanft import jobs, quota, storage
from beanft.engine.errors import EngineError
from beanft.engine.tables.store import TIMES_PARQUET
from beanft.extensions import settings
from beanft.jobs import JobKind
from beanft.models import Job, Version

_LARGE_ROWS = 500_000  # below, the Parquet file answers as quickly
_LARGE_BYTES = 50_000_000
_ENGINE_MB = 384  # with Python and the rows on their way, about 600 MB

_GONE = "The dataset was deleted meanwhile."

_log = logging.getLogger(__name__)


def enqueue_copy(version: Version) -> Job | None:
    """Queue the copy of a version that is large enough to profit; the caller commits.

    Where its owner has no room for it, there is none: the table is only slower to look at.
    """
    parquet_bytes = version.parquet_bytes or 0
    if (version.n_rows or 0) < _LARGE_ROWS and parquet_bytes < _LARGE_BYTES:
        return None
    owner_id = version.dataset.owner_id
    try:
        quota.require(user_id=owner_id, n_bytes=int(TIMES_PARQUET * parquet_bytes))
    except quota.QuotaError as refusal:
        _log.info("no quick copy of version %d: %s", version.id, refusal)
        return None
    return jobs.enqueue(
        kind="copy",
        owner_id=owner_id,
        title=f"Making “{version.dataset.name}” quicker to look at",
        subject="dataset",
        subject_id=version.dataset_id,
        params={"version_id": version.id},
    )


def prepare(job: Job) -> dict[str, Any]:
    """Say which table is copied.

    Raises
    ------
    EngineError
        When the version is gone, or is not read yet.
    """
    version = jobs.row_of(job, Version, job.params["version_id"], _GONE)
    if not version.parquet_sha256:
        raise EngineError(_GONE)
    return {
        "path": str(storage.folder(version.key) / "table.parquet"),
        "sha256": version.parquet_sha256,
        "memory_mb": min(_ENGINE_MB, settings.job_memory_mb // 3),
        "room_bytes": quota.room_left(version.dataset.owner_id),
    }


def finish(job: Job, result: dict[str, Any]) -> None:
    """Store nothing: a copy is found by its name, and where there was no room for it there is none."""
    if not result["bytes"]:
        _log.info("no quick copy of version %d: its owner has no room for it", job.params["version_id"])


jobs.register(
    JobKind(name="copy", work="beanft.engine.tables.store:copy_table", prepare=prepare, finish=finish)
)
