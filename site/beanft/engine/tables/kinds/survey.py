"""Finds from all cells of the columns of a text table in which form each is written."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from beanft.engine.tables.kinds.assumed import formula_notes
from beanft.engine.tables.kinds.cells import missing
from beanft.engine.tables.kinds.counting import LEADING_ZERO, LONG, Counts, Question, count
from beanft.engine.tables.kinds.dates import DATES
from beanft.engine.tables.kinds.decision import MOSTLY, decided, detailed, sign_of
from beanft.engine.tables.kinds.details import count_details
from beanft.engine.tables.kinds.forms import BLANKS, Form
from beanft.engine.tables.kinds.guess import guess, share, styles, wider
from beanft.engine.tables.kinds.numbers import (
    DECIMAL,
    EXACT_LENGTH,
    styled,
    units_of,
)
from beanft.engine.tables.kinds.reading import Reading
from beanft.engine.tables.wishes import ColumnWish

_FEW_CELLS = 20  # a sample with fewer values than these says little of the column
_LOOKED_AT = 100  # cells of a text that tell a clock or JSON
_CLOCK = "[+-]?[0-9]{1,3}:[0-5][0-9](:[0-5][0-9])?([.,][0-9]+)?"
_JSON = r"\{.*[:,].*\}|\[.*[:,].*\]"  # what stands in braces without these may be a number of its own
MEASURED = f"(?s:{_CLOCK}|{_JSON})"
"""Pattern of clock times, durations and JSON: texts that mostly differ, and name nothing."""

_measured = re.compile(MEASURED).fullmatch
_LEADING_ZERO = re.compile(LEADING_ZERO).fullmatch
_LONG = re.compile(LONG).fullmatch


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What is asked of the columns of a table, and what a sample told of them."""

    questions: tuple[Question, ...]
    """What is counted, in the order of the columns."""
    names: tuple[str, ...]
    """Their names."""
    cells: tuple[Sequence[str], ...]
    """Some cells of each as they stand."""
    samples: tuple[tuple[str, ...], ...]
    """Those of them that are not missing, without blanks at their ends."""
    wishes: tuple[ColumnWish, ...]
    """What the owner asked for."""
    delimiter: str
    """The file's delimiter; a semicolon speaks for decimal commas."""

    def likely(self) -> tuple[Form | None, ...]:
        """Give the form that each column will have should all of its cells be like the sample's."""
        return tuple(reading.form for reading in self.decided(list(map(_told, self.questions, self.samples))))

    def decided(self, counts: Sequence[Counts]) -> list[Reading]:
        """Settle all columns by what was counted of them."""
        told = zip(self.questions, counts, self.samples, self.names, self.wishes, strict=True)
        sign = sign_of(counts)
        return [decided(*one, delimiter=self.delimiter, sign=sign) for one in told]


def survey(
    cells: Sequence[str],
    *,
    names: Sequence[str],
    sample: Sequence[Sequence[str]],
    wishes: Mapping[str, ColumnWish],
    delimiter: str,
) -> Survey:
    """Find from some cells what is to be counted in all of them.

    Parameters
    ----------
    cells : sequence of str
        SQL of the columns.
    names : sequence of str
        Their names.
    sample : sequence of sequences of str
        Some cells of each column.
    wishes : mapping of str to ColumnWish
        What the owner asked for, by name.
    delimiter : str
        The file's delimiter; a semicolon speaks for decimal commas.

    Returns
    -------
    Survey
        A question for each column.
    """
    own = tuple(wishes.get(name, ColumnWish()) for name in names)
    present = tuple(_present(texts, wish) for texts, wish in zip(sample, own, strict=True))
    questions = tuple(
        Question(
            cell=cell,
            forms=_with_wider(guess(texts, name=name, wish=wish, delimiter=delimiter)),
            missing=wish.missing,
            has_spellings=len(texts) < sum(1 for text in some if text.strip(BLANKS)),
            wants_examples=len(texts) < _FEW_CELLS and wish.kind != "text",
        )
        for cell, texts, some, name, wish in zip(cells, present, sample, names, own, strict=True)
    )
    return Survey(
        questions=questions,
        names=tuple(names),
        cells=tuple(sample),
        samples=present,
        wishes=own,
        delimiter=delimiter,
    )


def read_columns(
    database: duckdb.DuckDBPyConnection,
    table: str,
    cells: Sequence[str],
    *,
    names: Sequence[str],
    sample: Sequence[Sequence[str]],
    wishes: Mapping[str, ColumnWish],
    delimiter: str,
) -> tuple[int, list[Reading]]:
    """Find the forms of all columns: guessed from a sample, settled by counting all cells.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        Where the table can be read.
    table : str
        SQL of a FROM item whose columns are texts.
    cells : sequence of str
        SQL of the columns.
    names : sequence of str
        Their names.
    sample : sequence of sequences of str
        Some cells of each column.
    wishes : mapping of str to ColumnWish
        What the owner asked for, by name.
    delimiter : str
        The file's delimiter; a semicolon speaks for decimal commas.

    Returns
    -------
    n_rows : int
        Rows of the table.
    readings : list of Reading
        In the order of the columns.
    """
    asked = survey(cells, names=names, sample=sample, wishes=wishes, delimiter=delimiter)
    n_rows, counts = count(database, table, asked.questions)
    return n_rows, settle(database, table, asked, counts)


def settle(
    database: duckdb.DuckDBPyConnection, table: str, asked: Survey, counted: Sequence[Counts]
) -> list[Reading]:
    """Settle the forms of all columns; those whose cells surprise are counted once more.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        Where the table can be read.
    table : str
        SQL of a FROM item whose columns are texts.
    asked : Survey
        What was asked of the columns.
    counted : sequence of Counts
        What was counted.

    Returns
    -------
    list of Reading
        In the order of the columns.
    """
    questions, counts = list(asked.questions), list(counted)
    _look_closer(database, table, questions, counts)
    _ask_again(database, table, questions, counts, asked)
    readings = replace(asked, questions=tuple(questions)).decided(counts)
    closer = {
        number: (f"({reading.text})", reading.form)
        for number, (reading, own) in enumerate(zip(readings, counts, strict=True))
        if reading.form and _may_lose(reading.form, own)
    }
    for number, details in count_details(database, table, closer).items():
        readings[number] = detailed(readings[number], details, asked.names[number], asked.wishes[number])
    told = zip(readings, asked.samples, asked.names, strict=True)
    return [reading if reading.form else _of_text(reading, sample, name) for reading, sample, name in told]


def _of_text(reading: Reading, sample: Sequence[str], name: str) -> Reading:
    """Add what the cells of a text tell."""
    notes = (*reading.notes, *formula_notes(sample, name))
    return replace(reading, is_measured=_is_measured(reading, sample), notes=notes)


def _is_measured(reading: Reading, sample: Sequence[str]) -> bool:
    """Whether most texts are values that differ by chance, which name no rows although all may differ."""
    if reading.almost and (reading.almost.format or reading.almost.unit):
        return True
    some = sample[:_LOOKED_AT]
    return sum(map(bool, map(_measured, some))) > MOSTLY * len(some)


def _present(texts: Sequence[str], wish: ColumnWish) -> tuple[str, ...]:
    return tuple(text.strip(BLANKS) for text in texts if not missing(text, wish.missing))


def _told(question: Question, sample: Sequence[str]) -> Counts:
    """Count in a sample what decides the form of a column."""
    return Counts(
        n_values=len(sample),
        n_sure=0,
        fits={form: sum(form.value(text) is not None for text in sample) for form in question.forms},
        n_leading_zeros=sum(map(bool, map(_LEADING_ZERO, sample))),
        n_long=sum(map(bool, map(_LONG, sample))),
        n_commas=sum("," in text for text in sample),
    )


def _with_wider(forms: Sequence[Form]) -> tuple[Form, ...]:
    """Add to the likeliest form the one that takes more: it costs nothing to count."""
    more = wider(forms[0]) if forms else None
    return tuple(dict.fromkeys((*forms, *([more] if more else []))))


def _look_closer(
    database: duckdb.DuckDBPyConnection, table: str, questions: list[Question], counts: list[Counts]
) -> None:
    """Count spellings of missing, and see cells that do not fit, where the first pass told of some."""
    closer = {
        number: replace(question, has_spellings=True, wants_examples=_is_odd(question, counted))
        for number, (question, counted) in enumerate(zip(questions, counts, strict=True))
        if counted.has_more_spellings or (_is_odd(question, counted) and not question.wants_examples)
    }
    if closer:
        _, found = count(database, table, list(closer.values()))
        for number, counted in zip(closer, found, strict=True):
            questions[number], counts[number] = closer[number], counted


def _is_odd(question: Question, counted: Counts) -> bool:
    """Whether cells do not fit for no known reason."""
    best = max(counted.fits.values(), default=0)
    return bool(question.forms) and counted.n_values > best + counted.n_leading_zeros


def _ask_again(
    database: duckdb.DuckDBPyConnection,
    table: str,
    questions: list[Question],
    counts: list[Counts],
    asked: Survey,
) -> None:
    """Count once more the columns whose other cells are of a form that the sample did not show."""
    again = {}
    for number, (question, counted) in enumerate(zip(questions, counts, strict=True)):
        forms = _more_forms(question, counted, asked.names[number], asked.wishes[number], asked.delimiter)
        if forms:
            again[number] = replace(question, forms=forms, wants_examples=False)
    if not again:
        return
    _, found = count(database, table, list(again.values()))
    for number, counted in zip(again, found, strict=True):
        questions[number], counts[number] = again[number], counted


def _more_forms(
    question: Question, counted: Counts, name: str, wish: ColumnWish, delimiter: str
) -> tuple[Form, ...]:
    """Forms to count besides those that were; none when there is nothing new to learn."""
    best = max(counted.fits.values(), default=0)
    if not counted.examples or best == counted.n_values or wish.kind == "text":
        return ()
    if not question.forms:
        return _with_wider(guess(counted.examples, name=name, wish=wish, delimiter=delimiter))
    unit = units_of(list(counted.examples))
    national = [styled(style, "DOUBLE", unit) for style in styles(unit)]
    known = set(question.forms)
    new = [
        form for form in (*national, DECIMAL, *DATES) if form not in known and share(form, counted.examples)
    ]
    of_kind = [form for form in new if wish.kind in ("", form.kind)]
    return (*question.forms, *of_kind) if of_kind else ()


def _may_lose(form: Form, counted: Counts) -> bool:
    """Whether some cells may have a +, brackets or more digits than are stored."""
    if form.kind != "number":
        return False
    n_unsure = counted.n_values - counted.n_sure
    if form.stored == "BIGINT" and n_unsure > MOSTLY * counted.n_values:
        return True
    is_national = bool(form.format or form.unit)
    return (is_national and n_unsure > 0) or (form.stored == "DOUBLE" and counted.longest > EXACT_LENGTH)
