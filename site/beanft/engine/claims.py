"""When a difference may be claimed: how often a claim may be false, and the correction for many looks."""

from collections.abc import Sequence

ALPHA = 0.05
"""Chance of a false claim, over all that is looked at together."""


def holm(p: Sequence[float]) -> list[float]:
    """Correct p-values for having looked at many, by Holm's method.

    Parameters
    ----------
    p : sequence of float
        P-values of all that was looked at.

    Returns
    -------
    list of float
        Corrected p-values in the same order.

    References
    ----------
    Holm, S. (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of
    Statistics 6, 65-70.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    corrected = [0.0] * len(p)
    highest = 0.0
    for rank, place in enumerate(sorted(range(len(p)), key=lambda one: p[one])):
        highest = max(highest, min(1.0, p[place] * (len(p) - rank)))
        corrected[place] = highest
    return corrected
