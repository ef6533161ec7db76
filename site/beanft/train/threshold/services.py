"""What is done with the threshold of a model: saved and taken back."""

from typing import Any

from beanft import audit
from beanft.engine.learning.reports.thresholds import Costs, at_threshold
from beanft.extensions import db
from beanft.models import TrainedModel
from beanft.models.types import now


def table_of(model: TrainedModel) -> dict[str, Any] | None:
    """The counts at many thresholds; None for models of other targets and for old reports."""
    found: dict[str, Any] | None = (model.report_json or {}).get("threshold")
    return found


def save_threshold(
    *, model: TrainedModel, table: dict[str, Any], threshold: float, costs: Costs, user_id: int
) -> None:
    """Keep the threshold that predictions of the model use from now on, with what is expected of it."""
    expected = at_threshold(table, threshold, costs) | {"n_rows": table["n_rows"]}
    model.threshold_json = {
        "threshold": threshold,
        "positive": table["positive"],
        "costs": costs.facts(),
        "expected": expected,
        "sha256": model.sha256,
        "saved_at": now().isoformat(),
    }
    audit.record(user_id=user_id, action="threshold-save", subject=f"model {model.id}")
    db.session.commit()


def is_outdated(model: TrainedModel) -> bool:
    """Whether the model was trained further since its threshold was saved; old ones do not know."""
    kept = (model.threshold_json or {}).get("sha256")
    return kept is not None and kept != model.sha256


def threshold_in_use(model: TrainedModel) -> dict[str, Any] | None:
    """The saved threshold with what is expected of it by the report of the model as it is now."""
    saved, table = model.threshold_json, table_of(model)
    if not saved:
        return None
    if table and table["positive"] == saved["positive"]:
        costs = Costs(**(saved.get("costs") or {}))
        return saved | {"expected": at_threshold(table, float(saved["threshold"]), costs)}
    return saved | {"expected": None} if is_outdated(model) else saved


def clear_threshold(*, model: TrainedModel, user_id: int) -> None:
    """Go back to the most likely class."""
    model.threshold_json = None
    audit.record(user_id=user_id, action="threshold-clear", subject=f"model {model.id}")
    db.session.commit()
