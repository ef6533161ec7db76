"""The card of a model: its sections, from what was stored when it was trained and since."""

from dataclasses import dataclass

from beanft.agreed import limits_of_experiment
from beanft.engine.learning.learners import BASELINE, LEARNER
from beanft.engine.tables.columns import Profile
from beanft.filters import number
from beanft.models import TrainedModel
from beanft.train.cards import how, limits, outcome, scores
from beanft.train.cards.parts import Section, cut, facts
from beanft.train.cards.services import Sources

COLUMNS_SHOWN = (200, 60, 10)
"""Columns listed: the first number that keeps the file small enough."""
_TITLE = 160


@dataclass(frozen=True, kw_only=True)
class Card:
    """Everything worth knowing of a model."""

    title: str
    """What it is."""
    summary: tuple[str, ...]
    """What it is for and how good it is, in sentences."""
    notes: str
    """The owner's words."""
    sections: tuple[Section, ...]
    """The rest, in order."""


def make_card(
    model: TrainedModel, sources: Sources, *, address: str, columns: int = COLUMNS_SHOWN[0]
) -> Card:
    """Make the card of a model; `address` asks its question again, `columns` are listed at most."""
    return Card(
        title=cut(f"{model.run.title} for {model.run.experiment.target}", _TITLE),
        summary=_summary(model),
        notes=model.notes,
        sections=(
            scores.section(model, sources.contest),
            _data(model),
            how.question(model),
            how.learner(model),
            *outcome.threshold(model),
            outcome.reliability(model, sources.curve),
            limits.section(model, columns),
            outcome.findings(model),
            outcome.importance(model, sources.explained),
            outcome.failures(model),
            outcome.fairness(sources.groups, sources.problem),
            how.reproduce(model, address),
            how.origin(model, sources.maker),
        ),
    )


def _summary(model: TrainedModel) -> tuple[str, ...]:
    run, experiment = model.run, model.run.experiment
    dataset, learner = experiment.version.dataset, LEARNER.get(run.learner)
    target = cut(experiment.target, _TITLE)
    does = "tells the class" if experiment.task == "classification" else "predicts the number"
    said = [
        f"This model {does} in “{target}” from {len(experiment.features):,} other columns of the dataset "
        f"“{cut(dataset.name, _TITLE)}”."
    ]
    if run.learner == BASELINE:
        said.append("It is the baseline: it looks at no column and only guesses.")
    elif learner:
        said.append(f"{learner.title}: {learner.sentence}")
    verdict = (experiment.result_json or {}).get("verdict") or {}
    if verdict.get("sentence"):
        limits = limits_of_experiment(experiment)
        whole = limits.qualify(verdict["sentence"], verdict.get("code") or "")
        said.append(f"Of the whole experiment: {cut(whole)}")
    return tuple(said)


def _data(model: TrainedModel) -> Section:
    version = model.run.experiment.version
    profile = version.profile if version.profile_json else None
    return Section(
        key="data",
        title="Data",
        facts=facts(
            ("Dataset", f"{version.dataset.name}, version {version.number}"),
            ("Source", version.dataset.source or version.original_name),
            ("Rows and columns", f"{number(version.n_rows)} rows, {number(version.n_columns)} columns"),
            ("Kinds of columns", _kinds(profile)),
            ("Period", _period(profile)),
            ("SHA-256 of the file", version.original_sha256),
            ("SHA-256 of the table", version.parquet_sha256),
        ),
    )


def _kinds(profile: Profile | None) -> str | None:
    if profile is None:
        return None
    counts: dict[str, int] = {}
    for column in profile.columns:
        counts[column.kind] = counts.get(column.kind, 0) + 1
    return ", ".join(f"{n} {kind}" for kind, n in counts.items())


def _period(profile: Profile | None) -> str | None:
    """First and last date of each date column."""
    if profile is None:
        return None
    dates = [one for one in profile.columns if one.kind == "date" and one.minimum is not None]
    said = [f"{cut(one.name, 60)}: {one.minimum} to {one.maximum}" for one in dates[:5]]
    return "; ".join(said) or "no column holds dates"
