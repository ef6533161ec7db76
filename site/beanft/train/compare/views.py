"""The page that puts models of a dataset side by side, and the pictures of their curves."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from flask import Response, abort, jsonify, request

from beanft import pages
from beanft.engine.errors import BusyError
from beanft.engine.learning.metrics import METRIC, Metric
from beanft.models import Dataset, Experiment, TrainedModel
from beanft.train.blueprint import bp
from beanft.train.compare import figures, services, sheet, words
from beanft.train.compare.forms import CompareForm
from beanft.train.compare.services import NotComparableError


@bp.get("/datasets/<dataset>/compare-models")
def compare(dataset: Dataset) -> Response:
    """Models of a dataset side by side; the address names them."""
    form = CompareForm.read(request.args)
    numbers = form.numbers()
    if not numbers:
        return _page(dataset, numbers, {}, 200)
    try:
        models = services.find_models(dataset=dataset, numbers=numbers)
        return _page(dataset, numbers, _compared(models, form.metric.data or ""), 200)
    except NotComparableError as refused:
        return _page(dataset, numbers, {"error": str(refused)}, 422)
    except BusyError as busy:
        return _page(dataset, numbers, {"error": str(busy)}, 503)


@bp.get("/datasets/<dataset>/compare-models/figures/<name>")
def compare_figure(dataset: Dataset, name: str) -> Response:
    """One picture: roc, calibration, errors or truth."""
    try:
        models = services.find_models(dataset=dataset, numbers=CompareForm.read(request.args).numbers())
    except NotComparableError as refused:
        abort(422, str(refused))
    option = figures.figure(name, models)
    return jsonify(option) if option else abort(404)


def _compared(models: Sequence[TrainedModel], asked: str) -> dict[str, Any]:
    """Everything that the page says of some models."""
    metrics = services.metrics_of(models)
    metric = _chosen(metrics, asked)
    measured = services.measure(models=models, metric=metric)
    contest, called = measured.contest, words.names(models)
    entered = [name for name, model in zip(called, models, strict=True) if model.id in measured.place]
    return {
        "models": models,
        "called": called,
        "metric": metric,
        "metrics": metrics,
        "labels": _labels_of(models),
        "headline": words.headline(contest, entered, metric) if contest else "",
        "contest": contest,
        "entered": entered,
        "pairs": [(pair, words.pair_sentence(pair, entered, metric)) for pair in contest.pairs]
        if contest
        else [],
        "lost": [
            (name, measured.lost[m.id])
            for name, m in zip(called, models, strict=True)
            if m.id in measured.lost
        ],
        "lines": sheet.lines(models, measured, metric.key),
        "pictures": figures.pictures(models) if contest else (),
    }


def _labels_of(models: Sequence[TrainedModel]) -> list[str]:
    """The classes, where all of them have the same in the same order."""
    first, *others = [model.schema_json.get("labels") or [] for model in models]
    return first if all(other == first for other in others) else []


def _chosen(metrics: Sequence[Metric], asked: str) -> Metric:
    if not metrics:
        raise NotComparableError(
            "No score fits all these models: they tell different numbers of classes apart. Tick others."
        )
    if asked and asked not in [metric.key for metric in metrics]:
        raise NotComparableError("These models cannot be compared by that score. Choose another one.")
    return METRIC[asked] if asked else metrics[0]


def _page(dataset: Dataset, numbers: Sequence[int], said: dict[str, Any], status: int) -> Response:
    listing = services.list_experiments(dataset=dataset, page=pages.page_number())
    return pages.page(
        "train/compare/compare.html",
        _facts(dataset, said),
        status,
        dataset=dataset,
        listing=listing,
        numbers=numbers,
        elsewhere=_elsewhere(said.get("models", []), listing.items),
        all_metrics=METRIC,
        interval_words=words.interval,
        **({"models": [], "error": ""} | said),
    )


def _elsewhere(models: Sequence[TrainedModel], listed: Sequence[Experiment]) -> list[TrainedModel]:
    """The models that are compared, and that the listed experiments do not offer to tick."""
    offered = {run.model.id for experiment in listed for run in experiment.runs if run.model}
    return [model for model in models if model.id not in offered]


def _facts(dataset: Dataset, said: dict[str, Any]) -> dict[str, Any]:
    """The comparison as plain values."""
    facts: dict[str, Any] = {"dataset": dataset.id, "error": said.get("error")}
    if "models" not in said:
        return facts
    contest = said["contest"]
    return facts | {
        "models": [model.id for model in said["models"]],
        "metric": said["metric"].key,
        "headline": said["headline"],
        "unseen": [asdict(one) for one in contest.unseen] if contest else [],
        "locked": [one and asdict(one) for one in contest.locked] if contest else [],
        "pairs": [asdict(pair) | {"sentence": sentence} for pair, sentence in said["pairs"]],
        "lost": dict(said["lost"]),
        "lines": [asdict(line) for line in said["lines"]],
    }
