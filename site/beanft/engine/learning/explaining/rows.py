"""One row explained: its contributions, the rows most like it, and what would have changed its prediction."""

from typing import Any

import numpy as np
import pandas as pd

from beanft.engine.errors import EngineError
from beanft.engine.learning.explaining.cases import named
from beanft.engine.learning.explaining.contributions import Contributions, contributions_of
from beanft.engine.learning.explaining.counter import (
    Change,
    Goal,
    class_goal,
    find_changes,
    number_goal,
    threshold_goal,
)
from beanft.engine.learning.explaining.function import plain, short_value
from beanft.engine.learning.explaining.importance import quick_weights
from beanft.engine.learning.explaining.material import Material
from beanft.engine.learning.explaining.similar import nearest_rows
from beanft.engine.learning.predict import threshold_sentence
from beanft.engine.progress import Progress

_BACKGROUND, _WEIGHT_ROWS, _SEARCHED, _CHANGE_ROWS = 64, 200, 20_000, 2000
_ALONE = 30  # columns that contribute each by itself; the others enter together
_COLUMNS_SHOWN = 8  # values of similar rows that are shown
_CHANCES = 10
_CONTRIBUTIONS_S, _WEIGHTS_S, _SEARCH_S = 60.0, 20.0, 60.0


def explain_row(
    material: Material, row: pd.DataFrame, *, label: str | None = None, at: int | None, progress: Progress
) -> dict[str, Any]:
    """Explain one row, of the table or typed.

    Parameters
    ----------
    material : Material
        The model and its rows.
    row : DataFrame of shape (1, n_columns)
        The row in the model's columns.
    label : str or None
        Class whose probability is taken apart; the predicted one by default.
    at : int or None
        Its number in the table, from 0; None for a row that was typed.
    progress : Progress
        Listener.

    Returns
    -------
    dict
        Plain JSON: label, predicted, chances, values, base, prediction, shares, similar and how it was done.
    """
    progress(0.05, "Predicting")
    said, chosen = _predicted(material, row, label)
    progress(0.1, "Finding the columns that matter")
    weights = _weights(material)
    progress(0.3, "Taking the prediction apart")
    made = contributions_of(
        material.number(chosen),
        row,
        material.sample(_BACKGROUND),
        players=_players(material, weights),
        seed=material.evidence.seed,
        limit_s=_CONTRIBUTIONS_S,
    )
    progress(0.8, "Looking for similar rows")
    facts = {"label": chosen, "values": _values(row)} | said | _contributions(made)
    return facts | _similar(material, row, weights, at)


def row_of_table(material: Material, at: int, *, label: str | None, progress: Progress) -> dict[str, Any]:
    """Explain one row of the table.

    Parameters
    ----------
    material : Material
        The model and its rows.
    at : int
        Number of the row, from 0.
    label : str or None
        Class whose probability is taken apart; the predicted one by default.
    progress : Progress
        Listener.

    Returns
    -------
    dict
        As `explain_row`, with what is known of the row.

    Raises
    ------
    EngineError
        The table has no such row.
    """
    row = _read(material, at)
    return {"row": at, "known": material.known_of(at)} | explain_row(
        material, row, label=label, at=at, progress=progress
    )


def counter_example(
    material: Material,
    at: int,
    *,
    locked: list[str],
    wanted: str | None = None,
    value: float | None = None,
    above: bool = True,
    progress: Progress,
) -> dict[str, Any]:
    """Search for the smallest change of a row that changes its prediction.

    Parameters
    ----------
    material : Material
        The model and its rows.
    at : int
        Number of the row in the table, from 0.
    locked : list of str
        Columns that cannot change.
    wanted : str, optional
        Class wanted; any other one when None.
    value : float, optional
        For numbers: the value to pass; 10 % of the spread of the predictions from now when None.
    above : bool
        Whether to come above it.
    progress : Progress
        Listener.

    Returns
    -------
    dict
        Plain JSON: predicted, goal, changes, n_tried, cut_short, already (the goal is reached as it is).
    """
    row = _read(material, at)
    said, predicted = _predicted(material, row, None)
    progress(0.1, "Finding the columns that matter")
    weights = _weights(material)
    free = [name for name in _by_weight(material, weights) if name not in locked]
    goal, words = _goal(material, said, predicted, wanted, value, above=above)
    facts = {"row": at, "locked": locked, "goal": words, "most": 3} | said
    facts |= {"texts": [name for name in free if material.kinds[name] == "text"], "n_free": len(free)}
    if goal(np.asarray(material.predict(row), dtype=np.float64))[0] > 0:
        return facts | {"already": True, "changes": [], "n_tried": 1, "cut_short": False}
    progress(0.4, "Trying changes")
    X = material.sample(_CHANGE_ROWS)
    found = find_changes(material.predict, row, X, goal, free, material.kinds, limit_s=_SEARCH_S)
    changes = [_change(material, row, X, change) for change in found.changes]
    tried = {"n_tried": found.n_tried, "cut_short": found.cut_short}
    return facts | tried | {"already": False, "changes": changes}


def _read(material: Material, at: int) -> pd.DataFrame:
    if not 0 <= at < material.profile.n_rows:
        raise EngineError(f"The table has {material.profile.n_rows:,} rows; there is no row {at + 1:,}.")
    return material.read(np.array([at]))


def _predicted(material: Material, row: pd.DataFrame, label: str | None) -> tuple[dict[str, Any], str | None]:
    """The prediction as JSON, and the class to be explained."""
    said = np.asarray(material.predict(row), dtype=np.float64)[0]
    if not material.labels:
        return {"predicted": plain(float(said), 12), "chances": []}, None
    first = int(named(said[None], material.labels, material.threshold)[0])
    order = [first, *(place for place in np.argsort(-said, kind="stable") if place != first)]
    chances = [[material.labels[place], plain(float(said[place]))] for place in order[:_CHANCES]]
    material.place(label)  # refuses a class that does not exist
    rule = threshold_sentence(material.threshold) if material.threshold else ""
    return {"predicted": material.labels[first], "chances": chances, "rule": rule}, label or material.labels[
        first
    ]


def _weights(material: Material) -> np.ndarray:
    X = material.sample(_WEIGHT_ROWS)
    return quick_weights(material.predict, X, seed=material.evidence.seed, limit_s=_WEIGHTS_S)


def _by_weight(material: Material, weights: np.ndarray) -> list[str]:
    return [material.columns[place] for place in np.argsort(-weights, kind="stable")]


def _players(material: Material, weights: np.ndarray) -> list[tuple[str, ...]]:
    """The columns that move the prediction most by themselves, all others as one."""
    names = _by_weight(material, weights)
    rest = tuple(names[_ALONE:])
    return [*((name,) for name in names[:_ALONE]), *([rest] if rest else [])]


def _values(row: pd.DataFrame) -> dict[str, Any]:
    return {str(name): short_value(row[name].iloc[0]) for name in row}


def _contributions(made: Contributions) -> dict[str, Any]:
    return {
        "base": plain(made.base, 12),
        "prediction": plain(made.prediction, 12),
        "shares": [
            {"columns": list(one.columns), "value": plain(one.value, 12), "error": plain(one.error)}
            for one in made.shares
        ],
        "n_background": made.n_background,
        "exact": made.exact,
        "n_orders": made.n_orders,
    }


def _similar(material: Material, row: pd.DataFrame, weights: np.ndarray, at: int | None) -> dict[str, Any]:
    places = material.drawn(_SEARCHED)
    numbers = material.evidence.rows[places]
    X = material.read(numbers)
    own = None if at is None else numbers == at
    found = nearest_rows(row, X, material.kinds, weights, without=own)
    shown = _by_weight(material, weights)[:_COLUMNS_SHOWN]
    known = material.unseen(places[found.places])
    rows = [
        {
            "row": int(numbers[place]),
            "distance": plain(float(distance), 4),
            "values": {name: short_value(X[name].iloc[place]) for name in shown},
            **facts,
        }
        for place, distance, facts in zip(found.places.tolist(), found.distances, known, strict=True)
    ]
    return {
        "similar": rows,
        "columns": shown,
        "n_searched": len(numbers) - int(own is not None and own.any()),
    }


def _goal(
    material: Material,
    said: dict[str, Any],
    predicted: str | None,
    wanted: str | None,
    value: float | None,
    *,
    above: bool,
) -> tuple[Goal, dict[str, Any]]:
    if material.labels:
        assert predicted is not None  # noqa: S101  # for mypy: there are classes
        place = None if wanted is None else material.place(wanted)
        return _class_goal(material, predicted, place), {"label": wanted}
    now = float(said["predicted"])
    if value is None:
        spread = float(np.std(np.asarray(material.predict(material.sample(_WEIGHT_ROWS)), dtype=np.float64)))
        value = now + (spread if above else -spread)
    return number_goal(value, above=above), {"value": plain(value), "above": above}


def _class_goal(material: Material, predicted: str, wanted: int | None) -> Goal:
    """Another class; with a chosen threshold that is the other side of it."""
    if material.threshold is None:
        return class_goal(material.labels.index(predicted), wanted)
    positive = material.labels.index(material.threshold["positive"])
    reach = predicted != material.threshold["positive"] if wanted is None else wanted == positive
    return threshold_goal(positive, float(material.threshold["threshold"]), reach=reach)


def _change(material: Material, row: pd.DataFrame, X: pd.DataFrame, change: Change) -> dict[str, Any]:
    changed = row.copy()
    for name, place in change.places.items():
        changed[name] = X[name].take([place]).set_axis(changed.index)
    said, _ = _predicted(material, changed, None)
    steps = [
        {"column": name, "from": short_value(row[name].iloc[0]), "to": short_value(X[name].iloc[place])}
        for name, place in change.places.items()
    ]
    return {"steps": steps, "distance": plain(change.distance, 4), "large": change.large} | said
