"""The same queue with a real Redis between the site and a worker of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from beanft.jobs import cancel
from jobs.theatre import LEASE_S, Theatre, stop
from waiting import wait_for

pytestmark = [pytest.mark.servers, pytest.mark.slow]
WORKER = ("-m", "celery", "-A", "stage.celery", "worker", "-P", "threads", "-c", "2", "-l", "ERROR")


class Server:
    """A Redis that keeps nothing on disk."""

    def __init__(self, program: str, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._command = [
            program,
            "--port",
            str(self.port),
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
            str(folder),
        ]
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        wait_for(self.answers)

    def answers(self) -> bool:
        with redis.Redis.from_url(self.url) as client:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False

    def flush(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    program = shutil.which("redis-server")
    if program is None and os.environ.get("CI") == "true":
        pytest.fail("redis-server is missing; .ci/run installs it")
    if program is None:
        pytest.skip("NOT TESTED: redis-server is missing (apt-get install redis-server)")
    server = Server(program, tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture
def theatre(tmp_path: Path, server: Server) -> Iterator[Theatre]:
    server.flush()
    theatre = Theatre(tmp_path / "theatre", broker_url=server.url)
    yield theatre
    theatre.close()


def test_the_site_starts_no_worker_and_says_so(theatre: Theatre) -> None:
    site = theatre.open()
    stop(site)
    assert "celery -A app.celery worker" in site.stdout.read()


def test_jobs_run_are_cancelled_and_survive_their_worker(theatre: Theatre) -> None:
    worker = theatre.spawn(*WORKER)
    assert theatre.ended(theatre.add("steps")).state == "ready"

    fit = theatre.add("fit")
    theatre.running(fit, "fitting")
    with theatre.app.app_context():
        cancel(job_id=fit)
    wait_for(lambda: not theatre.players(fit), within_s=10)
    assert theatre.ended(fit).state == "cancelled"

    marked = [theatre.add("once", marker=str(theatre.instance / f"once-{n}")) for n in range(2)]
    for job_id in marked:
        theatre.running(job_id, "waiting")
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    wait_for(lambda: not theatre.players(), within_s=10)
    theatre.spawn(*WORKER)
    jobs = [theatre.ended(job_id, within_s=LEASE_S + 30) for job_id in marked]
    assert [(job.state, job.attempt) for job in jobs] == [("ready", 2)] * 2
    assert [len(theatre.events("finish", job.id)) for job in jobs] == [1, 1]


def test_a_stopped_worker_gives_its_job_back(theatre: Theatre) -> None:
    worker = theatre.spawn(*WORKER)
    job_id = theatre.add("once", marker=str(theatre.instance / "once"))
    theatre.running(job_id, "waiting")
    assert stop(worker) < 10
    job = theatre.job(job_id)
    assert (job.state, job.attempt) == ("queued", 0)
    assert theatre.players() == []


def test_each_worker_has_a_log_of_its_own(theatre: Theatre) -> None:
    names = ("one@here", "two@here")
    workers = [theatre.spawn(*WORKER, "-n", name, "-c", "1") for name in names]
    logs = [theatre.instance / "logs" / f"worker-{name}.log" for name in names]

    def both_wrote() -> bool:
        theatre.ended(theatre.add("steps", spoil="finish"))
        return all(path.exists() for path in logs)

    wait_for(both_wrote, within_s=60)
    for path, worker in zip(logs, workers, strict=True):
        text = path.read_text(encoding="utf-8")
        assert "ZeroDivisionError" in text
        assert worker.poll() is None
    assert not (theatre.instance / "logs" / "worker.log").exists()


def test_flushall_loses_nothing(theatre: Theatre, server: Server) -> None:
    jobs = [theatre.add("steps", n=2) for _ in range(5)]
    server.flush()
    theatre.spawn(*WORKER)
    assert [theatre.ended(job_id).state for job_id in jobs] == ["ready"] * 5


def test_a_job_added_while_redis_is_away_runs_when_it_is_back(theatre: Theatre, server: Server) -> None:
    worker = theatre.spawn(*WORKER)
    assert theatre.ended(theatre.add("steps")).state == "ready"
    server.stop()
    job_id = theatre.add("steps")
    assert theatre.job(job_id).state == "queued"
    server.start()
    assert theatre.ended(job_id, within_s=60).state == "ready"
    assert worker.poll() is None
