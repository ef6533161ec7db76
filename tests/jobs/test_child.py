"""The process group of one attempt."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from beanft.jobs.child import Child
from beanft.jobs.runner import WRAP_UP_FILE
from jobs.tryout import HERE
from waiting import wait_for


@contextmanager
def running(folder: Path, what: str, **arguments: Any) -> Iterator[Child]:
    spec = {"work": "work:run", "folders": [str(HERE)], "memory_mb": 1024}
    child = Child(folder, spec | {"arguments": {"what": what, **arguments}}, cores=1)
    try:
        yield child
    finally:
        child.end()


def everything(child: Child) -> tuple[list[dict[str, Any]], int]:
    lines: list[dict[str, Any]] = []
    ends: list[int] = []

    def read() -> bool:
        more, code = child.read(0.2)
        lines.extend(more)
        ends.extend([] if code is None else [code])
        return code is not None

    wait_for(read)
    return lines, ends[0]


def test_it_sees_no_settings_and_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEANFT_DATABASE_URL", "postgresql://me:password@host/db")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    with running(tmp_path, "environment") as child:
        lines, code = everything(child)
    seen = lines[-1]["result"]["environment"]
    assert code == 0
    assert not {"BEANFT_DATABASE_URL", "AWS_SECRET_ACCESS_KEY", "PYTHONPATH"} & seen.keys()
    assert seen["HOME"] == seen["TMPDIR"] == str(tmp_path)
    assert (seen["OMP_NUM_THREADS"], seen["OMP_WAIT_POLICY"]) == ("1", "passive")
    assert seen["ARROW_DEFAULT_MEMORY_POOL"] == "system"


def test_large_parts_arrive_whole_and_in_order(tmp_path: Path) -> None:
    sizes = [10, 3_000_000, 0, 400_000]
    with running(tmp_path, "parts", sizes=sizes) as child:
        lines, code = everything(child)
    assert code == 0
    assert [len(line["record"]["text"]) for line in lines[:-1]] == sizes
    assert lines[-1] == {"result": {}}


def test_what_libraries_print_is_no_line_of_ours_and_is_kept_short(tmp_path: Path) -> None:
    with running(tmp_path, "chatter") as child:
        lines, code = everything(child)
        assert (lines, code) == ([{"result": {"printed": True}}], 0)
        assert "not a line of ours" in child.log
        assert len(child.log) <= 1 << 15


def test_nothing_of_the_group_is_left_after_a_normal_end(tmp_path: Path) -> None:
    with running(tmp_path, "chatter") as child:
        everything(child)
        group = child._process.pid
    wait_for(lambda: not [one for one in psutil.pids() if _group_of(one) == group])


def _group_of(pid: int) -> int | None:
    try:
        return None if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE else os.getpgid(pid)
    except (ProcessLookupError, psutil.Error):
        return None


def test_every_message_is_told_though_shares_are_thinned_out(tmp_path: Path) -> None:
    with running(tmp_path, "steps", n=3) as child:
        lines, _ = everything(child)
    assert [line["message"] for line in lines[:-1]] == ["step 1", "step 2", "step 3"]


def test_it_stops_by_itself_once_the_file_that_asks_for_it_is_there(tmp_path: Path) -> None:
    with running(tmp_path, "search") as child:
        assert wait_for(lambda: child.read(0.2)[0])[0]["message"] == "searching"
        (tmp_path / WRAP_UP_FILE).touch()
        lines, code = everything(child)
    assert (lines, code) == ([{"result": {"kept": "the best so far"}}], 0)


def test_the_cause_of_an_end_is_told_and_the_traceback_kept_apart(tmp_path: Path) -> None:
    with running(tmp_path, "boom") as child:
        lines, code = everything(child)
        assert lines == [{"error": "bug", "sentence": "/a/secret/path", "remedies": []}]
        assert code == 1
        assert "Traceback" in child.log


def test_a_killed_job_ends_with_its_signal(tmp_path: Path) -> None:
    with running(tmp_path, "die", number=11) as child:
        assert everything(child) == ([], 128 + 11)


def test_the_group_dies_with_its_supervisor(tmp_path: Path) -> None:
    with running(tmp_path, "wait") as child:
        wait_for(lambda: child.read(0.2)[0])
        os.close(child._lifeline)
        child._lifeline = os.open(os.devnull, os.O_RDONLY)
        assert wait_for(lambda: child.read(0.2)[1]) == -9


def test_a_full_disk_is_told_apart_from_a_fault_of_ours(tmp_path: Path) -> None:
    with running(tmp_path, "fill") as child:
        lines, _ = everything(child)
    assert lines[-1]["error"] == "disk"
