"""The queue: enqueue, progress, cancel, reconcile; the only place that knows Celery."""

from beanft.jobs.app import init_app
from beanft.jobs.kinds import JobKind, register
from beanft.jobs.services import cancel, enqueue, jobs_of

__all__ = ["JobKind", "cancel", "enqueue", "init_app", "jobs_of", "register"]
