"""Rows drawn with replacement, as the bootstrap does: one by one, in groups, or in blocks of time."""

import numpy as np

_CHUNK_CELLS = 4_000_000  # counts turned to numbers at once: 32 MB
_FEWEST_BLOCKS = 10


def count_units(n_rows: int, clusters: np.ndarray | None) -> int:
    """Count what is drawn: rows, or clusters of them.

    Parameters
    ----------
    n_rows : int
        Rows.
    clusters : array of shape (n_rows,), optional
        Rows with equal codes hang together.

    Returns
    -------
    int

    Examples
    --------
    >>> count_units(3, None), count_units(3, np.array([7, 7, 9]))
    (3, 2)
    """
    return n_rows if clusters is None else len(np.unique(clusters))


def draw_counts(n_rows: int, n_draws: int, seed: int, clusters: np.ndarray | None = None) -> list[np.ndarray]:
    """Draw rows with replacement, as the bootstrap does, and count how often each one was drawn.

    Parameters
    ----------
    n_rows : int
        Rows to draw from; 1 or more.
    n_draws : int
        Number of draws.
    seed : int
        The same seed gives the same draws.
    clusters : array of shape (n_rows,), optional
        Rows with equal codes are drawn together: groups, or blocks of time (see `time_blocks`). None draws
        single rows.

    Returns
    -------
    list of array of shape (up to n_draws, n_rows)
        Chunks that together hold all draws; small whole counts from 0. Each draw takes as many rows, or
        clusters, as there are.

    Examples
    --------
    >>> (counts,) = draw_counts(4, 3, seed=0)
    >>> counts.shape, counts.sum(axis=1).tolist()
    ((3, 4), [4, 4, 4])
    >>> (counts,) = draw_counts(4, 2, seed=0, clusters=np.array([7, 7, 9, 9]))
    >>> bool((counts[:, 0] == counts[:, 1]).all())
    True
    """
    random = np.random.default_rng(seed)
    codes = None if clusters is None else np.unique(clusters, return_inverse=True)[1]
    n_units = n_rows if codes is None else int(codes.max()) + 1
    chunk = max(1, _CHUNK_CELLS // n_rows)
    sizes = [min(chunk, n_draws - start) for start in range(0, n_draws, chunk)]
    chunks = []
    for size in sizes:
        draws = [np.bincount(random.integers(0, n_units, n_units), minlength=n_units) for _ in range(size)]
        units = np.stack(draws, axis=1).astype(np.uint16)  # a row's counts side by side: cheap to sort
        chunks.append((units if codes is None else units[codes]).T)
    return chunks


def time_blocks(moments: np.ndarray) -> np.ndarray:
    """Cut rows into blocks of neighbouring moments, because what is near in time is alike.

    Parameters
    ----------
    moments : array of shape (n_rows,)
        Equal numbers are one moment; larger numbers are later.

    Returns
    -------
    array of shape (n_rows,)
        Number of the block of each row, from 0: about n ** (2 / 3) blocks for n moments, at least 10 where
        there are so many moments; the rows of one moment are in one block.

    Examples
    --------
    >>> time_blocks(np.arange(27) * 10).max() + 1
    np.int64(10)
    """
    codes = np.unique(moments, return_inverse=True)[1]
    n_moments = int(codes.max()) + 1
    n_blocks = min(n_moments, max(_FEWEST_BLOCKS, round(n_moments ** (2 / 3))))
    blocks: np.ndarray = codes * n_blocks // n_moments
    return blocks
