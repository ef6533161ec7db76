"""Pages of a batch's predictions: sorted, filtered and searched in bounded time, whatever their number."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.queries.conditions import Filter
from beanft.engine.tables.queries.pages import Page, Sort, page

MOST_COLUMNS = 40
"""Original columns that one page shows; a file may have thousands."""
LONGEST = 200
"""Characters of a cell that a page shows; a cell may have megabytes."""
ANY_WARNING = "any"
"""Chooses rows with some warning, whichever."""
NO_WARNING = "none"
"""Chooses rows without one."""

_SHORTEST = 20  # characters of a cell on the largest pages
_PAGE = 60_000  # characters of all cells of a page, unless each has the fewest
_WORD = {"BIGINT": "number", "DOUBLE": "number", "BOOLEAN": "boolean", "DATE": "date", "TIMESTAMP": "date"}
_STORED = {"INTEGER": "BIGINT", "FLOAT": "DOUBLE", "TIMESTAMP_S": "TIMESTAMP", "TIMESTAMP_MS": "TIMESTAMP"}


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Which rows of a batch to show, and in which order."""

    sort: str = ""
    """Name of a column; empty for the order of the file."""
    descending: bool = False
    """Largest first."""
    warning: str = ""
    """Code of a warning, ANY_WARNING or NO_WARNING; empty for all rows."""
    answer: str = ""
    """A class that was predicted; empty for all."""
    search: str = ""
    """Text that some column must hold."""


@dataclass(frozen=True, kw_only=True)
class Predicted:
    """One row of a batch."""

    row: int
    """Its number in the file, from 1."""
    prediction: str | float | None
    """The class or the number."""
    chance: float | None
    """Probability of the class that is named; None for numbers."""
    low: float | None
    """Lower end of the interval."""
    high: float | None
    """Upper end."""
    set: tuple[str, ...]
    """Classes of the set; empty for numbers, and where there is none."""
    confidence: float | None
    """How sure it is, 0..1; None where that is not known."""
    warnings: tuple[str, ...]
    """Codes of what speaks against trusting it."""
    cells: tuple[Any, ...]
    """The original columns that are shown; long texts are cut and end with “…”."""


@dataclass(frozen=True, kw_only=True)
class Predictions:
    """Some rows of a batch."""

    columns: tuple[str, ...]
    """Names of the original columns that are shown."""
    numeric: tuple[bool, ...]
    """Whether each holds numbers."""
    rows: tuple[Predicted, ...]
    """The rows."""
    n_matching: int
    """Rows that fulfil the filters."""
    n_columns: int
    """Original columns in all."""
    cut_at: int | None = None
    """Characters that were kept of long texts; None where no cell was cut."""


def profile_of(facts: Mapping[str, Any], *, internal: bool = True) -> Profile:
    """Describe the file of predictions as a table.

    Parameters
    ----------
    facts : mapping
        What `work.predict_batch` gave.
    internal : bool
        Whether the number of the row is among the columns: it is our own.

    Returns
    -------
    Profile
        Names and types of its columns; nothing is counted.

    Examples
    --------
    >>> facts = {"n_rows": 2, "columns": ["a", "row_number"], "types": ["VARCHAR", "BIGINT"],
    ...          "added": {"row_number": "row_number"}}
    >>> [(column.name, column.kind) for column in profile_of(facts, internal=False).columns]
    [('a', 'text')]
    """
    named = zip(facts["columns"], facts["types"], strict=True)
    left_out = "" if internal else facts["added"]["row_number"]
    columns = tuple(_column(name, kind, facts["n_rows"]) for name, kind in named if name != left_out)
    return Profile(n_rows=facts["n_rows"], columns=columns)


def predictions(
    path: Path,
    facts: Mapping[str, Any],
    wish: Wish,
    *,
    first_columns: Sequence[str] = (),
    offset: int = 0,
    limit: int = 50,
    timeout_s: float = 10.0,
    memory_mb: int = 512,
) -> Predictions:
    """Fetch some rows of a batch.

    Parameters
    ----------
    path : Path
        The file of predictions.
    facts : mapping
        What `work.predict_batch` gave.
    wish : Wish
        Which rows, in which order.
    first_columns : sequence of str
        Original columns to prefer where not all can be shown, such as those that the model needs.
    offset, limit : int
        Rows before the page, and on it.
    timeout_s : float
        Seconds after which the query is stopped.
    memory_mb : int
        Memory for the engine, in megabytes.

    Returns
    -------
    Predictions

    Raises
    ------
    EngineError
        When the column to sort by or the warning is unknown, or it takes too long.
    """
    profile, added = profile_of(facts), facts["added"]
    shown = _shown(facts["columns"][: facts["n_original"]], first_columns)
    longest = _longest(limit * len(shown))
    own = [name for role in _ROLES for name in ([added[role]] if added.get(role) else [])]
    chances = list(added.get("probabilities") or [])
    found = page(
        path,
        profile,
        filters=_filters(wish, added),
        sorts=[Sort(wish.sort, wish.descending)] if wish.sort else [],
        search=wish.search,
        offset=offset,
        limit=limit,
        columns=[*own, *chances, *shown],
        longest={name: longest + 1 for name in shown if profile.column(name).stored == "VARCHAR"},
        timeout_s=timeout_s,
        memory_mb=memory_mb,
    )
    rows = _rows(found, facts, chances, len(shown))
    is_cut = any(_is_long(cell, longest) for row in rows for cell in row.cells)
    return Predictions(
        columns=tuple(shown),
        numeric=tuple(profile.column(name).kind == "number" for name in shown),
        rows=tuple(replace(row, cells=_cut(row.cells, longest)) for row in rows) if is_cut else rows,
        cut_at=longest if is_cut else None,
        n_matching=found.n_matching,
        n_columns=facts["n_original"],
    )


_ROLES = ("prediction", "low", "high", "set", "confidence", "warnings")


def _column(name: str, kind: str, n_rows: int) -> Column:
    stored = _STORED.get(kind, kind if kind in _WORD else "VARCHAR")
    return Column(name=name, kind=_WORD.get(stored, "text"), stored=stored, n_missing=0, n_distinct=n_rows)


def _shown(original: Sequence[str], first: Sequence[str]) -> list[str]:
    """The original columns for a page, in their order: all, or those to prefer and then the first ones."""
    if len(original) <= MOST_COLUMNS:
        return list(original)
    wanted = dict.fromkeys([*(name for name in first if name in set(original)), *original])
    chosen = set(list(wanted)[:MOST_COLUMNS])
    return [name for name in original if name in chosen]


def _longest(n_cells: int) -> int:
    """Characters of a cell on a page of so many: a page of many columns must be quick to send, too.

    >>> _longest(25 * 8), _longest(25 * 40), _longest(0)
    (200, 60, 200)
    """
    return max(_SHORTEST, min(LONGEST, _PAGE // max(1, n_cells)))


def _is_long(cell: Any, longest: int) -> bool:
    return isinstance(cell, str) and len(cell) > longest


def _cut(cells: tuple[Any, ...], longest: int) -> tuple[Any, ...]:
    return tuple(f"{cell[:longest]}…" if _is_long(cell, longest) else cell for cell in cells)


def _filters(wish: Wish, added: Mapping[str, Any]) -> list[Filter]:
    filters = []
    if wish.warning == ANY_WARNING:
        filters.append(Filter(added["warnings"], "longer-than", "0"))
    elif wish.warning == NO_WARNING:
        filters.append(Filter(added["warnings"], "equals", ""))
    elif wish.warning:
        filters.append(Filter(added["warnings"], "contains", wish.warning))
    if wish.answer:
        filters.append(Filter(added["prediction"], "equals", wish.answer))
    return filters


def _rows(
    found: Page, facts: Mapping[str, Any], chances: Sequence[str], n_shown: int
) -> tuple[Predicted, ...]:
    places, added = {name: place for place, name in enumerate(found.columns)}, facts["added"]
    known = dict(zip(facts["labels"], chances, strict=True))
    rows = []
    for number, cells in zip(found.row_numbers, found.rows, strict=True):
        by_role = {role: cells[places[added[role]]] if added.get(role) else None for role in _ROLES}
        chance = known.get(by_role["prediction"] or "") if known else None
        rows.append(
            Predicted(
                row=number,
                prediction=by_role["prediction"],
                chance=cells[places[chance]] if chance else None,
                low=by_role["low"],
                high=by_role["high"],
                set=tuple(json.loads(by_role["set"])) if by_role["set"] else (),
                confidence=by_role["confidence"],
                warnings=tuple((by_role["warnings"] or "").split()),
                cells=cells[len(cells) - n_shown :] if n_shown else (),
            )
        )
    return tuple(rows)
