"""Watches one attempt at a job: heartbeat, progress, cancel, limits; then settles its row."""

import logging
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy.exc import OperationalError

from beanft.engine.errors import EngineError
from beanft.jobs import services, wording
from beanft.jobs.child import Child
from beanft.jobs.kinds import kind_of
from beanft.jobs.runner import WRAP_UP_FILE
from beanft.settings import Settings

_LOOK_EVERY_S = 0.5  # cancel is promised within two seconds
_READ_WAIT_S = 0.2
_RETRY_S = 0.5

_log = logging.getLogger(__name__)
_T = TypeVar("_T")
Ending = Callable[[], bool]
"""The one write with which the row leaves “running”; False when another attempt has taken over."""


def supervise(app: Flask, attempt: services.Attempt, stopping: threading.Event) -> None:
    """Run one attempt to its end, whatever happens to it; raises nothing."""
    watch = _Watch(app, attempt, stopping)
    try:
        ending = watch.run()
    except Exception as error:
        ending = watch.mishap(error)
    try:
        watch.settle(ending)
    except Exception:
        _log.exception("job %d cannot be settled; its lease will run out", attempt.job_id)


class _Watch:
    """One attempt, from its preparation to the last write."""

    def __init__(self, app: Flask, attempt: services.Attempt, stopping: threading.Event) -> None:
        self._app, self._attempt, self._stopping = app, attempt, stopping
        self._settings: Settings = app.config["BEANFT"]
        self._folder = self._settings.instance / "jobs" / str(attempt.job_id) / str(attempt.number)
        self._started = time.monotonic()  # does not count the hours that a laptop sleeps
        self._lease_end = self._started + self._settings.job_lease_s
        self._next_look = self._started
        self._told: dict[str, Any] = {}
        self._last: dict[str, Any] = {}

    def run(self) -> Ending:
        """Do the work; return how it ended. Nothing of the group is alive afterwards."""
        work, arguments = self._insist(services.prepare, self._attempt)
        child = Child(_made_anew(self._folder), self._spec(work, arguments), cores=self._cores())
        try:
            return self._follow(child)
        finally:
            child.end()

    def settle(self, ending: Ending) -> None:
        """Write how it ended; when the feature cannot store the result, the job fails."""
        try:
            owned = self._insist(ending)
        except Exception as error:
            owned = self._insist(self.mishap(error))
        if not owned:
            _log.warning("job %d, attempt %d: another attempt has taken over", *self._names())
        shutil.rmtree(self._folder.parent if owned else self._folder, ignore_errors=True)

    def mishap(self, error: Exception) -> Ending:
        """Fail the job with an error of ours, or of a feature's `prepare`, `record` or `finish`."""
        if isinstance(error, EngineError):
            return self._failed(str(error), error.remedies)
        if type(error) is LookupError:
            return self._failed(str(error))
        return partial(self._fail_aloud, self._broken(), repr(error), error)

    def _names(self) -> tuple[int, int]:
        return self._attempt.job_id, self._attempt.number

    def _spec(self, work: str, arguments: dict[str, Any]) -> dict[str, Any]:
        folder = kind_of(self._attempt.kind).folder
        return {
            "work": work,
            "folders": [str(folder)] if folder else [],
            "arguments": arguments,
            "memory_mb": self._attempt.memory_mb,
        }

    def _cores(self) -> int:
        return max(1, (os.cpu_count() or 1) // self._settings.workers)

    def _follow(self, child: Child) -> Ending:
        while True:
            lines, code = child.read(_READ_WAIT_S)
            for line in lines:
                if not self._take(line):
                    return self._gone
            if code is not None:
                return self._ended(child, code)
            ending = self._look(child)
            if ending is not None:
                return ending

    def _take(self, line: dict[str, Any]) -> bool:
        """Note progress for the next heartbeat; store a finished part at once."""
        if "progress" in line:
            self._told = {"progress": line["progress"], "message": line["message"][:200]}
        elif "record" in line:
            owned = self._insist(services.record, self._attempt, line["record"])
            self._lease_end = time.monotonic() + self._settings.job_lease_s
            return owned
        else:
            self._last = line
        return True

    def _look(self, child: Child) -> Ending | None:
        """Heartbeat and limits; the ending when there is a reason to stop."""
        if self._stopping.is_set():
            return partial(services.give_back, self._attempt)
        clock = time.monotonic()
        if clock < self._next_look:
            return None
        self._next_look = clock + _LOOK_EVERY_S
        if clock - self._started > self._attempt.time_limit_s:
            return self._failed(wording.out_of_time(self._attempt.time_limit_s))
        if child.memory_mb() > self._attempt.memory_mb:
            return self._failed(wording.out_of_memory(self._attempt.memory_mb))
        return self._beat()

    def _beat(self) -> Ending | None:
        told, self._told = self._told, {}
        answer = self._insist(services.beat, self._attempt, told)
        self._lease_end = time.monotonic() + self._settings.job_lease_s
        if answer == "cancel":
            return partial(services.stop, self._attempt)
        if answer == "wrap up":
            (self._folder / WRAP_UP_FILE).touch()
        return self._gone if answer == "gone" else None

    def _gone(self) -> bool:
        return False

    def _failed(self, sentence: str, remedies: Sequence[str] = ()) -> Ending:
        return partial(services.fail, self._attempt, sentence, remedies=remedies)

    def _fail_aloud(self, sentence: str, details: str, error: Exception | None = None) -> bool:
        """Fail, with the details in the log.

        A job that was cancelled may only have missed the files that were deleted with its dataset.
        """
        if not services.is_cancelled(self._attempt):
            _log.error("job %d, attempt %d failed: %s", *self._names(), details, exc_info=error)
        return services.fail(self._attempt, sentence)

    def _broken(self) -> str:
        return wording.broken(self._attempt.title, self._attempt.job_id)

    def _ended(self, child: Child, code: int) -> Ending:
        """Judge a job that ended by itself."""
        if code == 0 and isinstance(self._last.get("result"), dict):
            return partial(services.finish, self._attempt, self._last["result"])
        if self._last.get("error") == "engine":
            return self._failed(str(self._last["sentence"]), self._last["remedies"])
        if "error" in self._last:
            return partial(self._fail_aloud, self._sentence(), child.log)
        _log.error("job %d, attempt %d died with exit code %d: %s", *self._names(), code, child.log)
        if self._stopping.is_set():
            return partial(services.give_back, self._attempt)
        return partial(services.try_again, self._attempt, self._died(code))

    def _died(self, code: int) -> str:
        number = -code if code < 0 else code - 128
        name = signal.Signals(number).name if number in signal.valid_signals() else f"exit code {code}"
        return wording.died(name, self._attempt.number, self._attempt.job_id)

    def _sentence(self) -> str:
        """What the owner reads; the traceback is for the log only."""
        if self._last["error"] == "memory":
            return wording.out_of_memory(self._attempt.memory_mb)
        return wording.disk_full() if self._last["error"] == "disk" else self._broken()

    def _insist(self, write: Callable[..., _T], *arguments: Any) -> _T:
        """Write in a transaction of its own; while the database is away, try again until the lease ends."""
        while True:
            try:
                with self._app.app_context():
                    return write(*arguments)
            except OperationalError as error:
                if time.monotonic() > self._lease_end:
                    raise
                _log.warning("job %d: tried again, the database says: %s", self._attempt.job_id, error.orig)
                time.sleep(_RETRY_S)


def _made_anew(folder: Path) -> Path:
    """An empty scratch folder: an attempt that was given back may have left one."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    return folder
