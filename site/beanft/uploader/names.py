"""Names of datasets and files, made safe to store and to compare, whatever was typed."""

import unicodedata
from collections.abc import Container
from pathlib import PurePosixPath

NAME_LENGTH = 120
"""Most characters of a dataset's name."""
_FILE_LENGTH = 255
_SUFFIX_LENGTH = 16


def tidy(text: str) -> str:
    """Put a name on one line and into Unicode that every database takes.

    >>> tidy(" a\\r\\nb\\x00 "), tidy("\\ud800")
    ('a b', '?')
    """
    whole = text.encode("utf-8", "replace").decode("utf-8")
    printable = "".join(" " if unicodedata.category(char) == "Cc" else char for char in whole)
    return " ".join(printable.split())


def file_name(text: str) -> str:
    """The last part of a path as browsers send it, at most 255 characters with its ending kept.

    >>> file_name("C:\\\\fakepath\\\\a.csv"), len(file_name("x" * 300 + ".csv")), file_name("../")
    ('a.csv', 255, 'table.csv')
    """
    name = tidy(text).replace("\\", "/").rstrip("/").rpartition("/")[2].strip()
    if not name.strip("."):
        return "table.csv"
    if len(name) <= _FILE_LENGTH:
        return name
    ending = PurePosixPath(name).suffix[:_SUFFIX_LENGTH]
    return name[: _FILE_LENGTH - len(ending)] + ending


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
