"""Cuts the beginning of a text after a whole row, for a look beforehand."""

import codecs
from typing import AnyStr

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def first_rows(head: bytes, n_lines: int, *, is_cut: bool) -> bytes:
    """Cut the beginning of a text after a whole line, and as far as quotes tell after a whole row.

    Parameters
    ----------
    head : bytes
        The beginning of the file.
    n_lines : int
        Most lines kept.
    is_cut : bool
        Whether the file goes on after it.

    Returns
    -------
    bytes
        Whole lines; all bytes where no line ends.

    Examples
    --------
    >>> first_rows(b'a,b\\n1,"x\\ny"\\n2,"z', 9, is_cut=True)
    b'a,b\\n1,"x\\ny"\\n'
    """
    encoding = next((name for mark, name in _MARKS if head.startswith(mark)), "")
    if encoding:  # two or four bytes a character
        text = head.decode(encoding, "ignore")
        return "".join(_whole_lines(text.splitlines(keepends=True), n_lines, is_cut)).encode(encoding)
    lines = head.splitlines(keepends=True)
    return b"".join(_whole_lines(lines, n_lines, is_cut))


def _whole_lines(lines: list[AnyStr], n_lines: int, is_cut: bool) -> list[AnyStr]:
    """The first lines; fewer when a quote would be left open."""
    kept = lines[:-1] if is_cut and len(lines) > 1 else lines
    if not is_cut and len(lines) <= n_lines:
        return lines
    kept = kept[:n_lines]
    n_quotes = [line.count(b'"' if isinstance(line, bytes) else '"') for line in kept]
    is_open = sum(n_quotes) % 2
    last = len(kept)
    while is_open and last > 1:
        last -= 1
        is_open = (is_open + n_quotes[last]) % 2
    return kept if is_open or last <= 1 else kept[:last]
