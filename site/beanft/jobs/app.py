"""Binds the queue to an app: makes the Celery app that `celery -A app.celery worker` finds."""

from typing import Any

from celery import Celery
from flask import Flask

from beanft.jobs import transport, worker
from beanft.settings import Settings


def init_app(app: Flask) -> None:
    """Make the Celery app, with nothing in it but the task that workers are woken with."""
    settings: Settings = app.config["BEANFT"]
    celery = Celery("beanft", set_as_current=False)
    celery.conf.update(_configuration(settings))
    worker.init_app(celery, app)
    app.extensions["celery"] = celery


def _configuration(settings: Settings) -> dict[str, Any]:
    broker = {
        "broker_url": settings.broker_url or f"{transport.SCHEME}://localhost",
        "broker_transport_options": {"folder": str(settings.instance / "queue")} if settings.embedded else {},
        "worker_enable_remote_control": not settings.embedded,  # nobody asks, and it would poll twice
    }
    return broker | {
        "task_default_queue": "default",
        "task_ignore_result": True,  # results are in the database
        "task_acks_late": False,  # the row brings a job back; a broker that did so too would run it twice
        "task_publish_retry": False,  # otherwise a POST hangs while the broker is away
        "broker_connection_timeout": 2.0,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,  # a worker waits for its broker as long as it takes
        "broker_pool_limit": 4,
        "worker_prefetch_multiplier": 1,
        "worker_concurrency": settings.workers,
        "worker_pool": "threads",  # they only supervise; each job has a process of its own
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "worker_log_color": False,
        "worker_send_task_events": False,
        "event_queue_ttl": 10,
        "event_queue_expires": 60,
        "control_queue_expires": 60,
        "accept_content": ["json"],
    }
