"""Turns an upload into a typed Parquet file and its profile, in bounded memory and few passes."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from beanft.engine.checks import find_all
from beanft.engine.errors import EngineError
from beanft.engine.progress import Progress, part_of
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.files import sha256_of
from beanft.engine.tables.formats.sources import Limits, Source, open_source, sample
from beanft.engine.tables.ingest.draft import Draft
from beanft.engine.tables.ingest.load import Place, Upload, workplace
from beanft.engine.tables.ingest.texts import draft_text
from beanft.engine.tables.ingest.typed import draft_typed, names_of
from beanft.engine.tables.kinds.settle import kind_of, remarks
from beanft.engine.tables.profiling.drawing import draw
from beanft.engine.tables.profiling.figures import describe
from beanft.engine.tables.relations.measure import measure
from beanft.engine.tables.text.dialect import find_dialect
from beanft.engine.tables.text.encoding import examine
from beanft.engine.tables.wishes import Wishes
from beanft.engine.tables.wording import bytes_in_words

_OPENED = 0.2  # share of the work when a file of another format has become a text or a Parquet file


def ingest(
    *,
    source: str,
    target: str,
    original_name: str,
    wishes: dict[str, Any] | None = None,
    max_columns: int = 2000,
    max_cells: int = 2_000_000_000,
    max_line_mb: int = 4,
    unpacked_mb: int = 8192,
    memory_mb: int = 1024,
    rows: int = 0,
    sha256: str = "",
    room_bytes: int | None = None,
    progress: Progress = Progress(),  # noqa: B008 -- it holds nothing
) -> dict[str, Any]:
    """Read a table of any format, decide the kinds of its columns from all cells, write it as Parquet.

    Parameters
    ----------
    source : str
        Path of the upload; it is only read.
    target : str
        Path of the Parquet file to write; it is whole or not there. Rows that are set aside go into
        `rejects.csv` beside it.
    original_name : str
        The file's name as its owner knows it, for sentences.
    wishes : dict, optional
        What the owner asked for (Wishes.to_dict); it wins over what would be found.
    max_columns : int
        Most columns allowed.
    max_cells : int
        Most cells allowed.
    max_line_mb : int
        Longest line allowed, in megabytes.
    unpacked_mb : int
        Most megabytes of an archive after unpacking.
    memory_mb : int
        Memory for the engine, in megabytes.
    rows : int
        About how many rows of the beginning are read, for a look beforehand; 0 for all.
    sha256 : str
        Digest that the upload must have, checked on the way; empty where nobody knows it.
    room_bytes : int, optional
        Disk space that is left for the table and the rows set aside; without it there is as much as is
        needed.
    progress : Progress
        Told the share done and what is being done.

    Returns
    -------
    dict
        JSON-able: "profile" (as Profile.to_dict), "correlations" (as Correlations.to_dict, or None),
        "is_whole" (whether all rows were read), "parquet_sha256", "parquet_bytes", and "source_sha256" where
        all bytes of the upload were read as they are (else "").

    Raises
    ------
    EngineError
        When the file is no table, or not the one of the digest, or the table has no room; the sentence names
        line, column and what to do.
    """
    progress(0.0, f"Looking at {original_name}")
    asked = Wishes.from_dict(wishes)
    limits = Limits(
        unpacked_mb=unpacked_mb,
        max_columns=max_columns,
        max_cells=max_cells,
        max_line_mb=max_line_mb,
        memory_mb=memory_mb,
        room_bytes=room_bytes,
    )
    path, goal = Path(source), Path(target).resolve()
    open_whole = partial(open_source, progress=part_of(progress, 0.0, _OPENED))
    opening = partial(sample, rows=rows) if rows else open_whole
    with _rejects_of_whole_tables(path, goal.with_name("rejects.csv"), sha256), ExitStack() as leftovers:
        opened = opening(path, original_name=original_name, folder=goal.parent, wishes=asked, limits=limits)
        leftovers.callback(_remove_temporary, opened)
        result = _converted(path, goal, opened, asked, limits, progress)
        _check_digest(path, sha256, result["source_sha256"])
    return result | {
        "is_whole": opened.is_whole,
        "parquet_sha256": sha256_of(goal),
        "parquet_bytes": goal.stat().st_size,
    }


@contextmanager
def _rejects_of_whole_tables(path: Path, rejects: Path, sha256: str) -> Iterator[None]:
    """Rows that were set aside stay only beside the table that they belong to."""
    rejects.unlink(missing_ok=True)
    try:
        yield
    except BaseException as error:
        rejects.unlink(missing_ok=True)
        if isinstance(error, EngineError):
            _check_digest(path, sha256)  # damage is told from a mistake of the owner
        raise


def _remove_temporary(opened: Source) -> None:
    for leftover in opened.temporary:
        leftover.unlink(missing_ok=True)


def _check_digest(path: Path, expected: str, found: str = "") -> None:
    """Refuse a file whose bytes are not those that were uploaded."""
    if expected and (found or sha256_of(path)) != expected:
        raise EngineError("The stored file changed on disk since it was uploaded. Upload it again.")


def _converted(
    path: Path, target: Path, opened: Source, wishes: Wishes, limits: Limits, progress: Progress
) -> dict[str, Any]:
    """Write the Parquet file from the text or typed file, and tell what is in it."""
    progress = part_of(progress, _OPENED if opened.temporary else 0.0, 1.0)
    upload = _examined(opened, wishes, limits) if opened.text_path else None
    names = upload.dialect.names if upload else names_of(opened)
    with workplace(path, target, memory_mb=limits.memory_mb, n_columns=len(names)) as place:
        most = limits.max_cells
        draft = (
            draft_text(place, upload, progress, max_cells=most)
            if upload
            else draft_typed(place, opened, wishes, progress, max_cells=most)
        )
        _check_room(place, limits.room_bytes)
        profile = _profile(place, draft, opened, part_of(progress, 0.6, 0.9))
        profile = replace(profile, **_told(opened, upload, draft))
        findings = find_all(place.database, place.part, profile, progress=part_of(progress, 0.9, 0.95))
        correlations = measure(
            place.database,
            place.part,
            profile.columns,
            n_rows=draft.n_rows,
            progress=part_of(progress, 0.95, 0.98),
        )
        progress(0.98, "Saving")
        place.publish()
    return {
        "profile": replace(profile, findings=findings).to_dict(),
        "correlations": asdict(correlations) if correlations else None,
        "source_sha256": upload.text.sha256 if upload and opened.text_path == path else "",
    }


def _check_room(place: Place, room_bytes: int | None) -> None:
    """Refuse a table that is larger than the room left, now that its size is known."""
    written = [path.stat().st_size for path in (place.part, place.rejects) if path.exists()]
    if room_bytes is not None and sum(written) > room_bytes:
        raise EngineError(
            f"There is no room for this table: it takes {bytes_in_words(sum(written))}, and you have "
            f"{bytes_in_words(room_bytes)} left. Delete datasets, versions or experiments that you no longer "
            "need, or ask the administrator for more space. Then read the file again."
        )


def _examined(opened: Source, wishes: Wishes, limits: Limits) -> Upload:
    """Look at the text; of one that was written here all is known but its names."""
    path = opened.text_path
    if path is None:
        raise ValueError("there is no text to examine")
    if opened.is_clean:
        header = wishes.header or ("yes" if opened.has_header else "")
        wishes = replace(wishes, encoding="utf-8", delimiter=",", quote='"', escape="double", header=header)
    text = examine(path, max_line_mb=limits.max_line_mb, wishes=wishes)
    dialect = find_dialect(text.lines(), max_columns=limits.max_columns, wishes=wishes)
    return Upload(text=text, dialect=dialect, wishes=wishes, max_line_mb=limits.max_line_mb)


def _profile(place: Place, draft: Draft, opened: Source, progress: Progress) -> Profile:
    """Describe the columns and settle their kinds."""
    n_rows = draft.n_rows
    described = describe(
        place.database, place.part, draft.columns, n_rows=n_rows, progress=part_of(progress, 0.0, 0.6)
    )
    draft.check([column for column, _ in described])
    settled = [
        replace(
            column,
            kind=kind_of(column, shape, reading.wish, n_rows=n_rows, is_measured=reading.is_measured),
        )
        for (column, shape), reading in zip(described, draft.readings, strict=True)
    ]
    notes = remarks(draft.readings, settled, [shape for _, shape in described])
    drawn = draw(place.database, place.part, settled, n_rows=n_rows, progress=part_of(progress, 0.6, 1.0))
    return Profile(n_rows=n_rows, columns=drawn, notes=(*opened.notes, *draft.notes, *notes))


def _told(opened: Source, upload: Upload | None, draft: Draft) -> dict[str, Any]:
    """What is known of the file rather than of its columns."""
    told: dict[str, Any] = {
        "source": opened.label,
        "sheet": opened.sheet,
        "sheets": opened.sheets,
        "n_rejected": opened.n_rejected + draft.n_rejected,
        "rejected": (*opened.rejected, *draft.rejected)[:5],
    }
    if upload:
        dialect = upload.dialect
        told |= {
            "encoding": upload.text.encoding,
            "delimiter": dialect.delimiter,
            "has_header": dialect.has_header,
            "quote": dialect.quote,
            "escape": dialect.escape,
            "n_skipped": dialect.n_titles,
        }
    return told
