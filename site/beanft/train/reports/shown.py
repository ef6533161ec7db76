"""All that the page of a model shows, put together for its template."""

from collections.abc import Mapping
from typing import Any

from beanft.agreed import agreed_report, is_outdated
from beanft.engine.errors import EngineError
from beanft.engine.learning.learners import BASELINE, LEARNER
from beanft.engine.learning.metrics import METRIC
from beanft.models import TrainedModel
from beanft.train import board
from beanft.train import services as experiments
from beanft.train.explain import services as explanations
from beanft.train.explain import words as explain_words
from beanft.train.reports import services
from beanft.train.reports.figures import MOST_BARS
from beanft.train.reports.made import settings_of
from beanft.train.reports.tables import confusion, score_rows
from beanft.train.reports.words import words


def context(model: TrainedModel, column: str) -> dict[str, Any]:
    """What the template is given; `column` is the one that the rows are put into groups by, if any."""
    run, report = model.run, agreed_report(model)
    runs = experiments.load_runs(experiment=run.experiment)
    standing = board.make_board(run.experiment, runs)
    row = next(row for row in standing.rows if row.key == run.key)
    guess = experiments.baseline_report(model=model, key=BASELINE) or {}
    groups, error = _groups(model, column)
    labels = model.schema_json.get("labels") or ()
    return {
        "model": model,
        "run": run,
        "metrics": METRIC,
        "experiment": run.experiment,
        "report": report,
        "row": row,
        "settings": settings_of(run, runs),
        "further": _further(model),
        "needed": needed(model, report),
        "learner": LEARNER.get(run.learner),
        "words": words(run.facts, report, row.standing, run.experiment.target),
        "unseen": score_rows(report.get("unseen"), labels=labels),
        "holdout": score_rows(report.get("holdout"), guess.get("holdout"), labels),
        "matrix": confusion(report),
        "most_bars": MOST_BARS,
        "explain_words": explain_words,
        "job": None if report else services.find_job(model=model),
        "columns": services.group_columns(model=model),
        "by": column,
        "groups": groups,
        "groups_error": error,
        "sections": _sections(report),
    }


def needed(model: TrainedModel, report: Mapping[str, Any]) -> dict[str, Any] | None:
    """The importances to show: those of the newest explanation, else the quick ones if no column lacks.

    Some columns alone, in the order of the table, would look like the important ones.
    """
    explained = (explanations.overview_of(model) or {}).get("importance") or {}
    if explained.get("columns"):
        return explained | {"explained": True}
    quick = report.get("importance") or {}
    return quick if quick.get("columns") and quick["n_columns"] >= quick["of_columns"] else None


def _further(model: TrainedModel) -> str:
    """That a model was trained further since its threshold was saved or it was explained; else empty."""
    parts = ["earlier explanations"] if explanations.has_outdated(model) else []
    parts += ["the saved threshold"] if is_outdated(model) else []
    if not parts:
        return ""
    job = model.run.experiment.job
    when = f" on {job.finished_at:%Y-%m-%d}" if job and job.finished_at else ""
    are = "is" if parts == ["the saved threshold"] else "are"
    return f"This model was trained further{when}; {' and '.join(parts)} {are} of the model before."


def _groups(model: TrainedModel, column: str) -> tuple[dict[str, Any] | None, str]:
    """The figures of the groups, or the sentence that says why there are none."""
    if not column:
        return None, ""
    try:
        return services.group_figures(model=model, column=column), ""
    except EngineError as problem:
        return None, str(problem)


def _sections(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The sections that the page has, as (id, title)."""
    return [(name, title) for key, name, title in _PARTS if not key or report.get(key)]


_PARTS = (
    ("unseen", "unseen", "While unseen"),
    ("", "holdout", "Locked rows"),
    ("threshold", "threshold", "Threshold"),
    ("curves", "curves", "Curves"),
    ("confusion", "confusion", "Right and wrong"),
    ("points", "errors", "Errors"),
    ("slices", "slices", "Where it fails"),
    ("unseen", "groups", "Per group"),
    ("importance", "importance", "Columns it needs"),
    ("", "made", "How it was made"),
)
"""What a report may hold (nothing: always there), and the section that shows it, in the order of the page."""
