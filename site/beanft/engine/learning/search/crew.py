"""A few processes that fit, each with the parent's arrays in its hands and a time after which it is killed.

They are forked: a fit then costs no import and no copy, and one that runs wild can be ended without harm.
To fork and to clear away takes longer than a small fit, so fits share processes, one after another.
Two processes of one thread each are quicker than one of two threads as soon as anything else uses a core.
"""

import gc
import multiprocessing
import os
import pickle
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection, wait
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
    """Memory that it had taken at its end, in megabytes."""


@dataclass
class _Worker:
    """A process that does one thing, or, where it has a door, one thing after another."""

    process: Any
    door: Connection | None

    @property
    def signal(self) -> Any:
        """What `wait` tells an end by: of its task, or of itself."""
        return self.process.sentinel if self.door is None else self.door

    def ask(self, what: Any) -> None:
        """Hand it the values of its next task."""
        if self.door is not None:
            self.door.send(what)

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()
        self.leave()

    def leave(self) -> None:
        """Clear away what is left of it."""
        self.process.join()
        self.process.close()
        if self.door is not None:
            self.door.close()


@dataclass
class _Task:
    worker: _Worker
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
        self._idle: list[_Worker] = []
        self._known: Callable[..., Any] | None = None
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
        worker = self._at_work(work, path)
        self._tasks[key] = _Task(worker, path, time.monotonic() + limit_s)

    def learn(self, work: Callable[..., Any]) -> None:
        """Name a function that will be asked for again and again.

        Tasks that call it (as a `functools.partial` of values that pickle) share processes. They know the
        parent as it was when their process began.

        Parameters
        ----------
        work : callable
            What it returns must pickle.
        """
        self._known = work

    def forget(self) -> None:
        """Send the processes home that wait for such a task."""
        while self._idle:
            self._idle.pop().kill()

    def _at_work(self, work: Callable[[], Any], path: Path) -> _Worker:
        if not isinstance(work, partial) or work.func != self._known:
            process = _fork.Process(target=_do_one, args=(work, path, self._latest), daemon=True)
            process.start()
            return _Worker(process, None)
        asked = (path, work.args, work.keywords)
        worker = self._idle.pop() if self._idle else self._hired()
        try:
            worker.ask(asked)
        except OSError:  # it was killed while it waited
            worker.kill()
            worker = self._hired()
            worker.ask(asked)
        return worker

    def _hired(self) -> _Worker:
        door, inside = _fork.Pipe()
        process = _fork.Process(target=_do_many, args=(self._known, door, inside, self._latest), daemon=True)
        process.start()
        inside.close()
        return _Worker(process, door)

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
                [task.worker.signal for task in self._tasks.values()],
                timeout=max(0.0, min(wait_s, soonest)),
            )
        done = []
        for key, task in list(self._tasks.items()):
            late = time.monotonic() > task.end
            if task.worker.signal not in ready and not late:
                continue  # is_alive() would say so of one on its way out too, and the caller ask in circles
            del self._tasks[key]
            self._let_go(task, late=late)
            done.append(_collect(key, task, late=late))
        return done

    def _let_go(self, task: _Task, *, late: bool) -> None:
        """Let a process wait for its next task, or end it."""
        worker, is_done = task.worker, task.path.exists()
        if worker.door is not None and is_done:
            try:
                worker.door.recv()
            except EOFError:  # it died after it was done
                worker.kill()
            else:
                self._idle.append(worker)
        elif worker.door is not None or (late and not is_done):
            worker.kill()
        else:
            worker.leave()

    def dismiss(self) -> None:
        """End every task at once; nothing of them is kept."""
        for task in self._tasks.values():
            task.worker.kill()
            task.path.unlink(missing_ok=True)
        self._tasks.clear()
        self.forget()


def _do_one(work: Callable[[], Any], path: Path, latest: Any) -> None:
    """In the child: do the work, leave its result in a file."""
    _leave(work, path, _begun(latest))


def _do_many(work: Callable[..., Any], outside: Connection, door: Connection, latest: Any) -> None:
    """In the child: do what is asked for until nobody is there to ask."""
    outside.close()  # else it would never be told that the parent is gone
    before = _begun(latest)
    while True:
        try:
            path, values, named = door.recv()
        except EOFError:
            return
        _leave(partial(work, *values, **named), path, before)
        gc.collect()  # of what is its own; large arrays must not wait for the next fit to be over
        door.send(None)


def _begun(latest: Any) -> int:
    """Make a child ready; give the memory that it has at its beginning."""
    gc.freeze()  # collecting would write into every object of the parent, and so copy them all
    heed(latest)
    return _own_memory()


def _own_memory() -> int:
    """Bytes that no file holds; those of the parent are among them, whether they were copied or not."""
    found = psutil.Process().memory_info()
    return int(found.rss - getattr(found, "shared", 0))


def _leave(work: Callable[[], Any], path: Path, before: int) -> None:
    """Do the work and leave its result, or why there is none, in a file."""
    error: BaseException | None = None
    result = None
    try:
        result = work()
    except Exception as raised:
        error = raised if isinstance(raised, EngineError | MemoryError) else _PlainError.of(raised)
    memory = max(1, (_own_memory() - before) >> 20)
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
    try:
        with task.path.open("rb") as stream:
            result, error, memory = pickle.load(stream)  # noqa: S301 -- our own child wrote it
    except (OSError, EOFError):
        return Done(key=key, result=None, error=OutOfTimeError() if late else LostError(), memory_mb=0)
    finally:
        task.path.unlink(missing_ok=True)
    return Done(key=key, result=result, error=error, memory_mb=memory)
