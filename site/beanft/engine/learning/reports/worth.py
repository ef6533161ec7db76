"""What a prediction is worth, measured on rows while they were unseen: for models without a report, too."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from beanft.engine.errors import EngineError
from beanft.engine.learning.evidence import Evidence, open_evidence
from beanft.engine.learning.judging.draws import clusters_of
from beanft.engine.learning.judging.guess import pooled_guess
from beanft.engine.learning.learners import BASELINE
from beanft.engine.learning.metrics import METRIC
from beanft.engine.learning.reports.residuals import quantiles_of
from beanft.engine.learning.reports.scores import score_interval

PARTS = 10
"""Parts of the rows by the probability of the class that was named, each with about as many rows."""

_FEWEST = 30  # rows of a part


@lru_cache(maxsize=64)
def unseen_worth(folder: Path, key: str, sha256: str) -> dict[str, Any]:  # noqa: ARG001  # the cache's key
    """Measure a run by what it said of rows while they were unseen.

    Parameters
    ----------
    folder : Path
        The experiment's folder.
    key : str
        Key of the run.
    sha256 : str
        Digest of the model file: a model that was trained further is measured anew.

    Returns
    -------
    dict
        Not to be changed. unseen with n_rows, metrics (accuracy or rmse: value, low, high) and baseline; for
        classes chances, see `chances_right`; for numbers residuals, see `residuals.quantiles_of`.

    Raises
    ------
    EngineError
        The run left no such predictions.
    """
    evidence = open_evidence(folder)
    y, predicted = evidence.y[evidence.tested], evidence.oof(key)
    if not len(y):
        raise EngineError("No row was tested while it was unseen.")
    metric = METRIC["accuracy" if evidence.labels else "rmse"]
    order = None if evidence.order is None else evidence.order[evidence.tested]
    interval = score_interval(
        metric, y, predicted, clusters=clusters_of(evidence.by, order), seed=evidence.seed
    )
    unseen = {"n_rows": len(y), "metrics": {metric.key: interval}, "baseline": _guessed(evidence, y)}
    if evidence.labels:
        return {"unseen": unseen, "chances": chances_right(y, predicted)}
    return {"unseen": unseen, "residuals": quantiles_of(y - predicted.astype(float))}


def chances_right(y: np.ndarray, predicted: np.ndarray) -> list[dict[str, Any]]:
    """Count how often the class that was named was right, by its probability.

    Parameters
    ----------
    y : array of shape (n_rows,)
        True class codes.
    predicted : array of shape (n_rows, n_classes)
        Probabilities.

    Returns
    -------
    list of dict
        Ascending parts with low and high (their probabilities), n_rows and n_right; one for few rows.

    Examples
    --------
    >>> chances_right(np.array([0, 1]), np.array([[0.75, 0.25], [0.5, 0.5]]))
    [{'low': 0.5, 'high': 0.75, 'n_rows': 2, 'n_right': 1}]
    """
    named, said = predicted.argmax(axis=1), predicted.max(axis=1).astype(float)
    n_parts = max(1, min(PARTS, len(y) // _FEWEST))
    edges = np.unique(np.quantile(said, np.linspace(0, 1, n_parts + 1)))
    place = np.clip(np.searchsorted(edges, said, side="right") - 1, 0, max(0, len(edges) - 2))
    return [
        {
            "low": float(said[place == at].min()),
            "high": float(said[place == at].max()),
            "n_rows": int((place == at).sum()),
            "n_right": int((named == y)[place == at].sum()),
        }
        for at in np.unique(place)
    ]


def _guessed(evidence: Evidence, y: np.ndarray) -> dict[str, float]:
    """How often guessing was right on the same rows; nothing for numbers, or where it left nothing."""
    if not evidence.labels:
        return {}
    try:
        guess = pooled_guess(evidence, evidence.oof(BASELINE))
    except EngineError:  # the model can do without the baseline beside it
        return {}
    return {"accuracy": float((guess.argmax(axis=1) == y).mean())}
