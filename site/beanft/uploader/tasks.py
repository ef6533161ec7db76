"""The ingest job: from the original to typed Parquet and a profile."""

from typing import Any

from beanft import jobs, quota, storage
from beanft.engine.errors import EngineError
from beanft.extensions import settings
from beanft.jobs import JobKind
from beanft.models import Job, Version
from beanft.uploader.store_tasks import enqueue_copy

_ENGINE_MB = 640  # with Python and what it holds, less than a gigabyte whatever the size of the file


def prepare(job: Job) -> dict[str, Any]:
    """Say which file is read, and where the table goes.

    Raises
    ------
    EngineError
        When the dataset is gone, its owner has no room for the table, or the stored file is lost.
    """
    version = _version(job)
    folder = storage.folder(version.key)
    quota.require_table(user_id=version.dataset.owner_id, file_bytes=version.original_bytes, is_here=True)
    if not (folder / "original").is_file():
        raise EngineError("The stored file is lost. Upload it again.")
    return {
        "source": str(folder / "original"),
        "target": str(folder / "table.parquet"),
        "original_name": version.original_name,
        "wishes": version.wishes_json,
        "max_columns": settings.columns_max,
        "max_cells": settings.cells_max,
        "max_line_mb": settings.line_max_mb,
        "unpacked_mb": settings.unpacked_max_mb,
        "memory_mb": min(_ENGINE_MB, settings.job_memory_mb // 3),
        "room_bytes": quota.room_left(version.dataset.owner_id),
        "sha256": version.original_sha256,  # checked by the child, which reads all bytes anyway
    }


def finish(job: Job, result: dict[str, Any]) -> None:
    """Store what was found; the version is ready when the job is."""
    version = _version(job)
    version.profile_json = result["profile"]
    version.n_rows = result["profile"]["n_rows"]
    version.n_columns = len(result["profile"]["columns"])
    version.correlations_json = result.get("correlations")
    version.parquet_sha256 = result["parquet_sha256"]
    version.parquet_bytes = result["parquet_bytes"]
    enqueue_copy(version)


def _version(job: Job) -> Version:
    return jobs.row_of(job, Version, job.params["version_id"], "The dataset was deleted meanwhile.")


jobs.register(JobKind(name="ingest", work="beanft.engine.tables.read:ingest", prepare=prepare, finish=finish))
