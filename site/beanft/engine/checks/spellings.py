"""Finds values of a category that are one word written in several ways."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence

from beanft.engine.checks.table import Table
from beanft.engine.findings import Finding
from beanft.engine.tables.columns import Column
from beanft.engine.tables.queries.predicates import join_list
from beanft.engine.tables.wording import are, counted, shown

_MOST_VALUES = 5000  # read into memory
_MOST_COLUMNS = 100
_FEWEST_LETTERS = 3  # A+ and A- differ by a sign only, and mean it
_SELDOM = 0.2  # of a shorter word: F among many f is a slip, while a and A of equal number may be two things
_REPEATED = 0.5  # of the rows: where more values differ the words are no category
_EXAMPLES = 2
_SIGNS = re.compile(r"(?<!\d)[\W_]+|[\W_]+(?!\d)")


def find(table: Table) -> Iterator[Finding]:
    """Name columns in which words differ by case, blanks, accents or punctuation only.

    Parameters
    ----------
    table : Table
        The table to look at.

    Yields
    ------
    Finding
        What was found.
    """
    n_asked = 0
    for column in table.profile.columns:
        if not _has_words(table, column):
            continue
        n_asked += 1
        if n_asked > _MOST_COLUMNS:
            return
        yield from _of(table, column)


def _has_words(table: Table, column: Column) -> bool:
    return (
        column.stored == "VARCHAR"
        and column.kind in ("category", "text")
        and 2 <= column.n_distinct <= _MOST_VALUES
        and column.n_distinct <= max(20, _REPEATED * table.n_values(column))
    )


def _of(table: Table, column: Column) -> Iterator[Finding]:
    groups: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for value, n in table.counts(column, _MOST_VALUES):
        groups[same_word(value)].append((value, n))
    mixed = [found for word, group in groups.items() for found in _spellings(word, group)]
    if not mixed:
        return
    mixed.sort(key=lambda group: -sum(n for _, n in group[1:]))
    examples = "; ".join(
        " = ".join(f"{shown(value, 30)} ({n:,})" for value, n in group[:4]) for group in mixed[:_EXAMPLES]
    )
    n_rows = sum(n for group in mixed for _, n in group[1:])
    yield Finding(
        code="mixed-spellings",
        severity="warning",
        columns=(column.name,),
        sentence=(
            f"{counted(len(mixed), 'value')} of {shown(column.name)} {are(len(mixed))} "
            f"written in several ways: {examples}{'; …' if len(mixed) > _EXAMPLES else ''}."
        ),
        figure=n_rows,
        remedy="Write each of them in one way in the file; now they count as different values.",
        rows=((column.name, "one-of", join_list(tuple(value for value, _ in mixed[0]))),),
    )


def _spellings(word: str, group: Sequence[tuple[str, int]]) -> Iterator[Sequence[tuple[str, int]]]:
    """The values that are one word, most frequent first: of a short one those that seldom differ by case."""
    if _n_letters(word) >= _FEWEST_LETTERS:
        alike = [group]
    else:
        cased: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for value, n in group:
            cased[value.casefold()].append((value, n))
        alike = [
            one for one in cased.values() if sum(n for _, n in one[1:]) <= _SELDOM * sum(n for _, n in one)
        ]
    yield from (one for one in alike if len(one) > 1)


def same_word(text: str) -> str:
    """Write a text without what people vary: case, blanks, accents, punctuation.

    Parameters
    ----------
    text : str
        A value of a category.

    Returns
    -------
    str
        What two spellings of one word have in common.

    Examples
    --------
    >>> same_word("NEW-YORK") == same_word(" New  York."), same_word("v1.2") == same_word("v12")
    (True, False)
    """
    folded = unicodedata.normalize("NFKD", text.casefold())
    if not folded.isascii():  # most texts have no accents to take off
        folded = "".join(sign for sign in folded if not unicodedata.combining(sign))
    return _SIGNS.sub("", folded)


def _n_letters(word: str) -> int:
    return sum(sign.isalpha() for sign in word)
