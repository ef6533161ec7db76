"""A process of ours that is started again when it dies, and asked to stop before this one ends."""

import logging
import subprocess
import threading
import time
from collections.abc import Callable

_PATIENCE_S = 8.0  # the worker gives its jobs back in a second, a web process answers for up to five
_PAUSE_S = 1.0
_PAUSE_MAX_S = 30.0

_log = logging.getLogger(__name__)


class Child:
    """Keeps one process alive; `spawn` starts it, `lost` is told its number when it has died.

    Whoever spawns it gives it a pipe for standard input that nobody writes to: it closes when this process
    dies, however that happens, and the child ends then.
    """

    def __init__(
        self,
        name: str,
        spawn: Callable[[], subprocess.Popen[bytes]],
        lost: Callable[[int], None] | None = None,
    ) -> None:
        self._name, self._spawn, self._lost = name, spawn, lost
        self._stopping = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name=name, daemon=True)
        self._process: subprocess.Popen[bytes] | None = None
        self._deadline = 0.0

    def start(self) -> None:
        """Start it, and again when it dies."""
        self._process = self._spawn()
        self._watcher.start()

    def ask_to_stop(self) -> None:
        """Tell it to stop; returns at once."""
        if not self._stopping.is_set() and self._process is not None:
            self._process.terminate()  # once: Celery takes a second signal for impatience
            self._deadline = time.monotonic() + _PATIENCE_S
        self._stopping.set()

    def stop(self) -> None:
        """Stop it and wait until it is gone."""
        self.ask_to_stop()
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, self._deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._watcher.join()
        _close(self._process)

    def _watch(self) -> None:
        pause_s = _PAUSE_S
        while self._process is not None:
            try:
                code = self._process.wait(_PAUSE_MAX_S)
            except subprocess.TimeoutExpired:
                pause_s = _PAUSE_S  # it has lived for a while
                continue
            if self._stopping.wait(pause_s):
                return
            _log.error("the %s ended with code %d; it is started again", self._name, code)
            pause_s = min(2 * pause_s, _PAUSE_MAX_S)
            if self._lost:
                self._lost(self._process.pid)
            _close(self._process)
            try:
                self._process = self._spawn()
            except OSError:  # no memory, or too many processes: after a pause there may be room
                _log.exception("the %s cannot be started now", self._name)
                continue
            if self._stopping.is_set():
                self._process.terminate()


def _close(process: subprocess.Popen[bytes]) -> None:
    """Let go of the pipe to a process that has ended."""
    if process.stdin:
        process.stdin.close()
