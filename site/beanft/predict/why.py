"""Why a row is predicted as it is, ready to be drawn: a bar for each reason, and the rows most like it."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from beanft.engine.learning.checking.cells import Reader
from beanft.engine.learning.checking.writing import as_typed
from beanft.engine.learning.truth_words import in_owner_words
from beanft.engine.learning.whatif import Curve
from beanft.engine.tables.wording import listed, shown
from beanft.filters import figure
from beanft.predict.panels import Panel, panels_of
from beanft.predict.units import Unit, unit_of

_SHOWN = 8  # reasons by themselves; the smaller ones enter together
_LONGEST = 40


@dataclass(frozen=True, kw_only=True)
class Reason:
    """What one column adds to the prediction."""

    name: str
    """The column, or how many taken together."""
    value: str
    """Its value in this row; empty for columns taken together."""
    members: str
    """The columns taken together, by name; else empty."""
    amount: str
    """What it adds, in words."""
    rises: bool
    """Whether it raises the prediction."""
    x: float
    """Left end of its bar in 100 units."""
    width: float
    """Length of the bar."""


@dataclass(frozen=True, kw_only=True)
class Word:
    """What one word of a text adds to the prediction."""

    word: str
    """As the model knows it: in small letters."""
    amount: str
    """How much higher the prediction is for it, in words."""
    rises: bool
    """Whether it raises the prediction."""


@dataclass(frozen=True, kw_only=True)
class Reasons:
    """A prediction taken apart: base and all reasons add up to it."""

    said: str
    """What is taken apart, such as “the probability of yes”."""
    base: str
    """Where it starts: the average of the rows that it is compared with."""
    end: str
    """The prediction of this row."""
    items: tuple[Reason, ...]
    """The largest first."""
    zero: float
    """Where the bars start, in 100 units."""
    words: Mapping[str, tuple[Word, ...]]
    """For each text column the words that move the prediction most, the largest first."""
    words_how: str
    """What their amounts mean, in sentences."""
    how: str
    """How it was computed, in a sentence."""


@dataclass(frozen=True, kw_only=True)
class Similar:
    """A training row that is much like this one."""

    row: int | None
    """Its number in the table, from 1; None where that is not known."""
    distance: float
    """How unlike, 0 to 1."""
    truth: Any
    """What became of it."""
    predicted: Any
    """What was said of it while it was unseen; None where that is not known."""
    cells: tuple[tuple[str, bool], ...]
    """Its values in words, and whether they are the row's own."""


@dataclass(frozen=True, kw_only=True)
class Why:
    """Reasons, what-ifs and similar rows."""

    label: str | None
    """The class whose probability is explained; None for numbers."""
    reasons: Reasons | None
    """None where there are none."""
    why_not: str
    """Why there are none; else empty."""
    panels: tuple[Panel, ...]
    """One for each of the most important columns."""
    n_columns: int
    """Columns of the model, of which the panels show some."""
    columns: tuple[str, ...]
    """Columns of the similar rows that are shown."""
    own: tuple[str, ...]
    """The values of this row in them."""
    similar: tuple[Similar, ...]
    """Nearest first."""
    n_searched: int
    """Rows among which they were found."""
    found: Mapping[str, Any]
    """All of it as `engine.learning.reasons` gave it, unrounded."""
    curves: tuple[Curve, ...]
    """The what-ifs, unrounded."""

    @property
    def has_selection(self) -> bool:
        """Whether a what-if shows some of its categories only."""
        return any(curve.is_selection for curve in self.curves)

    def facts(self) -> dict[str, Any]:
        """Plain values for JSON."""
        lines = [
            {"column": curve.column, "missing": curve.missing}
            | {"points": [{"value": one.value, "prediction": one.said} for one in curve.points]}
            for curve in self.curves
        ]
        return dict(self.found) | {"label": self.label, "whatif": lines}


def why_of(
    found: Mapping[str, Any],
    curves: Sequence[Curve],
    values: Mapping[str, str],
    columns: Sequence[Mapping[str, Any]],
    target: str,
    *,
    label: str | None,
) -> Why:
    """Make what `engine.learning.reasons` and `whatif` found ready to be drawn."""
    why_not, schema = found["why_not"], {column["name"]: column for column in columns}
    names = tuple(found["columns"])
    own = tuple(_cell(values.get(name, ""), schema[name]) for name in names)
    return Why(
        label=label,
        reasons=None if why_not else reasons_in_words(found, values, columns, target),
        why_not=why_not,
        panels=tuple(panels_of(curves, columns, label)),
        n_columns=len(columns),
        columns=names,
        own=own,
        similar=tuple(_similar(one, names, own, schema) for one in found["similar"]),
        n_searched=found["n_searched"],
        found=found,
        curves=tuple(curves),
    )


def reasons_in_words(
    found: Mapping[str, Any], values: Mapping[str, str], columns: Sequence[Mapping[str, Any]], target: str
) -> Reasons:
    """Make the reasons that `engine.learning.reasons` found ready to be drawn."""
    shares = [share for share in found["shares"] if share["value"]]
    single = [share for share in shares if len(share["columns"]) == 1][:_SHOWN]
    apart = {share["columns"][0] for share in single}
    members = [share["columns"][0] for share in shares if share["columns"][0] not in apart]
    members += found.get("rest_columns") or []
    others = math.fsum(share["value"] for share in shares if share not in single) + found["rest"]
    parts = [(share["columns"][0], share["value"]) for share in single]
    schema = {column["name"]: column for column in columns}
    unit = unit_of(found["label"], [found["base"], found["prediction"], *(value for _, value in parts)])
    if members and others:
        parts.append(("", others))
    reach, zero = _reach([value for _, value in parts])
    return Reasons(
        said=target if found["label"] is None else f"the probability of {shown(found['label'], 60)}",
        base=unit.level(found["base"]),
        end=unit.level(found["prediction"]),
        items=tuple(
            Reason(
                name=name or _together(len(members)),
                value=_cell(values.get(name, ""), schema[name]) if name else "",
                members="" if name else listed(members),
                amount=unit.change(value),
                rises=value > 0,
                x=round(zero + min(0.0, 100 * value / reach), 2),
                width=round(abs(100 * value / reach), 2),
            )
            for name, value in parts
        ),
        zero=round(zero, 2),
        words=_words(found.get("words") or (), unit),
        words_how=_words_how(found),
        how=found["how"],
    )


def _words(found: Iterable[Mapping[str, Any]], unit: Unit) -> dict[str, tuple[Word, ...]]:
    """Words by column, without those whose amount is nothing as it is written."""
    words: dict[str, tuple[Word, ...]] = {}
    for one in found:
        amount = unit.change(one["value"])
        if amount[0] in "+−":
            word = Word(word=one["word"], amount=amount, rises=one["value"] > 0)
            words[one["column"]] = (*words.get(one["column"], ()), word)
    return words


def _words_how(found: Mapping[str, Any]) -> str:
    said = (
        "What the answer is higher or lower by for that word: it was left out by itself, all else as it is. "
        "Words do not add up to their column’s bar, and only those that move the answer most are shown."
    )
    n, n_tried = found.get("n_words") or 0, found.get("n_words_tried") or 0
    return f"{said} Tried were the {n_tried:,} most frequent of {n:,} words." if n_tried < n else said


def _similar(
    one: Mapping[str, Any],
    names: Sequence[str],
    own: Sequence[str],
    schema: Mapping[str, Mapping[str, Any]],
) -> Similar:
    cells = [_cell(as_typed(one["values"].get(name), schema[name]), schema[name]) for name in names]
    return Similar(
        row=None if one["row"] is None else one["row"] + 1,
        distance=one["distance"],
        truth=one["truth"],
        predicted=one["predicted"],
        cells=tuple((cell, cell == mine) for cell, mine in zip(cells, own, strict=True)),
    )


def _reach(values: Sequence[float]) -> tuple[float, float]:
    """What 100 units stand for, and where zero lies among them."""
    low, high = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
    reach = high - low or 1.0
    return reach, -100 * low / reach


def _together(n: int) -> str:
    return "1 other column" if n == 1 else f"{n:,} other columns"


def _cell(text: str, column: Mapping[str, Any]) -> str:
    """A value of the row in words, as it was typed."""
    if not text.strip():
        return "missing"
    told = str(in_owner_words(text, column.get("words"))).strip()
    if column["kind"] == "number":
        value = Reader(column).meaning(text).value
        told = told if value is None else figure(value, column["name"])
    return told if len(told) <= _LONGEST else f"{told[:_LONGEST]}…"
