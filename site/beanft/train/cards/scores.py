"""How good a model is: its scores on unseen and on locked rows, beside those of guessing."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from beanft.agreed import judged_figures, with_judged
from beanft.engine.learning.compared.contest import Contest
from beanft.engine.learning.learners import BASELINE
from beanft.engine.learning.metrics import METRIC, metrics_for
from beanft.filters import number, plus_minus, score
from beanft.models import TrainedModel
from beanft.train.board import NOISE, standing_of
from beanft.train.cards.parts import Section, table
from beanft.train.compare.words import pair_sentence
from beanft.train.reports.words import NOT_COUNTED, UNSEEN, against_guessing

_HEADS = ("Score", "Unseen rows", "Guessing there", "Locked rows", "Guessing there")

Figure = Mapping[str, Any] | None


def section(model: TrainedModel, contest: Contest | None) -> Section:
    """Every score that is known, the one that ranked the models first."""
    experiment, run = model.run.experiment, model.run.facts
    unseen, locked = _measured(model, contest)
    labels = model.schema_json.get("labels") or ()
    metrics = sorted(metrics_for(experiment.task, len(labels)), key=lambda one: one.key != experiment.metric)
    rows = []
    for one in metrics:
        mine = _of(unseen, "metrics", one.key)
        folds = (run.get("metrics") or {}).get(one.key) or {}
        cells = (
            _of(unseen, "guess", one.key),
            _of(locked, "metrics", one.key),
            _of(locked, "guess", one.key),
        )
        first = interval(mine) if mine else _folds(folds)
        better = "larger is better" if one.greater_is_better else "smaller is better"
        ranks = "; this one ranked the models" if one.key == experiment.metric else ""
        rows.append((f"{one.title} ({better}{ranks})", first, *(interval(cell) for cell in cells)))
    known = [row for row in rows if any(cell != "–" for cell in row[1:])]
    return Section(
        key="scores",
        title="How good it is",
        texts=(*_against_guessing(model, unseen, contest), *_scored_on(unseen, locked, run)),
        table=table("scores", "Scores with 95 % intervals in brackets", _HEADS, known),
    )


def _measured(model: TrainedModel, contest: Contest | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Scores on unseen and on locked rows: of the report, else of the evidence, else of the run."""
    report, metric = model.report_json, model.run.experiment.metric
    unseen, locked = report.get("unseen") or {}, report.get("holdout") or {}
    if contest is not None:
        mine, *guess = (asdict(one) for one in contest.unseen)
        opened, *guessed = (None if one is None else asdict(one) for one in contest.locked)
        unseen = unseen or _like_report(metric, mine, guess[0] if guess else None)
        locked = locked or (_like_report(metric, opened, guessed[0] if guessed else None) if opened else {})
    known = judged_figures(model)
    return with_judged(unseen, known["unseen"]), with_judged(locked, known["holdout"])


def _like_report(metric: str, mine: dict[str, Any], guess: Figure) -> dict[str, Any]:
    return {"n_rows": mine["of_rows"], "metrics": {metric: mine}, "guess": {metric: guess}}


def _of(scores: Mapping[str, Any], part: str, metric: str) -> Figure:
    """One figure; old reports have only the value of the baseline."""
    found: Figure = (scores.get(part) or {}).get(metric)
    if found is None and part == "guess":
        value = (scores.get("baseline") or {}).get(metric)
        found = None if value is None else {"value": value}
    return found


def _against_guessing(
    model: TrainedModel, unseen: Mapping[str, Any], contest: Contest | None
) -> tuple[str, ...]:
    """The paired difference with the baseline, in the words of the model's page."""
    if unseen.get("difference") and unseen.get("n_rows"):
        return (against_guessing(unseen, model.run.learner, UNSEEN, _standing(model)),)
    if model.run.learner == BASELINE or contest is None or not contest.pairs:
        return ()
    if contest.pairs[0].told_apart and _standing(model) == NOISE:
        return (f"Taken alone it is ahead of guessing on unseen rows. {NOT_COUNTED}",)
    called = (model.run.title, "guessing")
    return (pair_sentence(contest.pairs[0], called, METRIC[model.run.experiment.metric]),)


def _standing(model: TrainedModel) -> str:
    """How the verdict of its experiment puts it beside guessing."""
    verdict = (model.run.experiment.result_json or {}).get("verdict") or {}
    return standing_of(model.run.key, verdict.get("better") or {}, verdict.get("worse") or ())


def _scored_on(
    unseen: Mapping[str, Any], locked: Mapping[str, Any], run: Mapping[str, Any]
) -> tuple[str, ...]:
    n_folds = len(run.get("scores") or ())
    rows = (
        f"{number(unseen['n_rows'])} rows" if unseen.get("n_rows") else "the rows that were not locked away"
    )
    said = []
    if unseen:
        said.append(
            f"Unseen rows: {rows}, each predicted by a fit that had not learned from it. In brackets what "
            "other rows of the same kind could have given, 95 % sure."
        )
    elif n_folds:
        said.append(f"Unseen rows: mean and spread over {n_folds} folds, each scored by a fit on the others.")
    if locked:
        said.append(f"Locked rows: {number(locked.get('n_rows'))} rows that had no say in the choice of it.")
    else:
        said.append("The locked rows were not opened for this model, so they say nothing of it.")
    said.append("Guessing always gives the same answer and looks at no column: a useful model beats it.")
    return tuple(said)


def _folds(metric: Mapping[str, Any]) -> str:
    if metric.get("mean") is None:
        return "–"
    return f"{plus_minus(metric['mean'], metric.get('sd'))} over folds"


def interval(found: Figure) -> str:
    """A figure with its interval.

    >>> interval({"value": 0.9, "low": 0.8, "high": 0.95}), interval({"value": 0.5}), interval(None)
    ('0.900 (0.800 to 0.950)', '0.500', '–')
    """
    if not found or found.get("value") is None:
        return "–"
    low, high = found.get("low"), found.get("high")
    ends = "" if low is None or high is None else f" ({score(low)} to {score(high)})"
    return f"{score(found['value'])}{ends}"
