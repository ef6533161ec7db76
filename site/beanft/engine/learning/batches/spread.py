"""Where many numbers lie, told from bounded memory."""

from typing import Any

import numpy as np

_MOST = 1_000_000  # numbers kept; of more, the quartiles are those of a sample
_CUTS = {"lower": 0.25, "median": 0.5, "upper": 0.75}


class Spread:
    """Adds up numbers, block by block: end points and mean are exact, however many come.

    Parameters
    ----------
    most : int
        Numbers that are kept in memory at most.

    Examples
    --------
    >>> spread = Spread()
    >>> spread.add(np.array([1.0, 2.0, 6.0]))
    >>> spread.facts()["median"], spread.facts()["mean"], spread.facts()["sampled"]
    (2.0, 3.0, 0)
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most, self._share, self._n_kept = most, 1.0, 0
        self._random = np.random.default_rng(0)
        self._kept: list[np.ndarray] = []  # rows of number and lot
        self._n, self._sum, self._low, self._high = 0, 0.0, np.inf, -np.inf

    def add(self, values: np.ndarray) -> None:
        """Add a block.

        Parameters
        ----------
        values : array of shape (n_rows,)
            Finite numbers.
        """
        if not len(values):
            return
        self._n += len(values)
        self._sum += float(values.sum())
        self._low, self._high = min(self._low, float(values.min())), max(self._high, float(values.max()))
        self._keep(np.column_stack([values, self._random.random(len(values))]))

    def facts(self) -> dict[str, Any] | None:
        """Tell where they lie.

        Returns
        -------
        dict or None
            minimum, lower, median, upper (quartiles), maximum, mean, and sampled: numbers drawn by chance
            that the quartiles are of, 0 where they are of all. None without numbers.
        """
        if not self._n:
            return None
        kept = np.concatenate(self._kept)[:, 0]
        cuts = np.quantile(kept, list(_CUTS.values())).tolist()
        return {
            "minimum": self._low,
            **dict(zip(_CUTS, cuts, strict=True)),
            "maximum": self._high,
            "mean": self._sum / self._n,
            "sampled": len(kept) if len(kept) < self._n else 0,
        }

    def _keep(self, drawn: np.ndarray) -> None:
        """Keep those whose lot is small; the limit is halved each time they become too many."""
        drawn = drawn[drawn[:, 1] < self._share]
        self._kept.append(drawn)
        self._n_kept += len(drawn)
        while self._n_kept > self._most:
            self._share /= 2
            kept = np.concatenate(self._kept)
            self._kept = [kept[kept[:, 1] < self._share]]
            self._n_kept = len(self._kept[0])
