"""What is done with models: predict a row and say why, and tell what a model needs and is worth."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from beanft import storage
from beanft.agreed import agreed_report, judged_figures, threshold_in_use, with_judged
from beanft.database import release_locks
from beanft.engine.errors import EngineError
from beanft.engine.learning import files
from beanft.engine.learning.inputs import check_records
from beanft.engine.learning.learners import BASELINE
from beanft.engine.learning.reasons import reasons_of
from beanft.engine.learning.reports.worth import unseen_worth
from beanft.engine.learning.truth_words import truth_words
from beanft.engine.learning.uncertainty.background import make_background
from beanft.engine.learning.uncertainty.kept import column_weights
from beanft.engine.learning.whatif import curves_of
from beanft.engine.tables.columns import Column
from beanft.models import TrainedModel
from beanft.predict.answers import Answer, answer
from beanft.predict.rows import USUAL_LEVEL, predict_many, usual_label
from beanft.predict.served import served
from beanft.predict.sliders import Shape
from beanft.predict.why import Why, why_of

_PANELS = 6


def predict_row(*, model: TrainedModel, values: Mapping[str, str], level: float = USUAL_LEVEL) -> Answer:
    """Predict one row; nothing that was typed is stored.

    Raises
    ------
    EngineError
        When the model's file is missing or damaged.
    """
    worth, threshold = worth_of(model), threshold_in_use(model)
    target, task = model.run.experiment.target, model.run.experiment.task
    is_baseline = model.run.learner == BASELINE
    predicted = predict_many(model=served(model), rows=[values], level=level)
    return answer(
        predicted,
        target=target,
        task=task,
        report=worth,
        threshold=threshold,
        is_baseline=is_baseline,
    )


def why_row(*, model: TrainedModel, values: Mapping[str, str], label: str | None = None) -> Why | None:
    """Take the prediction of one row apart, and ask what other values would change; None for wrong input.

    Raises
    ------
    EngineError
        When the model's file is missing or damaged, or it knows no such class.
    """
    (path, sha256), experiment = file_of(model), model.run.experiment
    folder, key, target = storage.folder(experiment.key), model.run.key, experiment.target
    columns, names = columns_of(model), most_important(model)
    threshold, version = threshold_in_use(model), experiment.version
    table, profile = storage.folder(version.key) / "table.parquet", version.profile
    release_locks()
    opened = files.load(path, sha256)
    checked = check_records([values], opened["schema"])
    if checked.n_errors:
        return None
    make_background(folder, table, profile)
    label = label or usual_label(opened["labels"], threshold)
    found = reasons_of(opened, folder, checked.frame, label=label, key=key)
    label = label or found["label"]
    told = label is not None or not opened["labels"]
    names = list(dict.fromkeys([*found["columns"], *names]))
    curves = curves_of(opened, checked.columns, names, label=label, most=_PANELS) if told else []
    return why_of(found, curves, values, columns, target, label=label)


def most_important(model: TrainedModel) -> list[str]:
    """The columns of a model, those that matter most first; in the table's order where that is not known."""
    weights = weights_of(model)
    names = [column["name"] for column in model.schema_json["columns"]]
    return sorted(names, key=lambda name: -weights.get(name, -1.0))


def weights_of(model: TrainedModel) -> dict[str, float]:
    """How much each column matters to a model, of the columns of which that was measured.

    What time did not suffice for is measured when reasons are asked for next (`engine.learning.reasons`).
    """
    kept = column_weights(storage.folder(model.run.experiment.key), model.run.key) or {}
    if len(kept) == len(model.schema_json["columns"]):
        return kept
    measured = (model.report_json or {}).get("importance") or {}
    if not measured or measured.get("n_columns") != measured.get("of_columns"):
        return kept  # time ran out, and the columns that it was measured of are the first ones of the table
    return {one["name"]: max(0.0, one["mean"]) for one in measured.get("columns") or ()}


def shapes_of(model: TrainedModel) -> dict[str, Shape]:
    """The histograms of the table's columns."""
    version = model.run.experiment.version
    columns = version.profile.columns if version.profile_json else ()
    return {column.name: (column.edges, column.counts) for column in columns if column.counts}


def worth_of(model: TrainedModel) -> dict[str, Any]:
    """What is known of a model's errors: its report, filled up from what it said of rows while unseen.

    Without either, what its run remembers of the folds.
    """
    known = judged_figures(model)["unseen"]
    try:
        folder = storage.folder(model.run.experiment.key)
        found = unseen_worth(folder, model.run.key, model.sha256)
    except EngineError:
        folds = model.run.facts.get("metrics") or {}
        means = {key: {"value": one.get("mean"), "low": None, "high": None} for key, one in folds.items()}
        found = {"unseen": {"metrics": means}}
    return found | {"unseen": with_judged(found["unseen"], known)} | agreed_report(model)


def columns_of(model: TrainedModel) -> list[dict[str, Any]]:
    """The training columns of a model, as `engine.learning.schema` describes them.

    Columns of true and false have the owner's words for both, too, as words.
    """
    columns: list[dict[str, Any]] = model.schema_json["columns"]
    version = model.run.experiment.version
    words = truth_words(version.profile) if version.profile_json else {}
    return [
        column | {"words": list(words[column["name"]])} if column["name"] in words else column
        for column in columns
    ]


def target_of(model: TrainedModel) -> Column | None:
    """The profile of the column that is predicted."""
    experiment = model.run.experiment
    columns = experiment.version.profile.columns if experiment.version.profile_json else ()
    return next((column for column in columns if column.name == experiment.target), None)


def file_of(model: TrainedModel) -> tuple[Path, str]:
    """Where the file of a model lies, and its hash."""
    return storage.folder(model.run.experiment.key) / model.file, model.sha256
