"""Engine work that a page waits for: limits, errors, and what is left behind."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from beanft.engine.errors import BusyError, EngineError
from beanft.engine.turns import Turns
from beanft.extensions import settings
from beanft.jobs import sandbox

WORK = """
import errno, os, time
from beanft.engine.errors import EngineError

def answer(*, value, progress):
    progress(0.5, "half")
    open("scratch.txt", "w").write("x")
    return {"value": value, "folder": os.getcwd(), "secret": os.environ.get("BEANFT_SECRET")}

def refuse(*, progress):
    raise EngineError("Line 3 is no row.", remedies=("set-aside",))

def break_(*, progress):
    raise ValueError("oops")

def hoard(*, progress):
    raise MemoryError

def fill(*, progress):
    raise OSError(errno.ENOSPC, "full")

def crash(*, progress):
    os.abort()

def linger(*, progress):
    time.sleep(600)

def swell(*, progress):
    held = bytearray(300 << 20)
    held[::4096] = b"x" * len(held[::4096])
    time.sleep(600)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sandboxed.py").write_text(WORK)
    return tmp_path


def call(folder: Path, name: str, *, memory_mb: int = 512, timeout_s: float = 20, **arguments: Any) -> Any:
    return sandbox.call(
        f"sandboxed:{name}",
        arguments,
        user_id=1,
        folders=[folder],
        memory_mb=memory_mb,
        timeout_s=timeout_s,
    )


@pytest.fixture(autouse=True)
def _nothing_left(context: None) -> Iterator[None]:
    yield
    assert list((settings.instance / "jobs").glob("preview-*")) == []


def test_the_result_comes_back_and_the_scratch_folder_goes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEANFT_SECRET", "x")
    found = call(folder, "answer", value=[1, "ä", None])
    assert (found["value"], found["secret"]) == ([1, "ä", None], None)
    assert Path(found["folder"]).parent == settings.instance / "jobs"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("refuse", "^Line 3 is no row.$"),
        ("break_", "wrong inside Beanft"),
        ("crash", "wrong inside Beanft"),
        ("hoard", "more memory than a page may use"),
        ("fill", "disk is full"),
    ],
)
def test_what_goes_wrong_is_a_sentence(folder: Path, name: str, words: str) -> None:
    with pytest.raises(EngineError, match=words):
        call(folder, name)


def test_a_fault_of_ours_is_in_the_log(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR), pytest.raises(EngineError):
        call(folder, "break_")
    assert "ValueError: oops" in caplog.text


def test_what_takes_too_long_is_stopped(folder: Path) -> None:
    with pytest.raises(EngineError, match="took too long"):
        call(folder, "linger", timeout_s=0.5)


def test_what_needs_too_much_memory_is_stopped(folder: Path) -> None:
    with pytest.raises(EngineError, match="more memory"):
        call(folder, "swell", memory_mb=200)


def test_more_than_two_at_once_are_told_to_wait(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Turns(at_once=1, waiting=0, wait_s=0.01, sentence="Try again in a moment.")
    monkeypatch.setattr(sandbox, "_turns", turns)
    with turns.taken(), pytest.raises(BusyError, match="in a moment"):
        call(folder, "answer", value=1)


def test_one_user_leaves_a_place_for_others(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox._turns, "_wait_s", 0.01)
    with sandbox._turns.taken(1), pytest.raises(BusyError, match="in a moment"):
        call(folder, "answer", value=1)
    with sandbox._turns.taken(2):
        assert call(folder, "answer", value=1)["value"] == 1


def test_a_place_is_free_again_after_each_call(folder: Path) -> None:
    for _ in range(3):
        with pytest.raises(EngineError) as refused:
            call(folder, "refuse")
        assert not isinstance(refused.value, BusyError)
        assert refused.value.remedies == ("set-aside",)
