"""One score, one interval: a report with the figures that the judge stored in place of its own draws."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from beanft.engine.learning.learners import BASELINE
from beanft.extensions import db
from beanft.models import Run, TrainedModel


def agreed_report(model: TrainedModel) -> dict[str, Any]:
    """The report of a model with the headline score, its interval and its lead over guessing as judged.

    The judge draws rows once, when a model is trained; pages that draw again would show other digits.
    """
    report, run, known = dict(model.report_json or {}), model.run, judged_figures(model)
    for part in ("unseen", "holdout"):
        if report.get(part):
            report[part] = with_judged(report[part], known[part])
    if report.get("curves"):
        report["curves"] = _curves(report["curves"], str(run.facts.get("metric")), run.facts.get("interval"))
    return report


def judged_figures(model: TrainedModel) -> dict[str, dict[str, Any]]:
    """What the judge stored of a model, as a report has it: unseen and holdout, each with metrics and guess.

    Parts that it did not judge are empty.
    """
    run = model.run
    metric = str(run.facts.get("metric") or "")
    judged = (run.experiment.result_json or {}).get("judged") or {}
    return {"unseen": _unseen(run, metric), "holdout": _locked(run.key, metric, judged)}


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
    found = {"metrics": dict(mine.get("metrics") or {}), "guess": dict(guess.get("metrics") or {})}
    if mine is final and guess.get("difference"):
        found["difference"] = _difference(guess["difference"], metric)
    return found


def with_judged(measured: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Figures that were measured, with those that the judge stored in their place."""
    return dict(measured) | {
        name: value if name == "difference" else dict(measured.get(name) or {}) | value
        for name, value in known.items()
    }


def _difference(paired: Mapping[str, Any], metric: str) -> dict[str, Any]:
    return {"metric": metric, "value": paired["difference"], "low": paired["low"], "high": paired["high"]}


def _curves(made: Mapping[str, Any], metric: str, interval: Mapping[str, Any] | None) -> dict[str, Any]:
    """The area below the ROC curve of two classes is the ROC AUC, whichever of the two is looked at."""
    is_headline = metric == "roc_auc" and made["n_classes"] == _TWO
    if not is_headline or not interval or interval.get("low") is None:
        return dict(made)
    classes = [
        one | {"roc": one["roc"] | {"area": dict(interval)}} if one.get("roc") else one
        for one in made["classes"]
    ]
    return dict(made) | {"classes": classes}


_TWO = 2
