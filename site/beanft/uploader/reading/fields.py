"""The fields in which is shown, and changed, how a file is read."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from beanft.engine.tables.columns import Column
from beanft.engine.tables.found import Preview
from beanft.engine.tables.kinds.cells import format_choices
from beanft.engine.tables.text.candidates import ENCODINGS
from beanft.engine.tables.wishes import ColumnWish
from beanft.uploader.reading.choices import (
    BYTES,
    CHOSEN_KINDS,
    COLUMNS_SHOWN,
    DELIMITERS,
    ESCAPES,
    HEADERS,
    QUOTES,
    ROWS,
)


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field: a choice where there are options, else a number or a text."""

    name: str
    label: str
    value: str
    options: tuple[tuple[str, str], ...] = ()
    """Value and words of each choice."""
    hint: str = ""
    """Stands in an empty field."""
    type: str = "select"
    """select, number or text."""


@dataclass(frozen=True, kw_only=True)
class ColumnFields:
    """One column of the sample, with the fields of its kind and its form."""

    column: Column
    kind: Field
    form: Field | None
    """None for kinds that are written in one form only."""


def summary(found: Preview) -> list[str]:
    """What was found of the file, a few words each.

    >>> summary(Preview(encoding="utf-8", delimiter=",", n_skipped=2))
    ['UTF-8', 'commas between cells', 'names in the first row', '2 lines skipped']
    """
    words = []
    if found.is_text and found.encoding:
        words.append(ENCODINGS.get(found.encoding, found.encoding))
    if found.is_text and found.delimiter:
        names = {character: f"{word}s" for word, (character, _) in DELIMITERS.items()}
        words.append(f"{names.get(found.delimiter, found.delimiter)} between cells")
    if found.is_text or found.sheets:
        words.append("names in the first row" if found.has_header else "no names in the first row")
    if found.n_skipped:
        words.append(f"{found.n_skipped:,} {'line' if found.n_skipped == 1 else 'lines'} skipped")
    return words


def notes(found: Preview) -> list[str]:
    """The notes of the reading, as they hold for a page on which the kinds can be chosen at once.

    >>> notes(Preview(notes=("It was kept as text; choose the kind on the page of columns.",)))
    ['It was kept as text; choose the kind at the head of the column below.']
    """
    return [note.replace("on the page of columns", "at the head of the column below") for note in found.notes]


def setting_fields(found: Preview) -> list[Field]:
    """The fields of the file: those that mean something for what it is."""
    fields: list[Field] = []
    if found.sheets:
        fields.append(_choice(found, "sheet", "Sheet", found.sheet, ((name, name) for name in found.sheets)))
    if found.is_text:
        fields += _text_fields(found)
    if found.is_text or found.sheets:
        fields += _header_fields(found)
    if found.is_text or found.source.startswith("JSON"):
        fields.append(_either(found, "bad_rows", "Rows with too few or too many cells", ROWS))
    if found.is_text:
        fields.append(_either(found, "bad_bytes", "Bytes that do not fit the encoding", BYTES))
    return fields


def _text_fields(found: Preview) -> Iterator[Field]:
    encoding = ENCODINGS.get(found.encoding, found.encoding)
    yield _choice(found, "encoding", "Encoding", encoding, ENCODINGS.items())
    yield _delimiter(found)
    yield Field(name="other", label="Another character between cells", value="", type="text")
    around = QUOTES.get(found.quote or "none", found.quote)
    yield _choice(found, "quote", "Around cells", around, QUOTES.items())
    escape = ESCAPES["backslash" if found.escape == "\\" else "double"]
    yield _choice(found, "escape", "A quote inside a quoted cell is written", escape, ESCAPES.items())


def _header_fields(found: Preview) -> Iterator[Field]:
    header = "Yes" if found.has_header else "No"
    yield _choice(found, "header", "First row holds the names", header, HEADERS.items())
    skip = "" if found.wishes.skip is None else str(found.wishes.skip)
    yield Field(
        name="skip",
        label="Lines to skip at the top",
        value=skip,
        hint=f"{found.n_skipped} found",
        type="number",
    )


def _choice(
    found: Preview, name: str, label: str, found_words: str, options: Iterable[tuple[str, str]]
) -> Field:
    """A choice whose first one leaves it to be found out."""
    value = getattr(found.wishes, name)
    first = f"As found: {found_words}" if found_words and not value else "Find out"
    return Field(name=name, label=label, value=value, options=(("", first), *options))


def _either(found: Preview, name: str, label: str, options: Mapping[str, str]) -> Field:
    return Field(name=name, label=label, value=getattr(found.wishes, name), options=tuple(options.items()))


def _delimiter(found: Preview) -> Field:
    words = {character: (word, shown) for word, (character, shown) in DELIMITERS.items()}
    wish = found.wishes.delimiter
    value, _ = words.get(wish, (wish, ""))
    options = [(word, shown) for word, shown in words.values()]
    if wish and wish not in words:
        options.append((wish, wish))
    here = words.get(found.delimiter, ("", found.delimiter))[1]
    first = f"As found: {here}" if here and not wish else "Find out"
    return Field(name="delimiter", label="Between cells", value=value, options=(("", first), *options))


def column_fields(found: Preview) -> list[ColumnFields]:
    """The first columns, each with its kind and form to choose."""
    columns = found.profile.columns[:COLUMNS_SHOWN] if found.profile else ()
    wishes = found.wishes.columns
    return [_column(column, wishes.get(column.name, ColumnWish())) for column in columns]


def _column(column: Column, wish: ColumnWish) -> ColumnFields:
    first = "as found" if wish.kind else f"{column.kind} (found)"
    kinds = tuple((kind, kind) for kind in CHOSEN_KINDS)
    return ColumnFields(
        column=column,
        kind=Field(
            name=f"kind.{column.name}",
            label=f"Kind of {column.name}",
            value=wish.kind,
            options=(("", first), *kinds),
        ),
        form=_form(column, wish),
    )


def _form(column: Column, wish: ColumnWish) -> Field | None:
    """Numbers written in the plain way, which most are, need no choice."""
    choices = format_choices(column.kind)
    is_plain = column.kind == "number" and not (column.format or column.other_formats or wish.format)
    if not choices or is_plain:
        return None
    found = column.format or "plain"
    here = dict(choices).get(found, found)
    others = tuple(one for one in choices if wish.format or one[0] != found)
    own = () if not wish.format or wish.format in dict(choices) else ((wish.format, wish.format),)
    first = "as found" if wish.format else f"{here} (found)"
    return Field(
        name=f"format.{column.name}",
        label=f"Form of {column.name}",
        value=wish.format,
        options=(("", first), *others, *own),
    )


def unseen(
    state: Iterable[tuple[str, str]], settings: Iterable[Field], columns: Iterable[ColumnFields]
) -> list[tuple[str, str]]:
    """The state that no field of the page shows: it travels along hidden, and each name once.

    >>> skip = Field(name="skip", label="Lines to skip", value="2")
    >>> unseen([("name", "x"), ("skip", "2"), ("kind.a", "text")], [skip], [])
    [('kind.a', 'text')]
    """
    fields = [*settings, *(field for one in columns for field in (one.kind, one.form) if field)]
    seen = {"name", *(field.name for field in fields)}
    return [(name, value) for name, value in state if name not in seen]
