"""A model that takes part in a comparison, and why two of them may not be strictly comparable."""

from dataclasses import dataclass

import numpy as np

from beanft.engine.learning.evidence import Evidence
from beanft.engine.learning.judging.draws import clusters_of
from beanft.engine.learning.judging.guess import pooled_guess
from beanft.engine.learning.learners import BASELINE


@dataclass(frozen=True, kw_only=True)
class Entrant:
    """One model of a comparison."""

    evidence: Evidence
    """What its experiment left."""
    run: str
    """Key of its run in the experiment."""
    version: int
    """Number of the version of the data that it learned from."""
    table: str
    """SHA-256 of that version's table."""
    scores: tuple[float, ...] = ()
    """Its scores fold by fold by the metric of its experiment; empty where they are not known."""
    test_to_train: float = 0.0
    """Rows tested in a fold for each row trained on."""


@dataclass(frozen=True, kw_only=True)
class Unseen:
    """What a model said of rows while they were not in its training."""

    y: np.ndarray
    """Class codes or numbers, of shape (n_rows,)."""
    predicted: np.ndarray
    """Probabilities of shape (n_rows, n_classes), or numbers of shape (n_rows,)."""
    clusters: np.ndarray | None
    """Group or stretch of time of each row, whose rows are drawn together; None where rows stand alone."""
    seed: int
    """Seed of the experiment: the same draws as on its other pages."""
    of_rows: int
    """Rows that there are; more than n_rows where a sample was taken."""


MOST_ROWS = 50_000
"""Rows that a comparison looks at, so that a page answers at once."""
_MOST_CELLS = 4_000_000  # of probabilities: with a thousand classes, fewer rows
_SEED = 0  # the same rows of every model, and of every visit


def unseen(entrant: Entrant) -> Unseen:
    """Give what a model said of the development rows while it had not seen them.

    Parameters
    ----------
    entrant : Entrant
        The model.

    Returns
    -------
    Unseen
        At most `MOST_ROWS` rows; models with the same tested rows get the same sample.

    Raises
    ------
    EngineError
        Its predictions are missing or damaged.
    """
    evidence = entrant.evidence
    tested, predicted = evidence.tested, evidence.oof(entrant.run)
    if entrant.run == BASELINE:
        predicted = pooled_guess(evidence, predicted)
    chosen = _sampled(len(tested), max(1, len(evidence.labels)))
    order = None if evidence.order is None else evidence.order[tested][chosen]
    return Unseen(
        y=evidence.y[tested][chosen],
        predicted=predicted[chosen].astype(float),
        clusters=clusters_of(evidence.by, order),
        seed=evidence.seed,
        of_rows=len(tested),
    )


def locked(entrant: Entrant) -> Unseen | None:
    """Give what a model said of the locked rows; None when they were not opened for it.

    Parameters
    ----------
    entrant : Entrant
        The model.

    Returns
    -------
    Unseen or None
        At most `MOST_ROWS` rows.

    Raises
    ------
    EngineError
        Its predictions are damaged.
    """
    evidence = entrant.evidence
    predicted = evidence.holdout(entrant.run)
    if predicted is None:
        return None
    chosen = _sampled(len(predicted), max(1, len(evidence.labels)))
    order = None if evidence.order_holdout is None else evidence.order_holdout[chosen]
    return Unseen(
        y=evidence.y_holdout[chosen],
        predicted=predicted[chosen].astype(float),
        clusters=clusters_of(evidence.by, order),
        seed=evidence.seed,
        of_rows=len(predicted),
    )


def why_not(one: Entrant, other: Entrant) -> str:
    """Say why two models cannot be compared row by row.

    Parameters
    ----------
    one, other : Entrant
        The models.

    Returns
    -------
    str
        One plain sentence; empty when both were tested on the same rows of the same table.
    """
    a, b = one.evidence, other.evidence
    if (a.target, a.task) != (b.target, b.task):
        return "They answer different questions: another target, or another task."
    if one.table != other.table:
        return (
            f"They were tested on different data: one on version {one.version} of the table, "
            f"the other on version {other.version}."
        )
    if a.labels != b.labels:
        return "They tell different classes apart."
    rows, others = a.rows[a.tested], b.rows[b.tested]
    if not np.array_equal(rows, others):
        n_both = len(np.intersect1d(rows, others))
        return (
            f"They were tested on different rows, because the rows were cut differently: "
            f"{n_both:,} rows are the same, of {len(rows):,} and {len(others):,}."
        )
    return ""


def _sampled(n_rows: int, n_classes: int) -> np.ndarray | slice:
    limit = min(MOST_ROWS, max(1, _MOST_CELLS // n_classes))
    if n_rows <= limit:
        return slice(None)
    return np.sort(np.random.default_rng(_SEED).choice(n_rows, limit, replace=False))
