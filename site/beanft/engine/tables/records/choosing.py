"""Decides which columns of a table stand in its records, and how: every cell exactly, or not at all."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import duckdb

from beanft.engine.tables.quoting import quote
from beanft.engine.tables.records.fields import END, ODD, Field, is_odd_sql, widths

MOST_COLUMNS = 100
"""Columns that are looked at; a page of rows shows as many."""
WORD_BITS = 63
"""Bits of one column of the records: the engine shifts signed numbers."""

_LISTED = 65_536  # different texts up to which a list of them is kept
_FEW = 4_096  # different texts up to which a list is small enough not to look at their letters
_LISTED_BYTES = 16_000_000  # of one column's list
_LISTED_LENGTH = 4_000
_SPELLED_LENGTH = 40
_SPELLED_BITS = 62
_SPELLED_MORE = 4  # bits that a spelled text may take more than a listed one: it needs no second look
_DIGITS = 12  # decimal digits; 10 to that power is exact
_EXACT = 2**53  # whole numbers up to which all are doubles
_FAR = 2**62
_STEPS = (86_400_000_000, 1_000_000, 1_000)  # microseconds: days, seconds, thousandths
_SAMPLED = 200_000  # rows that the decimal digits are guessed from; the guess is then checked on all
_FEWER = 20_000  # rows in which a text that cannot be spelled mostly shows it
_TEXT_WEIGHT = 8  # a text is that much dearer to fetch from its column than a number

Facts = dict[str, Any]


def choose_fields(database: duckdb.DuckDBPyConnection, source: str, *, room_bits: float) -> list[Field]:
    """Look at all cells of a table, and say how its records hold them.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        A connection that may read the table.
    source : str
        SQL of a table with a column file_row_number.
    room_bits : float
        Bits that one record may take.

    Returns
    -------
    list of Field
        In the order in which they lie in the records, a text in a column of its own. Columns that cannot be
        held exactly, or have no room, are left out.
    """
    described = database.execute(f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {source}").fetchall()  # noqa: S608 -- a table of our own
    columns = [(name, kind) for name, kind, *_ in described[:MOST_COLUMNS]]
    numbers = _numbers(database, source, [one for one in columns if one[1] != "VARCHAR"])
    texts = _texts(database, source, [name for name, kind in columns if kind == "VARCHAR"])
    return _placed(_affordable([*texts, *numbers], room_bits))


def _affordable(fields: Sequence[Field], room_bits: float) -> Iterator[Field]:
    """Those that save the most for their room."""
    for field in sorted(fields, key=lambda one: one.bits / (_TEXT_WEIGHT if one.is_text else 1)):
        if field.bits <= room_bits:
            room_bits -= field.bits
            yield field


def _placed(fields: Iterator[Field]) -> list[Field]:
    """Give each text a column of its own, and let numbers share columns."""
    free: list[int] = []  # bits left in each column
    found = []
    for field in sorted(fields, key=lambda one: -one.bits):
        if field.bits == 0:
            found.append(field)
        elif field.is_text:
            free.append(0)
            found.append(replace(field, place=len(free) - 1))
        else:
            place = next((at for at, left in enumerate(free) if left >= field.bits), len(free))
            free += [WORD_BITS] if place == len(free) else []
            found.append(replace(field, place=place, shift=WORD_BITS - free[place]))
            free[place] -= field.bits
    return found


def _asked(database: duckdb.DuckDBPyConnection, source: str, wanted: Sequence[Facts]) -> list[Facts]:
    """Answer several named questions about each column, one at a time: thousands are planned ever slower."""
    asked = (f"SELECT {', '.join(one.values())} FROM {source}" for one in wanted)  # noqa: S608 -- quoted names
    answers = (database.execute(sql).fetchone() or () for sql in asked)
    return [dict(zip(one, answer, strict=True)) for one, answer in zip(wanted, answers, strict=True)]


def _numbers(
    database: duckdb.DuckDBPyConnection, source: str, columns: Sequence[tuple[str, str]]
) -> list[Field]:
    """Fields of numbers, dates and truths."""
    digits = _guessed_digits(database, source, [name for name, kind in columns if kind == "DOUBLE"])
    wanted = [_number_questions(name, kind, digits.get(name, ())) for name, kind in columns]
    answers = _asked(database, source, wanted)
    found = (_number(*one, facts) for one, facts in zip(columns, answers, strict=True))
    return [field for field in found if field is not None]


def _guessed_digits(
    database: duckdb.DuckDBPyConnection, source: str, names: Sequence[str]
) -> dict[str, tuple[int, ...]]:
    """How many decimal digits the values of each column seem to need, and two more in case of rare ones."""
    wanted = [
        {str(digits): f"bool_and({_fits(name, digits)})" for digits in range(_DIGITS + 1)} for name in names
    ]
    sampled = _sampled(source, _SAMPLED)
    guesses: dict[str, tuple[int, ...]] = {}
    for name, facts in zip(names, _asked(database, sampled, wanted), strict=True):
        least = next((digits for digits in range(_DIGITS + 1) if facts[str(digits)] is not False), None)
        guesses[name] = () if least is None else (least, min(least + 2, _DIGITS))
    return guesses


def _sampled(source: str, n: int) -> str:
    """SQL of some n rows from all over a table."""
    every = f"greatest(1, (SELECT count(*) FROM {source}) // {n})"  # noqa: S608 -- a table of our own
    return f"(FROM {source} WHERE file_row_number % {every} = 0)"


def _fits(name: str, digits: int) -> str:
    """Whether a double comes back from its decimal digits; those that have none are kept as they are."""
    cell, odd = quote(name), " OR ".join(is_odd_sql(name, one) for one in ODD)
    scaled = f"round({cell} * 1e{digits})"
    return f"({odd} OR (abs({scaled}) < {_EXACT} AND {scaled} / 1e{digits} = {cell}))"


def _number_questions(name: str, kind: str, digits: Sequence[int]) -> Facts:
    cell = quote(name)
    asked = {"n": "count(*)", "valid": f"count({cell})"}
    if kind == "BOOLEAN":
        return asked
    if kind == "DOUBLE":
        asked |= {one: f"coalesce(bool_or({is_odd_sql(name, one)}), false)" for one in ODD}
        for one in digits:
            scaled = f"CASE WHEN isfinite({cell}) THEN round({cell} * 1e{one}) END"
            asked |= {
                f"fits {one}": f"bool_and({_fits(name, one)})",
                f"low {one}": f"min({scaled})",
                f"high {one}": f"max({scaled})",
            }
        return asked
    number = {
        "BIGINT": cell,
        "DATE": f"CASE WHEN isfinite({cell}) THEN ({cell} - DATE '1970-01-01')::BIGINT END",
        "TIMESTAMP": f"CASE WHEN isfinite({cell}) THEN epoch_us({cell}) END",
    }.get(kind)
    if number is None:
        return asked
    asked |= {"low": f"min({number})", "high": f"max({number})"}
    if kind == "BIGINT":
        relative = f"({cell}::HUGEINT - file_row_number)"
        return asked | {"relative low": f"min({relative})", "relative high": f"max({relative})"}
    asked["finite"] = f"bool_and(isfinite({cell}))"
    if kind == "TIMESTAMP":
        asked |= {f"step {step}": f"bool_and(({number}) % {step} = 0)" for step in _STEPS}
    return asked | {"known": f"min({cell}) >= '0001-01-02' AND max({cell}) < '9999-12-31'"}


def _number(name: str, kind: str, facts: Facts) -> Field | None:
    """The field of a column that is no text; None where it cannot be held."""
    can_miss = facts["valid"] < facts["n"]
    plain = Field(name=name, stored=kind, bits=0, can_miss=can_miss)
    if facts["valid"] == 0:
        return plain
    if kind == "BOOLEAN":
        return _sized(plain, 0, 1)
    if kind == "DOUBLE":
        digits = [int(key.split()[1]) for key, holds in facts.items() if key.startswith("fits") and holds]
        if not digits:
            return None
        low, high = (int(facts[f"{end} {digits[0]}"] or 0) for end in ("low", "high"))
        odd = tuple(one for one in ODD if facts[one])
        return _sized(replace(plain, digits=digits[0], odd=odd), low, high)
    if kind == "BIGINT":
        ends = int(facts["relative low"]), int(facts["relative high"])
        span = ends[1] - ends[0]
        can_add = span + facts["n"] < _FAR  # sorts add the number of the row
        if can_add and span < facts["high"] - facts["low"] and max(map(abs, ends)) < _FAR:
            return _sized(replace(plain, is_relative=True), *ends)
        return _sized(plain, facts["low"], facts["high"])
    if kind not in ("DATE", "TIMESTAMP") or not (facts["finite"] and facts["known"]):
        return None
    step = next((step for step in _STEPS if facts.get(f"step {step}")), 1)
    return _sized(replace(plain, step=step), facts["low"], facts["high"])


def _sized(field: Field, low: int, high: int) -> Field | None:
    """The field with its smallest number and the room that the others need."""
    if max(abs(low), abs(high)) >= _FAR:
        return None
    bits = ((high - low) // field.step + field.can_miss + len(field.odd)).bit_length()
    return replace(field, base=low, bits=bits) if bits <= WORD_BITS else None


def _texts(database: duckdb.DuckDBPyConnection, source: str, names: Sequence[str]) -> list[Field]:
    """Fields of texts: numbers of a list of them, or spelled letter by letter."""
    wanted = [
        {
            "n": "count(*)",
            "valid": f"count({name})",
            "distinct": f"approx_count_distinct({name})",
            "shortest": f"min(length({name}))",
            "longest": f"max(length({name}))",
            "mean bytes": f"avg(strlen({name}))",
        }
        for name in map(quote, names)
    ]
    facts = dict(zip(names, _asked(database, source, wanted), strict=True))
    short = [
        name for name, one in facts.items() if one["distinct"] > _FEW and one["longest"] <= _SPELLED_LENGTH
    ]
    few = _sampled(source, _FEWER)
    short = [name for name in short if _letters(database, few, name, facts[name])]
    letters = {name: _letters(database, source, name, facts[name]) for name in short}
    found = (_text(name, one, letters.get(name)) for name, one in facts.items())
    return [field for field in found if field is not None]


def _letters(
    database: duckdb.DuckDBPyConnection, source: str, name: str, facts: Facts
) -> tuple[str, ...] | None:
    """What stands at each place of a column's texts; None where one number cannot spell them as ASCII."""
    inner, asked = [f"regexp_full_match({quote(name)}, '[ -~]*') AS plain"], {"plain": "bool_and(plain)"}
    for at in range(1, facts["longest"] + 1):
        inner.append(f"unicode(substr({quote(name)}, {at}, 1)) AS u{at}")
        for low in (32, 80):  # 48 letters each: more do not fit into one number
            bit = f"1::BIGINT << (u{at} - {low})"
            asked[f"{at} {low}"] = f"bit_or(CASE WHEN u{at} BETWEEN {low} AND {low + 47} THEN {bit} END)"
    asked_of = f"(SELECT {', '.join(inner)} FROM {source})"  # noqa: S608 -- quoted names
    answer = _asked(database, asked_of, [asked])[0]
    places = tuple(
        _of_bits(at > facts["shortest"], answer[f"{at} 32"] or 0, answer[f"{at} 80"] or 0)
        for at in range(1, facts["longest"] + 1)
    )
    return places if answer["plain"] is not False and sum(widths(places)) <= _SPELLED_BITS else None


def _of_bits(may_end: bool, low: int, high: int) -> str:
    """The letters, ascending, whose bits are set.

    >>> _of_bits(False, 0b11 << 16, 1 << 17)
    '01a'
    """
    known = [chr(32 + at) for at in range(48) if low >> at & 1] + [
        chr(80 + at) for at in range(48) if high >> at & 1
    ]
    return (END if may_end else "") + "".join(known)


def _text(name: str, facts: Facts, letters: tuple[str, ...] | None) -> Field | None:
    """The field of a text, in the form that takes less room; None where there is none."""
    plain = Field(name=name, stored="VARCHAR", bits=0, can_miss=facts["valid"] < facts["n"])
    if not facts["valid"]:
        return plain
    listed = max(0, int(facts["distinct"]) - 1).bit_length()
    can_list = (
        facts["distinct"] <= _LISTED
        and facts["longest"] <= _LISTED_LENGTH
        and facts["distinct"] * facts["mean bytes"] <= _LISTED_BYTES
    )
    spelled = sum(widths(letters or ()))
    if letters is not None and spelled <= (listed + _SPELLED_MORE if can_list else _SPELLED_BITS):
        return replace(plain, letters=letters, bits=max(1, spelled))
    of_list = math.ceil(8 * facts["distinct"] * facts["mean bytes"] / facts["n"])
    return replace(plain, first_text=0, bits=listed + 1 + of_list) if can_list else None
