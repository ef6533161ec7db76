"""Looks at the bytes of an upload once: hash, line endings, NUL bytes, encoding; writes UTF-8 if needed."""

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from beanft.engine.errors import EngineError
from beanft.engine.tables.formats.magic import other_format
from beanft.engine.tables.text.candidates import CUT_BYTES, ENCODINGS, Candidate, ranked, windows
from beanft.engine.tables.text.damage import (
    HighBytes,
    broken_error,
    byte_lines,
    damage_notes,
    misfit_error,
)
from beanft.engine.tables.text.scan import Scan
from beanft.engine.tables.wishes import Wishes
from beanft.engine.tables.wording import counted, shown

_CHUNK = 1 << 16  # small enough that what is decoded stays in the processor's cache
_PIECE = 1 << 20
_HEAD = 1 << 16
_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ASKED = 3  # encodings that a question offers
_SAMPLE = 40  # characters that it shows of each
_EMPTY = "The file is empty: it holds only blank lines. Upload a table with a header and rows."


@dataclass(frozen=True, kw_only=True)
class Text:
    """What the bytes of a file said."""

    path: Path
    """The file."""
    encoding: str
    """Python's name of the encoding."""
    n_lines: int
    """Physical lines; a last line without its ending counts."""
    endings: tuple[str, ...]
    """The line endings found, of LF, CRLF and CR."""
    sha256: str = ""
    """SHA-256 of the bytes in hexadecimal; empty for a file of our own."""
    is_repaired: bool = False
    """Whether NUL bytes are left out and bytes of no character read as �."""
    notes: tuple[str, ...] = ()
    """What was repaired, with lines."""

    @property
    def is_plain(self) -> bool:
        """Whether DuckDB can read the file as it is: UTF-8 with one kind of line ending."""
        is_utf8 = self.encoding in ("utf-8", "utf-8-sig") and not self.is_repaired
        return is_utf8 and self.endings in ((), ("LF",), ("CRLF",))

    @property
    def is_uniform(self) -> bool:
        """Whether every line ends alike, so that `rewrite` changes no line break inside a cell."""
        return self.endings in ((), ("LF",), ("CRLF",))

    @property
    def label(self) -> str:
        """The encoding's name as users know it."""
        return ENCODINGS.get(self.encoding, self.encoding)

    def lines(self) -> Iterator[str]:
        """Give the physical lines with their endings."""
        return chain.from_iterable(self.pieces())

    def pieces(self, *, skip: int = 0) -> Iterator[list[str]]:
        """Give the physical lines after the first `skip`, about a megabyte at a time."""
        errors = "replace" if self.is_repaired else "strict"
        with self.path.open(encoding=self.encoding, errors=errors, newline="") as file:
            for _ in range(skip):
                file.readline()
            while lines := file.readlines(_PIECE):
                yield [line.replace("\0", "") for line in lines] if self.is_repaired else lines


def examine(path: Path, *, max_line_mb: int = 4, wishes: Wishes = Wishes()) -> Text:  # noqa: B008 -- frozen
    """Look at all bytes of a file once.

    Parameters
    ----------
    path : Path
        The file.
    max_line_mb : int
        Longest line allowed, in megabytes.
    wishes : Wishes
        Its `encoding` is taken instead of the one found; its `bad_bytes` allows NUL bytes and bytes of no
        character, which are then listed in the notes.

    Returns
    -------
    Text
        Encoding, number of lines, their endings and the hash of the bytes.

    Raises
    ------
    EngineError
        When the file is empty, binary, of another format, holds NUL bytes or bytes of no encoding, has a
        line longer than allowed, or is not of the encoding asked for.
    """
    if wishes.encoding and wishes.encoding not in ENCODINGS:
        raise EngineError(
            f"{shown(wishes.encoding, 30)} is no encoding that can be read. Choose one of the list."
        )
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise EngineError("The file is empty. Upload a table with a header and at least one row.")
    if sentence := other_format(head):
        raise EngineError(sentence)
    if wide := _wide_encoding(head, wishes.encoding):
        scan = _scan_wide(path, wide, wishes, max_line_mb)
    else:
        scan = _scan(path, max_line_mb)
    replaces = wishes.bad_bytes == "replace"
    if scan.n_nul and (not replaces or scan.is_binary):
        raise _nul_error(path, scan, wide or "utf-8")
    if scan.too_long:
        raise EngineError(_long_sentence(scan.too_long, max_line_mb))
    if scan.is_blank:
        raise EngineError(_EMPTY)
    encoding, fits = (wide, not replaces) if wide else _encoding_of(path, head, scan, wishes)
    notes = damage_notes(path, encoding) if replaces and (scan.n_nul or not fits) else ()
    return Text(
        path=path,
        encoding=encoding,
        n_lines=scan.n_lines,
        endings=scan.endings,
        sha256=scan.sha256.hexdigest(),
        is_repaired=bool(notes),
        notes=notes,
    )


def rewrite(text: Text, target: Path, *, skipped: int = 0) -> Text:
    """Write a text anew as UTF-8, piece by piece; line ends of one kind stay, others become LF.

    Parameters
    ----------
    text : Text
        The original, in any encoding.
    target : Path
        The file to write.
    skipped : int
        Physical lines left out at the start.

    Returns
    -------
    Text
        The rewritten file.
    """
    with (
        text.path.open(
            encoding=text.encoding,
            errors="replace" if text.is_repaired else "strict",
            newline="" if text.is_uniform else None,  # None makes every ending LF
        ) as source,
        target.open("w", encoding="utf-8", newline="") as file,
    ):
        for _ in range(skipped):
            source.readline()
        while piece := source.read(_PIECE):
            file.write(piece.replace("\0", "") if text.is_repaired else piece)
    endings = text.endings if text.is_uniform else ("LF",)
    return Text(path=target, encoding="utf-8", n_lines=text.n_lines - skipped, endings=endings)


def candidates(path: Path, n: int = _ASKED) -> tuple[Candidate, ...]:
    """Offer the encodings that a text may have.

    Parameters
    ----------
    path : Path
        The file; its first bytes beyond ASCII decide.
    n : int
        Most candidates.

    Returns
    -------
    tuple of Candidate
        The likeliest first, no two that read the sample alike; one for a file that is plainly UTF-8.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if wide := _wide_encoding(head, ""):
        sample = head[: len(head) // 4 * 4].decode(wide, "replace").split("\n")[0]
        return (Candidate(encoding=wide, label=ENCODINGS[wide], sample_line=sample.strip()[:200]),)
    high = HighBytes()
    for number, line in enumerate(byte_lines(path), 1):
        if not line.isascii():
            high.take(number, line)
        if high.is_full:
            break
    return ranked(high.sample or head[:CUT_BYTES], n)


def _encoding_of(path: Path, head: bytes, scan: Scan, wishes: Wishes) -> tuple[str, bool]:
    """The encoding, and whether all bytes fit it; EngineError when they do not and may not be replaced."""
    utf8 = "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"
    if wishes.encoding in ("utf-8", "utf-8-sig") or (not wishes.encoding and scan.is_utf8):
        encoding, fits = utf8, scan.is_utf8
    elif wishes.encoding:
        encoding, fits = wishes.encoding, _decodes(path, wishes.encoding)
    else:
        return _other_encoding(path, utf8, scan.n_lines, wishes)
    if not fits and wishes.bad_bytes != "replace":
        raise misfit_error(path, encoding)
    return encoding, fits


def _other_encoding(path: Path, utf8: str, n_lines: int, wishes: Wishes) -> tuple[str, bool]:
    """Find the encoding of a file that is not UTF-8; damage in a UTF-8 file is named instead."""
    high = HighBytes()
    for number, line in enumerate(byte_lines(path), 1):
        if not line.isascii():
            high.take(number, line)
    offers = () if utf8 == "utf-8-sig" or high.is_utf8 else ranked(high.sample, _ASKED)
    offers = tuple(one for one in offers if one.encoding != "utf-8" and _decodes(path, one.encoding))
    if offers and offers[0].is_clear and not (high.is_sparse(n_lines) and not offers[0].is_western):
        return offers[0].encoding, True
    if wishes.bad_bytes == "replace":
        return utf8, False
    if not offers or high.is_utf8 or high.is_sparse(n_lines):
        raise broken_error(high)
    raise _asking_error(offers)


def _asking_error(offers: tuple[Candidate, ...]) -> EngineError:
    samples = windows([one.sample_line for one in offers], _SAMPLE)
    choices = ", ".join(f"{one.label} (“{line}”)" for one, line in zip(offers, samples, strict=True))
    found = f"The file is not UTF-8, and it is not clear in which encoding it was written: {choices}."
    return EngineError(
        f"{found} Choose the one whose sample reads right, or save the file as UTF-8 and upload it again.",
        remedies=("choose-encoding",),
        unaided=f"{found} Save the file as UTF-8 and send it again.",
    )


def _long_sentence(line: int, max_line_mb: int) -> str:
    return (
        f"Line {line:,} is longer than {max_line_mb} MB. A line of a CSV is one row of a "
        "table: check that the file has line ends, and shorten or remove this cell."
    )


def _nul_error(path: Path, scan: Scan, encoding: str) -> EngineError:
    n = counted(scan.n_nul, "NUL byte")
    if scan.is_binary:
        return EngineError(f"The file is binary: it holds {n}. Save the table as CSV and upload that.")
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        text = next(islice(file, scan.nul_line - 1, None), "")
    found = (
        f"The file holds {n}, the first on line {scan.nul_line:,}: {shown(text)}. Text has none; remove them "
        "and upload the file again"
    )
    return EngineError(
        f"{found}, or read it again with bad bytes replaced.",
        remedies=("replace-bytes",),
        unaided=f"{found}.",
    )


def _wide_encoding(head: bytes, wish: str) -> str:
    """UTF-16 and UTF-32 by their mark, by wish, or UTF-16 by NUL bytes on one side only."""
    for mark, name in _MARKS:
        if head.startswith(mark) and name != "utf-8-sig" and (not wish or wish.startswith(name)):
            return name
    if wish:
        wide = wish if wish.startswith(("utf-16", "utf-32")) else ""
        return f"{wide}-le" if wide in ("utf-16", "utf-32") else wide  # these two need a mark
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) > len(head) * 0.3 and min(even, odd) == 0:
        return "utf-16-be" if even else "utf-16-le"
    return ""


def _scan(path: Path, max_line_mb: int) -> Scan:
    scan = Scan(max_line=max_line_mb << 20)
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            scan.feed(chunk)
    scan.finish()
    return scan


def _scan_wide(path: Path, encoding: str, wishes: Wishes, max_line_mb: int) -> Scan:
    """Look at a two- or four-byte encoding by decoding it."""
    errors = "replace" if wishes.bad_bytes == "replace" else "strict"
    scan = Scan(max_line=max_line_mb << 20)
    try:
        with path.open(encoding=encoding, errors=errors, newline="") as file:
            while piece := file.read(_CHUNK):
                scan.feed(piece.encode("utf-8"))
    except UnicodeError as error:
        raise misfit_error(path, encoding) from error
    scan.sha256 = _digest(path)
    return scan


def _digest(path: Path) -> "hashlib._Hash":
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256")


def _decodes(path: Path, encoding: str) -> bool:
    try:
        with path.open(encoding=encoding) as file:
            while file.read(_PIECE):
                pass
    except UnicodeError:
        return False
    return True
