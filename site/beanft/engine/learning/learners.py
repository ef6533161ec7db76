"""The learners that compete, in the order in which they are shown, and the settings one may choose."""

from dataclasses import dataclass

from beanft.engine.errors import EngineError

BOTH = ("classification", "regression")
BASELINE = "baseline"
"""Key of the learner that every other one is compared with."""
ENSEMBLE = "ensemble"
"""Key of the runs that weigh the others together; nobody chooses it, it is always made."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A setting of a learner that its user may choose."""

    key: str
    """Word in files and forms."""
    title: str
    """Name shown."""
    sentence: str
    """What it does, one plain sentence."""
    low: float
    """Least value."""
    high: float
    """Greatest value."""
    whole: bool = False
    """Whether only whole numbers make sense."""

    def check(self, value: float, learner: str) -> None:
        """Refuse a value out of bounds.

        Parameters
        ----------
        value : float
            What was chosen.
        learner : str
            Title of the learner, for the message.

        Raises
        ------
        EngineError
            It is no number, out of bounds, or not whole where it must be.

        Examples
        --------
        >>> Setting(key="trees", title="Trees", sentence="", low=10, high=500, whole=True).check(100, "")
        """
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not self.low <= value <= self.high or (self.whole and value != int(value)):
            what = "a whole number" if self.whole else "a number"
            raise EngineError(f"{learner}: “{self.title}” must be {what} from {self.low:g} to {self.high:g}.")


@dataclass(frozen=True, kw_only=True)
class Learner:
    """One way to learn."""

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
    settings: tuple[Setting, ...] = ()
    """What can be chosen; without a choice several settings are tried."""


def learners_for(task: str) -> tuple[Learner, ...]:
    """Give the learners of a task, in the order in which they are shown.

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


def title_of(key: str, task: str, guess: str = "") -> str:
    """Give the name shown; the baseline says what it guesses.

    Parameters
    ----------
    key : str
        Key of a learner, or ENSEMBLE.
    task : str
        classification or regression.
    guess : str
        Of the baseline its setting of that name; empty for the usual guess.

    Returns
    -------
    str
        A title, fit to begin a sentence.

    Examples
    --------
    >>> title_of("baseline", "regression"), title_of("ensemble", "regression")
    ('Baseline (always guesses the mean)', 'Ensemble')
    """
    if key == ENSEMBLE:
        return "Ensemble"
    if key != BASELINE:
        return LEARNER[key].title
    usual = "most frequent class" if task == "classification" else "mean"
    return f"Baseline ({_GUESSES.get(guess, f'always guesses the {usual}')})"


_GUESSES = {
    "median": "always guesses the median",
    "relative_median": "always guesses the median, small numbers weighing most",
    "second": "always guesses the second class",
    "dealt": "deals the classes out by chance, as often as they occur",
}


# fmt: off
_RATE = Setting(key="learning_rate", title="Learning rate", low=0.005, high=0.5,
                sentence="How much each tree corrects; smaller needs more trees and is often better.")
_LEAVES = Setting(key="leaves", title="Leaves of a tree", low=2, high=255, whole=True,
                  sentence="More leaves let a tree tell more cases apart.")
_LEAF_ROWS = Setting(key="leaf_rows", title="Rows in a leaf, at least", low=1, high=1_000, whole=True,
                     sentence="More rows in each leaf make it steadier.")
_PENALTY = Setting(key="penalty", title="Penalty", low=0, high=10_000,
                   sentence="Pulls the weights towards 0; more is steadier and simpler.")
_COLUMNS = Setting(key="column_share", title="Share of columns", low=0.05, high=1,
                   sentence="Columns that a cut may choose from; fewer make the trees differ more.")
_TREES = Setting(key="trees", title="Trees", low=10, high=2_000, whole=True,
                 sentence="More trees are steadier and take longer.")
_BOOSTED = (_RATE, _LEAVES, _LEAF_ROWS, _PENALTY, _COLUMNS, _TREES)
_FOREST = (_TREES, _LEAF_ROWS, _COLUMNS)

LEARNERS = (
    Learner(key=BASELINE, title="Baseline", tasks=BOTH,
            sentence="Looks at no column and always gives the same answer; the others must beat it."),
    Learner(key="naive_bayes", title="Naive Bayes", tasks=("classification",),
            sentence="Treats every column on its own and multiplies what they say."),
    Learner(key="discriminant", title="Linear discriminant", tasks=("classification",), max_rows=100_000,
            sentence="Describes each class by its centre and a common spread, and takes the nearest."),
    Learner(key="logistic", title="Logistic regression", tasks=("classification",), max_rows=60_000,
            settings=(_PENALTY,),
            sentence="Adds up weighted columns and turns the sum into probabilities."),
    Learner(key="linear", title="Linear regression", tasks=("regression",), max_rows=100_000,
            sentence="Adds up weighted columns, the weights chosen for the least squared error."),
    Learner(key="ridge", title="Ridge regression", tasks=("regression",), max_rows=100_000,
            settings=(_PENALTY,),
            sentence="Linear regression that keeps its weights small."),
    Learner(key="lasso", title="Lasso", tasks=("regression",), max_rows=50_000,
            sentence="Linear regression that leaves out columns of little use."),
    Learner(key="elastic_net", title="Elastic net", tasks=("regression",), max_rows=50_000,
            sentence="A mixture of ridge regression and lasso."),
    Learner(key="boosting", title="Gradient boosting", tasks=BOTH, settings=_BOOSTED,
            sentence="Grows small trees one after another, each mending the errors of those before."),
    Learner(key="lightgbm", title="LightGBM", tasks=BOTH, settings=_BOOSTED,
            sentence="Gradient boosting too, by another well-known library that grows its trees otherwise."),
    Learner(key="neighbours", title="K nearest neighbours", tasks=BOTH, max_rows=10_000,
            settings=(Setting(key="neighbours", title="Neighbours", low=1, high=500, whole=True,
                              sentence="Rows that vote; more are steadier and blur more."),),
            sentence="Looks up the most similar rows and lets them vote."),
    Learner(key="extra_trees", title="Extra trees", tasks=BOTH, settings=_FOREST,
            sentence="Averages many trees that are cut at random places."),
    Learner(key="random_forest", title="Random forest", tasks=BOTH, settings=_FOREST,
            sentence="Averages many trees, each grown on a random part of rows and columns."),
    Learner(key="network", title="Neural network", tasks=BOTH,
            settings=(Setting(key="width", title="Units of the first layer", low=4, high=512, whole=True,
                              sentence="More units can follow more bends and take longer."),
                      Setting(key="layers", title="Layers", low=1, high=4, whole=True,
                              sentence="More layers combine what those before have found, and take longer."),
                      _PENALTY),
            sentence="Layers of units that bend and add up the columns, trained step by step."),
    Learner(key="support_vectors", title="Support vectors", tasks=BOTH, max_rows=5_000,
            settings=(Setting(key="margin", title="Cost of the wrong side", low=0.001, high=1_000,
                              sentence="Little gives a wide and steady margin, much follows every row."),),
            sentence="Draws the widest margin between the classes, bent to the data."),
)
# fmt: on
"""All learners, in the order in which they are shown."""

LEARNER = {learner.key: learner for learner in LEARNERS}
"""Learners by their key."""
