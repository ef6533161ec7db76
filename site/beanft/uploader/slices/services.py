"""What is done to uploads under way: started, continued, finished, dropped."""

import shutil
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import delete, func, inspect, select, update

from beanft import file_names, storage
from beanft.extensions import db, settings
from beanft.models import Dataset, Upload, Version
from beanft.models.types import now
from beanft.uploader.services import Arrived, RefusedError, add_dataset, check_name
from beanft.uploader.slices import part

_KEPT = timedelta(days=3)  # an upload that nobody continues for so long is dropped
_MOST_BEGUN = 10  # uploads of one user at the same time
_SPARE_BYTES = 256 << 20  # left free on the disk for the database and the Parquet files of others


class WrongOffsetError(Exception):
    """A slice does not continue where the upload stands; `offset` is where it does."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class GoneError(RefusedError):
    """The upload was dropped while it was worked on."""

    def __init__(self) -> None:
        super().__init__("This upload was dropped meanwhile. Choose the file again.")


class TooManyError(RefusedError):
    """A user has begun more uploads than are kept for one."""


class TooLargeError(RefusedError):
    """A file or a slice is larger than this site takes."""


class DiskFullError(RefusedError):
    """The server has no room for the file."""


def start_upload(*, owner_id: int, file_name: str, size_bytes: int) -> Upload:
    """Begin an upload; slices follow.

    Raises
    ------
    RefusedError
        When the file is empty, too large, the disk has no room for it, or its owner has begun too many.
    """
    _drop_forgotten()
    _check_size(size_bytes)
    _check_number(owner_id)
    upload = Upload(
        owner_id=owner_id, key=storage.new_key(), name=file_names.file_name(file_name), size_bytes=size_bytes
    )
    storage.make_folder(upload.key)
    db.session.add(upload)
    db.session.commit()
    return upload


def _check_size(size_bytes: int) -> None:
    if size_bytes <= 0:
        raise RefusedError("The file is empty. Choose a CSV file with a header and at least one row.")
    if size_bytes > settings.upload_max_mb << 20:
        raise TooLargeError(
            f"The file is larger than the {settings.upload_max_mb:,} MiB that this site takes."
        )
    if shutil.disk_usage(settings.instance).free < size_bytes + _promised_bytes() + _SPARE_BYTES:
        raise DiskFullError(
            "The server has no room for this file. Delete old datasets, or ask its administrator."
        )


def _promised_bytes() -> int:
    """Bytes of all uploads under way, whoever's they are, that have not come yet."""
    return db.session.scalar(select(func.sum(Upload.size_bytes - Upload.offset_bytes))) or 0


def _check_number(owner_id: int) -> None:
    begun = select(func.count()).select_from(Upload).where(Upload.owner_id == owner_id)
    if (db.session.scalar(begun) or 0) >= _MOST_BEGUN:
        raise TooManyError(
            f"You have begun {_MOST_BEGUN} uploads that are not finished. Finish or cancel one first; what "
            f"nobody continues is dropped after {_KEPT.days} days."
        )


def _drop_forgotten() -> None:
    """Drop what nobody continues, of every owner: the disk is everybody's."""
    old = delete(Upload).where(Upload.created_at < now() - _KEPT).returning(Upload.key)
    keys = db.session.scalars(old).all()
    db.session.commit()
    for key in keys:
        storage.remove(key)


def append_slice(*, upload: Upload, offset: int, size_bytes: int, chunks: Iterable[bytes]) -> int:
    """Write one slice where the upload stands, and return where it stands then.

    Raises
    ------
    WrongOffsetError
        When the slice belongs elsewhere, or another request is writing.
    GoneError
        When the upload was dropped meanwhile.
    RefusedError
        When it is larger than a slice may be, goes beyond the end, or the disk is full.
    """
    upload_id, key, total = _found(upload)
    if size_bytes > settings.slice_mb << 20:
        raise TooLargeError(f"A slice has at most {settings.slice_mb} MiB.")
    if offset + size_bytes > total:
        raise RefusedError("The slice goes beyond the end of the file. Choose the file again.")
    db.session.rollback()  # no lock waits while bytes arrive
    try:
        with part.opened(key) as file:
            _check_offset(upload_id, offset)
            part.write(
                key,
                file,
                offset=offset,
                chunks=chunks,
                limit=size_bytes,
                arrived=lambda n_bytes: _advance(upload_id, offset + n_bytes),
            )
    except part.BusyError as error:
        raise WrongOffsetError(_offset(upload_id)) from error
    except FileNotFoundError as error:
        raise GoneError from error
    except OSError as error:
        raise DiskFullError(
            "The server could not keep the slice: its disk may be full. Try again later."
        ) from error
    return _offset(upload_id)


def _found(upload: Upload) -> tuple[int, str, int]:
    """Id, key and size, asked anew: the row may have gone since the request began."""
    (upload_id,) = inspect(upload).identity or (None,)
    row = db.session.execute(select(Upload.key, Upload.size_bytes).where(Upload.id == upload_id)).first()
    if row is None:
        raise GoneError
    return upload_id, row.key, row.size_bytes


def _offset(upload_id: int) -> int:
    stands = db.session.scalar(select(Upload.offset_bytes).where(Upload.id == upload_id))
    if stands is None:
        raise GoneError
    return stands


def _check_offset(upload_id: int, offset: int) -> None:
    """Compare under the lock of the file, in a transaction that ends at once."""
    stands = _offset(upload_id)
    db.session.rollback()
    if stands != offset:
        raise WrongOffsetError(stands)


def _advance(upload_id: int, offset: int) -> None:
    db.session.execute(update(Upload).where(Upload.id == upload_id).values(offset_bytes=offset))
    db.session.commit()


def finish_upload(*, owner_id: int, key: str, name: str) -> Dataset | None:
    """Make the dataset of an upload whose bytes are all there, in one commit.

    None when there is no such upload. Asked again, because the first answer was lost, it gives the same
    dataset.

    Raises
    ------
    RefusedError
        When the name cannot be used or bytes are missing.
    """
    upload = db.session.scalar(select(Upload).where(Upload.owner_id == owner_id, Upload.key == key))
    if upload is None:
        return _finished(owner_id, key)
    name = check_name(name)
    if upload.offset_bytes != upload.size_bytes:
        raise RefusedError("The upload is not complete. Choose the same file again to go on.")
    file_name, size_bytes = upload.name, upload.size_bytes
    db.session.rollback()
    sha256 = part.complete(key, size_bytes)
    return _settle(
        owner_id, name, Arrived(key=key, file_name=file_name, size_bytes=size_bytes, sha256=sha256)
    )


def _settle(owner_id: int, name: str, arrived: Arrived) -> Dataset | None:
    """Replace the upload's row by the dataset's, unless another request was first."""
    upload = db.session.scalar(
        select(Upload).where(Upload.owner_id == owner_id, Upload.key == arrived.key).with_for_update()
    )
    if upload is None:
        return _finished(owner_id, arrived.key)
    dataset = add_dataset(owner_id=owner_id, name=name, arrived=arrived)
    db.session.delete(upload)
    db.session.commit()
    return dataset


def _finished(owner_id: int, key: str) -> Dataset | None:
    query = select(Dataset).join(Version).where(Dataset.owner_id == owner_id, Version.key == key)
    return db.session.scalar(query)


def drop_upload(*, upload: Upload) -> None:
    """Forget an upload and the bytes that came; it may be gone already."""
    key = upload.key
    db.session.execute(delete(Upload).where(Upload.key == key))
    db.session.commit()
    storage.remove(key)
