"""What a saved chart keeps: its description and filters as plain JSON, doubted when it is read again."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any

from beanft.engine.charts.catalogue import KINDS
from beanft.engine.charts.chart import Chart
from beanft.engine.errors import EngineError
from beanft.engine.tables.queries.conditions import Filter

_UNREADABLE = "This saved chart cannot be read any more. Draw it again, save that, and delete this one."


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A chart and the rows it is drawn from, whatever the version."""

    chart: Chart
    filters: tuple[Filter, ...] = ()


def to_json(chart: Chart, filters: Sequence[Filter]) -> dict[str, Any]:
    """Write all fields of a chart and its filters as plain values.

    >>> to_json(Chart(kind="bar", x="a"), [Filter("a", "equals", "1")])["filters"]
    [['a', 'equals', '1']]
    """
    written = [[one.column, one.operator, None if one.value is None else str(one.value)] for one in filters]
    return {"chart": {**asdict(chart), "columns": list(chart.columns)}, "filters": written}


def from_json(values: Any) -> Kept:
    """Read what `to_json` and JSON made of a chart; fields that it does not know are passed over.

    Raises
    ------
    EngineError
        When it is anything else: another program may have written to the database.

    >>> from_json(to_json(Chart(kind="bar", x="a"), [])).chart.x
    'a'
    """
    try:
        chart, filters = values["chart"], values["filters"]
        kept = Kept(chart=_chart(chart), filters=tuple(_filter(one) for one in filters))
    except (KeyError, TypeError, ValueError) as error:
        raise EngineError(_UNREADABLE) from error
    return kept


def _chart(values: Mapping[str, Any]) -> Chart:
    found: dict[str, Any] = {}
    for field in fields(Chart):
        usual = "" if field.default is MISSING else field.default
        value = values[field.name] if field.default is MISSING else values.get(field.name, usual)
        found[field.name] = _texts(value) if isinstance(usual, tuple) else _same_type(value, usual)
    if found["kind"] not in KINDS:
        raise ValueError("no such kind")
    return Chart(**found)


def _filter(values: Any) -> Filter:
    column, operator, value = values
    return Filter(_same_type(column, ""), _same_type(operator, ""), value and _same_type(value, ""))


def _texts(values: Any) -> tuple[str, ...]:
    if not isinstance(values, (list, tuple)):
        raise TypeError("no list")
    return tuple(_same_type(value, "") for value in values)


def _same_type(value: Any, usual: Any) -> Any:
    """The value if it is of the very type of another one: true is no number here."""
    if type(value) is not type(usual):
        raise TypeError("of another type")
    return value
