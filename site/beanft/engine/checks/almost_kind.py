"""Finds text columns of which most cells are numbers, dates or booleans."""

from collections.abc import Iterator
from dataclasses import dataclass

from beanft.engine.checks.header_rows import explained_names
from beanft.engine.checks.suffixes import PATTERN, endings_of, quoted
from beanft.engine.checks.table import Table, examples
from beanft.engine.findings import Finding
from beanft.engine.plain import plain
from beanft.engine.tables.columns import Column
from beanft.engine.tables.connection import quote
from beanft.engine.tables.kinds.numbers import DECIMAL_COMMA
from beanft.engine.tables.kinds.truths import BINARY
from beanft.engine.tables.queries.predicates import join_list
from beanft.engine.tables.wording import are, counted, shown

_WORDS = {"number": "numbers", "date": "dates", "boolean": "true or false"}
_MOST_WORDS = 50  # other than true and false, in the address of their rows
_MOST_VALUES = 1000
_MOST_READ = 100_000  # different cells with an ending
_LARGE = 0.5  # quantile of the sizes of the plain numbers, beyond which cells are “the large ones”
_GAPS = " \xa0\u202f\u2009'’"  # that may stand between thousands, whatever the format
_MAKE_MISSING = "Change its kind to {kind} to make those cells missing, or correct the file."


@dataclass(frozen=True)
class _Advice:
    """What more is known of the cells that do not fit, and what to do."""

    sentence: str
    remedy: str
    button: str = ""


def find(table: Table) -> Iterator[Finding]:
    """Name each column that is almost of another kind, with the first cells that are not.

    Where these are further rows of the header, that is said once by `header_rows`.

    Parameters
    ----------
    table : Table
        The table to look at.

    Yields
    ------
    Finding
        What was found.
    """
    explained = explained_names(table)
    for column in table.profile.columns:
        if column.almost not in _WORDS or column.name in explained:
            continue
        what = _WORDS[column.almost]
        n_fit = max(0, table.n_values(column) - column.n_unreadable)
        some = examples(column.unreadable)
        advice = _advice(table, column)
        yield Finding(
            code="almost-kind",
            severity="warning",
            columns=(column.name,),
            sentence=(
                f"{shown(column.name)} was kept as text: {counted(n_fit, 'cell')} "
                f"{are(n_fit)} {what}, but {column.n_unreadable:,} {are(column.n_unreadable)} not"
                f"{f', such as {some}' if some else ''}.{advice.sentence}"
            ),
            figure=column.n_unreadable,
            remedy=advice.remedy,
            rows=_rows(table, column),
            kind=column.almost,
            button=advice.button,
        )


def _advice(table: Table, column: Column) -> _Advice:
    """Say of numbers with one ending what they would be worth, and that they would be lost."""
    usual = _Advice("", _MAKE_MISSING.format(kind=column.almost))
    if column.almost != "number" or column.almost_unit:  # cells with the unit are numbers, and end so, too
        return usual
    name = quote(column.name)
    found = table.ask(
        f"SELECT DISTINCT trim({name}), count(*) OVER () FROM {table.source} "  # noqa: S608 -- a quoted name
        f"WHERE regexp_matches(lower({name}), ?) LIMIT {_MOST_READ}",
        (PATTERN,),
    )
    if not found or found[0][1] != column.n_unreadable:
        return usual
    comma = column.almost_format == DECIMAL_COMMA
    endings = endings_of((cell for cell, _ in found), decimal_comma=comma)
    if endings is None:
        return usual
    all_end = f" All of them end in {quoted(endings.endings)}"
    correct = "Write them as plain numbers in the file and read it again"
    if not endings.word:
        return _Advice(f"{all_end}.", f"{correct}, or change its kind to number to make them missing.")
    said = (
        f"{all_end}; if that means {endings.word}, all of them are {plain(endings.least, 6)} or more in size"
        f"{_lost(table, column, endings.least, decimal_comma=comma)}."
    )
    remedy = f"{correct}: changing the kind to number makes them missing and leaves them out."
    return _Advice(said, remedy, "Read as number, without those cells")


def _lost(table: Table, column: Column, least: float, *, decimal_comma: bool) -> str:
    """Say that the largest would be left out, where half of the plain numbers are smaller than each."""
    name = quote(column.name)
    group, point = (".", ",") if decimal_comma else (",", ".")
    digits = f"try_cast(replace(translate({name}, ?, ''), '{point}', '.') AS DOUBLE)"
    numbers = f"SELECT {digits} AS v FROM {table.source}"  # noqa: S608 -- a quoted name
    found = table.ask(
        f"SELECT quantile_cont(abs(v), {_LARGE}) FROM ({numbers}) WHERE isfinite(v)",  # noqa: S608 -- as above
        (group + _GAPS,),
    )
    middle = found[0][0]
    if middle is None or middle >= least:
        return ""
    return (
        ": as missing they would leave the largest values out "
        f"(half of the others are below {plain(middle, 3)} in size)"
    )


def _rows(table: Table, column: Column) -> tuple[tuple[str, str, str], ...]:
    """A filter for all cells that are not of the kind; what is not true or false are few words."""
    if column.almost != "boolean":
        return ((column.name, f"is-no-{column.almost}", ""),)
    words = [value for value, _ in table.counts(column, _MOST_VALUES) if BINARY.value(value) is None]
    return ((column.name, "one-of", join_list(tuple(words[:_MOST_WORDS]))),) if words else ()
