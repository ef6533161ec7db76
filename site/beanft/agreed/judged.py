"""The scores of a model as they were judged when it was trained."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from beanft.engine.learning.learners import BASELINE
from beanft.extensions import db
from beanft.models import Run, TrainedModel

_FIGURES = (("roc", "area", "roc_auc"), ("precision_recall", "average", "average_precision"))
"""Of a curve: its part of the report, the figure in it, and the metric that the figure is."""
_TWO = 2


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


def with_judged(measured: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Figures that were measured, with those that the judge stored in their place."""
    return dict(measured) | {
        name: dict(measured.get(name) or {}) | value if name in ("metrics", "guess") else value
        for name, value in known.items()
    }


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
