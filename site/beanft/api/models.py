"""Models: what there is, what each needs and what it is worth."""

from flask import Response
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from beanft import storage
from beanft.access import needs
from beanft.agreed import judged_figures, limits_of_model
from beanft.api.blueprint import bp
from beanft.api.paging import HEADERS, PageArguments, list_of
from beanft.api.schemas import ModelDetails, Models
from beanft.engine.learning.uncertainty.kept import load_uncertainty
from beanft.models import Experiment, Run, TrainedModel
from beanft.pages import json_in_order
from beanft.predict.services import columns_of
from beanft.train.facts import of_model

_DETAILS = ModelDetails()


@bp.route("/models", tags=["models"])
@needs("read")
@bp.doc(operationId="list_models", summary="List your models, newest first")
@bp.arguments(PageArguments, location="query", arg_name="asked")
@bp.response(200, Models, headers=HEADERS)
def models(asked: dict[str, int]) -> Response:
    """What is trained; the role final marks the one recommended of an experiment."""
    query = select(TrainedModel).where(TrainedModel.owner_id == current_user.id)
    experiment = joinedload(TrainedModel.run).joinedload(Run.experiment).joinedload(Experiment.version)
    return list_of(query.order_by(TrainedModel.id.desc()), asked, of_model, experiment)


@bp.route("/models/<int:model>", tags=["models"])
@needs("read")
@bp.doc(operationId="read_model", summary="Read a model")
@bp.response(200, ModelDetails)
def model(model: TrainedModel) -> Response:
    """The columns that a row needs, an example, the scores beside those of guessing."""
    columns, threshold = columns_of(model), model.threshold_json or {}
    uncertainty = load_uncertainty(storage.folder(model.run.experiment.key), model.run.key)
    facts = of_model(model) | {
        "columns": columns,
        "labels": model.labels,
        "example": {column["name"]: column["example"] for column in columns},
        "scores": judged_figures(model),
        "limits": list(limits_of_model(model).sentences),
        "threshold": threshold.get("threshold"),
        "positive": threshold.get("positive"),
        "uncertainty": uncertainty.facts(),
        "sha256": model.sha256,
    }
    return json_in_order(_DETAILS.dump(facts))
