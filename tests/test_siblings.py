"""More than one process of the web server: one address, the same limits, none left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from waiting import wait_for

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[psutil.Process, str]]:
    """A site of three processes, and its address."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "app.py"), "--port", "0", "--no-worker"],
        env=os.environ | {"BEANFT_INSTANCE": str(tmp_path), "BEANFT_PROCESSES": "3"},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    with process:
        yield psutil.Process(process.pid), process.stdout.readline().split()[4]
        process.terminate()


def asked(address: str) -> int:
    """What the site answers over a connection of its own."""
    try:
        with urllib.request.urlopen(address, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def logged(tmp_path: Path) -> dict[str, int]:
    """How many requests each process answered."""
    files = (tmp_path / "logs").glob("beanft*.log")
    return {path.stem: path.read_text().count("GET /login 200") for path in files}


def test_all_of_them_answer_and_go_with_the_first(site: tuple[psutil.Process, str], tmp_path: Path) -> None:
    first, address = site

    def all_have_answered() -> bool:
        assert asked(f"{address}/login") == 200
        return len([n for n in logged(tmp_path).values() if n]) == 3

    wait_for(all_have_answered)
    others = first.children()
    assert len(others) == 2
    first.kill()
    wait_for(lambda: not any(other.is_running() for other in others))


def test_one_that_dies_is_started_again_and_ctrl_c_stops_all(
    site: tuple[psutil.Process, str], tmp_path: Path
) -> None:
    first, address = site
    wait_for(lambda: len(first.children()) == 2)
    before = {child.pid for child in first.children()}
    lost = first.children()[0]
    lost.kill()
    wait_for(lambda: len({child.pid for child in first.children()} - before) == 1)
    assert asked(f"{address}/healthz") == 200
    others = first.children()
    first.send_signal(signal.SIGINT)
    wait_for(lambda: not first.is_running() or first.status() == psutil.STATUS_ZOMBIE)
    assert not any(other.is_running() for other in others)
    assert "web process" in (tmp_path / "logs" / "beanft.log").read_text()
