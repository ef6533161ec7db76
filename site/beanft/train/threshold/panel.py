"""What a page shows of a threshold: counts, costs and the best one, in numbers and words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from beanft.agreed import is_outdated, table_of
from beanft.engine.learning.reports.thresholds import USUAL, Costs, at_threshold, best_threshold
from beanft.engine.plain import plain
from beanft.filters import number, percent, score
from beanft.models import TrainedModel

PER = 1_000
"""Rows that costs are given for."""
_LISTED = 21  # thresholds in the table beside the picture
_SENT = ("thresholds", "scores", "tp", "fp", "fn", "tn", "inflation")


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A threshold with its consequences."""

    table: Mapping[str, Any]
    """Counts at many thresholds."""
    costs: Costs
    """What the outcomes cost."""
    at: Mapping[str, Any]
    """Counts, cost, precision and recall at the threshold shown."""
    best: Mapping[str, Any]
    """The threshold with the lowest expected cost."""
    saved: Mapping[str, Any] | None
    """The threshold that predictions use; None for the most likely class."""
    outdated: bool = False
    """Whether the model was trained further since it was saved."""

    @property
    def threshold(self) -> float:
        """The threshold shown."""
        return float(self.at["threshold"])

    @property
    def sent(self) -> dict[str, Any]:
        """What threshold.js needs, so that the slider needs no server."""
        return {name: self.table[name] for name in _SENT}

    @property
    def place(self) -> int:
        """Place of the threshold shown among those of the table."""
        above = [place for place, edge in enumerate(self.table["scores"]) if edge >= self.threshold]
        return above[0] if above else len(self.table["scores"]) - 1

    @property
    def in_use(self) -> str:
        """Which threshold predictions use now."""
        positive = self.table["positive"]
        if self.saved is None:
            return f"Predictions name the more likely class: “{positive}” from a probability of 0.5."
        used = f"Predictions use {plain(self.saved['threshold'], 6)}, as it was saved here"
        when = f" on {self.saved['saved_at'][:10]}" if self.saved.get("saved_at") else ""
        if not self.outdated:
            return f"{used}{when}."
        return (
            f"{used}{when}, for the model before it was trained further. The figures below are of the model "
            "as it is now: look at them, and save it again or choose another one."
        )

    @property
    def beats_usual(self) -> bool:
        """Whether the cheapest threshold is cheaper than the usual one, luck taken out."""
        usual = at_threshold(self.table, USUAL, self.costs)["cost"]
        return bool(self.best["cost"]["value"] < usual["value"])

    @property
    def is_cheapest(self) -> bool:
        """Whether the threshold shown is the one that was chosen by these rows, and not the usual one."""
        return bool(self.threshold == self.best["threshold"] != USUAL)

    @property
    def cheapest(self) -> dict[str, Any]:
        """The cheapest threshold with its cost in words, luck taken out, for threshold.js."""
        return {"threshold": self.best["threshold"], "cost": _money(self.best["cost"])}

    @property
    def cost_words(self) -> str:
        """Expected cost of `PER` rows at the threshold shown; of the cheapest one with its luck taken out."""
        return _money(self.best["cost"] if self.is_cheapest else self.at["cost"])

    @property
    def rows(self) -> list[dict[str, Any]]:
        """About `_LISTED` thresholds of the table with their counts and costs."""
        edges = self.table["scores"]
        places = sorted({round(i * (len(edges) - 1) / (_LISTED - 1)) for i in range(_LISTED)})
        found = [at_threshold(self.table, edges[place], self.costs) for place in places]
        return [
            one | {"threshold": self.table["thresholds"][place], "cost": _money(one["cost"])}
            for place, one in zip(places, found, strict=True)
        ]

    @property
    def best_sentence(self) -> str:
        """Where the cheapest threshold lies, and what it can be expected to cost."""
        best, usual = self.best, at_threshold(self.table, USUAL, self.costs)["cost"]
        if not self.beats_usual:
            return (
                f"With these costs no threshold is better than 0.5 beyond luck: {_money(usual)} for {PER:,} "
                f"rows to come. On these rows {plain(best['threshold'], 6)} costs least (95 % interval "
                f"{plain(best['low'], 3)} to {plain(best['high'], 3)}), but expect {_money(best['cost'])} "
                "of it."
            )
        return (
            f"With these costs {plain(best['threshold'], 6)} is cheapest (95 % interval "
            f"{plain(best['low'], 3)} to {plain(best['high'], 3)}): {_money(best['cost'])} for {PER:,} "
            f"rows to come, against {_money(usual)} at 0.5. The luck in choosing it is taken out."
        )

    @property
    def goals(self) -> list[tuple[str, str]]:
        """The thresholds at which two metrics are highest."""
        return [(title, _goal(self.table[key])) for key, title in _GOALS if key in self.table]

    def share(self, name: str) -> str:
        """Precision or recall with its interval."""
        value = self.at[name]
        if value["value"] is None:
            return "– (no row)"
        return f"{percent(value['value'])} ({percent(value['low'])} to {percent(value['high'])})"

    def facts(self) -> dict[str, Any]:
        """Plain values for JSON, and the sentence that threshold.js writes when costs change."""
        return {
            "at": dict(self.at),
            "best": dict(self.best),
            "best_sentence": self.best_sentence,
            "cheapest": self.cheapest,
            "costs": self.costs.facts(),
            "saved": self.saved,
        }

    def curve(self) -> list[tuple[float, float, float, float]]:
        """Threshold, expected cost of `PER` rows and its interval, for the picture."""
        found = []
        for threshold, edge in zip(self.table["thresholds"], self.table["scores"], strict=True):
            cost = at_threshold(self.table, edge, self.costs)["cost"]
            found.append((threshold, PER * cost["value"], PER * cost["low"], PER * cost["high"]))
        return found


def make_panel(
    model: TrainedModel, threshold: float | None = None, costs: Costs | None = None
) -> Panel | None:
    """Put a threshold and its costs together: the ones given, else the saved ones, else the usual ones.

    None where the model's report has no such table.
    """
    table, saved = table_of(model), model.threshold_json
    if not table:
        return None
    if threshold is None:
        threshold = float(saved["threshold"]) if saved else USUAL
    if costs is None:
        costs = Costs(**saved["costs"]) if saved else Costs()
    return Panel(
        table=table,
        costs=costs,
        at=at_threshold(table, threshold, costs),
        best=best_threshold(table, costs),
        saved=saved,
        outdated=is_outdated(model),
    )


def _money(cost: Mapping[str, float]) -> str:
    value, low, high = (number(float(score(PER * cost[name]).replace(",", ""))) for name in _ENDS)
    return f"{value} ({low} to {high})"


def _goal(found: Mapping[str, Any]) -> str:
    value = found["score"]
    return (
        f"{plain(found['threshold'], 6)} (95 % interval {plain(found['low'], 3)} to "
        f"{plain(found['high'], 3)}): "
        f"{score(value['value'])} ({score(value['low'])} to {score(value['high'])})"
    )


_ENDS = ("value", "low", "high")
_GOALS = (("f1", "Highest F1"), ("balanced_accuracy", "Highest balanced accuracy"))
