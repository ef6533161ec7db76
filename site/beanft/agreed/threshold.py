"""The threshold of a model by now: what its owner saved, and whether that still holds."""

from typing import Any

from beanft.engine.learning.reports.thresholds import Costs, at_threshold
from beanft.models import TrainedModel


def threshold_in_use(model: TrainedModel) -> dict[str, Any] | None:
    """The saved threshold with what is expected of it by the report of the model as it is now."""
    saved, table = model.threshold_json, table_of(model)
    if not saved:
        return None
    if table and table["positive"] == saved.get("positive"):
        costs = Costs(**(saved.get("costs") or {}))
        return saved | {"expected": at_threshold(table, float(saved["threshold"]), costs)}
    return saved | {"expected": None} if is_outdated(model) else saved


def table_of(model: TrainedModel) -> dict[str, Any] | None:
    """The counts at many thresholds; None for models of other targets and for old reports."""
    found: dict[str, Any] | None = (model.report_json or {}).get("threshold")
    return found


def is_outdated(model: TrainedModel) -> bool:
    """Whether the model was trained further since its threshold was saved; old ones do not know."""
    kept = (model.threshold_json or {}).get("sha256")
    return kept is not None and kept != model.sha256
