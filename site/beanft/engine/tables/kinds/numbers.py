"""The ways to write numbers: plain, grouped, with a decimal comma, with a unit, negative in brackets."""

import re
from functools import lru_cache
from math import isinf

from beanft.engine.tables.kinds.forms import Form
from beanft.engine.tables.quoting import literal

DECIMAL_COMMA = "decimal comma"
THOUSANDS_COMMA = "thousands comma"
THOUSANDS_BLANK = "thousands blank"

STYLES = (THOUSANDS_COMMA, DECIMAL_COMMA, THOUSANDS_BLANK)
"""Names of the ways to write numbers that need one, the most usual first."""

UNITS = (
    *("$", "€", "£", "¥", "₹", "%", "US$", "USD", "EUR", "GBP", "CHF", "JPY", "CAD", "AUD"),
    *("SEK", "NOK", "DKK", "PLN", "kr", "zł"),
)
"""What may stand beside every number of a column."""

EXACT_LENGTH = 18
"""Bytes of a number with a decimal point that has 17 digits at most, as many as programs write of theirs."""

_GAPS = " \xa0\u202f\u2009"  # blank, no-break blank, narrow no-break blank, thin blank
_GAP = f"[{_GAPS}]"
_MARKS = "'’"
_GROUPS = {
    DECIMAL_COMMA: (r"\.", _GAP, f"[{_MARKS}]"),
    THOUSANDS_COMMA: (",",),
    THOUSANDS_BLANK: (_GAP, f"[{_MARKS}]"),
}
_POINT = {DECIMAL_COMMA: ",", THOUSANDS_COMMA: r"\.", THOUSANDS_BLANK: r"\."}
_DROPPED = {DECIMAL_COMMA: ".", THOUSANDS_COMMA: ",", THOUSANDS_BLANK: ""}
_LAKHS = "|[1-9][0-9]{0,3}(,[0-9]{2}){1,4},[0-9]{3}"  # Indian groups, such as 1,42,782 and 1389,65,820
_WHOLE = r"(0|[1-9][0-9]*)"
_SHORT = "0|[1-9][0-9]{0,14}"  # more digits than these a floating point number may round
_INFINITE = r"[+-]?(inf|Inf|INF|infinity|Infinity)"


def _finite(text: str) -> float:
    value = float(text)
    if isinf(value) and "inf" not in text.lower():
        raise ValueError(text)
    return value


def _whole(text: str) -> int:
    value = int(text)
    if not -(2**63) <= value < 2**63:
        raise ValueError(text)
    return value


def _double(text: str) -> str:
    """SQL for a number that must not overflow into infinity."""
    return f"(CASE WHEN isfinite(TRY_CAST({text} AS DOUBLE)) THEN TRY_CAST({text} AS DOUBLE) END)"


_DECIMAL_SQL = (
    "CASE WHEN contains(lower({v}), 'inf') THEN TRY_CAST({v} AS DOUBLE) ELSE " + _double("{v}") + " END"
)
# So few characters are no more than a double can hold: whatever matches can be cast. One pattern takes half
# the time of a cast and of looking for what casts take besides (1_000, nan, 007 and blanks at the ends).
_SURE_DECIMAL = (
    "(strlen({v}) < 16 AND regexp_full_match({v}, "
    "'[+-]?((0|[1-9][0-9]*)([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{{1,2}})?'))"
)
INTEGER = Form(
    kind="number",
    stored="BIGINT",
    format="",
    pattern=rf"[+-]?{_WHOLE}",
    sql="TRY_CAST({v} AS BIGINT)",
    parse=_whole,
    sure="(strlen({v}) < 16 AND CAST(TRY_CAST({v} AS BIGINT) AS VARCHAR) = {v})",
    cast="TRY_CAST({v} AS BIGINT)",
)
SPELT_ZEROS = Form(
    kind="number",
    stored="BIGINT",
    format="",
    pattern=r"[+-]?[0-9]+",
    sql="TRY_CAST({v} AS BIGINT)",
    parse=_whole,
)
DECIMAL = Form(
    kind="number",
    stored="DOUBLE",
    format="",
    pattern=rf"[+-]?({_WHOLE}(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|{_INFINITE}",
    sql=_DECIMAL_SQL,
    parse=_finite,
    sure=_SURE_DECIMAL,
    cast="TRY_CAST({v} AS DOUBLE)",
)
ANY_DECIMAL = Form(
    kind="number",
    stored="DOUBLE",
    format="",
    pattern=rf"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|{_INFINITE}",
    sql=_DECIMAL_SQL,
    parse=_finite,
)


@lru_cache(maxsize=256)
def styled(style: str, stored: str, unit: str = "") -> Form:
    """Make the form of numbers written in a national way.

    Parameters
    ----------
    style : str
        One of STYLES, or "" for numbers without groups and with a decimal point.
    stored : str
        BIGINT for whole numbers only, or DOUBLE.
    unit : str
        One of UNITS that every number has, before or after it; or "".

    Returns
    -------
    Form
        Numbers in brackets are negative.

    Examples
    --------
    >>> styled("thousands comma", "DOUBLE", "$").value("-$1,230.88")
    -1230.88
    """
    body = _body(style, whole=stored == "BIGINT")
    u = re.escape(unit).replace(r"\ ", " ")
    near = f"{u}{_GAP}?"
    after = f"{_GAP}?{u}"
    sign = f"([+-]{_GAP}?)?"  # beside a unit a dash with a blank is a minus, and no bullet
    signed = rf"[+-]?{body}|\({body}\)"
    if unit:
        signed = (
            rf"{sign}{near}{body}|{near}[+-]{body}|{sign}{body}{after}"
            rf"|\({near}{body}\)|{near}\({body}\)|\({body}{after}\)|0"
        )
    return Form(
        kind="number",
        stored=stored,
        format=style,
        unit=unit,
        pattern=signed,
        sql=_sql(style, stored, unit),
        parse=lambda text: _parsed(text, style, stored, unit),
        sure=f"(strlen({{v}}) <= {EXACT_LENGTH} AND regexp_full_match({{v}}, "
        f"{literal(_doubled(_simple(style, stored, u)))}))",
        cast=_simple_cast(style, stored, unit),
    )


def units_of(cells: list[str]) -> str:
    """Find the unit that stands beside most numbers.

    Parameters
    ----------
    cells : list of str
        Cells without blanks at their ends.

    Returns
    -------
    str
        One of UNITS, or "".

    Examples
    --------
    >>> units_of(["12 %", "3 %", "0"])
    '%'
    """
    marks = (
        re.sub(r"^[(+-]*|[)]*$|[0-9.,'’()+\-\s]+", "", cell) for cell in cells if re.search("[0-9]", cell)
    )
    found = [mark for mark in marks if mark in UNITS]
    return max(sorted(set(found)), key=found.count, default="")


def _body(style: str, *, whole: bool) -> str:
    """Pattern of a number without its sign."""
    groups = "".join(f"|[1-9][0-9]{{0,2}}({group}[0-9]{{3}}){{1,4}}" for group in _GROUPS.get(style, ()))
    groups += _LAKHS if style == THOUSANDS_COMMA else ""
    if whole:
        return f"({_SHORT}{groups})"
    point = _POINT.get(style, r"\.")
    return f"(({_SHORT}{groups})({point}[0-9]+)?|{point}[0-9]+)"


def _simple(style: str, stored: str, u: str) -> str:
    """Pattern of the usual way to write such a number, without brackets and gaps."""
    dropped = re.escape(_DROPPED.get(style, ""))
    groups = f"|[1-9][0-9]{{0,2}}({dropped}[0-9]{{3}}){{1,4}}" if dropped else ""
    groups += _LAKHS if style == THOUSANDS_COMMA else ""
    point = "" if stored == "BIGINT" else f"({_POINT.get(style, '[.]')}[0-9]+)?"
    body = f"({_SHORT}{groups}){point}"
    return f"-?{u}{body}|-?{body} ?{u}" if u else f"-?{body}"


def _simple_cast(style: str, stored: str, unit: str) -> str:
    inner = f"replace({{v}}, {literal(unit)}, '')" if unit else "{v}"
    if _DROPPED.get(style):
        inner = f"replace({inner}, '{_DROPPED[style]}', '')"
    if style == DECIMAL_COMMA:
        inner = f"replace({inner}, ',', '.')"
    return f"TRY_CAST({inner} AS {stored})"


def _doubled(pattern: str) -> str:
    """Braces doubled, for a text that is a template."""
    return pattern.replace("{", "{{").replace("}", "}}")


def _sql(style: str, stored: str, unit: str) -> str:
    """SQL of the value of what matches: all but digits, sign and decimal point is taken out."""
    inner = "{v}"
    if unit:
        inner = f"replace({inner}, {literal(unit)}, '')"
    if _DROPPED.get(style):
        inner = f"replace({inner}, '{_DROPPED[style]}', '')"
    if unit or style in (DECIMAL_COMMA, THOUSANDS_BLANK):
        clean = inner
        for sign in _GAPS + (_MARKS if style != THOUSANDS_COMMA else ""):
            clean = f"replace({clean}, {literal(sign)}, '')"
        # Few cells hold any; looking once is quicker than replacing six times.
        inner = (
            f"CASE WHEN regexp_matches({{v}}, {literal(f'[{_GAPS}{_MARKS}]')}) THEN {clean} ELSE {inner} END"
        )
    if style == DECIMAL_COMMA:
        inner = f"replace({inner}, ',', '.')"
    bare = f"replace(replace({inner}, '(', ''), ')', '')"
    positive, negative = (f"TRY_CAST({text} AS {stored})" for text in (inner, bare))
    return f"CASE WHEN contains({{v}}, '(') THEN -({negative}) ELSE {positive} END"


def _parsed(text: str, style: str, stored: str, unit: str) -> float:
    text = text.replace(unit, "") if unit else text
    text = re.sub(f"[{_GAPS}{_MARKS}{_DROPPED.get(style, '')}]", "", text)
    if style == DECIMAL_COMMA:
        text = text.replace(",", ".")
    sign = -1 if "(" in text else 1
    bare = text.strip("()")
    return sign * (int(bare) if stored == "BIGINT" else float(bare))


COMMA = styled(DECIMAL_COMMA, "DOUBLE")
