"""The threshold of a model: its page, the form that saves it, and the pictures of threshold and curves."""

from typing import Any

from flask import Response, abort, flash, jsonify, redirect, request, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from beanft.agreed import table_of
from beanft.engine.charts.model_figures import cost_figure
from beanft.engine.learning.reports.thresholds import best_threshold
from beanft.engine.plain import plain
from beanft.models import TrainedModel
from beanft.pages import page
from beanft.train.blueprint import bp
from beanft.train.threshold import services
from beanft.train.threshold.curve_words import curve_figure, curves_panel
from beanft.train.threshold.forms import ACTIONS, ThresholdForm
from beanft.train.threshold.panel import Panel, make_panel


@bp.app_context_processor
def _panels() -> dict[str, Any]:
    """What the parts for threshold and curves call, which stand on the page of a model."""
    return {"threshold_panel": make_panel, "threshold_form": form_of, "curves_panel": curves_panel}


def form_of(panel: Panel) -> ThresholdForm:
    """The form filled in with what a panel shows."""
    return ThresholdForm(formdata=None, data={"threshold": panel.threshold} | panel.costs.facts())


@bp.get("/models/<model>/threshold")
def threshold(model: TrainedModel) -> Response:
    """The threshold alone, with what the address asks for."""
    panel = make_panel(model) or abort(404)
    form = ThresholdForm(formdata=MultiDict(_filled(panel) | request.args.to_dict()), meta={"csrf": False})
    return _answer(model, form, form.validate())


@bp.post("/models/<model>/threshold")
def save_threshold(model: TrainedModel) -> AnyResponse:
    """Save the threshold or take it back; or only show what another one, or the cheapest, gives."""
    table = table_of(model) or abort(404)
    form, action = ThresholdForm(), request.form.get("action", "save")
    if action == "clear":
        services.clear_threshold(model=model, user_id=current_user.id)
        return _back(model, "Predictions name the more likely class again.")
    valid = form.validate() and action in ACTIONS
    if valid and action == "best":
        form.threshold.process(None, best_threshold(table, form.costs)["threshold"])
    if not valid or action != "save":
        return _answer(model, form, valid)
    chosen: float = form.threshold.data
    services.save_threshold(
        model=model, table=table, threshold=chosen, costs=form.costs, user_id=current_user.id
    )
    return _back(
        model, f"Predictions now count a probability of {plain(chosen, 6)} or more as “{table['positive']}”."
    )


def _back(model: TrainedModel, sentence: str) -> AnyResponse:
    """To the page of the model, which says what was done."""
    flash(sentence, "ok")
    return redirect(url_for("train.model", model=model.id, _anchor="threshold"))


def _answer(model: TrainedModel, form: ThresholdForm, valid: bool) -> Response:
    asked = (form.threshold.data, form.costs) if valid else ()
    panel = make_panel(model, *asked) or abort(404)
    errors = {name: list(messages) for name, messages in form.errors.items()}
    return page(
        "train/threshold.html",
        {"model": model.id, "errors": errors} | panel.facts(),
        200 if valid else 422,
        model=model,
        panel=panel,
        form=form,
    )


@bp.get("/models/<model>/threshold/figures/cost")
def cost_picture(model: TrainedModel) -> Response:
    """Expected cost at each threshold, for the costs in the address."""
    panel = make_panel(model) or abort(404)
    form = ThresholdForm(formdata=MultiDict(_filled(panel) | request.args.to_dict()), meta={"csrf": False})
    if form.validate():
        panel = make_panel(model, form.threshold.data, form.costs) or panel
    return jsonify(cost_figure(panel.curve(), panel.threshold))


@bp.get("/models/<model>/curves/<int:place>/<name>")
def curve(model: TrainedModel, place: int, name: str) -> Response:
    """One curve of one class: roc, precision-recall, calibration or gain."""
    option = curve_figure(model, name, place)
    return jsonify(option) if option else abort(404)


def _filled(panel: Panel) -> dict[str, str]:
    """What a panel shows as the texts of a form."""
    values = {"threshold": panel.threshold} | panel.costs.facts()
    return {name: repr(value) for name, value in values.items()}
