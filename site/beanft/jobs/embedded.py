"""The embedded worker: a child process of the site, restarted when it dies, gone when the site is."""

import logging
import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import fields
from pathlib import Path
from typing import Any

from flask import Flask

from beanft.jobs import services, worker
from beanft.settings import Settings

_ROOT = Path(__file__).resolve().parents[3]
_PATIENCE_S = 5.0  # running jobs are given back in the first second; then nothing is lost by killing it
_PAUSE_S = 1.0
_PAUSE_MAX_S = 30.0
_NO_ADVICE = "ignore::UserWarning:celery.platforms"  # that the superuser should not run workers

_log = logging.getLogger(__name__)


class EmbeddedWorker:
    """Runs `celery -A app.celery worker`; `entry` is the Celery app as that command names it."""

    def __init__(self, app: Flask, *, entry: str = "app.celery", folder: Path = _ROOT) -> None:
        self._app = app
        self._settings: Settings = app.config["BEANFT"]
        self._entry, self._folder = entry, folder
        self._stopping = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="embedded worker", daemon=True)
        self._process: subprocess.Popen[bytes] | None = None
        self._deadline = 0.0

    def start(self) -> None:
        """Start the worker, on a clean folder. The caller holds the instance's lock: no other one runs."""
        for name in ("queue", "jobs"):
            shutil.rmtree(self._settings.instance / name, ignore_errors=True)
        with self._app.app_context():
            if not self._settings.database_url:
                services.take_back()  # the database is ours alone, so whatever it says is running is not
            services.forget_wake_ups()
        self._process = self._spawn()
        self._watcher.start()

    def ask_to_stop(self) -> None:
        """Tell the worker to give its jobs back and stop; returns at once."""
        if not self._stopping.is_set() and self._process is not None:
            self._process.terminate()  # once: Celery takes a second signal for impatience
            self._deadline = time.monotonic() + _PATIENCE_S
        self._stopping.set()

    def stop(self) -> None:
        """Stop the worker and wait until it is gone."""
        self.ask_to_stop()
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, self._deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._watcher.join()

    def _watch(self) -> None:
        pause_s = _PAUSE_S
        while self._process is not None:
            try:
                code = self._process.wait(_PAUSE_MAX_S)
            except subprocess.TimeoutExpired:
                pause_s = _PAUSE_S  # it has lived for a while
                continue
            if self._stopping.wait(pause_s):
                return
            _log.error("the worker ended with code %d; it is started again", code)
            pause_s = min(2 * pause_s, _PAUSE_MAX_S)
            self._replace(self._process.pid)

    def _replace(self, dead: int) -> None:
        try:
            with self._app.app_context():
                services.take_back(worker=worker.name_of(dead))
        except Exception:  # the leases of its jobs will run out
            _log.exception("the jobs of the worker that died cannot be given to another one now")
        self._process = self._spawn()
        if self._stopping.is_set():
            self._process.terminate()

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
