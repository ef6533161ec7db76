"""Shares of rows with their intervals, and in words."""

from beanft.engine.compare.effects import wilson


def share_interval(n_yes: int, n_rows: int) -> dict[str, float | None]:
    """Give a share with its 95 % interval, which is right for few rows and for shares of 0 and 1 too.

    Parameters
    ----------
    n_yes : int
        Rows that count.
    n_rows : int
        Rows in all; 0 gives None for all three.

    Returns
    -------
    dict
        value, low and high, 0..1.

    Examples
    --------
    >>> {key: round(one, 3) for key, one in share_interval(0, 20).items()}
    {'value': 0.0, 'low': 0.0, 'high': 0.161}
    """
    if not n_rows:
        return {"value": None, "low": None, "high": None}
    low, high = wilson(n_yes / n_rows, n_rows)
    return {
        "value": n_yes / n_rows,
        "low": 0.0 if n_yes == 0 else low,
        "high": 1.0 if n_yes == n_rows else high,
    }
