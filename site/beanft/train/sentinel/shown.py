"""The findings of an experiment as its page shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from beanft.agreed import repeats
from beanft.engine.checks.training.actions import action_of
from beanft.engine.checks.training.limits import key_of
from beanft.engine.findings import Finding
from beanft.models import Experiment
from beanft.train.sentinel.difference import action_in, difference
from beanft.train.sentinel.services import KEPT, find_experiment, findings_of, words_of
from beanft.train.services import load_runs

_ANSWERING = ("queued", "running", "ready")


@dataclass(frozen=True, kw_only=True)
class ShownFinding:
    """A finding with what can be done about it, and what was."""

    number: int
    """Its place among the findings."""
    key: str
    """Names it within its experiment."""
    finding: Finding
    """What was found."""
    again: str
    """What another training would do differently, in words; empty where none can help."""
    kept: str
    """Why it may stand; empty where that was not decided."""
    at: datetime | None
    """When it was decided."""
    repeated: Experiment | None
    """The experiment that answers it, if there is one."""
    change: str
    """What that one changed, in one sentence; empty before it is known."""

    @property
    def is_open(self) -> bool:
        """Whether it is a warning about which nothing was decided."""
        return self.finding.severity == "warning" and not self.is_decided

    @property
    def is_decided(self) -> bool:
        """Whether it was kept, or another training answers it or may yet; one that failed answers nothing."""
        return bool(self.kept) or (self.repeated is not None and self.repeated.state in _ANSWERING)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """All that the sentinel says of an experiment."""

    findings: list[ShownFinding]
    """Warnings first."""
    origin: Experiment | None
    """The experiment that this one repeats, unless it was deleted."""
    origin_words: str
    """What this one does differently; empty where it repeats none."""
    change: str
    """What that changed, in one sentence; empty before it is known."""
    looked: bool
    """Whether the checks were made."""
    looked_for: tuple[str, ...] = ()
    """What they looked for, to the end; empty where that was not noted."""

    @property
    def n_open(self) -> int:
        """Warnings about which nothing was decided."""
        return sum(one.is_open for one in self.findings)

    @property
    def summary(self) -> str:
        """What is folded away, in words."""
        n, warnings = len(self.findings), sum(one.finding.severity == "warning" for one in self.findings)
        about = (
            f", {warnings} of them {'a warning' if warnings == 1 else 'warnings'} decided" if warnings else ""
        )
        return f"The checks found {n} {'thing' if n == 1 else 'things'} worth knowing{about}"


def make_shown(experiment: Experiment) -> Shown:
    """Put together what the page of an experiment says of its findings and of its origin."""
    origin = experiment.origin_json or {}
    before = find_experiment(owner_id=experiment.owner_id, number=origin.get("experiment"))
    decided = experiment.decisions_json or {}
    return Shown(
        findings=[
            _shown(experiment, number, finding, decided.get(key_of(finding)) or {})
            for number, finding in enumerate(findings_of(experiment))
        ],
        origin=before,
        origin_words=words_of(action_in(origin)) if origin else "",
        change=_change(before, experiment),
        looked=experiment.state == "ready" and "judged" in (experiment.result_json or {}),
        looked_for=tuple((experiment.result_json or {}).get("looked") or ()),
    )


def _shown(
    experiment: Experiment, number: int, finding: Finding, decision: Mapping[str, Any]
) -> ShownFinding:
    action = action_of(finding)
    key = key_of(finding)
    repeated = find_experiment(owner_id=experiment.owner_id, number=decision.get("experiment"))
    if repeated is not None and not repeats(repeated.origin_json, experiment.id, key):
        repeated = None  # its number was used again
    at = decision.get("at")
    return ShownFinding(
        number=number,
        key=key,
        finding=finding,
        again=words_of(action) if action else "",
        kept=str(decision.get("why") or "") if decision.get("decision") == KEPT else "",
        at=datetime.fromisoformat(at) if at else None,
        repeated=repeated,
        change=_change(experiment, repeated),
    )


def _change(before: Experiment | None, after: Experiment | None) -> str:
    if before is None or after is None or after.state in ("queued", "running"):
        return ""
    return difference(before, load_runs(experiment=before), after, load_runs(experiment=after))
