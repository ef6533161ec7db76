"""A short piece of engine work for a page: in a child process with limits, as a job runs, but waited for."""

import logging
import shutil
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from beanft.engine.errors import EngineError
from beanft.engine.turns import Turns
from beanft.extensions import settings
from beanft.jobs import wording
from beanft.jobs.child import Child

_READ_WAIT_S = 0.1

# Two in this process, of two users: more would take the cores from the pages of others.
_turns = Turns(
    at_once=2,
    waiting=4,
    each=1,
    each_waiting=2,
    wait_s=5.0,
    sentence="The site is looking at other files just now. Try again in a moment.",
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Words:
    """What is said where the work cannot be done."""

    slow: str = "Looking at the file took too long. Read it without looking first, or send a smaller one."
    """It took longer than it may."""
    large: str = (
        "Looking at the file needed more memory than a page may use. Read it without looking first, or send "
        "a smaller one."
    )
    """It needed more memory than it may have."""
    wrong: str = "Something went wrong inside Beanft while it looked at the file. The details are in the log."
    """A fault of ours."""


_FILE = Words()


def call(
    work: str,
    arguments: dict[str, Any],
    *,
    user_id: int,
    folders: Sequence[Path] = (),
    memory_mb: int,
    timeout_s: float,
    words: Words = _FILE,
) -> dict[str, Any]:
    """Call `work` ("module:function") in a child process for a user, and return its plain values.

    The working folder of the child is a scratch folder of its own, which is gone afterwards. `folders` are
    put before its import path. `words` are said where it cannot be done.

    Raises
    ------
    BusyError
        When as many calls as may run at once are still running, or as many of this user.
    EngineError
        When the work raised one, or needed more than it may have.
    """
    folder = settings.instance / "jobs" / f"preview-{uuid.uuid4().hex}"
    spec = {
        "work": work,
        "folders": [str(path) for path in folders],
        "arguments": arguments,
        "memory_mb": memory_mb,
    }
    with _turns.taken(user_id):
        try:
            folder.mkdir(mode=0o700, parents=True)
            return _run(folder, spec, timeout_s, words)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _run(folder: Path, spec: dict[str, Any], timeout_s: float, words: Words) -> dict[str, Any]:
    child = Child(folder, spec, cores=1)
    try:
        return _follow(child, spec["memory_mb"], time.monotonic() + timeout_s, words)
    finally:
        child.end()


def _follow(child: Child, memory_mb: int, deadline: float, words: Words) -> dict[str, Any]:
    last: dict[str, Any] = {}
    while True:
        lines, code = child.read(_READ_WAIT_S)
        last = next((line for line in reversed(lines) if "progress" not in line), last)
        if code is not None:
            return _ended(child, last, code, words)
        if time.monotonic() > deadline:
            raise EngineError(words.slow)
        if child.memory_mb() > memory_mb:
            raise EngineError(words.large)


def _ended(child: Child, last: dict[str, Any], code: int, words: Words) -> dict[str, Any]:
    """The result, or what the page says instead; a fault of ours goes to the log."""
    if code == 0 and isinstance(last.get("result"), dict):
        return dict(last["result"])
    if last.get("error") == "engine":
        raise EngineError(str(last["sentence"]), remedies=tuple(last["remedies"]))
    if last.get("error") == "memory":
        raise EngineError(words.large)
    if last.get("error") == "disk":
        raise EngineError(wording.disk_full())
    _log.error("work for a page ended with exit code %d: %s", code, child.log)
    raise EngineError(words.wrong)
