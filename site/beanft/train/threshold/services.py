"""What is done with the threshold of a model: saved and taken back."""

from typing import Any

from beanft import audit
from beanft.engine.learning.reports.thresholds import Costs, at_threshold
from beanft.extensions import db
from beanft.models import TrainedModel


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
    }
    audit.record(user_id=user_id, action="threshold-save", subject=f"model {model.id}")
    db.session.commit()


def clear_threshold(*, model: TrainedModel, user_id: int) -> None:
    """Go back to the most likely class."""
    model.threshold_json = None
    audit.record(user_id=user_id, action="threshold-clear", subject=f"model {model.id}")
    db.session.commit()
