"""Which models of a dataset there are to compare, and what a comparison of some of them says."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, selectinload

from beanft import storage
from beanft.engine.errors import EngineError
from beanft.engine.learning.compared.contest import MOST_ENTRANTS, Contest, compete
from beanft.engine.learning.compared.entrant import Entrant
from beanft.engine.learning.evidence import open_evidence
from beanft.engine.learning.learners import BASELINE
from beanft.engine.learning.metrics import METRIC, Metric, metrics_for
from beanft.engine.turns import Turns
from beanft.extensions import db
from beanft.listing import Listing, list_page
from beanft.models import Dataset, Experiment, Run, TrainedModel, Version

_KEPT = 64  # comparisons in memory; each is a few hundred numbers
_REMEMBERED = 512  # models whose predictions were found

# Half a gigabyte of probabilities may be read for one page.
_turns = Turns(
    at_once=1,
    waiting=2,
    wait_s=8.0,
    sentence="Other models are being compared. Try again in a few seconds.",
)


class NotComparableError(Exception):
    """The models asked for cannot stand beside each other; the message says why and what to do."""


def list_experiments(*, dataset: Dataset, page: int) -> Listing[Experiment]:
    """The experiments of a dataset with their runs and models, newest first."""
    query = (
        select(Experiment)
        .join(Experiment.version)
        .where(Version.dataset_id == dataset.id, Experiment.owner_id == dataset.owner_id)
        .order_by(Experiment.id.desc())
    )
    return list_page(query, page=page, options=[selectinload(Experiment.runs).joinedload(Run.model)])


def find_models(*, dataset: Dataset, numbers: Sequence[int]) -> list[TrainedModel]:
    """The models of a dataset by their numbers, in their order.

    Raises
    ------
    NotComparableError
        When one is not there, or there are too few or too many, or they predict different columns.
    """
    if not 2 <= len(numbers) <= MOST_ENTRANTS:
        raise NotComparableError(
            f"Tick 2 to {MOST_ENTRANTS} models: {'only 1 is' if len(numbers) == 1 else f'{len(numbers)} are'}"
            " ticked."
        )
    query = (
        select(TrainedModel)
        .join(TrainedModel.run)
        .join(Run.experiment)
        .join(Experiment.version)
        .where(Version.dataset_id == dataset.id, TrainedModel.owner_id == dataset.owner_id)
        .where(TrainedModel.id.in_(numbers))
        .options(contains_eager(TrainedModel.run).contains_eager(Run.experiment))
    )
    found = {model.id: model for model in db.session.scalars(query)}
    if len(found) < len(numbers):
        raise NotComparableError(
            "Some of the models asked for are not there any more, or belong to another dataset. "
            "Choose again from the list."
        )
    models = [found[number] for number in numbers]
    _check(models)
    return models


def _check(models: Sequence[TrainedModel]) -> None:
    targets = list(dict.fromkeys(model.run.experiment.target for model in models))
    if len(targets) > 1:
        named = " and ".join(f"“{target}”" for target in targets[:3])
        raise NotComparableError(
            f"These models predict different columns: {named}. "
            "No score says which of them is better. Tick models of one target."
        )
    if len({model.run.experiment.task for model in models}) > 1:
        raise NotComparableError(
            f"Some of these models tell classes of “{targets[0]}” apart and others predict it as a number. "
            "Their scores mean different things. Tick models of one task."
        )


def metrics_of(models: Sequence[TrainedModel]) -> tuple[Metric, ...]:
    """The scores that fit all of some models, the one that most of their experiments ranked by first."""
    task = models[0].run.experiment.task
    n_classes = [len(model.schema_json.get("labels") or ()) for model in models]
    fitting = [metrics_for(task, n) for n in n_classes]
    common = [metric for metric in fitting[0] if all(metric in others for others in fitting)]
    votes = Counter(model.run.experiment.metric for model in models)
    return tuple(sorted(common, key=lambda metric: -votes[metric.key]))  # a stable sort keeps their order


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A comparison of those models that left what it needs."""

    contest: Contest | None
    """Scores and differences; None where no model left evidence."""
    place: dict[int, int]
    """Place in the contest of a model, by its number."""
    lost: dict[int, str]
    """Why a model is not in it, by its number."""


def measure(*, models: Sequence[TrainedModel], metric: Metric) -> Measured:
    """Score models on rows that they had not seen, and compare every two of them.

    Raises
    ------
    BusyError
        When others are being compared.
    """
    lost: dict[int, str] = {}
    sources = []
    for model in models:
        source = source_of(model)
        try:
            _require(source)
        except EngineError as error:
            lost[model.id] = str(error)
        else:
            sources.append((model.id, source))
    place = {number: i for i, (number, _) in enumerate(sources)}
    if not sources:
        return Measured(contest=None, place=place, lost=lost)
    contest = _contest(tuple(source for _, source in sources), metric.key)
    return Measured(contest=contest, place=place, lost=lost)


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where the predictions of a model lie; the same one holds the same predictions for ever."""

    folder: Path
    """Folder of its experiment."""
    run: str
    """Key of its run."""
    sha256: str
    """Digest of its file, which changes when it is trained anew."""
    version: int
    """Version of the data."""
    table: str
    """Digest of the table."""
    scores: tuple[float, ...]
    """Its scores fold by fold; empty where they were not kept."""
    test_to_train: float
    """Rows tested in a fold for each row trained on."""


def source_of(model: TrainedModel) -> Source:
    """Where the predictions of a model lie."""
    experiment = model.run.experiment
    scores, test_to_train = _folds_of(model.run)
    return Source(
        folder=storage.folder(experiment.key),
        run=model.run.key,
        sha256=model.sha256,
        version=experiment.version.number,
        table=experiment.version.parquet_sha256 or "",
        scores=scores,
        test_to_train=test_to_train,
    )


def _folds_of(run: Run) -> tuple[tuple[float, ...], float]:
    """Scores fold by fold, and rows tested for each row trained on."""
    facts = run.facts
    return tuple(facts.get("scores") or ()), float(facts.get("test_to_train") or 0.0)


def entrant(source: Source) -> Entrant:
    """Open the evidence of a model.

    Raises
    ------
    EngineError
        It is missing: the experiment is older than what is kept today, or its files are damaged.
    """
    evidence = open_evidence(source.folder)
    return Entrant(
        evidence=evidence,
        run=source.run,
        version=source.version,
        table=source.table,
        scores=source.scores,
        test_to_train=source.test_to_train,
    )


@lru_cache(maxsize=_REMEMBERED)
def _require(source: Source) -> None:
    """Raise EngineError where the predictions of a model are missing or damaged; that is not remembered."""
    entrant(source).evidence.oof(source.run)


@lru_cache(maxsize=_KEPT)
def _contest(sources: tuple[Source, ...], metric: str) -> Contest:
    with _turns.taken():
        return compete([entrant(source) for source in sources], METRIC[metric])


def against_guessing(*, model: TrainedModel) -> Contest | None:
    """A model beside the baseline of its experiment, in that order, by the score that ranked there.

    It stands alone where nothing is known of the baseline, or where it is the baseline; None where its own
    predictions were not kept, or cannot be read now.
    """
    source, metric = source_of(model), model.run.experiment.metric
    both: tuple[Source, ...] = (source,)
    guess = next((run for run in model.run.experiment.runs if run.learner == BASELINE), None)
    if guess is not None and source.run != guess.key:
        both = (source, replace(source, run=guess.key, scores=_folds_of(guess)[0]))
    for sources in (both, both[:1]):
        try:
            return _contest(sources, metric)
        except EngineError:
            continue
    return None


def size_bytes(*, model: TrainedModel) -> int | None:
    """Bytes of a model's file; None when it is missing."""
    try:
        return (storage.folder(model.run.experiment.key) / model.file).stat().st_size
    except OSError:
        return None
