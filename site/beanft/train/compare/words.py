"""What a comparison says in sentences, and what models are called in it."""

from collections import Counter
from collections.abc import Sequence

from beanft.engine.learning.compared.contest import Contest, Interval, Pair
from beanft.engine.learning.metrics import Metric
from beanft.filters import score
from beanft.models import TrainedModel


def names(models: Sequence[TrainedModel]) -> list[str]:
    """Names that tell models apart: their titles, where needed with experiment and run."""
    titles = [model.run.title for model in models]
    longer = [f"{model.run.title} (experiment {model.run.experiment_id})" for model in models]
    longest = [f"{one} {model.run.key}" for one, model in zip(longer, models, strict=True)]
    return _different(_different(titles, longer), longest)


def _different(texts: Sequence[str], longer: Sequence[str]) -> list[str]:
    n_times = Counter(texts)
    return [more if n_times[text] > 1 else text for text, more in zip(texts, longer, strict=True)]


def pair_sentence(pair: Pair, called: Sequence[str], metric: Metric) -> str:
    """What is known of two models beside each other."""
    one, other = f"“{called[pair.one]}”", f"“{called[pair.other]}”"
    if pair.reason or pair.difference is None:
        return f"{one} and {other} cannot be compared strictly. {pair.reason}"
    found = pair.difference
    if found.value is None or found.low is None or found.high is None:
        return f"{one} and {other} cannot be compared: {metric.title} is not defined on these rows."
    if pair.told_apart:
        return (
            f"{one} is better than {other}: {metric.title} by {score(found.value)} "
            f"(95 % interval {signed(found.low)} to {signed(found.high)}) on {found.n_rows:,} rows that "
            "neither had seen."
        )
    if found.low == found.high == 0:
        return f"{one} and {other} cannot be told apart: their {metric.title} is the same on every draw."
    if found.low <= 0 <= found.high:
        return (
            f"{one} and {other} cannot be told apart: the difference in {metric.title} lies between "
            f"{signed(found.low)} and {signed(found.high)}, and 0 is within."
        )
    folds = ", or from one fold to the next" if pair.by_folds else ""
    return (
        f"{one} and {other} cannot be told apart: the difference in {metric.title} of {signed(found.value)} "
        f"is one that chance shows among so many comparisons, or on so few rows{folds}."
    )


def headline(contest: Contest, called: Sequence[str], metric: Metric) -> str:
    """The outcome of a comparison, a sentence for those that were tested on the same rows."""
    circles = _circles(contest)
    alone = [circle[0] for circle in circles if len(circle) == 1]
    if len(alone) == len(contest.unseen):
        return (
            "No two of these models were tested on the same rows, so their scores stand side by side, "
            "but none of them can be called the better one."
        )
    beaten = {pair.other for pair in contest.pairs if pair.told_apart}
    said = [_lead(circle, beaten, called, metric) for circle in circles if len(circle) > 1]
    if len(circles) > 1:
        said = [f"Of those tested on the same rows: {sentence}" for sentence in said]
    if alone:
        said.append(f"Tested on rows of its own: {_listed(alone, called)}.")
    return " ".join(said)


def _circles(contest: Contest) -> list[list[int]]:
    """Places of the models that were tested on the same rows, in their order."""
    circles = {i: [i] for i in range(len(contest.unseen))}
    for pair in contest.pairs:
        if not pair.reason and circles[pair.one] is not circles[pair.other]:
            joined = sorted(circles[pair.one] + circles[pair.other])
            circles |= dict.fromkeys(joined, joined)
    return [circle for i, circle in circles.items() if circle[0] == i]


def _lead(circle: Sequence[int], beaten: set[int], called: Sequence[str], metric: Metric) -> str:
    """Who leads among models that were tested on the same rows."""
    best = [i for i in circle if i not in beaten]
    if len(best) == 1:
        of_two = " of these two" if len(circle) == 2 else ""
        return f"“{called[best[0]]}” is the best{of_two} by {metric.title}."
    if len(best) == len(circle):
        return f"{_listed(best, called)} cannot be told apart by {metric.title}."
    return f"{_listed(best, called)} lead by {metric.title}, and cannot be told apart."


def _listed(places: Sequence[int], called: Sequence[str]) -> str:
    names = [f"“{called[i]}”" for i in places]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def interval(found: Interval | None) -> str:
    """A score with its interval.

    >>> interval(Interval(value=0.9, low=0.85, high=0.95, n_rows=9, of_rows=9)), interval(None)
    ('0.900 (0.850 to 0.950)', '–')
    """
    if found is None or found.value is None:
        return "–"
    if found.low is None or found.high is None:
        return f"{signed(found.value)} (too few rows for an interval)"
    return f"{signed(found.value)} ({signed(found.low)} to {signed(found.high)})"


def signed(value: float) -> str:
    """A difference with a minus that is as wide as a digit.

    >>> signed(-0.1234), signed(0.5)
    ('−0.123', '0.500')
    """
    return f"−{score(-value)}" if value < 0 else score(value)
