"""What the end of an experiment tells: the final model beside simple guesses, luck, and more rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from beanft.engine.charts.axes import Option
from beanft.engine.charts.experiments import learning_figure
from beanft.engine.learning.metrics import METRIC
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
    references: list[Reference]
    """The final model first; empty before the end, and for old experiments."""
    optimism: str
    """How much of the best score is luck; empty when it is not known."""
    learning: Learning | None
    """The learning curve, if there is one."""


def make_judged(experiment: Experiment, titles: Mapping[str, str]) -> Judged:
    """Read what was found from the result of an experiment; `titles` are those of its runs by key."""
    result = experiment.result_json or {}
    judged = result.get("judged") or {}
    return Judged(
        n_rows=int(judged.get("n_rows") or 0),
        references=_references(judged, experiment.metric, titles),
        optimism=str((judged.get("optimism") or {}).get("sentence") or ""),
        learning=_learning(result.get("learning_curve") or {}),
    )


def learning_option(experiment: Experiment) -> Option | None:
    """The picture of the learning curve; None where there is none."""
    learning = _learning((experiment.result_json or {}).get("learning_curve") or {})
    if learning is None:
        return None
    return learning_figure(learning.points, metric=METRIC[experiment.metric].title)


def _references(judged: Mapping[str, Any], metric: str, titles: Mapping[str, str]) -> list[Reference]:
    if not judged.get("final"):
        return []
    models = [(judged["final"], "The final model"), (judged.get("simple"), "The simplest that is as good")]
    rows = [
        _reference(facts, f"{words}: {titles.get(facts['key'], facts['key'])}", metric)
        for facts, words in models
        if facts
    ]
    words = judged.get("words") or {}
    return rows + [
        _reference(
            facts, _capital(facts["title"]), metric, str((words.get(name) or {}).get("sentence") or "")
        )
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


def _capital(title: str) -> str:
    return title[:1].upper() + title[1:]
