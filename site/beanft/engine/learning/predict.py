"""The prediction of one row, and what a model's numbers say: the class, or the number."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from beanft.engine.learning import files
from beanft.engine.learning.inputs import Remark, check
from beanft.engine.learning.serving.rows import predict_rows

__all__ = ["Prediction", "answer_of", "applies", "predict_one", "predict_rows", "threshold_sentence"]


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """The prediction of one row."""

    value: str | float | None
    """The class or the number; None when the input has errors."""
    probabilities: tuple[tuple[str, float], ...]
    """Classes with their probabilities, most likely first; empty for regression."""
    repairs: tuple[Remark, ...]
    """What was repaired in the input."""
    errors: tuple[Remark, ...]
    """What must be corrected."""
    target: str
    """Column that was predicted."""
    task: str
    """classification or regression."""

    def facts(self) -> dict[str, Any]:
        """Plain values for JSON."""
        remarks = {
            "repairs": [one.facts() for one in self.repairs],
            "errors": [one.facts() for one in self.errors],
        }
        return asdict(self) | remarks | {"probabilities": [list(pair) for pair in self.probabilities]}


def predict_one(
    *,
    file: Path,
    sha256: str,
    values: Mapping[str, str | None],
    threshold: Mapping[str, Any] | None = None,
) -> Prediction:
    """Predict one row.

    Parameters
    ----------
    file : Path
        The model file.
    sha256 : str
        Its hash as kept apart from it.
    values : mapping of str to str or None
        Raw text of each column; None or empty where nothing is known.
    threshold : mapping, optional
        The one that the model's owner chose: threshold and positive, see `answer_of`.

    Returns
    -------
    Prediction
        With errors instead of a value when a text cannot be read.

    Raises
    ------
    EngineError
        The model file is missing or damaged.
    """
    model = files.load(Path(file), sha256)
    checked = check(list(values), [list(values.values())], model["schema"])
    value: str | float | None = None
    chances: tuple[tuple[str, float], ...] = ()
    if not checked.n_errors:
        predicted = predict_rows(model, checked.columns)
        value = answer_of(predicted, model["labels"], threshold)[0]
        if model["labels"]:
            pairs = zip(model["labels"], predicted[0].tolist(), strict=True)
            chances = tuple(sorted(pairs, key=lambda pair: -pair[1]))
    return Prediction(
        value=value,
        probabilities=chances,
        repairs=checked.repairs,
        errors=checked.errors,
        target=model["target"],
        task=model["task"],
    )


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
    if threshold and applies(threshold, labels):
        positive = list(labels).index(threshold["positive"])
        is_positive = predicted[:, positive] >= threshold["threshold"]
        return [labels[positive if is_it else 1 - positive] for is_it in is_positive]
    return [labels[code] for code in predicted.argmax(axis=1)] if labels else predicted.tolist()


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
    """
    return (
        f"A probability of {threshold['threshold']:.6g} or more counts as “{threshold['positive']}”, "
        "as chosen on the model's page."
    )
