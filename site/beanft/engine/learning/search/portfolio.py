"""What is tried and in which order: strong settings of every learner, then variations of the best."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from beanft.engine.learning.learners import BASELINE, LEARNER, learners_for
from beanft.engine.learning.metrics import METRIC

_MANY_CLASSES = 8  # boosting grows a tree for each class: others come first then
_SKEWED = 1.0
_MIXED = 0.6  # share of variations that start from the best settings, and do not draw anew
_ABSOLUTE = ("mae", "median_error", "mape")
TUNED = ("boosting", "lightgbm", "network", "extra_trees", "random_forest")
"""Learners of which more settings are tried while there is time."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A learner with its settings."""

    key: str
    """Names its run."""
    learner: str
    """Key of its learner."""
    settings: Mapping[str, Any]
    """Values of its settings; those left out are the usual ones."""


_BOOSTING: list[dict[str, Any]] = [
    {"learning_rate": 0.1, "leaves": 31, "leaf_rows": 20},
    {"learning_rate": 0.05, "leaves": 15, "leaf_rows": 10, "penalty": 1.0, "column_share": 0.5},
    {"learning_rate": 0.06, "leaves": 63, "leaf_rows": 40, "penalty": 5.0, "column_share": 0.4},
    {"learning_rate": 0.03, "leaves": 6, "leaf_rows": 5, "column_share": 0.7},
    {"learning_rate": 0.05, "leaves": 127, "leaf_rows": 60, "penalty": 20.0, "column_share": 0.3},
]
_LIGHTGBM: list[dict[str, Any]] = [
    {"learning_rate": 0.05, "leaves": 31, "leaf_rows": 20, "penalty": 1.0, "column_share": 0.6},
    {"learning_rate": 0.04, "leaves": 96, "leaf_rows": 40, "penalty": 5.0, "column_share": 0.4},
    {"learning_rate": 0.04, "leaves": 8, "leaf_rows": 10, "column_share": 0.5, "extra": True},
    {"learning_rate": 0.03, "leaves": 24, "leaf_rows": 30, "penalty": 3.0, "column_share": 0.3},
]
# Written out, so that a run tells them and is made again alike in a later release with other usual ones.
_NETWORK: list[dict[str, Any]] = [
    {"width": 160, "layers": 2, "penalty": 0.03},
    {"width": 256, "layers": 3, "penalty": 0.1},
]
_STRONG: tuple[tuple[str, dict[str, Any]], ...] = (
    ("logistic", {}),
    ("ridge", {}),
    ("naive_bayes", {}),  # with the baseline the first answer, a moment later
    ("linear", {}),
    ("boosting", _BOOSTING[0]),
    ("network", _NETWORK[0]),
    ("boosting", _BOOSTING[1]),
    ("lightgbm", _LIGHTGBM[0]),
    ("extra_trees", {"leaf_rows": 5, "column_share": 0.5}),
    ("boosting", _BOOSTING[2]),
    ("boosting", _BOOSTING[3]),
    ("lightgbm", _LIGHTGBM[1]),
    ("network", _NETWORK[1]),
    ("lightgbm", _LIGHTGBM[2]),
    ("random_forest", {"leaf_rows": 5}),
    ("discriminant", {}),
    ("lasso", {}),
    ("elastic_net", {}),
    ("neighbours", {}),
    ("support_vectors", {}),
    ("boosting", _BOOSTING[4]),
    ("extra_trees", {"leaf_rows": 1, "column_share": "sqrt"}),
    ("lightgbm", _LIGHTGBM[3]),
)
_LARGE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("lightgbm", {"learning_rate": 0.15, "leaves": 127, "leaf_rows": 40, "column_share": 0.6}),
    ("boosting", {"learning_rate": 0.1, "leaves": 127, "leaf_rows": 40}),
    ("boosting", {"learning_rate": 0.15, "leaves": 255, "leaf_rows": 40, "column_share": 0.5}),
)
"""For many rows, which bear large trees and leave little time: these learn in large steps."""
_MANY_ROWS = 100_000
_LOGARITHMS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("boosting", _BOOSTING[0] | {"log": True}),
    ("network", _NETWORK[0] | {"log": True}),
    ("ridge", {"log": True}),
    ("boosting", _BOOSTING[1] | {"log": True}),
    ("lightgbm", _LIGHTGBM[0] | {"log": True}),
    ("extra_trees", {"leaf_rows": 1, "column_share": 0.5, "log": True}),
)
_TRENDS: tuple[tuple[str, dict[str, Any], bool], ...] = (
    ("logistic", {}, False),
    ("ridge", {}, False),
    ("boosting", _BOOSTING[0], True),
    ("boosting", _BOOSTING[1], True),
    ("lightgbm", _LIGHTGBM[0], True),
)
"""Where rows are cut by time these are tried the other way, too: lines without the trend that they carry on,
trees of numbers on what a line along the days leaves over."""
_WITH_MANY_CLASSES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("network", _NETWORK[0]),
    ("network", _NETWORK[1]),
    ("lightgbm", _LIGHTGBM[0] | {"learning_rate": 0.1}),
    ("extra_trees", {"leaf_rows": 1, "column_share": 0.5}),
    ("logistic", {}),
    ("boosting", _BOOSTING[0]),
)
"""For many classes, for each of which boosting grows a tree: in larger steps it is there in half the time."""


def portfolio(
    task: str,
    learners: Sequence[str],
    own: Mapping[str, Mapping[str, Any]],
    *,
    metric: str,
    n_rows: int,
    n_classes: int,
    skew: float,
    least: float,
    by_time: bool = False,
) -> list[Candidate]:
    """List what is tried first.

    Parameters
    ----------
    task : str
        classification or regression.
    learners : sequence of str
        Keys of the learners asked for; the baseline is always first.
    own : mapping
        Settings that the owner chose: such a learner is tried with these only.
    metric : str
        Key of the metric that ranks.
    n_rows : int
        Rows to learn from.
    n_classes : int
        Classes of the target, 0 for regression.
    skew : float
        Skewness of the target of a regression.
    least : float
        Its least value.
    by_time : bool
        Whether rows are cut by time, and dates are learned from.

    Returns
    -------
    list of Candidate
        Each learner asked for at least once.
    """
    fitting = {learner.key for learner in learners_for(task)} & set(learners)
    strong = [(key, settings) for key, settings in _STRONG if key in fitting and key not in own]
    if by_time:
        strong = _both_ways(strong, task)
    if n_rows >= _MANY_ROWS:
        large = [(key, settings) for key, settings in _LARGE if key in fitting and key not in own]
        strong = _after_first_trees(strong, large)
    if task == "regression" and least >= 0 and skew > _SKEWED and metric != "mape":
        logarithms = [(key, settings) for key, settings in _LOGARITHMS if key in fitting and key not in own]
        strong = _after_first_trees(strong, logarithms)
    if metric in _ABSOLUTE:
        strong = [(key, _absolute(key, settings)) for key, settings in strong]
    if n_classes > _MANY_CLASSES:
        early = [(key, settings) for key, settings in _WITH_MANY_CLASSES if key in fitting and key not in own]
        strong = early + [one for one in strong if one not in early]
    chosen = [(key, dict(own[key])) for key in own if key in fitting]
    guess = METRIC[metric].guess if metric in METRIC else ""
    return _named([(BASELINE, {"guess": guess} if guess else {}), *chosen, *strong])


def _after_first_trees(
    strong: list[tuple[str, dict[str, Any]]], more: list[tuple[str, dict[str, Any]]]
) -> list[tuple[str, dict[str, Any]]]:
    place = next((i for i, (key, _) in enumerate(strong) if key == "boosting"), 0) + 1
    return [*strong[:place], *more, *strong[place:]]


def _both_ways(strong: list[tuple[str, dict[str, Any]]], task: str) -> list[tuple[str, dict[str, Any]]]:
    """Each of those that may be tried with a trend and without, one after the other."""
    made = []
    for key, settings in strong:
        made.append((key, settings))
        for one, known, trend in _TRENDS:
            if (one, known) == (key, settings) and (task == "regression" or not trend):
                made.append((key, settings | {"trend": trend}))
    return made


def _absolute(key: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Boosting can learn the median, which is what an absolute error asks for."""
    return settings | {"loss": "absolute_error"} if key in ("boosting", "lightgbm") else settings


def _named(chosen: Sequence[tuple[str, dict[str, Any]]]) -> list[Candidate]:
    counts: dict[str, int] = {}
    made = []
    for key, settings in chosen:
        counts[key] = counts.get(key, 0) + 1
        name = key if counts[key] == 1 else f"{key}-{counts[key]}"
        made.append(Candidate(key=name, learner=key, settings=settings))
    return made


def variation(
    number: int, ranked: Sequence[Candidate], tried: Sequence[Candidate], *, seed: int
) -> Candidate | None:
    """Make the next settings to try of what promises most.

    Parameters
    ----------
    number : int
        How many variations were made before.
    ranked : sequence of Candidate
        The runs so far that can be varied, best first.
    tried : sequence of Candidate
        All candidates so far, for the number in the name.
    seed : int
        The same seed, number and ranking give the same settings.

    Returns
    -------
    Candidate or None
        None where no learner can be varied.
    """
    families = list(dict.fromkeys(one.learner for one in ranked if one.learner in TUNED))
    if not families:
        return None
    random = np.random.default_rng([seed, number])
    place = min(int(random.geometric(0.6)) - 1, len(families) - 1)  # the best learner most often
    learner = families[place]
    best = next(one for one in ranked if one.learner == learner)
    settings = _near(best.settings, learner, random) if random.random() < _MIXED else _drawn(learner, random)
    kept = {key: best.settings[key] for key in ("log", "loss", "trend") if key in best.settings}
    n = sum(one.learner == learner for one in tried) + 1
    return Candidate(key=f"{learner}-{n}", learner=learner, settings=settings | kept)


_RANGES: dict[str, dict[str, tuple[float, float]]] = {
    "boosting": {
        "learning_rate": (0.02, 0.15), "leaves": (4, 160), "leaf_rows": (3, 120),
        "penalty": (0.01, 50), "column_share": (0.15, 1.0),
    },
    "lightgbm": {
        "learning_rate": (0.02, 0.12), "leaves": (4, 160), "leaf_rows": (3, 120),
        "penalty": (0.01, 50), "column_share": (0.15, 1.0),
    },
    "network": {"width": (32, 320), "layers": (1, 3.4), "penalty": (1e-3, 1.0)},  # rounded: 4 takes long
    "extra_trees": {"leaf_rows": (1, 12), "column_share": (0.15, 1.0)},
    "random_forest": {"leaf_rows": (1, 12), "column_share": (0.15, 1.0)},
}  # fmt: skip


def _drawn(learner: str, random: np.random.Generator) -> dict[str, Any]:
    return {
        name: _rounded(learner, name, float(np.exp(random.uniform(np.log(low), np.log(high)))))
        for name, (low, high) in _RANGES[learner].items()
    }


def _near(settings: Mapping[str, Any], learner: str, random: np.random.Generator) -> dict[str, Any]:
    """About the same: each number within a factor of two or so."""
    made = _drawn(learner, random)
    for name, (low, high) in _RANGES[learner].items():
        known = settings.get(name)
        if isinstance(known, int | float) and known > 0:
            moved = float(np.clip(known * np.exp(random.normal(0, 0.4)), low, high))
            made[name] = _rounded(learner, name, moved)
    return made


def _rounded(learner: str, name: str, value: float) -> float | int:
    whole = any(setting.key == name and setting.whole for setting in LEARNER[learner].settings)
    return round(value) if whole else float(f"{value:.3g}")
