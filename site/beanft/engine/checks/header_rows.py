"""Finds further rows of the header among the first rows: names below those of groups, units or types."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from beanft.engine.checks.table import Table
from beanft.engine.findings import Finding
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.connection import quote
from beanft.engine.tables.wording import counted, shown

_MOST_LINES = 3  # that a header goes on
_FEWEST = 2  # columns, and different words: one word in all of them is rather a mark such as unknown
_NAMED = 3  # words in the sentence
_NO_NAME = re.compile(r"column [0-9]+").fullmatch
_Odd = Mapping[str, Mapping[int, str]]  # texts by line by column
_AGAIN = re.compile(r" \([0-9]+\)$")  # the ending of a name that was taken


@dataclass(frozen=True)
class HeaderRows:
    """Lines below the header that seem to belong to it."""

    first: int
    """The first of these lines of the file, from 1."""
    last: int
    """The last of them."""
    words: tuple[str, ...]
    """Different texts in them where the rows below hold numbers, dates or truths."""
    n_columns: int
    """Columns with such a text."""
    explained: tuple[Column, ...]
    """Columns of which all cells that do not fit are in these lines."""
    naming: int
    """The line with the most different words, the header's among them."""


def find(table: Table) -> Iterator[Finding]:
    """Say once what many columns have in common: all of their odd cells stand right below the header.

    Parameters
    ----------
    table : Table
        The table to look at.

    Yields
    ------
    Finding
        What was found.
    """
    found = header_rows(table)
    if found is None:
        return
    n = found.last - found.first + 1
    looks = "looks like a further row" if n == 1 else "look like further rows"
    some = ", ".join(shown(word, 40) for word in found.words[:_NAMED])
    yield Finding(
        code="header-rows",
        severity="warning",
        sentence=(
            f"{_lines(found.first, found.last).capitalize()} {looks} of the header: there, "
            f"{counted(found.n_columns, 'column')} have words that do not fit the cells below, such as "
            f"{some}.{_effect(found.explained)}"
        ),
        figure=n,
        remedy=_remedy(found),
    )


def header_rows(table: Table) -> HeaderRows | None:
    """Look for further rows of the header.

    Parameters
    ----------
    table : Table
        The table to look at; of a text or a workbook with a header.

    Returns
    -------
    HeaderRows or None
        None where the rows begin right below the header, or nobody can tell.

    Notes
    -----
    In such a row every column of numbers, dates or truths has a word or nothing, two of them different words.
    """
    profile = table.profile
    if not profile.has_header or not (profile.source.startswith("CSV") or profile.sheets):
        return None
    first = profile.n_skipped + 2
    odd = _odd_cells(profile.columns, first, _MOST_LINES)
    if not _are_words(odd):
        return None
    rows = _alike(_first_rows(table), profile.columns, odd, first)
    odd = _odd_cells(profile.columns, first, len(rows))
    return _described(profile, rows, odd, first) if _are_words(odd) else None


def explained_names(table: Table) -> frozenset[str]:
    """Name the columns of which nothing more need be said, as all odd cells are further rows of the header.

    Parameters
    ----------
    table : Table
        The table to look at.

    Returns
    -------
    frozenset of str
        Empty for most tables.
    """
    found = header_rows(table)
    return frozenset(column.name for column in found.explained) if found else frozenset()


def _odd_cells(columns: Sequence[Column], first: int, n: int) -> _Odd:
    """The cells that do not fit their column and stand in the n lines below the header."""
    found = {
        column.name: {line: text for line, text in column.unreadable if first <= line < first + n}
        for column in columns
    }
    return {name: cells for name, cells in found.items() if cells}


def _are_words(odd: _Odd) -> bool:
    return len(odd) >= _FEWEST and len(_different_words(odd)) >= _FEWEST


def _different_words(odd: _Odd) -> tuple[str, ...]:
    texts = (text for cells in odd.values() for text in cells.values())
    return tuple(dict.fromkeys(text for text in texts if any(map(str.isalpha, text))))


def _described(profile: Profile, rows: Sequence[Mapping[str, Any]], odd: _Odd, first: int) -> HeaderRows:
    last = max(line for cells in odd.values() for line in cells)
    return HeaderRows(
        first=first,
        last=last,
        words=_different_words(odd),
        n_columns=len(odd),
        explained=tuple(
            column for column in profile.columns if len(odd.get(column.name, ())) == column.n_unreadable > 0
        ),
        naming=_naming(
            profile, {line: _texts(rows[line - first], odd, line) for line in range(first, last + 1)}
        ),
    )


def _first_rows(table: Table) -> list[dict[str, Any]]:
    names = [column.name for column in table.profile.columns]
    rows = table.ask(  # sorted here: a limit alone stops reading, an order does not
        f"SELECT file_row_number, {', '.join(map(quote, names))} FROM {table.source} "  # noqa: S608 -- quoted names
        f"WHERE file_row_number < {_MOST_LINES} LIMIT {_MOST_LINES}"
    )
    return [dict(zip(names, row[1:], strict=True)) for row in sorted(rows, key=itemgetter(0))]


def _alike(
    rows: Sequence[dict[str, Any]],
    columns: Sequence[Column],
    odd: _Odd,
    first: int,
) -> list[dict[str, Any]]:
    """The first rows up to one with a number, a date or a truth: that is data."""
    found = []
    for line, row in enumerate(rows, first):
        if not all(_may_be_name(row[column.name], column, odd, line) for column in columns):
            break
        found.append(row)
    return found


def _may_be_name(value: Any, column: Column, odd: _Odd, line: int) -> bool:
    if value is None:
        return True
    if column.almost:
        return str(value).strip() == odd.get(column.name, {}).get(line, "").strip()
    return column.stored == "VARCHAR"


def _texts(row: Mapping[str, Any], odd: _Odd, line: int) -> set[str]:
    """The different texts of a line, with those that became missing."""
    became_missing = {cells[line] for cells in odd.values() if line in cells}
    return {value for value in row.values() if isinstance(value, str)} | became_missing


def _naming(profile: Profile, texts: Mapping[int, set[str]]) -> int:
    """The line with the most different words; the header itself, where it has as many."""
    names = {_AGAIN.sub("", column.name) for column in profile.columns if not _NO_NAME(column.name)}
    by_line = {min(texts) - 1: names, **texts}
    return max(by_line, key=lambda line: len(by_line[line]))


def _lines(first: int, last: int) -> str:
    if first == last:
        return f"line {first:,}"
    return f"lines {first:,} {'and' if last == first + 1 else 'to'} {last:,}"


def _effect(explained: Sequence[Column]) -> str:
    """What the reading made of them."""
    n_text = sum(bool(column.almost) for column in explained)
    n_missing = len(explained) - n_text
    kept = f" {counted(n_text, 'column')} {'was' if n_text == 1 else 'were'} kept as text for that alone."
    gone = f" In {counted(n_missing, 'column')} these cells became missing."
    return (kept if n_text else "") + (gone if n_missing else "")


def _remedy(found: HeaderRows) -> str:
    """Let the line with the most different words give the names, and the others go."""
    others = _lines(max(found.first, found.naming + 1), found.last)
    if found.naming < found.first:
        return f"Remove {others} from the file and upload it again."
    lines = counted(found.naming - 1, "line")
    skip = f"with {lines} to skip at the top: line {found.naming:,} then gives the names."
    if found.naming == found.last:
        return f"Read the file again {skip}"
    return f"Remove {others} from the file, upload it again and read it {skip}"
