"""Limits of use: what each column held in training; what lies outside is not covered by any score."""

from collections.abc import Mapping, Sequence
from typing import Any

from beanft.engine.learning.truth_words import in_owner_words, truth_words
from beanft.filters import figure, percent
from beanft.models import TrainedModel, Version
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
    version = model.run.experiment.version
    words = truth_words(version.profile) if version.profile_json else {}
    rows = [
        (one["name"], one["kind"], _seen(one, words.get(one["name"])), _missing(one, version))
        for one in known[:columns]
    ]
    return Section(
        key="limits",
        title="Limits of use",
        texts=tuple(texts),
        table=table(
            "limits", "What each column held in training", ("Column", "Kind", "Seen", "Missing"), rows
        ),
    )


def _seen(column: Mapping[str, Any], words: Sequence[str] | None) -> str:
    low, high = column.get("minimum"), column.get("maximum")
    if low is not None and high is not None:
        unit = f" {column['unit']}" if column.get("unit") else ""
        return f"{figure(low, column['name'])} to {figure(high, column['name'])}{unit}"
    choices = column.get("choices") or []
    if choices:
        n_more = max(0, (column.get("n_choices") or len(choices)) - _CHOICES)
        more = f" and {n_more:,} more" if n_more else ""
        return (
            ", ".join(cut(str(in_owner_words(choice, words)), _WORD) for choice in choices[:_CHOICES]) + more
        )
    return "any text" if column.get("kind") == "text" else "nothing"


def _missing(column: Mapping[str, Any], version: Version) -> str:
    """The share of the table's rows without a value; old models know only whether there were any."""
    if not column.get("missing"):
        return "never"
    known = version.profile.columns if version.profile_json else ()
    n_missing = next((one.n_missing for one in known if one.name == column["name"]), 0)
    return percent(n_missing / version.n_rows) if n_missing and version.n_rows else "some"
