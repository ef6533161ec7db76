"""What a fitted model answers to a matrix."""

from typing import Any

import numpy as np

from beanft.engine.errors import EngineError


def predict(model: Any, X: np.ndarray, n_classes: int) -> np.ndarray:
    """Predict a matrix.

    Parameters
    ----------
    model : estimator
        Fitted by `evaluate.fit`.
    X : array of shape (n_rows, n_parts)
        Prepared rows.
    n_classes : int
        Classes of the target, 0 for regression.

    Returns
    -------
    array of shape (n_rows, n_classes) or (n_rows,)
        Probabilities in the order of the codes (0 for a class that training lacked), or numbers.

    Raises
    ------
    EngineError
        The predictions are not finite.
    """
    with np.errstate(all="ignore"):  # what is not finite is told below
        if n_classes:
            predicted: np.ndarray = np.zeros((len(X), n_classes))
            predicted[:, np.asarray(model.classes_, dtype=int)] = model.predict_proba(X)
        else:
            predicted = np.asarray(model.predict(X), dtype=float).reshape(len(X))
    if not np.isfinite(predicted).all():
        raise EngineError(
            "It gave predictions that are not numbers. "
            "Look for extreme values in the columns, or leave it out."
        )
    return predicted
