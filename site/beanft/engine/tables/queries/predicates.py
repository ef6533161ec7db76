"""What a filter asks, made plain: values of the column's own type and one of a few closed questions.

The SQL of a page and the lines of pandas that give the same rows are both written from these, so that they
cannot drift apart.
"""

import math
import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Column
from beanft.engine.tables.kinds.cells import forms_of
from beanft.engine.tables.queries.values import (
    comma_parts,
    day_or_moment,
    month_and_year,
    numbers_meant,
)
from beanft.engine.tables.wording import shown

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_LIST_MOST = 200  # values of one list; each is a comparison for every row
_BIGINT = range(-(2**63), 2**63)
_LENGTH_MOST = 10**9
_ITEM = re.compile(r'\s*"((?:[^"]|"")*)"\s*(?:;|$)|([^;]*)(?:;|$)')
_RANGE = ".."
_WHOLE_LETTERS = 10  # of the longest whole number that a question takes


@dataclass(frozen=True)
class Predicate:
    """One plain question to a column."""

    column: Column
    """The column asked."""
    name: str
    """ever, never, missing, present, equal, unequal, at-least, at-most, more, less, in, not-in, outside,
    beyond, outlier, infinite, contains, lacks, starts, ends, longer, unlike, year, month or weekday."""
    values: tuple[Any, ...] = ()
    """What it compares with: int, float, bool, str or datetime, as the column holds them."""


def predicates(column: Column, operator: str, value: Any, label: str) -> tuple[Predicate, ...]:
    """Turn an operator that fits a column, and what it compares with, into plain questions.

    Parameters
    ----------
    column : Column
        The column asked.
    operator : str
        A key of the operators of its kind.
    value : object
        Text as people type it, or a plain value; two values of "between" stand as 10..20, lists are
        separated by semicolons (see `split_list`) or, where no value holds one, by commas.
    label : str
        The operator in words, for the message.

    Returns
    -------
    tuple of Predicate
        Questions that must all be answered with yes.

    Raises
    ------
    EngineError
        When the value does not fit the column.

    Examples
    --------
    >>> age = Column(name="age", kind="number", stored="BIGINT", n_missing=0, n_distinct=9)
    >>> [(one.name, one.values) for one in predicates(age, "between", "20..10.5", "between")]
    [('at-least', (11,)), ('at-most', (20,))]
    """
    plain = {"is-missing": "missing", "is-not-missing": "present"}
    if operator in plain:
        return (Predicate(column, plain[operator]),)
    if operator == "is-infinite":
        return (Predicate(column, "infinite" if column.stored == "DOUBLE" else "never"),)
    if operator == "is-outlier":
        return (_outlier(column),)
    if operator in _UNLIKE:
        return (_unlike(column, *_UNLIKE[operator]),)
    question = _Question(column, value, label)
    family = family_of(column)
    if family == "number":
        return _number_predicates(question, operator)
    if family == "date":
        return _date_predicates(question, operator)
    if family == "boolean":
        return (Predicate(column, _EQUAL[operator], (question.truth(),)),)
    return (_text_predicate(question, operator),)


def family_of(column: Column) -> str:
    """Say as what the values of a column are compared.

    Parameters
    ----------
    column : Column
        Any column.

    Returns
    -------
    str
        number, date, boolean or text; a constant column is compared as what it holds.
    """
    if column.kind in ("number", "date", "boolean"):
        return column.kind
    return _STORED.get(column.stored, "text") if column.kind == "constant" else "text"


def split_list(text: str) -> tuple[str, ...]:
    r"""Read a list such as `one; two; "three; four"`.

    Values are separated by semicolons. One that holds a semicolon, a quote or blanks at its ends stands in
    double quotes, its own quotes doubled; an empty one counts only as "".

    Parameters
    ----------
    text : str
        What was typed.

    Returns
    -------
    tuple of str
        The values, each once, in order.

    Examples
    --------
    >>> split_list('one; two;; "three; four"; ')
    ('one', 'two', 'three; four')
    """
    found: dict[str, None] = {}
    for match in _ITEM.finditer(text):
        quoted, bare = match.groups()
        if quoted is not None:
            found[quoted.replace('""', '"')] = None
        elif bare.strip():
            found[bare.strip()] = None
    return tuple(found)


def join_list(values: tuple[str, ...]) -> str:
    """Write a list so that `split_list` reads the same values.

    Parameters
    ----------
    values : tuple of str
        Any texts.

    Returns
    -------
    str
        The list.

    Examples
    --------
    >>> join_list(("one", "a;b", "c,d"))
    'one; "a;b"; "c,d"'
    """
    return "; ".join(_item(value) for value in values)


_STORED = {"BIGINT": "number", "DOUBLE": "number", "BOOLEAN": "boolean", "DATE": "date", "TIMESTAMP": "date"}
_EQUAL = {"equals": "equal", "not-equals": "unequal"}
_ORDER = {"at-least": "at-least", "at-most": "at-most", "more-than": "more", "less-than": "less"}


@dataclass(frozen=True)
class _Question:
    """A value on its way to the type of its column; each way raises a sentence where it leads nowhere."""

    column: Column
    value: Any
    label: str

    @property
    def text(self) -> str:
        return "" if self.value is None else str(self.value)

    def unfit(self, what: str, part: str | None = None) -> EngineError:
        asked = shown(f"{self.column.name[:60]} {self.label} {self.text[:60]}", 200)
        wrong = shown(self.text if part is None else part)
        return EngineError(f"{wrong} is not {what}, so {asked} cannot be answered.")

    def two(self) -> tuple[str, str]:
        """The ends of a range."""
        low, found, high = self.text.partition(_RANGE)
        if not found:
            example = "10..20" if family_of(self.column) == "number" else "2024-01-01..2024-12-31"
            raise self.unfit(f"two values such as {example}")
        return low.strip(), high.strip()

    def many(self) -> tuple[str, ...]:
        """The values of a list; commas divide it where there is no semicolon and no value holds them."""
        values = split_list(self.text)
        if len(values) == 1 and not set(self.text) & set(';"'):
            values = comma_parts(self.column, values[0])
        if not values:
            raise self.unfit("a list of values such as one; two")
        if len(values) > _LIST_MOST:
            raise EngineError(
                f"The list for {shown(self.column.name)} has {len(values):,} values; "
                f"at most {_LIST_MOST} can be asked for at once. Ask for fewer."
            )
        return values

    def number(self, text: str) -> int | float:
        """A number of the column's own type; one beyond 64 bits or with a fraction stays what it is."""
        meant = numbers_meant(self.column, text)
        if not meant:
            raise self.unfit("a number", text.strip())
        if len(meant) > 1:
            either = " or ".join(f"{one:.15g}" for one in meant)
            raise EngineError(f"{shown(text.strip())} may mean {either}. Write it without a comma.")
        number = meant[0]
        if isinstance(number, float):
            if not math.isfinite(number):
                raise self.unfit("a number", text)
            return int(number) if self.column.stored == "BIGINT" and number.is_integer() else number
        if abs(number) >= 10**308:  # as for numbers with a fraction
            raise self.unfit("a number", text)
        return number

    def whole(self, within: range, what: str) -> int:
        text = self.text.strip()
        if not (text.isascii() and text.isdigit() and len(text) <= _WHOLE_LETTERS and int(text) in within):
            raise self.unfit(what)
        return int(text)

    def truth(self) -> bool:
        known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        known |= {label.casefold(): bool(at) for at, label in enumerate(self.column.labels)}
        text = self.text.strip().casefold()
        if text not in known:
            no, yes = (shown(label) for label in self.column.labels or ("false", "true"))
            raise self.unfit(f"{yes} or {no}" if self.column.labels else "true or false")
        return known[text]

    def moment(self, value: Any) -> date:
        if isinstance(value, date):
            moment = value
        else:
            read = day_or_moment(self.column, str(value))
            if read is None:
                raise self.unfit("a date such as 2024-12-31", str(value).strip())
            moment = read
        return moment.replace(tzinfo=None) if isinstance(moment, datetime) else moment

    def named(self, names: tuple[str, ...], what: str, text: str | None = None) -> int:
        """Place of a month or weekday, from 1, given as a number, a name, or a name's first three letters."""
        text = (self.text if text is None else text).strip().lower()
        for place, name in enumerate(names, start=1):
            if text in (str(place), f"{place:02d}", name.lower(), name[:3].lower()):
                return place
        raise self.unfit(what)

    def characters(self, text: str) -> str:
        if any("\ud800" <= sign <= "\udfff" for sign in text):  # half a character: no table can hold it
            raise self.unfit("text", text)
        return text


def _number_predicates(question: _Question, operator: str) -> tuple[Predicate, ...]:
    column = question.column
    if operator == "one-of":
        return (_one_of(column, tuple(question.number(text) for text in question.many())),)
    if operator == "between":
        low, high = sorted(question.number(text) for text in question.two())
        return _compared(column, "at-least", low), _compared(column, "at-most", high)
    return (_compared(column, _ORDER.get(operator) or _EQUAL[operator], question.number(question.text)),)


def _one_of(column: Column, numbers: tuple[int | float, ...]) -> Predicate:
    if column.stored == "BIGINT":
        numbers = tuple(one for one in numbers if isinstance(one, int) and one in _BIGINT)
    return Predicate(column, "in", numbers) if numbers else Predicate(column, "never")


def _compared(column: Column, name: str, number: int | float) -> Predicate:
    """A comparison; for whole numbers, one with a fraction or beyond 64 bits becomes one they can hold.

    The engines would compare as floating-point numbers, which are not exact beyond 2^53.
    """
    if column.stored != "BIGINT" or (isinstance(number, int) and number in _BIGINT):
        return Predicate(column, name, (number,))
    if name in ("equal", "unequal"):
        return Predicate(column, "never" if name == "equal" else "ever")
    upwards = name in ("at-least", "more")
    bound = math.ceil(number) if upwards else math.floor(number)
    if bound in _BIGINT:
        return Predicate(column, "at-least" if upwards else "at-most", (bound,))
    return Predicate(column, "never" if upwards == (bound > 0) else "present")


_UNLIKE = {"is-no-number": ("number", ("DOUBLE",)), "is-no-date": ("date", ("DATE", "TIMESTAMP"))}


def _unlike(column: Column, kind: str, stored: tuple[str, ...]) -> Predicate:
    """Texts that are not written as most cells of the column, or as plain numbers and dates."""
    form = (column.almost_format, column.almost_unit) if column.almost == kind else ("", "")
    patterns = [one.pattern for type_ in stored for one in forms_of(type_, *form)[:1]]
    return Predicate(column, "unlike", (f"^({'|'.join(patterns)})$",))


def _outlier(column: Column) -> Predicate:
    if len(column.fences) != 2:  # a lower and an upper one
        raise EngineError(
            f"No number of {shown(column.name)} can be called an outlier: "
            "there are too few of them, or they are too alike."
        )
    low, high = column.fences
    if column.stored == "BIGINT":  # compared exactly, not as floating points
        low, high = max(math.ceil(low), _BIGINT[0]), min(math.floor(high), _BIGINT[-1])
        return Predicate(column, "beyond", (low, high))
    return Predicate(column, "outlier", (low, high))


def _date_predicates(question: _Question, operator: str) -> tuple[Predicate, ...]:
    """A day means all its hours, also in a column of times."""
    column = question.column
    if operator == "in-year":
        return (Predicate(column, "year", (question.whole(range(1, 10_000), "a year such as 2024"),)),)
    if operator == "in-month":
        return _month_predicates(question)
    if operator == "on-weekday":
        return (Predicate(column, "weekday", (question.named(WEEKDAYS, "a weekday such as Monday"),)),)
    if operator == "between":
        first, last = sorted(_span(question.moment(text)) for text in question.two())
        return Predicate(column, "at-least", first[:1]), Predicate(column, "at-most", last[1:])
    start, end = _span(question.moment(question.value))
    return {
        "equals": (Predicate(column, "at-least", (start,)), Predicate(column, "at-most", (end,))),
        "not-equals": (Predicate(column, "outside", (start, end)),),
        "at-least": (Predicate(column, "at-least", (start,)),),
        "at-most": (Predicate(column, "at-most", (end,)),),
    }[operator]


def _month_predicates(question: _Question) -> tuple[Predicate, ...]:
    """March of every year, or of one year as 2024-03."""
    month, year = month_and_year(question.text)
    place = question.named(MONTHS, "a month such as 3, March or 2024-03", month)
    found = (Predicate(question.column, "month", (place,)),)
    return found if year is None else (Predicate(question.column, "year", (year,)), *found)


def _span(moment: date) -> tuple[datetime, datetime]:
    """First and last microsecond of a day, or a moment twice."""
    if isinstance(moment, datetime):
        return moment, moment
    return datetime.combine(moment, time.min), datetime.combine(moment, time.max)


_TEXT = {
    **_EQUAL,
    "contains": "contains",
    "not-contains": "lacks",
    "starts-with": "starts",
    "ends-with": "ends",
}


def _text_predicate(question: _Question, operator: str) -> Predicate:
    column = question.column
    if operator in ("one-of", "none-of"):
        texts = tuple(question.characters(text) for text in question.many())
        return Predicate(column, "in" if operator == "one-of" else "not-in", texts)
    if operator == "longer-than":
        return Predicate(column, "longer", (question.whole(range(_LENGTH_MOST), "a number of characters"),))
    return Predicate(column, _TEXT[operator], (question.characters(question.text),))


def _item(value: str) -> str:
    if value and value == value.strip() and not set(value) & set(';",'):
        return value
    return '"' + value.replace('"', '""') + '"'
