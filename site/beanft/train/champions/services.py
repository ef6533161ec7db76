"""Who is the champion of a dataset and target, who was, and how a challenger stands against it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from beanft import audit
from beanft.engine.errors import BusyError
from beanft.engine.learning.metrics import METRIC
from beanft.extensions import db
from beanft.models import Champion, Dataset, TrainedModel, User
from beanft.models.types import now
from beanft.train.compare import services as compare
from beanft.train.compare.words import names, pair_sentence

HISTORY_MOST = 200
"""Champions that the history shows, the newest ones."""


class ReplacedError(Exception):
    """Somebody else became champion while the page was open; the message says so."""


@dataclass(frozen=True, kw_only=True)
class Challenge:
    """How a model stands against the champion that it would replace."""

    code: str
    """first, same, better, tied, worse or unknown."""
    sentence: str
    """The same in words."""
    champion: Champion | None
    """The champion, if there is one."""


@dataclass(frozen=True, kw_only=True)
class Reign:
    """A champion's time, as the history shows it."""

    champion: Champion
    """The row."""
    target: str
    """Column that it predicts."""
    replaced_by: Champion | None
    """Who came after it for the same target."""

    @property
    def current(self) -> bool:
        """Whether it is the champion today."""
        return is_current(self.champion)


def is_current(champion: Champion) -> bool:
    """Whether a row stands for a champion of today: its time has no end, and the model is still there."""
    return champion.ended_at is None and champion.model_id is not None


def champions_of(*, dataset: Dataset) -> list[Champion]:
    """The champions of a dataset today, one for each target that has one, newest first."""
    query = (
        select(Champion)
        .where(Champion.dataset_id == dataset.id, Champion.ended_at.is_(None), Champion.model_id.is_not(None))
        .order_by(Champion.id.desc())
        .options(joinedload(Champion.model))
    )
    by_target: dict[str, Champion] = {}
    for champion in db.session.scalars(query):
        by_target.setdefault(champion.facts["target"], champion)
    return list(by_target.values())


def champion_for(*, dataset: Dataset, target: str) -> Champion | None:
    """The champion of a dataset for a target, if there is one."""
    return next((one for one in champions_of(dataset=dataset) if one.facts["target"] == target), None)


def history(*, dataset: Dataset) -> list[Reign]:
    """The champions of a dataset, the newest first, each with the one that came after it."""
    query = (
        select(Champion)
        .where(Champion.dataset_id == dataset.id)
        .order_by(Champion.id.desc())
        .limit(HISTORY_MOST)
        .options(joinedload(Champion.model))
    )
    reigns, after = [], dict[str, Champion]()
    for champion in db.session.scalars(query):
        target = champion.facts["target"]
        reigns.append(Reign(champion=champion, target=target, replaced_by=after.get(target)))
        after[target] = champion
    return reigns


def challenge(*, model: TrainedModel) -> Challenge:
    """Compare a model with the champion that it would replace, row by row where that is possible."""
    experiment = model.run.experiment
    champion = champion_for(dataset=experiment.version.dataset, target=experiment.target)
    if champion is None or champion.model is None:
        return Challenge(code="first", sentence=f"“{experiment.target}” has no champion yet.", champion=None)
    if champion.model_id == model.id:
        return Challenge(code="same", sentence="This model is the champion already.", champion=champion)
    code, sentence = _against(model, champion.model)
    return Challenge(code=code, sentence=sentence, champion=champion)


def _against(model: TrainedModel, champion: TrainedModel) -> tuple[str, str]:
    models = [model, champion]
    if model.run.experiment.task != champion.run.experiment.task:
        return "unknown", "One tells classes apart and the other predicts a number: no score compares them."
    metrics = compare.metrics_of(models)
    if not metrics:
        return "unknown", "No score fits both models: they tell different numbers of classes apart."
    try:
        measured = compare.measure(models=models, metric=metrics[0])
    except BusyError as busy:
        return "unknown", f"They could not be compared now. {busy}"
    if measured.contest is None or measured.lost:
        return "unknown", "They cannot be compared: what one of them said of unseen rows was not kept."
    (pair,) = measured.contest.pairs
    sentence = pair_sentence(pair, names(models), metrics[0])
    if pair.reason:
        return "unknown", sentence
    if not pair.told_apart:
        return "tied", sentence
    return ("better" if pair.one == 0 else "worse"), sentence


def crown(*, model: TrainedModel, user: User, note: str, over: int | None) -> Champion:
    """Make a model the champion of its dataset and target; the one before it ends.

    `over` is the number of the champion that the user was told of; None for none.

    Raises
    ------
    ReplacedError
        When another one is the champion by now, or the model is it already.
    """
    experiment = model.run.experiment
    dataset = experiment.version.dataset
    current = champion_for(dataset=dataset, target=experiment.target)
    if current is not None and current.model_id == model.id:
        raise ReplacedError("This model is the champion already.")
    if (current.id if current else None) != over:
        raise ReplacedError(
            "The champion is another one than when this page was opened. "
            "Read how this model stands against it, then decide."
        )
    moment = now()
    for earlier in _open(dataset, experiment.target):
        earlier.ended_at = moment
    champion = Champion(
        dataset_id=dataset.id,
        model_id=model.id,
        title=f"{model.run.title} for {experiment.target}"[:200],
        facts=facts_of(model) | {"by": user.username},
        note=note,
        chosen_at=moment,
    )
    db.session.add(champion)
    audit.record(user_id=user.id, action="champion-choose", subject=f"model {model.id}")
    db.session.commit()
    return champion


def _open(dataset: Dataset, target: str) -> Sequence[Champion]:
    """The rows of a target whose time has no end; those whose model was deleted are among them."""
    query = select(Champion).where(Champion.dataset_id == dataset.id, Champion.ended_at.is_(None))
    return [champion for champion in db.session.scalars(query) if champion.facts["target"] == target]


def facts_of(model: TrainedModel) -> dict[str, Any]:
    """What is worth remembering of a model when it becomes champion."""
    run, experiment = model.run, model.run.experiment
    interval = run.facts.get("interval") or {}
    return {
        "target": experiment.target,
        "task": experiment.task,
        "metric": experiment.metric,
        "mean": run.facts.get("mean"),
        "sd": run.facts.get("sd"),
        "value": interval.get("value"),
        "low": interval.get("low"),
        "high": interval.get("high"),
        "version": experiment.version.number,
        "experiment": experiment.id,
        "run": run.title,
    }


def score_words(champion: Champion) -> tuple[str, dict[str, Any]]:
    """The title of the metric of that time, and the figures."""
    metric = METRIC.get(champion.facts.get("metric", ""))
    return metric.title if metric else "score", champion.facts


def crowned(*, model: TrainedModel) -> Champion | None:
    """The row that makes a model the champion of today; None when it is not."""
    query = (
        select(Champion)
        .where(Champion.model_id == model.id, Champion.ended_at.is_(None))
        .order_by(Champion.id.desc())
    )
    return db.session.scalars(query).first()
