"""The ingest job: from the original to typed Parquet and a profile."""

from typing import Any

from beanft import jobs, storage
from beanft.engine.errors import EngineError
from beanft.extensions import db, settings
from beanft.jobs import JobKind
from beanft.models import Job, Version


def prepare(job: Job) -> dict[str, Any]:
    """Say which file is read, and where the table goes.

    Raises
    ------
    EngineError
        When the dataset is gone, or the stored file is not what was uploaded.
    """
    version = _version(job)
    folder, sha256 = storage.folder(version.key), version.original_sha256
    arguments = {
        "source": str(folder / "original"),
        "target": str(folder / "table.parquet"),
        "original_name": version.original_name,
        "wishes": version.wishes_json,
        "max_columns": settings.columns_max,
        "memory_mb": settings.job_memory_mb // 3,  # the rest is for Python and the file cache
    }
    db.session.rollback()  # no lock waits while gigabytes are hashed
    if not (folder / "original").is_file() or storage.sha256(folder / "original") != sha256:
        raise EngineError("The stored file changed on disk since it was uploaded. Upload it again.")
    return arguments


def finish(job: Job, result: dict[str, Any]) -> None:
    """Store what was found; the version is ready when the job is."""
    version = _version(job)
    version.profile_json = result["profile"]
    version.n_rows = result["profile"]["n_rows"]
    version.n_columns = len(result["profile"]["columns"])
    version.correlations_json = result.get("correlations")
    version.parquet_sha256 = result["parquet_sha256"]
    version.parquet_bytes = result["parquet_bytes"]


def _version(job: Job) -> Version:
    version = db.session.get(Version, job.params["version_id"])
    if version is None:
        raise EngineError("The dataset was deleted meanwhile.")
    return version


jobs.register(JobKind(name="ingest", work="beanft.engine.tables.read:ingest", prepare=prepare, finish=finish))
