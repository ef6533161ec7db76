"""From a wish to a question made ready: reads the rows, checks the target, and cuts what takes part."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from beanft.engine.checks.training.asked import Asked as Suspicion
from beanft.engine.checks.training.look import others_wanted
from beanft.engine.learning.order import Order, beyond_time, columns_in, find_order, ordering
from beanft.engine.learning.prepare import plan
from beanft.engine.learning.question import Question, ask, sample_notes
from beanft.engine.learning.target import Target, check_target, keep_once, put_last
from beanft.engine.learning.truth_words import in_owner_words
from beanft.engine.learning.wish import Wish
from beanft.engine.tables.queries.pages import frame


@dataclass(frozen=True, kw_only=True)
class Posed:
    """A question that can be worked on."""

    question: Question
    """The rows that take part, their target, and how they are cut."""
    suspicion: Suspicion
    """The same as the checks see it."""
    notes: list[str]
    """What the user should know, one sentence each."""


def pose(table: Path, wish: Wish) -> Posed:
    """Read the rows and make the question ready.

    Parameters
    ----------
    table : Path
        The stored table.
    wish : Wish
        What is to be learned from it.

    Returns
    -------
    Posed

    Raises
    ------
    EngineError
        Nothing can be learned from the target or the features.
    """
    validation = wish.choices.validation
    cut_by = ordering(wish.profile, validation)
    groups = {name for by, name in cut_by if by == "group"} | set(columns_in(wish.profile, "group"))
    names = wish.names(groups)
    others = others_wanted(wish.profile, names, wish.target)
    wanted = [*names, wish.target, *(name for _, name in cut_by), *others]
    data = frame(table, wish.profile, columns=wanted, limit=wish.row_limit(names), seed=wish.seed)
    answer = _answer(data, names, wish)
    order = find_order(data, wish.profile, validation)
    running = _running(data[names], answer, order)
    chosen = plan(
        wish.columns([name for name in names if name not in running]),
        n_rows=wish.profile.n_rows,
        n_classes=len(answer.labels),
        by_time=bool(cut_by) and cut_by[0][0] == "time",
    )
    question = ask(data, answer, chosen, wish.task, wish.metric, wish.seed, order, validation)
    left_out = [_group_note(name) for name in wish.features if name in groups]
    left_out += [_running_note(name) for name in names if name in running]
    notes = [*sample_notes(len(data), wish.profile.n_rows), *left_out, *answer.notes, *chosen.notes]
    unused = data.iloc[answer.rows][others].reset_index(drop=True) if others else None
    return Posed(
        question=question,
        suspicion=_suspicion(question, wish, unused),
        notes=[*notes, *question.split.notes],
    )


def _answer(data: pd.DataFrame, names: list[str], wish: Wish) -> Target:
    """The checked target, the class to be found last; rows that repeat others once, if that is wanted."""
    column = wish.answer
    answer = check_target(data[wish.target], column.kind, wish.task, column.labels)
    answer = put_last(answer, in_owner_words(wish.choices.positive, column.labels))
    return keep_once(answer, data[names]) if wish.choices.distinct else answer


def _running(features: pd.DataFrame, answer: Target, order: Order | None) -> set[str]:
    """Features that run with the time."""
    if not order:
        return set()
    return set(beyond_time(features.iloc[answer.rows], order.at(answer.rows)))


def _suspicion(question: Question, wish: Wish, unused: pd.DataFrame | None) -> Suspicion:
    order = question.order
    return Suspicion(
        X=question.X,
        y=question.y,
        task=question.task,
        labels=question.labels,
        target=wish.target,
        profile=wish.profile,
        train=question.split.train,
        holdout=question.split.holdout,
        by=question.split.by,
        column=question.split.column,
        order=None if order is None else order.codes,
        others=unused,
        seed=question.seed,
    )


def _group_note(name: str) -> str:
    return f"“{name}” says which rows belong together, so it was not learned from."


def _running_note(name: str) -> str:
    return (
        f"“{name}” runs with the time: later rows lie beyond all that was seen before, so what is learned "
        "from it cannot be carried on, and it was left out."
    )
