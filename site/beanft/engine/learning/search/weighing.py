"""Weighs the runs of a search together, and makes of them a run like the others."""

import logging
from collections.abc import Callable

import numpy as np

from beanft.engine.errors import EngineError
from beanft.engine.learning.calibration import Calibration, choose_calibration, mend_unseen
from beanft.engine.learning.judging.draws import clusters_of
from beanft.engine.learning.learners import BASELINE, ENSEMBLE
from beanft.engine.learning.search.bag import blend
from beanft.engine.learning.search.ensemble import mix_unseen, weigh
from beanft.engine.learning.search.search import Search
from beanft.engine.learning.search.trials import by_fold, fold_scores, new_facts

_AS_GOOD = 1e-9

_log = logging.getLogger(__name__)


def weigh_runs(search: Search, *, say: Callable[[], None]) -> dict[str, float]:
    """Make the ensemble, where weighing runs together or mending probabilities helps.

    Parameters
    ----------
    search : Search
        Ended; the ensemble is handed over to its ledger.
    say : callable
        Called when it begins, if there is anything to weigh.

    Returns
    -------
    dict
        Weight of each run that takes part, by its key; empty where no run is ready.
    """
    ready = [
        key
        for key, facts in search.ledger.runs.items()
        if facts["state"] == "ready" and facts["learner"] not in (BASELINE, ENSEMBLE)
    ]
    if not ready:
        return {}
    say()
    question, evidence = search.question, search.asked.evidence
    y, said = evidence.y[evidence.tested], {key: evidence.oof(key) for key in ready}
    metric, task, seed = question.metric, question.task, question.seed
    weights = weigh(y, said, metric=metric, task=task, seed=seed)
    clusters = clusters_of(evidence.by, evidence.order)
    clusters = None if clusters is None else clusters[evidence.tested]
    mixed = mix_unseen(y, said, weights, metric=metric, task=task, seed=seed, clusters=clusters)
    calibration, mixed = _mended(search, y, mixed, clusters)
    if len(weights) > 1 or calibration is not None:
        _hand_over(search, weights, mixed, calibration)
    return weights


def _mended(
    search: Search, y: np.ndarray, mixed: np.ndarray, clusters: np.ndarray | None
) -> tuple[Calibration | None, np.ndarray]:
    """Mend the probabilities where that helps, each row by a map that was fitted without it.

    Probabilities of weighted classes are wrong on purpose, and a map that costs the score that was asked
    for (it moves what lies above one half) is no help either.
    """
    question = search.question
    if question.task != "classification" or search.asked.choices.class_weights:
        return None, mixed
    found = choose_calibration(y, mixed, question.seed, clusters)
    if found.kind == "none":
        return None, mixed
    mended = mend_unseen(found, y, mixed, question.seed, clusters)
    sign = 1 if question.headline.greater_is_better else -1
    worse = sign * (question.headline.of(y, mended) - question.headline.of(y, mixed)) < -_AS_GOOD
    return (None, mixed) if worse else (found, mended)


def _hand_over(
    search: Search, weights: dict[str, float], mixed: np.ndarray, calibration: Calibration | None
) -> None:
    """Make the ensemble a run like the others."""
    question, ledger = search.question, search.ledger
    members = [ledger.runs[key] for key in weights]
    facts = new_facts(ENSEMBLE, ENSEMBLE, {"weights": weights}, question)
    if len(members) == 1:
        facts["title"] = f"{members[0]['title']}, its probabilities mended"
    facts["seconds"] = round(sum(one["seconds"] for one in members), 3)
    facts["started_s"] = search.clock.shown
    facts["memory_mb"] = max(one["memory_mb"] for one in members)
    facts["settings"]["calibration"] = calibration.kind if calibration else None
    bag = blend([(weight, ledger.model(key)["estimator"]) for key, weight in weights.items()])
    try:
        facts |= fold_scores(question, by_fold(question, search.asked.evidence, mixed))
    except EngineError as error:
        _log.warning("no ensemble: %s", error)
        return
    ledger.hand_over(facts, mixed, bag, calibration=calibration)
