"""What is done to uploads under way: started, continued, finished, dropped."""

import shutil
from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import Select, delete, func, inspect, select, update

from beanft import file_names, storage
from beanft.database import release_locks
from beanft.engine.tables.wishes import Wishes
from beanft.extensions import db, settings
from beanft.models import Dataset, Upload, Version
from beanft.models.types import now
from beanft.uploader.services import (
    EMPTY,
    Arrived,
    RefusedError,
    add_dataset,
    add_version,
    check_name,
    check_room,
    keep_file,
)
from beanft.uploader.slices import part

_KEPT = timedelta(days=3)  # an upload that nobody continues for so long is dropped
_MOST_BEGUN = 10  # uploads of one user that are not there whole
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


class NoDatasetError(RefusedError):
    """The dataset that should get a new version is not there, or not the user's."""


class TooManyError(RefusedError):
    """A user has begun more uploads than are kept for one."""


class TooLargeError(RefusedError):
    """A file or a slice is larger than this site takes."""


class DiskFullError(RefusedError):
    """The server has no room for the file."""


def start_upload(*, owner_id: int, file_name: str, size_bytes: int, dataset_id: int | None = None) -> Upload:
    """Begin an upload; slices follow. With `dataset_id` it becomes a further version of that dataset.

    Raises
    ------
    RefusedError
        When the file is empty, too large, the disk has no room for it, its owner has begun too many, or has
        no such dataset.
    """
    _drop_forgotten()
    _check_size(size_bytes)
    check_room(owner_id=owner_id, file_bytes=size_bytes)
    _check_number(owner_id)
    _check_dataset(owner_id, dataset_id)
    upload = Upload(
        owner_id=owner_id,
        key=storage.new_key(),
        dataset_id=dataset_id,
        name=file_names.file_name(file_name),
        size_bytes=size_bytes,
    )
    storage.make_folder(upload.key)
    db.session.add(upload)
    db.session.commit()
    return upload


def _check_size(size_bytes: int) -> None:
    if size_bytes <= 0:
        raise RefusedError(EMPTY)
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
    """Refuse too many uploads under way; those that wait for a look are bounded by the quota alone."""
    begun = (
        select(func.count()).select_from(Upload).where(Upload.owner_id == owner_id, Upload.sha256.is_(None))
    )
    if (db.session.scalar(begun) or 0) >= _MOST_BEGUN:
        raise TooManyError(
            f"You have begun {_MOST_BEGUN} uploads that are not finished. The upload page lists them: "
            f"finish or discard one first. What nobody continues is dropped after {_KEPT.days} days."
        )


def _check_dataset(owner_id: int, dataset_id: int | None) -> None:
    wanted = select(Dataset.id).where(Dataset.owner_id == owner_id, Dataset.id == dataset_id)
    if dataset_id is not None and db.session.scalar(wanted) is None:
        raise NoDatasetError("There is no such dataset. It may have been deleted meanwhile.")


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
    release_locks()
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
    release_locks()
    if stands != offset:
        raise WrongOffsetError(stands)


def _advance(upload_id: int, offset: int) -> None:
    db.session.execute(update(Upload).where(Upload.id == upload_id).values(offset_bytes=offset))
    db.session.commit()


def keep_form(
    *, owner_id: int, file_name: str, chunks: Iterable[bytes], dataset_id: int | None = None
) -> Upload:
    """Keep a file that came whole through a form, so that its owner can look at how it will be read.

    The same file sent twice is kept once.

    Raises
    ------
    RefusedError
        When the file is empty, its owner has no room for it, or has no such dataset.
    """
    _check_dataset(owner_id, dataset_id)
    release_locks()
    arrived = keep_file(file_name, chunks, owner_id=owner_id)
    same = select(Upload).where(
        Upload.owner_id == owner_id,
        Upload.dataset_id.is_(dataset_id) if dataset_id is None else Upload.dataset_id == dataset_id,
        Upload.sha256 == arrived.sha256,
        Upload.name == arrived.file_name,
    )
    upload = db.session.scalar(same)
    if upload is not None:
        storage.remove(arrived.key)
        return upload
    upload = Upload(
        owner_id=owner_id,
        key=arrived.key,
        dataset_id=dataset_id,
        sha256=arrived.sha256,
        name=arrived.file_name,
        size_bytes=arrived.size_bytes,
        offset_bytes=arrived.size_bytes,
    )
    db.session.add(upload)
    db.session.commit()
    return upload


def list_uploads(*, owner_id: int, dataset_id: int | None = None) -> Sequence[Upload]:
    """A user's uploads that are not read yet, the newest first: under way, lost, or waiting for a look.

    With `dataset_id` only those that become versions of that dataset.
    """
    query = select(Upload).where(Upload.owner_id == owner_id).order_by(Upload.id.desc())
    return db.session.scalars(
        query if dataset_id is None else query.where(Upload.dataset_id == dataset_id)
    ).all()


def complete_upload(*, owner_id: int, key: str) -> Upload | None:
    """Give the file of an upload its final name and digest once all bytes are there.

    None when there is no such upload; a second call does no harm.

    Raises
    ------
    RefusedError
        When bytes are missing.
    """
    upload = find_upload(owner_id=owner_id, key=key)
    if upload is None or upload.sha256:
        return upload
    if upload.offset_bytes != upload.size_bytes:
        raise RefusedError("The upload is not complete. Choose the same file again to go on.")
    size_bytes = upload.size_bytes
    release_locks()
    try:
        sha256 = part.complete(key, size_bytes)
    except FileNotFoundError as error:
        raise GoneError from error
    db.session.execute(update(Upload).where(Upload.key == key).values(sha256=sha256))
    db.session.commit()
    return find_upload(owner_id=owner_id, key=key)


def finish_upload(*, owner_id: int, key: str, name: str, wishes: Wishes | None = None) -> Dataset | None:
    """Make the dataset, or the further version, of an upload whose bytes are all there, in one commit.

    None when there is no such upload. Asked again, because the first answer was lost or the button was
    pressed twice, it gives the same dataset.

    Raises
    ------
    RefusedError
        When the name cannot be used or bytes are missing.
    """
    if find_upload(owner_id=owner_id, key=key) is None:
        return find_finished(owner_id=owner_id, key=key)
    name = check_name(name)
    complete_upload(owner_id=owner_id, key=key)
    upload = db.session.scalar(_query(owner_id, key).with_for_update())
    if upload is None:  # another request was quicker
        return find_finished(owner_id=owner_id, key=key)
    dataset = _settle(upload, name, wishes or Wishes())
    db.session.delete(upload)
    db.session.commit()
    return dataset


def _settle(upload: Upload, name: str, wishes: Wishes) -> Dataset:
    """Add what the upload becomes to the transaction at hand."""
    arrived = Arrived(
        key=upload.key, file_name=upload.name, size_bytes=upload.size_bytes, sha256=upload.sha256 or ""
    )
    if upload.dataset_id is None:
        return add_dataset(owner_id=upload.owner_id, name=name, arrived=arrived, wishes=wishes)
    return add_version(dataset_id=upload.dataset_id, arrived=arrived, wishes=wishes)


def _query(owner_id: int, key: str) -> Select[Upload]:
    return select(Upload).where(Upload.owner_id == owner_id, Upload.key == key)


def find_upload(*, owner_id: int, key: str) -> Upload | None:
    """A user's upload that is not read yet."""
    return db.session.scalar(_query(owner_id, key))


def find_finished(*, owner_id: int, key: str) -> Dataset | None:
    """The dataset that an upload has become, or become a version of."""
    query = select(Dataset).join(Version).where(Dataset.owner_id == owner_id, Version.key == key)
    return db.session.scalar(query)


def drop_upload(*, upload: Upload) -> None:
    """Forget an upload and the bytes that came; it may be gone already."""
    key = upload.key
    db.session.execute(delete(Upload).where(Upload.key == key))
    db.session.commit()
    storage.remove(key)
