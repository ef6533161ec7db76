"""The rows of an experiment put together again, as the search had them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from beanft.engine.errors import EngineError
from beanft.engine.learning.order import Order
from beanft.engine.learning.target import label_of
from beanft.engine.learning.truth_words import in_stored_words


@dataclass(frozen=True, kw_only=True)
class Data:
    """The rows of an experiment, read again."""

    X: pd.DataFrame
    """Features of the rows that take part."""
    y: np.ndarray
    """Class codes or numbers."""
    train: np.ndarray
    """Positions of the development rows, ascending."""
    holdout: np.ndarray
    """Positions of the locked rows, ascending."""
    order: Order | None
    """What the rows are cut by instead of chance."""


def rows_wanted(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """Give the numbers of all rows that take part.

    Parameters
    ----------
    arrays : mapping of str to array
        Holds rows and rows_holdout, numbers of rows in the table.

    Returns
    -------
    array of shape (n_rows,), int64
        Ascending.
    """
    joined: np.ndarray = np.sort(np.concatenate([arrays["rows"], arrays["rows_holdout"]]))
    return joined


def data_of(recipe: Mapping[str, Any], arrays: Mapping[str, np.ndarray], frame: pd.DataFrame) -> Data:
    """Put the rows together as the search had them.

    Parameters
    ----------
    recipe : mapping
        See `recipe.recipe_of`.
    arrays : mapping of str to array
        Its rows: rows, rows_holdout, and order, order_holdout where they are cut by something.
    frame : DataFrame of shape (n_rows, n_columns)
        Features and target of `rows_wanted`, in that order.

    Returns
    -------
    Data

    Raises
    ------
    EngineError
        The target holds something that it did not hold then.
    """
    numbers = rows_wanted(arrays)
    train, holdout = (np.searchsorted(numbers, arrays[name]) for name in ("rows", "rows_holdout"))
    order = None
    if recipe["cut"]["by"]:
        codes = np.zeros(len(numbers), dtype=np.int64)
        codes[train], codes[holdout] = arrays["order"], arrays["order_holdout"]
        order = Order(by=recipe["cut"]["by"], column=recipe["cut"]["column"], codes=codes)
    X = frame[[one["name"] for one in recipe["plan"]]].reset_index(drop=True)
    return Data(X=X, y=_target(recipe, frame[recipe["target"]]), train=train, holdout=holdout, order=order)


def _target(recipe: Mapping[str, Any], values: pd.Series) -> np.ndarray:
    if not recipe["labels"]:
        numbers: np.ndarray = values.to_numpy(dtype=float)
        return numbers
    words = recipe["words"]
    codes = {in_stored_words(label, words): code for code, label in enumerate(recipe["labels"])}
    places, different = pd.factorize(values)
    found = np.array([codes.get(label_of(value), -1) for value in different], dtype=np.int64)
    if (places < 0).any() or (found < 0).any():
        raise EngineError(
            f"“{recipe['target']}” holds other classes than in training: this is another table."
        )
    made: np.ndarray = found[places]
    return made
