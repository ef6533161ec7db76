"""The curves of several models over each other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from beanft.engine.charts.comparisons import calibration_figure, error_figure, roc_figure, truth_figure
from beanft.engine.errors import EngineError
from beanft.engine.learning.compared.curves import Curve, calibration, errors, roc, truth
from beanft.engine.learning.compared.entrant import Unseen, unseen
from beanft.models import TrainedModel
from beanft.train.compare import services
from beanft.train.compare.words import names


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One picture of a comparison."""

    name: str
    """Word in its address."""
    title: str
    """Heading."""
    sentence: str
    """How to read it."""


ROC = Picture(
    name="roc",
    title="Found against falsely taken",
    sentence="The higher a line at the left, the more is found at the same price. Lines that cross mean that "
    "neither is better everywhere; the dashed line is guessing.",
)
CALIBRATION = Picture(
    name="calibration",
    title="Said against seen",
    sentence="On the dashed line a probability means what it says. The faint lines are 95 % intervals.",
)
ERRORS = Picture(
    name="errors",
    title="How large the errors are",
    sentence="For a share of the rows, the error is at most so large. Lower is better.",
)
TRUTH = Picture(
    name="truth",
    title="Predicted against true",
    sentence="Rows in ten parts by what was predicted: on the dashed line the predictions are right on "
    "average. The faint lines are 95 % intervals.",
)


def pictures(models: Sequence[TrainedModel]) -> tuple[Picture, ...]:
    """The pictures that fit some models of one target."""
    if models[0].run.experiment.task == "regression":
        return ERRORS, TRUTH
    n_classes = {len(model.schema_json.get("labels") or ()) for model in models}
    return (ROC, CALIBRATION) if n_classes == {2} else (CALIBRATION,)


def figure(name: str, models: Sequence[TrainedModel]) -> dict[str, Any] | None:
    """One picture as an ECharts option; None where it does not fit these models.

    Models without evidence are left out of it.
    """
    if name not in [picture.name for picture in pictures(models)]:
        return None
    target = models[0].run.experiment.target
    labels = models[0].schema_json.get("labels") or ("", "")
    said = f"“{labels[1]}”" if len(labels) == 2 else "the class that was chosen"
    make, of, subject = _HOW[name]
    curves = [
        (called, of(seen))
        for called, model in zip(names(models), models, strict=True)
        if (seen := _seen(model)) is not None
    ]
    return make(curves, {"positive": str(labels[-1]), "said": said, "target": target}[subject])


def _seen(model: TrainedModel) -> Unseen | None:
    try:
        return unseen(services.entrant(services.source_of(model)))
    except EngineError:  # the page says that its predictions were not kept
        return None


_HOW: dict[str, tuple[Callable[..., dict[str, Any]], Callable[[Unseen], Curve], str]] = {
    "roc": (roc_figure, lambda seen: roc(seen.y, seen.predicted[:, 1]), "positive"),
    "calibration": (calibration_figure, lambda seen: calibration(seen.y, seen.predicted), "said"),
    "errors": (error_figure, lambda seen: errors(seen.y, seen.predicted), "target"),
    "truth": (truth_figure, lambda seen: truth(seen.y, seen.predicted), "target"),
}
