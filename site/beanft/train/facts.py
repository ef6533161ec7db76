"""What the pages of training say, as plain values for JSON."""

from collections.abc import Callable
from typing import Any

from beanft.agreed import limits_of_experiment, limits_of_model
from beanft.listing import Listing
from beanft.models import Experiment, TrainedModel
from beanft.train.board import Board, Row


def of_experiment(experiment: Experiment) -> dict[str, Any]:
    """An experiment in a list."""
    return {
        "id": experiment.id,
        "state": experiment.state,
        "dataset": experiment.version.dataset_id,
        "version": experiment.version.number,
        "target": experiment.target,
        "features": experiment.features,
        "task": experiment.task,
        "metric": experiment.metric,
        "budget": experiment.budget_s,
        "seed": experiment.seed,
        "created_at": experiment.created_at.isoformat(),
    }


def of_board(experiment: Experiment, board: Board, verdict: str) -> dict[str, Any]:
    """An experiment with its verdict and its runs."""
    job, result = experiment.job, experiment.result_json or {}
    return of_experiment(experiment) | {
        "progress": job.progress if job else None,
        "job": job.id if job else None,
        "error": job.error if job else None,
        "verdict": {"code": board.verdict.code, "sentence": verdict, "best": board.verdict.best},
        "limits": list(limits_of_experiment(experiment).sentences),
        "runs": [row.facts() for row in board.rows],
        "split": result.get("split"),
        "notes": result.get("notes", []),
        "final": result.get("final"),
        "simple": result.get("simple"),
        "cut_short": bool(result.get("cut_short")),
        "findings": len(experiment.findings_json or ()),
        "log": experiment.log_json or [],
    }


def of_model(model: TrainedModel) -> dict[str, Any]:
    """A model in a list."""
    run = model.run
    return {
        "id": model.id,
        "state": "ready",
        "experiment": run.experiment_id,
        "dataset": run.experiment.version.dataset_id,
        "learner": run.learner,
        "run": run.key,
        "role": model.role or None,
        "title": run.title,
        "target": run.experiment.target,
        "task": run.experiment.task,
        "metric": run.experiment.metric,
        "mean": run.facts.get("mean"),
        "sd": run.facts.get("sd"),
        "interval": run.facts.get("interval"),
        "created_at": model.created_at.isoformat(),
    }


def of_report(model: TrainedModel, row: Row) -> dict[str, Any]:
    """A model with its report."""
    return of_model(model) | {
        "standing": row.standing or None,
        "limits": list(limits_of_model(model).sentences),
        "scores": model.run.facts["scores"],
        "report": model.report_json,
        "notes": model.run.facts.get("notes", []),
        "columns": model.schema_json["columns"],
        "sha256": model.sha256,
        "seed": model.run.experiment.seed,
    }


def of_listing(listing: Listing[Any], of_item: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """One page of a list."""
    return {"items": [of_item(item) for item in listing.items], **listing.numbers()}
