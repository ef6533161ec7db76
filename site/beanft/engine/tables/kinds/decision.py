"""Decides from what was counted of a column how it is read."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from beanft.engine.tables.kinds.assumed import (
    ambiguity_notes,
    century_notes,
    month_notes,
    nanosecond_notes,
    unit_notes,
    zone_notes,
)
from beanft.engine.tables.kinds.counting import Counts, Question
from beanft.engine.tables.kinds.dates import is_month, swapped
from beanft.engine.tables.kinds.details import Details, details_notes
from beanft.engine.tables.kinds.forms import Form
from beanft.engine.tables.kinds.guess import CONVERTED
from beanft.engine.tables.kinds.numbers import (
    DECIMAL,
    DECIMAL_COMMA,
    STYLES,
    THOUSANDS_COMMA,
)
from beanft.engine.tables.kinds.reading import Reading
from beanft.engine.tables.kinds.truths import DIGITS, PAIRS
from beanft.engine.tables.wishes import ColumnWish
from beanft.engine.tables.wording import shown

_UNREADABLE_SHARE = 0.02  # more cells that do not fit than this, and the column is text
_UNREADABLE_CELLS = 100
_ALMOST_SHARE = 0.5  # a text column of which so many cells have a form is almost of that kind
_ALMOST_BOOLEAN_SHARE = 0.95  # yes, no and a third word make a category

MOSTLY = 0.5
"""Share of the cells of a column that speaks for all."""


def sign_of(counts: Sequence[Counts]) -> str:
    """Tell which sign stands before the decimals of a table, where one of its columns shows it.

    Parameters
    ----------
    counts : sequence of Counts
        What was counted in the columns.

    Returns
    -------
    str
        “.” or “,”; empty where no column shows it, or two show different signs.
    """
    signs = set(filter(None, map(_shown_sign, counts)))
    return signs.pop() if len(signs) == 1 else ""


def _shown_sign(counted: Counts) -> str:
    """The sign without which the numbers of a column cannot be read; 1.234 and 1,234 show none."""
    fits, n_values = counted.fits, counted.n_values
    fitting = {form.format for form in fits if n_values and fits[form] == n_values and form.kind == "number"}
    if fitting == {""} and all(fits[form] < n_values for form in fits if form.stored == "BIGINT"):
        return "."
    return "," if fitting == {DECIMAL_COMMA} else ""


def decided(
    question: Question,
    counted: Counts,
    sample: Sequence[str],
    name: str,
    wish: ColumnWish,
    *,
    delimiter: str,
    sign: str = "",
) -> Reading:
    """Settle one column.

    Parameters
    ----------
    question : Question
        What was asked of the cells.
    counted : Counts
        What was counted.
    sample : sequence of str
        Some of the cells.
    name : str
        The column, for sentences.
    wish : ColumnWish
        What the owner asked for.
    delimiter : str
        The file's delimiter; a semicolon speaks for decimal commas.
    sign : str
        What stands before the decimals of other columns, as `sign_of` tells; empty where nobody knows.

    Returns
    -------
    Reading
        The form that the cells have, or text with the reason.
    """
    form, others = _best(question.forms, counted, sample, delimiter, sign)
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
        return replace(reading, form=None, notes=nanosecond_notes(sample, name, wish))
    n_unfit = counted.n_values - counted.fits[form]
    reading = replace(reading, n_unreadable=n_unfit)
    if not _is_wished(wish):
        reason = _reason_for_text(counted, form, wish.kind, n_unfit)
        if reason is not None:
            return _as_text(reading, form, reason, name, wish.kind)
    zones = zone_notes(counted, form, name)
    assumed = (*month_notes(form, name), *century_notes(form, name), *ambiguity_notes(form, others, name))
    return replace(
        reading,
        is_sure=form is question.forms[0] and counted.n_sure == counted.n_values and bool(form.cast),
        other_formats=() if wish.format else others,
        labels=_labels(form, sample) if form.kind == "boolean" else (),
        zone="UTC" if zones else "",
        notes=(*zones, *unit_notes(form, name), *(() if wish.format else assumed)),
    )


def detailed(reading: Reading, details: Details, name: str, wish: ColumnWish) -> Reading:
    """Keep phone numbers as text, or say what the numbers lose.

    Parameters
    ----------
    reading : Reading
        How the column would be read.
    details : Details
        What a closer look counted.
    name : str
        The column, for sentences.
    wish : ColumnWish
        What the owner asked for.

    Returns
    -------
    Reading
        The same with notes, or text.
    """
    is_phone = details.n_phones > MOSTLY * reading.n_values
    if reading.form and is_phone and not _is_wished(wish):
        reason = "most of the numbers start with + and have seven digits or more, as phone numbers do"
        return _as_text(replace(reading, other_formats=()), reading.form, reason, name, wish.kind)
    return replace(reading, notes=(*reading.notes, *details_notes(details, name)))


def _is_wished(wish: ColumnWish) -> bool:
    """Whether the owner's word makes cells that do not fit missing."""
    return wish.kind in CONVERTED or (bool(wish.format) and not wish.kind)


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
    if n_unfit and is_month(form.format) and form.kind == "date":
        return ""  # among months something else is a sign that they are none
    if n_unfit > min(_UNREADABLE_CELLS, _UNREADABLE_SHARE * counted.n_values):
        return ""
    return None


def _best(
    forms: Sequence[Form], counted: Counts, sample: Sequence[str], delimiter: str, sign: str
) -> tuple[Form | None, tuple[str, ...]]:
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
        return _comma(best, counted, delimiter, sign)
    if DECIMAL in best and form.format == DECIMAL_COMMA:
        return _point(form, sample, sign)
    return form, ()


def _breadth(form: Form) -> int:
    """Among forms that fit equally well the narrowest is meant."""
    return {"BIGINT": 0, "DATE": 0, "TIMESTAMP": 1, "DOUBLE": 1}.get(form.stored, 0)


def _point(grouped: Form, sample: Sequence[str], sign: str) -> tuple[Form, tuple[str, ...]]:
    """Three digits follow every point: of thousands some are below one, and have none."""
    if sign:
        return (DECIMAL if sign == "." else grouped), ()
    if all("." in text for text in sample):
        return DECIMAL, (DECIMAL_COMMA,)
    return grouped, ("",)


def _comma(best: Sequence[Form], counted: Counts, delimiter: str, sign: str) -> tuple[Form, tuple[str, ...]]:
    """Three digits follow every comma: decimals are seldom all so, and then whole numbers have them too."""
    decimal = next(form for form in best if form.format == DECIMAL_COMMA)
    grouped = next(form for form in best if form.format == THOUSANDS_COMMA)
    if sign:
        return (decimal if sign == "," else grouped), ()
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
