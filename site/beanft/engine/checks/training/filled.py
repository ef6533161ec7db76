"""What a column's being filled, or not, tells of the target."""

from dataclasses import dataclass

import numpy as np

from beanft.engine.checks.training.asked import Asked
from beanft.engine.checks.training.scores import auc
from beanft.engine.tables.wording import listed

FEWEST = 30
"""Rows that are filled, or missing: fewer prove nothing."""
_LEAST_SHARE = 0.005
_PURE = 0.99  # of the rows of one sort have one class
_COMMON = 0.75  # of all rows: where a class is that common, a few rows of it alone say little
_STRONG = 0.9  # ROC AUC of the flag
_STRONG_R2 = 0.5


@dataclass(frozen=True, kw_only=True)
class Told:
    """What missing values of a column say of the target."""

    figure: float
    """Share of the rows that have the class, ROC AUC or R²."""
    words: str
    """The same in words, to follow the name of the column."""


def told_by_missing(asked: Asked, name: str) -> Told | None:
    """Tell whether the development rows without a value differ in the target far too much.

    Parameters
    ----------
    asked : Asked
        The question.
    name : str
        A feature.

    Returns
    -------
    Told or None
        None where they do not, or where there are too few of them.
    """
    missing = asked.dev[name].isna().to_numpy()
    n = min(int(missing.sum()), int((~missing).sum()))
    if n < max(FEWEST, _LEAST_SHARE * len(missing)):
        return None
    y, n_classes = asked.few
    return _of_classes(asked, missing) if n_classes else _of_numbers(y, missing)


def _of_classes(asked: Asked, missing: np.ndarray) -> Told | None:
    shares = np.bincount(asked.y_dev, minlength=len(asked.labels)) / len(missing)
    for rows, word in ((~missing, "filled"), (missing, "missing")):
        counts = np.bincount(asked.y_dev[rows], minlength=len(asked.labels))
        k = int(counts.argmax())
        share = float(counts[k] / counts.sum())
        if share >= _PURE and shares[k] <= _COMMON:
            words = (
                f"is {word} in {int(rows.sum()):,} of the {len(missing):,} rows to learn from, and "
                f"{100 * share:.3g} % of them have {asked.target} = {asked.labels[k]}, against "
                f"{100 * shares[k]:.3g} % of all {len(missing):,}"
            )
            return Told(figure=share, words=words)
    mostly = (
        np.bincount(asked.y_dev, weights=missing, minlength=len(asked.labels)) > shares * len(missing) / 2
    )
    value = auc(mostly[asked.y_dev], missing.astype(float))
    if value < _STRONG:
        return None
    named = listed([asked.labels[k] for k in np.flatnonzero(mostly)])
    words = f"tells {asked.target} = {named} by being missing or not alone: ROC AUC {value:.3f}"
    return Told(figure=value, words=words)


def _of_numbers(y: np.ndarray, missing: np.ndarray) -> Told | None:
    between = (y[missing].mean() - y[~missing].mean()) ** 2 * missing.mean() * (~missing).mean()
    value = float(between / y.var()) if y.var() > 0 else 0.0
    if value < _STRONG_R2:
        return None
    words = f"explains {100 * value:.0f} % of the variation by being missing or not alone"
    return Told(figure=value, words=words)
