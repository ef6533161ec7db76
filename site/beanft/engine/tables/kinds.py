"""Decides from all cells of a text column in which form they are written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from beanft.engine.errors import EngineError
from beanft.engine.tables.cells import (
    ANY_DECIMAL,
    BINARY,
    BLANKS,
    BOOLEAN,
    COMMA,
    DATES,
    DECIMAL,
    INTEGER,
    MISSING,
    SPELT_ZEROS,
    Form,
)
from beanft.engine.tables.columns import KINDS
from beanft.engine.tables.connection import literal
from beanft.engine.tables.wording import listed, shown

_SAMPLE_CELLS = 500
_FIRST_LOOK = 40  # a form that none of so many cells has is not looked for in the other cells
_SAMPLE_SHARE = 0.5  # a form that fewer cells of the sample have is not looked for in the rest
_UNREADABLE_SHARE = 0.02  # more cells that do not fit than this, and the column is text
_UNREADABLE_CELLS = 100
_COMMA_DELIMITERS = (";", "\t", "|")  # where the comma divides cells it divides no numbers
_BLANK_CODES = ", ".join(str(ord(blank)) for blank in BLANKS)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How the cells of one column are read."""

    cell: str
    """SQL of the cell, blanks at its ends cut off."""
    form: Form | None
    """The form they are converted by; None keeps the text."""
    n_values: int
    """Cells that are not missing."""
    n_unreadable: int
    """Cells of another form, which become missing."""
    spellings: tuple[tuple[str, int], ...]
    """Spellings of missing found besides empty cells, with their rows."""
    wish: str
    """The kind the owner asked for, or ''."""
    notes: tuple[str, ...] = ()
    """What had to be assumed."""

    @property
    def text(self) -> str:
        """SQL expression of the text, NULL where it spells missing."""
        return value_sql(self.cell, [spelling for spelling, _ in self.spellings])

    @property
    def value(self) -> str:
        """SQL expression of the stored value."""
        return self.form.expression(f"({self.text})") if self.form else self.text


def check_wishes(kinds: Mapping[str, str], names: Sequence[str]) -> None:
    """Refuse kinds that do not exist and columns that the table does not have.

    Parameters
    ----------
    kinds : mapping of str to str
        Kinds by column name.
    names : sequence of str
        Names of the table's columns.

    Raises
    ------
    EngineError
        Naming the first that is wrong.
    """
    for name, kind in kinds.items():
        if kind not in KINDS:
            raise EngineError(f"{shown(kind)} is no kind of column. Choose one of {', '.join(KINDS)}.")
        if name not in names:
            raise EngineError(f"The table has no column {shown(name)}. Its columns are {listed(names)}.")


def value_sql(cell: str, spellings: Sequence[str]) -> str:
    """Write the SQL expression of a cell's text, NULL where it is a spelling of missing.

    Parameters
    ----------
    cell : str
        SQL of the cell.
    spellings : sequence of str
        Texts that mean missing.

    Returns
    -------
    str
        SQL expression.

    Examples
    --------
    >>> value_sql("c0", ["NA", "?"])
    "nullif(nullif(c0, 'NA'), '?')"
    """
    for spelling in spellings:
        cell = f"nullif({cell}, {literal(spelling)})"
    return cell


def read_column(
    database: duckdb.DuckDBPyConnection, table: str, cell: str, *, name: str, delimiter: str, wish: str = ""
) -> Reading:
    """Find the form of a column from all its cells.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        Where the table of texts is.
    table : str
        SQL name of the table.
    cell : str
        SQL name of the column.
    name : str
        The column's name for sentences.
    delimiter : str
        The file's delimiter; a comma forbids decimal commas.
    wish : str
        The kind the owner asked for, or "".

    Returns
    -------
    Reading
        The form and what does not fit it.
    """
    cell = _trimmed(database, table, cell)
    spellings = _spellings(database, table, cell)
    value = value_sql(cell, [spelling for spelling, _ in spellings])
    candidates = _wished(wish)
    if not candidates and wish != "text":
        sample = _sample(database, table, value)
        candidates = _candidates(sample, delimiter)
    count = _Counts(database, table, value, candidates)
    chosen, notes = _choose(count, candidates, wish, name, delimiter)
    n_unreadable = count.n_values - count.fits[chosen] if chosen else 0
    if n_unreadable and wish in ("category", "identifier", "constant"):
        chosen, n_unreadable = None, 0  # these kinds need no conversion, so nothing need be lost
    return Reading(
        cell=cell,
        form=chosen,
        n_values=count.n_values,
        n_unreadable=n_unreadable,
        spellings=spellings,
        wish=wish,
        notes=notes,
    )


def _spellings(database: duckdb.DuckDBPyConnection, table: str, cell: str) -> tuple[tuple[str, int], ...]:
    """Spellings of missing that the column holds."""
    any_of = " OR ".join(f"{cell} = {literal(spelling)}" for spelling in MISSING if spelling)
    found = database.execute(
        f"SELECT {cell}, count(*) FROM {table} WHERE {any_of} GROUP BY 1 ORDER BY 2 DESC, 1"  # noqa: S608 -- names of our own
    ).fetchall()
    return tuple((str(spelling), int(n)) for spelling, n in found)


def _trimmed(database: duckdb.DuckDBPyConnection, table: str, cell: str) -> str:
    """SQL of the cell without blanks at its ends; trimming is slow, so only where there are some."""
    ends = " OR ".join(f"ord({side}({cell}, 1)) IN ({_BLANK_CODES})" for side in ("left", "right"))
    row = database.execute(
        f"SELECT count(*) FROM {table} WHERE {ends}"  # noqa: S608 -- names of our own
    ).fetchone()
    return f"nullif(trim({cell}, {literal(BLANKS)}), '')" if row and row[0] else cell


def _sample(database: duckdb.DuckDBPyConnection, table: str, value: str) -> list[str]:
    """Cells from the start of the column and from all over it."""
    head = f"SELECT {value} AS v FROM {table} WHERE v IS NOT NULL LIMIT {_SAMPLE_CELLS}"  # noqa: S608 -- names of our own
    rest = (
        f"SELECT v FROM (SELECT {value} AS v, file_row_number AS r FROM {table}) "  # noqa: S608 -- names of our own
        f"WHERE r % greatest(1, (SELECT count(*) FROM {table}) // {_SAMPLE_CELLS}) = 0 AND v IS NOT NULL"
    )
    return [str(row[0]) for sql in (head, rest) for row in database.execute(sql).fetchall()]


def _candidates(sample: Sequence[str], delimiter: str) -> list[Form]:
    """Forms that at least half of the sampled cells have."""
    forms = [BOOLEAN, INTEGER, DECIMAL, *([COMMA] if delimiter in _COMMA_DELIMITERS else []), *DATES]
    some = sample[:: max(1, len(sample) // _FIRST_LOOK)]
    return [form for form in forms if _share(form, some) > 0 and _share(form, sample) >= _SAMPLE_SHARE]


def _share(form: Form, sample: Sequence[str]) -> float:
    return sum(form.value(text) is not None for text in sample) / max(1, len(sample))


def _wished(wish: str) -> list[Form]:
    """Forms of the kind that the owner asked for, all of them looked for in all cells."""
    return {
        "number": [INTEGER, SPELT_ZEROS, DECIMAL, ANY_DECIMAL, COMMA],
        "boolean": [BOOLEAN, BINARY],
        "date": list(DATES),
    }.get(wish, [])


class _Counts:
    """How many cells have a value, have each form, and are numbers that must stay text."""

    def __init__(
        self, database: duckdb.DuckDBPyConnection, table: str, value: str, forms: Sequence[Form]
    ) -> None:
        counts = [f"count({form.expression('v')})" for form in forms]
        whole = "regexp_full_match(v, '[+-]?[1-9][0-9]{15,}')"
        odd = (
            "count(*) FILTER (regexp_full_match(v, '[+-]?0[0-9]+'))",
            f"count(*) FILTER ({whole})",
            f"count(*) FILTER ({whole} AND TRY_CAST(v AS BIGINT) IS NULL)",
        )
        numeric = any(form.kind == "number" for form in forms)
        wanted = ["count(v)", *(odd if numeric else ("0", "0", "0")), *counts]
        row = database.execute(
            f"SELECT {', '.join(wanted)} FROM (SELECT {value} AS v FROM {table})"  # noqa: S608 -- names of our own
        ).fetchone()
        figures = [int(figure) for figure in row or ()]
        self.n_values, self.n_leading_zeros, self.n_long, self.n_beyond = figures[:4]
        self.fits = dict(zip(forms, figures[4:], strict=True))


def _choose(
    count: _Counts, candidates: Sequence[Form], wish: str, name: str, delimiter: str
) -> tuple[Form | None, tuple[str, ...]]:
    """Take the form that most cells have, the first of equals, unless too many cells do not have it."""
    if not candidates or (not count.n_values and not wish):
        return None, ()
    most = max(count.fits.values())
    best = [form for form in candidates if count.fits[form] == most]
    form = _day_or_month(best, delimiter)
    if wish in ("number", "boolean", "date"):
        return form, ()
    n_unfit = count.n_values - most
    if n_unfit > min(_UNREADABLE_CELLS, _UNREADABLE_SHARE * count.n_values):
        return None, ()
    if form.kind == "number":
        reason = _must_stay_text(count, form)
        if reason:
            return None, (f"{shown(name)} was kept as text: {reason}.",)
    return form, _ambiguity(best, form, name)


def _must_stay_text(count: _Counts, form: Form) -> str:
    """Why numbers would lose something as numbers."""
    if count.n_leading_zeros:
        return "some of its numbers start with 0, as codes do"
    if count.n_beyond or (count.n_long and form is not INTEGER):
        return "some of its numbers have more digits than can be stored exactly"
    return ""


def _day_or_month(best: Sequence[Form], delimiter: str) -> Form:
    """Of two readings of 01/02/2024 take the day first where the delimiter tells of a decimal comma."""
    if best[0].format.startswith("%m/%d") and delimiter == ";":
        swapped = best[0].format.replace("%m/%d", "%d/%m")
        return next((form for form in best if form.format == swapped), best[0])
    return best[0]


def _ambiguity(best: Sequence[Form], form: Form, name: str) -> tuple[str, ...]:
    days = {one.format for one in best}
    if "/" not in form.format or form.format.startswith("%Y"):
        return ()
    other = {"%m/%d": "%d/%m", "%d/%m": "%m/%d"}[form.format[:5]] + form.format[5:]
    if other not in days:
        return ()
    order = "month/day" if form.format.startswith("%m") else "day/month"
    return (f"The dates of {shown(name)} fit day/month and month/day; they were read as {order}.",)
