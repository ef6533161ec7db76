"""The memory of a fit, told before it is begun."""

from beanft.engine.learning.learners import LEARNER
from beanft.engine.learning.prepare import Plan

_COPIES = {"boosting": 3.0, "lightgbm": 2.0, "extra_trees": 3.0, "random_forest": 3.0}
"""Copies of its matrix, in 32 bits, that a fit makes."""
_COPIES_SHOWN = {"network": 8.0}
"""The same for learners that see the columns as linear ones do."""
_COPIES_LINEAR = 10.0
_BYTES = 4


def too_large(learner: str, plan: Plan, *, n_rows: int, width: int, memory_mb: float) -> str:
    """Say why a fit would not fit into memory.

    Parameters
    ----------
    learner : str
        Key of the learner.
    plan : Plan
        Columns and roles.
    n_rows : int
        Rows to learn from.
    width : int
        Parts of the matrix that trees learn from.
    memory_mb : float
        Memory that one fit may use.

    Returns
    -------
    str
        Empty when it does.
    """
    n_rows = min(n_rows, LEARNER[learner].max_rows or n_rows)
    if learner not in _COPIES:
        width = plan.shown_width
    copies = _COPIES.get(learner) or _COPIES_SHOWN.get(learner, _COPIES_LINEAR)
    needed_mb = n_rows * width * _BYTES * copies / (1 << 20)
    if needed_mb <= memory_mb:
        return ""
    return (
        f"It would need about {needed_mb:,.0f} MB for {n_rows:,} rows and {width:,} parts, and has "
        f"{memory_mb:,.0f} MB. Choose fewer columns, or leave it out."
    )
