"""The form of one row: a field for each training column, those that matter most first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from beanft.engine.learning.checking.writing import as_typed
from beanft.engine.learning.truth_words import in_owner_words, in_stored_words
from beanft.predict.sliders import Shape, Slider, slider_of

AT_ONCE = 16
"""Fields that are seen at a glance: they all stand open, in the order of the table."""

_FIRST = 12  # of more fields, so many stand open
_MANY = 8  # categories from which their order has to be told


@dataclass(frozen=True, kw_only=True)
class Field:
    """One training column as a field."""

    id: str
    """Its place in the form, such as “field-3”: names of columns may hold anything, ids may not."""
    name: str
    """The column's name, exactly."""
    kind: str
    """number, choice, suggest (a text with suggestions), date, time or words."""
    value: str
    """Text that stands in it."""
    typical: str
    """What stands in it for a typical row."""
    options: tuple[tuple[str, str], ...]
    """(value, label) of a choice, or the suggestions."""
    hint: str
    """What training saw."""
    unit: str
    """What stood beside every number, such as “€”; mostly empty."""
    slider: Slider | None
    """Of numbers and dates with a range."""
    error: str
    """What is wrong with the value; empty when nothing is."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Which fields stand open and which are folded."""

    first: tuple[Field, ...]
    """Seen at once."""
    folded: tuple[Field, ...]
    """The others, in the order of the table; none in a short form."""
    ranked: bool
    """Whether those seen at once are the ones that matter most to the model, of those measured."""
    n_measured: int = 0
    """Columns of which is known how much they matter."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """All of them."""
        return self.first + self.folded

    @property
    def is_open(self) -> bool:
        """Whether the folded ones have to be shown, for one of them is wrong."""
        return any(field.error for field in self.folded)


def fields_of(
    schema: Sequence[Mapping[str, Any]],
    values: Mapping[str, str],
    errors: Mapping[str, str],
    shapes: Mapping[str, Shape] | None = None,
) -> list[Field]:
    """Make the fields of a model; a column without a value gets that of a typical row."""
    return [
        _field(
            f"field-{i}",
            column,
            values.get(column["name"]),
            errors.get(column["name"], ""),
            (shapes or {}).get(column["name"]),
        )
        for i, column in enumerate(schema)
    ]


def layout_of(fields: Sequence[Field], weights: Mapping[str, float] | None = None) -> Layout:
    """Put the fields of a long form that matter most first, and fold the others."""
    if len(fields) <= AT_ONCE:
        return Layout(first=tuple(fields), folded=(), ranked=False)
    known = weights or {}
    # Equals stay in the table's order; a column that was not measured never stands before one that was.
    order = sorted(fields, key=lambda field: -known.get(field.name, -1.0))
    first = order[:_FIRST]
    names = {field.name for field in first}
    return Layout(
        first=tuple(first),
        folded=tuple(field for field in fields if field.name not in names),
        ranked=any(known.get(field.name, 0.0) > 0 for field in first),
        n_measured=sum(field.name in known for field in fields),
    )


def _field(
    identity: str, column: Mapping[str, Any], given: str | None, error: str, shape: Shape | None
) -> Field:
    kind, typical = _kind(column), _typical(column)
    value = typical if given is None else in_stored_words(given, column.get("words"))
    return Field(
        id=identity,
        name=column["name"],
        kind=kind,
        value=value,
        typical=typical,
        options=_options(kind, column, value),
        hint=_hint(kind, column, typical),
        unit=column.get("unit") or "",
        slider=slider_of(column, value, shape),
        error=error,
    )


def _typical(column: Mapping[str, Any]) -> str:
    """The example, or nothing where most training rows had nothing; older models do not know that."""
    return "" if column.get("mostly_missing") else as_typed(column["example"], column)


def _kind(column: Mapping[str, Any]) -> str:
    if column["kind"] == "date":
        return "time" if ":" in str(column["example"]) else "date"
    if column["kind"] == "number":
        return "number"
    if not column["choices"]:
        return "words"
    # Most of many levels are not known here: a list would hide them, a text with suggestions does not.
    return "choice" if column["n_choices"] == len(column["choices"]) else "suggest"


def _options(kind: str, column: Mapping[str, Any], value: str) -> tuple[tuple[str, str], ...]:
    choices = list(column["choices"])
    if kind != "choice":
        return tuple((choice, choice) for choice in choices)
    options = [(choice, in_owner_words(choice, column.get("words"))) for choice in choices]
    if column["kind"] != "boolean":
        options.append((_other(choices), "other (not seen in training)"))
    options.append(("", "missing (not known)"))
    if value not in [text for text, _ in options]:
        options.append((value, f"“{value}” (not seen in training)"))
    return tuple(options)


def _other(choices: Sequence[str]) -> str:
    """The value that “other” sends: no category of this column."""
    text = "(other)"
    while text in choices:
        text += "…"
    return text


def _hint(kind: str, column: Mapping[str, Any], typical: str) -> str:
    """What training saw of a column, and why its field is empty where most rows had no value."""
    seen = _seen(kind, column, typical)
    return f"{seen} Missing in most rows.".lstrip() if column.get("mostly_missing") else seen


def _seen(kind: str, column: Mapping[str, Any], typical: str) -> str:
    low, high = (as_typed(column[key], column, digits=6) for key in ("minimum", "maximum"))
    if kind in ("number", "date", "time") and low:
        # the value that fills the field: another one, such as the median between two, would contradict it
        middle = f", typically {typical}" if typical else ""
        return f"Seen {low} to {high}{middle}." if low != high else f"Always {low} in training."
    if kind == "suggest":
        n_shown = len(column["choices"])
        return f"{column['n_choices']:,} categories seen; the {n_shown} most frequent are suggested."
    if kind == "choice" and column["n_choices"] > _MANY:
        return f"{column['n_choices']} categories seen, the most frequent first."
    return ""
