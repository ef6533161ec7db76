"""Training on a table: reads its rows, asks the question and searches for the best model that time allows."""

import time
from collections.abc import Mapping, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
from threadpoolctl import threadpool_limits

from beanft.engine.checks.training.look import look_before
from beanft.engine.learning.evidence import evidence_of
from beanft.engine.learning.posing import Posed, pose
from beanft.engine.learning.question import Question
from beanft.engine.learning.schema import describe
from beanft.engine.learning.search.asked import Asked
from beanft.engine.learning.search.checks import Checks
from beanft.engine.learning.search.clock import Clock, most_variations
from beanft.engine.learning.search.crew import Crew
from beanft.engine.learning.search.ending import Ending
from beanft.engine.learning.search.material import Material
from beanft.engine.learning.search.search import Search
from beanft.engine.learning.wish import Wish, read_wish
from beanft.engine.progress import Progress
from beanft.engine.tables.files import verify

_ENCODING_SHARE = 0.5  # of the budget that preparing the rows may take
_LOOK_SHARE, _LOOK_MOST_S = 0.1, 6.0
_LIBRARIES = ("scikit-learn", "lightgbm", "numpy", "pandas", "scipy")


def train(
    *,
    table: str,
    table_sha256: str,
    budget_s: float,
    folder: str,
    asked_at: float | None = None,
    done: Sequence[Mapping[str, Any]] = (),
    looks: int = 0,
    looks_own: int = 0,
    cores: int = 1,
    memory_mb: float = 2_048,
    n_variations: int | None = None,
    progress: Progress | None = None,
    **wish: Any,
) -> dict[str, Any]:
    """Search for the best model of a target, and hand each run over as soon as it is there.

    Parameters
    ----------
    table, table_sha256 : str
        The stored table and its digest.
    budget_s : float
        Seconds for everything; the baseline always runs.
    folder : str
        Where model files go.
    asked_at : float, optional
        Moment, as time.time() gives it, from which the seconds count: a process takes one or two to start.
    done : sequence of mapping
        Facts of the runs recorded by earlier attempts, which are not tried again.
    looks, looks_own : int
        How often the same locked rows were opened before, by all experiments and by earlier attempts of
        this one.
    cores : int
        Fits at the same time.
    memory_mb : float
        Memory of the whole, in megabytes; a fit that would need more than its share is not begun.
    n_variations : int, optional
        Variations of good settings that are tried at most; by default one for every two and a half seconds.
    progress : Progress, optional
        Listener; `record` gets parts: run, verdict, log, findings.
    **wish : object
        What is to be learned, as `read_wish` takes it.

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
    late_s = 0.0 if asked_at is None else time.time() - asked_at
    clock, tell = Clock(budget_s, _ended_s(done), late_s), progress or Progress()
    wanted = read_wish(**wish)
    verify(table, table_sha256)
    with threadpool_limits(limits=1):
        posed = pose(Path(table), wanted)
        asked = _asked(
            posed.question,
            wanted,
            folder=Path(folder),
            n_variations=most_variations(budget_s) if n_variations is None else n_variations,
            memory_mb=memory_mb / (cores + 1),
        )
        search = _search(asked, posed, Crew(cores, Path(folder)), clock, tell, done)
        search.run()
        ended = Ending(search, wanted.profile, posed.suspicion, looks=looks, looks_own=looks_own).run()
    tell(1.0, "Done")
    return _facts(search, posed.notes) | ended


def _ended_s(done: Sequence[Mapping[str, Any]]) -> float:
    """Seconds after which the last run of the earlier attempts ended."""
    return max((float(facts.get("ended_s") or 0.0) for facts in done), default=0.0)


def _asked(question: Question, wish: Wish, *, folder: Path, n_variations: int, memory_mb: float) -> Asked:
    """What is searched for, with the rows saved as evidence."""
    evidence = evidence_of(question, folder, wish.target)
    evidence.save()
    columns, order = {column.name: column for column in wish.profile.columns}, question.order
    cut_by = order.column if order is not None and order.by == "time" else ""
    return Asked(
        question=question,
        evidence=evidence,
        choices=wish.choices,
        schema=describe(_development(question), question.plan.features, columns, cut_by),
        target=wish.target,
        folder=folder,
        learners=wish.learners,
        n_variations=n_variations,
        memory_mb=memory_mb,
    )


def _search(
    asked: Asked,
    posed: Posed,
    crew: Crew,
    clock: Clock,
    progress: Progress,
    done: Sequence[Mapping[str, Any]],
) -> Search:
    """Encode the rows and put together what searches."""
    question = posed.question
    material = Material(
        _development(question).reset_index(drop=True),
        question.y_train,
        question.plan,
        question.folds.parts,
        n_classes=len(question.labels),
        seed=question.seed,
    )
    progress.record({"part": "begun", "split": _split_facts(question), "notes": posed.notes})
    material.encode(crew, limit_s=max(5.0, _ENCODING_SHARE * clock.budget_s))
    look_s = min(_LOOK_MOST_S, _LOOK_SHARE * clock.budget_s)
    checks = Checks(partial(look_before, posed.suspicion, look_s), progress)
    return Search(asked, material, crew, clock, checks, progress, done)


def _facts(search: Search, notes: list[str]) -> dict[str, Any]:
    """What is known of the experiment once the search has ended."""
    question = search.question
    return {
        "split": _split_facts(question),
        "notes": notes,
        "task": question.task,
        "metric": question.metric,
        "labels": list(question.labels),
        "n_rows": len(question.y),
        "learners": list(dict.fromkeys(facts["learner"] for facts in search.ledger.runs.values())),
        "cut_short": search.was_cut,
        "versions": {name: version(name) for name in _LIBRARIES},
    }


def _development(question: Question) -> pd.DataFrame:
    """The rows that are not locked away."""
    return question.X.iloc[question.split.train]


def _split_facts(question: Question) -> dict[str, Any]:
    return question.split.facts() | question.folds.facts()
