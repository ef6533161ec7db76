"""What a model would say of a row if one value were another: a line for each of some columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from beanft.engine.learning.scales import Scale, as_number, as_text, scale_of
from beanft.engine.learning.serving.rows import predict_rows

LEVELS = 6
"""Categories of a column that are tried, beside the row's own and missing."""

_POINTS = 25  # values tried of a number or date, over the range seen in training


@dataclass(frozen=True, kw_only=True)
class Point:
    """One value tried."""

    place: float
    """Where it stands from left to right, 0..1; for categories their order."""
    value: str
    """As it could be typed."""
    number: float | None = None
    """The same as a number, seconds since 1970 for dates; None for categories."""
    said: float
    """What the model says of the row with it."""
    own: bool = False
    """Whether it is the row's own value."""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One column's values against what the model says of the row."""

    column: str
    """Its name."""
    scale: Scale | None
    """Of numbers and dates; None for categories."""
    points: tuple[Point, ...]
    """By place; the row's own value is among them."""
    missing: float | None
    """What the model says without a value; None where training never lacked one."""
    n_levels: int = 0
    """Categories that training saw, of which some are tried; 0 for numbers and dates."""

    @property
    def own(self) -> Point | None:
        """The point of the row's own value; None where it has none."""
        return next((point for point in self.points if point.own), None)

    @property
    def is_selection(self) -> bool:
        """Whether training saw more categories than were tried."""
        return len(self.points) < self.n_levels

    @property
    def reach(self) -> tuple[float, float]:
        """Smallest and largest of what is said."""
        said = [point.said for point in self.points]
        return min(said), max(said)


def curves_of(
    model: Mapping[str, Any],
    row: Mapping[str, np.ndarray],
    columns: Sequence[str],
    *,
    label: str | None = None,
    most: int | None = None,
) -> list[Curve]:
    """Ask a model about a row again and again, with one value changed each time.

    Parameters
    ----------
    model : mapping
        What a model file holds.
    row : mapping of str to array of shape (1,)
        The columns of a single row as `inputs.check` gives them.
    columns : sequence of str
        Columns to change, one after another; free text and constants are passed over.
    label : str, optional
        Class whose probability is told; the number itself for regression.
    most : int, optional
        Columns that are enough; all of them by default.

    Returns
    -------
    list of Curve
        In the order of the columns.
    """
    schema = {column["name"]: column for column in model["schema"]}
    asked = (_tried(row[name][0], schema[name]) for name in columns)
    tried = list(islice((one for one in asked if one), most))
    if not tried:
        return []
    said = _said(model, _rows(row, tried), label)
    ends = np.cumsum([len(one.cells) for one in tried])[:-1]
    return [_curve(one, part.tolist()) for one, part in zip(tried, np.split(said, ends), strict=True)]


@dataclass(frozen=True, kw_only=True)
class _Tried:
    """The values of a column that are tried."""

    name: str
    column: Mapping[str, Any]
    scale: Scale | None
    values: tuple[Any, ...]
    """Numbers, or levels; the missing one is not among them."""
    cells: np.ndarray
    """The same as the checker gives them, with the missing one last where it is tried."""
    own: int | None
    """Place of the row's own value among them; None where it has none."""


def _tried(cell: Any, column: Mapping[str, Any]) -> _Tried | None:
    scale, own = scale_of(column), _number_of(cell) if column["kind"] in ("number", "date") else cell
    values: list[Any]
    if scale is not None:
        range_ = {scale.value_at(i / (_POINTS - 1)) for i in range(_POINTS)}
        values = sorted(range_ | (set() if own is None else {own}))
    elif column["kind"] in ("number", "date"):
        return None
    else:
        levels = [level for level in column["choices"][:LEVELS] if level != own]
        values = [*(() if own is None else (own,)), *levels]
        values.sort(key=_order(column["choices"]))
    if len(values) < 2:
        return None
    gone = [None] if column.get("missing") or own is None else []
    return _Tried(
        name=column["name"],
        column=column,
        scale=scale,
        values=tuple(values),
        cells=_cells([*values, *gone], scale),
        own=None if own is None else values.index(own),
    )


def _number_of(cell: Any) -> float | None:
    if isinstance(cell, np.datetime64):
        return None if np.isnat(cell) else float(cell.astype("datetime64[us]").astype(np.int64)) / 1e6
    return as_number(float(cell), "number")


def _cells(values: list[Any], scale: Scale | None) -> np.ndarray:
    """Values as the checker gives them."""
    if scale is None:
        return np.array(values, dtype=object)
    if not scale.dated:
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    moments = [np.datetime64("NaT") if one is None else round(one * 1e6) for one in values]
    return np.array(moments, dtype="datetime64[us]")


def _order(choices: Sequence[str]) -> Any:
    """Most frequent first, as the form lists them; what is unknown comes last."""
    known = {choice: place for place, choice in enumerate(choices)}
    return lambda level: known.get(level, len(known))


def _rows(row: Mapping[str, np.ndarray], tried: Sequence[_Tried]) -> dict[str, np.ndarray]:
    """The row once for each value of each column."""
    made = {}
    for name, cell in row.items():
        parts = [one.cells if one.name == name else np.repeat(cell, len(one.cells)) for one in tried]
        made[name] = np.concatenate([part.astype(cell.dtype) for part in parts])
    return made


def _said(model: Mapping[str, Any], rows: Mapping[str, np.ndarray], label: str | None) -> np.ndarray:
    predicted = predict_rows(model, rows)
    return predicted if label is None else predicted[:, list(model["labels"]).index(label)]


def _curve(tried: _Tried, said: list[float]) -> Curve:
    points = tuple(
        Point(
            place=tried.scale.place_of(value) if tried.scale else float(i),
            value=as_text(value, tried.scale, tried.column) if tried.scale else str(value),
            number=value if tried.scale else None,
            said=said[i],
            own=i == tried.own,
        )
        for i, value in enumerate(tried.values)
    )
    missing = said[-1] if len(said) > len(points) else None
    n_levels = 0 if tried.scale else int(tried.column["n_choices"])
    return Curve(column=tried.name, scale=tried.scale, points=points, missing=missing, n_levels=n_levels)
