"""What a set of runs shows: which do better than guessing, and which cannot be told apart from the best."""

from collections.abc import Mapping, Sequence
from typing import Any

from beanft.engine.learning.judging.comparing import ALPHA, Comparison, compare
from beanft.engine.learning.judging.verdict import Verdict, empty, guessing_sentence
from beanft.engine.learning.learners import BASELINE
from beanft.engine.learning.metrics import METRIC

_MAX_LISTED = 5
_MOST_DECIMALS = 4
_MOST_GIVEN_UP = 0.2  # share of the best's gain over guessing that a tied learner may lack
_PERFECT = 0.998  # of 1, or of the way from guessing to no error at all; honest tables rarely get there


def judge(runs: Sequence[Mapping[str, Any]]) -> Verdict:
    """Judge the runs that are there so far.

    Parameters
    ----------
    runs : sequence of mapping
        Recorded facts: learner, title, state, metric, scores, mean, sd, test_to_train. Only ready runs count.

    Returns
    -------
    Verdict
        Holm's correction over the learners keeps the chance of a false "better" at 5 % for all together.
    """
    ready = {str(run["learner"]): run for run in runs if run.get("state") == "ready" and run.get("scores")}
    baseline = ready.pop(BASELINE, None)
    if baseline is None:
        return empty("waiting", "There is nothing to compare yet: the baseline is not ready.")
    if not ready:
        return empty("baseline_only", "Only the baseline is ready, so there is nothing to compare yet.")
    against = {key: _compared(run, baseline) for key, run in ready.items()}
    different = _holm({key: comparison.p for key, comparison in against.items()})
    better = {key: different[key] and against[key].difference > 0 for key in ready}
    worse = [key for key in ready if different[key] and against[key].difference < 0]
    if not any(better.values()):
        sentence = guessing_sentence([str(ready[key]["title"]) for key in worse])
        return Verdict(
            code="guessing", sentence=sentence, best=None, better=better, worse=worse, tied_with_best=[]
        )
    best = max((key for key in ready if better[key]), key=lambda key: against[key].difference)
    rivals = {key: _compared(ready[best], run) for key, run in ready.items() if better[key] and key != best}
    tied = _tied(rivals, gain=against[best].difference)
    return Verdict(
        code="better",
        sentence=_better(ready[best], baseline, [str(ready[key]["title"]) for key in tied]),
        best=best,
        better=better,
        worse=worse,
        tied_with_best=tied,
        too_good=_too_good(ready[best], baseline),
    )


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


def _tied(rivals: Mapping[str, Comparison], *, gain: float) -> list[str]:
    """Rivals that are neither shown to be worse nor give up much of the best's gain over guessing.

    Five folds show little, so an unsteady learner far behind is not "shown to be worse" either: the second
    condition keeps it out. No correction for many looks here: it would call more learners tied, not fewer.
    """
    tied = []
    for key in sorted(rivals, key=lambda key: rivals[key].difference):
        if rivals[key].p <= ALPHA or rivals[key].difference > _MOST_GIVEN_UP * gain:
            break
        tied.append(key)
    return tied


def _too_good(best: Mapping[str, Any], baseline: Mapping[str, Any]) -> bool:
    score, guess = float(best["mean"]), float(baseline["mean"])
    if METRIC[best["metric"]].greater_is_better:
        return score >= _PERFECT
    return score <= (1 - _PERFECT) * guess


def _compared(run: Mapping[str, Any], other: Mapping[str, Any]) -> Comparison:
    scores, others = run["scores"], other["scores"]
    return compare(
        scores,
        others,
        greater_is_better=METRIC[run["metric"]].greater_is_better,
        test_to_train=float(run.get("test_to_train") or 1 / max(1, len(scores) - 1)),
    )


def _holm(p_values: Mapping[str, float]) -> dict[str, bool]:
    """Which differences hold when all are looked at together."""
    holds, still = {}, True
    for rank, key in enumerate(sorted(p_values, key=lambda name: p_values[name])):
        still = still and p_values[key] <= ALPHA / (len(p_values) - rank)
        holds[key] = still
    return holds


def _better(best: Mapping[str, Any], baseline: Mapping[str, Any], tied: list[str]) -> str:
    score, spread, guess = _short(best["mean"], best["sd"], baseline["mean"])
    sentence = (
        f"{best['title']} scores {score} ± {spread} against {guess} for guessing, "
        "a difference too large to be chance."
    )
    if not tied:
        return sentence
    more = f" and {len(tied) - _MAX_LISTED} more" if len(tied) > _MAX_LISTED else ""
    others = "1 other" if len(tied) == 1 else f"{len(tied)} others"
    verb = "is" if len(tied) == 1 else "are"
    return f"{sentence} {others} {verb} not shown to be worse: {', '.join(tied[:_MAX_LISTED])}{more}."


def _short(score: float, spread: float, guess: float) -> list[str]:
    """Write numbers of one scale alike: two decimals, fewer for large ones, more for a small spread."""
    numbers = (score, spread, guess)
    size = max(abs(number) for number in numbers)
    if 0 < size < 0.1:
        return [f"{number:.2g}" for number in numbers]
    decimals = 2 if size < 10 else 1 if size < 1_000 else 0
    while decimals < _MOST_DECIMALS and 0 < spread < 0.5 * 10**-decimals:
        decimals += 1
    return [f"{number:,.{decimals}f}" for number in numbers]
