"""Tasks done side by side, as many at a time as a crew has processes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from beanft.engine.learning.search.crew import Crew, Done

_WAIT_S = 0.2


def _always() -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Task:
    """Something that a process of a crew can do."""

    key: Any
    """Names it, among those at work at the same time."""
    work: Callable[[], Any]
    """Takes nothing; what it returns must pickle."""
    limit_s: Callable[[], float]
    """Seconds after which it is ended, asked for when it begins."""
    take: Callable[[Done], None]
    """Gets what became of it."""
    is_wanted: Callable[[], bool] = _always
    """Asked before it begins; one that is not wanted any more is passed over."""


def side_by_side(crew: Crew, tasks: Sequence[Task]) -> None:
    """Do tasks in their order, until each has ended or is not wanted.

    Parameters
    ----------
    crew : Crew
        Idle.
    tasks : sequence of Task
        Their keys differ.
    """
    waiting, at_work = list(tasks), dict[Any, Task]()
    while waiting or at_work:
        while waiting and crew.is_free:
            task = waiting.pop(0)
            if task.is_wanted():
                at_work[task.key] = task
                crew.begin(task.key, task.work, limit_s=task.limit_s())
        for done in crew.ended(_WAIT_S):
            at_work.pop(done.key).take(done)
