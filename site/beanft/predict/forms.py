"""The form of one row, a field for each training column, and the form of a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField

from beanft.engine.learning.truth_words import in_owner_words, in_stored_words
from beanft.predict.services import in_words
from beanft.storage import new_key

_GROUPS = {"number": "Numbers", "choice": "Choices", "date": "Dates", "words": "Words"}
_GROUPED_FROM = 13  # fewer fields are seen at a glance and stay in the order of the table


class BatchForm(FlaskForm):
    """A file to predict."""

    once = HiddenField(default=new_key, render_kw={"autocomplete": "off"})
    file = FileField("CSV file", validators=[FileRequired("Choose a CSV file first.")])


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
    options: tuple[tuple[str, str], ...]
    """(value, label) of a choice, or the suggestions."""
    hint: str
    """What training saw."""
    error: str
    """What is wrong with the value; empty when nothing is."""

    @property
    def group(self) -> str:
        """Heading that it stands under in a long form."""
        return _GROUPS[{"suggest": "choice", "time": "date"}.get(self.kind, self.kind)]


def fields_of(
    schema: Sequence[Mapping[str, Any]], values: Mapping[str, str], errors: Mapping[str, str]
) -> list[Field]:
    """Make the fields of a model; a column without a value gets the example."""
    return [
        _field(f"field-{i}", column, values.get(column["name"]), errors.get(column["name"], ""))
        for i, column in enumerate(schema)
    ]


def grouped(fields: Sequence[Field]) -> list[tuple[str, list[Field]]]:
    """Put a long form's fields under headings; a short form is one group without a heading."""
    if len(fields) < _GROUPED_FROM:
        return [("", list(fields))]
    groups = {title: [field for field in fields if field.group == title] for title in _GROUPS.values()}
    return [(title, members) for title, members in groups.items() if members]


def _field(identity: str, column: Mapping[str, Any], given: str | None, error: str) -> Field:
    kind = _kind(column)
    value = in_words(column["example"]) if given is None else in_stored_words(given, column.get("words"))
    return Field(
        id=identity,
        name=column["name"],
        kind=kind,
        value=value,
        options=_options(kind, column, value),
        hint=_hint(kind, column),
        error=error,
    )


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


def _hint(kind: str, column: Mapping[str, Any]) -> str:
    low, high, middle = (in_words(column[key], digits=6) for key in ("minimum", "maximum", "median"))
    if kind in ("number", "date", "time") and low:
        return f"Seen {low} to {high}, typically {middle}." if low != high else f"Always {low} in training."
    if kind == "suggest":
        n_shown = len(column["choices"])
        return f"{column['n_choices']:,} categories seen; the {n_shown} most frequent are suggested."
    return ""
