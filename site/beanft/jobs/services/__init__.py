"""What happens to a job's row; with the features' services, the only place that commits."""

from beanft.jobs.services.attempts import (
    Attempt,
    beat,
    claim,
    fail,
    finish,
    give_back,
    is_cancelled,
    is_due,
    prepare,
    record,
    stop,
    try_again,
)
from beanft.jobs.services.owner import StillRunningError, cancel, enqueue, jobs_of, require_ended, wrap_up
from beanft.jobs.services.reaper import forget_wake_ups, overdue, reap, take_back

__all__ = [
    "Attempt",
    "StillRunningError",
    "beat",
    "cancel",
    "claim",
    "enqueue",
    "fail",
    "finish",
    "forget_wake_ups",
    "give_back",
    "is_cancelled",
    "is_due",
    "jobs_of",
    "overdue",
    "prepare",
    "reap",
    "record",
    "require_ended",
    "stop",
    "take_back",
    "try_again",
    "wrap_up",
]
