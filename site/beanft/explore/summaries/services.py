"""Summaries of a version, as the page, its file and its code need them."""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from beanft.engine.charts.words import FEW_ROWS, figure
from beanft.engine.summaries.code import summary_lines
from beanft.engine.summaries.groups import Cell, Grouping
from beanft.engine.summaries.measures import Figure, measures_for
from beanft.engine.summaries.summarised import Row, Summarised, word
from beanft.engine.summaries.summary import Summary
from beanft.engine.summaries.table import summarise
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.queries.conditions import Filter
from beanft.engine.tables.queries.export import csv_rows
from beanft.engine.tables.queries.formulas import safe_text
from beanft.engine.tables.wording import is_year
from beanft.explore.chart_services import rows_args
from beanft.explore.questions import Question, ask
from beanft.explore.row_services import file_name
from beanft.models import Version

GROUPS_SHOWN = 200
"""Groups of one page."""

_KEPT = 4  # each may hold 10,000 groups
_CELLS_SHOWN = 12_000  # of one page; of wide tables fewer groups are shown
_LEAST_SHOWN = 20
_LINKS_SHOWN = 600  # cells that lead to their rows; in larger tables only the groups do
_MOST_DECIMALS = 10


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A summary and the page of it that is shown, or the sentence that says why there is none."""

    found: Summarised | None = None
    error: str = ""
    page: int = 1
    n_pages: int = 1
    per: int = GROUPS_SHOWN

    @property
    def places(self) -> range:
        """Places of the groups that are shown."""
        n = len(self.found.rows) if self.found else 0
        return range((self.page - 1) * self.per, min(n, self.page * self.per))


@lru_cache(maxsize=_KEPT)
def _keep(question: Question[Any]) -> Any:
    return question.answer()


def _summarise(
    path: Path, profile: Profile, summary: Summary, filters: Sequence[Filter], **limits: Any
) -> Summarised:
    return summarise(path, profile, summary, filters=filters, **limits)


def find_summary(
    *, version: Version, summary: Summary, filters: Sequence[Filter] = (), number: int = 1
) -> Answer:
    """Summarise a version that is ready; a page beyond the end gives the last one."""
    found, error = ask(_summarise, (version,), summary, tuple(filters), keep=_keep)
    if found is None:
        return Answer(error=error)
    per = max(_LEAST_SHOWN, min(GROUPS_SHOWN, _CELLS_SHOWN // len(found.header)))
    n_pages = max(1, -(-len(found.rows) // per))
    return Answer(found=found, page=min(number, n_pages), n_pages=n_pages, per=per)


def key_words(grouping: Grouping, value: Cell) -> str:
    """A key as people read it: 1950-01 for a month, 1950 Q1, 1950s; an empty text in quotes."""
    if value is None:
        return "missing"
    if value == "":
        return "“”"
    text = word(value)
    if not isinstance(value, str) or not grouping.unit:
        return text
    year = text[:4]
    return {
        "month": text[:7],
        "quarter": f"{year} Q{(int(text[5:7]) + 2) // 3}" if text[5:7].isdigit() else text,
        "year": year,
        "decade": f"{year}s",
        "minute": text[:16],
        "hour": text[:16],
    }.get(grouping.unit, text)


def mean_words(of: Figure, row: Row) -> str:
    """A mean with its 95 % interval, both as exact as the interval allows.

    >>> mean_words(Figure("mean of a", "mean", "a", 0, 3), (51.2345, 50.1234, 52.3456, 9))
    '51.2 (50.1 to 52.3)'
    >>> mean_words(Figure("mean of year", "mean", "year", 0, 3), (1996.1, 1995.8, 1996.4, 9))
    '1996.10 (1995.80 to 1996.40)'
    """
    value, low, high = row[of.place : of.place + 3]
    if not isinstance(value, int | float):
        return "–"
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return _figure(of, value)
    half = (high - low) / 2
    if half <= 0 or abs(value) >= 1e15:
        return f"{_figure(of, value)} ({_figure(of, low)} to {_figure(of, high)})"
    decimals = min(_MOST_DECIMALS, max(0, 1 - math.floor(math.log10(half))))
    if max(abs(value), half) < 10**-_MOST_DECIMALS:
        return f"{value:.3g} ({low:.3g} to {high:.3g})"
    form = f".{decimals}f" if is_year(of.column, value) else f",.{decimals}f"
    return f"{value:{form}} ({low:{form}} to {high:{form}})"


def _figure(of: Figure, value: float) -> str:
    return f"{value:.6g}" if is_year(of.column, value) else figure(value)


def is_few(of: Figure, row: Row) -> bool:
    """Whether a figure comes from so few rows, or values, that it says little."""
    n = row[of.rows_place]
    return isinstance(n, int) and 0 < n < FEW_ROWS


def links_cells(answer: Answer) -> bool:
    """Whether each cell of a crossed table leads to its rows; in large tables that would be too much."""
    found = answer.found
    return found is not None and 0 < len(found.across) * len(answer.places) <= _LINKS_SHOWN


def group_args(found: Summarised, filters: Sequence[Filter], at: int, across: int = -1) -> dict[str, Any]:
    """The parts of the grid's address that lead to the rows of a group or cell; none where there are none."""
    link = found.links[at]
    return _rows_of(filters, link if across < 0 else _both(link, _across_link(found, across)))


def across_args(found: Summarised, filters: Sequence[Filter], across: int) -> dict[str, Any]:
    """The same for all rows of a value that became columns."""
    return _rows_of(filters, _across_link(found, across))


def _across_link(found: Summarised, across: int) -> tuple[Filter, ...] | None:
    return found.groupings[-1].link(found.across[across])


def _both(one: tuple[Filter, ...] | None, other: tuple[Filter, ...] | None) -> tuple[Filter, ...] | None:
    return None if one is None or other is None else (*one, *other)


def _rows_of(filters: Sequence[Filter], link: tuple[Filter, ...] | None) -> dict[str, Any]:
    return {} if link is None else rows_args((*filters, *link))


def write_csv(found: Summarised, *, safe: bool) -> Iterator[str]:
    """All groups as lines of a CSV; safe for spreadsheets, if wished."""
    header = [safe_text(name) for name in found.header] if safe else found.header
    return csv_rows(header, found.rows, safe_for_spreadsheets=safe)


def code(version: Version, found: Summarised, filters: Sequence[Filter]) -> str:
    """The lines of pandas that give the same table from the downloaded Parquet file."""
    return summary_lines(version.profile, found, file_name=file_name(version, "parquet"), filters=filters)


def measurable(profile: Profile) -> dict[str, list[Column]]:
    """The columns that can be measured, by what can be said of them; ignored ones come last."""
    groups: dict[str, list[Column]] = {"Numbers": [], "Dates": [], "Others, to be counted": []}
    for column in sorted(profile.columns, key=lambda one: one.role == "ignore"):
        whats = measures_for(column)
        kind = "Numbers" if "mean" in whats else "Dates" if "min" in whats else "Others, to be counted"
        groups[kind].append(column)
    return {label: columns for label, columns in groups.items() if columns}


def groupable(profile: Profile) -> list[Column]:
    """The columns that can put rows together, those that say little last."""
    last = ("identifier", "text", "constant")
    return sorted(profile.columns, key=lambda one: (one.role == "ignore", one.kind in last))


def save_fields(answer: Answer, filters: Sequence[Filter]) -> dict[str, str]:
    """What the form that makes a dataset of a summary sends along."""
    if answer.found is None:
        return {}
    triples = list(zip(*rows_args(filters).values(), strict=True))
    return {"summary": json.dumps(answer.found.summary.to_dict()), "filters": json.dumps(triples)}


def facts(version: Version, answer: Answer) -> dict[str, Any]:
    """What the page says, as plain values."""
    facts: dict[str, Any] = {"id": version.dataset_id, "version": version.number}
    found = answer.found
    if found is None:
        return {**facts, "error": answer.error or None}
    return {
        **facts,
        "summary": found.summary.to_dict(),
        "n_keys": found.n_keys,
        "header": found.header,
        "rows": [found.rows[at] for at in answer.places],
        "n_groups": found.n_groups,
        "n_rows": found.n_rows,
        "page": answer.page,
        "n_pages": answer.n_pages,
        "notes": found.notes,
    }
