"""Guesses from some cells of a column in which forms all of them may be written."""

import re
from collections.abc import Iterable, Sequence

from beanft.engine.errors import EngineError
from beanft.engine.tables.kinds.dates import (
    COMPACT,
    DATES,
    ISO_DAY,
    ISO_TIME,
    MIDNIGHT,
    MONTH_DIGITS,
    MONTHS,
    WISHED_MONTHS,
    written,
)
from beanft.engine.tables.kinds.forms import Form
from beanft.engine.tables.kinds.numbers import (
    ANY_DECIMAL,
    DECIMAL,
    DECIMAL_COMMA,
    INTEGER,
    SPELT_ZEROS,
    STYLES,
    styled,
    units_of,
)
from beanft.engine.tables.kinds.truths import BINARY, BOOLEAN, PAIRS, words
from beanft.engine.tables.wishes import ColumnWish
from beanft.engine.tables.wording import shown

PLAIN = "plain"
"""What a wish calls the form that needs no name."""

CONVERTED = ("number", "boolean", "date")
"""The kinds whose cells are converted; all others keep the text or whatever form fits every cell."""

_FIRST_LOOK = 24  # a form that none of so many cells has is not looked for in the others
_SHARE = 0.5  # a form that fewer cells have is none of the column's
_DAY_NAMES = re.compile(r"date|datum|day|tag|jour|fecha|dia|jahrtag|(^|_)(dt|ymd)(_|$)", re.IGNORECASE)
_DIVIDED = re.compile("[0-9A-Za-z][-/., ]+[0-9A-Za-z]")  # days, months and years have something between them
_COMPACT = written(COMPACT)
_YEAR = "(18|19|20|21)[0-9]{2}"
_MONTH = re.compile(
    f"(?P<year>{_YEAR})[-/](?P<month>[0-9]{{2}})|([0-9]{{2}}/|[A-Za-z]+[- ]){_YEAR}|{_YEAR}[- ][A-Za-z]+"
)
_MONTH_DIGITS = re.compile(f"{_YEAR}(0[1-9]|1[0-2])")
_PLAUSIBLE = re.compile("(19|20)[0-9]{6}|2100[0-9]{4}")  # years from 1900 to 2100


def guess(cells: Sequence[str], *, name: str, wish: ColumnWish, delimiter: str = ",") -> tuple[Form, ...]:
    """Find the forms that at least half of some cells have, the likeliest first.

    Parameters
    ----------
    cells : sequence of str
        Cells of the column without blanks at their ends, none of them missing.
    name : str
        The column's name, which tells days of eight digits from numbers.
    wish : ColumnWish
        What the owner asked for; all forms of a kind asked for are given.
    delimiter : str
        The file's delimiter: where the comma divides cells, a point divides no thousands.

    Returns
    -------
    tuple of Form
        Empty for text.

    Raises
    ------
    EngineError
        When there is no such form as the owner asked for.

    Examples
    --------
    >>> [form.stored for form in guess(["1", "2.5"], name="x", wish=ColumnWish())]
    ['DOUBLE', 'BIGINT']
    """
    if wish.format and wish.format != PLAIN:
        return _of_format(wish, cells, name, delimiter)
    if wish.kind in CONVERTED:
        forms = _of_kind(wish.kind, cells)
        return tuple(form for form in forms if not (wish.format and form.format))
    if wish.kind == "text":
        return ()
    found = _found(cells, name, delimiter)
    return tuple(form for form in found if not (wish.format and (form.format or form.unit)))


def wider(form: Form) -> Form | None:
    """Give the form that takes all cells of another and more.

    Parameters
    ----------
    form : Form
        A form of numbers or dates.

    Returns
    -------
    Form or None
        Numbers with decimals for whole numbers, times for days; None for other forms.

    Examples
    --------
    >>> wider(INTEGER) is DECIMAL
    True
    """
    if form is INTEGER:
        return DECIMAL
    if form is SPELT_ZEROS:
        return ANY_DECIMAL
    if form in (ISO_DAY, MIDNIGHT):
        return ISO_TIME
    if form.stored == "BIGINT":
        return styled(form.format, "DOUBLE", form.unit)
    return None


def share(form: Form, cells: Sequence[str]) -> float:
    """Measure how many of some cells have a form.

    Parameters
    ----------
    form : Form
        The form.
    cells : sequence of str
        The cells.

    Returns
    -------
    float
        From 0 to 1; 0 for no cells.
    """
    return sum(form.value(text) is not None for text in cells) / max(1, len(cells))


def styles(unit: str) -> tuple[str, ...]:
    """Name the ways to write numbers that are looked for.

    Parameters
    ----------
    unit : str
        What stands beside the numbers, or "".

    Returns
    -------
    tuple of str
        Beside a unit the plain way is one of them, and the first of equals.

    Examples
    --------
    >>> styles("%")[0], styles("")[0]
    ('', 'thousands comma')
    """
    return ("", *STYLES) if unit else STYLES


def _of_format(wish: ColumnWish, cells: Sequence[str], name: str, delimiter: str) -> tuple[Form, ...]:
    """The forms of a name that the owner chose."""
    if "%" in wish.format and wish.kind in ("", "date"):
        return (written(wish.format),)
    if wish.format in STYLES and wish.kind in ("", "number"):
        unit = units_of(list(cells))
        return tuple(styled(wish.format, stored, unit) for stored in ("BIGINT", "DOUBLE"))
    if wish.kind in CONVERTED or not wish.kind:
        raise EngineError(
            f"{shown(wish.format)} is no form in which {shown(name)} can be read. Choose one of the list, "
            "or a form of dates such as %d.%m.%Y."
        )
    return _found(cells, name, delimiter)


def _of_kind(kind: str, cells: Sequence[str]) -> tuple[Form, ...]:
    """Forms of the kind that the owner asked for, all of them looked for in all cells."""
    if kind == "boolean":
        return (*_pairs(cells), BOOLEAN, BINARY)
    if kind == "date":
        some = [*_midnight(cells), *(form for form in (*DATES, *_wished_months(cells)) if share(form, cells))]
        return (*_sorted(some, cells), ISO_DAY, ISO_TIME, _COMPACT)
    unit = units_of(list(cells))
    national = [
        styled(style, stored, one)
        for one in dict.fromkeys((unit, ""))
        for style in styles(one)
        for stored in ("BIGINT", "DOUBLE")
    ]
    some = [form for form in national if share(form, cells)]
    return (INTEGER, SPELT_ZEROS, DECIMAL, ANY_DECIMAL, *_sorted(some, cells))


def _found(cells: Sequence[str], name: str, delimiter: str) -> tuple[Form, ...]:
    """Forms that at least half of the cells have; plain numbers are the quickest to tell."""
    some = list(dict.fromkeys(cells[:: max(1, len(cells) // _FIRST_LOOK)]))[:_FIRST_LOOK]
    if not some:
        return ()
    if all(INTEGER.value(text) is not None for text in some):
        days = [_COMPACT] if _DAY_NAMES.search(name) and all(map(_PLAUSIBLE.fullmatch, cells)) else []
        return _sorted([*days, INTEGER, DECIMAL], cells)
    forms = [*_pairs(cells), INTEGER, DECIMAL]
    if any(sign.isdigit() for text in some for sign in text):
        forms += _national(some, delimiter)
        if any(map(_DIVIDED.search, some)):
            forms += [*_midnight(cells), *(form for form in DATES if share(form, some)), *_months(cells)]
    return _sorted(forms, cells, least=_SHARE)


def _national(cells: Sequence[str], delimiter: str) -> list[Form]:
    """Ways to write numbers that tell more of the cells than plain ones, or tell them in another way."""
    unit = units_of(list(cells))
    plain = share(DECIMAL, cells)
    found = []
    for style in styles(unit):
        whole, decimal = (styled(style, stored, unit) for stored in ("BIGINT", "DOUBLE"))
        most = share(decimal, cells)
        also = (
            style == DECIMAL_COMMA and delimiter != "," and most == plain and any("." in one for one in cells)
        )
        if most > plain or also:
            found += [whole, decimal] if share(whole, cells) == most else [decimal]
    return found


def _midnight(cells: Sequence[str]) -> list[Form]:
    """Days written with a time that says nothing, unless they are written as days anyway."""
    if share(ISO_DAY, cells) == 1 or any(MIDNIGHT.value(text) is None for text in cells):
        return []
    return [MIDNIGHT]


def _months(cells: Sequence[str]) -> list[Form]:
    """Months that all of some cells are; 7/2015 may be a number of that year, and 2015-16 two years."""
    found = [form for form in MONTHS if all(form.value(text) is not None for text in cells)]
    told = [_MONTH.fullmatch(text) for text in dict.fromkeys(cells)] if found else []
    seasons = [one and one["year"] and (int(one["year"]) + 1) % 100 == int(one["month"]) for one in told]
    # Of the twelve months of a year one at most looks like a season, such as 2010-11.
    return found if all(told) and sum(map(bool, seasons)) < _SHARE * len(seasons) else []


def _wished_months(cells: Sequence[str]) -> tuple[Form, ...]:
    """Months that an owner may mean by dates; six digits only where all are, as 201031 is a day of 2020."""
    if all(map(_MONTH_DIGITS.fullmatch, cells)):
        return WISHED_MONTHS
    return tuple(form for form in WISHED_MONTHS if form.format != MONTH_DIGITS)


def _pairs(cells: Sequence[str]) -> list[Form]:
    """Pairs of words of which some cells are; a single word of a pair is as well a word of its own."""
    texts = {text.lower() for text in cells}
    both = [pair for pair in PAIRS if set(pair) <= texts or (texts & set(pair) and pair == PAIRS[0])]
    return [words(pair) for pair in both]


def _sorted(forms: Iterable[Form], cells: Sequence[str], least: float = 0.0) -> tuple[Form, ...]:
    """The form that most cells have first; equals stay in their order, and those of too few are left out."""
    shares = {form: share(form, cells) for form in dict.fromkeys(forms)}
    return tuple(sorted((form for form in shares if shares[form] >= least), key=lambda form: -shares[form]))
