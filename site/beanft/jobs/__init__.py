"""The queue: enqueue, progress, cancel, reconcile; the only place that knows Celery."""

from beanft.jobs.app import init_app
from beanft.jobs.chores import register_chore
from beanft.jobs.kinds import JobKind, register
from beanft.jobs.services import StillRunningError, cancel, enqueue, jobs_of, require_ended, wrap_up
from beanft.jobs.subjects import row_of, subject_of

__all__ = [
    "JobKind",
    "StillRunningError",
    "cancel",
    "enqueue",
    "init_app",
    "jobs_of",
    "register",
    "register_chore",
    "require_ended",
    "row_of",
    "subject_of",
    "wrap_up",
]
