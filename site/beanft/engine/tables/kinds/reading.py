"""Decides from all cells of the columns of a text table in which form each is written."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import KINDS
from beanft.engine.tables.connection import literal
from beanft.engine.tables.kinds.cells import missing
from beanft.engine.tables.kinds.counting import Counts, Question, count
from beanft.engine.tables.kinds.dates import DATES, has_nanoseconds, swapped
from beanft.engine.tables.kinds.details import EXACT_LENGTH, Details, count_details, details_notes
from beanft.engine.tables.kinds.forms import BLANKS, Form, trimmed
from beanft.engine.tables.kinds.guess import CONVERTED, guess, share, styles, wider
from beanft.engine.tables.kinds.numbers import (
    DECIMAL,
    DECIMAL_COMMA,
    STYLES,
    THOUSANDS_COMMA,
    styled,
    units_of,
)
from beanft.engine.tables.kinds.truths import DIGITS, PAIRS
from beanft.engine.tables.wishes import ColumnWish
from beanft.engine.tables.wording import listed, shown

KIND_OF = {
    "BIGINT": "number",
    "DOUBLE": "number",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "date",
    "VARCHAR": "text",
}
"""The kind that values of an SQL type have, until they are counted."""

_UNREADABLE_SHARE = 0.02  # more cells that do not fit than this, and the column is text
_UNREADABLE_CELLS = 100
_ALMOST_SHARE = 0.5  # a text column of which so many cells have a form is almost of that kind
_ALMOST_BOOLEAN_SHARE = 0.95  # yes, no and a third word make a category
_MOSTLY = 0.5  # of a column's cells
_FEW_CELLS = 20  # a sample with fewer values than these says little of the column


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How the cells of one column are read."""

    cell: str
    """SQL of the cell as it stands."""
    form: Form | None
    """The form they are converted by; None keeps the text."""
    n_values: int
    """Cells that are not missing."""
    n_unreadable: int = 0
    """Cells of another form: they become missing, or keep the column a text that is almost of a kind."""
    spellings: tuple[tuple[str, int], ...] = ()
    """Spellings of missing found besides empty cells, with their rows."""
    own_spellings: tuple[str, ...] | None = None
    """As in Column.spellings."""
    has_blanks: bool = False
    """Whether blanks stand at the ends of some cells."""
    is_sure: bool = False
    """Whether the quick test of the form told every cell."""
    almost: Form | None = None
    """The form that most cells have, where the others made the column text."""
    other_formats: tuple[str, ...] = ()
    """As in Column.other_formats."""
    labels: tuple[str, ...] = ()
    """As in Column.labels."""
    wish: str = ""
    """The kind the owner asked for, or ''."""
    typed: str = ""
    """SQL type of a cell that is no text but a value already."""
    notes: tuple[str, ...] = ()
    """What had to be assumed."""

    @property
    def stored(self) -> str:
        """SQL type of the values."""
        return self.typed or (self.form.stored if self.form else "VARCHAR")

    @property
    def text(self) -> str:
        """SQL expression of the text, NULL where it is missing."""
        text = trimmed(self.cell) if self.has_blanks else self.cell
        return self._without_spellings(f"nullif({text}, '')")

    @property
    def value(self) -> str:
        """SQL expression of the stored value."""
        if self.typed:
            return self.cell
        if self.form is None:
            return self.text
        if self.is_sure and not self.has_blanks:
            # A comparison makes false of an empty text; the other casts make NULL of it.
            cell = f"nullif({self.cell}, '')" if self.form.kind == "boolean" else self.cell
            return self.form.cast.format(v=self._without_spellings(cell))
        return self.form.quick(f"({self.text})")

    @property
    def misfit(self) -> str:
        """SQL condition that a cell is not missing and has not the form."""
        form = self.form or self.almost
        return (
            f"({self.text}) IS NOT NULL AND ({form.expression(f'({self.text})')}) IS NULL"
            if form
            else "false"
        )

    def _without_spellings(self, text: str) -> str:
        for spelling, _ in self.spellings:
            text = f"nullif({text}, {literal(spelling)})"
        return text


def check_wishes(columns: Mapping[str, ColumnWish], names: Sequence[str]) -> tuple[str, ...]:
    """Refuse kinds that do not exist; wishes for columns that the table does not have ask for nothing.

    Parameters
    ----------
    columns : mapping of str to ColumnWish
        Wishes by column name.
    names : sequence of str
        Names of the table's columns.

    Returns
    -------
    tuple of str
        A note when some of the columns are not there.

    Raises
    ------
    EngineError
        Naming the first kind that is wrong.
    """
    there = set(names)
    for name, wish in columns.items():
        if name in there and wish.kind and wish.kind not in KINDS:
            raise EngineError(f"{shown(wish.kind)} is no kind of column. Choose one of {', '.join(KINDS)}.")
    gone = [shown(name, 30) for name in columns if name not in there]
    if not gone:
        return ()
    one = len(gone) == 1
    return (
        f"The table has no {'column' if one else 'columns'} {listed(gone)}; "
        f"what was asked for {'it' if one else 'them'} was left out.",
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
    own = [wishes.get(name, ColumnWish()) for name in names]
    present = [_present(texts, wish) for texts, wish in zip(sample, own, strict=True)]
    questions = [
        Question(
            cell=cell,
            forms=_with_wider(guess(texts, name=name, wish=wish, delimiter=delimiter)),
            missing=wish.missing,
            has_spellings=len(texts) < sum(1 for text in some if text.strip(BLANKS)),
            wants_examples=len(texts) < _FEW_CELLS and wish.kind != "text",
        )
        for cell, texts, some, name, wish in zip(cells, present, sample, names, own, strict=True)
    ]
    n_rows, counts = count(database, table, questions)
    _look_closer(database, table, questions, counts)
    _ask_again(database, table, questions, counts, names, own, delimiter)
    settled = zip(questions, counts, present, names, own, strict=True)
    readings = [_reading(*one, delimiter=delimiter) for one in settled]
    closer = {
        number: (f"({reading.text})", reading.form)
        for number, (reading, counted) in enumerate(zip(readings, counts, strict=True))
        if reading.form and _may_lose(reading.form, counted)
    }
    for number, details in count_details(database, table, closer).items():
        readings[number] = _detailed(readings[number], details, names[number], own[number])
    return n_rows, readings


def _present(texts: Sequence[str], wish: ColumnWish) -> list[str]:
    return [text.strip(BLANKS) for text in texts if not missing(text, wish.missing)]


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
    names: Sequence[str],
    wishes: Sequence[ColumnWish],
    delimiter: str,
) -> None:
    """Count once more the columns whose other cells are of a form that the sample did not show."""
    again = {}
    for number, (question, counted) in enumerate(zip(questions, counts, strict=True)):
        forms = _more_forms(question, counted, names[number], wishes[number], delimiter)
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
    if form.stored == "BIGINT" and n_unsure > _MOSTLY * counted.n_values:
        return True
    is_national = bool(form.format or form.unit)
    return (is_national and n_unsure > 0) or (form.stored == "DOUBLE" and counted.longest > EXACT_LENGTH)


def _detailed(reading: Reading, details: Details, name: str, wish: ColumnWish) -> Reading:
    """Keep phone numbers as text, or say what the numbers lose."""
    is_phone = details.n_phones > _MOSTLY * reading.n_values
    if reading.form and is_phone and not _is_wished(wish):
        reason = "most of the numbers start with + and have seven digits or more, as phone numbers do"
        return _as_text(replace(reading, other_formats=()), reading.form, reason, name, wish.kind)
    return replace(reading, notes=(*reading.notes, *details_notes(details, name)))


def _is_wished(wish: ColumnWish) -> bool:
    """Whether the owner's word makes cells that do not fit missing."""
    return wish.kind in CONVERTED or (bool(wish.format) and not wish.kind)


def _reading(
    question: Question, counted: Counts, sample: Sequence[str], name: str, wish: ColumnWish, *, delimiter: str
) -> Reading:
    """Settle one column."""
    form, others = _best(question.forms, counted, delimiter)
    reading = Reading(
        cell=question.cell,
        form=form,
        n_values=counted.n_values,
        spellings=counted.spellings,
        own_spellings=question.missing,
        has_blanks=counted.has_blanks,
        wish=wish.kind,
    )
    if form is None or (not counted.n_values and not wish.kind):
        return replace(reading, form=None, notes=_nanosecond_notes(sample, name, wish))
    n_unfit = counted.n_values - counted.fits[form]
    reading = replace(reading, n_unreadable=n_unfit)
    if not _is_wished(wish):
        reason = _reason_for_text(counted, form, wish.kind, n_unfit)
        if reason is not None:
            return _as_text(reading, form, reason, name, wish.kind)
    assumed = () if wish.format else (*_century_notes(form, name), *_ambiguity(form, others, name))
    return replace(
        reading,
        is_sure=form is question.forms[0] and counted.n_sure == counted.n_values and bool(form.cast),
        other_formats=() if wish.format else others,
        labels=_labels(form, sample) if form.kind == "boolean" else (),
        notes=(*_zone_notes(counted, form, name), *assumed),
    )


def _as_text(reading: Reading, form: Form, reason: str, name: str, wish: str) -> Reading:
    """Keep the text, and say what most cells were."""
    notes = (f"The digits of {shown(name)} are kept exactly as written: {reason}.",) if reason else ()
    n_fit = reading.n_values - reading.n_unreadable
    least = _ALMOST_BOOLEAN_SHARE if form.kind == "boolean" else _ALMOST_SHARE
    is_almost = bool(reading.n_unreadable) and n_fit >= least * reading.n_values and not (wish or reason)
    return replace(
        reading,
        form=None,
        almost=form if is_almost else None,
        n_unreadable=reading.n_unreadable if is_almost else 0,
        notes=notes,
    )


def _reason_for_text(counted: Counts, form: Form, wish: str, n_unfit: int) -> str | None:
    """Why the column stays text, '' when too many cells do not fit, None when it does not stay text."""
    if form.kind == "number" and (counted.n_leading_zeros or counted.n_long):
        if counted.n_leading_zeros and form.format not in STYLES:
            return "some of the numbers start with 0, as codes do"
        if counted.n_beyond or (counted.n_long and form.stored != "BIGINT"):
            return "some of the numbers have more digits than a number can store"
    if n_unfit and wish in ("category", "identifier", "constant"):
        return ""  # these kinds need no conversion, so nothing need be lost
    if n_unfit > min(_UNREADABLE_CELLS, _UNREADABLE_SHARE * counted.n_values):
        return ""
    return None


def _best(forms: Sequence[Form], counted: Counts, delimiter: str) -> tuple[Form | None, tuple[str, ...]]:
    """Take the form that most cells have, the first of equals; name other forms that fit as well."""
    if not forms:
        return None, ()
    most = max(counted.fits.values())
    best = sorted((form for form in forms if counted.fits[form] == most), key=_breadth)
    form = best[0]
    formats = {one.format for one in best if one.kind == form.kind}
    turned = swapped(form.format)
    if turned and turned in formats:
        day_first = [
            one for one in best if one.format in (form.format, turned) and one.format.startswith("%d")
        ]
        if delimiter == ";" and day_first:
            form = day_first[0]
        return form, (swapped(form.format),)
    if form.kind == "number" and {DECIMAL_COMMA, THOUSANDS_COMMA} <= formats and counted.n_commas:
        return _comma(best, counted, delimiter)
    if form.kind == "number" and form is DECIMAL and DECIMAL_COMMA in formats:
        return form, (DECIMAL_COMMA,)
    return form, ()


def _breadth(form: Form) -> int:
    """Among forms that fit equally well the narrowest is meant."""
    return {"BIGINT": 0, "DATE": 0, "TIMESTAMP": 1, "DOUBLE": 1}.get(form.stored, 0)


def _comma(best: Sequence[Form], counted: Counts, delimiter: str) -> tuple[Form, tuple[str, ...]]:
    """Three digits follow every comma: decimals are seldom all so, and then whole numbers have them too."""
    decimal = next(form for form in best if form.format == DECIMAL_COMMA)
    grouped = next(form for form in best if form.format == THOUSANDS_COMMA)
    if delimiter == ";" and counted.n_commas == counted.n_values:
        return decimal, (THOUSANDS_COMMA,)
    return grouped, (DECIMAL_COMMA,)


def _labels(form: Form, sample: Sequence[str]) -> tuple[str, ...]:
    """The owner's most frequent words for false and true."""
    found: dict[bool, Counter[str]] = {False: Counter(), True: Counter()}
    for text in sample:
        value = form.value(text)
        if isinstance(value, bool):
            found[value][text] += 1
    if not found[False] and not found[True]:
        return ()
    usual = next(
        (pair for pair in (*PAIRS, DIGITS) if any(text.lower() in pair for text in sample)), PAIRS[0]
    )
    return tuple(
        found[truth].most_common(1)[0][0] if found[truth] else usual[truth] for truth in (False, True)
    )


def _zone_notes(counted: Counts, form: Form, name: str) -> tuple[str, ...]:
    if not counted.n_zones or form.stored != "TIMESTAMP" or form.format:
        return ()
    n_without = max(0, counted.fits[form] - counted.n_zones)
    if not n_without:
        return (f"The times of {shown(name)} have zones; they were turned into UTC.",)
    has = "cell has no zone: it was" if n_without == 1 else "cells have no zone: they were"
    return (
        f"The times of {shown(name)} that have zones were turned into UTC; {n_without:,} {has} taken as UTC "
        "already.",
    )


def _century_notes(form: Form, name: str) -> tuple[str, ...]:
    if "%y" not in form.format:
        return ()
    return (
        f"The years of {shown(name)} have two digits: 69 to 99 were read as 1969 to 1999, "
        "00 to 68 as 2000 to 2068.",
    )


def _nanosecond_notes(sample: Sequence[str], name: str, wish: ColumnWish) -> tuple[str, ...]:
    """Times in text whose last digits a conversion would cut off."""
    n_nanoseconds = sum(map(has_nanoseconds, sample))
    if wish.kind == "text" or not n_nanoseconds or n_nanoseconds < _ALMOST_SHARE * len(sample):
        return ()
    return (
        f"The times of {shown(name)} are kept exactly as written: they have nanoseconds, and a time is "
        "stored in microseconds.",
    )


def _ambiguity(form: Form, others: Sequence[str], name: str) -> tuple[str, ...]:
    """Say what else the cells could mean, and how to change it."""
    if not others:
        return ()
    change = "If that is wrong, choose the other form on the page of columns."
    if form.kind == "date":
        order = "month/day" if form.format.startswith("%m") else "day/month"
        return (
            f"The dates of {shown(name)} fit day/month and month/day; they were read as {order}. {change}",
        )
    meaning = {
        THOUSANDS_COMMA: "1,234 was read as one thousand two hundred thirty-four",
        DECIMAL_COMMA: "1,234 was read as 1.234",
    }.get(form.format, "1.234 was read as a little more than one, not as a thousand")
    return (f"The numbers of {shown(name)} can be read in two ways; {meaning}. {change}",)
