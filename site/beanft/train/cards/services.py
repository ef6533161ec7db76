"""What a model card reads and writes: evidence, explanations, the maker, the owner's notes."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from beanft import audit
from beanft.engine.errors import EngineError
from beanft.engine.learning.compared.contest import Contest
from beanft.engine.learning.compared.curves import Curve, calibration, truth
from beanft.engine.learning.compared.entrant import unseen
from beanft.extensions import db
from beanft.models import Explanation, TrainedModel, User
from beanft.train.compare import services as compare

_EXPLANATIONS_MOST = 20


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What a card is made from, beside the model's own rows."""

    maker: str
    """Name of the user who trained it."""
    curve: Curve | None
    """Calibration of classes, or the mean truth against what was predicted; None without evidence."""
    contest: Contest | None
    """The model beside the baseline by the score that ranked; None without evidence."""
    explained: dict[str, list[dict[str, Any]]]
    """Answers of explanations that were made, by kind, the newest first."""


def gather(*, model: TrainedModel) -> Sources:
    """Read what a card needs."""
    maker = db.session.scalar(select(User.username).where(User.id == model.run.experiment.owner_id))
    return Sources(
        maker=maker or "",
        curve=_curve(model),
        contest=compare.against_guessing(model=model),
        explained=_explained(model),
    )


def _curve(model: TrainedModel) -> Curve | None:
    try:
        seen = unseen(compare.entrant(compare.source_of(model)))
    except EngineError:  # the card says that they were not kept
        return None
    is_number = model.run.experiment.task == "regression"
    curve = truth(seen.y, seen.predicted) if is_number else calibration(seen.y, seen.predicted)
    return curve if curve.x else None


def _explained(model: TrainedModel) -> dict[str, list[dict[str, Any]]]:
    query = (
        select(Explanation.kind, Explanation.result_json)
        .where(Explanation.model_id == model.id, Explanation.result_json.is_not(None))
        .order_by(Explanation.id.desc())
        .limit(_EXPLANATIONS_MOST)
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for kind, answer in db.session.execute(query):
        if isinstance(answer, dict):
            found.setdefault(kind, []).append(answer)
    return found


def save_notes(*, model: TrainedModel, user_id: int, notes: str) -> None:
    """Keep what the owner says of a model."""
    model.notes = notes
    audit.record(user_id=user_id, action="model-notes", subject=f"model {model.id}")
    db.session.commit()
