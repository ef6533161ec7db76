"""The ways to write days and times."""

import re
from datetime import UTC, date, datetime

from beanft.engine.errors import EngineError
from beanft.engine.tables.kinds.forms import Form
from beanft.engine.tables.wording import shown

COMPACT = "%Y%m%d"
"""Days as eight digits: read as such only where the column's name says so, or its owner."""

MONTH_DIGITS = "%Y%m"
"""Months as six digits: read as such only where an owner asks for dates and all cells are such months."""

ISO = "iso"
"""Name of the plain form of days and times among the choices."""

ZONE = "^[0-9-]+[T ][0-9:.]+( ?Z| ?[+-][0-9:]+| UTC)$"
"""What a time with a zone matches, and no other form of days and times."""

_FIRST_MICROSECOND = -62_135_596_800_000_000  # of the year 1
_LAST_MICROSECOND = 253_402_300_799_999_999  # of the year 9999


def _iso_day(text: str) -> date:
    return date.fromisoformat(text)


def _iso_time(text: str) -> datetime:
    moment = datetime.fromisoformat(re.sub(" (?=[Z+-])", "", text.replace(" UTC", "Z")))
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


_YEAR = "([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"  # Python and Parquet's readers know no year 0
_DAY = f"{_YEAR}-[0-9]{{2}}-[0-9]{{2}}"
_YEARS = f"BETWEEN {_FIRST_MICROSECOND} AND {_LAST_MICROSECOND}"
_MOMENT = "epoch_us(TRY_CAST({v} AS TIMESTAMPTZ))"
# Casts know no blank before a zone; few cells have one, so it is taken out of those alone that no cast reads.
_BLANK_MOMENT = r"epoch_us(TRY_CAST(regexp_replace({v}, ' ([Z+-])', '\1') AS TIMESTAMPTZ))"
_MICROSECONDS = r"\.[0-9]{1,6}0{0,3}"  # noughts are all that may be cut off
ISO_DAY = Form(
    kind="date",
    stored="DATE",
    format="",
    pattern=_DAY,
    sql="TRY_CAST({v} AS DATE)",
    parse=_iso_day,
    sure="(CAST(TRY_CAST({v} AS DATE) AS VARCHAR) = {v} AND strlen({v}) = 10 AND {v} >= '0')",
    cast="TRY_CAST({v} AS DATE)",
)
ISO_TIME = Form(
    kind="date",
    stored="TIMESTAMP",
    format="",
    pattern=f"{_DAY}([T ]([01][0-9]|2[0-3]):[0-9]{{2}}(:[0-9]{{2}}({_MICROSECONDS})?)?"
    "( ?Z| ?[+-][01][0-9](:?[0-5][0-9])?| UTC)?)?",
    # A cast to TIMESTAMP drops the zone; what has none must not meet the machine's zone.
    sql=f"CASE WHEN regexp_matches({{v}}, '{ZONE}') THEN (CASE WHEN {_MOMENT} {_YEARS} "
    f"THEN make_timestamp({_MOMENT}) WHEN {_BLANK_MOMENT} {_YEARS} THEN make_timestamp({_BLANK_MOMENT}) END) "
    "ELSE TRY_CAST({v} AS TIMESTAMP) END",
    parse=_iso_time,
    sure="(CAST(TRY_CAST({v} AS TIMESTAMP) AS VARCHAR) = {v} AND strlen({v}) = 19 AND {v} >= '0')",
    cast="TRY_CAST({v} AS TIMESTAMP)",
)
MIDNIGHT = Form(
    kind="date",
    stored="DATE",
    format="",
    pattern=rf"{_DAY}([T ]00:00(:00(\.0{{1,9}})?)?)?",
    sql="TRY_CAST(left({v}, 10) AS DATE)",
    parse=lambda text: date.fromisoformat(text[:10]),
    sure="({v}[11:] IN (' 00:00:00', 'T00:00:00') AND CAST(TRY_CAST(left({v}, 10) AS DATE) AS VARCHAR) "
    "= left({v}, 10) AND {v} >= '0')",
    cast="TRY_CAST(left({v}, 10) AS DATE)",
)
"""Days that a program wrote with the first moment of the day; looked for where all of some cells are so."""
_DAYS = (
    *("%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d"),
    *("%Y.%m.%d.", "%Y. %m. %d."),
    *("%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%B %d %Y"),
    *("%d.%m.%y", "%m/%d/%y", "%d/%m/%y", "%d-%m-%y", "%d-%b-%y"),
)
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_SURE_PARTS = {"%Y": "____", "%m": "__", "%d": "__", "%H": "__", "%M": "__", "%S": "__"}
_PARTS = {
    "%Y": _YEAR,
    "%y": "[0-9]{2}",
    "%m": "[0-9]{1,2}",
    "%d": "[0-9]{1,2}",
    "%H": "[0-9]{1,2}",
    "%I": "[0-9]{1,2}",
    "%M": "[0-9]{2}",
    "%S": "[0-9]{2}",
    "%p": "[AaPp][Mm]",
    "%b": "[A-Za-z]{3}",
    "%B": "[A-Za-z]{3,9}",
    ".": r"\.",
}
_FIXED = {"%m": "[0-9]{2}", "%d": "[0-9]{2}", "%H": "[0-9]{2}", "%I": "[0-9]{2}"}
_OWN = re.compile(r"(%[YymdHIMSpbB]|[-/., :T_])+")
_MONTH_PARTS = ({"%Y", "%y"}, {"%m", "%b", "%B"})
_OF_DAYS = {"%d", "%H", "%I", "%M", "%S", "%p"}


def written(form: str) -> Form:
    """Make the form of dates written like a strptime form.

    Parameters
    ----------
    form : str
        Made of %Y %y %m %d %H %I %M %S %p %b %B and of blanks, commas, dots, dashes and the like.

    Returns
    -------
    Form
        A DATE, or a TIMESTAMP where the form has hours; a month without a day is its first day.

    Raises
    ------
    EngineError
        When the form has other letters, or no year and month, or a time without a day.

    Examples
    --------
    >>> written("%d.%m.%Y").value("31.12.2024"), written("%m/%Y").value("12/2024")
    (datetime.date(2024, 12, 31), datetime.date(2024, 12, 1))
    """
    parts = re.findall("%[A-Za-z]", form)
    single = len(parts) == len(set(parts))
    whole = all(some & set(parts) for some in _MONTH_PARTS) and ("%d" in parts or not _OF_DAYS & set(parts))
    if not _OWN.fullmatch(form) or not single or not whole:
        raise EngineError(
            f"{shown(form)} is no form of dates. Write year, month and day such as %d.%m.%Y, a month such as "
            "%m/%Y, and the time of a day such as %H:%M:%S."
        )
    clock = "%H" in parts or "%I" in parts
    stored = "TIMESTAMP" if clock else "DATE"

    def parse(text: str) -> date:
        moment = datetime.strptime(text, form)
        return moment if clock else moment.date()

    # Digits that no sign divides have a fixed number; a single one would be read in two ways.
    is_fixed = re.search("%[A-Za-z]%", form) or (is_month(form) and form.startswith("%Y"))
    places = _PARTS | (_FIXED if is_fixed else {})
    pattern = re.sub(r"%[A-Za-z]|\.", lambda part: places[part.group()], form)
    sql = f"TRY_CAST(try_strptime({{v}}, '{form}') AS {stored})"
    return Form(
        kind="date", stored=stored, format=form, pattern=pattern, sql=sql, parse=parse,
        sure=_sure(form), cast=sql,
    )  # fmt: skip


def _sure(form: str) -> str:
    """Days of two digits, months of two and years of four can be told from their places alone."""
    if set(re.findall("%[A-Za-z]", form)) != {"%Y", "%m", "%d"} or form == COMPACT:
        return ""
    shape = re.sub("%[Ymd]", lambda part: _SURE_PARTS[part.group()], form)
    # A year from 1000 has its four digits, so there is no blank in their place.
    day = f"TRY_CAST(try_strptime({{v}}, '{form}') AS DATE) >= DATE '1000-01-01'"
    return f"({{v}} LIKE '{shape}' AND {{v}} >= '0' AND {day})"


def is_month(form: str) -> bool:
    """Say whether a form of dates tells a month and no day.

    Parameters
    ----------
    form : str
        A strptime form, or "" for the plain one.

    Returns
    -------
    bool
        True for those whose dates are all the first of their month.

    Examples
    --------
    >>> is_month("%m/%Y"), is_month("%d.%m.%Y"), is_month("")
    (True, False, False)
    """
    return bool(re.search("%[mbB]", form)) and "%d" not in form


MONTHS = tuple(
    written(form)
    for form in ("%Y-%m", "%Y/%m", "%m/%Y", "%b %Y", "%B %Y", "%b-%Y", "%B-%Y", "%Y-%b", "%Y %b", "%Y %B")
)
"""The forms of months that can mean little else; looked for where all cells have one of them."""

WISHED_MONTHS = (
    *MONTHS,
    *map(written, ("%m.%Y", "%Y.%m", MONTH_DIGITS, "%b-%y", "%b %y", "%m/%y")),
)
"""Those that are numbers or days as well, too: read as months where the owner says that these are dates."""

DATES = (ISO_DAY, ISO_TIME, *(written(days + clock) for days in _DAYS for clock in _CLOCKS))
"""The forms of dates that are looked for, the most usual first."""


def date_forms(stored: str, form: str) -> tuple[Form, ...]:
    """Give the forms of a stored column of dates.

    Parameters
    ----------
    stored : str
        DATE or TIMESTAMP.
    form : str
        The column's format.

    Returns
    -------
    tuple of Form
        None when there is no such form.
    """
    if not form:
        return (ISO_DAY, MIDNIGHT) if stored == "DATE" else (ISO_TIME,)
    try:
        made = written(form)
    except EngineError:
        return ()
    return (made,) if made.stored == stored else ()


def has_nanoseconds(text: str) -> bool:
    """Say whether a cell is a time with more digits than a TIMESTAMP holds.

    Parameters
    ----------
    text : str
        The cell.

    Returns
    -------
    bool
        False for times whose last digits are noughts.

    Examples
    --------
    >>> has_nanoseconds("2024-01-31 10:00:00.123456789"), has_nanoseconds("2024-01-31 10:00:00.123456000")
    (True, False)
    """
    if ISO_TIME.value(text) is not None:
        return False
    return ISO_TIME.value(re.sub(r"(\.[0-9]{6})[0-9]{1,3}", r"\1", text, count=1)) is not None


def swapped(form: str) -> str:
    """Name the form with day and month the other way round, or ''.

    Parameters
    ----------
    form : str
        A strptime form.

    Returns
    -------
    str
        Such as "%m/%d/%Y" for "%d/%m/%Y".

    Examples
    --------
    >>> swapped("%d/%m/%Y %H:%M")
    '%m/%d/%Y %H:%M'
    """
    match = re.match("%([dm])([/.-])%([dm])", form)
    return f"%{match[3]}{match[2]}%{match[1]}{form[match.end() :]}" if match else ""
