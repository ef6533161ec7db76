"""What a single cell can mean that is not written as its column is: all its meanings, to be taken if one."""

from datetime import date

from beanft.engine.tables.kinds.dates import DATES, swapped
from beanft.engine.tables.kinds.numbers import STYLES, styled, units_of

_PERCENT = "%"
_FULL_DATES = tuple(form for form in DATES if "%Y" in form.format)  # two digits may be a day or a year


def numbers_meant(text: str, style: str, unit: str) -> list[float]:
    """List the numbers that a text may be in any of the ways to write numbers.

    Parameters
    ----------
    text : str
        A cell without blanks at its ends that is no number as its column writes them.
    style : str
        The column's format: with a unit beside it a number is meant so, where it can be.
    unit : str
        The column's unit; another unit is another quantity, and no number.

    Returns
    -------
    list of float
        Several for a text that people read in different ways, in ascending order.

    Examples
    --------
    >>> numbers_meant("1.234,5", "", ""), numbers_meant("€ 1,234", "", ""), numbers_meant("€ 5", "", "$")
    ([1234.5], [1.234, 1234.0], [])
    """
    own = units_of([text])
    if own and unit and own != unit:
        return []
    if style:
        value = _number(text, style, own)
        if value is not None:
            return [value]
    found = {value for one in ("", *STYLES) if (value := _number(text, one, own)) is not None}
    if own == _PERCENT != unit:
        found |= {value / 100 for value in found}
    return sorted(found)


def dates_meant(text: str, style: str) -> list[date]:
    """List the days or times that a text may be in any of the ways to write dates with whole years.

    Parameters
    ----------
    text : str
        A cell without blanks at its ends that is no date as its column writes them.
    style : str
        The column's format. Day and month the other way round are no date in it: others of that hand would
        be taken for another day in silence.

    Returns
    -------
    list of date
        Several where day and month may be meant either way, in ascending order.

    Examples
    --------
    >>> dates_meant("31/12/2024", ""), dates_meant("31/12/2024", "%m/%d/%Y")
    ([datetime.date(2024, 12, 31)], [])
    """
    forms = [form for form in _FULL_DATES if not (form.format and form.format == swapped(style))]
    found = {value for form in forms if isinstance(value := form.value(text), date)}
    return sorted(found)


def _number(text: str, style: str, unit: str) -> float | None:
    value = styled(style, "DOUBLE", unit).value(text)
    return float(value) if isinstance(value, (int, float)) else None
