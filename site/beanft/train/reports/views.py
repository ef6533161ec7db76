"""The page of a model with its report, and the pictures on it."""

from flask import Response, abort, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from beanft.models import TrainedModel
from beanft.pages import page, wants_json
from beanft.train import facts
from beanft.train.blueprint import bp
from beanft.train.reports import services, shown
from beanft.train.reports import tasks as _tasks  # noqa: F401  # registers the job
from beanft.train.reports.figures import figure as draw


@bp.get("/models/<model>")
def model(model: TrainedModel) -> Response:
    """The report of a model; `?by=sex` adds its figures for each group."""
    context = shown.context(model, request.args.get("by", ""))
    error = context["groups_error"]
    told = facts.of_report(model, context["row"]) | {"report": context["report"]}
    told |= {"groups": context["groups"], "error": error or None}
    return page("train/model.html", told, 422 if error else 200, **context)


@bp.post("/models/<model>/report")
def make_report(model: TrainedModel) -> AnyResponse:
    """Ask for the report of a model that has none yet."""
    job = services.request_report(model=model)
    if wants_json():
        return jsonify({"model": model.id, "job": job.id if job else None})
    return redirect(url_for("train.model", model=model.id))


@bp.get("/models/<model>/figures/<name>")
def figure(model: TrainedModel, name: str) -> Response:
    """One picture of a report: confusion, predicted, errors or importance."""
    report = model.report_json or {}
    if name == "importance":
        report = report | {"importance": shown.needed(model, report)}
    option = draw(name, report, model.run.experiment.target)
    return jsonify(option) if option else abort(404)
