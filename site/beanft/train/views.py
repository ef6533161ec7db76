"""The pages of training: the experiment with its leaderboard, and the lists of experiments and models."""

from flask import Response, abort, flash, jsonify, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from beanft import storage
from beanft.engine.learning.metrics import METRIC
from beanft.extensions import settings
from beanft.jobs import StillRunningError
from beanft.models import Experiment
from beanft.pages import is_fragment, page, page_number, wants_json
from beanft.quota import QuotaError
from beanft.train import bars, board, facts, live, services
from beanft.train import tasks as _tasks  # noqa: F401  # registers the training job
from beanft.train.blueprint import bp


@bp.get("/experiments")
def index() -> Response:
    """All experiments of the user."""
    listing = services.list_experiments(user_id=current_user.id, page=page_number())
    return page(
        "train/index.html",
        facts.of_listing(listing, facts.of_experiment),
        listing=listing,
        finals=services.final_models(experiments=listing.items),
        metric=METRIC,
        score_of=bars.score_of,
    )


@bp.get("/experiments/<experiment>")
def show(experiment: Experiment) -> Response:
    """An experiment: verdict, progress, leaderboard; as a fragment for live updates."""
    return _experiment_page(experiment)


def _experiment_page(experiment: Experiment, error: str = "") -> Response:
    runs = services.load_runs(experiment=experiment)
    standing = board.make_board(experiment, runs)
    verdict = board.shown_verdict(experiment, standing)
    return page(
        "train/_experiment.html" if is_fragment() else "train/show.html",
        facts.of_board(experiment, standing, verdict) | ({"error": error} if error else {}),
        422 if error else 200,
        error=error,
        experiment=experiment,
        board=standing,
        live=live.make_live(experiment, standing, runs),
        verdict=verdict,
        bar_width=bars.BAR_WIDTH,
        may_continue=services.can_continue(experiment, n_runs=len(runs)),
        more=[(words, s) for words, s in live.MORE_CHOICES if s <= settings.training_budget_max_s],
        form_key=storage.new_key(),
    )


@bp.get("/experiments/<experiment>/figures/<name>")
def experiment_figure(experiment: Experiment, name: str) -> Response:
    """One picture of an experiment: scores (over time) or learning (by rows)."""
    option = live.figure(name, experiment, services.load_runs(experiment=experiment))
    return jsonify(option) if option else abort(404)


@bp.post("/experiments/<experiment>/stop")
def stop(experiment: Experiment) -> AnyResponse:
    """End a training soon, and keep the best so far."""
    services.stop_experiment(experiment=experiment)
    if wants_json():
        return jsonify(facts.of_experiment(experiment))
    return redirect(url_for("train.show", experiment=experiment.id))


@bp.post("/experiments/<experiment>/continue")
def continue_training(experiment: Experiment) -> AnyResponse:
    """Train on for some more seconds."""
    try:
        seconds = live.seconds_asked(request.form.get("seconds", ""), most=settings.training_budget_max_s)
        services.continue_experiment(
            experiment=experiment, seconds=seconds, form_key=request.form.get("once", "")
        )
    except (services.CannotContinueError, QuotaError) as problem:
        return _experiment_page(experiment, str(problem))
    if wants_json():
        return jsonify(facts.of_experiment(experiment))
    return redirect(url_for("train.show", experiment=experiment.id))


@bp.route("/experiments/<experiment>/delete", methods=["GET", "POST"])
def delete(experiment: Experiment) -> AnyResponse:
    """Confirm and delete an experiment with its models."""
    error = ""
    if request.method == "POST":
        try:
            services.delete_experiment(experiment=experiment)
        except StillRunningError as problem:
            error = str(problem)
        else:
            flash("The experiment, its models and their predictions were deleted.", "ok")
            return redirect(url_for("train.index"))
    return page(
        "train/delete.html",
        facts.of_experiment(experiment) | {"error": error or None},
        409 if error else 200,
        experiment=experiment,
        error=error,
        running=services.find_unfinished(experiment=experiment),
        runs=services.load_runs(experiment=experiment),
        size_bytes=services.size_bytes(experiment=experiment),
    )


@bp.get("/models")
def models() -> Response:
    """All models of the user."""
    listing = services.list_models(user_id=current_user.id, page=page_number())
    asked = [model.run.experiment_id for model in listing.items]
    return page(
        "train/models.html",
        facts.of_listing(listing, facts.of_model),
        listing=listing,
        guesses=services.baseline_runs(experiments=asked),
        metric=METRIC,
        score_of=bars.score_of,
    )
