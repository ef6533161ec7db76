"""How large the parts are that rows are cut into; loads no scikit-learn, because pages ask it too."""

from dataclasses import dataclass

HOLDOUT_SHARE = 0.2
"""Share of the rows that is locked away."""
MOST_HELD_OUT = 20_000
"""A score on so many locked rows is known to half a percent; the learners can use more of them better."""
TINY = 60
"""Below so many rows there are 3 folds, drawn 3 times, because one draw of a few rows says little."""
SMALL = 3_000
"""Up to so many rows there are 8 folds: each learns from nearly all rows then."""
LARGE = 60_000
"""Above so many rows one part is checked on: it is precise enough, and five take five times as long."""
_GROUP_FOLDS, _TIME_FOLDS = 5, 3
_FEW_LOCKED = 50


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How many rows are locked away, and how the others are cut."""

    holdout: float
    """Share of the rows locked away."""
    folds: int
    """Parts that the other rows are cut into; 1 for one part of 20 %, checked once."""
    repeats: int
    """How often they are cut anew."""


def sizes(n_rows: int, by: str = "chance") -> Sizes:
    """Decide the sizes of the parts from the number of rows, as `split` and `order` cut them.

    Parameters
    ----------
    n_rows : int
        Rows that take part, locked ones included.
    by : str
        chance, group or time.

    Returns
    -------
    Sizes
        By chance 20 % are locked away, but no more than 20,000 rows, and the others are cut into 8 folds up
        to 3,000 rows, 5 up to 60,000, and one part of 20 % above; below 60 rows 3 folds drawn 3 times. By
        group it is 5 folds, by time 3 steps, and one part for large tables too.

    Examples
    --------
    >>> sizes(1_000).folds, sizes(50_000).folds, sizes(500_000), sizes(1_000, "time").folds
    (8, 5, Sizes(holdout=0.04, folds=1, repeats=1), 3)
    """
    holdout = min(HOLDOUT_SHARE, MOST_HELD_OUT / max(1, n_rows))
    folds, repeats = folds_by_chance(round(n_rows * (1 - holdout)))
    if by == "chance":
        return Sizes(holdout=holdout, folds=folds, repeats=repeats)
    in_order = 1 if folds == 1 else _GROUP_FOLDS if by == "group" else _TIME_FOLDS
    return Sizes(holdout=HOLDOUT_SHARE, folds=in_order, repeats=1)


def locked_share(n_rows: int, by: str, holdout: float) -> float:
    """Decide the share of the rows that is locked away.

    Parameters
    ----------
    n_rows : int
        Rows that take part.
    by : str
        chance, group or time.
    holdout : float
        What the owner chose; HOLDOUT_SHARE for what `sizes` proposes.

    Returns
    -------
    float
        0..1.

    Examples
    --------
    >>> locked_share(500_000, "chance", HOLDOUT_SHARE), locked_share(500_000, "chance", 0.5)
    (0.04, 0.5)
    """
    return sizes(n_rows, by).holdout if holdout == HOLDOUT_SHARE else holdout


def n_locked(n_rows: int, share: float) -> int:
    """Count the rows that are locked away by chance; by group or time it is about as many.

    Parameters
    ----------
    n_rows : int
        Rows that take part.
    share : float
        Share of them, 0..1.

    Returns
    -------
    int
        1 at least.

    Examples
    --------
    >>> n_locked(110_000, locked_share(110_000, "chance", HOLDOUT_SHARE))
    20000
    """
    return max(1, round(n_rows * share))


def folds_by_chance(n_rows: int) -> tuple[int, int]:
    """Decide into how many parts rows are cut by chance, and how often.

    Parameters
    ----------
    n_rows : int
        Development rows.

    Returns
    -------
    int, int
        Folds, 1 for a single part that is checked on; and how often they are drawn anew.

    Examples
    --------
    >>> folds_by_chance(50), folds_by_chance(3_000), folds_by_chance(60_000), folds_by_chance(60_001)
    ((3, 3), (8, 1), (5, 1), (1, 1))
    """
    if n_rows < TINY:
        return 3, 3
    return (8 if n_rows <= SMALL else 5 if n_rows <= LARGE else 1), 1


def few_locked(n_locked: int) -> tuple[str, ...]:
    """Say when so few rows are locked away that they tell little.

    Parameters
    ----------
    n_locked : int
        Locked rows.

    Returns
    -------
    tuple of str
        A sentence, or none.

    Examples
    --------
    >>> few_locked(12)
    ('Only 12 rows are locked away, so scores on them are uncertain.',)
    """
    if n_locked >= _FEW_LOCKED:
        return ()
    return (f"Only {n_locked} rows are locked away, so scores on them are uncertain.",)
