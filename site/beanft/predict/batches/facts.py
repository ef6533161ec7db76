"""A batch as plain facts, for its page and for programs."""

from typing import Any

from beanft.agreed import limits_of_model
from beanft.models import Batch

_LISTED = ("summary", "drift", "known", "score", "shares", "spread", "notes", "warning_counts",
           "repair_counts", "n_repairs", "repairs", "columns", "n_original", "added", "truth", "level",
           "why_no_interval", "sha256", "size_bytes")  # fmt: skip


_OF_TRAINING = {
    "drift": ("bars", "mean_old", "mean_new", "difference", "low", "high", "sentences"),
    "summary": ("before", "truth"),
}
"""What columns and bars tell of the values of the table that the model was trained on."""


def facts_of(batch: Batch, *, brief: bool = False, narrow: bool = False) -> dict[str, Any]:
    """Give what is known of a batch.

    With `brief` only what a list shows; with `narrow` no value of the training table.
    """
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
    if brief:
        return facts
    limits = list(limits_of_model(batch.model).sentences)
    return facts | {"limits": limits, "result": result_facts(batch, narrow=narrow)}


def result_facts(batch: Batch, *, narrow: bool = False) -> dict[str, Any] | None:
    """What came of a batch that is ready; None before."""
    result = batch.result_json if batch.state == "ready" else None
    if result is None:
        return None
    facts = {"n_rows": batch.n_rows} | {name: result[name] for name in _LISTED if name in result}
    return _without_training(facts) if narrow else facts


def _without_training(facts: dict[str, Any]) -> dict[str, Any]:
    """Leave out values of the training table, how often they stood there, and whether a row does."""
    facts.pop("known", None)
    for name, part in (("drift", "columns"), ("summary", "bars")):
        if name in facts:
            kept = [_without(one, _OF_TRAINING[name]) for one in facts[name].get(part, [])]
            facts[name] = facts[name] | {part: kept}
    return facts


def _without(facts: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name not in names}
