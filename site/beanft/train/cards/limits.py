"""Limits of use: what each column held in training; what lies outside is not covered by any score."""

from collections.abc import Mapping
from typing import Any

from beanft.filters import figure
from beanft.models import TrainedModel
from beanft.train.cards.parts import Section, cut, table

_CHOICES = 8  # categories named of a column
_WORD = 40  # characters of one


def section(model: TrainedModel, columns: int) -> Section:
    """Ranges and categories seen of each column that the model reads."""
    known = model.schema_json.get("columns") or []
    texts = [
        "It has seen only what stands here. A number or date outside its range, or a word that is not among "
        "those seen, is outside what the scores say: predictions warn of it, and cannot be trusted there."
    ]
    if not known:
        return Section(key="limits", title="Limits of use", texts=("What its columns held is not known.",))
    if len(known) > columns:
        texts.append(f"The first {columns} of {len(known):,} columns:")
    rows = [(one["name"], one["kind"], _seen(one), _missing(one)) for one in known[:columns]]
    return Section(
        key="limits",
        title="Limits of use",
        texts=tuple(texts),
        table=table(
            "limits", "What each column held in training", ("Column", "Kind", "Seen", "Missing"), rows
        ),
    )


def _seen(column: Mapping[str, Any]) -> str:
    low, high = column.get("minimum"), column.get("maximum")
    if low is not None and high is not None:
        unit = f" {column['unit']}" if column.get("unit") else ""
        return f"{figure(low, column['name'])} to {figure(high, column['name'])}{unit}"
    choices = column.get("choices") or []
    if choices:
        n_more = max(0, (column.get("n_choices") or len(choices)) - _CHOICES)
        more = f" and {n_more:,} more" if n_more else ""
        return ", ".join(cut(str(choice), _WORD) for choice in choices[:_CHOICES]) + more
    return "any text" if column.get("kind") == "text" else "nothing"


def _missing(column: Mapping[str, Any]) -> str:
    return "some" if column.get("missing") else "never"
