"""The ways to write days and times."""

import re
from datetime import UTC, date, datetime

from beanft.engine.errors import EngineError
from beanft.engine.tables.kinds.forms import Form
from beanft.engine.tables.wording import shown

COMPACT = "%Y%m%d"
"""Days as eight digits: read as such only where the column's name says so, or its owner."""

ISO = "iso"
"""Name of the plain form of days and times among the choices."""


def _iso_day(text: str) -> date:
    return date.fromisoformat(text)


def _iso_time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


ISO_DAY = Form(
    kind="date",
    stored="DATE",
    format="",
    pattern=r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    sql="TRY_CAST({v} AS DATE)",
    parse=_iso_day,
    sure="(CAST(TRY_CAST({v} AS DATE) AS VARCHAR) = {v} AND strlen({v}) = 10 AND {v} >= '0')",
    cast="TRY_CAST({v} AS DATE)",
)
ISO_TIME = Form(
    kind="date",
    stored="TIMESTAMP",
    format="",
    pattern=r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}(:[0-9]{2})?)?)?",
    # A cast to TIMESTAMP drops the zone; what has none must not meet the machine's zone.
    sql="CASE WHEN regexp_matches({v}, '(Z|:[0-9.]+[+-][0-9:]+)$') "
    "THEN make_timestamp(epoch_us(TRY_CAST({v} AS TIMESTAMPTZ))) ELSE TRY_CAST({v} AS TIMESTAMP) END",
    parse=_iso_time,
    sure="(CAST(TRY_CAST({v} AS TIMESTAMP) AS VARCHAR) = {v} AND strlen({v}) = 19 AND {v} >= '0')",
    cast="TRY_CAST({v} AS TIMESTAMP)",
)
_DAYS = (
    *("%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d"),
    *("%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y"),
    *("%d.%m.%y", "%m/%d/%y", "%d/%m/%y", "%d-%m-%y", "%d-%b-%y"),
)
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_SURE_PARTS = {"%Y": "____", "%m": "__", "%d": "__", "%H": "__", "%M": "__", "%S": "__"}
_PARTS = {
    "%Y": "[0-9]{4}",
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
_DAY_PARTS = ({"%Y", "%y"}, {"%m", "%b", "%B"}, {"%d"})


def written(form: str) -> Form:
    """Make the form of dates written like a strptime form.

    Parameters
    ----------
    form : str
        Made of %Y %y %m %d %H %I %M %S %p %b %B and of blanks, commas, dots, dashes and the like.

    Returns
    -------
    Form
        A DATE, or a TIMESTAMP where the form has hours.

    Raises
    ------
    EngineError
        When the form has other letters, or no year, month and day.

    Examples
    --------
    >>> written("%d.%m.%Y").value("31.12.2024")
    datetime.date(2024, 12, 31)
    """
    parts = re.findall("%[A-Za-z]", form)
    single = len(parts) == len(set(parts))
    if not _OWN.fullmatch(form) or not single or not all(some & set(parts) for some in _DAY_PARTS):
        raise EngineError(
            f"{shown(form)} is no form of dates. Write year, month and day such as %d.%m.%Y, and the time "
            "such as %H:%M:%S."
        )
    clock = "%H" in parts or "%I" in parts
    stored = "TIMESTAMP" if clock else "DATE"

    def parse(text: str) -> date:
        moment = datetime.strptime(text, form)
        return moment if clock else moment.date()

    # Digits that no sign divides have a fixed number; a single one would be read in two ways.
    places = _PARTS | (_FIXED if re.search("%[A-Za-z]%", form) else {})
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
    day = f"try_strptime({{v}}, '{form}') >= TIMESTAMP '1000-01-01'"
    return f"({{v}} LIKE '{shape}' AND {{v}} >= '0' AND {day})"


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
        return (ISO_DAY,) if stored == "DATE" else (ISO_TIME,)
    try:
        made = written(form)
    except EngineError:
        return ()
    return (made,) if made.stored == stored else ()


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
