"""What the end of an experiment tells: the final model beside simple guesses, luck, and more rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from beanft.engine.charts.axes import Option
from beanft.engine.charts.experiments import learning_figure
from beanft.engine.learning.judging.verdict import is_ahead
from beanft.engine.learning.metrics import METRIC
from beanft.engine.plain import capital
from beanft.filters import score
from beanft.models import Experiment
from beanft.train.bars import Score, score_from


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A model or a simple guess on the locked rows."""

    title: str
    """What it is called."""
    sentence: str
    """What it does, for a simple guess; empty for a model."""
    score: Score | None
    """Its headline score with interval."""
    difference: Mapping[str, Any] | None
    """How much better the final model is: difference, low, high and better; None for that model itself."""


@dataclass(frozen=True, kw_only=True)
class Learning:
    """The score by the number of rows learned from."""

    points: list[tuple[int, float, float, float]]
    """Rows, score, and both ends of its 95 % interval."""
    sentence: str
    """Whether more rows would help."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What was found once all runs were there."""

    n_rows: int
    """Locked rows."""
    opened: str
    """How often the locked rows were opened, in words."""
    references: list[Reference]
    """The final model first; empty before the end, and for old experiments."""
    reconciled: str
    """What to think when the locked rows tell apart what the folds call tied; empty when they do not."""
    optimism: str
    """How much of the best score is luck; empty when it is not known."""
    learning: Learning | None
    """The learning curve, if there is one."""
    no_learning: str
    """Why there is none, in words; empty where there is one, or where it was never promised."""


def make_judged(experiment: Experiment, titles: Mapping[str, str]) -> Judged:
    """Read what was found from the result of an experiment; `titles` are those of its runs by key."""
    result = experiment.result_json or {}
    judged = result.get("judged") or {}
    learning = _learning(result.get("learning_curve") or {})
    return Judged(
        n_rows=int(judged.get("n_rows") or 0),
        opened=opened(int(result.get("looks") or 1), int(result.get("looks_own") or 0)),
        references=_references(judged, experiment.metric, titles),
        reconciled=_reconciled(judged, titles),
        optimism=str((judged.get("optimism") or {}).get("sentence") or ""),
        learning=learning,
        no_learning=_no_learning(result) if learning is None else "",
    )


def opened(looks: int, looks_own: int = 0) -> str:
    """Say how often locked rows were opened.

    Parameters
    ----------
    looks : int
        By all experiments that lock the same rows, this time included.
    looks_own : int
        By this experiment; 0 where that was not noted.

    Returns
    -------
    str

    Examples
    --------
    >>> opened(1)
    'They were opened once, at the end, for these.'
    >>> opened(3, 1)[:71]
    'They were opened for the 3rd time, twice before by other experiments th'
    """
    if looks <= 1:
        return "They were opened once, at the end, for these."
    others = max(0, looks - looks_own) if looks_own else 0
    whose = f", {_times(others)} before by other experiments that lock the same rows" if others else ""
    return (
        f"They were opened for the {_ordinal(looks)} time{whose}; "
        "each look makes the confirmation a little weaker."
    )


def learning_option(experiment: Experiment) -> Option | None:
    """The picture of the learning curve; None where there is none."""
    learning = _learning((experiment.result_json or {}).get("learning_curve") or {})
    if learning is None:
        return None
    return learning_figure(learning.points, metric=METRIC[experiment.metric].title)


def _times(n: int) -> str:
    return {1: "once", 2: "twice"}.get(n, f"{n:,} times")


def _ordinal(n: int) -> str:
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n:,}{ending}"


def _reconciled(judged: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    """Folds and locked rows are two tests; a small difference may show in one and not in the other."""
    simple = judged.get("simple") or {}
    found = simple.get("difference")
    if not found:
        return ""
    final, simpler = (titles.get(key, key) for key in (judged["final"]["key"], simple["key"]))
    if found.get("better"):
        is_beaten = any(is_ahead(name, one) for name, one in (judged.get("references") or {}).items())
        advice = "" if is_beaten else f" Choose {simpler} if simplicity matters, else {final}."
        return (
            f"The folds cannot tell them apart; on the locked rows {final} is better than {simpler} by "
            f"{score(found['difference'])}.{advice}"
        )
    if found.get("high") is not None and found["high"] < 0:
        return (
            f"The folds cannot tell them apart; on the locked rows {simpler} is better than {final} by "
            f"{score(abs(found['difference']))}. Locked rows choose nothing, or their scores would flatter: "
            f"{final} stays the final model."
        )
    return ""


def _no_learning(result: Mapping[str, Any]) -> str:
    """Experiments from before there were learning curves promise none."""
    if not result.get("final") or "learning_curve" not in result:
        return ""
    said = (result["learning_curve"] or {}).get("sentence")
    return str(said or "No time was left for the learning curve. Continue the training to get it.")


def _references(judged: Mapping[str, Any], metric: str, titles: Mapping[str, str]) -> list[Reference]:
    if not judged.get("final"):
        return []
    models = [(judged["final"], "The final model"), (judged.get("simple"), "The simplest tied model")]
    rows = [
        _reference(facts, f"{words}: {titles.get(facts['key'], facts['key'])}", metric)
        for facts, words in models
        if facts
    ]
    words = judged.get("words") or {}
    return rows + [
        _reference(facts, capital(facts["title"]), metric, str((words.get(name) or {}).get("sentence") or ""))
        for name, facts in (judged.get("references") or {}).items()
    ]


def _reference(facts: Mapping[str, Any], title: str, metric: str, sentence: str = "") -> Reference:
    score = score_from((facts.get("metrics") or {}).get(metric))
    return Reference(title=title, sentence=sentence, score=score, difference=facts.get("difference"))


def _learning(facts: Mapping[str, Any]) -> Learning | None:
    points = []
    for point in facts.get("points") or ():
        score = score_from(point)
        if score is not None:
            points.append((int(point["n_rows"]), score.value, score.low, score.high))
    if len(points) < 2:
        return None
    return Learning(points=points, sentence=str(facts.get("sentence") or ""))
