"""What a model's numbers say: the class, or the number."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from beanft.engine.learning.serving.rows import predict_rows
from beanft.engine.plain import plain

__all__ = ["answer_of", "applies", "named", "predict_rows", "threshold_sentence"]


def answer_of(
    predicted: np.ndarray, labels: Sequence[str], threshold: Mapping[str, Any] | None = None
) -> list[Any]:
    """The class of each row, or its number.

    Parameters
    ----------
    predicted : array of shape (n_rows, n_classes) or (n_rows,)
        What `predict_rows` gives.
    labels : sequence of str
        The classes; empty for regression.
    threshold : mapping, optional
        threshold (0..1) and positive, one of two classes: a row whose probability of it is the threshold or
        more counts as it. Without one the most likely class is the answer; it says nothing to models of
        other classes.

    Returns
    -------
    list of str or float
        One for each row.

    Examples
    --------
    >>> p = np.array([[0.2, 0.8], [0.6, 0.4]])
    >>> answer_of(p, ["no", "yes"]), answer_of(p, ["no", "yes"], {"threshold": 0.3, "positive": "yes"})
    (['yes', 'no'], ['yes', 'yes'])
    """
    if not labels:
        numbers: list[Any] = predicted.tolist()
        return numbers
    return [labels[code] for code in named(predicted, labels, threshold)]


def named(
    predicted: np.ndarray, labels: Sequence[str], threshold: Mapping[str, Any] | None = None
) -> np.ndarray:
    """Give the code of the class that is the answer to each row.

    Parameters
    ----------
    predicted : array of shape (n_rows, n_classes)
        Probabilities.
    labels : sequence of str
        The classes.
    threshold : mapping, optional
        As for `answer_of`.

    Returns
    -------
    array of int of shape (n_rows,)

    Examples
    --------
    >>> named(np.array([[0.6, 0.4]]), ["no", "yes"], {"threshold": 0.3, "positive": "yes"}).tolist()
    [1]
    """
    if threshold and applies(threshold, labels):
        positive = list(labels).index(threshold["positive"])
        return np.where(predicted[:, positive] >= threshold["threshold"], positive, 1 - positive)
    codes: np.ndarray = predicted.argmax(axis=1)
    return codes


def applies(threshold: Mapping[str, Any], labels: Sequence[str]) -> bool:
    """Tell whether a threshold is one for these classes.

    Parameters
    ----------
    threshold : mapping
        With the class that it is for, as positive.
    labels : sequence of str
        The classes of a model.

    Returns
    -------
    bool
        Whether there are two classes and it is for one of them.
    """
    return len(labels) == 2 and threshold["positive"] in labels


def threshold_sentence(threshold: Mapping[str, Any]) -> str:
    """Say from which probability a row counts as the positive class.

    Parameters
    ----------
    threshold : mapping
        threshold and positive.

    Returns
    -------
    str
        One sentence.

    Examples
    --------
    >>> threshold_sentence({"threshold": 0.31, "positive": "yes"})
    "A probability of 0.31 or more counts as “yes”, as chosen on the model's page."
    >>> threshold_sentence({"threshold": 1e-05, "positive": "yes"})[:37]
    'A probability of 0.00001 or more coun'
    """
    return (
        f"A probability of {plain(threshold['threshold'], 6)} or more counts as “{threshold['positive']}”, "
        "as chosen on the model's page."
    )
