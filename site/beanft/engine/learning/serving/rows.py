"""Predictions of checked rows, in blocks: the same numbers for a row, whatever the rows around it."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from beanft.engine.learning.serving.threads import one_thread

if TYPE_CHECKING:  # loads scikit-learn, which the model itself does when it is opened
    from beanft.engine.learning.search.coding import Coded

_MOST_ROWS = 4_096  # of a block: a tree's rows stay in the processor's own memory
_FEWEST_ROWS = 64
_CELLS = 2_000_000  # of a block, rows times the parts of the widest matrix

Rows = pd.DataFrame | Mapping[str, np.ndarray]
"""Checked rows: a data frame, or an array for each column as `inputs.check` makes them."""


def predict_rows(model: Mapping[str, Any], frame: Rows) -> np.ndarray:
    """Predict checked rows; a row's numbers do not depend on the rows around it.

    Parameters
    ----------
    model : mapping
        What a model file holds.
    frame : DataFrame of shape (n_rows, n_features), or mapping of str to array of shape (n_rows,)
        As `inputs.check` gives it: float64 for numbers, datetime64 for dates, else text or None.

    Returns
    -------
    array of shape (n_rows, n_classes) or (n_rows,)
        Probabilities in the order of the labels, or numbers.
    """
    one_thread()
    blocks = [_predicted(model, model["estimator"].code(part)) for part in _parts(model, frame)]
    return _joined(model, blocks)


def code_rows(model: Mapping[str, Any], frame: Rows) -> "Coded":
    """Turn checked rows into the arrays that the model works on, each row for itself.

    Parameters
    ----------
    model : mapping
        What a model file holds.
    frame : DataFrame or mapping of str to array
        As for `predict_rows`.

    Returns
    -------
    Coded
        All rows; `predict_coded` goes on from there.
    """
    coded: Coded = model["estimator"].code(frame)
    return coded


def predict_coded(model: Mapping[str, Any], coded: "Coded") -> np.ndarray:
    """Predict rows that are coded already, in blocks; the bits are those of `predict_rows`.

    Parameters
    ----------
    model : mapping
        What a model file holds.
    coded : Coded
        As `code_rows` gives them, or rows put together from such.

    Returns
    -------
    array of shape (n_rows, n_classes) or (n_rows,)
    """
    one_thread()
    size, n_rows = _block_rows(model), len(coded)
    if n_rows <= size:
        return _joined(model, [_predicted(model, coded)] if n_rows else [])
    starts = range(0, n_rows, size)
    return _joined(model, [_predicted(model, coded.at(slice(start, start + size))) for start in starts])


def _predicted(model: Mapping[str, Any], coded: "Coded") -> np.ndarray:
    predicted: np.ndarray = model["estimator"].predict(coded)
    calibration = model.get("calibration")
    return predicted if calibration is None else calibration.apply(predicted)


def _parts(model: Mapping[str, Any], frame: Rows) -> Iterator[Rows]:
    """The rows in blocks; none when there are none."""
    size, n_rows = _block_rows(model), _count(frame)
    if n_rows <= size:
        if n_rows:
            yield frame
        return
    for start in range(0, n_rows, size):
        if isinstance(frame, pd.DataFrame):
            yield frame.iloc[start : start + size]
        else:
            yield {name: cells[start : start + size] for name, cells in frame.items()}


def _count(frame: Rows) -> int:
    return len(frame) if isinstance(frame, pd.DataFrame) else len(next(iter(frame.values()), ()))


def _block_rows(model: Mapping[str, Any]) -> int:
    """Rows of a block, fewer where they become wide, so that memory is bounded."""
    plan = model["estimator"].coder.plan
    width = max(1, int(plan.width), int(plan.shown_width), len(model["labels"]))
    return min(_MOST_ROWS, max(_FEWEST_ROWS, _CELLS // width))


def _joined(model: Mapping[str, Any], blocks: list[np.ndarray]) -> np.ndarray:
    n_classes = len(model["labels"])
    if len(blocks) == 1:
        return blocks[0]
    return np.concatenate([np.zeros((0, n_classes) if n_classes else 0), *blocks])
