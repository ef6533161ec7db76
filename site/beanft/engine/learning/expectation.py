"""What a training is likely to do within its budget, from what one run of each learner costs."""

from collections.abc import Sequence
from typing import Any

from beanft.engine.learning.budget.costs import Cost, Size, shared_mb, with_guesses
from beanft.engine.learning.budget.runs import reach
from beanft.engine.learning.budget.words import runs_sentence, warnings
from beanft.engine.learning.learners import BASELINE
from beanft.engine.learning.prepare import Plan
from beanft.engine.learning.search.portfolio import portfolio
from beanft.engine.learning.wish import Wish


def expect(
    costs: Sequence[Cost], size: Size, wish: Wish, plan: Plan, *, budget_s: float, memory_mb: int
) -> dict[str, Any]:
    """Say what is likely to be done within the budget.

    Parameters
    ----------
    costs : sequence of Cost
        What one run of each learner costs.
    size : Size
        How large the training will be.
    wish : Wish
        What is to be learned.
    plan : Plan
        Columns and roles.
    budget_s : float
        Seconds of the training.
    memory_mb : int
        Memory of the training, in MiB.

    Returns
    -------
    dict
        Plain values, see `pilot.estimate`.
    """
    costs = with_guesses(costs, size)
    reached = reach(
        _order(costs, size, wish, plan),
        {one.key: one for one in costs},
        own=wish.choices.settings,
        budget_s=budget_s,
        encoding_s=size.encoding_s,
        cores=size.cores,
    )
    missed = [one for one in costs if one.key not in reached.learners]
    peak_mb = max([one.memory_mb for one in costs], default=round(shared_mb(size)))
    return {
        "sentence": runs_sentence(reached.n_runs, missed, costs, budget_s),
        "n_runs": reached.n_runs,
        "n_missed": len(missed),
        "rows": size.n_rows,
        "of_rows": size.of_rows,
        "locked": size.n_locked,
        "folds": size.folds,
        "width": size.width,
        "memory_mb": peak_mb,
        "learners": [one.facts() for one in costs],
        "warnings": warnings(costs, size, plan, wish.profile, peak_mb=peak_mb, memory_mb=memory_mb),
    }


def _order(costs: Sequence[Cost], size: Size, wish: Wish, plan: Plan) -> list[str]:
    """The learner of each candidate that the search would try, in its order."""
    least = wish.answer.minimum
    candidates = portfolio(
        wish.task,
        [BASELINE, *(one.key for one in costs)],
        wish.choices.settings,
        metric=wish.metric,
        n_rows=size.n_learned,
        n_classes=size.n_classes,
        skew=wish.answer.skewness or 0.0,
        least=least if isinstance(least, int | float) else -1.0,
        by_time=any(feature.carried for feature in plan.features),
    )
    return [one.learner for one in candidates if one.learner != BASELINE]
