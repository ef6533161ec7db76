"""Even samples of the rows that are the same every time, and the quantiles that are computed of them."""

from collections.abc import Sequence

SCRAMBLE = 2654435761
"""Odd number that strews row numbers evenly over 32 bits (Knuth), so that samples can be drawn again."""

FEW_IN_LARGE = 10_000
"""Groups of fewer rows than this get exact quantiles in tables of any size."""

_WORDS = 2**32
_EXACT_ROWS = 1_000_000  # of more rows, what needs all values of a group in memory is estimated
_SAMPLED_ROWS = 250_000
_LEAST_LIMIT = 100


def sampling_step(n_rows: int) -> int:
    """Say which part of the rows quantiles are computed of: one of so many, chosen by its number.

    Parameters
    ----------
    n_rows : int
        Rows that are summarised.

    Returns
    -------
    int
        1 for all.

    Examples
    --------
    >>> sampling_step(1000), sampling_step(10_000_000)
    (1, 40)
    """
    return 1 if n_rows <= _EXACT_ROWS else max(n_rows // _SAMPLED_ROWS, 1)


def sampled_sql(step: int, row: str = "row") -> str:
    """Write the condition of a sample of rows that is the same every time.

    The multiples of an odd number strew the rows more evenly than chance, whatever their order, and cost a
    third of a hash.

    Parameters
    ----------
    step : int
        One of so many rows is taken; 1 for all.
    row : str
        SQL of the number of a row, from 1.

    Returns
    -------
    str
        SQL.

    Examples
    --------
    >>> sampled_sql(1), sampled_sql(40)
    ('true', '((row) * 2654435761) & 4294967295 < 107374182')
    """
    return "true" if step == 1 else f"(({row}) * {SCRAMBLE}) & {_WORDS - 1} < {_WORDS // step}"


def quantiles_sql(value: str, shares: Sequence[float], n_rows: int) -> str:
    """Write quantiles, linear between rows; of very many rows those of an even sample.

    Parameters
    ----------
    value : str
        SQL of a number.
    shares : sequence of float
        Which quantiles, from 0 to 1.
    n_rows : int
        Rows of all groups together.

    Returns
    -------
    str
        SQL of a list; NULL where a group has no row in the sample.

    Examples
    --------
    >>> quantiles_sql("y", [0.5], 100)
    'quantile_cont(y, [0.5])'
    """
    step = sampling_step(n_rows)
    chosen = value if step == 1 else f"CASE WHEN {sampled_sql(step)} THEN {value} END"
    return f"quantile_cont({chosen}, {list(shares)!r})"


def first_sql(columns: str, source: str, most: int) -> str:
    """Write a SELECT of the rows whose numbers have the smallest hashes.

    DuckDB 2.0 fails (an internal error that makes the engine unusable) where `ORDER BY ... LIMIT n` with n
    up to 50 meets a condition on the row number: it then looks the rows up again by their place. So never
    fewer than 100 are asked for, and what is too much is cut off by the caller.

    Parameters
    ----------
    columns : str
        What is fetched.
    source : str
        SQL to fetch from, with a column `row`.
    most : int
        Rows that are wanted.

    Returns
    -------
    str
        SQL; its rows come in the order of the hashes.

    Examples
    --------
    >>> first_sql("row", "used", 5)
    'SELECT row FROM used ORDER BY hash(row), row LIMIT 100'
    """
    return f"SELECT {columns} FROM {source} ORDER BY hash(row), row LIMIT {max(most, _LEAST_LIMIT)}"  # noqa: S608 -- our own text
