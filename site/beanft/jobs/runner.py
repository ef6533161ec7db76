"""The child process of one job: no Flask, no database, no secrets; spec.json in, JSON lines out.

Run as `python -I runner.py` in the job's scratch folder, as the leader of a process group of its own. It
parts in two: a guard that stays tiny, and the job. When the supervisor dies, its end of stdin closes and
the guard kills the whole group. A thread could not do that: a fit in C may hold the interpreter for minutes.
"""

import errno
import faulthandler
import importlib
import json
import os
import resource
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TextIO

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from beanft.engine.errors import EngineError
from beanft.engine.progress import Progress

WRAP_UP_FILE = "wrap_up"
"""Name of the file in the scratch folder by which the supervisor asks to end early with the best so far."""
_BESIDE_DATA_MB = 512  # program text and libraries of a process that has loaded scikit-learn
_PROGRESS_EVERY_S = 0.2
_LOOK_EVERY_S = 0.2
_FULL = (errno.ENOSPC, errno.EDQUOT)
_FIRST_TO_KILL = "800"  # when the kernel runs out of memory: the job, not the web server


def main() -> NoReturn:
    """Part in guard and job."""
    child = os.fork()
    if child:
        _guard(child)
    _work()


def _guard(child: int) -> NoReturn:
    """Wait for the job, and tell how it ended as shells do: 128 + the signal that killed it."""
    threading.Thread(target=_die_with_supervisor, daemon=True).start()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os._exit(code if code >= 0 else 128 - code)


def _die_with_supervisor() -> None:
    while os.read(0, 4096):
        continue
    os.killpg(0, signal.SIGKILL)


def _work() -> NoReturn:
    out = _own_output()
    spec = json.loads(Path("spec.json").read_text(encoding="utf-8"))
    _limit(spec["memory_mb"])
    reporter = _Reporter(out)
    code = 0
    try:
        reporter.tell({"result": _function(spec)(**spec["arguments"], progress=reporter)})
    except BaseException as error:
        traceback.print_exc()
        remedies = error.remedies if isinstance(error, EngineError) else ()
        reporter.tell({"error": _kind_of(error), "sentence": str(error), "remedies": remedies})
        code = 1
    # Not sys.exit: a library's idle processes are joined for minutes. The supervisor sweeps the group.
    sys.stderr.flush()
    os._exit(code)


def _own_output() -> TextIO:
    """Keep the pipe to the supervisor for ourselves; whatever the libraries print goes to the log."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return out


def _limit(memory_mb: int) -> None:
    """Be polite to the web server; and let one huge array fail as a MemoryError instead of a kill."""
    faulthandler.enable()
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    limit = (memory_mb + _BESIDE_DATA_MB) << 20
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    score = Path("/proc/self/oom_score_adj")
    if score.exists():
        score.write_text(_FIRST_TO_KILL, encoding="ascii")


def _function(spec: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    sys.path[:0] = spec["folders"]
    module, _, name = spec["work"].partition(":")
    function: Callable[..., dict[str, Any]] = getattr(importlib.import_module(module), name)
    return function


class _Reporter(Progress):
    """Writes progress and finished parts to the pipe, a line each."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._lock = threading.Lock()
        self._told_at = 0.0
        self._message = ""
        self._wrap_up = Path(WRAP_UP_FILE).absolute()  # the work may change its folder
        self._look_at, self._is_stopping = 0.0, False

    def __call__(self, share: float, message: str = "") -> None:
        """A new message is never dropped: the next one may be minutes away."""
        clock = time.monotonic()
        if message == self._message and share < 1 and clock - self._told_at < _PROGRESS_EVERY_S:
            return
        self._told_at, self._message = clock, message
        self.tell({"progress": min(max(float(share), 0.0), 1.0), "message": str(message)})

    def record(self, facts: dict[str, Any]) -> None:
        """Parts are never dropped."""
        self.tell({"record": facts})

    def stopping(self) -> bool:
        """Look for the supervisor's file, seldom enough that a tight loop may ask."""
        clock = time.monotonic()
        if not self._is_stopping and clock >= self._look_at:
            self._look_at = clock + _LOOK_EVERY_S
            self._is_stopping = self._wrap_up.exists()
        return self._is_stopping

    def tell(self, line: dict[str, Any]) -> None:
        """Write one line, whole, whichever thread calls."""
        text = json.dumps(line) + "\n"
        with self._lock:
            self._out.write(text)
            self._out.flush()


def _kind_of(error: BaseException) -> str:
    """What the supervisor makes a sentence of."""
    if isinstance(error, MemoryError):
        return "memory"
    if isinstance(error, EngineError):
        return "engine"
    # DuckDB and pyarrow have errors of their own for it, which only repeat the words of the system
    if getattr(error, "errno", None) in _FULL or os.strerror(errno.ENOSPC) in str(error):
        return "disk"
    return "bug"


if __name__ == "__main__":
    main()
