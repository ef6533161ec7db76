"""Which of two learners is simpler: the order in which equals are preferred."""

from beanft.engine.learning.learners import BASELINE

_RANKS = (
    (BASELINE,),
    ("naive_bayes",),
    ("linear", "ridge", "logistic", "discriminant"),
    ("lasso", "elastic_net"),
    ("neighbours",),
    ("tree", "trees", "random_forest", "extra_trees"),
    ("boosting", "lightgbm"),
    ("support_vectors", "network"),
    ("ensemble",),
)
_RANK = {key: rank for rank, keys in enumerate(_RANKS) for key in keys}
_UNKNOWN = _RANK["support_vectors"]


def simplicity(learner: str) -> int:
    """Rank a learner by how easily its answers are understood and served.

    Parameters
    ----------
    learner : str
        Key of a learner, or ensemble.

    Returns
    -------
    int
        0 for the baseline, larger is more involved; learners not known here count as involved.

    Examples
    --------
    >>> simplicity("ridge") < simplicity("boosting") < simplicity("ensemble")
    True
    """
    return _RANK.get(learner, _UNKNOWN)
