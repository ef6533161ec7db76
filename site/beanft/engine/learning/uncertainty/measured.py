"""How many intervals and sets held the truth, counted on rows that they were not set on."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from beanft.engine.learning.uncertainty.quantiles import quarters, share_between
from beanft.engine.plain import plain

FEWEST = 30
"""Rows of a group of which a share is told."""

_GROUPS = 12  # groups told of at most, the largest


@dataclass(frozen=True, kw_only=True)
class Hits:
    """Rows with intervals or sets, and whether these hold the truth."""

    held: np.ndarray
    """bool of shape (n_rows,)."""
    size: np.ndarray
    """Width of each interval, or number of classes in each set."""
    groups: np.ndarray
    """Code of the group of each row: range of the prediction, or class."""
    clusters: np.ndarray | None
    """Rows that belong together."""

    def at(self, some: np.ndarray) -> "Hits":
        """Some of the rows."""
        return Hits(
            held=self.held[some],
            size=self.size[some],
            groups=self.groups[some],
            clusters=None if self.clusters is None else self.clusters[some],
        )

    def facts(self) -> dict[str, Any] | None:
        """Coverage with its 95 % interval, rows that it was counted on, mean size; None for no rows."""
        if not len(self.held):
            return None
        share, low, high = share_between(self.held, self.clusters)
        return {
            "n": len(self.held),
            "n_clusters": None if self.clusters is None else len(np.unique(self.clusters)),
            "covered": int(self.held.sum()),
            "coverage": share,
            "low": low,
            "high": high,
            "size": float(self.size.mean()),
        }

    def by_group(self, names: Sequence[str]) -> list[dict[str, Any]]:
        """The same for each group that has enough rows, in the order of the names."""
        counts = np.bincount(self.groups, minlength=len(names))
        enough = [code for code in np.argsort(-counts, kind="stable") if counts[code] >= FEWEST][:_GROUPS]
        found = []
        for code in sorted(enough):
            found.append({"name": names[code]} | (self.at(self.groups == code).facts() or {}))
        return found

    def by_cluster(self) -> dict[str, Any] | None:
        """How unevenly clusters with enough rows are served: their number, lowest and middle share."""
        if self.clusters is None:
            return None
        _, codes, sizes = np.unique(self.clusters, return_inverse=True, return_counts=True)
        shares = (np.bincount(codes, weights=self.held) / sizes)[sizes >= FEWEST]
        if not len(shares):
            return None
        return {"n": len(shares), "lowest": float(shares.min()), "median": float(np.median(shares))}


def ranges_of(predicted: np.ndarray) -> tuple[list[float], list[str]]:
    """Cut predictions into ranges with about as many rows each.

    Parameters
    ----------
    predicted : array of shape (n_rows,)
        Numbers.

    Returns
    -------
    tuple of (list of float, list of str)
        Inner bounds, and a name for each range.

    Examples
    --------
    >>> ranges_of(np.array([1.0, 1.0, 2.0, 3.0, 4.0]))
    ([1.0, 2.0, 3.0], ['below 1', '1 to 2', '2 to 3', '3 or more'])
    """
    if not len(predicted):
        return [], ["all"]
    bounds = list(quarters(predicted))
    if not bounds:
        return [], ["all"]
    words = [plain(float(bound), 3) for bound in bounds]
    middle = [f"{low} to {high}" for low, high in pairwise(words)]
    return bounds, [f"below {words[0]}", *middle, f"{words[-1]} or more"]
