"""A few processes that fit, each with the parent's arrays in its hands and a time after which it is killed.

They are forked: a fit then costs no import and no copy, and one that runs wild can be ended without harm.
Two processes of one thread each are quicker than one of two threads as soon as anything else uses a core.
"""

import multiprocessing
import os
import pickle
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import psutil

from beanft.engine.errors import EngineError
from beanft.engine.learning.search.stopping import heed

_fork = multiprocessing.get_context("fork")


class OutOfTimeError(EngineError):
    """A fit did not stop when its time was over, and was ended."""

    def __init__(self) -> None:
        super().__init__("It took longer than its share of the time. Give more time, or leave it out.")


class LostError(EngineError):
    """A fit died without a word: mostly it was killed for its memory."""

    def __init__(self) -> None:
        super().__init__("It needed more memory than there is. Choose fewer columns, or leave it out.")


@dataclass(frozen=True, kw_only=True)
class Done:
    """A task that ended."""

    key: Any
    """What it was handed in under."""
    result: Any
    """What it returned; None when it failed."""
    error: BaseException | None
    """Why it failed."""
    memory_mb: int
    """Memory of its own at its end, in megabytes."""


@dataclass
class _Task:
    process: Any
    path: Path
    end: float


class Crew:
    """Runs tasks in processes.

    Parameters
    ----------
    n : int
        Tasks at the same time.
    folder : Path
        Where results pass through.
    """

    def __init__(self, n: int, folder: Path) -> None:
        self.n, self._folder = max(1, n), folder
        self._tasks: dict[Any, _Task] = {}
        self._number = 0
        self._latest = multiprocessing.RawValue("d", float("inf"))

    @property
    def is_free(self) -> bool:
        """Whether another task can begin."""
        return len(self._tasks) < self.n

    @property
    def is_idle(self) -> bool:
        """Whether no task is under way."""
        return not self._tasks

    def begin(self, key: Any, work: Callable[[], Any], *, limit_s: float) -> None:
        """Start a task that is ended after `limit_s` seconds.

        Parameters
        ----------
        key : hashable
            Names it in `Done`.
        work : callable
            Takes nothing; what it returns must pickle.
        limit_s : float
            Seconds.
        """
        self._number += 1
        path = self._folder / f"task-{os.getpid()}-{self._number}"
        process = _fork.Process(target=_run, args=(work, path, self._latest), daemon=True)
        process.start()
        self._tasks[key] = _Task(process, path, time.monotonic() + limit_s)

    def end_within(self, seconds: float) -> None:
        """Let tasks that grow step by step stop after so many seconds with what they have.

        Parameters
        ----------
        seconds : float
            Seconds.
        """
        self._latest.value = time.monotonic() + seconds

    def ended(self, wait_s: float) -> list[Done]:
        """Wait at most so many seconds for tasks to end, and give those that did.

        Parameters
        ----------
        wait_s : float
            Seconds.

        Returns
        -------
        list of Done
            In the order in which they began.
        """
        ready: list[Any] = []
        if self._tasks:
            soonest = min(task.end for task in self._tasks.values()) - time.monotonic()
            ready = wait(
                [task.process.sentinel for task in self._tasks.values()],
                timeout=max(0.0, min(wait_s, soonest)),
            )
        done = []
        for key, task in list(self._tasks.items()):
            late = time.monotonic() > task.end
            if task.process.sentinel not in ready and not late:
                continue  # is_alive() would say so of one on its way out too, and the caller ask in circles
            del self._tasks[key]
            done.append(_collect(key, task, late=late))
        return done

    def dismiss(self) -> None:
        """End every task at once; nothing of them is kept."""
        for task in self._tasks.values():
            task.process.kill()
            task.process.join()
            task.path.unlink(missing_ok=True)
        self._tasks.clear()


def _run(work: Callable[[], Any], path: Path, latest: Any) -> None:
    """In the child: do the work, leave its result in a file."""
    error: BaseException | None = None
    result = None
    heed(latest)
    try:
        result = work()
    except Exception as raised:
        error = raised if isinstance(raised, EngineError | MemoryError) else _PlainError.of(raised)
    memory = psutil.Process().memory_full_info().uss >> 20
    part = path.with_name(path.name + ".part")
    with part.open("wb") as stream:
        pickle.dump((result, error, memory), stream, protocol=5)
    part.replace(path)


class _PlainError(Exception):
    """An error of a library, which may not pickle itself: its kind and words only."""

    @classmethod
    def of(cls, error: BaseException) -> "_PlainError":
        return cls(type(error).__name__, str(error)[:500])


def _collect(key: Any, task: _Task, *, late: bool) -> Done:
    if late and not task.path.exists():
        task.process.kill()
    task.process.join()
    try:
        with task.path.open("rb") as stream:
            result, error, memory = pickle.load(stream)  # noqa: S301 -- our own child wrote it
    except (OSError, EOFError):
        return Done(key=key, result=None, error=OutOfTimeError() if late else LostError(), memory_mb=0)
    finally:
        task.path.unlink(missing_ok=True)
        task.process.close()
    return Done(key=key, result=result, error=error, memory_mb=memory)
