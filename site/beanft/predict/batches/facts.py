"""A batch as plain facts, for its page and for programs."""

from typing import Any

from beanft.models import Batch

_LISTED = ("summary", "drift", "score", "shares", "spread", "notes", "warning_counts", "repair_counts",
           "n_repairs", "repairs", "columns", "n_original", "added", "truth", "level", "why_no_interval",
           "sha256", "size_bytes")  # fmt: skip


def facts_of(batch: Batch, *, brief: bool = False) -> dict[str, Any]:
    """Give what is known of a batch; with `brief` only what a list shows."""
    job = batch.job
    facts = {
        "id": batch.id,
        "state": batch.state,
        "model": batch.model_id,
        "source": batch.source_kind,
        "file": batch.original_name,
        "version": batch.version_id,
        "sheet": batch.sheet,
        "level": batch.level,
        "unreadable_as_missing": batch.unreadable_as_missing,
        "sha256": batch.original_sha256,
        "n_rows": batch.n_rows,
        "created_at": batch.created_at.isoformat(),
        "job": job.id if job else None,
        "progress": job.progress if job else None,
        "error": job.error if job else None,
    }
    return facts if brief else facts | {"result": result_facts(batch)}


def result_facts(batch: Batch) -> dict[str, Any] | None:
    """What came of a batch that is ready; None before."""
    result = batch.result_json if batch.state == "ready" else None
    if result is None:
        return None
    return {"n_rows": batch.n_rows} | {name: result[name] for name in _LISTED if name in result}
