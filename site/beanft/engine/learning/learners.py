"""The learners that compete, in the order in which they are tried: baseline, then cheap ones first."""

from dataclasses import dataclass

BOTH = ("classification", "regression")
BASELINE = "baseline"
"""Key of the learner that every other one is compared with."""


@dataclass(frozen=True, kw_only=True)
class Learner:
    """One way to learn, with fixed settings."""

    key: str
    """Word in files and addresses."""
    title: str
    """Name shown."""
    tasks: tuple[str, ...]
    """Tasks it can do."""
    sentence: str
    """How it works, one plain sentence."""
    max_rows: int | None = None
    """Rows it is fitted on at most, because it does not scale; None for all."""


def learners_for(task: str) -> tuple[Learner, ...]:
    """Give the learners of a task, in the order in which they are tried.

    Parameters
    ----------
    task : str
        classification or regression.

    Returns
    -------
    tuple of Learner
        The baseline first; empty when there is no such task.

    Examples
    --------
    >>> learners_for("regression")[0].key
    'baseline'
    """
    return tuple(learner for learner in LEARNERS if task in learner.tasks)


def title_of(learner: Learner, task: str) -> str:
    """Give the name shown; the baseline says what it guesses.

    Parameters
    ----------
    learner : Learner
        The learner.
    task : str
        classification or regression.

    Returns
    -------
    str
        A title, fit to begin a sentence.

    Examples
    --------
    >>> title_of(LEARNER["baseline"], "regression")
    'Baseline (always guesses the mean)'
    """
    if learner.key != BASELINE:
        return learner.title
    guess = "most frequent class" if task == "classification" else "mean"
    return f"Baseline (always guesses the {guess})"


LEARNERS = (
    Learner(key=BASELINE, title="Baseline", tasks=BOTH,
            sentence="Looks at no column and always gives the same answer; the others must beat it."),
    Learner(key="naive_bayes", title="Naive Bayes", tasks=("classification",),
            sentence="Treats every column on its own and multiplies what they say."),
    Learner(key="discriminant", title="Linear discriminant", tasks=("classification",),
            sentence="Describes each class by its centre and a common spread, and takes the nearest."),
    Learner(key="logistic", title="Logistic regression", tasks=("classification",),
            sentence="Adds up weighted columns and turns the sum into probabilities."),
    Learner(key="linear", title="Linear regression", tasks=("regression",),
            sentence="Adds up weighted columns, the weights chosen for the least squared error."),
    Learner(key="ridge", title="Ridge regression", tasks=("regression",),
            sentence="Linear regression that keeps its weights small."),
    Learner(key="lasso", title="Lasso", tasks=("regression",), max_rows=50_000,
            sentence="Linear regression that leaves out columns of little use."),
    Learner(key="elastic_net", title="Elastic net", tasks=("regression",), max_rows=50_000,
            sentence="A mixture of ridge regression and lasso."),
    Learner(key="boosting", title="Gradient boosting", tasks=BOTH,
            sentence="Grows small trees one after another, each mending the errors of those before."),
    Learner(key="neighbours", title="K nearest neighbours", tasks=BOTH, max_rows=10_000,
            sentence="Looks up the most similar rows and lets them vote."),
    Learner(key="extra_trees", title="Extra trees", tasks=BOTH, max_rows=50_000,
            sentence="Averages many trees that are cut at random places."),
    Learner(key="random_forest", title="Random forest", tasks=BOTH, max_rows=50_000,
            sentence="Averages many trees, each grown on a random part of rows and columns."),
    Learner(key="support_vectors", title="Support vectors", tasks=BOTH, max_rows=5_000,
            sentence="Draws the widest margin between the classes, bent to the data."),
)  # fmt: skip
"""All learners, in the order in which they are tried."""

LEARNER = {learner.key: learner for learner in LEARNERS}
"""Learners by their key."""
