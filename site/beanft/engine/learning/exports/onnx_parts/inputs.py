"""From raw columns to the matrix of a fold, as the coder and the fold's encoder make it."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from onnx import TensorProto, numpy_helper

from beanft.engine.learning.exports.onnx_parts.graph import Graph, NotConvertibleError
from beanft.engine.learning.prepare import Feature
from beanft.engine.learning.search.coding import LARGEST, Coder
from beanft.engine.learning.search.folds import NATIVE_LEVELS, FoldEncoder, Layout

OUTPUTS = ("label", "probabilities", "prediction")
"""Names of what a file gives out."""
_PLAIN_NAME = re.compile("[A-Za-z_][A-Za-z0-9_]{0,62}")
_DAY_S = 86_400.0
_FROM_MARCH = 719_468.0  # days from 1 March of the year 0 to 1 January 1970
_CENTURIES = 146_097.0  # days of 400 years
_FROM_YEAR_1 = 719_162.0  # days from 1 January of the year 1 to 1 January 1970
_YEAR_2000 = 10_957.0  # its first day, counted from 1970


@dataclass(frozen=True, kw_only=True)
class Column:
    """An input of the file."""

    name: str
    """Its name in the file."""
    column: str
    """Name of the training column."""
    kind: str
    """double or string."""
    meaning: str
    """number, date (seconds since 1970-01-01 00:00 without a time zone) or category."""


@dataclass(frozen=True, kw_only=True)
class Coded:
    """Names of the tensors of coded rows."""

    numbers: str
    """32 bits, of shape (n_rows, n_numbers); empty for none."""
    codes: tuple[str, ...]
    """One column of whole numbers for each category; -1 where nothing is known."""
    days: str = ""
    """Numbers of days, 32 bits, of shape (n_rows, n_dates); empty for none."""


def columns_of(coder: Coder) -> list[Column]:
    """Tell the inputs of a model.

    Parameters
    ----------
    coder : Coder
        Of the model.

    Returns
    -------
    list of Column
        In the order of the training columns. A name that programs could trip over becomes column_3.

    Raises
    ------
    NotConvertibleError
        A column is read as text.
    """
    taken, made = {name.casefold() for name in OUTPUTS}, []
    for place, feature in enumerate(coder.plan.features, start=1):
        if feature.role == "text":
            raise NotConvertibleError(
                f"The column “{feature.name}” is read as text, word by word, and ONNX has no such step. "
                "Use the Python file, or train again without that column."
            )
        name = feature.name if _PLAIN_NAME.fullmatch(feature.name) else f"column_{place}"
        while name.casefold() in taken:
            name = f"{name}_{place}"
        taken.add(name.casefold())
        meaning = {"number": "number", "code": "number", "date": "date"}.get(feature.role, "category")
        kind = "string" if meaning == "category" else "double"
        made.append(Column(name=name, column=feature.name, kind=kind, meaning=meaning))
    return made


def code(graph: Graph, coder: Coder, columns: list[Column]) -> Coded:
    """Add the inputs, and turn them into numbers and codes.

    Parameters
    ----------
    graph : Graph
        Gets the operators.
    coder : Coder
        Of the model.
    columns : list of Column
        As `columns_of` gives them.

    Returns
    -------
    Coded
    """
    numbers, codes, days = [], [], []
    for feature, column in zip(coder.plan.features, columns, strict=True):
        given = graph.input(column.name, column.kind)
        if feature.role == "date":
            day = _floor(graph, graph.scaled(given, 1 / _DAY_S), given)
            numbers += _date(graph, given, day, feature, hours=coder.hours_[feature.name])
            if feature.carried:
                days.append(graph.shifted(day, -_YEAR_2000))
        if feature.role in ("number", "code"):
            numbers.append(graph.shifted(_clean(graph, given), -coder.centres_[feature.name]))
        if feature.name in coder.levels_:
            codes.append(_codes(graph, given, coder.levels_[feature.name], column.kind))
    joined = graph.cast(graph.joined(numbers), TensorProto.FLOAT) if numbers else ""
    carried = graph.cast(graph.joined(days), TensorProto.FLOAT) if days else ""
    return Coded(numbers=joined, codes=tuple(codes), days=carried)


def matrix(graph: Graph, coded: Coded, encoder: FoldEncoder, layout: Layout) -> str:
    """Join numbers, what a fold learned of categories, and categories as trees take them.

    Parameters
    ----------
    graph : Graph
        Gets the operators.
    coded : Coded
        As `code` gives them.
    encoder : FoldEncoder
        Of the fold.
    layout : Layout
        How the codes are used.

    Returns
    -------
    str
        Name of the matrix, 32 bits, of shape (n_rows, n_parts); gaps are NaN.
    """
    parts = [one for one in (coded.days, coded.numbers) if one]
    for place, i in enumerate(layout.by_target):
        table = np.column_stack([encoder.means_[place], encoder.counts_[place]]).astype(np.float32)
        row = graph.shifted_whole(coded.codes[i], 1)
        flat = graph.add("Squeeze", row, graph.constant([1], np.int64))
        parts.append(graph.add("Gather", graph.constant(table, np.float32), flat, axis=0))
    for i in layout.native:
        codes = coded.codes[i]
        is_gap = graph.add(
            "Or",
            graph.add("Less", codes, graph.constant([[0]], np.int64)),
            graph.add("GreaterOrEqual", codes, graph.constant([[NATIVE_LEVELS]], np.int64)),
        )
        as_number = graph.cast(codes, TensorProto.FLOAT)
        parts.append(graph.add("Where", is_gap, graph.constant([[np.nan]], np.float32), as_number))
    return graph.joined(parts)


def _clean(graph: Graph, given: str) -> str:
    """Infinities become gaps, and what would overflow is cut."""
    gone = graph.constant([[np.nan]])
    finite = graph.add("Where", graph.add("IsInf", given), gone, given)
    capped = graph.clipped(finite, -LARGEST, LARGEST)
    return graph.add("Where", graph.missing(finite), gone, capped)


def _codes(graph: Graph, given: str, levels: dict[Any, int], kind: str) -> str:
    """Name each level by its number."""
    if kind == "string":
        texts = {_text(level): code for level, code in levels.items()}
        return graph.add(
            "LabelEncoder",
            given,
            domain="ai.onnx.ml",
            keys_strings=list(texts),
            values_int64s=list(texts.values()),
            default_int64=-1,
        )
    found = graph.add(
        "LabelEncoder",
        given,
        domain="ai.onnx.ml",
        keys_tensor=numpy_helper.from_array(np.array(list(levels), dtype=np.float64)),
        values_tensor=numpy_helper.from_array(np.array(list(levels.values()), dtype=np.float64)),
        default_tensor=numpy_helper.from_array(np.array([-1.0])),
    )
    return graph.cast(found, TensorProto.INT64)


def _text(level: Any) -> str:
    """A level as a table of texts holds it."""
    return str(level).lower() if isinstance(level, bool | np.bool_) else str(level)


def _date(graph: Graph, seconds: str, day: str, feature: Feature, *, hours: bool) -> list[str]:
    """Month, weekday, day of the year, the day's number, year and hour, as the coder makes them."""
    year, month = _year_and_month(graph, day)
    before = graph.shifted(year, -1.0)
    leaps = [
        _whole(graph, before, 4.0),
        graph.scaled(_whole(graph, before, 100.0), -1.0),
        _whole(graph, before, 400.0),
    ]
    first = graph.shifted(graph.scaled(before, 365.0), -_FROM_YEAR_1)
    for leap in leaps:
        first = graph.add("Add", first, leap)
    from_monday = graph.shifted(day, 3.0)
    weekday = graph.minus(from_monday, graph.scaled(_whole(graph, from_monday, 7.0), 7.0))
    parts = [month, weekday, graph.shifted(graph.minus(day, first), 1.0)]
    if not feature.cyclic:
        parts += [graph.shifted(day, -_YEAR_2000), year]
    return [*parts, _hours(graph, seconds, day)] if hours else parts


def _floor(graph: Graph, days: str, seconds: str) -> str:
    """The day of a moment; a quotient that was rounded up to the next day is put right."""
    day = graph.add("Floor", days)
    late = graph.add("Less", seconds, graph.scaled(day, _DAY_S))
    return graph.add("Where", late, graph.shifted(day, -1.0), day)


def _hours(graph: Graph, seconds: str, day: str) -> str:
    """Hours since midnight, minutes as their part."""
    left = graph.minus(seconds, graph.scaled(day, _DAY_S))
    hour = _whole(graph, left, 3600.0)
    minute = _whole(graph, graph.minus(left, graph.scaled(hour, 3600.0)), 60.0)
    return graph.add("Add", hour, graph.add("Div", minute, graph.constant([[60.0]])))


def _year_and_month(graph: Graph, day: str) -> tuple[str, str]:
    """The civil date of a day's number, by the arithmetic of Howard Hinnant's civil_from_days."""
    since = graph.shifted(day, _FROM_MARCH)
    era = _whole(graph, since, _CENTURIES)
    of_era = graph.minus(since, graph.scaled(era, _CENTURIES))
    leaps = graph.minus(_whole(graph, of_era, 36_524.0), _whole(graph, of_era, 1_460.0))
    years = graph.add("Add", of_era, graph.minus(leaps, _whole(graph, of_era, 146_096.0)))
    of_era_year = _whole(graph, years, 365.0)
    started = graph.add("Add", graph.scaled(of_era_year, 365.0), _whole(graph, of_era_year, 4.0))
    of_year = graph.minus(of_era, graph.minus(started, _whole(graph, of_era_year, 100.0)))
    from_march = _whole(graph, graph.shifted(graph.scaled(of_year, 5.0), 2.0), 153.0)
    is_early = graph.add("Less", from_march, graph.constant([[10.0]]))
    month = graph.add("Where", is_early, graph.shifted(from_march, 3.0), graph.shifted(from_march, -9.0))
    is_next = graph.cast(graph.add("LessOrEqual", month, graph.constant([[2.0]])))
    year = graph.add("Add", of_era_year, graph.scaled(era, 400.0))
    return graph.add("Add", year, is_next), month


def _whole(graph: Graph, values: str, divisor: float) -> str:
    """How often a number goes into whole ones."""
    return graph.add("Floor", graph.add("Div", values, graph.constant([[divisor]])))
