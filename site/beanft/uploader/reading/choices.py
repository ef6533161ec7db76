"""How a file is to be read, as it travels in addresses and forms, and what can be chosen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from beanft.engine.tables.columns import KINDS
from beanft.engine.tables.kinds.guess import PLAIN
from beanft.engine.tables.text.candidates import ENCODINGS
from beanft.engine.tables.text.header import LONGEST_NAME
from beanft.engine.tables.wishes import BAD_BYTES, BAD_ROWS, LONGEST_FORM, ColumnWish, Wishes

DELIMITERS = {
    "comma": (",", "Comma ,"),
    "semicolon": (";", "Semicolon ;"),
    "tab": ("\t", "Tab"),
    "bar": ("|", "Bar |"),
    "blank": (" ", "Blanks"),
    "colon": (":", "Colon :"),
    "caret": ("^", "Caret ^"),
    "tilde": ("~", "Tilde ~"),
}
"""The usual delimiters: word in the address, character, name for people."""

QUOTES = {'"': 'Double quote "', "'": "Single quote '", "none": "None"}
ESCAPES = {"double": "The quote twice", "backslash": "A backslash before it"}
HEADERS = {"yes": "Yes", "no": "No, name them column 1, column 2 …"}
ROWS = {"refuse": "Refuse the file", "aside": "Set them aside and go on"}
BYTES = {"refuse": "Refuse the file", "replace": "Replace them by �"}
CHOSEN_KINDS = tuple(kind for kind in KINDS if kind != "constant")
"""The kinds that an owner can ask for: constant is what a column is, not how it is read."""

COLUMNS_SHOWN = 100
"""Columns whose kinds can be chosen before the file is read; the others have a page afterwards."""

_SKIP_MOST = 10_000
_TEXT_MOST = 255
_KIND, _FORMAT = "kind.", "format."
_LISTS: Mapping[str, Mapping[str, Any]] = {
    "encoding": ENCODINGS,
    "quote": QUOTES,
    "escape": ESCAPES,
    "header": HEADERS,
    "bad_rows": ROWS,
    "bad_bytes": BYTES,
}
_WORDS = {
    "encoding": "There is no such encoding. Choose one of the list.",
    "quote": "The quote is one of the list. Choose one.",
    "escape": "How a quote inside a quoted cell is written is one of the list. Choose one.",
    "header": "The header is there or not. Choose yes, no, or as found.",
    "bad_rows": "Rows with too few or too many cells are refused or set aside. Choose one.",
    "bad_bytes": "Bytes that do not fit the encoding are refused or replaced. Choose one.",
}
_LONG_NAME = f"The name of a column has at most {LONGEST_NAME} characters. Choose on the page of the file."


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was asked for, as far as it can be used."""

    wishes: Wishes
    errors: tuple[str, ...]
    """A sentence for each field that cannot be used; it then counts as not asked for."""


def parse(values: Mapping[str, str], base: Wishes, *, max_columns: int = 2000) -> Asked:
    """Read wishes from the fields of an address or a form; a field that is not there is as in `base`.

    More than `max_columns` columns cannot be wished for: a table has no more.

    >>> parse({"header": "no", "delimiter": "tab"}, Wishes()).wishes
    Wishes(encoding='', delimiter='\\t', quote='', escape='', header='no', skip=None, sheet='', bad_rows='refuse', bad_bytes='refuse', columns={})
    """  # noqa: E501  # one repr
    errors: list[str] = []
    changes: dict[str, Any] = {}
    for name, choices in _LISTS.items():
        if name in values:
            known = not values[name] or values[name] in choices
            errors += [] if known else [_WORDS[name]]
            changes[name] = values[name] if known else ""
    for name, read in (("delimiter", _delimiter), ("skip", _skip), ("sheet", _sheet)):
        if name in values:
            changes[name], error = read(values)
            errors += [error] if error else []
    changes["bad_rows"] = changes.get("bad_rows", base.bad_rows) or BAD_ROWS[0]
    changes["bad_bytes"] = changes.get("bad_bytes", base.bad_bytes) or BAD_BYTES[0]
    columns, faults = _columns(values, base.columns)
    if len(columns) > max_columns:
        faults.append(
            f"Kinds or forms of {len(columns):,} columns were asked for, and a table has at most "
            f"{max_columns:,}. Open the page of the file again and choose there."
        )
        columns = dict(base.columns)
    return Asked(wishes=replace(base, **changes, columns=columns), errors=(*errors, *faults))


def _delimiter(values: Mapping[str, str]) -> tuple[str, str]:
    """A usual delimiter by its word, or any one character, which may stand in the field beside."""
    asked = values.get("other") or values["delimiter"]
    found = DELIMITERS[asked][0] if asked in DELIMITERS else asked
    if not found or (len(found) == 1 and (found.isprintable() or found in "\t\x1f") and found not in "\"'"):
        return found, ""
    return "", "A delimiter is one character that can be seen, a blank or a tab, and no quote."


def _skip(values: Mapping[str, str]) -> tuple[int | None, str]:
    text = values["skip"].strip()
    if not text:
        return None, ""
    if text.isascii() and text.isdigit() and len(text) < 6 and int(text) <= _SKIP_MOST:
        return int(text), ""
    return None, f"Lines to skip is a whole number from 0 to {_SKIP_MOST:,}, or empty."


def _sheet(values: Mapping[str, str]) -> tuple[str, str]:
    name = values["sheet"]
    if len(name) > _TEXT_MOST or "\0" in name:
        return "", "There is no such sheet. Choose one of the list."
    return name, ""


def _columns(
    values: Mapping[str, str], base: Mapping[str, ColumnWish]
) -> tuple[dict[str, ColumnWish], list[str]]:
    """Wishes for columns; an empty kind takes back what was asked for before."""
    columns, faults = dict(base), []
    for key, value in values.items():
        name = key.removeprefix(_KIND)
        if name == key:
            continue
        if len(name) > LONGEST_NAME:
            faults.append(_LONG_NAME)
        elif value and value not in CHOSEN_KINDS:
            faults.append("There is no such kind of column. Choose one of the list.")
        elif value != columns.get(name, ColumnWish()).kind:
            columns[name] = ColumnWish(kind=value, missing=columns.get(name, ColumnWish()).missing)
    for key, value in values.items():
        name = key.removeprefix(_FORMAT)
        if name == key:
            continue
        if len(name) > LONGEST_NAME:
            faults.append(_LONG_NAME)
        elif len(value) > LONGEST_FORM or "\0" in value:
            faults.append(
                f"A form of numbers or dates has at most {LONGEST_FORM} characters. Choose one of the list."
            )
        else:
            columns[name] = replace(columns.get(name, ColumnWish()), format=value)
    columns = {name: _of_one_kind(wish) for name, wish in columns.items()}
    return {name: wish for name, wish in columns.items() if wish != ColumnWish()}, list(dict.fromkeys(faults))


def _of_one_kind(wish: ColumnWish) -> ColumnWish:
    """Without a form of dates for a number, and the like: the page may still show that of the kind before."""
    is_date = "%" in wish.format
    other = {"date": not is_date, "number": is_date, "": False}.get(wish.kind, True)
    return replace(wish, format="") if other and wish.format != PLAIN else wish


def written(wishes: Wishes, base: Wishes) -> list[tuple[str, str]]:
    """The fields that `parse` makes these wishes of: those in which they differ from `base`.

    >>> written(Wishes(header="no", skip=2), Wishes(header="no"))
    [('skip', '2')]
    """
    return [*_written_settings(wishes, base), *_written_columns(wishes, base)]


def _written_settings(wishes: Wishes, base: Wishes) -> Iterator[tuple[str, str]]:
    words = {character: word for word, (character, _) in DELIMITERS.items()}
    for name in (*_LISTS, "delimiter", "skip", "sheet"):
        value = getattr(wishes, name)
        if value != getattr(base, name):
            text = "" if value is None else str(value)
            yield name, words.get(text, text) if name == "delimiter" else text


def _written_columns(wishes: Wishes, base: Wishes) -> Iterator[tuple[str, str]]:
    for name in {**base.columns, **wishes.columns}:
        wish, before = wishes.columns.get(name, ColumnWish()), base.columns.get(name, ColumnWish())
        if wish.kind != before.kind:
            yield f"{_KIND}{name}", wish.kind
        if wish.format != (before.format if wish.kind == before.kind else ""):
            yield f"{_FORMAT}{name}", wish.format
