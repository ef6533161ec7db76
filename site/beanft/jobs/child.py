"""The process group of one attempt at a job: started, read, measured, killed."""

import json
import os
import selectors
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

_RUNNER = Path(__file__).with_name("runner.py")
_CHUNK = 1 << 16
_CHUNKS_AT_ONCE = 64  # then the supervisor looks at the clock again
_LOG_TAIL = 1 << 15
_LINE_MAX = 1 << 26
_KEPT_VARIABLES = ("PATH", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH")


class Child:
    """One running job; `folder` becomes its working, home and temporary folder."""

    def __init__(self, folder: Path, spec: dict[str, Any], *, cores: int) -> None:
        (folder / "spec.json").write_text(json.dumps(spec), encoding="utf-8")
        read_end, self._lifeline = os.pipe()  # the guard kills the group when our end closes
        try:
            self._process = subprocess.Popen(  # noqa: S603  # our own program, no shell
                [sys.executable, "-I", str(_RUNNER)],
                cwd=folder,
                env=_environment(folder, cores),
                stdin=read_end,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except BaseException:
            os.close(self._lifeline)
            raise
        finally:
            os.close(read_end)
        self._pending, self._log = bytearray(), bytearray()
        self._selector = selectors.DefaultSelector()
        for pipe, buffer in ((self._process.stdout, self._pending), (self._process.stderr, self._log)):
            assert pipe is not None  # noqa: S101  # for mypy: both were asked for
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe, selectors.EVENT_READ, buffer)

    def read(self, wait_s: float) -> tuple[list[dict[str, Any]], int | None]:
        """Wait for lines at most `wait_s`; return them, and the exit code when nothing more will come."""
        if self._selector.get_map():
            self._selector.select(wait_s)
        code = self._exit_code(wait_s)  # asked before the pipes are emptied, so that no line is lost
        for key in list(self._selector.get_map().values()):
            if not self._empty(key.fd, key.data, whole=code is not None):
                self._selector.unregister(key.fileobj)
        del self._log[:-_LOG_TAIL]
        return self._lines(), code

    def _exit_code(self, wait_s: float) -> int | None:
        if self._selector.get_map():
            return self._process.poll()
        try:
            return self._process.wait(wait_s)
        except subprocess.TimeoutExpired:
            return None

    @staticmethod
    def _empty(descriptor: int, buffer: bytearray, *, whole: bool) -> bool:
        """Read what has arrived into `buffer`; False at its end."""
        rounds = 0
        while whole or rounds < _CHUNKS_AT_ONCE:
            rounds += 1
            try:
                chunk = os.read(descriptor, _CHUNK)
            except BlockingIOError:
                return True
            if not chunk:
                return False
            buffer += chunk
        return True

    def _lines(self) -> list[dict[str, Any]]:
        end = self._pending.rfind(b"\n") + 1
        whole = bytes(self._pending[:end])
        del self._pending[:end]
        if len(self._pending) > _LINE_MAX:
            raise ValueError(f"the job sent a line of more than {_LINE_MAX} bytes")
        return [json.loads(line) for line in whole.splitlines()]

    @property
    def log(self) -> str:
        """The end of what the job and its libraries printed."""
        return self._log.decode("utf-8", errors="replace").strip()

    def memory_mb(self) -> int:
        """Memory in use by the whole group."""
        return sum(_bytes_of(process) for process in self._group()) >> 20

    def _group(self) -> list[psutil.Process]:
        try:
            guard = psutil.Process(self._process.pid)
            return [guard, *guard.children(recursive=True)]
        except psutil.Error:
            return []

    def end(self) -> None:
        """Kill whatever is left of the group, also after a normal end: libraries leave processes behind."""
        with suppress(ProcessLookupError):  # nothing is left
            os.killpg(self._process.pid, signal.SIGKILL)
        os.close(self._lifeline)
        self._process.wait()
        self._selector.close()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()


def _bytes_of(process: psutil.Process) -> int:
    """Memory of one process; what forked processes share is counted once for all of them, where told."""
    try:
        full = process.memory_full_info()
    except psutil.Error:
        return 0  # it ended meanwhile
    return int(getattr(full, "pss", 0) or full.rss)


def _environment(folder: Path, cores: int) -> dict[str, str]:
    """Nothing but what libraries need: no settings, no secrets.

    One thread a process: with more, a fit takes up to a hundred times longer once two jobs share the cores.
    """
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return kept | {
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "passive",
        "LOKY_MAX_CPU_COUNT": str(cores),
        # Arrow's own allocator takes a gigabyte of addresses at once, which the job's limit counts as used.
        "ARROW_DEFAULT_MEMORY_POOL": "system",
    }
