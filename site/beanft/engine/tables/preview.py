"""Shows how a file will be read before anything is fixed: the ingest itself, on the file's first rows."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from beanft.engine.errors import EngineError
from beanft.engine.progress import Progress
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.connection import reading
from beanft.engine.tables.formats.magic import recognise
from beanft.engine.tables.formats.sources import Limits, Source, sample
from beanft.engine.tables.found import Preview
from beanft.engine.tables.profiling.asking import source_sql
from beanft.engine.tables.read import ingest
from beanft.engine.tables.text.dialect import find_dialect
from beanft.engine.tables.text.encoding import candidates, examine
from beanft.engine.tables.wishes import Wishes

_SAMPLE_ROWS = 1000
_ROWS = 20
_LONGEST_CELL = 200
_WHOLE_MB = 200  # all bytes of a text of so many megabytes are looked at, which takes about a second


def preview(
    *,
    source: str,
    original_name: str,
    wishes: dict[str, Any] | None = None,
    folder: str = ".",
    max_columns: int = 2000,
    max_cells: int = 2_000_000_000,
    max_line_mb: int = 4,
    unpacked_mb: int = 8192,
    memory_mb: int = 512,
    progress: Progress = Progress(),  # noqa: B008 -- it holds nothing
) -> dict[str, Any]:
    """Read the first rows of a file exactly as the ingest would read all of it.

    Parameters
    ----------
    source : str
        Path of the upload; it is only read.
    original_name : str
        The file's name as its owner knows it, for sentences.
    wishes : dict, optional
        What the owner asked for so far (Wishes.to_dict).
    folder : str
        A scratch folder; what is left there may be deleted.
    max_columns : int
        Most columns allowed.
    max_cells : int
        Most cells allowed; only those of the first rows are counted, but for a workbook.
    max_line_mb : int
        Longest line allowed, in megabytes.
    unpacked_mb : int
        Most megabytes of an archive after unpacking.
    memory_mb : int
        Memory for the engine, in megabytes.
    progress : Progress
        Told the share done and what is being done.

    Returns
    -------
    dict
        JSON-able (Preview.to_dict); a file that cannot be read has its sentence in "error".
    """
    scratch = Path(folder).resolve()
    limits = Limits(
        unpacked_mb=unpacked_mb,
        max_columns=max_columns,
        max_cells=max_cells,
        max_line_mb=max_line_mb,
        memory_mb=memory_mb,
    )
    look = _Look(Path(source), original_name, scratch, limits, progress)
    return look.run(Wishes.from_dict(wishes)).to_dict()


class _Look:
    """One look at one file."""

    def __init__(
        self, path: Path, original_name: str, folder: Path, limits: Limits, progress: Progress
    ) -> None:
        self._path, self._name, self._folder = path, original_name, folder
        self._limits, self._progress = limits, progress
        self._target = folder / "table.parquet"

    def run(self, wishes: Wishes) -> Preview:
        found, kept, error = self._read(wishes)
        if found is None:
            found = self._found(wishes)
        found = replace(found, candidates=self._candidates(found, kept), wishes=kept)
        if error:
            return _refused(found, error)
        found = replace(found, rows=_rows(self._target))
        return found if found.is_whole else self._whole(found)

    def _whole(self, found: Preview) -> Preview:
        """What the bytes after the sample say of the encoding; a packed text is looked at when it is read."""
        if not found.is_text or self._path.stat().st_size > _WHOLE_MB << 20:
            return found
        try:
            if recognise(self._path, original_name=self._name) != "text":
                return found
            text = examine(self._path, max_line_mb=self._limits.max_line_mb, wishes=found.wishes)
        except EngineError as error:
            return _refused(found, error)
        notes = dict.fromkeys((*found.notes, *text.notes))
        return replace(found, encoding=text.encoding, notes=tuple(notes))

    def _read(self, wishes: Wishes) -> tuple[Preview | None, Wishes, EngineError | None]:
        """What was found, the wishes that could be used, and the error.

        Wishes name columns, and other settings give other columns: those that are not there go.
        Where it is another wish for a column that cannot be fulfilled, the columns are those without wishes
        for columns, so that there is something to choose from.
        """
        try:
            found = self._ingest(wishes)
            return found, _without_gone(wishes, found), None
        except EngineError as error:
            if not wishes.columns:
                return None, wishes, error
            first = error
        try:
            plain = self._ingest(replace(wishes, columns={}))
        except EngineError as error:
            return None, wishes, error
        return plain, _without_gone(wishes, plain), first

    def _ingest(self, wishes: Wishes) -> Preview:
        read = ingest(
            source=str(self._path),
            target=str(self._target),
            original_name=self._name,
            wishes=wishes.to_dict(),
            max_columns=self._limits.max_columns,
            max_cells=self._limits.max_cells,
            max_line_mb=self._limits.max_line_mb,
            unpacked_mb=self._limits.unpacked_mb,
            memory_mb=self._limits.memory_mb,
            rows=_SAMPLE_ROWS,
            progress=self._progress,
        )
        return _told(Profile.from_dict(read["profile"]), is_whole=read["is_whole"])

    def _sample(self, wishes: Wishes) -> Source:
        return sample(
            self._path,
            original_name=self._name,
            folder=self._folder,
            wishes=wishes,
            limits=self._limits,
            rows=_SAMPLE_ROWS,
        )

    def _found(self, wishes: Wishes) -> Preview:
        """As much as can be found of a file that cannot be read; the ingest said why in its own words."""
        found = Preview(source="", is_text=False)
        try:
            opened = self._opened(wishes)
            found = replace(
                found,
                source=opened.label,
                sheet=opened.sheet,
                sheets=opened.sheets,
                is_whole=opened.is_whole,
                is_text=opened.text_path is not None and not opened.is_clean,
            )
            return self._divided(found, opened, wishes)
        except EngineError:
            return found

    def _opened(self, wishes: Wishes) -> Source:
        """The sample; of a workbook without the sheet that was asked for, at least the others."""
        try:
            return self._sample(wishes)
        except EngineError:
            if not wishes.sheet:
                raise
            return self._sample(replace(wishes, sheet=""))

    def _divided(self, found: Preview, opened: Source, wishes: Wishes) -> Preview:
        if opened.text_path is None or not found.is_text:
            return found
        try:
            text = examine(opened.text_path, max_line_mb=self._limits.max_line_mb, wishes=wishes)
            found = replace(found, encoding=text.encoding)
            dialect = find_dialect(text.lines(), max_columns=self._limits.max_columns, wishes=wishes)
        except EngineError:
            return found
        return replace(
            found,
            delimiter=dialect.delimiter,
            quote=dialect.quote,
            escape=dialect.escape,
            has_header=dialect.has_header,
            n_skipped=dialect.n_titles,
            notes=dialect.notes,
        )

    def _candidates(self, found: Preview, wishes: Wishes) -> tuple[tuple[str, str, str], ...]:
        """The encodings to choose from, where there is a choice."""
        if not found.is_text or found.encoding.startswith("utf"):
            return ()
        opened = self._sample(wishes)
        several = candidates(opened.text_path) if opened.text_path else ()
        if len(several) < 2 or several[0].is_clear:
            return ()
        return tuple((one.encoding, one.label, one.sample_line) for one in several)


def _refused(found: Preview, error: EngineError) -> Preview:
    """Say why the file cannot be read in this way, and what can be offered."""
    return replace(found, error=str(error), remedies=error.remedies, is_unseen="unseen" in error.remedies)


def _without_gone(wishes: Wishes, found: Preview) -> Wishes:
    """The wishes without those for columns that are not there; the ingest left them out, too."""
    names = {column.name for column in found.profile.columns} if found.profile else set()
    columns = {name: wish for name, wish in wishes.columns.items() if name in names}
    return replace(wishes, columns=columns)


def _told(profile: Profile, *, is_whole: bool) -> Preview:
    """What a profile tells of the file."""
    return Preview(
        source=profile.source,
        is_text=profile.source.startswith("CSV"),
        sheet=profile.sheet,
        sheets=profile.sheets,
        encoding=profile.encoding,
        delimiter=profile.delimiter,
        quote=profile.quote,
        escape=profile.escape,
        has_header=profile.has_header,
        n_skipped=profile.n_skipped,
        notes=profile.notes,
        profile=profile,
        is_whole=is_whole,
    )


def _rows(path: Path) -> tuple[tuple[Any, ...], ...]:
    """The first rows of the table that was written."""
    with reading(path) as database:
        cursor = database.execute(
            f"SELECT * FROM {source_sql(path)} "  # noqa: S608 -- a path of our own
            "WHERE file_row_number < ? ORDER BY file_row_number",
            [_ROWS],
        )
        return tuple(tuple(_plain(value) for value in row) for row in cursor.fetchall())


def _plain(value: Any) -> Any:
    """A cell as JSON knows it; long texts are cut."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)  # infinite: JSON has no such number
    return value.isoformat(" ") if hasattr(value, "hour") else str(value)[:_LONGEST_CELL]
