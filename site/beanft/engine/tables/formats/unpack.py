"""Unpacks an archive of one file piece by piece, and stops as soon as it turns out to be a bomb."""

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from beanft.engine.errors import EngineError
from beanft.engine.progress import Progress
from beanft.engine.tables.formats.magic import ARCHIVES
from beanft.engine.tables.wording import shown

_CHUNK = 1 << 20
_RATIO = 100  # tables shrink 3 to 20 times; beyond this a file was made to fill the disk
_RATIO_FROM = 10 << 20  # a few megabytes of one repeated row are no harm
_XZ_MEMORY = 256 << 20  # the largest dictionary of the usual presets takes 64 MB
_NAMED_FILES = 5
_DAMAGED = (EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, ValueError, pa.ArrowException)


def unpack(
    path: Path,
    target: Path,
    *,
    kind: str,
    unpacked_mb: int,
    only_bytes: int = 0,
    progress: Progress = Progress(),  # noqa: B008 -- it holds nothing
) -> None:
    """Unpack the one file of an archive.

    Parameters
    ----------
    path : Path
        The archive; it is only read.
    target : Path
        The file to write; names inside the archive are never used.
    kind : str
        A key of magic.ARCHIVES.
    unpacked_mb : int
        Most megabytes after unpacking.
    only_bytes : int
        Stop after so many bytes; 0 for the whole file.
    progress : Progress
        Told the share of the archive that was read.

    Raises
    ------
    EngineError
        When the archive is damaged, encrypted, holds not exactly one file, or holds too much.
    """
    name = ARCHIVES[kind]
    limits = _Limits(name=name, packed=path.stat().st_size, unpacked_mb=unpacked_mb)
    written = 0
    with path.open("rb") as packed, _opened(packed, kind) as read, target.open("wb") as out:
        for chunk in _chunks(read, name):
            if only_bytes and written + len(chunk) >= only_bytes:
                out.write(chunk[: only_bytes - written])
                return
            written += len(chunk)
            limits.check(written)
            out.write(chunk)
            progress(min(packed.tell() / limits.packed, 1.0), f"Unpacking: {written >> 20:,} MB")
    if not written:
        raise EngineError(f"The file inside the {name} is empty. Upload a table with at least one row.")


class _Limits:
    """How much may come out of an archive."""

    def __init__(self, *, name: str, packed: int, unpacked_mb: int) -> None:
        self.packed = packed
        self._name = name
        self._unpacked_mb = unpacked_mb

    def check(self, written: int) -> None:
        """Refuse what is too large, or far too large for its archive."""
        if written > self._unpacked_mb << 20:
            raise EngineError(
                f"The {self._name} holds more than the {self._unpacked_mb:,} MB allowed after unpacking. "
                "Upload a part of the table, or ask the administrator."
            )
        if written > _RATIO_FROM and written > _RATIO * self.packed:
            raise EngineError(
                f"The {self._name} of {_size(self.packed)} unpacks to more than {_RATIO} times its size "
                f"({_size(written)} so far). Archives like this are made to fill disks; "
                "upload the table unpacked."
            )


def _size(n_bytes: int) -> str:
    return f"{n_bytes / (1 << 20):,.1f} MB" if n_bytes >= 1 << 20 else f"{n_bytes / 1024:,.1f} kB"


def _chunks(read: Callable[[int], bytes], name: str) -> Iterator[bytes]:
    """Pieces of the content; what goes wrong in reading them is damage, what goes wrong in writing is not."""
    while True:
        try:
            chunk = read(_CHUNK)
        except _DAMAGED as error:
            raise EngineError(
                f"The {name} is damaged or not whole. Make it again, or upload the table unpacked."
            ) from error
        except (NotImplementedError, RuntimeError, MemoryError) as error:
            raise EngineError(
                f"The {name} is packed in a way that cannot be read here. Upload the table unpacked."
            ) from error
        if not chunk:
            return
        yield bytes(chunk)


@contextmanager
def _opened(packed: BinaryIO, kind: str) -> Iterator[Callable[[int], bytes]]:
    """A function that reads the next bytes of the content."""
    if kind == "zip":
        with _entry(packed) as read:
            yield read
    elif kind == "gzip":
        with gzip.GzipFile(fileobj=packed) as file:
            yield file.read
    elif kind == "bzip2":
        with bz2.BZ2File(packed) as file:
            yield file.read
    elif kind == "xz":
        yield _Xz(packed).read
    else:
        yield pa.CompressedInputStream(pa.PythonFile(packed, mode="r"), kind).read


class _Xz:
    """Reads xz streams one after the other, with a limit of memory that LZMAFile does not offer."""

    def __init__(self, packed: BinaryIO) -> None:
        self._packed = packed
        self._begin()

    def _begin(self) -> None:
        self._stream = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)

    def read(self, size: int) -> bytes:
        """Next bytes, or none at the end."""
        while True:
            if self._stream.eof and not self._next():
                return b""
            data = self._packed.read(_CHUNK) if self._stream.needs_input else b""
            if self._stream.needs_input and not data:
                raise EOFError
            if out := self._stream.decompress(data, max_length=size):
                return out

    def _next(self) -> bool:
        """Go on with a stream that follows; zero bytes may stand between."""
        left = self._stream.unused_data.lstrip(b"\0") or self._packed.read(_CHUNK).lstrip(b"\0")
        if not left:
            return False
        self._packed.seek(-len(left), 1)
        self._begin()
        return True


@contextmanager
def _entry(packed: BinaryIO) -> Iterator[Callable[[int], bytes]]:
    """The one file of a zip archive."""
    try:
        archive = zipfile.ZipFile(packed)
    except _DAMAGED as error:
        raise EngineError(
            "The zip archive is damaged or not whole. Make it again, or upload the table unpacked."
        ) from error
    with archive:
        entry = _only(archive.infolist())
        try:
            file = archive.open(entry)
        except (*_DAMAGED, NotImplementedError, RuntimeError, MemoryError) as error:
            raise EngineError(
                "The zip archive is damaged, or packed in a way that cannot be read here. "
                "Upload the table unpacked."
            ) from error
        with file:
            yield file.read


def _only(entries: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    files = [
        entry for entry in entries if not entry.filename.endswith("/") and not _is_byproduct(entry.filename)
    ]
    if not files:
        raise EngineError("The zip archive holds no file. Upload the table itself.")
    if len(files) > 1:
        names = ", ".join(shown(entry.filename, 60) for entry in files[:_NAMED_FILES])
        more = f" and {len(files) - _NAMED_FILES:,} more" if len(files) > _NAMED_FILES else ""
        raise EngineError(
            f"The zip archive holds {len(files):,} files: {names}{more}. Upload the one that is the table."
        )
    if files[0].flag_bits & 1:
        raise EngineError("The zip archive is protected by a password. Upload the table unpacked.")
    return files[0]


def _is_byproduct(name: str) -> bool:
    """What macOS and Windows put into archives beside the files."""
    parts = name.replace("\\", "/").split("/")
    return "__MACOSX" in parts or parts[-1] in (".DS_Store", "Thumbs.db", "desktop.ini")
