"""The sentences that an owner reads when a job did not end well."""


def out_of_memory(memory_mb: int) -> str:
    """Say that the job needed more memory than it may use.

    >>> out_of_memory(3072)
    'This needed more than 3,072 MB of memory. Take fewer rows or columns, or ask the administrator to raise job_memory_mb.'
    """  # noqa: E501  # one sentence
    return (
        f"This needed more than {memory_mb:,} MB of memory. "
        "Take fewer rows or columns, or ask the administrator to raise job_memory_mb."
    )


def out_of_time(limit_s: float) -> str:
    """Say that the job took longer than it may.

    >>> out_of_time(3600)
    'This took longer than 60 minutes. Take fewer rows or columns, or ask the administrator to raise job_timeout_s.'
    """  # noqa: E501  # one sentence
    limit = f"{limit_s:g} seconds" if limit_s < 120 else f"{limit_s / 60:.0f} minutes"
    return (
        f"This took longer than {limit}. "
        "Take fewer rows or columns, or ask the administrator to raise job_timeout_s."
    )


def disk_full() -> str:
    """Say that nothing more can be written."""
    return "The server's disk is full. Delete what you no longer need, or ask the administrator for space."


def broken(title: str, job_id: int) -> str:
    """Say that the fault is Beanft's, and where its traces are.

    >>> broken("Reading penguins.csv", 12)
    'Something went wrong inside Beanft while reading penguins.csv. The details are in the log under job 12.'
    """
    doing = title[:1].lower() + title[1:]
    return f"Something went wrong inside Beanft while {doing}. The details are in the log under job {job_id}."


def died(cause: str, attempts: int, job_id: int) -> str:
    """Say that the process of the job was killed, or crashed, at every attempt.

    >>> died("SIGSEGV", 2, 12)
    'This stopped 2 times without a result (SIGSEGV). Take fewer rows or columns, or ask the administrator to look at the log under job 12.'
    """  # noqa: E501  # one sentence
    if cause == "SIGKILL":
        cause += ", as when the machine has no memory left"
    return _in_vain(f"stopped {_times(attempts)} without a result ({cause})", job_id)


def lost(attempts: int, job_id: int) -> str:
    """Say that the worker, or the whole machine, went away at every attempt.

    >>> lost(2, 12)
    'This was interrupted 2 times because its worker stopped. Take fewer rows or columns, or ask the administrator to look at the log under job 12.'
    """  # noqa: E501  # one sentence
    return _in_vain(f"was interrupted {_times(attempts)} because its worker stopped", job_id)


def _in_vain(what: str, job_id: int) -> str:
    return (
        f"This {what}. Take fewer rows or columns, "
        f"or ask the administrator to look at the log under job {job_id}."
    )


def _times(attempts: int) -> str:
    return "once" if attempts == 1 else f"{attempts} times"


AGAIN = "Interrupted, starts again soon"
"""Shown as the progress of a job that waits for its next attempt."""
