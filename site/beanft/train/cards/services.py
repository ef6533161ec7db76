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
from beanft.models import TrainedModel, User
from beanft.train.compare import services as compare
from beanft.train.explain import services as explain
from beanft.train.reports import services as reports


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What a card is made from, beside the model's own rows."""

    maker: str
    """Name of the user who trained it."""
    curve: Curve | None
    """Calibration of classes, or the mean truth against what was predicted; None without evidence."""
    contest: Contest | None
    """The model beside the baseline by the score that ranked; None without evidence."""
    explained: dict[str, Any] | None
    """The newest explanation of the model as a whole; None when nobody asked for one."""
    groups: dict[str, Any] | None = None
    """Figures by the groups of a column that was chosen."""
    problem: str = ""
    """Why there are no such figures although a column was chosen."""


def gather(*, model: TrainedModel, column: str = "") -> Sources:
    """Read what a card needs; `column` makes the groups of its figures by group."""
    maker = db.session.scalar(select(User.username).where(User.id == model.run.experiment.owner_id))
    groups, problem = None, ""
    if column:
        try:
            groups = reports.group_figures(model=model, column=column)
        except EngineError as error:
            problem = str(error)
    return Sources(
        maker=maker or "",
        curve=_curve(model),
        contest=compare.against_guessing(model=model),
        explained=explain.overview_of(model),
        groups=groups,
        problem=problem,
    )


def group_columns(*, model: TrainedModel) -> list[str]:
    """Columns whose values make groups; none where the profile is not known."""
    return reports.group_columns(model=model) if model.run.experiment.version.profile_json else []


def _curve(model: TrainedModel) -> Curve | None:
    try:
        seen = unseen(compare.entrant(compare.source_of(model)))
    except EngineError:  # the card says that they were not kept
        return None
    is_number = model.run.experiment.task == "regression"
    curve = truth(seen.y, seen.predicted) if is_number else calibration(seen.y, seen.predicted)
    return curve if curve.x else None


def save_notes(*, model: TrainedModel, user_id: int, notes: str) -> None:
    """Keep what the owner says of a model."""
    model.notes = notes
    audit.record(user_id=user_id, action="model-notes", subject=f"model {model.id}")
    db.session.commit()
