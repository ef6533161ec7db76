"""Names of datasets, made of what was typed or of a file's name, so that they can be told apart."""

from collections.abc import Container
from pathlib import PurePosixPath

NAME_LENGTH = 120
"""Most characters of a dataset's name."""


def name_of_file(original_name: str) -> str:
    """The name that a dataset gets from its file; digits alone would look like an id in an address.

    >>> name_of_file("penguins.csv"), name_of_file("2024.csv"), name_of_file(".csv")
    ('penguins', 'table 2024', 'csv')
    """
    name = (PurePosixPath(original_name).stem.strip(". ") or "table")[:NAME_LENGTH].strip()
    return f"table {name[: NAME_LENGTH - 6]}" if is_id_like(name) else name


def is_id_like(name: str) -> bool:
    """Whether a name could be mistaken for the number of a dataset."""
    return name.isascii() and name.isdigit()


def free_name(name: str, taken: Container[str]) -> str:
    """The name itself, or with the first number that makes it new.

    >>> free_name("a", {"a", "a (2)"})
    'a (3)'
    """
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        ending = f" ({number})"
        candidate = name[: NAME_LENGTH - len(ending)] + ending
    return candidate
