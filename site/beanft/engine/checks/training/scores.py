"""How well predictions fit, in the two figures that the checks speak of."""

import numpy as np
from scipy.stats import rankdata


def score(y: np.ndarray, predicted: np.ndarray) -> float:
    """Score predictions: mean ROC AUC of each class against the others, or R² for numbers.

    Parameters
    ----------
    y : array of shape (n_rows,)
        Class codes or numbers.
    predicted : array of shape (n_rows, n_classes) or (n_rows,)
        Probabilities or numbers.

    Returns
    -------
    float
        0.5 or 0 where it is not defined.

    Examples
    --------
    >>> score(np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]]))
    1.0
    """
    if predicted.ndim == 1:
        return explained(y, predicted)
    if predicted.shape[1] == 2:
        return auc(y == 1, predicted[:, 1])
    each = [auc(y == k, predicted[:, k]) for k in range(predicted.shape[1]) if (y == k).any()]
    return float(np.mean(each)) if each else 0.5


def auc(is_class: np.ndarray, scores: np.ndarray) -> float:
    """Chance that a row of the class has a higher score than another row; ties count half.

    Parameters
    ----------
    is_class : array of bool of shape (n_rows,)
        Rows of the class.
    scores : array of shape (n_rows,)
        What is said of them.

    Returns
    -------
    float
        0.5 where all rows are of one sort.
    """
    n = int(is_class.sum())
    others = len(is_class) - n
    if not n or not others:
        return 0.5
    return float((rankdata(scores)[is_class].sum() - n * (n + 1) / 2) / (n * others))


def skill(value: float, n_classes: int) -> float:
    """Put a score on the scale from 0 for guessing to 1 for perfect.

    Parameters
    ----------
    value : float
        What `score` gives.
    n_classes : int
        Classes of the target; 0 for numbers.

    Returns
    -------
    float
        0 also for what is worse than guessing.

    Examples
    --------
    >>> skill(0.75, 2)
    0.5
    """
    return max(0.0, 2 * value - 1 if n_classes else value)


def losses(y: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Squared error of each row; of classes, over all their probabilities.

    Parameters
    ----------
    y : array of shape (n_rows,)
        Class codes or numbers.
    predicted : array of shape (n_rows, n_classes) or (n_rows,)
        Probabilities or numbers.

    Returns
    -------
    array of shape (n_rows,)
    """
    if predicted.ndim == 1:
        squares: np.ndarray = (y - predicted) ** 2
        return squares
    truth = np.eye(predicted.shape[1])[y.astype(int)]
    total: np.ndarray = ((truth - predicted) ** 2).sum(axis=1)
    return total


def spread(y: np.ndarray, n_classes: int) -> float:
    """Mean squared error of always saying the mean, or the shares of the classes.

    Parameters
    ----------
    y : array of shape (n_rows,)
        Class codes or numbers.
    n_classes : int
        Classes of the target; 0 for numbers.

    Returns
    -------
    float
        In squared units of the target; of classes, from 0 to 1.
    """
    if not n_classes:
        return float(np.var(y))
    shares = np.bincount(y.astype(int), minlength=n_classes) / len(y)
    return float(1 - (shares**2).sum())


def explained(y: np.ndarray, predicted: np.ndarray) -> float:
    """Share of the target's variation that predictions explain: R², and its like for classes.

    Parameters
    ----------
    y : array of shape (n_rows,)
        Class codes or numbers.
    predicted : array of shape (n_rows, n_classes) or (n_rows,)
        Probabilities or numbers.

    Returns
    -------
    float
        Below 0 where they are worse than the mean; 0 where the target does not vary.
    """
    base = spread(y, 0 if predicted.ndim == 1 else predicted.shape[1])
    return 1 - float(losses(y, predicted).mean()) / base if base > 0 else 0.0


def steadily_better(gains: np.ndarray, clusters: np.ndarray) -> float:
    """Tell how many standard errors the mean of gains is above 0, when rows of a cluster hang together.

    Parameters
    ----------
    gains : array of shape (n_rows,)
        What one prediction gains over another, row by row.
    clusters : array of int of shape (n_rows,)
        Group or block of time of each row.

    Returns
    -------
    float
        0 where there are fewer than 5 clusters.
    """
    codes = np.unique(clusters, return_inverse=True)[1]
    sums = np.bincount(codes, weights=gains - 0.0)
    sizes = np.bincount(codes)
    if len(sums) < 5:
        return 0.0
    mean = gains.mean()
    error = float(np.sqrt(((sums - mean * sizes) ** 2).sum() * len(sums) / (len(sums) - 1))) / len(gains)
    return float(mean / error) if error > 0 else 0.0


def score_title(n_classes: int) -> str:
    """Name what `score` gives.

    Parameters
    ----------
    n_classes : int
        Classes of the target; 0 for numbers.

    Returns
    -------
    str
        As it is written in a sentence.
    """
    return "ROC AUC" if n_classes else "R²"
