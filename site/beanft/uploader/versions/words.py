"""What an owner asked for of how a file is read, in words."""

from collections.abc import Iterator

from beanft.engine.tables.columns import Column
from beanft.engine.tables.text.candidates import ENCODINGS
from beanft.engine.tables.wishes import ColumnWish, Wishes
from beanft.uploader.versions.columns import label_of

_NAMED = 5  # columns named; more are counted
_ALMOST = {"number": "numbers", "date": "dates", "boolean": "true or false"}
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "blanks"}


def in_words(wishes: Wishes) -> list[str]:
    """Say each wish in a few words; none where everything was found by itself.

    >>> in_words(Wishes(delimiter=";", columns={"zip": ColumnWish(kind="text")}))
    ['semicolons between cells', '“zip” as text']
    """
    columns = [_column(name, wish) for name, wish in wishes.columns.items()]
    more = len(columns) - _NAMED
    counted = [f"{more} more {'column' if more == 1 else 'columns'}"] if more > 0 else []
    return [*_file(wishes), *columns[:_NAMED], *counted]


def _file(wishes: Wishes) -> Iterator[str]:
    if wishes.sheet:
        yield f"sheet “{wishes.sheet}”"
    if wishes.encoding:
        yield f"encoding {ENCODINGS.get(wishes.encoding, wishes.encoding)}"
    if wishes.delimiter:
        yield f"{_DELIMITERS.get(wishes.delimiter, f'“{wishes.delimiter}”')} between cells"
    if wishes.quote:
        yield "no quotes" if wishes.quote == "none" else f"quotes {wishes.quote}"
    if wishes.escape:
        yield "quotes escaped by a backslash" if wishes.escape == "backslash" else "quotes doubled"
    if wishes.header:
        yield "with a header" if wishes.header == "yes" else "without a header"
    if wishes.skip is not None:
        yield f"{wishes.skip} {'line' if wishes.skip == 1 else 'lines'} left out at the start"
    if wishes.bad_rows == "aside":
        yield "bad rows set aside"
    if wishes.bad_bytes == "replace":
        yield "bad bytes replaced"


def _column(name: str, wish: ColumnWish) -> str:
    parts = [f"as {wish.kind}"] if wish.kind else []
    if wish.format:
        parts.append(f"in the form {label_of(wish.format)}")
    if wish.missing is not None:
        spellings = ", ".join(f"“{one}”" for one in wish.missing)
        parts.append(f"missing where it says {spellings}" if spellings else "missing only where it is empty")
    return f"“{name}” {', '.join(parts)}"


def unreadable(column: Column) -> str:
    """Say how many cells are none of what their column mostly holds, and what became of them.

    >>> read = Column(name="a", kind="number", stored="BIGINT", n_missing=1, n_distinct=2, n_unreadable=1)
    >>> unreadable(read)
    '1 cell could not be read and is missing'
    """
    one = column.n_unreadable == 1
    n = f"{column.n_unreadable:,} {'cell' if one else 'cells'}"
    if not column.almost:
        return f"{n} could not be read and {'is' if one else 'are'} missing"
    return f"Most cells are {_ALMOST.get(column.almost, column.almost)}; {n} {'is' if one else 'are'} not"
