"""Training on a table: reads its rows, asks the question and lets the learners compete."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from threadpoolctl import threadpool_limits

from beanft.engine.learning.evaluate import Clock
from beanft.engine.learning.order import ORDERING, columns_in, find_order
from beanft.engine.learning.prepare import plan
from beanft.engine.learning.question import ask, check_choice, chosen_learners, row_limit, sample_notes
from beanft.engine.learning.race import Race
from beanft.engine.learning.task import check_target
from beanft.engine.learning.verdict import judge
from beanft.engine.progress import Progress
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.files import verify
from beanft.engine.tables.queries.pages import frame


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
    seed: int = 0,
    budget_s: float,
    folder: str,
    done: Sequence[str] = (),
    max_rows: int = 200_000,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Train learners on a table and hand each run over as soon as it is there.

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
    seed : int
        Seed of everything random: the same seed gives the same result, as long as the budget suffices.
    budget_s : float
        Seconds after which no further fold or learner is begun; the baseline always runs.
    folder : str
        Where model files go.
    done : sequence of str
        Learners recorded by an earlier attempt, skipped now.
    max_rows : int
        Rows trained on at most.
    progress : Progress, optional
        Listener; `record` gets the facts of each run.

    Returns
    -------
    dict
        split, notes, verdict (over the runs of this attempt; `judge` on all stored runs is the full one),
        metric, labels, n_rows and learners.

    Raises
    ------
    EngineError
        The table is damaged, or nothing can be learned from the target or the features.
    """
    verify(table, table_sha256)
    known = _without_role(Profile.from_dict(profile), target)
    check_choice(known, target, features, task, metric, learners)
    groups = columns_in(known, "group")
    names = [name for name in dict.fromkeys(features) if name != target and name not in groups]
    limit = row_limit(known, names, task, target, max_rows)
    columns = [*names, target, *columns_in(known, *ORDERING)]
    data = frame(Path(table), known, columns=columns, limit=limit, seed=seed)
    with threadpool_limits(limits=1):
        return _compete(
            data,
            names=names,
            left_out=[_group_note(name) for name in features if name in groups],
            profile=known,
            target=target,
            task=task,
            metric=metric,
            learners=learners,
            seed=seed,
            clock=Clock(budget_s),
            folder=Path(folder),
            done=done,
            progress=progress or Progress(),
        )


def _without_role(profile: Profile, target: str) -> Profile:
    """The profile, its target without a role: what is to be predicted cannot say how rows are cut."""
    return profile.with_roles(
        {column.name: column.role for column in profile.columns if column.name != target}
    )


def _group_note(name: str) -> str:
    return f"“{name}” says which rows belong together, so it was not learned from."


def _compete(
    data: pd.DataFrame,
    *,
    names: Sequence[str],
    left_out: Sequence[str],
    profile: Profile,
    target: str,
    task: str,
    metric: str,
    learners: Sequence[str],
    seed: int,
    clock: Clock,
    folder: Path,
    done: Sequence[str],
    progress: Progress,
) -> dict[str, Any]:
    """Do what `train` does, on a frame that holds the features, the target and what the rows are cut by."""
    notes = [*sample_notes(len(data), profile.n_rows), *left_out]
    answer = check_target(data[target], profile.column(target).kind, task)
    columns = [profile.column(name) for name in names]
    chosen = plan(columns, n_rows=profile.n_rows, n_classes=len(answer.labels))
    question = ask(data, answer, chosen, task, metric, seed, find_order(data, profile))
    race = Race(
        question=question, profile=profile, target=target, folder=folder, clock=clock, progress=progress
    )
    runs = race.run(chosen_learners(task, learners), frozenset(done))
    return {
        "split": question.split.facts()
        | {"n_folds": question.folds.n_folds, "n_repeats": question.folds.n_repeats},
        "notes": [*notes, *answer.notes, *chosen.notes, *question.split.notes],
        "verdict": judge(runs).facts(),
        "task": task,
        "metric": question.metric,
        "labels": list(question.labels),
        "n_rows": len(question.y),
        "learners": [run["learner"] for run in runs],
    }
