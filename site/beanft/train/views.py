"""The pages of training: the question, the experiment with its leaderboard, the models and their reports."""

from flask import Response, abort, flash, jsonify, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from beanft.access import find
from beanft.engine.learning.learners import BASELINE, LEARNER, LEARNERS
from beanft.engine.learning.metrics import METRIC, METRICS
from beanft.extensions import settings
from beanft.jobs import StillRunningError
from beanft.models import Dataset, Experiment, TrainedModel
from beanft.pages import is_fragment, page, page_number
from beanft.train import board, choices, facts, reports, services
from beanft.train import tasks as _tasks  # noqa: F401  # registers the training job
from beanft.train.blueprint import bp
from beanft.train.forms import PRESETS, TrainForm


@bp.route("/datasets/<dataset>/train", methods=["GET", "POST"])
def new(dataset: Dataset) -> AnyResponse:
    """Ask a question: target, columns, task, metric, learners, budget."""
    version = dataset.current
    if version is None:
        return page("train/not_ready.html", {"error": "not ready"}, 409, dataset=dataset)
    form = TrainForm(profile=version.profile, max_budget_s=settings.training_budget_max_s)
    if not form.is_submitted() and "again" in request.args:
        form.ask_again(find(Experiment, request.args["again"]))
    elif not form.is_submitted():
        form.fill_in(request.args.get("target", ""))
    elif form.update.data:  # only without JavaScript: show what fits the target
        form.fill_in(form.target.data or "")
    elif form.validate():
        question = form.question()
        experiment = services.create_experiment(
            user_id=current_user.id, version=version, form_key=form.once.data, **vars(question)
        )
        return redirect(url_for("train.show", experiment=experiment.id))
    return _form_page(dataset, form)


def _form_page(dataset: Dataset, form: TrainForm) -> Response:
    errors = {name: list(messages) for name, messages in form.errors.items()}
    return page(
        "train/new.html",
        facts.of_form(form, errors),
        422 if errors else 200,
        dataset=dataset,
        form=form,
        features=choices.features(form.profile),
        targets=form.known,
        cut_by=choices.cut_by(form.profile),
        learners=[learner for learner in LEARNERS if learner.key != BASELINE],
        metrics=METRICS,
        presets=[(word, seconds) for word, seconds in PRESETS if seconds <= form.max_budget_s],
    )


@bp.get("/experiments")
def index() -> Response:
    """All experiments of the user."""
    listing = services.list_experiments(user_id=current_user.id, page=page_number())
    return page(
        "train/index.html", facts.of_listing(listing, facts.of_experiment), listing=listing, metric=METRIC
    )


@bp.get("/experiments/<experiment>")
def show(experiment: Experiment) -> Response:
    """An experiment: verdict, progress, leaderboard; as a fragment for live updates."""
    standing = board.make_board(experiment, services.load_runs(experiment=experiment))
    verdict = board.shown_verdict(experiment, standing)
    return page(
        "train/_experiment.html" if is_fragment() else "train/show.html",
        facts.of_board(experiment, standing, verdict),
        experiment=experiment,
        board=standing,
        verdict=verdict,
        bar_width=board.BAR_WIDTH,
    )


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
    return page(
        "train/models.html", facts.of_listing(listing, facts.of_model), listing=listing, metric=METRIC
    )


@bp.get("/models/<model>")
def model(model: TrainedModel) -> Response:
    """The report of a model."""
    run, experiment, report = model.run, model.run.experiment, model.report_json
    standing = board.make_board(experiment, services.load_runs(experiment=experiment))
    row = next(row for row in standing.rows if row.learner == run.learner)
    baseline = services.baseline_report(model=model, key=BASELINE)
    return page(
        "train/model.html",
        facts.of_report(model, row),
        model=model,
        run=run,
        experiment=experiment,
        row=row,
        headline=standing.headline,
        learner=LEARNER.get(run.learner),
        words=reports.words(run.facts, report, row.standing, experiment.target),
        holdout=reports.holdout_rows(report, baseline),
        matrix=reports.confusion(report),
        most_bars=reports.MOST_BARS,
    )


@bp.get("/models/<model>/figures/<name>")
def figure(model: TrainedModel, name: str) -> Response:
    """One picture of a report: confusion, predicted or importance."""
    option = reports.figure(name, model.report_json, model.run.experiment.target)
    return jsonify(option) if option else abort(404)
