"""The page that asks before a model is deleted."""

from flask import flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from beanft import pages
from beanft.jobs import StillRunningError
from beanft.models import TrainedModel
from beanft.train.blueprint import bp
from beanft.train.deletion import services


@bp.route("/models/<model>/delete", methods=["GET", "POST"])
def delete_model(model: TrainedModel) -> AnyResponse:
    """Say what depends on a model; delete it."""
    experiment_id, title, error = model.run.experiment_id, model.run.title, ""
    if request.method == "POST":
        try:
            services.delete_model(model=model, user_id=current_user.id)
        except StillRunningError as problem:
            error = str(problem)
        else:
            flash(f"“{title}” and its predictions were deleted. Its scores stay on this page.", "ok")
            return redirect(url_for("train.show", experiment=experiment_id))
    found = services.find_dependents(model=model)
    return pages.page(
        "train/deletion/delete.html",
        {"id": model.id, "title": title, "error": error or None} | found.facts(),
        409 if error else 200,
        model=model,
        found=found,
        error=error,
    )
