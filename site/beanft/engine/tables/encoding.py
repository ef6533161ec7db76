"""Looks at the bytes of an upload once: line endings, NUL bytes, encoding; writes clean UTF-8 if needed."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from beanft.engine.errors import EngineError
from beanft.engine.tables.magic import other_format
from beanft.engine.tables.wording import counted, shown

_CHUNK = 1 << 20
_HEAD = 1 << 16
_SAMPLE = 1 << 16
_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NAMES = {"cp1252": "Windows-1252", "utf-8-sig": "UTF-8", "utf-8": "UTF-8", "utf-16": "UTF-16"}
_WESTERN_SHARE = 0.9  # share of plausible characters from which Windows-1252 is believed
_FEW_BYTES = 20  # so few odd bytes in a long file are damage, not another encoding
_MANY_LINES = 1000


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

    @property
    def is_plain(self) -> bool:
        """Whether DuckDB can read the file as it is: UTF-8 with one kind of line ending."""
        return self.encoding in ("utf-8", "utf-8-sig") and self.endings in ((), ("LF",), ("CRLF",))

    @property
    def label(self) -> str:
        """The encoding's name as users know it."""
        return _NAMES.get(self.encoding, self.encoding)

    def lines(self) -> Iterator[str]:
        """Give the physical lines with their endings."""
        with self.path.open(encoding=self.encoding, newline="") as file:
            yield from file


def examine(path: Path, *, max_line_mb: int = 4) -> Text:
    """Look at all bytes of a file once.

    Parameters
    ----------
    path : Path
        The file.
    max_line_mb : int
        Longest line allowed, in megabytes.

    Returns
    -------
    Text
        Encoding, number of lines and their endings.

    Raises
    ------
    EngineError
        When the file is empty, binary, of another format, holds NUL bytes or bytes of no encoding, or
        has a line longer than allowed.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise EngineError("The file is empty. Upload a CSV with a header and at least one row.")
    if sentence := other_format(head):
        raise EngineError(sentence)
    if wide := _wide_encoding(head):
        return _examine_wide(path, wide)
    scan = _Scan(max_line=max_line_mb << 20)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            scan.feed(chunk)
    return _judge(path, head, scan, max_line_mb)


def rewrite(text: Text, target: Path, *, skipped: int = 0) -> Text:
    """Write a text anew as UTF-8 with LF, piece by piece.

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
        text.path.open(encoding=text.encoding) as source,  # the default newline makes every ending LF
        target.open("w", encoding="utf-8", newline="") as file,
    ):
        for _ in range(skipped):
            source.readline()
        while piece := source.read(_CHUNK):
            file.write(piece)
    return Text(path=target, encoding="utf-8", n_lines=text.n_lines - skipped, endings=("LF",))


class _Scan:
    """Counts bytes of interest while a file streams by."""

    def __init__(self, *, max_line: int) -> None:
        self.n_bytes = self.n_lf = self.n_cr = self.n_crlf = self.n_nul = 0
        self.first_nul = -1
        self.too_long = -1
        self.is_utf8 = True
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._max_line = max_line
        self._line = 0
        self._last = b""

    def feed(self, chunk: bytes) -> None:
        nul = chunk.find(b"\0")
        if nul >= 0:
            self.first_nul = self.first_nul if self.first_nul >= 0 else self.n_bytes + nul
            self.n_nul += chunk.count(b"\0")
        self._measure(chunk)
        self.n_lf += chunk.count(b"\n")
        self.n_cr += chunk.count(b"\r")
        self.n_crlf += chunk.count(b"\r\n") + (self._last == b"\r" and chunk[:1] == b"\n")
        if self.is_utf8:
            try:
                self._decoder.decode(chunk)
            except UnicodeDecodeError:
                self.is_utf8 = False
        self._last = chunk[-1:]
        self.n_bytes += len(chunk)

    def _measure(self, chunk: bytes) -> None:
        """Lines over the limit are longer than a chunk, so only a chunk's first and last breaks matter."""
        breaks = [at for at in (chunk.find(b"\n"), chunk.find(b"\r")) if at >= 0]
        self._line += min(breaks) if breaks else len(chunk)
        if self._line > self._max_line and self.too_long < 0:
            self.too_long = self.n_lf + (self.n_cr - self.n_crlf) + 1
        if breaks:
            self._line = len(chunk) - max(chunk.rfind(b"\n"), chunk.rfind(b"\r")) - 1

    def finish(self) -> None:
        try:
            self._decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            self.is_utf8 = False

    @property
    def n_lines(self) -> int:
        return self.n_lf + self.n_cr - self.n_crlf + (self._last not in (b"\n", b"\r"))

    @property
    def endings(self) -> tuple[str, ...]:
        counts = {"LF": self.n_lf - self.n_crlf, "CRLF": self.n_crlf, "CR": self.n_cr - self.n_crlf}
        return tuple(name for name, n in counts.items() if n)


def _judge(path: Path, head: bytes, scan: _Scan, max_line_mb: int) -> Text:
    """Turn the counts into a description, or say what is wrong."""
    scan.finish()
    if scan.n_nul:
        raise EngineError(_nul_sentence(path, scan))
    if scan.too_long >= 0:
        raise EngineError(
            f"Line {scan.too_long:,} is longer than {max_line_mb} MB. A line of a CSV is one row of a "
            "table: check that the file has line ends, and shorten or remove this cell."
        )
    if scan.n_bytes <= len(head) and not head.removeprefix(codecs.BOM_UTF8).strip():
        raise EngineError(
            "The file is empty: it holds only blank lines. Upload a CSV with a header and rows."
        )
    encoding = "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"
    if not scan.is_utf8:
        encoding = _other_encoding(path, scan.n_lines)
    return Text(path=path, encoding=encoding, n_lines=scan.n_lines, endings=scan.endings)


def _nul_sentence(path: Path, scan: _Scan) -> str:
    if scan.n_nul > scan.n_bytes / 500:
        n = counted(scan.n_nul, "NUL byte")
        return f"The file is binary: it holds {n}. Save the table as CSV and upload that."
    line, text = _line_at(path, scan.first_nul)
    return (
        f"The file holds {counted(scan.n_nul, 'NUL byte')}, the first on line {line:,}: {shown(text)}. "
        "Text has none; remove them and upload the file again."
    )


def _line_at(path: Path, position: int) -> tuple[int, str]:
    """Physical line number (from 1) and text of the line that holds a byte."""
    passed = 0
    for number, line in enumerate(_byte_lines(path), 1):
        passed += len(line)
        if passed > position:
            return number, line[:_HEAD].decode("utf-8", "replace")
    raise ValueError(position)


def _byte_lines(path: Path) -> Iterator[bytes]:
    """Give the physical lines with their endings, whichever those are, in bounded memory."""
    held = b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            *lines, held = (held + chunk).splitlines(keepends=True)  # the last may go on in the next chunk
            yield from lines
    if held:
        yield held


def _wide_encoding(head: bytes) -> str:
    """UTF-16 and UTF-32 by their mark, or UTF-16 by NUL bytes on one side only."""
    for mark, name in _MARKS:
        if head.startswith(mark) and name != "utf-8-sig":
            return name
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) > len(head) * 0.3 and min(even, odd) == 0:
        return "utf-16-be" if even else "utf-16-le"
    return ""


def _examine_wide(path: Path, encoding: str) -> Text:
    """Count the lines of a two- or four-byte encoding by decoding it."""
    n_lines, endings, blank = 0, set(), True
    kinds = {"\r\n": "CRLF", "\n": "LF", "\r": "CR"}
    try:
        with path.open(encoding=encoding, newline="") as file:
            for line in file:
                n_lines += 1
                endings.add(next((name for end, name in kinds.items() if line.endswith(end)), ""))
                blank = blank and not line.strip()
                if "\0" in line:
                    raise EngineError(f"Line {n_lines:,} holds a NUL character. Remove it and upload again.")
    except UnicodeError as error:
        raise EngineError(
            f"Line {n_lines + 1:,} holds bytes that are not {_NAMES.get(encoding, encoding)} text. "
            "Save the file as UTF-8 and upload it again."
        ) from error
    if blank:
        raise EngineError(
            "The file is empty: it holds only blank lines. Upload a CSV with a header and rows."
        )
    return Text(path=path, encoding=encoding, n_lines=n_lines, endings=tuple(sorted(endings - {""})))


@dataclass
class _HighBytes:
    """The lines that hold bytes beyond ASCII."""

    sample: bytes = b""
    n_bytes: int = 0
    n_valid: int = 0
    n_broken: int = 0
    first: tuple[int, int, bytes] = (0, 0, b"")

    def take(self, number: int, line: bytes) -> None:
        """Count one line and keep it for the sample; the first that is not UTF-8 is remembered."""
        self.n_bytes += sum(byte > 127 for byte in line)
        if len(self.sample) < _SAMPLE:
            self.sample += line[:4096]
        try:
            line.decode("utf-8")
            self.n_valid += 1
        except UnicodeDecodeError as error:
            self.first = self.first if self.n_broken else (number, error.start + 1, line)
            self.n_broken += 1


def _other_encoding(path: Path, n_lines: int) -> str:
    """Find the encoding of a file that is not UTF-8; damage in a UTF-8 file is named instead."""
    high = _HighBytes()
    for number, line in enumerate(_byte_lines(path), 1):
        if not line.isascii():
            high.take(number, line)
    is_utf8 = high.n_valid > high.n_broken / 10
    if not is_utf8 and _is_western(high.sample):
        return "cp1252"
    damaged = is_utf8 or (high.n_bytes <= _FEW_BYTES and n_lines > _MANY_LINES)
    best = None if damaged else from_bytes(high.sample).best()
    if best is None or not _decodes(path, best.encoding):
        raise EngineError(_broken_sentence(high))
    return best.encoding


def _broken_sentence(high: _HighBytes) -> str:
    number, byte, line = high.first
    return (
        f"Line {number:,} is not UTF-8 text at byte {byte:,}, while the rest of the file is: "
        f"{shown(line.decode('utf-8', 'replace'))}. Correct this line, or save the whole file as UTF-8."
    )


def _decodes(path: Path, encoding: str) -> bool:
    try:
        with path.open(encoding=encoding) as file:
            while file.read(_CHUNK):
                pass
    except UnicodeError:
        return False
    return True


_WESTERN = set("äöüÄÖÜßéèêëÉÈÊáàâãåÁÀÂÃÅæÆçÇíìîïÍÎñÑóòôõøÓÔÕØœúùûÚýÐðÞþšŠžŽ")
_OPENING = set("“‘„‚¿¡«°€£§©®™–—…’”»·½¼¾²³µ¹ªº×\xa0\xad%")
_CLOSED = set("£€§©®™½¼¾²³¹µ×")  # signs that no small letter follows


def _is_western(sample: bytes) -> bool:
    """Whether Windows-1252 makes words of the bytes: accents inside words, signs beside them."""
    try:
        text = sample.decode("cp1252")
    except UnicodeDecodeError:
        return False
    high = [at for at, sign in enumerate(text) if sign > "\x7f"]
    good = sum(_is_plausible(text, at) for at in high)
    return good >= _WESTERN_SHARE * len(high)


def _is_plausible(text: str, at: int) -> bool:
    sign, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    if sign in _OPENING:
        return not (sign in _CLOSED and after.isalpha() and after.islower())
    if sign not in _WESTERN or (sign.isupper() and before.islower()):
        return False
    return sum(c > "\x7f" and c.isalpha() for c in text[max(0, at - 2) : at + 3]) <= 2
