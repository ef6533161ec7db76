"""What is shown of how a file is read, and what is done when its owner has looked at it."""

from dataclasses import dataclass
from pathlib import Path

from beanft import storage
from beanft.database import release_locks
from beanft.engine.errors import BusyError, EngineError
from beanft.engine.tables.compare import Comparison, compare
from beanft.engine.tables.found import Preview
from beanft.engine.tables.wishes import Wishes
from beanft.extensions import db, settings
from beanft.jobs import sandbox
from beanft.models import Dataset, Upload, Version
from beanft.uploader.names import name_of_file
from beanft.uploader.services import RefusedError, find_same
from beanft.uploader.slices import part

_WORK = "beanft.engine.tables.preview:preview"
_TIMEOUT_S = 20.0
_MEMORY_MB = 1024


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A file that is looked at, and what it becomes."""

    owner_id: int
    """Whose it is."""
    key: str
    """Storage key of its folder."""
    file_name: str
    size_bytes: int
    base: Wishes
    """The wishes that it is read with where nothing is changed."""
    number: int
    """Number of the version that it becomes."""
    read_from: int = 0
    """Number of the version whose file it is; 0 for an upload."""
    previous: Version | None = None
    """The version that it is compared with."""
    dataset_name: str = ""
    """The dataset that it belongs to; empty for a new one."""
    same: str = ""
    """Says where the very same file was brought before; empty for a new one."""
    same_number: int = 0
    """Number of the version that was read of the very same file and can be opened; 0 for none."""

    @property
    def name(self) -> str:
        """The name that a dataset gets from the file."""
        return name_of_file(self.file_name)


def subject_of_upload(upload: Upload) -> Subject:
    """A file that has arrived, for a new dataset or for a further version.

    Raises
    ------
    RefusedError
        When it has not arrived whole.
    """
    if not upload.sha256:
        raise RefusedError("The upload is not complete. Choose the same file again to go on.")
    dataset = db.session.get(Dataset, upload.dataset_id) if upload.dataset_id else None
    version = (dataset.current or dataset.latest) if dataset else None
    same = [one for one in dataset.versions if one.original_sha256 == upload.sha256] if dataset else []
    return Subject(
        owner_id=upload.owner_id,
        key=upload.key,
        file_name=upload.name,
        size_bytes=upload.size_bytes,
        base=version.wishes if version else Wishes(),
        number=dataset.next_number if dataset else 1,
        previous=dataset.current if dataset else None,
        dataset_name=dataset.name if dataset else "",
        same=_same_version(same) if dataset else _same_dataset(upload),
        same_number=next((one.number for one in same if one.state == "ready"), 0),
    )


def _same_version(same: list[Version]) -> str:
    return f"This is the very same file as version {same[0].number}." if same else ""


def _same_dataset(upload: Upload) -> str:
    same = find_same(owner_id=upload.owner_id, sha256=upload.sha256 or "")
    return f"You brought the very same file before: “{same.name}”." if same else ""


def subject_of_dataset(dataset: Dataset) -> Subject:
    """The file of a dataset, to be read in another way.

    Raises
    ------
    RefusedError
        While it is being read.
    """
    latest = dataset.latest
    if latest.state in ("queued", "running"):
        raise RefusedError("The file is being read just now. Wait until that is done, or cancel it.")
    again = latest.state != "ready"
    return Subject(
        owner_id=dataset.owner_id,
        key=latest.key,
        file_name=latest.original_name,
        size_bytes=latest.original_bytes,
        base=latest.wishes,
        number=latest.number if again else dataset.next_number,
        read_from=latest.number,
        previous=dataset.current,
        dataset_name=dataset.name,
    )


def look(*, subject: Subject, wishes: Wishes) -> Preview:
    """Read the first rows of the file; where even that fails, the preview holds the sentence and no more.

    Raises
    ------
    BusyError
        When too many files are being looked at.
    """
    arguments = {
        "source": str(part.original(subject.key)),
        "original_name": subject.file_name,
        "wishes": wishes.to_dict(),
        "max_columns": settings.columns_max,
        "max_cells": settings.cells_max,
        "max_line_mb": settings.line_max_mb,
        "unpacked_mb": settings.unpacked_max_mb,
        "memory_mb": _MEMORY_MB // 3,  # the rest is for Python, as in the ingest job
    }
    release_locks()
    try:
        found = sandbox.call(
            _WORK, arguments, user_id=subject.owner_id, memory_mb=_MEMORY_MB, timeout_s=_TIMEOUT_S
        )
    except BusyError:
        raise
    except EngineError as error:
        return Preview(error=str(error), is_unseen=True, wishes=wishes)
    return Preview.from_dict(found)


def compared(*, subject: Subject, preview: Preview) -> Comparison | None:
    """What differs from the version before, if there is one and the file can be read."""
    if subject.previous is None or preview.profile is None or preview.error:
        return None
    return compare(subject.previous.profile, preview.profile, rows=preview.is_whole)


def rejects(*, version: Version) -> Path:
    """The rows of a version that were set aside, as a CSV file.

    Raises
    ------
    RefusedError
        When there are none.
    """
    path = storage.folder(version.key) / "rejects.csv"
    if version.state != "ready" or not version.profile.n_rejected or not path.is_file():
        raise RefusedError("No row of this version was set aside.")
    return path
