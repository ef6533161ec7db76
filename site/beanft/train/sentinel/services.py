"""What is decided about findings: trained again without the suspect, or kept with a reason."""

from collections.abc import Mapping
from typing import Any

from beanft import audit
from beanft.engine.checks.training.actions import Action, action_of
from beanft.engine.checks.training.limits import key_of
from beanft.engine.findings import Finding
from beanft.engine.tables.wording import listed
from beanft.extensions import db
from beanft.models import Experiment
from beanft.models.types import now
from beanft.train.services import create_experiment

KEPT = "kept"
"""What a decision says of a finding that may stand."""


class CannotRetrainError(Exception):
    """A finding cannot be answered by another training; the message says why."""


def findings_of(experiment: Experiment) -> list[Finding]:
    """What the checks found, warnings first."""
    return [Finding.from_dict(one) for one in experiment.findings_json or ()]


def find_finding(*, experiment: Experiment, number: int, key: str = "") -> Finding | None:
    """The finding with a key, or without one the finding in a place; None where there is none."""
    found = findings_of(experiment)
    if key:
        plain = key.replace("\r\n", "\n")  # browsers write line ends so, also those in the name of a column
        return next((one for one in found if key_of(one) == plain), None)
    return found[number] if 0 <= number < len(found) else None


def decisions_of(experiment: Experiment) -> list[dict[str, Any]]:
    """What was decided about the findings of an experiment, in the order of the findings.

    Each has code, columns, severity and sentence of the finding; decision ("kept", or "trained again …"),
    why, at (ISO time) and experiment (number of the repetition, or None).
    """
    decided: Mapping[str, Any] = experiment.decisions_json or {}
    decisions = []
    for finding in findings_of(experiment):
        decision = decided.get(key_of(finding))
        if decision:
            about = {name: getattr(finding, name) for name in ("code", "columns", "severity", "sentence")}
            decisions.append(about | {"experiment": None} | dict(decision))
    return decisions


def keep(*, experiment: Experiment, finding: Finding, reason: str, user_id: int) -> None:
    """Record that a finding may stand, and why."""
    _decide(experiment, finding, {"decision": KEPT, "why": reason})
    audit.record(
        user_id=user_id, action="finding-keep", subject=f"experiment {experiment.id}: {key_of(finding)}"
    )
    db.session.commit()


def retrain(*, experiment: Experiment, finding: Finding, user_id: int) -> Experiment:
    """Ask the same question again in answer to a finding; a second wish gives the same experiment.

    Raises
    ------
    CannotRetrainError
        Another training cannot help, or no column would be left.
    """
    action = action_of(finding)
    if action is None:
        raise CannotRetrainError("Training again cannot answer this finding. Follow its advice instead.")
    features = [name for name in experiment.features if name not in action.without]
    if not features:
        raise CannotRetrainError(
            "No column would be left to learn from. Ask again with other columns, or keep it and say why."
        )
    made = create_experiment(
        user_id=user_id,
        version=experiment.version,
        target=experiment.target,
        features=features,
        task=experiment.task,
        metric=experiment.metric,
        learners=experiment.learners,
        budget_s=experiment.budget_s,
        seed=experiment.seed,
        choices=_choices(experiment, action),
        origin=_origin(experiment, finding, action),
        form_key=f"finding {experiment.id} {key_of(finding)}{_after(experiment, finding)}",
    )
    _decide(experiment, finding, {"decision": f"trained again {words_of(action)}", "experiment": made.id})
    audit.record(
        user_id=user_id,
        action="finding-retrain",
        subject=f"experiment {experiment.id}, again as {made.id}: {key_of(finding)}",
    )
    db.session.commit()
    return made


def _after(experiment: Experiment, finding: Finding) -> str:
    """Tells a wish after a training that failed, or was deleted, from the one that was made for that."""
    before = ((experiment.decisions_json or {}).get(key_of(finding)) or {}).get("experiment")
    made = find_experiment(owner_id=experiment.owner_id, number=before)
    return f" after {before}" if made is not None and made.state in ("failed", "cancelled") else ""


def words_of(action: Action) -> str:
    """What another training does differently, to follow “train again”."""
    if action.by == "group":
        return f"with the rows of one “{action.column}” kept together"
    if action.by == "time":
        return f"by time (“{action.column}”)"
    if action.distinct:
        return "with each repeated row kept once"
    if len(action.without) == 1:
        return f"without “{action.without[0]}”"
    return f"without {listed(action.without)}"


def find_experiment(*, owner_id: int, number: Any) -> Experiment | None:
    """An experiment of the same owner; None once it was deleted."""
    found = db.session.get(Experiment, number) if isinstance(number, int) else None
    return found if found is not None and found.owner_id == owner_id else None


def _decide(experiment: Experiment, finding: Finding, decision: dict[str, Any]) -> None:
    stamped = {"why": "", "at": now().isoformat(timespec="seconds")} | decision
    experiment.decisions_json = {**(experiment.decisions_json or {}), key_of(finding): stamped}


def _choices(experiment: Experiment, action: Action) -> dict[str, Any]:
    choices = dict(experiment.choices_json or {})
    if action.by:
        before = choices.get("validation") or {}
        choices["validation"] = {**before, "by": action.by, "column": action.column}
    if action.distinct:
        choices["distinct"] = True
    return choices


def _origin(experiment: Experiment, finding: Finding, action: Action) -> dict[str, Any]:
    about = {"key": key_of(finding), "code": finding.code, "sentence": finding.sentence}
    return {
        "experiment": experiment.id,
        "without": list(action.without),
        "validation": {"by": action.by, "column": action.column} if action.by else {},
        "distinct": action.distinct,
        "finding": about | {"columns": list(finding.columns), "figure": finding.figure},
    }
