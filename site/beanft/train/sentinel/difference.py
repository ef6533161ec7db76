"""What training again changed: the best scores of two experiments side by side, in one sentence."""

from collections.abc import Sequence
from typing import Any

from beanft.engine.checks.training.actions import Action
from beanft.engine.learning.learners import BASELINE
from beanft.engine.learning.metrics import METRIC
from beanft.engine.plain import capital
from beanft.filters import score
from beanft.models import Experiment, Run
from beanft.train.bars import Score, score_of
from beanft.train.sentinel.services import words_of

_CARRIED = 0.5  # of the gain over guessing: lost with the suspect, it carried the score
_WHY = {
    "": ("the column carried the score", "the column carried part of the score"),
    "group": ("the higher score came from recognising them", "part of the score came from recognising them"),
    "time": ("the higher score looked ahead", "part of the score came from looking ahead"),
    "distinct": (
        "the higher score came from rows that it had learned by heart",
        "part of the score came from rows that it had learned by heart",
    ),
}


def action_in(origin: dict[str, Any]) -> Action:
    """What an experiment does differently from the one that it repeats."""
    cut = origin.get("validation") or {}
    return Action(
        without=tuple(origin.get("without") or ()),
        by=cut.get("by", ""),
        column=cut.get("column", ""),
        distinct=bool(origin.get("distinct")),
    )


def difference(
    before: Experiment, runs_before: Sequence[Run], after: Experiment, runs_after: Sequence[Run]
) -> str:
    """Say how the best score changed; empty while one of the two has none."""
    old, new = best_score(before, runs_before), best_score(after, runs_after)
    if old is None or new is None or before.metric != after.metric:
        return ""
    metric, action = METRIC[after.metric], action_in(after.origin_json)
    change = f"{capital(words_of(action))}, {metric.title}"
    if old.low <= new.high and new.low <= old.high:
        what = "What was left out" if action.without or action.distinct else "How the rows are cut"
        return (
            f"{change} stays about the same: {_written(new)}, before {_written(old)}. "
            f"{what} hardly matters here."
        )
    verb = "falls" if new.value < old.value else "rises"
    worse = (new.value < old.value) == metric.greater_is_better
    why = f": {_why(action, old, new, runs_before)}" if worse else ""
    return f"{change} {verb} from {_written(old)} to {_written(new)}{why}."


def best_score(experiment: Experiment, runs: Sequence[Run]) -> Score | None:
    """Score of the final model while rows were unseen; before the end, of the best run so far."""
    ready = [run for run in runs if run.state == "ready" and run.learner != BASELINE]
    final = (experiment.result_json or {}).get("final")
    chosen = next((run for run in ready if run.key == final), None)
    if chosen is not None:
        return score_of(chosen)
    sign = 1 if METRIC[experiment.metric].greater_is_better else -1
    scores = [found for found in map(score_of, ready) if found is not None]
    return max(scores, key=lambda found: sign * found.value, default=None)


def _why(action: Action, old: Score, new: Score, runs: Sequence[Run]) -> str:
    """Whether most of the gain over guessing went with the suspect."""
    guess = next((score_of(run) for run in runs if run.learner == BASELINE), None)
    whole, part = _WHY["distinct" if action.distinct else action.by]
    if len(action.without) > 1:
        whole, part = (words.replace("the column", "these columns") for words in (whole, part))
    if guess is None or abs(old.value - new.value) < _CARRIED * abs(old.value - guess.value):
        return part
    return whole


def _written(found: Score) -> str:
    if not found.is_interval:
        return f"{score(found.value)} ± {score(found.high - found.value)}"
    return f"{score(found.value)} (95 % interval {score(found.low)} to {score(found.high)})"
