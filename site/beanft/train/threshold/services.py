"""What is done with the threshold of a model: saved and taken back."""

from typing import Any

from beanft import audit
from beanft.engine.learning.reports.thresholds import Costs, at_threshold
from beanft.extensions import db
from beanft.models import TrainedModel
from beanft.models.types import now


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


def clear_threshold(*, model: TrainedModel, user_id: int) -> None:
    """Go back to the most likely class."""
    model.threshold_json = None
    audit.record(user_id=user_id, action="threshold-clear", subject=f"model {model.id}")
    db.session.commit()
