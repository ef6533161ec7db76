"""What people do about a finding: train again without the suspect, or keep it and say why."""

from typing import Any

from flask import Response, abort, flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from beanft.agreed import limits_of_model
from beanft.engine.checks.training.actions import action_of
from beanft.engine.checks.training.limits import key_of
from beanft.engine.findings import Finding
from beanft.models import Experiment
from beanft.pages import page
from beanft.quota import QuotaError
from beanft.train.blueprint import bp
from beanft.train.sentinel import services
from beanft.train.sentinel.forms import KeepForm, RetrainForm
from beanft.train.sentinel.shown import make_shown


@bp.app_context_processor
def _sentinel() -> dict[str, Any]:
    """What the part for findings on the page of an experiment calls, and the note of a model's limits."""
    return {"sentinel_of": make_shown, "limits_of": limits_of_model}


@bp.post("/experiments/<experiment>/findings/<int:number>/retrain")
def retrain_finding(experiment: Experiment, number: int) -> AnyResponse:
    """Train again in answer to a finding."""
    finding = _find(experiment, number, RetrainForm())
    try:
        made = services.retrain(experiment=experiment, finding=finding, user_id=current_user.id)
    except (services.CannotRetrainError, QuotaError) as error:
        return _page(experiment, number, finding, KeepForm(formdata=None), str(error))
    return redirect(url_for("train.show", experiment=made.id))


@bp.route("/experiments/<experiment>/findings/<int:number>/keep", methods=["GET", "POST"])
def keep_finding(experiment: Experiment, number: int) -> AnyResponse:
    """Say why a finding may stand."""
    form = KeepForm()
    finding = _find(experiment, number, form)
    if not form.validate_on_submit():
        return _page(experiment, number, finding, form)
    services.keep(
        experiment=experiment, finding=finding, reason=form.reason.data or "", user_id=current_user.id
    )
    flash("Your reason was written down beside the finding.", "ok")
    return redirect(url_for("train.show", experiment=experiment.id, _anchor="findings"))


def _find(experiment: Experiment, number: int, form: RetrainForm) -> Finding:
    return services.find_finding(experiment=experiment, number=number, key=form.key.data or "") or abort(404)


def _page(experiment: Experiment, number: int, finding: Finding, form: KeepForm, error: str = "") -> Response:
    form.key.data = key_of(finding)
    action = action_of(finding)
    return page(
        "train/sentinel/keep.html",
        {
            "experiment": experiment.id,
            "finding": finding.sentence,
            "error": error or None,
            "errors": form.errors,
        },
        422 if error or form.errors else 200,
        experiment=experiment,
        number=number,
        finding=finding,
        again=services.words_of(action) if action else "",
        form=form,
        error=error,
    )
