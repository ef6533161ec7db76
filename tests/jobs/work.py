"""What light test jobs do; imported by the child process only."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from beanft.engine.errors import EngineError
from beanft.engine.progress import Progress


def run(what: str, progress: Progress, **arguments: Any) -> dict[str, Any]:
    return DEEDS[what](progress, **arguments)


def steps(progress: Progress, n: int = 5, pause_s: float = 0.0) -> dict[str, Any]:
    for step in range(n):
        time.sleep(pause_s)
        progress((step + 1) / n, f"step {step + 1}")
    return {"steps": n}


def parts(progress: Progress, sizes: list[int], then: str = "") -> dict[str, Any]:
    for number, size in enumerate(sizes):
        progress.record({"number": number, "text": "x" * size})
    if then:
        run(then, progress)
    return {}


def environment(progress: Progress) -> dict[str, Any]:
    return {"environment": dict(os.environ), "here": sorted(path.name for path in Path.cwd().iterdir())}


def wait(progress: Progress) -> dict[str, Any]:
    progress(0.5, "waiting")
    signal.pause()
    return {}


def search(progress: Progress) -> dict[str, Any]:
    """Go on until asked to stop, also from another folder than the one at the start."""
    os.chdir("/")
    progress(0.5, "searching")
    while not progress.stopping():
        time.sleep(0.01)
    return {"kept": "the best so far"}


def once(progress: Progress, marker: str) -> dict[str, Any]:
    """Wait at the first attempt, end well at the second."""
    if Path(marker).exists():
        return {"attempt": 2}
    Path(marker).touch()
    return wait(progress)


def die(progress: Progress, number: int = signal.SIGKILL) -> dict[str, Any]:
    os.kill(os.getpid(), number)
    return {}


def refuse(progress: Progress) -> dict[str, Any]:
    raise EngineError(
        "Line 3 has 4 values, the header has 3. Mend the file and try again.", remedies=("set-aside",)
    )


def fill(progress: Progress) -> dict[str, Any]:
    """Meet a full disk as DuckDB tells it: an error of its own, with the words of the system."""
    raise RuntimeError(
        'IO Error: Could not write file "/x/table.part": No space left on device","errno":"28"'
    )


def boom(progress: Progress) -> dict[str, Any]:
    raise ValueError("/a/secret/path")


def chatter(progress: Progress) -> dict[str, Any]:
    """Print far more than a pipe holds, and leave a process behind, as some libraries do."""
    for _ in range(20_000):
        sys.stdout.write("{not a line of ours}\n" * 10)
    if os.fork() == 0:
        signal.pause()
    return {"printed": True}


DEEDS = {
    deed.__name__: deed
    for deed in (steps, parts, environment, wait, search, once, die, refuse, fill, boom, chatter)
}
