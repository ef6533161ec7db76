"""The button that has a model checked, and what its page shows of it."""

from typing import Any

from flask import Response, abort, flash, jsonify, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from beanft.models import TrainedModel
from beanft.pages import wants_json
from beanft.train.blueprint import bp
from beanft.train.verification import services
from beanft.train.verification import tasks as _tasks  # noqa: F401  # registers the job


@bp.app_context_processor
def _standing() -> dict[str, Any]:
    """What the pages of a model call."""
    return {"verified": lambda model: services.standing_of(model=model)}


@bp.get("/models/<model>/verified")
def verified(model: TrainedModel) -> Response:
    """What is known of a model's numbers, for programs."""
    return jsonify(services.standing_of(model=model).facts())


@bp.post("/models/<model>/verify")
def verify(model: TrainedModel) -> AnyResponse:
    """Have a model checked."""
    try:
        job = services.request_check(model=model, user_id=current_user.id)
    except services.InTrainingError as error:
        abort(409, str(error))
    if wants_json():
        return jsonify({"model": model.id, "job": job.id})
    flash("The model is being checked. What was found stands under “How it was made”.", "ok")
    return redirect(url_for("train.model", model=model.id, _anchor="verified"))
