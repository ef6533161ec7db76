"""The overview of a model: importance, effects of the most important columns, columns that act together."""

import time
from typing import Any

import numpy as np

from beanft.engine.errors import EngineError
from beanft.engine.learning.evidence import Evidence
from beanft.engine.learning.explaining.effects import Effect, effect_of
from beanft.engine.learning.explaining.function import plain
from beanft.engine.learning.explaining.grids import Grid
from beanft.engine.learning.explaining.groups import find_groups
from beanft.engine.learning.explaining.importance import Importance, Part, permutation_importance
from beanft.engine.learning.explaining.interactions import Surface, strongest_pairs, surface_of
from beanft.engine.learning.explaining.material import Material
from beanft.engine.learning.metrics import METRIC
from beanft.engine.learning.resampling import time_blocks
from beanft.engine.progress import Progress, part_of

EFFECTS = 8
"""Most important columns whose effects are drawn."""

_IMPORTANCE_ROWS, _EFFECT_ROWS, _SURFACE_ROWS, _GROUP_ROWS = 2000, 300, 100, 1000
_FEWEST_LOCKED = 20  # fewer locked rows say too little of a column
_PAIRED = 6  # columns paired with each other: 15 pairs
_LISTED = 200  # columns kept in the list of importances
_PAIRS_LISTED = 10
_IMPORTANCE_S, _EFFECTS_S, _PAIRS_S = 60.0, 60.0, 40.0
_DIGITS = 5  # of what is only drawn


def overview(material: Material, *, label: str | None, progress: Progress) -> dict[str, Any]:
    """Explain a model as a whole.

    Parameters
    ----------
    material : Material
        The model and its rows.
    label : str or None
        Class whose probability the effects are about; the last one by default.
    progress : Progress
        Listener.

    Returns
    -------
    dict
        Plain JSON: label, importance, effects, no_effect (columns without one), pairs, surface, constant.
    """
    importance, facts = _importance(material, part_of(progress, 0.0, 0.45))
    place = material.place(label)
    found: dict[str, Any] = {
        "label": None if place is None else material.labels[place],
        "importance": facts,
        "constant": all(part.value == 0 for part in importance.columns) and not importance.n_skipped,
        "effects": [],
        "no_effect": [],
        "pairs": None,
        "surface": None,
    }
    if found["constant"]:
        return found
    names = [part.columns[0] for part in importance.columns if part.value > 0][:EFFECTS]
    names = names or [part.columns[0] for part in importance.columns[:EFFECTS]]
    found |= _effects(material, label, names, part_of(progress, 0.45, 0.75))
    return found | _together(material, label, names[:_PAIRED], part_of(progress, 0.75, 1.0))


def effect(material: Material, *, column: str, label: str | None) -> dict[str, Any]:
    """Draw the effect of one column.

    Parameters
    ----------
    material : Material
        The model and its rows.
    column : str
        Name of the column.
    label : str or None
        Class whose probability it is about.

    Returns
    -------
    dict
        Plain JSON: label and effect.

    Raises
    ------
    EngineError
        There is no such column, or no effect can be drawn of it.
    """
    kind = _kind(material, column)
    X = material.sample(_EFFECT_ROWS)
    made = effect_of(
        material.number(label), X, column, kind, seed=material.evidence.seed, limit_s=2 * _EFFECTS_S
    )
    if made is None:
        raise EngineError(_why_none(kind, column))
    place = material.place(label)
    return {"label": None if place is None else material.labels[place], "effect": effect_facts(made)}


def pair(material: Material, *, columns: tuple[str, str], label: str | None) -> dict[str, Any]:
    """Draw what two columns do together.

    Parameters
    ----------
    material : Material
        The model and its rows.
    columns : tuple of (str, str)
        Two different columns.
    label : str or None
        Class whose probability it is about.

    Returns
    -------
    dict
        Plain JSON: label, pair and surface.

    Raises
    ------
    EngineError
        There is no such column, or no picture can be drawn of it.
    """
    kinds = {name: _kind(material, name) for name in columns}
    X, number = material.sample(_SURFACE_ROWS), material.number(label)
    surface = surface_of(number, X, columns, kinds, limit_s=_EFFECTS_S)
    if surface is None:
        unfit = next((name for name in columns if kinds[name] == "text"), columns[0])
        raise EngineError(_why_none(kinds[unfit], unfit))
    found, _ = strongest_pairs(number, X, columns, limit_s=_PAIRS_S)
    place = material.place(label)
    return {
        "label": None if place is None else material.labels[place],
        "pair": {"strength": plain(found[0].strength), "share": plain(found[0].share)} if found else None,
        "surface": surface_facts(surface),
    }


def _kind(material: Material, column: str) -> str:
    if column not in material.kinds:
        raise EngineError(f"The model takes no column “{column}”. Choose one of its columns.")
    return material.kinds[column]


def _why_none(kind: str, column: str) -> str:
    if kind == "text":
        return f"“{column}” holds free text: it has no order and no list of values, so it cannot be drawn."
    return (
        f"“{column}” has fewer than two different values in the rows looked at, or the model takes too long "
        "to ask. Choose another column."
    )


def _importance(material: Material, progress: Progress) -> tuple[Importance, dict[str, Any]]:
    """Measure on locked rows: their truth where they were opened for this model, else only their columns."""
    evidence = material.evidence
    unseen = len(evidence.rows_holdout) >= _FEWEST_LOCKED and not material.all_rows
    if unseen:
        order = np.random.default_rng(evidence.seed).permutation(len(evidence.rows_holdout))
        places = np.sort(order[:_IMPORTANCE_ROWS])
        rows, truth = evidence.rows_holdout[places], evidence.y_holdout[places]
    else:
        rows, truth = evidence.rows[material.drawn(_IMPORTANCE_ROWS)], None
    scored = unseen and material.opened
    clusters = _clusters(evidence, places) if unseen else None
    made = permutation_importance(
        material.predict,
        material.read(rows),
        truth if scored else None,
        metric=METRIC[evidence.metric] if scored else None,
        groups=find_groups(material.sample(_GROUP_ROWS), material.kinds),
        clusters=clusters,
        seed=evidence.seed,
        limit_s=_IMPORTANCE_S,
        progress=progress,
    )
    facts = {
        "metric": made.metric,
        "unseen": unseen,
        "all_rows": material.all_rows,
        "n_rows": made.n_rows,
        "of_rows": len(evidence.rows_holdout if unseen else evidence.rows),
        "repeats": made.repeats,
        "n_columns": len(made.columns),
        "n_skipped": made.n_skipped,
        "columns": [_part(part) for part in made.columns[:_LISTED]],
        "groups": [_part(part) for part in made.groups],
    }
    return made, facts


def _clusters(evidence: Evidence, places: np.ndarray) -> np.ndarray | None:
    """What is resampled together: groups, or blocks of time; None for single rows."""
    if evidence.order_holdout is None:
        return None
    order = evidence.order_holdout[places]
    return order if evidence.by == "group" else time_blocks(order)


def _part(part: Part) -> dict[str, Any]:
    return {"columns": list(part.columns), "value": plain(part.value), "low": part.low, "high": part.high}


def _effects(material: Material, label: str | None, names: list[str], progress: Progress) -> dict[str, Any]:
    X, number, end = material.sample(_EFFECT_ROWS), material.number(label), time.monotonic() + _EFFECTS_S
    effects, lacking = [], []
    for done, name in enumerate(names):
        progress(done / len(names), f"Effect of {name}")
        kind, left_s = material.kinds[name], end - time.monotonic()
        made = effect_of(number, X, name, kind, seed=material.evidence.seed, limit_s=left_s)
        if made is None:
            lacking.append({"column": name, "sentence": _why_none(kind, name)})
        else:
            effects.append(effect_facts(made))
    return {"effects": effects, "no_effect": lacking}


def _together(material: Material, label: str | None, names: list[str], progress: Progress) -> dict[str, Any]:
    if len(names) < 2:
        return {}
    X, number = material.sample(_SURFACE_ROWS), material.number(label)
    pairs, cut_short = strongest_pairs(number, X, names, limit_s=_PAIRS_S, progress=progress)
    facts = [
        {"columns": list(one.columns), "strength": plain(one.strength), "share": plain(one.share)}
        for one in pairs[:_PAIRS_LISTED]
    ]
    drawn = next((one for one in pairs if one.strength > 0 and _drawable(material, one.columns)), None)
    surface = surface_of(number, X, drawn.columns, material.kinds, limit_s=_PAIRS_S) if drawn else None
    return {
        "pairs": {"pairs": facts, "cut_short": cut_short, "n_measured": len(pairs), "n_columns": len(names)},
        "surface": surface_facts(surface) if surface else None,
    }


def _drawable(material: Material, columns: tuple[str, str]) -> bool:
    return all(material.kinds[name] != "text" for name in columns)


def effect_facts(made: Effect) -> dict[str, Any]:
    """Give an effect as plain JSON, rounded for drawing.

    Parameters
    ----------
    made : Effect
        The effect.

    Returns
    -------
    dict
        column, scale, labels, counts, mean, low, high, lines, rug, thin, share_thin, n_rows, n_other, size.
    """
    return _grid_facts(made.grid) | {
        "mean": [plain(float(value)) for value in made.mean],
        "low": list(made.low),
        "high": list(made.high),
        "lines": [[plain(float(value), _DIGITS) for value in line] for line in made.lines],
        "rug": [plain(float(value), 12) for value in made.rug],
        "thin": list(made.thin),
        "share_thin": plain(made.share_thin),
        "n_rows": made.n_rows,
        "size": plain(made.size),
    }


def surface_facts(made: Surface) -> dict[str, Any]:
    """Give a surface as plain JSON.

    Parameters
    ----------
    made : Surface
        The surface.

    Returns
    -------
    dict
        across, down, mean, counts, joint and n_rows.
    """
    return {
        "across": _grid_facts(made.across),
        "down": _grid_facts(made.down),
        "mean": [[plain(float(value)) for value in row] for row in made.mean],
        "counts": made.counts.tolist(),
        "joint": plain(made.joint),
        "n_rows": made.n_rows,
    }


def _grid_facts(grid: Grid) -> dict[str, Any]:
    return {
        "column": grid.column,
        "scale": grid.scale,
        "labels": [_cut(label) for label in grid.labels],
        "counts": grid.counts.tolist(),
        "n_other": grid.n_other,
    }


def _cut(label: str | int | float | None) -> str | int | float | None:
    """A level as long as a page of text would fill the answer."""
    return label[:100] if isinstance(label, str) else label
