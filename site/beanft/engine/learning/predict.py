"""Predictions of a trained model: the same numbers for a row, whatever the rows around it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from beanft.engine.learning import answers, files
from beanft.engine.learning.inputs import Remark, check

_BLOCK = (
    512  # rows predicted at once, always so many: sums of other lengths round differently in the last digit
)


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


def predict_one(*, file: Path, sha256: str, values: Mapping[str, str | None]) -> Prediction:
    """Predict one row.

    Parameters
    ----------
    file : Path
        The model file.
    sha256 : str
        Its hash as kept apart from it.
    values : mapping of str to str or None
        Raw text of each column; None or empty where nothing is known.

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
        predicted = predict_rows(model, checked.frame)
        value = answer_of(predicted, model["labels"])[0]
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


def predict_rows(model: Mapping[str, Any], frame: pd.DataFrame) -> np.ndarray:
    """Predict checked rows; a row's numbers do not depend on the rows around it.

    Parameters
    ----------
    model : mapping
        What a model file holds.
    frame : DataFrame of shape (n_rows, n_features)
        As `inputs.check` gives it.

    Returns
    -------
    array of shape (n_rows, n_classes) or (n_rows,)
        Probabilities in the order of the labels, or numbers.
    """
    n_rows, n_classes = len(frame), len(model["labels"])
    steps = model["estimator"]
    with threadpool_limits(limits=1):
        matrix = steps["prepare"].transform(frame)
        blocks = [
            answers.predict(steps["model"], _filled(matrix[start : start + _BLOCK]), n_classes)
            for start in range(0, n_rows, _BLOCK)
        ]
    empty = np.zeros((0, n_classes) if n_classes else 0)
    return np.concatenate([empty, *blocks])[:n_rows]


def answer_of(predicted: np.ndarray, labels: Sequence[str]) -> list[Any]:
    """The most likely class of each row, or its number.

    Parameters
    ----------
    predicted : array of shape (n_rows, n_classes) or (n_rows,)
        What `predict_rows` gives.
    labels : sequence of str
        The classes; empty for regression.

    Returns
    -------
    list of str or float
        One for each row.

    Examples
    --------
    >>> answer_of(np.array([[0.2, 0.8], [0.9, 0.1]]), ["no", "yes"])
    ['yes', 'no']
    """
    return [labels[code] for code in predicted.argmax(axis=1)] if labels else predicted.tolist()


def _filled(block: np.ndarray) -> np.ndarray:
    """Repeat the last row until the block has its full length."""
    return np.pad(block, ((0, _BLOCK - len(block)), (0, 0)), mode="edge")
