"""Counts in one pass over a text table how many cells of each column have which form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from beanft.engine.tables.kinds.cells import MISSING, missing_sql
from beanft.engine.tables.kinds.dates import ZONE
from beanft.engine.tables.kinds.forms import Form, blank_at_ends, trimmed
from beanft.engine.tables.kinds.guess import wider
from beanft.engine.tables.kinds.numbers import DECIMAL_COMMA, THOUSANDS_COMMA
from beanft.engine.tables.quoting import literal

_EXAMPLES = 50  # of the cells that do not fit
_COLUMNS_A_STATEMENT = 100  # more take longer to plan than to read the file once more
LEADING_ZERO = "[+-]?0[0-9]+"
"""Pattern of whole numbers that begin with 0."""

LONG = "[+-]?[1-9][0-9]{15,}"
"""Pattern of whole numbers of more than 15 digits."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is to be counted in one column."""

    cell: str
    """SQL of the cell."""
    forms: tuple[Form, ...]
    """Forms of which the cells may be, the likeliest first."""
    missing: tuple[str, ...] | None
    """Spellings of missing; None for the usual."""
    has_spellings: bool = False
    """Whether each spelling of missing is counted; else one alone is told, and that there are others."""
    wants_examples: bool = False
    """Whether some of the cells that do not have the first form are wanted."""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What was counted in one column."""

    n_values: int
    """Cells that are not missing."""
    n_sure: int
    """Cells that the quick test of the first form told."""
    fits: Mapping[Form, int] = field(default_factory=dict)
    """Cells that have each form."""
    spellings: tuple[tuple[str, int], ...] = ()
    """Spellings of missing with their cells, the most frequent first."""
    has_more_spellings: bool = False
    """Whether there are several spellings and they were not asked for."""
    has_blanks: bool = False
    """Whether some cells have blanks at their ends."""
    n_leading_zeros: int = 0
    """Whole numbers that begin with 0."""
    n_long: int = 0
    """Whole numbers of more than 15 digits."""
    n_beyond: int = 0
    """Whole numbers beyond 64 bits."""
    n_commas: int = 0
    """Cells with a comma."""
    n_zones: int = 0
    """Times with a zone."""
    longest: int = 0
    """Bytes of the longest cell that the quick test did not tell, in a column that may hold numbers."""
    examples: tuple[str, ...] = ()
    """Some of the cells that do not have the first form."""


def count(
    database: duckdb.DuckDBPyConnection, table: str, questions: Sequence[Question]
) -> tuple[int, list[Counts]]:
    """Count rows and cells.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        Where the table can be read.
    table : str
        SQL of a FROM item whose columns are texts.
    questions : sequence of Question
        One for each column.

    Returns
    -------
    n_rows : int
        Rows of the table.
    counts : list of Counts
        In the order of the questions.
    """
    n_rows, counts = 0, []
    for start in range(0, len(questions), _COLUMNS_A_STATEMENT):
        some = questions[start : start + _COLUMNS_A_STATEMENT]
        statement = _statement(table, some)
        row = iter(database.execute(statement, [list(MISSING)] if "$1" in statement else []).fetchone() or ())
        n_rows = int(next(row))
        counts += [_counted(question, [next(row) for _ in _figures(0, question)]) for question in some]
    return n_rows, counts


def sure_sql(cell: str, question: Question) -> str:
    """Write a quick condition that says that a cell has the first form, or is a text and not missing.

    Parameters
    ----------
    cell : str
        SQL of the cell.
    question : Question
        What is asked of its column.

    Returns
    -------
    str
        SQL; other cells may be of the form as well.
    """
    if question.forms:
        condition = question.forms[0].sure.format(v=cell) or "false"
    elif question.wants_examples:
        condition = "false"
    else:
        spelled = missing_sql(cell) if question.missing is None else "false"
        condition = f"NOT {blank_at_ends(cell)} AND NOT {spelled}"  # an empty cell is before all signs
    if question.missing:
        return f"({condition}) AND NOT {missing_sql(cell, question.missing)}"
    return condition


def is_quick(form: Form, first: Form) -> bool:
    """Tell whether every sure cell of the first form of a question has another one as well.

    Parameters
    ----------
    form, first : Form
        The other form, and the first.

    Returns
    -------
    bool
        True for the first itself, and for the one that takes all its cells and more.

    Examples
    --------
    >>> from beanft.engine.tables.kinds.numbers import DECIMAL, INTEGER
    >>> is_quick(DECIMAL, INTEGER), is_quick(INTEGER, DECIMAL)
    (True, False)
    """
    return form is first or wider(first) is form


def _statement(table: str, questions: Sequence[Question]) -> str:
    """Each step uses the columns of the one before, so that nothing is computed twice.

    Most cells are told by the quick test. The steps after it work on the others alone: where there are none
    their columns hold one NULL for many rows, which costs nothing.
    """
    cells, others, rest, spelled, odd, whole = [], [], [], [], [], []
    for i, question in enumerate(questions):
        cells.append(f"{question.cell} AS v{i}")
        others.append(f"CASE WHEN {sure_sql(f'v{i}', question)} THEN NULL ELSE nullif(v{i}, '') END AS o{i}")
        rest.append(f"CASE WHEN o{i} IS NOT NULL THEN {trimmed(f'o{i}')} END AS r{i}")
        is_spelled = f"CASE WHEN {missing_sql(f'r{i}', question.missing)} THEN r{i} END"
        spelled.append(f"CASE WHEN r{i} IS NOT NULL THEN {is_spelled} END AS m{i}")
        odd.append(f"CASE WHEN m{i} IS NULL THEN r{i} END AS x{i}")
        if any(not is_quick(form, question.forms[0]) for form in question.forms):
            whole.append(f"CASE WHEN o{i} IS NULL THEN nullif(v{i}, '') ELSE x{i} END AS t{i}")
    figures = [figure for i, question in enumerate(questions) for figure in _figures(i, question)]
    inner = f"SELECT {', '.join(cells)} FROM {table}"  # noqa: S608 -- names of our own
    for step in (others, rest, spelled, odd, whole):
        if step:
            inner = f"SELECT *, {', '.join(step)} FROM ({inner})"  # noqa: S608 -- names of our own
    return f"SELECT count(*), {', '.join(figures)} FROM ({inner})"  # noqa: S608 -- names of our own


def _figures(i: int, question: Question) -> list[str]:
    """SQL of the figures of one column, as many for each as its question has."""
    x, forms = f"x{i}", question.forms
    own = question.missing or ("",)
    spellings = "$1" if question.missing is None else f"[{', '.join(map(literal, own))}]"
    whole = f"regexp_full_match({x}, '{LONG}')"
    is_number = any(form.kind == "number" for form in forms)
    formats = {form.format for form in forms}
    is_time = any(form.stored == "TIMESTAMP" and not form.format for form in forms)
    some = f"arg_min({x}, CASE WHEN {x} IS NOT NULL THEN hash({x}, v0) END, {_EXAMPLES})"
    return [
        _number_sure(i),
        f"histogram_exact(m{i}, {spellings})" if question.has_spellings else _one_spelling(i),
        f"count({x})",
        f"coalesce(bool_or(coalesce(r{i}, '') <> o{i}), false)",
        *(
            (
                _number_of(f"regexp_full_match({x}, '{LEADING_ZERO}')"),
                _number_of(whole),
                _number_of(f"{whole} AND TRY_CAST({x} AS BIGINT) IS NULL"),
            )
            if is_number
            else ("0", "0", "0")
        ),
        _number_of(f"contains(v{i}, ',')") if {DECIMAL_COMMA, THOUSANDS_COMMA} <= formats else "0",
        _number_of(f"regexp_matches({x}, '{ZONE}')") if is_time else "0",
        f"coalesce(max(strlen(o{i})), 0)" if is_number else "0",
        some if question.wants_examples else "NULL",
        *(_fit(i, form, forms[0]) for form in forms),
    ]


def _number_sure(i: int) -> str:
    """SQL of the number of cells that the quick test told: those that hold something, less the others."""
    return f"(count(nullif(v{i}, '')) - count(o{i}))"


def _one_spelling(i: int) -> str:
    """A histogram in the usual case that there is no spelling or one; a full one takes ten times as long."""
    return f"{{'n': count(m{i}), 'low': min(m{i}), 'high': max(m{i})}}"


def _number_of(condition: str) -> str:
    """Count rows without FILTER, which copies all columns of the statement anew for each count."""
    return f"count(CASE WHEN {condition} THEN 1 END)"


def _fit(i: int, form: Form, first: Form) -> str:
    """Count the cells of a form; those of the first one that are sure need no second look."""
    if is_quick(form, first):
        return f"count({form.expression(f'x{i}')}) + {_number_sure(i)}"
    return f"count({form.quick(f't{i}')})"


def _counted(question: Question, row: list[Any]) -> Counts:
    n_sure, spelled, n_rest, has_blanks, zeros, n_long, n_beyond, commas, zones, longest, *others = row
    examples, *fits = others
    more = not question.has_spellings and spelled["low"] != spelled["high"]
    if not question.has_spellings:
        spelled = {spelled["low"]: spelled["n"]}
    found = [(str(text), int(n)) for text, n in (spelled or {}).items() if n and text]
    return Counts(
        n_values=n_sure + n_rest,
        n_sure=n_sure,
        fits=dict(zip(question.forms, fits, strict=True)),
        spellings=tuple(sorted(found, key=lambda one: (-one[1], one[0]))),
        has_more_spellings=more,
        has_blanks=has_blanks,
        n_leading_zeros=zeros,
        n_long=n_long,
        n_beyond=n_beyond,
        n_commas=commas,
        n_zones=zones,
        longest=longest,
        examples=tuple(examples or ()),
    )
