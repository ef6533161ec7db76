"""The curves of a class with one plain sentence each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from beanft.agreed import agreed_report
from beanft.engine.charts.model_figures import (
    calibration_figure,
    gain_figure,
    precision_recall_figure,
    roc_figure,
)
from beanft.engine.plain import plain
from beanft.filters import percent, score
from beanft.models import TrainedModel

FIGURES = {
    "roc": roc_figure,
    "precision-recall": precision_recall_figure,
    "calibration": calibration_figure,
    "gain": gain_figure,
}
"""The pictures by the word in their address."""


@dataclass(frozen=True, kw_only=True)
class CurvesPanel:
    """The curves of one class, and the classes that could be chosen."""

    one: Mapping[str, Any]
    """The class shown, as `reports.curves` made it."""
    place: int
    """Its place among the classes."""
    labels: list[str]
    """Classes that have curves."""
    n_rows: int
    """Rows behind them."""
    n_classes: int
    """Classes of the target."""
    mended: str
    """What was done to the probabilities; empty where that is not known."""

    @property
    def drawn(self) -> bool:
        """Whether the rows allow curves."""
        return self.one["roc"] is not None

    @property
    def about(self) -> str:
        """What stands behind the curves."""
        label, n, rows = self.one["label"], self.one["n"], f"{self.n_rows:,}"
        others = "the other class" if self.n_classes == 2 else "all others together"
        return (
            f"“{label}” against {others}: {n:,} of {rows} rows ({percent(self.one['base'])}), each predicted "
            "while it was unseen. In brackets and as lines the 95 % intervals."
        )

    @property
    def roc(self) -> str:
        """The area in words."""
        area = self.one["roc"]["area"]
        return (
            f"A row of “{self.one['label']}” gets a higher probability than one that is not in "
            f"{percent(area['value'])} of the pairs; guessing would in 50 %. ROC AUC {_interval(area)}."
        )

    @property
    def roc_rows(self) -> list[dict[str, Any]]:
        """Some points of the ROC curve as a table."""
        return [row | {"first": percent(row["x"])} for row in self.one["roc"]["rows"]]

    @property
    def precision_rows(self) -> list[dict[str, Any]]:
        """Some points of the precision-recall curve as a table."""
        return [row | {"first": percent(row["x"])} for row in self.one["precision_recall"]["rows"]]

    @property
    def calibration_rows(self) -> list[dict[str, Any]]:
        """The bins of the calibration as a table."""
        return [
            one | {"first": percent(one["said"]), "value": one["came"], "more": f"{one['n']:,}"}
            for one in self.one["calibration"]["bins"]
        ]

    @property
    def gain_rows(self) -> list[dict[str, Any]]:
        """Some points of the gain curve as a table, with the lift."""
        return [
            row | {"first": percent(row["x"]), "more": f"{plain(row['value'] / row['x'], 3)}"}
            for row in self.one["gain"]["rows"]
        ]

    @property
    def precision_recall(self) -> str:
        """Average precision beside guessing."""
        average = self.one["precision_recall"]["average"]
        return f"Average precision {_interval(average)}; guessing reaches {score(self.one['base'])}."

    @property
    def calibration(self) -> str:
        """How far said and true shares are apart, beside what chance alone would give."""
        error = self.one["calibration"]["error"]
        said = (
            f"What was said and what came true differ by {plain(100 * error['value'], 2)} percentage points "
            "on average. "
        )
        most = f"{plain(100 * error['most_by_chance'], 2)}"
        if error["value"] <= error["most_by_chance"]:
            return (
                said + f"On so many rows chance alone can give {most}: nothing shows that the probabilities "
                "are wrong."
            )
        return said + f"Chance alone would seldom give more than {most}: they are off. Take them with care."

    @property
    def gain(self) -> str:
        """What the most likely tenth of the rows holds."""
        row = next(row for row in self.one["gain"]["rows"] if row["x"] == _TENTH)
        lift = row["value"] / _TENTH
        return (
            f"The tenth of the rows with the highest probabilities holds {percent(row['value'])} of "
            f"“{self.one['label']}” ({percent(row['low'])} to {percent(row['high'])}): "
            f"{plain(lift, 2)} times as much as a tenth taken by chance."
        )


_TENTH = 0.1


def curves_panel(model: TrainedModel, wanted: str = "") -> CurvesPanel | None:
    """Put the curves of a class together: the wanted one, else the first.

    None where the model's report has no curves.
    """
    report = agreed_report(model)
    made = report.get("curves")
    if not made or not made["classes"]:
        return None
    labels = [one["label"] for one in made["classes"]]
    place = labels.index(wanted) if wanted in labels else 0
    return CurvesPanel(
        one=made["classes"][place],
        place=place,
        labels=labels,
        n_rows=made["n_rows"],
        n_classes=made["n_classes"],
        mended=(report.get("calibration") or {}).get("sentence", ""),
    )


def curve_figure(model: TrainedModel, name: str, place: int) -> dict[str, Any] | None:
    """One picture of one class as an ECharts option; None where there is no such picture."""
    classes = (agreed_report(model).get("curves") or {}).get("classes", [])
    if name not in FIGURES or not 0 <= place < len(classes) or classes[place]["roc"] is None:
        return None
    return FIGURES[name](classes[place])


def _interval(value: Mapping[str, float]) -> str:
    return f"{score(value['value'])} ({score(value['low'])} to {score(value['high'])})"
