"""The verdict of an experiment and its sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from beanft.engine.learning.learners import BASELINE
from beanft.engine.plain import written

_MAX_LISTED = 5
WITHIN_NOISE = "No learner does better than guessing: every score is within noise of the baseline."
"""Said where nothing points to anything better."""
CONFIRMS = ", which confirms it"
"""Said where the locked rows agree; whoever knows of a limit takes it back (see `checks.training.limits`)."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The outcome of an experiment."""

    code: str
    """waiting, baseline_only, guessing, better or unconfirmed."""
    sentence: str
    """The outcome in plain words."""
    best: str | None
    """Key of the best run that beats guessing."""
    better: dict[str, bool]
    """For each ready run but the baseline: whether it beats guessing beyond chance."""
    worse: list[str]
    """Runs that do worse than guessing, beyond chance."""
    tied_with_best: list[str]
    """Runs not shown to be worse than the best, by rank; none that comes after one that is."""
    simplest: str | None = None
    """The simplest of the best and those tied with it; None when nothing beats guessing."""
    too_good: bool = False
    """Whether the best score is so close to perfect that a column may tell the target in other words."""

    def facts(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A title with its score."""

    title: str
    """Name shown."""
    interval: dict[str, float | None]
    """value, low and high."""


def empty(
    code: str, sentence: str, *, better: dict[str, bool] | None = None, worse: Sequence[str] = ()
) -> Verdict:
    """Make a verdict without a winner.

    Parameters
    ----------
    code : str
        waiting, baseline_only or guessing.
    sentence : str
        The outcome in plain words.
    better : dict, optional
        For each run whether it beats guessing.
    worse : sequence of str
        Runs that do worse than guessing.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> empty("waiting", "Nothing yet.").best is None
    True
    """
    return Verdict(
        code=code, sentence=sentence, best=None, better=better or {}, worse=list(worse), tied_with_best=[]
    )


def guessing_sentence(worse: Sequence[str], unsteady: Sequence[str] = ()) -> str:
    """Say that nothing beats guessing.

    Parameters
    ----------
    worse : sequence of str
        Titles of those that do worse.
    unsteady : sequence of str
        Titles of those that do better over all rows, but not fold by fold.

    Returns
    -------
    str

    Examples
    --------
    >>> guessing_sentence(["Forest"])
    'No learner does better than guessing. Worse than guessing: Forest.'
    """
    if not worse and not unsteady:
        return WITHIN_NOISE
    below = f" Worse than guessing: {_some(worse)}." if worse else ""
    if not unsteady:
        return f"No learner does better than guessing.{below}"
    return (
        "No learner is shown to do better than guessing. Better over all rows, but too unsteady from one "
        f"part of the rows to the next: {_some(unsteady)}.{below}"
    )


def better_sentence(
    best: Standing, guess: float, *, tied: Sequence[str], simplest: str, is_quickest: bool, note: str = ""
) -> str:
    """Say what is best, how good it is, and what cannot be told apart from it.

    Parameters
    ----------
    best : Standing
        The best run.
    guess : float
        Score of the baseline.
    tied : sequence of str
        Titles of the learners that cannot be told apart from the best, by rank.
    simplest : str
        Title of the simplest of all these.
    is_quickest : bool
        Whether it took the least time too.
    note : str
        What else to know of the score of the best.

    Returns
    -------
    str

    Examples
    --------
    >>> best = Standing(title="Boosting", interval={"value": 0.8, "low": 0.75, "high": 0.85})
    >>> better_sentence(best, 0.5, tied=["Ridge"], simplest="Ridge", is_quickest=True)[-76:]
    'Boosting and Ridge cannot be told apart; the simplest and quickest is Ridge.'
    """
    value, low, high, guessed = short(
        best.interval["value"], best.interval["low"], best.interval["high"], guess
    )
    sentence = (
        f"{best.title} scores {value} ({low} to {high}) against {guessed} for guessing, "
        "a difference too large to be chance."
    )
    if note:
        sentence = f"{sentence} {note}"
    if not tied:
        return sentence
    what = "simplest and quickest" if is_quickest else "simplest"
    equals = [best.title, *tied]
    who = " and ".join(equals) if len(equals) == 2 else f"These {len(equals)}"
    listed = "" if len(equals) == 2 else f": {_some(equals)}"
    if not listed:
        return f"{sentence} {who} cannot be told apart; the {what} is {simplest}."
    return f"{sentence} {who} cannot be told apart{listed}. The {what} is {simplest}."


def short(*numbers: float | None) -> list[str]:
    """Write numbers as the leaderboard writes them.

    Parameters
    ----------
    *numbers : float or None
        None is written as “?”.

    Returns
    -------
    list of str

    Examples
    --------
    >>> short(0.5, None), short(5012.4, 4988.2), short(-0.0123)
    (['0.500', '?'], ['5,010', '4,990'], ['−0.0123'])
    """
    return ["?" if number is None else written(number) for number in numbers]


def is_ahead(name: str, facts: Mapping[str, Any]) -> bool:
    """Tell whether a simple guess does better than the final model on the locked rows, beyond chance.

    Parameters
    ----------
    name : str
        baseline, best_column or rule.
    facts : mapping
        What `Confirmation.references` holds of it.

    Returns
    -------
    bool
        Never for guessing itself, of which the verdict speaks.

    Examples
    --------
    >>> is_ahead("rule", {"difference": {"high": -0.1}}), is_ahead("rule", {"difference": {"high": 0.1}})
    (True, False)
    """
    high = (facts.get("difference") or {}).get("high")
    return name != BASELINE and high is not None and high < 0


def instead(n_ahead: int, by: str) -> str:
    """Say what to do where simple guesses do better than the final model.

    Parameters
    ----------
    n_ahead : int
        How many do.
    by : str
        group, time, or empty: how the rows were cut.

    Returns
    -------
    str
        Without a full stop.

    Examples
    --------
    >>> instead(1, "time")
    'keep it as a plain rule, train for longer, or bring later rows'
    """
    which = "it" if n_ahead == 1 else "the better of these"
    rows = "later rows" if by == "time" else "more rows"
    return f"keep {which} as a plain rule, train for longer, or bring {rows}"


def rough_probabilities(report: Mapping[str, Any]) -> str:
    """Tell whether a model's probabilities are worse than guessing's, though its classes may be better.

    Parameters
    ----------
    report : mapping
        A model's report, with the hold-out's metrics and the baseline's.

    Returns
    -------
    str
        One sentence; empty when they are not worse, or when there are none.

    Examples
    --------
    >>> loss = {"metrics": {"log_loss": {"value": 1.16}}, "baseline": {"log_loss": 0.69}}
    >>> rough_probabilities({"holdout": loss})
    'Its percentages are worse than guessing (log loss 1.16 against 0.69): trust the class, not them.'
    """
    holdout = report.get("holdout") or report.get("unseen") or {}
    own = (holdout.get("metrics") or {}).get("log_loss", {}).get("value")
    guess = (holdout.get("baseline") or {}).get("log_loss")
    if own is None or guess is None or own <= guess:
        return ""
    return (
        f"Its percentages are worse than guessing (log loss {own:.3g} against {guess:.3g}): "
        "trust the class, not them."
    )


def _some(titles: Sequence[str]) -> str:
    more = f" and {len(titles) - _MAX_LISTED} more" if len(titles) > _MAX_LISTED else ""
    return f"{', '.join(titles[:_MAX_LISTED])}{more}"
