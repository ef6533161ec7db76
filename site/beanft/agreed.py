"""What all pages say alike of a model: its scores as judged, what limits them, and its threshold by now."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, select

from beanft.engine.checks.training.limits import Limits, beaten_sentence, limits_of
from beanft.engine.findings import Finding
from beanft.engine.learning.learners import BASELINE
from beanft.engine.learning.reports.thresholds import Costs, at_threshold
from beanft.extensions import db
from beanft.models import Experiment, Job, Run, TrainedModel

Answered = tuple[tuple[str, str], ...]
"""What was decided about findings, as `answered_of` gives it."""


def agreed_report(model: TrainedModel) -> dict[str, Any]:
    """The report of a model with the headline score, its interval and its lead over guessing as judged.

    The judge draws rows once, when a model is trained; pages that draw again would show other digits.
    """
    report, known = dict(model.report_json or {}), judged_figures(model)
    for part in ("unseen", "holdout"):
        if report.get(part):
            report[part] = with_judged(report[part], known[part])
    if report.get("curves"):
        report["curves"] = _curves(report["curves"], (report.get("unseen") or {}).get("metrics") or {})
    if report.get("slices"):
        report["slices"] = worst_first(report["slices"])
    return report


def worst_first(slices: Mapping[str, Any]) -> dict[str, Any]:
    """Kinds of rows on which a model errs, sorted by the figure that is read first."""
    found = sorted(slices["found"], key=lambda one: -((one.get("error") or {}).get("value") or 0.0))
    return dict(slices) | {"found": found}


def judged_figures(model: TrainedModel) -> dict[str, dict[str, Any]]:
    """What the judge stored of a model, as a report has it: unseen and holdout, each with metrics and guess.

    Parts that it did not judge are empty.
    """
    run = model.run
    metric = str(run.facts.get("metric") or "")
    judged = (run.experiment.result_json or {}).get("judged") or {}
    return {"unseen": _unseen(run, metric), "holdout": _locked(run.key, metric, judged)}


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
            told.append((key, f"{_capital(one['decision'])} as experiment {again}"))
    return tuple(sorted(told))


def _repetitions(number: int, asked: Collection[int]) -> set[tuple[int, str]]:
    """Those of some experiments that are ready and repeat the one of a number, and the finding answered."""
    found = db.session.connection().execute(_READY, {"asked": list(asked)})
    return {(one.id, one.origin_json["finding"]["key"]) for one in found if repeats(one.origin_json, number)}


def repeats(origin: Mapping[str, Any] | None, number: int, key: str = "") -> bool:
    """Whether an experiment of that origin repeats the one of a number, in answer to the finding of a key.

    Numbers are used again after a deletion, so that a decision may name an experiment of another origin.
    """
    found = origin or {}
    answered = (found.get("finding") or {}).get("key")
    return found.get("experiment") == number and answered is not None and key in ("", answered)


_READY = (
    select(Experiment.id, Experiment.origin_json)
    .join(Experiment.job)
    .where(Experiment.id.in_(bindparam("asked", expanding=True)), Job.state == "ready")
)
"""Made once: predictions of programs ask it, too."""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def table_of(model: TrainedModel) -> dict[str, Any] | None:
    """The counts at many thresholds; None for models of other targets and for old reports."""
    found: dict[str, Any] | None = (model.report_json or {}).get("threshold")
    return found


def is_outdated(model: TrainedModel) -> bool:
    """Whether the model was trained further since its threshold was saved; old ones do not know."""
    kept = (model.threshold_json or {}).get("sha256")
    return kept is not None and kept != model.sha256


def threshold_in_use(model: TrainedModel) -> dict[str, Any] | None:
    """The saved threshold with what is expected of it by the report of the model as it is now."""
    saved, table = model.threshold_json, table_of(model)
    if not saved:
        return None
    if table and table["positive"] == saved.get("positive"):
        costs = Costs(**(saved.get("costs") or {}))
        return saved | {"expected": at_threshold(table, float(saved["threshold"]), costs)}
    return saved | {"expected": None} if is_outdated(model) else saved


def _baseline(run: Run) -> Run | None:
    beside = select(Run).where(Run.experiment_id == run.experiment_id, Run.learner == BASELINE)
    return db.session.scalar(beside.limit(1))


def _unseen(run: Run, metric: str) -> dict[str, Any]:
    if not run.facts.get("interval"):
        return {}
    found: dict[str, Any] = {"metrics": {metric: run.facts["interval"]}}
    baseline = run if run.learner == BASELINE else _baseline(run)
    if baseline and baseline.facts.get("interval"):
        found["guess"] = {metric: baseline.facts["interval"]}
    if run.facts.get("better"):
        found["difference"] = _difference(run.facts["better"], metric)
    return found


def _locked(key: str, metric: str, judged: Mapping[str, Any]) -> dict[str, Any]:
    """Scores on the locked rows; of the final model its lead over guessing, too."""
    final, simple = judged.get("final") or {}, judged.get("simple") or {}
    mine = next((one for one in (final, simple) if one.get("key") == key), None)
    if mine is None:
        return {}
    guess = (judged.get("references") or {}).get(BASELINE) or {}
    found: dict[str, Any] = {
        "metrics": dict(mine.get("metrics") or {}),
        "guess": dict(guess.get("metrics") or {}),
    }
    if judged.get("n_rows"):
        found["n_rows"] = judged["n_rows"]
    if mine is final and guess.get("difference"):
        found["difference"] = _difference(guess["difference"], metric)
    return found


def with_judged(measured: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Figures that were measured, with those that the judge stored in their place."""
    return dict(measured) | {
        name: dict(measured.get(name) or {}) | value if name in ("metrics", "guess") else value
        for name, value in known.items()
    }


def _difference(paired: Mapping[str, Any], metric: str) -> dict[str, Any]:
    return {"metric": metric, "value": paired["difference"], "low": paired["low"], "high": paired["high"]}


def _curves(made: Mapping[str, Any], metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Of two classes the area and the average precision are those of the table of scores."""
    if made["n_classes"] != _TWO:
        return dict(made)
    classes = []
    for one in made["classes"]:
        parts = {
            part: one[part] | {figure: dict(metrics[key])}
            for part, figure, key in _FIGURES
            if one.get(part) and (metrics.get(key) or {}).get("low") is not None
        }
        classes.append(one | parts)
    return dict(made) | {"classes": classes}


_FIGURES = (("roc", "area", "roc_auc"), ("precision_recall", "average", "average_precision"))
_TWO = 2
