"""Words for what a training is likely to do: its runs, its memory, its rows and its columns."""

from collections.abc import Sequence

import numpy as np

from beanft.engine.learning.budget.costs import Cost, Size
from beanft.engine.learning.prepare import Plan
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.wording import counted

_FIT_SHARE = 0.75  # of a job's memory, shared among the fits under way and the rest of the program
_MOST_LISTED = 8


def runs_sentence(n_runs: int, missed: Sequence[Cost], costs: Sequence[Cost], budget_s: float) -> str:
    """Say how many runs are likely, and which learners are not reached.

    Parameters
    ----------
    n_runs : int
        Runs that are likely to end in time.
    missed : sequence of Cost
        Learners without a run among them.
    costs : sequence of Cost
        All learners.
    budget_s : float
        Seconds of the training.

    Returns
    -------
    str
        Where there are none, it names a longer time.
    """
    time = duration(budget_s)
    if not n_runs:
        least = min([one.seconds for one in costs if one.seconds is not None], default=None)
        remedy = f" Give at least {duration(max(2 * budget_s, 3 * least))}." if least else ""
        return f"In {time} no learner is likely to be done, only the baseline.{remedy}"
    likely = f"In {time} about {counted(n_runs, 'run')} {'is' if n_runs == 1 else 'are'} likely"
    if missed:
        names = ", ".join(one.title for one in missed[:_MOST_LISTED])
        more = f" and {len(missed) - _MOST_LISTED} more" if len(missed) > _MOST_LISTED else ""
        return f"{likely}, without {names}{more}: there is no time for them."
    if n_runs <= len(costs):
        return f"{likely}: every learner once."
    return f"{likely}: every learner once, and {n_runs - len(costs):,} more with other settings."


def duration(seconds: float) -> str:
    """Write a time in words, rounded up to something easy to read.

    Parameters
    ----------
    seconds : float
        0 or more.

    Returns
    -------
    str
        Seconds, minutes or hours.

    Examples
    --------
    >>> duration(30), duration(120), duration(400), duration(9000)
    ('30 seconds', '2 minutes', '7 minutes', '2.5 hours')
    """
    if seconds < 90:
        return counted(max(1, int(np.ceil(seconds))), "second")
    if seconds < 5_400:
        return counted(int(np.ceil(seconds / 60)), "minute")
    return f"{seconds / 3_600:.2g} hours"


def warnings(
    costs: Sequence[Cost], size: Size, plan: Plan, profile: Profile, *, peak_mb: int, memory_mb: int
) -> list[str]:
    """Say what may surprise the owner.

    Parameters
    ----------
    costs : sequence of Cost
        What one run of each learner costs.
    size : Size
        How large the training will be.
    plan : Plan
        Columns and roles.
    profile : Profile
        Profile of the table.
    peak_mb : int
        Memory of all learners at its peak, in MiB.
    memory_mb : int
        Memory of the training, in MiB.

    Returns
    -------
    list of str
        One sentence each, not more than a page can show.
    """
    said = [
        *_memory(costs, size, peak_mb, memory_mb),
        *_fewer_rows(size),
        *_condensed(plan, profile),
        *_samples(costs, size),
        *_untimed(costs),
        *plan.notes,
    ]
    hidden = len(said) - 2 * _MOST_LISTED
    return said if hidden <= 0 else [*said[: 2 * _MOST_LISTED], f"And {hidden:,} more like these."]


def _memory(costs: Sequence[Cost], size: Size, peak_mb: int, memory_mb: int) -> list[str]:
    said = []
    room = memory_mb * _FIT_SHARE / (size.cores + 1)
    too_large = [one for one in costs if one.fit_mb > room]
    if too_large:
        names = ", ".join(f"{one.title} ({one.fit_mb:,.0f} MB)" for one in too_large)
        said.append(f"One fit may use {room:,.0f} MB, so these will be left out: {names}.")
    peak_mb = max([one.memory_mb for one in costs if one not in too_large], default=peak_mb)
    if peak_mb > memory_mb:
        said.append(
            f"This will not fit into {memory_mb:,} MB: about {peak_mb:,} MB are needed. "
            "Choose fewer columns, or leave out the learners that need most."
        )
    return said


def _fewer_rows(size: Size) -> list[str]:
    if size.n_rows >= size.of_rows:
        return []
    return [f"Learning will use {size.n_rows:,} of {size.of_rows:,} rows."]


def _samples(costs: Sequence[Cost], size: Size) -> list[str]:
    return [
        f"{one.title} will use {one.rows:,} of {size.n_fit:,} rows in each fit."
        for one in costs
        if one.rows < size.n_fit
    ]


def _untimed(costs: Sequence[Cost]) -> list[str]:
    names = [one.title for one in costs if one.seconds is None or one.is_guess]
    return [f"Not timed here, only guessed from the others: {', '.join(names)}."] if names else []


def _condensed(plan: Plan, profile: Profile) -> list[str]:
    """Columns of many values, and what becomes of them."""
    said = []
    for feature in plan.features:
        n = profile.column(feature.name).n_distinct
        if feature.role == "text":
            said.append(
                f"Text column “{feature.name}” has {n:,} different values: "
                f"it becomes {counted(feature.n_parts, 'number')}."
            )
        elif feature.role == "target":
            said.append(
                f"“{feature.name}” has {n:,} different values: each becomes what the target is like in its "
                f"rows, {counted(feature.n_parts, 'number')} in all."
            )
    return said
