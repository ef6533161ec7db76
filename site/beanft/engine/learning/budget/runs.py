"""Which runs are likely to end within a budget: goes through the candidates as the search does."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from beanft.engine.learning.budget.costs import Cost
from beanft.engine.learning.search.clock import (
    GRACE,
    SHORTEST_S,
    SLICE,
    WEIGHED,
    most_variations,
    search_end,
)
from beanft.engine.learning.search.portfolio import TUNED

_LOOK_SHARE, _LOOK_MOST_S = 0.1, 6.0  # of the budget, and seconds, for the checks before the search


@dataclass(frozen=True)
class Reached:
    """What is likely to be done in time."""

    n_runs: int
    """Runs, variations among them."""
    learners: frozenset[str]
    """Learners that have a run."""


def reach(
    order: Sequence[str],
    costs: Mapping[str, Cost],
    *,
    own: Collection[str],
    budget_s: float,
    encoding_s: float,
    cores: int,
) -> Reached:
    """Count the runs that end in time.

    Parameters
    ----------
    order : sequence of str
        Learner of each candidate, in the order in which they are tried, without the baseline.
    costs : mapping of str to Cost
        What a run of each learner costs.
    own : collection of str
        Learners whose settings the owner chose: they are not varied.
    budget_s : float
        Seconds of the training.
    encoding_s : float
        Seconds for reading and encoding the table.
    cores : int
        Fits at the same time.

    Returns
    -------
    Reached
    """
    clock = min(_LOOK_SHARE * budget_s, _LOOK_MOST_S) + encoding_s
    end, n_runs, learners = _end(costs, budget_s), 0, set[str]()
    for key in order:
        if clock >= end:
            break
        took, is_done = _takes(costs[key], end - clock, cores)
        clock += took
        n_runs += is_done
        if is_done:
            learners.add(key)
    tuned = [costs[key] for key in TUNED if key in learners and key not in own]
    for i in range(most_variations(budget_s) if tuned else 0):
        if clock >= end:
            break
        clock += _takes(tuned[i % len(tuned)], end - clock, cores)[0]
        n_runs += 1
    return Reached(n_runs, frozenset(learners))


def _end(costs: Mapping[str, Cost], budget_s: float) -> float:
    """Seconds at which the search ends, so that the rest finds its time."""
    seconds = sorted(one.seconds for one in costs.values() if one.seconds is not None)
    return search_end(budget_s, sum(seconds[-WEIGHED:]))


def _takes(cost: Cost, left: float, cores: int) -> tuple[float, bool]:
    """Seconds that a run takes of what is left, and whether it is done; what grows step by step always is."""
    share = max(SHORTEST_S, SLICE * left)
    if cost.cpu_s is None or cost.seconds is None:
        return share / cores, False
    if cost.seconds <= share or cost.key in TUNED:
        return min(cost.cpu_s / cores, share), True
    longest = share * GRACE[0] + GRACE[1]
    return min(longest, cost.seconds), cost.seconds <= longest
