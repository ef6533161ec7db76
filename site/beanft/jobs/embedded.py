"""The embedded worker: a child process of the site, restarted when it dies, gone when the site is."""

import logging
import os
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

from flask import Flask

from beanft.children import Child
from beanft.jobs import services, worker
from beanft.settings import Settings

_ROOT = Path(__file__).resolve().parents[3]
_NO_ADVICE = "ignore::UserWarning:celery.platforms"  # that the superuser should not run workers

_log = logging.getLogger(__name__)


class EmbeddedWorker:
    """Runs `celery -A app.celery worker`; `entry` is the Celery app as that command names it."""

    def __init__(self, app: Flask, *, entry: str = "app.celery", folder: Path = _ROOT) -> None:
        self._app = app
        self._settings: Settings = app.config["BEANFT"]
        self._entry, self._folder = entry, folder
        self._child = Child("worker", self._spawn, self._give_back)
        self.ask_to_stop, self.stop = self._child.ask_to_stop, self._child.stop

    def start(self) -> None:
        """Start the worker, on a clean folder. The caller holds the instance's lock: no other one runs."""
        for name in ("queue", "jobs"):
            shutil.rmtree(self._settings.instance / name, ignore_errors=True)
        with self._app.app_context():
            if not self._settings.database_url:
                services.take_back()  # the database is ours alone, so whatever it says is running is not
            services.forget_wake_ups()
        self._child.start()

    def _give_back(self, dead: int) -> None:
        try:
            with self._app.app_context():
                services.take_back(worker=worker.name_of(dead))
        except Exception:  # the leases of its jobs will run out
            _log.exception("the jobs of the worker that died cannot be given to another one now")

    def _spawn(self) -> subprocess.Popen[bytes]:
        python = [sys.executable, "-W", _NO_ADVICE, "-m"]
        celery = ["celery", "-q", "-A", self._entry, "worker"]
        options = ["-P", "threads", "-c", str(self._settings.workers), "-l", "WARNING", "-n", "embedded@%h"]
        quiet = ["--without-mingle", "--without-gossip", "--without-heartbeat"]
        return subprocess.Popen(  # noqa: S603  # our own program, no shell
            [*python, *celery, *options, *quiet],
            cwd=self._folder,
            env=os.environ | environment(self._settings) | {worker.LIFELINE: "stdin"},
            stdin=subprocess.PIPE,  # never written; it closes when this process dies
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in a terminal reaches the site only, which then stops the worker
        )


def environment(settings: Settings) -> dict[str, str]:
    """The environment variables that give another process the same settings, options included."""
    chosen = {field.name: getattr(settings, field.name) for field in fields(settings)}
    return {f"BEANFT_{name.upper()}": _as_text(value) for name, value in chosen.items()}


def _as_text(value: Any) -> str:
    return ",".join(value) if isinstance(value, tuple) else str(value)
