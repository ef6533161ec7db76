"""The worker's side of Celery: the one task, the reaper, and how it stops."""

import logging
import os
import signal
import socket
import threading
import time
from typing import Any

from celery import Celery, signals
from flask import Flask
from sqlalchemy.exc import DBAPIError

from beanft.jobs import chores, services, supervisor, wakeups
from beanft.logs import write_as, write_to
from beanft.settings import Settings

LIFELINE = "_BEANFT_LIFELINE"
"""Set in the environment of a worker that must not outlive whoever holds the other end of its stdin."""
_REAP_EVERY_S = 2.0

_log = logging.getLogger(__name__)
_stopping = threading.Event()


def name() -> str:
    """This process, as it stands in the rows of the jobs that it runs."""
    return name_of(os.getpid())


def name_of(pid: int) -> str:
    """The worker with that process id on this machine."""
    return f"{socket.gethostname()}:{pid}"


def init_app(celery: Celery, app: Flask) -> None:
    """Add the task to a Celery app, and start the reaper where that app runs as a worker."""

    @celery.task(name=wakeups.TASK)  # type: ignore[untyped-decorator]  # Celery is not typed
    def wake(queue: str = "default") -> None:
        """Run the next job of `queue`; the message names no job, so priority and fairness are the row's."""
        _run_next(app, queue)

    def ready(sender: Any, **_facts: Any) -> None:
        if sender.app is celery:
            threading.Thread(target=_reap_for_ever, args=(app,), name="reaper", daemon=True).start()
            threading.Thread(
                target=chores.do_for_ever, args=(app, _stopping), name="chores", daemon=True
            ).start()

    def log_apart(**_facts: Any) -> None:
        write_to("worker.log", app.config["BEANFT"])
        _log_quietly()

    def log_by_name(sender: str, **_facts: Any) -> None:
        write_as(sender, app.config["BEANFT"])

    signals.worker_ready.connect(ready, weak=False)
    if LIFELINE in os.environ:
        signals.setup_logging.connect(log_apart, weak=False)
    else:
        signals.celeryd_init.connect(log_by_name, weak=False)


def _run_next(app: Flask, queue: str) -> None:
    if _stopping.is_set():
        return
    with app.app_context():
        attempt = services.claim(queue=queue, worker=name())
    if attempt is None:
        return
    try:
        supervisor.supervise(app, attempt, _stopping)
    finally:
        if not _stopping.is_set():
            with app.app_context():
                if services.is_due(queue):
                    wakeups.publish(queue)


def _reap_for_ever(app: Flask) -> None:
    settings: Settings = app.config["BEANFT"]
    pause_s = min(_REAP_EVERY_S, settings.job_lease_s / 4)
    last_round, calm_until = time.time(), 0.0
    while not _stopping.wait(pause_s):
        if time.time() - last_round > 3 * pause_s + 1:
            # The machine slept, and every lease ran out with it: let living supervisors renew theirs first.
            calm_until = time.time() + settings.job_lease_s
        last_round = time.time()
        try:
            _reap(app, only_wake=time.time() < calm_until)
        except DBAPIError:
            _log.warning("The database cannot be reached; the reaper tries again.", exc_info=True)


def _reap(app: Flask, *, only_wake: bool) -> None:
    with app.app_context():
        if not only_wake:
            services.reap()
        for queue in services.overdue():
            wakeups.publish(queue)


@signals.worker_shutting_down.connect(weak=False)  # type: ignore[untyped-decorator]  # Celery is not typed
def _stop(**_facts: Any) -> None:
    """Running jobs are killed and given back: a restart does not wait for an hour of training."""
    _stopping.set()


@signals.worker_init.connect(weak=False)  # type: ignore[untyped-decorator]  # Celery is not typed
def _hold_lifeline(**_facts: Any) -> None:
    if os.environ.pop(LIFELINE, None):
        threading.Thread(target=_stop_with_parent, name="lifeline", daemon=True).start()


def _log_quietly() -> None:
    """The embedded worker is no business of whoever looks at the terminal: Celery logs to our file."""
    for name in ("celery", "kombu"):
        for handler in logging.getLogger("beanft").handlers:
            logging.getLogger(name).addHandler(handler)
        logging.getLogger(name).setLevel(logging.WARNING)


def _stop_with_parent() -> None:
    os.read(0, 1)  # returns when the other end is closed, however the parent died
    os.kill(os.getpid(), signal.SIGTERM)
