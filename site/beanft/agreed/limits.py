"""What limits the meaning of scores, with what was decided about findings."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, select

from beanft.engine.checks.training.limits import Limits, beaten_sentence, limits_of
from beanft.engine.findings import Finding
from beanft.engine.learning.learners import BASELINE
from beanft.engine.plain import capital
from beanft.extensions import db
from beanft.models import Experiment, Job, TrainedModel

Answered = tuple[tuple[str, str], ...]
"""What was decided about findings, as `answered_of` gives it."""
_READY = (
    select(Experiment.id, Experiment.origin_json)
    .join(Experiment.job)
    .where(Experiment.id.in_(bindparam("asked", expanding=True)), Job.state == "ready")
)
"""Made once: predictions of programs ask it, too."""


def limits_of_experiment(experiment: Experiment, answered: Answered | None = None) -> Limits:
    """What limits the meaning of the scores of an experiment; `answered` where it is known already."""
    if answered is None:
        answered = answered_of(experiment.id, experiment.decisions_json)
    result = experiment.result_json or {}
    by = str((result.get("split") or {}).get("by") or "")
    found = [Finding.from_dict(one) for one in experiment.findings_json or ()]
    beaten = beaten_sentence(result.get("judged") or {}, by)
    return limits_of(found, experiment.target, dict(answered), beaten)


def limits_of_model(model: TrainedModel, answered: Answered | None = None) -> Limits:
    """What limits the meaning of the score of a model: simple guesses were compared with the final one only.

    The baseline promises nothing that could be limited.
    """
    if model.run.learner == BASELINE:
        return Limits()
    experiment = model.run.experiment
    limits = limits_of_experiment(experiment, answered)
    final = ((experiment.result_json or {}).get("judged") or {}).get("final") or {}
    return limits if final.get("key") == model.run.key else replace(limits, beaten="")


def answered_of(number: int, decisions: Mapping[str, Any] | None) -> Answered:
    """Which findings of the experiment of a number were answered: key, and by what, if not by accepting it.

    A finding is answered once it was accepted, or once a training that was asked for in answer to it is
    ready: until then, and where that was deleted, it is open.
    """
    if not decisions:
        return ()
    asked = {one["experiment"] for one in decisions.values() if one.get("experiment")}
    ready = _repetitions(number, asked) if asked else set()
    told = []
    for key, one in decisions.items():
        again = one.get("experiment")
        if again is None:
            told.append((key, ""))
        elif (again, key) in ready:
            told.append((key, f"{capital(one['decision'])} as experiment {again}"))
    return tuple(sorted(told))


def repeats(origin: Mapping[str, Any] | None, number: int, key: str = "") -> bool:
    """Whether an experiment of that origin repeats the one of a number, in answer to the finding of a key.

    Numbers are used again after a deletion, so that a decision may name an experiment of another origin.
    """
    found = origin or {}
    answered = (found.get("finding") or {}).get("key")
    return found.get("experiment") == number and answered is not None and key in ("", answered)


def _repetitions(number: int, asked: Collection[int]) -> set[tuple[int, str]]:
    """Those of some experiments that are ready and repeat the one of a number, and the finding answered."""
    found = db.session.connection().execute(_READY, {"asked": list(asked)})
    return {(one.id, one.origin_json["finding"]["key"]) for one in found if repeats(one.origin_json, number)}
