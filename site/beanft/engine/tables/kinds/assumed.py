"""What had to be assumed of a column, in sentences."""

import re
from collections.abc import Sequence

from beanft.engine.tables.kinds.counting import Counts
from beanft.engine.tables.kinds.dates import has_nanoseconds, is_month
from beanft.engine.tables.kinds.forms import Form
from beanft.engine.tables.kinds.numbers import (
    DECIMAL_COMMA,
    THOUSANDS_COMMA,
)
from beanft.engine.tables.wishes import ColumnWish
from beanft.engine.tables.wording import shown

_MOSTLY = 0.5  # a text column of which so many cells have a form is almost of that kind
_FORMULA = re.compile('="[^"]*"').fullmatch


def zone_notes(counted: Counts, form: Form, name: str) -> tuple[str, ...]:
    """Say that times with zones were turned into UTC.

    Parameters
    ----------
    counted : Counts
        What was counted.
    form : Form
        The form of the cells.
    name : str
        The column, for sentences.

    Returns
    -------
    tuple of str
        One sentence, or none.
    """
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


def unit_notes(form: Form, name: str) -> tuple[str, ...]:
    """Say what was taken off the numbers.

    Parameters
    ----------
    form : Form
        The form of the cells.
    name : str
        The column, for sentences.

    Returns
    -------
    tuple of str
        One sentence, or none.
    """
    if not form.unit:
        return ()
    return (f"The unit {shown(form.unit)} was taken off the cells of {shown(name)}: the numbers are in it.",)


def month_notes(form: Form, name: str) -> tuple[str, ...]:
    """Say which day stands for a month.

    Parameters
    ----------
    form : Form
        The form of the cells.
    name : str
        The column, for sentences.

    Returns
    -------
    tuple of str
        One sentence, or none.
    """
    if form.kind != "date" or not is_month(form.format):
        return ()
    return (f"The cells of {shown(name)} are months; each was read as the first day of its month.",)


def century_notes(form: Form, name: str) -> tuple[str, ...]:
    """Say how years of two digits were read.

    Parameters
    ----------
    form : Form
        The form of the cells.
    name : str
        The column, for sentences.

    Returns
    -------
    tuple of str
        One sentence, or none.
    """
    if "%y" not in form.format:
        return ()
    return (
        f"The years of {shown(name)} have two digits: 69 to 99 were read as 1969 to 1999, "
        "00 to 68 as 2000 to 2068.",
    )


def nanosecond_notes(sample: Sequence[str], name: str, wish: ColumnWish) -> tuple[str, ...]:
    """Say that times stay text whose last digits a conversion would cut off.

    Parameters
    ----------
    sample : sequence of str
        Some of the cells.
    name : str
        The column, for sentences.
    wish : ColumnWish
        What the owner asked for.

    Returns
    -------
    tuple of str
        One sentence, or none.
    """
    n_nanoseconds = sum(map(has_nanoseconds, sample))
    if wish.kind == "text" or not n_nanoseconds or n_nanoseconds < _MOSTLY * len(sample):
        return ()
    return (
        f"The times of {shown(name)} are kept exactly as written: they have nanoseconds, and a time is "
        "stored in microseconds.",
    )


def formula_notes(sample: Sequence[str], name: str) -> tuple[str, ...]:
    """Say that texts are written as formulas of Excel, and stay so.

    Parameters
    ----------
    sample : sequence of str
        Some of the cells of a text.
    name : str
        The column, for sentences.

    Returns
    -------
    tuple of str
        One sentence, or none.
    """
    found = [text for text in sample if text.startswith('="') and _FORMULA(text)]
    if not found or len(found) < _MOSTLY * len(sample):
        return ()
    return (
        f"The cells of {shown(name)} are written as formulas for Excel, such as {shown(found[0], 40)}; they "
        'are kept exactly so. To read what is between the quotes, take =" and " out of the file.',
    )


def ambiguity_notes(form: Form, others: Sequence[str], name: str) -> tuple[str, ...]:
    """Say what else the cells could mean, and how to change it.

    Parameters
    ----------
    form : Form
        The form of the cells.
    others : sequence of str
        Formats that fit all cells as well.
    name : str
        The column, for sentences.

    Returns
    -------
    tuple of str
        One sentence, or none.
    """
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
