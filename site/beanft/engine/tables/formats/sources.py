"""Opens an upload by its content: whatever the format, out comes a plain text or a typed Parquet file."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypedDict

from beanft.engine.errors import EngineError
from beanft.engine.progress import Progress, part_of
from beanft.engine.tables.formats import json_lines, workbook
from beanft.engine.tables.formats.arrow import Table, open_arrow, write_typed
from beanft.engine.tables.formats.beginning import first_rows
from beanft.engine.tables.formats.magic import ARCHIVES, WORKBOOKS, reads_from_start, recognise
from beanft.engine.tables.formats.parquet import open_parquet
from beanft.engine.tables.formats.unpack import unpack
from beanft.engine.tables.wishes import Wishes

_SAMPLE_BYTES = 1 << 20
_SAMPLE_WORKBOOK_MB = 20  # a workbook has to be parsed whole; this takes some seconds
_SAMPLE_UNPACKED_MB = 200  # of a file that cannot be read from its beginning
_UNPACKING = 0.4  # share of the time that an archive takes; the rest is for what is inside
_TITLE_LINES = 50  # lines that may stand before the rows of a sample
_ARROW = {"arrow": False, "arrow-stream": True}

REJECTS = "rejects.csv"
"""File in the folder that takes the rows set aside."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How large an upload may be."""

    unpacked_mb: int = 8192
    """Most megabytes after unpacking."""
    max_columns: int = 2000
    """Most columns."""
    max_cells: int = 2_000_000_000
    """Most cells."""
    max_line_mb: int = 4
    """Longest line or object, in megabytes."""
    memory_mb: int = 1024
    """Memory for the process that reads a workbook, in megabytes."""
    room_bytes: int | None = None
    """Disk space left for the table that is made of it; None for as much as is needed."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """An upload in a form that can be read: exactly one of the two paths is given."""

    text_path: Path | None = None
    """A text file: the upload itself, or what was unpacked or converted."""
    parquet_path: Path | None = None
    """A Parquet file of BIGINT, DOUBLE, BOOLEAN, DATE, TIMESTAMP and VARCHAR columns."""
    label: str = "CSV"
    """What the upload is, such as 'CSV', 'CSV in a gzip archive', 'Excel workbook' or 'Parquet file'."""
    sheet: str = ""
    """Sheet of a workbook that was read."""
    sheets: tuple[str, ...] = ()
    """All sheets of the workbook, in its order."""
    notes: tuple[str, ...] = ()
    """What was left out, changed or assumed, one sentence each."""
    zones: dict[str, str] = field(default_factory=dict)
    """As in Typed.zones, of a Parquet file."""
    is_clean: bool = False
    """Whether the text was written here: UTF-8 without mark, LF, comma, quotes doubled, no NUL."""
    has_header: bool = False
    """Whether the first line of the text is known to hold the names; else that is to be found out."""
    is_whole: bool = True
    """Whether all rows are in it; False for a sample of a longer file."""
    n_rejected: int = 0
    """Rows that were set aside into `rejects.csv` in the folder."""
    rejected: tuple[tuple[int, str, str], ...] = ()
    """The first five of them as (line of the file, what is wrong, text)."""
    temporary: tuple[Path, ...] = ()
    """Files written into the folder; whoever opened the source removes them."""


def open_source(
    path: Path,
    *,
    original_name: str,
    folder: Path,
    wishes: Wishes = Wishes(),  # noqa: B008 -- it is frozen
    limits: Limits = Limits(),
    progress: Progress = Progress(),  # noqa: B008 -- it holds nothing
) -> Source:
    """Turn an upload of any format into a text or a typed Parquet file.

    Parameters
    ----------
    path : Path
        The upload; it is only read.
    original_name : str
        Its name as the owner knows it, for sentences; it decides nothing.
    folder : Path
        Folder that takes what has to be written; all names end in `.part`.
    wishes : Wishes
        The sheet of a workbook, and whether broken lines of JSON are set aside.
    limits : Limits
        How large it may be.
    progress : Progress
        Told the share of the bytes unpacked or converted.

    Returns
    -------
    Source
        Where the text or the table is, and what was found.

    Raises
    ------
    EngineError
        When it is no table, damaged or too large; then nothing is left in the folder.
    """
    opening = _Opening(path, original_name, folder, wishes, limits)
    return opening.run(progress)


def sample(
    path: Path,
    *,
    original_name: str,
    folder: Path,
    wishes: Wishes = Wishes(),  # noqa: B008 -- it is frozen
    limits: Limits = Limits(),
    rows: int = 1000,
) -> Source:
    """Turn the beginning of an upload into a text or a typed Parquet file, for a look beforehand.

    At most a megabyte and about `rows` rows are unpacked or converted. A shorter text is its own sample.
    `is_whole` says whether all rows are in it. A cut text ends with a whole line and, as far as quotes tell,
    with a whole row.

    Parameters
    ----------
    path : Path
        The upload; it is only read.
    original_name : str
        Its name as the owner knows it, for sentences; it decides nothing.
    folder : Path
        Folder that takes what has to be written; all names end in `.part`.
    wishes : Wishes
        As for open_source.
    limits : Limits
        As for open_source.
    rows : int
        Rows wanted.

    Returns
    -------
    Source
        As open_source gives it.

    Raises
    ------
    EngineError
        As open_source does, and for a workbook of more than 20 MB, which would take too long.
    """
    opening = _Opening(path, original_name, folder, wishes, limits, rows)
    return opening.run(Progress())


class _Bounds(TypedDict):
    max_columns: int
    max_cells: int
    max_rows: int


@dataclass(frozen=True)
class _Opening:
    """The way of one upload."""

    path: Path
    original_name: str
    folder: Path
    wishes: Wishes
    limits: Limits
    rows: int = 0
    written: list[Path] = field(default_factory=list)

    def run(self, progress: Progress) -> Source:
        """Open the upload; whatever was written goes again when that fails."""
        try:
            source = self._open(progress)
        except BaseException:
            _remove(self.written)
            raise
        kept = [path for path in self.written if path in (source.text_path, source.parquet_path)]
        _remove([path for path in self.written if path not in kept])
        return replace(source, temporary=tuple(kept))

    def _open(self, progress: Progress) -> Source:
        if not self.path.stat().st_size:
            raise EngineError("The file is empty. Upload a table with a header and at least one row.")
        kind = recognise(self.path, original_name=self.original_name)
        if kind not in ARCHIVES:
            return self._read(self.path, kind, progress)
        inside, is_cut = self._unpacked(kind, part_of(progress, 0.0, _UNPACKING))
        rest = part_of(progress, _UNPACKING, 1.0)
        source = self._read(inside, self._inner_kind(inside, kind), rest, is_cut)
        return replace(source, label=f"{source.label} in {article(ARCHIVES[kind])}")

    def _unpacked(self, kind: str, progress: Progress) -> tuple[Path, bool]:
        """Unpack the archive; for a sample only the beginning, unless what is inside is read from its end."""
        target = self._new("unpacked")
        limits = self.limits
        if self.rows:
            unpack(self.path, target, kind=kind, unpacked_mb=limits.unpacked_mb, only_bytes=_SAMPLE_BYTES)
            if target.stat().st_size < _SAMPLE_BYTES:
                return target, False
            if reads_from_start(target):
                return target, True
            limits = replace(limits, unpacked_mb=min(limits.unpacked_mb, _SAMPLE_UNPACKED_MB))
        unpack(self.path, target, kind=kind, unpacked_mb=limits.unpacked_mb, progress=progress)
        return target, False

    def _inner_kind(self, inside: Path, outer: str) -> str:
        kind = recognise(inside, original_name="")
        if kind in ARCHIVES:
            raise EngineError(
                f"The {ARCHIVES[outer]} holds another archive ({article(ARCHIVES[kind])}). "
                "Unpack it and upload the table itself."
            )
        return kind

    def _read(self, path: Path, kind: str, progress: Progress, is_cut: bool = False) -> Source:
        """Convert what is no text; a text stays where it is, but for a sample of a long one."""
        if kind in WORKBOOKS:
            return self._workbook(path, WORKBOOKS[kind], progress)
        if kind == "json":
            return self._json(path, progress, is_cut)
        if kind == "parquet":
            with open_parquet(path) as table:
                return self._typed(table, progress)
        if kind in _ARROW:
            with open_arrow(path, is_stream=_ARROW[kind]) as table:
                return self._typed(table, progress)
        return self._text(path, is_cut)

    def _text(self, path: Path, is_cut: bool) -> Source:
        if not self.rows:
            return Source(text_path=path)
        with path.open("rb") as file:
            head = file.read(_SAMPLE_BYTES)
            is_cut = is_cut or bool(file.read(1))
        beginning = first_rows(head, self.rows + _TITLE_LINES, is_cut=is_cut)
        if len(beginning) == len(head) and not is_cut:
            return Source(text_path=path)
        target = self._new("sample")
        target.write_bytes(beginning)
        return Source(text_path=target, is_whole=False)

    def _workbook(self, path: Path, label: str, progress: Progress) -> Source:
        if self.rows and path.stat().st_size > _SAMPLE_WORKBOOK_MB << 20:
            raise EngineError(
                f"A workbook of more than {_SAMPLE_WORKBOOK_MB} MB takes too long for a look beforehand. "
                "It can be read without.",
                remedies=("unseen",),
            )
        target = self._new("csv")
        found = workbook.convert(
            path,
            target,
            sheet=self.wishes.sheet,
            unpacked_mb=self.limits.unpacked_mb,
            memory_mb=self.limits.memory_mb,
            progress=progress,
            **self._bounds,
        )
        return Source(
            text_path=target,
            label=label,
            sheet=found.sheet,
            sheets=found.sheets,
            notes=found.notes,
            is_clean=True,
            is_whole=found.is_whole,
        )

    def _json(self, path: Path, progress: Progress, is_cut: bool) -> Source:
        target = self._new("csv")
        found = json_lines.convert(
            path,
            target,
            encoding=self.wishes.encoding,
            max_line_mb=self.limits.max_line_mb,
            is_cut=is_cut,
            rejects=self.folder / REJECTS if self.wishes.bad_rows == "aside" else None,
            progress=progress,
            **self._bounds,
        )
        return Source(
            text_path=target,
            label="JSON lines" if found.is_lines else "JSON list",
            notes=found.notes,
            is_clean=True,
            has_header=True,
            is_whole=not is_cut and (not self.rows or found.n_rows < self.rows),
            n_rejected=found.n_rejected,
            rejected=found.rejected,
        )

    def _typed(self, table: Table, progress: Progress) -> Source:
        target = self._new("parquet")
        found = write_typed(table, target, progress=progress, **self._bounds)
        return Source(
            parquet_path=target,
            label=table.what,
            notes=found.notes,
            zones=found.zones,
            is_whole=not self.rows or found.n_rows < self.rows,
        )

    @property
    def _bounds(self) -> _Bounds:
        """What every conversion is held to."""
        limits = self.limits
        return {"max_columns": limits.max_columns, "max_cells": limits.max_cells, "max_rows": self.rows}

    def _new(self, ending: str) -> Path:
        """A file that is removed when the upload turns out to be none, or when it is no longer needed."""
        path = self.folder / f"{self.path.name}.{ending}.part"
        self.written.append(path)
        return path


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def article(name: str) -> str:
    """Put the article before a name.

    Parameters
    ----------
    name : str
        Name of a format.

    Returns
    -------
    str
        Such as "an xz archive".

    Examples
    --------
    >>> article("zip archive"), article("lz4 archive")
    ('a zip archive', 'an lz4 archive')
    """
    return f"{'an' if name.startswith(('a', 'e', 'lz', 'x')) else 'a'} {name}"
