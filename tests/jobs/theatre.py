"""A real site with a real worker on an instance of its own, driven from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from flask import Flask
from sqlalchemy import select

from beanft.database import migrate_database
from beanft.extensions import db
from beanft.factory import create_app
from beanft.jobs import enqueue
from beanft.models import AuditEvent, Job
from factories import make_user
from waiting import wait_for

STAGE = Path(__file__).with_name("stage.py")
LEASE_S = 4.0


class Theatre:
    """One instance; the processes that serve it; and a look into its database."""

    def __init__(self, instance: Path, **settings: Any) -> None:
        self.instance = instance
        self.settings = {"job_lease_s": LEASE_S, **settings}
        self.app: Flask = create_app(instance=instance, **self.settings)
        with self.app.app_context():
            migrate_database()
            self.owner_id = make_user("alice").id
        self.processes: list[subprocess.Popen[str]] = []
        self.address = ""

    @property
    def environment(self) -> dict[str, str]:
        chosen = {f"BEANFT_{name.upper()}": str(value) for name, value in self.settings.items()}
        return os.environ | chosen | {"BEANFT_INSTANCE": str(self.instance)}

    def open(self, *options: str) -> subprocess.Popen[str]:
        """Start the site, with its worker unless there is a broker."""
        site = self.spawn(str(STAGE), "--port", "0", *options)
        words = site.stdout.readline().split()
        assert words, (self.instance / "stderr").read_text()
        self.address = words[4]
        return site

    def spawn(self, *arguments: str) -> subprocess.Popen[str]:
        with (self.instance / "stderr").open("a") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=STAGE.parent,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def close(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(15)
            process.stdout.close()
        with self.app.app_context():
            db.engine.dispose()

    def kill_everything(self) -> None:
        """As when the machine loses power: nothing gets the time to say anything."""
        for process in [*self.everybody(), *self.players()]:
            with suppress(psutil.NoSuchProcess):  # killed with its parent
                process.kill()
        for process in self.processes:
            process.wait()
            process.stdout.close()
        self.processes.clear()

    def everybody(self) -> list[psutil.Process]:
        mains = [psutil.Process(process.pid) for process in self.processes if process.poll() is None]
        return [*mains, *(child for main in mains for child in main.children(recursive=True))]

    def worker(self) -> psutil.Process:
        """The embedded worker."""
        return wait_for(
            lambda: next((one for one in self.everybody() if "stage.celery" in _words(one)), None)
        )

    def players(self, job_id: int | None = None) -> list[psutil.Process]:
        """The processes of a job, or of all jobs."""
        folder = self.instance / "jobs" / (str(job_id) if job_id else "")
        return [one for one in psutil.process_iter() if _is_in(one, folder)]

    # the database

    def add(
        self, what: str, *, spoil: str = "", limits: dict[str, Any] | None = None, **arguments: Any
    ) -> int:
        """Enqueue a job, as a feature's service does."""
        with self.app.app_context():
            job = enqueue(
                kind="try-hard" if what in ("fit", "swell") else "try",
                owner_id=self.owner_id,
                title=f"Trying {what}",
                subject="",
                subject_id=None,
                params={"arguments": {"what": what, **arguments}, "spoil": spoil},
                **(limits or {}),
            )
            db.session.commit()
            return job.id

    def job(self, job_id: int) -> Job:
        with self.app.app_context():
            db.session.connection(execution_options={"immediate": False})
            job = db.session.get_one(Job, job_id)
            db.session.expunge(job)
            return job

    def running(self, job_id: int, message: str = "") -> Job:
        """The job, once it runs and says `message`."""

        def look() -> Job | None:
            job = self.job(job_id)
            return job if job.state == "running" and job.message.startswith(message) else None

        return wait_for(look)

    def ended(self, job_id: int, *, within_s: float = 40.0) -> Job:
        """The job, once it has ended."""

        def look() -> Job | None:
            job = self.job(job_id)
            return None if job.unfinished else job

        return wait_for(look, within_s=within_s)

    def events(self, action: str, job_id: int) -> list[str]:
        """What `finish` or `record` stored for a job."""
        with self.app.app_context():
            db.session.connection(execution_options={"immediate": False})
            found = db.session.scalars(select(AuditEvent.subject).where(AuditEvent.action == action))
            return [subject.partition(" ")[2] for subject in found if subject.startswith(f"{job_id} ")]

    def log(self) -> str:
        return (self.instance / "logs" / "worker.log").read_text(encoding="utf-8")


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _is_in(process: psutil.Process, folder: Path) -> bool:
    try:
        alive = process.status() != psutil.STATUS_ZOMBIE
        return alive and Path(process.cwd()).is_relative_to(folder)
    except (psutil.Error, OSError):
        return False


def stop(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> float:
    """Send a signal; return the seconds until the process was gone."""
    started = time.monotonic()
    process.send_signal(number)
    process.wait(20)
    return time.monotonic() - started
