"""How a target moves along the days, learned by a line through all columns."""

import numpy as np
from sklearn.linear_model import RidgeCV

from beanft.engine.learning.search.designs import Carried, Scaled
from beanft.engine.learning.split import sample_rows

_ROWS = 20_000  # that a slope is learned from: it needs no more
_PENALTIES = np.logspace(-2, 4, 13)


def slopes_of(X: np.ndarray, y: np.ndarray, design: Carried, n_native: int, seed: int) -> np.ndarray:
    """Learn how a target moves along the days, all other columns and the seasons held fast.

    Parameters
    ----------
    X : array of shape (n_rows, n_parts)
        The matrix of a fold, numbers of days first.
    y : array of shape (n_rows,)
        Numbers.
    design : Carried
        Fitted on these rows.
    n_native : int
        The last so many parts are codes of categories.
    seed : int
        Seed of the rows drawn where there are many.

    Returns
    -------
    array of shape (n_days,)
        For what the design makes of each.
    """
    rows = sample_rows(None, _ROWS, seed, n_rows=len(y)) if len(y) > _ROWS else np.arange(len(y))
    days, others = design.learned_days(X[rows]), X[rows, design.n_days :]
    scaled = Scaled().fit(others, n_native).transform(others)
    fitted = RidgeCV(alphas=_PENALTIES).fit(np.hstack([scaled, days]), y[rows])
    slopes: np.ndarray = fitted.coef_[scaled.shape[1] :]
    return slopes
