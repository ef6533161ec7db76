"""Settles the kind of each column once its values are counted, and says what was assumed of the table."""

import re
from collections.abc import Sequence

from beanft.engine.tables.columns import Column
from beanft.engine.tables.kinds.reading import KIND_OF, Reading
from beanft.engine.tables.profiling.figures import Shape
from beanft.engine.tables.wording import counted, shown

_FEW_ROWS = 10  # in so few rows different values say nothing
_CATEGORY_VALUES = 100
_CATEGORY_SHARE = 0.05
_CATEGORY_MOST = 1000
_MOSTLY_DIFFERENT = 0.5  # texts that mostly differ are no categories, however few they are
_NAMED_COLUMNS = 10  # in one note
_WORD_LENGTH = 64
_CODE_LENGTH = 3  # in a column of words so short, NA may be one of them
_KEY_NAME = re.compile(r"(^|[^a-z])(id|uid|key|nr|index|uuid|guid|rowid)([^a-z]|$)|[a-z](Id|ID|Key|Nr)$")
_DOUBTFUL = ("NA", "na", "-", ".")


def kind_of(column: Column, shape: Shape, wish: str, *, n_rows: int, is_measured: bool = False) -> str:
    """Settle the kind of a column; the owner's word comes first.

    Parameters
    ----------
    column : Column
        Described, with the kind that its cells have.
    shape : Shape
        What else is known of its values.
    wish : str
        The kind the owner asked for, or "".
    n_rows : int
        Rows of the table.
    is_measured : bool
        As in Reading: such texts are no identifier, though all of them differ.

    Returns
    -------
    str
        One of KINDS.

    Examples
    --------
    >>> one = Column(name="a", kind="number", stored="BIGINT", n_missing=0, n_distinct=1)
    >>> kind_of(one, Shape(), "", n_rows=9)
    'constant'
    """
    if wish:
        return wish
    if column.n_distinct <= 1:
        return "constant"
    all_different = column.n_distinct == n_rows and column.distinct_is_exact
    named = bool(_KEY_NAME.search(column.name) or _KEY_NAME.search(column.name.lower()))
    if all_different and column.stored == "BIGINT" and (named or (shape.is_sequence and n_rows >= _FEW_ROWS)):
        return "identifier"
    if column.kind != "text":
        return column.kind
    one_word = not shape.n_with_blanks and shape.longest <= _WORD_LENGTH and not is_measured
    if all_different and one_word and (named or n_rows >= _FEW_ROWS):
        return "identifier"
    few = column.n_distinct <= max(_CATEGORY_VALUES, min(_CATEGORY_MOST, _CATEGORY_SHARE * n_rows))
    differing = n_rows >= _FEW_ROWS and column.n_distinct > _MOSTLY_DIFFERENT * (n_rows - column.n_missing)
    return "category" if few and not (differing and (shape.n_with_blanks or is_measured)) else "text"


def remarks(
    readings: Sequence[Reading], columns: Sequence[Column], shapes: Sequence[Shape]
) -> tuple[str, ...]:
    """Say what was read as missing, what did not fit, and what had to be assumed.

    Parameters
    ----------
    readings : sequence of Reading
        How each column was read.
    columns : sequence of Column
        The columns with their final kinds.
    shapes : sequence of Shape
        What else is known of their values.

    Returns
    -------
    tuple of str
        One plain sentence each.
    """
    notes = [*_missing_notes(readings, columns), *_blank_notes(readings, columns)]
    for column, reading, shape in zip(columns, readings, shapes, strict=True):
        notes += reading.notes
        if column.n_unreadable:
            notes.append(_unreadable_note(column))
        if column.stored == "VARCHAR" and shape.longest <= _CODE_LENGTH:
            notes += _code_notes(column)
    return tuple(notes)


def told_by(name: str, reading: Reading, unreadable: tuple[tuple[int, str], ...]) -> Column:
    """Make a column of what its reading tells; nothing is counted yet.

    Parameters
    ----------
    name : str
        The column's name.
    reading : Reading
        How it was read.
    unreadable : tuple of (int, str)
        The first cells that do not fit, with their lines.

    Returns
    -------
    Column
        With stored type, format, unit, labels, spellings of missing and the kind it almost has.
    """
    form = reading.form
    return Column(
        name=name,
        kind=KIND_OF[reading.stored],
        stored=reading.stored,
        n_missing=0,
        n_distinct=0,
        n_unreadable=reading.n_unreadable,
        unreadable=unreadable,
        format=form.format if form else "",
        unit=(form.unit if form else "") or (reading.zone if reading.stored == "TIMESTAMP" else ""),
        other_formats=reading.other_formats,
        labels=reading.labels,
        missing=reading.spellings,
        spellings=reading.own_spellings,
        almost=reading.almost.kind if reading.almost else "",
        almost_format=reading.almost.format if reading.almost else "",
        almost_unit=reading.almost.unit if reading.almost else "",
    )


def _missing_notes(readings: Sequence[Reading], columns: Sequence[Column]) -> list[str]:
    """One sentence for each spelling of nothing, with the columns and how often."""
    found: dict[str, list[str]] = {}
    for column, reading in zip(columns, readings, strict=True):
        for text, n in reading.spellings:
            found.setdefault(text, []).append(f"{shown(column.name)} ({n:,})")
    return [f"{shown(text)} was read as missing in {_first(places)}." for text, places in found.items()]


def _blank_notes(readings: Sequence[Reading], columns: Sequence[Column]) -> list[str]:
    """One sentence for the texts that lost something; beside numbers and dates blanks mean nothing."""
    names = [
        shown(column.name)
        for column, reading in zip(columns, readings, strict=True)
        if reading.has_blanks and column.stored == "VARCHAR"
    ]
    if not names:
        return []
    return [f"Blanks at the ends of cells were cut off in {counted(len(names), 'column')}: {_first(names)}."]


def _first(places: Sequence[str]) -> str:
    more = len(places) - _NAMED_COLUMNS
    return ", ".join(places[:_NAMED_COLUMNS]) + (f" and {more:,} more columns" if more > 0 else "")


def _code_notes(column: Column) -> list[str]:
    """Among short codes NA may be one, such as Namibia."""
    doubtful = [text for text, _ in column.missing if text in _DOUBTFUL]
    if not doubtful or column.n_distinct <= 1:
        return []
    return [
        f"{shown(column.name)} holds short codes: if {shown(doubtful[0])} is one of them, say on the page of "
        "columns that it does not mean missing."
    ]


def _unreadable_note(column: Column) -> str:
    where = ", ".join(f"line {line:,} ({shown(text, 40)})" for line, text in column.unreadable)
    n = column.n_unreadable
    more = ", …" if n > len(column.unreadable) else ""
    is_ = "is" if n == 1 else "are"
    if column.almost:
        kind = {"number": "numbers", "boolean": "true or false", "date": "dates"}[column.almost]
        return (
            f"Most cells of {shown(column.name)} are {kind}, but {counted(n, 'cell')} {is_} not: "
            f"{where}{more}. It was kept as text; "
            "choose the kind on the page of columns to set those cells to missing."
        )
    what = {"number": "no number", "boolean": "not true or false", "date": "no date of its form"}
    kind = what.get(column.kind, "not of the type of the others")
    return f"{shown(column.name)}: {counted(n, 'cell')} {is_} {kind} and became missing: {where}{more}."
