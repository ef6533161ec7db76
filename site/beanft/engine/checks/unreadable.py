"""Counts cells that were set to missing because they did not fit their column."""

from collections.abc import Iterator, Sequence

from beanft.engine.checks.header_rows import explained_names
from beanft.engine.checks.suffixes import endings_of, quoted
from beanft.engine.checks.table import Table, examples
from beanft.engine.findings import Finding
from beanft.engine.tables.columns import Column
from beanft.engine.tables.kinds.numbers import DECIMAL_COMMA
from beanft.engine.tables.wording import are, counted, shown

_WHAT = {"number": "no number", "boolean": "not true or false", "date": "no date of the column’s form"}
_ALONE = 2  # columns with the same cells that are warned of one by one; more are put together
_NAMED = 6


def find(table: Table) -> Iterator[Finding]:
    """Name each column with such cells; columns that were kept as text are another finding.

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
    columns = [
        one
        for one in table.profile.columns
        if one.n_unreadable and not one.almost and one.name not in explained
    ]
    alike: dict[tuple[object, ...], list[Column]] = {}
    for column in columns:
        alike.setdefault(_told_with(column), []).append(column)
    for column in columns:
        like = alike[_told_with(column)]
        if len(like) <= _ALONE:
            yield _of_one(column)
        elif column is like[0]:
            yield _of_several(like)


def _told_with(column: Column) -> tuple[object, ...]:
    """What is alike in columns that are told together: the kind, and the cells that did not fit.

    A column of which these are not known, or of which they may be the large values, is told on its own.
    """
    alone = column.name if _large(column) or not column.unreadable else ""
    return column.kind, frozenset(text for _, text in column.unreadable), alone


def _of_one(column: Column) -> Finding:
    n, some = column.n_unreadable, examples(column.unreadable)
    return Finding(
        code="unreadable-cells",
        severity="warning",
        columns=(column.name,),
        sentence=(
            f"{counted(n, 'cell')} of {shown(column.name)} {are(n)} {_what(column)} and became missing"
            f"{f': {some}' if some else ''}{', …' if n > len(column.unreadable) else ''}.{_large(column)}"
        ),
        figure=n,
        remedy="Correct them in the file, or change the kind to text to keep them as they are.",
        rows=((column.name, "is-missing", ""),),
        link="" if column.n_missing == n else f"Show all {column.n_missing:,} rows without a value",
        kind="text",
    )


def _of_several(columns: Sequence[Column]) -> Finding:
    """One finding for a spelling such as “***”, which a file writes in many columns."""
    n = sum(column.n_unreadable for column in columns)
    texts = dict.fromkeys(text for _, text in columns[0].unreadable)
    more = any(column.n_unreadable > len(column.unreadable) for column in columns)
    spelled = ", ".join(shown(text, 40) for text in texts) + (", …" if more else "")
    where = examples([(line, column.name) for column in columns[:_NAMED] for line, _ in column.unreadable])
    rest = f" and {len(columns) - _NAMED:,} more" if len(columns) > _NAMED else ""
    return Finding(
        code="unreadable-cells",
        severity="warning",
        columns=tuple(column.name for column in columns),
        sentence=(
            f"{counted(n, 'cell')} of {len(columns):,} columns are {_what(columns[0])} and became missing: "
            f"{spelled} in {where}{rest}."
        ),
        figure=n,
        remedy=(
            "If that means missing, add it to the spellings of missing under Columns. Else correct the cells "
            "in the file, or change the kinds to text to keep them as they are."
        ),
    )


def _what(column: Column) -> str:
    return _WHAT.get(column.kind, "not like the others")


def _large(column: Column) -> str:
    """Warn where all cells left out are numbers with an ending such as k, and so the large ones.

    Of more cells than the profile names nothing is known.
    """
    n = column.n_unreadable
    if column.kind != "number" or len(column.unreadable) < n:
        return ""
    comma = column.format == DECIMAL_COMMA
    found = endings_of((cell for _, cell in column.unreadable), decimal_comma=comma)
    if found is None or not found.word or not column.quantiles:
        return ""
    if max(abs(column.quantiles[1]), abs(column.quantiles[3])) >= found.least:
        return ""
    ends = [abs(float(one)) for one in (column.minimum, column.maximum) if one is not None]
    one, more = ("It ends", "a large", "value is"), ("They end", "large", "values are")
    they, large, values = one if n == 1 else more
    which = "the largest" if max(ends, default=found.least) < found.least else large
    return f" {they} in {quoted(found.endings)}; if that means {found.word}, {which} {values} left out."
