"""What a model card is made of: sections with words, facts, a table, a picture."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LONGEST = 600
"""Characters of one text on a card."""
CELL = 120
"""Characters of one cell of a table."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of texts."""

    name: str
    """Word for programs."""
    caption: str
    """What it shows."""
    head: tuple[str, ...]
    """Heads of the columns; the first column names its row."""
    rows: tuple[tuple[str, ...], ...]
    """Cells."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A small picture: marks on a diagonal, or bars."""

    kind: str
    """diagonal or bars."""
    words: str
    """What it shows, for those who do not see it."""
    marks: tuple[tuple[float, float, float, float], ...] = ()
    """Place, height, lower and upper end of each mark, 0..1 of the picture."""
    ends: tuple[str, str] = ("0", "1")
    """Words at both ends of the axes."""
    axes: tuple[str, str] = ("", "")
    """What lies along and upward."""
    bars: tuple[tuple[str, float, str], ...] = ()
    """Name, length 0..1 and words of each bar."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """One part of a card."""

    key: str
    """Word for addresses."""
    title: str
    """Heading."""
    texts: tuple[str, ...] = ()
    """Paragraphs."""
    facts: tuple[tuple[str, str], ...] = ()
    """Names with their values."""
    items: tuple[str, ...] = ()
    """A list."""
    table: Table | None = None
    """A table."""
    picture: Picture | None = None
    """A picture."""
    code: str = ""
    """A text to be copied."""


def cut(text: str, most: int = LONGEST) -> str:
    """A text that is not longer than there is room for.

    >>> cut("abcdef", 4)
    'abc…'
    """
    return text if len(text) <= most else text[: most - 1] + "…"


def facts(*pairs: tuple[str, str | None]) -> tuple[tuple[str, str], ...]:
    """Names with values; what is not known says so.

    >>> facts(("Seed", "0"), ("Hash", None))
    (('Seed', '0'), ('Hash', 'not known'))
    """
    return tuple((name, cut(value) if value else "not known") for name, value in pairs)


def table(name: str, caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Table | None:
    """A table; None without rows."""
    made = tuple(tuple(cut(cell, CELL if i == 0 else LONGEST) for i, cell in enumerate(row)) for row in rows)
    return Table(name=name, caption=caption, head=tuple(head), rows=made) if made else None
