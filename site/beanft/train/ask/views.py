"""The page that asks a question of a dataset, and what its time is likely to buy."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from flask import Response, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from beanft.access import find
from beanft.engine.errors import BusyError, EngineError
from beanft.engine.learning.learners import BASELINE, LEARNERS
from beanft.engine.learning.metrics import METRICS
from beanft.extensions import settings
from beanft.models import Dataset, Experiment, Version
from beanft.pages import is_fragment, page
from beanft.quota import QuotaError
from beanft.train import choices, services
from beanft.train.ask import services as ask_services
from beanft.train.ask.forms import PRESETS, TrainForm
from beanft.train.blueprint import bp

_MANY_FEATURES = 30  # with more columns, one is looked for by its name


@bp.route("/datasets/<dataset>/train", methods=["GET", "POST"])
def new(dataset: Dataset) -> AnyResponse:
    """Ask a question: target, columns, task, metric, validation, learners, budget."""
    version = dataset.current
    if version is None:
        return _not_ready(dataset)
    form = _form(version)
    if not form.is_submitted() and "again" in request.args:
        form.ask_again(find(Experiment, request.args["again"]))
    elif not form.is_submitted():
        form.fill_in(request.args.get("target", ""))
    elif form.update.data:  # only without JavaScript: show what fits the target
        form.fill_in(form.target.data or "")
    elif form.validate():
        try:
            experiment = services.create_experiment(
                user_id=current_user.id, version=version, form_key=form.once.data, **vars(form.question())
            )
        except QuotaError as error:
            return _form_page(dataset, form, failure=str(error), status=422)
        return redirect(url_for("train.show", experiment=experiment.id))
    return _form_page(dataset, form)


@bp.post("/datasets/<dataset>/train/estimate")
def estimate(dataset: Dataset) -> AnyResponse:
    """What the time asked for is likely to buy: alone for htmx, else within the form as it was filled in."""
    version = dataset.current
    if version is None:
        return _not_ready(dataset)
    form = _form(version)
    if not form.validate():
        return _form_page(dataset, form, failure=_first_error(form), template="train/ask/_estimate.html")
    try:
        found = ask_services.estimate(version=version, question=vars(form.question()))
    except EngineError as error:
        status = 503 if isinstance(error, BusyError) else 422
        return _form_page(
            dataset, form, failure=str(error), status=status, template="train/ask/_estimate.html"
        )
    return _form_page(dataset, form, estimate=found, template="train/ask/_estimate.html")


def _not_ready(dataset: Dataset) -> Response:
    return page("train/not_ready.html", {"error": "not ready"}, 409, dataset=dataset)


def _form(version: Version) -> TrainForm:
    return TrainForm(
        profile=version.profile,
        max_budget_s=settings.training_budget_max_s,
        max_rows=settings.training_rows_max,
    )


def _first_error(form: TrainForm) -> str:
    return " ".join(str(message) for messages in form.errors.values() for message in messages)


def _form_page(
    dataset: Dataset,
    form: TrainForm,
    *,
    estimate: dict[str, Any] | None = None,
    failure: str = "",
    status: int = 200,
    template: str = "",
) -> Response:
    errors = {str(name): list(messages) for name, messages in form.errors.items()}
    return page(
        template if template and is_fragment() else "train/new.html",
        _facts(form, errors)
        | {"validation": asdict(form.proposal), "estimate": estimate, "error": failure or None},
        422 if errors else status,
        dataset=dataset,
        form=form,
        ticked=set(form.features.data or ()),
        features=choices.features(form.profile),
        many_features=_MANY_FEATURES,
        learners=[learner for learner in LEARNERS if learner.key != BASELINE],
        metrics=METRICS,
        presets=[preset for preset in PRESETS if preset.seconds <= form.max_budget_s],
        estimate=estimate,
        failure=failure,
    )


def _facts(form: TrainForm, errors: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What can be asked of a dataset, and what was wrong with what was asked."""
    return {
        "targets": [
            {"name": one.name, "task": one.task or None, "reason": one.sentence}
            for one in form.known.values()
        ],
        "features": [
            {
                "name": one.name,
                "kind": one.kind,
                "share_missing": one.share_missing,
                "warning": one.warning or None,
            }
            for one in choices.features(form.profile)
        ],
        "errors": errors,
    }
