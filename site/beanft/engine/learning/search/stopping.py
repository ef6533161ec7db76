"""When a fit has to stop: at its own deadline, or earlier, where the search ends before."""

import time
from typing import Any

_SHARED: list[Any] = []


def heed(latest: Any) -> None:
    """Take over a moment that another process may bring forward.

    Parameters
    ----------
    latest : shared value
        Its `value` is a moment on the clock of time.monotonic(), which all processes share.
    """
    _SHARED[:] = [latest]


def is_over(deadline: float) -> bool:
    """Tell whether a fit has to stop with what it has.

    Parameters
    ----------
    deadline : float
        Its own, on the clock of time.monotonic().

    Returns
    -------
    bool

    Examples
    --------
    >>> is_over(float("inf")), is_over(0.0)
    (False, True)
    """
    earliest: float = min([deadline, *(shared.value for shared in _SHARED)])
    return time.monotonic() > earliest
