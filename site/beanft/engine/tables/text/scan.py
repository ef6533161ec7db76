"""Counts bytes of interest while a file streams by: hash, line endings, NUL bytes, whether it is UTF-8."""

import codecs
import hashlib

_NOTHING = b" \t\r\n\f\v\0" + codecs.BOM_UTF8
_BINARY_SHARE = 1 / 500  # a file with more NUL bytes than this, and than a few, was never text
_FEW_NULS = 8


class Scan:
    """Counts bytes of interest while a file streams by."""

    def __init__(self, *, max_line: int) -> None:
        self.n_bytes = self.n_lf = self.n_cr = self.n_crlf = self.n_nul = 0
        self.nul_line = self.too_long = 0
        self.is_utf8 = self.is_blank = True
        self.sha256 = hashlib.sha256()
        self._rest = b""
        self._max_line = max_line
        self._line = 0
        self._last = b""

    def feed(self, chunk: bytes) -> None:
        """Count the next bytes; pieces of 64 kB are quickest, because what is decoded stays in the cache."""
        self.sha256.update(chunk)
        if self.is_blank:
            self.is_blank = not chunk.strip(_NOTHING)
        nul = chunk.find(b"\0")
        if nul >= 0:
            self.nul_line = self.nul_line or self._line_number(chunk[:nul])
            self.n_nul += chunk.count(b"\0")
        self._measure(chunk)
        self.n_lf += chunk.count(b"\n")
        if chunk.find(b"\r") >= 0:  # finding none is far quicker than counting none
            self.n_cr += chunk.count(b"\r")
            self.n_crlf += chunk.count(b"\r\n")
        self.n_crlf += self._last == b"\r" and chunk[:1] == b"\n"
        if self.is_utf8 and (self._rest or not chunk.isascii()):
            self._decode(chunk)
        self._last = chunk[-1:]
        self.n_bytes += len(chunk)

    def _line_number(self, before: bytes) -> int:
        """Number of the physical line that goes on after some bytes of the chunk."""
        passed = before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")
        divided = self._last == b"\r" and before[:1] == b"\n"
        return self.n_lf + self.n_cr - self.n_crlf + passed - divided + 1

    def _decode(self, chunk: bytes) -> None:
        try:
            bytes_ = self._rest + chunk
            self._rest = bytes_[codecs.utf_8_decode(bytes_, "strict", False)[1] :]
        except UnicodeDecodeError:
            self.is_utf8 = False

    def _measure(self, chunk: bytes) -> None:
        """Lines over the limit are longer than a chunk, so only a chunk's first and last breaks matter."""
        breaks = [at for at in (chunk.find(b"\n"), chunk.find(b"\r")) if at >= 0]
        self._line += min(breaks) if breaks else len(chunk)
        if self._line > self._max_line and not self.too_long:
            self.too_long = self.n_lf + (self.n_cr - self.n_crlf) + 1
        if breaks:
            self._line = len(chunk) - max(chunk.rfind(b"\n"), chunk.rfind(b"\r")) - 1

    def finish(self) -> None:
        """No bytes follow."""
        self.is_utf8 = self.is_utf8 and not self._rest

    @property
    def is_binary(self) -> bool:
        """Whether there are too many NUL bytes for a text."""
        return self.n_nul > max(_FEW_NULS, self.n_bytes * _BINARY_SHARE)

    @property
    def n_lines(self) -> int:
        """Physical lines; a last line without its ending counts."""
        return self.n_lf + self.n_cr - self.n_crlf + (self._last not in (b"\n", b"\r"))

    @property
    def endings(self) -> tuple[str, ...]:
        """The line endings found, of LF, CRLF and CR."""
        counts = {"LF": self.n_lf - self.n_crlf, "CRLF": self.n_crlf, "CR": self.n_cr - self.n_crlf}
        return tuple(name for name, n in counts.items() if n)
