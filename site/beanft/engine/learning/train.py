"""Training on a table: reads its rows, asks the question and searches for the best model that time allows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
from threadpoolctl import threadpool_limits

from beanft.engine.checks.training.asked import Asked as Suspicion
from beanft.engine.checks.training.look import look_before, others_wanted
from beanft.engine.learning.choices import Choices
from beanft.engine.learning.evidence import evidence_of
from beanft.engine.learning.order import beyond_time, columns_in, find_order, ordering
from beanft.engine.learning.prepare import plan
from beanft.engine.learning.question import Question, ask, check_choice, row_limit, sample_notes, without_role
from beanft.engine.learning.schema import describe
from beanft.engine.learning.search.clock import Clock, most_variations
from beanft.engine.learning.search.crew import Crew
from beanft.engine.learning.search.ending import Ending
from beanft.engine.learning.search.material import Material
from beanft.engine.learning.search.search import Asked, Search
from beanft.engine.learning.task import check_target, keep_once, put_last
from beanft.engine.learning.truth_words import in_owner_words
from beanft.engine.progress import Progress
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.files import verify
from beanft.engine.tables.queries.pages import frame

_ENCODING_SHARE = 0.5  # of the budget that preparing the rows may take
_LOOK_SHARE, _LOOK_MOST_S = 0.1, 6.0
_LIBRARIES = ("scikit-learn", "lightgbm", "numpy", "pandas", "scipy")


@dataclass(frozen=True, kw_only=True)
class _Job:
    """What the caller settled of how the work is done."""

    folder: Path
    clock: Clock
    cores: int
    memory_mb: float
    n_variations: int
    looks: int
    looks_own: int
    done: Sequence[Mapping[str, Any]]
    progress: Progress


def train(
    *,
    table: str,
    table_sha256: str,
    profile: dict[str, Any],
    target: str,
    features: list[str],
    task: str,
    metric: str = "",
    learners: list[str],
    choices: dict[str, Any] | None = None,
    seed: int = 0,
    budget_s: float,
    folder: str,
    done: Sequence[Mapping[str, Any]] = (),
    looks: int = 0,
    looks_own: int = 0,
    max_rows: int = 200_000,
    cores: int = 1,
    memory_mb: float = 2_048,
    n_variations: int | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Search for the best model of a target, and hand each run over as soon as it is there.

    Parameters
    ----------
    table, table_sha256 : str
        The stored table and its digest.
    profile : dict
        Its profile as JSON, its columns in their roles: rows of one group stay together, and where there is
        a time, learning is from earlier rows and checking on later ones.
    target : str
        Column to predict.
    features : list of str
        Columns to predict from; the target, identifiers, constants and the column in the role group among
        them are left out with a note.
    task : str
        classification or regression.
    metric : str
        Key of the metric that ranks; empty for the headline of the task.
    learners : list of str
        Keys of LEARNERS; the baseline is always added.
    choices : dict, optional
        Validation, class weights and settings (Choices.to_dict).
    seed : int
        Seed of everything random: the same seed gives the same result, as long as no time limit cut it.
    budget_s : float
        Seconds for everything; the baseline always runs.
    folder : str
        Where model files go.
    done : sequence of mapping
        Facts of the runs recorded by earlier attempts, which are not tried again.
    looks, looks_own : int
        How often the same locked rows were opened before, by all experiments and by earlier attempts of
        this one.
    max_rows : int
        Rows trained on at most.
    cores : int
        Fits at the same time.
    memory_mb : float
        Memory of the whole, in megabytes; a fit that would need more than its share is not begun.
    n_variations : int, optional
        Variations of good settings that are tried at most; by default one for every five seconds.
    progress : Progress, optional
        Listener; `record` gets parts: run, verdict, log, findings.

    Returns
    -------
    dict
        split, notes, verdict, metric, task, labels, n_rows, learners, cut_short, versions (of the libraries),
        final, simple, judged, references, learning_curve, weights and looks.

    Raises
    ------
    EngineError
        The table is damaged, or nothing can be learned from the target or the features.
    """
    before_s = max((float(facts.get("ended_s") or 0.0) for facts in done), default=0.0)
    clock = Clock(budget_s, before_s)
    verify(table, table_sha256)
    known = without_role(Profile.from_dict(profile), target)
    check_choice(known, target, features, task, metric, learners)
    job = _Job(
        folder=Path(folder),
        clock=clock,
        cores=cores,
        memory_mb=memory_mb,
        n_variations=most_variations(budget_s) if n_variations is None else n_variations,
        looks=looks,
        looks_own=looks_own,
        done=done,
        progress=progress or Progress(),
    )
    settled = Choices.from_dict(choices or {})
    with threadpool_limits(limits=1):
        question, suspicion, notes = _asked(
            Path(table), known, target, features, task, metric, settled, seed, max_rows
        )
        return _searched(job, question, suspicion, known, target, learners, settled, notes)


def _asked(
    table: Path,
    profile: Profile,
    target: str,
    features: Sequence[str],
    task: str,
    metric: str,
    choices: Choices,
    seed: int,
    max_rows: int,
) -> tuple[Question, Suspicion, list[str]]:
    """Read the rows and make the question ready, also as the checks see it."""
    cut_by = ordering(profile, choices.validation)
    groups = {name for by, name in cut_by if by == "group"} | set(columns_in(profile, "group"))
    names = [name for name in dict.fromkeys(features) if name != target and name not in groups]
    limit = row_limit(profile, names, task, target, max_rows)
    others = others_wanted(profile, names, target)
    wanted = [*names, target, *(name for _, name in cut_by), *others]
    data = frame(table, profile, columns=wanted, limit=limit, seed=seed)
    column = profile.column(target)
    answer = check_target(data[target], column.kind, task, column.labels)
    answer = put_last(answer, in_owner_words(choices.positive, column.labels))
    if choices.distinct:
        answer = keep_once(answer, data[names])
    order = find_order(data, profile, choices.validation)
    running = set(beyond_time(data.iloc[answer.rows][names], order.at(answer.rows))) if order else set()
    chosen = plan(
        [profile.column(name) for name in names if name not in running],
        n_rows=profile.n_rows,
        n_classes=len(answer.labels),
        by_time=bool(cut_by) and cut_by[0][0] == "time",
    )
    question = ask(data, answer, chosen, task, metric, seed, order, choices.validation)
    left_out = [_group_note(name) for name in features if name in groups]
    left_out += [_running_note(name) for name in names if name in running]
    notes = [*sample_notes(len(data), profile.n_rows), *left_out, *answer.notes, *chosen.notes]
    others_data = data.iloc[answer.rows][others].reset_index(drop=True) if others else None
    return question, _suspicion(question, profile, target, others_data), [*notes, *question.split.notes]


def _suspicion(question: Question, profile: Profile, target: str, others: pd.DataFrame | None) -> Suspicion:
    order = question.order
    return Suspicion(
        X=question.X,
        y=question.y,
        task=question.task,
        labels=question.labels,
        target=target,
        profile=profile,
        train=question.split.train,
        holdout=question.split.holdout,
        by=question.split.by,
        column=question.split.column,
        order=None if order is None else order.codes,
        others=others,
        seed=question.seed,
    )


def _searched(
    job: _Job,
    question: Question,
    suspicion: Suspicion,
    profile: Profile,
    target: str,
    learners: Sequence[str],
    choices: Choices,
    notes: list[str],
) -> dict[str, Any]:
    """Search, end, and put together what is known of the experiment."""
    development = question.X.iloc[question.split.train]
    columns = {column.name: column for column in profile.columns}
    evidence = evidence_of(question, job.folder, target)
    evidence.save()
    crew = Crew(job.cores, job.folder)
    asked = Asked(
        question=question,
        evidence=evidence,
        choices=choices,
        schema=describe(development, question.plan.features, columns),
        target=target,
        folder=job.folder,
        learners=tuple(learners),
        n_variations=job.n_variations,
        memory_mb=job.memory_mb / (job.cores + 1),
    )
    material = Material(
        development.reset_index(drop=True),
        question.y_train,
        question.plan,
        question.folds.parts,
        n_classes=len(question.labels),
        seed=question.seed,
    )
    job.progress.record({"part": "begun", "split": _split_facts(question), "notes": notes})
    material.encode(crew, limit_s=max(5.0, _ENCODING_SHARE * job.clock.budget_s))
    search = Search(asked, material, crew, job.clock, job.progress, job.done)
    look_s = min(_LOOK_MOST_S, _LOOK_SHARE * job.clock.budget_s)
    search.look(partial(look_before, suspicion, look_s))
    search.run()
    ended = Ending(search, profile, suspicion, looks=job.looks, looks_own=job.looks_own).run()
    job.progress(1.0, "Done")
    return {
        "split": _split_facts(question),
        "notes": notes,
        "task": question.task,
        "metric": question.metric,
        "labels": list(question.labels),
        "n_rows": len(question.y),
        "learners": list(dict.fromkeys(facts["learner"] for facts in search.runs.values())),
        "cut_short": search.was_cut,
        "versions": {name: version(name) for name in _LIBRARIES},
    } | ended


def _split_facts(question: Question) -> dict[str, Any]:
    folds = {"n_folds": question.folds.n_folds, "n_repeats": question.folds.n_repeats}
    return question.split.facts() | folds


def _group_note(name: str) -> str:
    return f"“{name}” says which rows belong together, so it was not learned from."


def _running_note(name: str) -> str:
    return (
        f"“{name}” runs with the time: later rows lie beyond all that was seen before, so what is learned "
        "from it cannot be carried on, and it was left out."
    )
