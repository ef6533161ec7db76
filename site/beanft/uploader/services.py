"""How datasets come in: brought by a form, as a sample, read again."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from beanft import file_names, jobs, once, quota, storage
from beanft.database import release_locks
from beanft.engine.tables.wishes import Wishes
from beanft.extensions import db
from beanft.listing import Listing, list_page
from beanft.models import Dataset, Version
from beanft.uploader import names
from beanft.uploader.samples import all_samples
from beanft.uploader.slices import part

EMPTY = "The file is empty. Choose a table with a header and at least one row."


class RefusedError(Exception):
    """Something cannot be done; the message is the sentence for the user."""


class OverQuotaError(RefusedError):
    """The files of a user would fill more than they may."""


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """A file that lies whole and flushed in the folder of its key."""

    key: str
    file_name: str
    size_bytes: int
    sha256: str


def list_datasets(*, owner_id: int, page: int) -> Listing[Dataset]:
    """One page of a user's datasets, newest first."""
    query = select(Dataset).where(Dataset.owner_id == owner_id).order_by(Dataset.id.desc())
    return list_page(query, page=page, options=[selectinload(Dataset.versions)])


def dataset_facts(dataset: Dataset) -> dict[str, Any]:
    """A dataset in a list: its size is that of its newest version that is ready."""
    version = dataset.current or dataset.latest
    return {
        "id": dataset.id,
        "name": dataset.name,
        "state": dataset.latest.state,
        "n_rows": version.n_rows,
        "n_columns": version.n_columns,
        "size_bytes": version.original_bytes,
        "created_at": dataset.created_at.isoformat(),
    }


def check_name(name: str) -> str:
    """Return a typed name ready to be stored; empty means that the file gives the name.

    Raises
    ------
    RefusedError
        When it is too long, or would be taken for a number of a dataset.
    """
    name = file_names.tidy(name)
    if len(name) > names.NAME_LENGTH:
        raise RefusedError(f"A name has at most {names.NAME_LENGTH} characters; this one has {len(name)}.")
    if names.is_id_like(name):
        raise RefusedError(
            f"A name of digits only would be taken for a number. Add a word, such as “table {name}”."
        )
    return name


def save_form(
    *, owner_id: int, name: str, file_name: str, chunks: Iterable[bytes], form_key: str = ""
) -> Dataset:
    """Keep a file that came whole through a form, and start reading it.

    The same file from the same form, told by `form_key`, makes one dataset.

    Raises
    ------
    RefusedError
        When the name cannot be used or the file is empty.
    """
    name = check_name(name)
    release_locks()
    arrived = keep_file(file_name, chunks, owner_id=owner_id)
    stamp = once.stamp(form_key, name, arrived.file_name, arrived.sha256)
    dataset = add_dataset(owner_id=owner_id, name=name, arrived=arrived, stamp=stamp)
    db.session.commit()
    return dataset


def keep_file(file_name: str, chunks: Iterable[bytes], *, owner_id: int) -> Arrived:
    """Write a file into a folder of its own.

    Raises
    ------
    RefusedError
        When it is empty, or its owner has no room for it; nothing is left then.
    """
    key = storage.new_key()
    storage.make_folder(key)
    size_bytes, sha256 = storage.write(part.original(key), chunks)
    try:
        if size_bytes == 0:
            raise RefusedError(EMPTY)
        check_room(owner_id=owner_id, file_bytes=size_bytes)
    except RefusedError:
        storage.remove(key)
        raise
    name = file_names.file_name(file_name)
    return Arrived(key=key, file_name=name, size_bytes=size_bytes, sha256=sha256)


def check_room(*, owner_id: int, file_bytes: int, is_here: bool = False) -> None:
    """Refuse a table for which its owner has no room; see `quota.require_table`.

    Raises
    ------
    OverQuotaError
        It says what is used and what to do.
    """
    try:
        quota.require_table(user_id=owner_id, file_bytes=file_bytes, is_here=is_here)
    except quota.QuotaError as error:
        raise OverQuotaError(str(error)) from error


def save_sample(*, owner_id: int, key: str, form_key: str = "") -> Dataset:
    """Bring in a ready-made table on the same path as an upload.

    Raises
    ------
    RefusedError
        When there is no such sample.
    """
    sample = all_samples().get(key)
    if sample is None:
        raise RefusedError("There is no such sample. Choose one of the list.")
    release_locks()
    arrived = keep_file(sample.path.name, storage.chunks(sample.path), owner_id=owner_id)
    source = f"{sample.source}. Licence: {sample.licence}."
    stamp = once.stamp(form_key, key)
    dataset = add_dataset(owner_id=owner_id, name=sample.title, arrived=arrived, source=source, stamp=stamp)
    db.session.commit()
    return dataset


def add_dataset(
    *,
    owner_id: int,
    name: str,
    arrived: Arrived,
    source: str = "",
    stamp: str | None = None,
    wishes: Wishes | None = None,
) -> Dataset:
    """Add dataset, version and job to the transaction at hand.

    Where a form with this stamp brought a dataset before, it is that one, and the file that came again goes.
    """
    wanted = name or names.name_of_file(arrived.file_name)
    taken = set(db.session.scalars(select(Dataset.name).where(Dataset.owner_id == owner_id)))
    dataset = Dataset(owner_id=owner_id, name=names.free_name(wanted, taken), source=source, once=stamp)
    version = _version(1, arrived, wishes)
    dataset.versions.append(version)
    made = once.add(dataset)
    if made is dataset:
        start_ingest(version)
    else:
        storage.remove(arrived.key)
    return made


def add_version(*, dataset_id: int, arrived: Arrived, wishes: Wishes | None = None) -> Dataset:
    """Add a further version of a dataset and its job to the transaction at hand; roles go on."""
    dataset = db.session.scalars(select(Dataset).where(Dataset.id == dataset_id).with_for_update()).one()
    version = _version(dataset.next_number, arrived, wishes)
    version.roles = dict((dataset.current or dataset.latest).roles)
    dataset.versions.append(version)
    db.session.flush()
    start_ingest(version)
    return dataset


def _version(number: int, arrived: Arrived, wishes: Wishes | None) -> Version:
    return Version(
        number=number,
        key=arrived.key,
        original_name=arrived.file_name,
        original_bytes=arrived.size_bytes,
        original_sha256=arrived.sha256,
        wishes_json=(wishes or Wishes()).to_dict(),
    )


def find_twin(*, dataset: Dataset) -> Dataset | None:
    """Another dataset of the same owner that came from the very same bytes."""
    return find_same(owner_id=dataset.owner_id, sha256=dataset.latest.original_sha256, but_id=dataset.id)


def find_same(*, owner_id: int, sha256: str, but_id: int | None = None) -> Dataset | None:
    """The first dataset of an owner that came from a file of this digest, another than that of `but_id`."""
    query = select(Dataset).join(Version).where(Dataset.owner_id == owner_id)
    query = query.where(Version.original_sha256 == sha256).order_by(Dataset.id)
    return db.session.scalars(query if but_id is None else query.where(Dataset.id != but_id)).first()


def retry(*, dataset: Dataset) -> bool:
    """Read the newest version again if that failed or was cancelled; otherwise return False."""
    lock(dataset)
    if dataset.latest.state not in ("failed", "cancelled"):
        return False
    start_ingest(dataset.latest)
    db.session.commit()
    return True


def lock(dataset: Dataset) -> None:
    """Let nobody else change a dataset until the transaction ends, and read it again: others may have."""
    db.session.execute(select(Dataset.id).where(Dataset.id == dataset.id).with_for_update())
    db.session.expire(dataset)


def start_ingest(version: Version) -> None:
    """Queue the reading of a version; the caller commits."""
    version.job = jobs.enqueue(
        kind="ingest",
        owner_id=version.dataset.owner_id,
        title=f"Reading {version.original_name}",
        subject="dataset",
        subject_id=version.dataset_id,
        params={"version_id": version.id},
    )
