"""Names of files as browsers send them, made safe to store, to show and to hand out again."""

import re
import unicodedata
from pathlib import PurePosixPath

_LENGTH = 255
_SUFFIX_LENGTH = 16
# They turn the text after them around, so that “gpj.exe” can be shown as “exe.jpg”. The marks that only tell
# the direction of a character stay: Arabic and Hebrew need them.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def tidy(text: str) -> str:
    """Put a name on one line and into Unicode that every database takes, without signs that turn text around.

    >>> tidy(" a\\r\\nb\\x00 "), tidy("\\ud800"), tidy("a\\u202eb")
    ('a b', '?', 'ab')
    """
    whole = _TURNING.sub("", text.encode("utf-8", "replace").decode("utf-8"))
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
    if len(name) <= _LENGTH:
        return name
    ending = PurePosixPath(name).suffix[:_SUFFIX_LENGTH]
    return name[: _LENGTH - len(ending)] + ending
