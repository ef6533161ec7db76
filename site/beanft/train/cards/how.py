"""The sections that say how a model was made: question, split, learner, and how to make it again."""

import json
from typing import Any

from beanft.engine.learning.learners import LEARNER
from beanft.engine.learning.metrics import METRIC
from beanft.filters import duration, number, percent
from beanft.models import TrainedModel
from beanft.train.cards.parts import Section, cut, facts
from beanft.train.live import was_stopped
from beanft.train.reports.made import settings_of

_RECIPE = 4_000  # characters; a longer one leaves the names of the columns out
_WEIGHTS = {"balanced": "rows of rare classes count more, so that every class weighs the same"}
_LABELS = 30  # classes named
_SETTINGS = 200  # characters of old settings, which are one text


def question(model: TrainedModel) -> Section:
    """What was asked, and how the rows were cut to answer it honestly."""
    experiment = model.run.experiment
    metric = METRIC.get(experiment.metric)
    labels = [f"“{cut(str(label), 60)}”" for label in model.schema_json.get("labels") or ()]
    result = experiment.result_json or {}
    more = f" and {len(labels) - _LABELS:,} more" if len(labels) > _LABELS else ""
    classes = (("Classes", ", ".join(labels[:_LABELS]) + more),) if labels else ()
    return Section(
        key="question",
        title="Question and split",
        texts=tuple(cut(note) for note in (result.get("notes") or [])[:20]),
        facts=facts(
            ("Target", experiment.target),
            ("Task", experiment.task),
            *classes,
            ("Models were ranked by", f"{metric.title}. {metric.sentence}" if metric else experiment.metric),
            ("Rows", _rows(result.get("split"))),
            ("Cut", _cut(result.get("split"))),
            ("Folds", _folds(result.get("split"))),
            (
                "Class weights",
                _WEIGHTS.get(experiment.choices_json.get("class_weights", ""), "all rows count alike"),
            ),
            *_chosen(experiment.choices_json),
        ),
    )


def _chosen(choices: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """What few owners choose, where it was chosen."""
    positive = choices.get("positive")
    return (
        *((("Class to be found", f"“{cut(positive, 60)}”"),) if positive else ()),
        *((("Repeated rows", "take part only once"),) if choices.get("distinct") else ()),
    )


def _rows(split: dict[str, Any] | None) -> str | None:
    if not split or "n_train" not in split:
        return None
    share = split["n_holdout"] / max(1, split["n_train"] + split["n_holdout"])
    return (
        f"{number(split['n_train'])} to learn from, {number(split['n_holdout'])} ({percent(share)}) locked "
        "away before anything was learned"
    )


def _cut(split: dict[str, Any] | None) -> str | None:
    if not split:
        return None
    column = cut(split.get("column") or "", 80)
    return {
        "group": f"rows with the same “{column}” stay on one side",
        "time": f"the locked rows are the latest by “{column}”",
    }.get(
        split.get("by", ""), "by chance" + (", every class in its share" if split.get("stratified") else "")
    )


def _folds(split: dict[str, Any] | None) -> str | None:
    if not split or "n_folds" not in split:
        return None
    repeats = split.get("n_repeats", 1)
    return f"{split['n_folds']}" + (f", cut anew {repeats} times" if repeats > 1 else "")


def learner(model: TrainedModel) -> Section:
    """The learner, its settings and what to know of this run."""
    run = model.run
    known = LEARNER.get(run.learner)
    told = settings_of(run, list(run.experiment.runs) if run.learner == "ensemble" else [])
    old = run.facts.get("settings")
    if isinstance(old, str) and old:
        told = [("All settings", cut(old, _SETTINGS))]
    return Section(
        key="learner",
        title="Learner and settings",
        texts=tuple(cut(note) for note in run.facts.get("notes") or ()),
        facts=facts(
            ("Learner", known.title if known else run.title),
            *((cut(name, 80), value) for name, value in told),
            *(() if told else (("Settings", _no_settings(run.facts)),)),
            ("Training took", duration(run.seconds) if run.seconds is not None else None),
        ),
    )


def _no_settings(run: dict[str, Any]) -> str | None:
    """What an empty list of settings means; old runs recorded none at all."""
    return "the usual ones" if run.get("settings") is not None else None


def reproduce(model: TrainedModel, address: str) -> Section:
    """Everything that another training needs to come to the same numbers."""
    experiment = model.run.experiment
    result = experiment.result_json or {}
    split = result.get("split") or {}
    return Section(
        key="reproduce",
        title="How to make it again",
        texts=(
            f"Open {address}, check that the newest version of the dataset has the SHA-256 above, and start. "
            "The same table, question, settings and seed give the same numbers, as long as no time limit "
            "cuts the search and the libraries have the same versions.",
            _cut_short(result.get("cut_short"), stopped=was_stopped(experiment)),
        ),
        facts=facts(
            ("Seed", str(experiment.seed)),
            ("Time budget", duration(experiment.budget_s)),
            ("SHA-256 of the locked rows", split.get("hash")),
            ("SHA-256 of the model file", model.sha256),
            ("Run", model.run.key),
            ("Libraries", _versions(model)),
        ),
        code=_recipe(model),
    )


def _cut_short(cut_short: bool | None, *, stopped: bool) -> str:
    if cut_short is None:
        return "It is not known whether the time limit cut this search."
    if cut_short:
        if stopped:
            return "This search was stopped by hand, so another training may try other settings."
        return "The time limit cut this search, so another training may try other settings."
    return "No time limit cut this search."


def _versions(model: TrainedModel) -> str | None:
    result = model.run.experiment.result_json or {}
    known = model.run.facts.get("versions") or result.get("versions") or {}
    return ", ".join(f"{name} {version}" for name, version in known.items()) or None


def _recipe(model: TrainedModel) -> str:
    """The question as JSON."""
    experiment = model.run.experiment
    asked: dict[str, Any] = {
        "target": experiment.target,
        "features": experiment.features,
        "task": experiment.task,
        "metric": experiment.metric,
        "learners": experiment.learners,
        "budget_s": experiment.budget_s,
        "seed": experiment.seed,
        "choices": experiment.choices_json,
    }
    text = json.dumps(asked, ensure_ascii=False, indent=1)
    if len(text) > _RECIPE:
        asked["features"] = f"{len(experiment.features)} columns, those listed under the limits of use"
        text = json.dumps(asked, ensure_ascii=False, indent=1)
    return cut(text, _RECIPE)


def origin(model: TrainedModel, maker: str) -> Section:
    """Who made it and when."""
    experiment = model.run.experiment
    origin_json = experiment.origin_json or {}
    repeats = origin_json.get("experiment")
    said = (f"Its experiment repeats experiment {repeats} because of a finding.",) if repeats else ()
    return Section(
        key="origin",
        title="Who made it",
        texts=said,
        facts=facts(
            ("Made by", maker),
            ("Made on", model.created_at.strftime("%Y-%m-%d %H:%M UTC")),
            ("Experiment", str(experiment.id)),
            ("Model", str(model.id)),
        ),
    )
