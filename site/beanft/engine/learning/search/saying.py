"""What the log of a search says: how a run ended, and why something failed."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from beanft.engine.errors import EngineError
from beanft.engine.plain import written


def pooled(facts: Mapping[str, Any]) -> float:
    """Give the score of a run by which the verdict ranks.

    Parameters
    ----------
    facts : mapping
        Facts of the run.

    Returns
    -------
    float
        The score of all rows together while they were unseen; the mean over the folds where that is missing.

    Examples
    --------
    >>> pooled({"mean": 0.8, "interval": {"value": 0.79}}), pooled({"mean": 0.8, "interval": None})
    (0.79, 0.8)
    """
    value = (facts.get("interval") or {}).get("value")
    return float(facts["mean"] if value is None else value)


def ended(facts: Mapping[str, Any], metric: str) -> str:
    """Say how a run ended.

    Parameters
    ----------
    facts : mapping
        Facts of the run.
    metric : str
        Name of the metric that ranks, as shown.

    Returns
    -------
    str
        A sentence for the log.

    Examples
    --------
    >>> ended({"state": "ready", "title": "Ridge regression", "error": None, "mean": 0.5, "seconds": 2}, "R²")
    'Ridge regression scored R² 0.500 in 2.0 s of computing.'
    """
    error = str(facts["error"])
    if facts["state"] == "cancelled":  # it stands in the row of its learner, and names none
        return f"{facts['title']}: {error[:1].lower()}{error[1:]}"
    if facts["state"] != "ready":
        return error
    scored = f"{facts['title']} scored {metric} {written(pooled(facts))}"
    # the sum over the folds, which ran side by side: more than had passed on the clock
    return f"{scored} in {facts['seconds']:.1f} s of computing."


def plain_error(title: str, error: BaseException) -> str:
    """Say in one or two sentences why a learner failed and what to do.

    Parameters
    ----------
    title : str
        Name of the learner as shown.
    error : Exception
        What it raised.

    Returns
    -------
    str
        Plain words; only the text of an EngineError is repeated, that of any other error never.

    Examples
    --------
    >>> plain_error("Ridge regression", MemoryError())
    'Ridge regression needed more memory than there is. Choose fewer columns, or leave it out.'
    """
    if isinstance(error, EngineError):
        return f"{title} failed. {error}"
    if isinstance(error, MemoryError):
        return f"{title} needed more memory than there is. Choose fewer columns, or leave it out."
    if isinstance(error, np.linalg.LinAlgError):
        return f"{title} failed: columns repeat each other. Drop those that say the same, or leave it out."
    return (
        f"{title} could not be fitted on this table. Choose fewer or other columns, "
        "or leave it out; the other learners are not affected."
    )
