"""Rows worth explaining: the worst mistakes, the most uncertain and typical ones, while they were unseen."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from beanft.engine.errors import EngineError
from beanft.engine.learning.evidence import Evidence, open_evidence
from beanft.engine.learning.explaining.function import plain
from beanft.engine.learning.predict import answer_of

Threshold = Mapping[str, Any]
"""threshold and positive, as the model's owner chose them."""

_EACH = 3  # rows of each sort


@dataclass(frozen=True, kw_only=True)
class Case:
    """One row of the table with what was said of it while it was unseen."""

    row: int
    """Its number in the table, from 0."""
    why: str
    """wrong, unsure or typical."""
    truth: str | float | None
    """The true class or number."""
    predicted: str | float | None
    """What was predicted by models that did not learn from it."""
    chance: float | None
    """Probability of the predicted class; None for numbers."""


def list_cases(folder: Path, key: str, threshold: Threshold | None = None) -> list[Case]:
    """Open an experiment's folder and find the rows of a run worth explaining; quick enough for a page.

    Parameters
    ----------
    folder : Path
        The experiment's folder.
    key : str
        Key of the run.
    threshold : mapping, optional
        The one that the model's owner chose: it decides what counts as which class, and so what is wrong.

    Returns
    -------
    list of Case
        As `find_cases`; empty where the experiment left nothing to find them by.
    """
    try:
        return find_cases(open_evidence(folder), key, threshold)
    except EngineError:  # the page says so, and any row can be asked for by its number
        return []


def find_cases(evidence: Evidence, key: str, threshold: Threshold | None = None) -> list[Case]:
    """Find rows worth explaining.

    Parameters
    ----------
    evidence : Evidence
        What the experiment left.
    key : str
        Key of the run.
    threshold : mapping, optional
        As in `list_cases`.

    Returns
    -------
    list of Case
        The most wrong ones first, then the most uncertain (classes only), then typical ones; each row once.

    Raises
    ------
    EngineError
        The run left no predictions of unseen rows.
    """
    said, y = evidence.oof(key), evidence.y[evidence.tested]
    rows, found = evidence.rows[evidence.tested], {}
    for why, at in _chosen(said, y, named(said, evidence.labels, threshold)):
        if at not in found:
            found[at] = Case(row=int(rows[at]), why=why, **told(evidence, said[at], y[at], threshold))
    return list(found.values())


def named(said: np.ndarray, labels: Sequence[str], threshold: Threshold | None) -> np.ndarray:
    """Tell which class each prediction names.

    Parameters
    ----------
    said : array of shape (n_rows, n_classes)
        Probabilities.
    labels : sequence of str
        The classes.
    threshold : mapping or None
        The one that the model's owner chose.

    Returns
    -------
    array of int of shape (n_rows,)
        Places among the classes; for numbers empty.

    Examples
    --------
    >>> named(np.array([[0.6, 0.4]]), ("no", "yes"), {"threshold": 0.3, "positive": "yes"}).tolist()
    [1]
    """
    if not labels:
        return np.zeros(0, dtype=np.int64)
    place = {label: at for at, label in enumerate(labels)}
    return np.array([place[label] for label in answer_of(said, labels, threshold)], dtype=np.int64)


def told(evidence: Evidence, said: Any, y: Any, threshold: Threshold | None = None) -> dict[str, Any]:
    """Put the truth and the unseen prediction of one row in words.

    Parameters
    ----------
    evidence : Evidence
        Gives the labels.
    said : array of shape (n_classes,) or float
        The prediction.
    y : int or float
        The truth.
    threshold : mapping, optional
        As in `list_cases`.

    Returns
    -------
    dict
        truth, predicted, and chance (None for numbers), plain JSON.
    """
    if not evidence.labels:
        return {"truth": plain(float(y)), "predicted": plain(float(said)), "chance": None}
    place = int(named(np.asarray(said)[None], evidence.labels, threshold)[0])
    chance = plain(float(said[place]), 4)
    return {"truth": evidence.labels[int(y)], "predicted": evidence.labels[place], "chance": chance}


def _chosen(said: np.ndarray, y: np.ndarray, says: np.ndarray) -> Iterator[tuple[str, int]]:
    """Positions of the rows of each sort."""
    if said.ndim == 1:
        off = np.abs(said.astype(np.float64) - y)
        yield from (("wrong", int(at)) for at in _largest(off))
        middle = np.abs(off - np.median(off)) if len(off) else off
        yield from (("typical", int(at)) for at in _largest(-middle))
        return
    true = said[np.arange(len(y)), y.astype(np.int64)]
    missed = np.where(says == y, -1.0, 1 - true)
    yield from (("wrong", int(at)) for at in _largest(missed) if missed[at] >= 0)
    ordered = np.sort(said, axis=1)
    yield from (("unsure", int(at)) for at in _largest(ordered[:, -2] - ordered[:, -1]))
    certain = ordered[:, -1]
    yield from (("typical", int(at)) for at in _largest(-np.abs(certain - np.median(certain))))


def _largest(values: np.ndarray) -> np.ndarray:
    return np.argsort(-values, kind="stable")[:_EACH]
