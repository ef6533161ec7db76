"""What is done to datasets: brought in, read again, given other kinds, deleted."""

import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import selectinload

from beanft import audit, file_names, jobs, once, storage
from beanft.engine.tables.columns import KINDS
from beanft.extensions import db
from beanft.listing import Listing, list_page
from beanft.models import Batch, Dataset, Experiment, Job, Run, TrainedModel, Version
from beanft.models.jobs import UNFINISHED
from beanft.uploader import names
from beanft.uploader.samples import all_samples
from beanft.uploader.slices import part

_log = logging.getLogger(__name__)


class RefusedError(Exception):
    """Something cannot be done; the message is the sentence for the user."""


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """A file that lies whole and flushed in the folder of its key."""

    key: str
    file_name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Dependents:
    """What is made from a dataset and goes with it."""

    n_experiments: int
    n_models: int
    n_batches: int


def list_datasets(*, owner_id: int, page: int) -> Listing[Dataset]:
    """One page of a user's datasets, newest first."""
    query = select(Dataset).where(Dataset.owner_id == owner_id).order_by(Dataset.id.desc())
    return list_page(query, page=page, options=[selectinload(Dataset.versions)])


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
    db.session.rollback()  # no lock waits while a file is written
    key = storage.new_key()
    storage.make_folder(key)
    size_bytes, sha256 = storage.write(part.original(key), chunks)
    if size_bytes == 0:
        storage.remove(key)
        raise RefusedError("The file is empty. Choose a CSV file with a header and at least one row.")
    file_name = file_names.file_name(file_name)
    arrived = Arrived(key=key, file_name=file_name, size_bytes=size_bytes, sha256=sha256)
    stamp = once.stamp(form_key, name, arrived.file_name, sha256)
    dataset = add_dataset(owner_id=owner_id, name=name, arrived=arrived, stamp=stamp)
    db.session.commit()
    return dataset


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
    db.session.rollback()
    place = storage.new_key()
    storage.make_folder(place)
    size_bytes, sha256 = storage.write(part.original(place), storage.chunks(sample.path))
    arrived = Arrived(key=place, file_name=sample.path.name, size_bytes=size_bytes, sha256=sha256)
    source = f"{sample.source}. Licence: {sample.licence}."
    stamp = once.stamp(form_key, key)
    dataset = add_dataset(owner_id=owner_id, name=sample.title, arrived=arrived, source=source, stamp=stamp)
    db.session.commit()
    return dataset


def add_dataset(
    *, owner_id: int, name: str, arrived: Arrived, source: str = "", stamp: str | None = None
) -> Dataset:
    """Add dataset, version and job to the transaction at hand.

    Where a form with this stamp brought a dataset before, it is that one, and the file that came again goes.
    """
    wanted = name or names.name_of_file(arrived.file_name)
    taken = set(db.session.scalars(select(Dataset.name).where(Dataset.owner_id == owner_id)))
    dataset = Dataset(owner_id=owner_id, name=names.free_name(wanted, taken), source=source, once=stamp)
    version = Version(
        number=1,
        key=arrived.key,
        original_name=arrived.file_name,
        original_bytes=arrived.size_bytes,
        original_sha256=arrived.sha256,
        kinds={},
    )
    dataset.versions.append(version)
    made = once.add(dataset)
    if made is dataset:
        _start_ingest(version)
    else:
        storage.remove(arrived.key)
    return made


def find_twin(*, dataset: Dataset) -> Dataset | None:
    """Another dataset of the same owner that came from the very same bytes."""
    query = (
        select(Dataset)
        .join(Version)
        .where(
            Dataset.owner_id == dataset.owner_id,
            Dataset.id != dataset.id,
            Version.original_sha256 == dataset.latest.original_sha256,
        )
        .order_by(Dataset.id)
    )
    return db.session.scalars(query).first()


def retry(*, dataset: Dataset) -> bool:
    """Read the newest version again if that failed or was cancelled; otherwise return False."""
    if dataset.latest.state not in ("failed", "cancelled"):
        return False
    _start_ingest(dataset.latest)
    db.session.commit()
    return True


def change_kinds(*, dataset: Dataset, version_number: int, kinds: list[str]) -> Version | None:
    """Make a new version from the same file with other kinds, one for each column in order.

    Returns None when nothing would change.

    Raises
    ------
    RefusedError
        When there is nothing to change yet, or the page was made before the newest version.
    """
    current, changed = _changed(dataset, version_number, kinds)
    if not changed:
        return None
    original_key, key = current.key, storage.new_key()
    db.session.rollback()  # no lock waits where gigabytes have to be copied
    try:
        _copy_original(original_key, key)
        current, changed = _changed(dataset, version_number, kinds)  # another window may have been quicker
        version = _next_version(dataset, current, key, {**current.kinds, **changed})
        db.session.commit()
    except BaseException:
        db.session.rollback()
        storage.remove(key)
        raise
    return version


def _changed(dataset: Dataset, version_number: int, kinds: list[str]) -> tuple[Version, dict[str, str]]:
    """The version that the page showed, and the kinds that it does not have already."""
    current = dataset.current
    if current is None or dataset.latest.job is None or dataset.latest.job.unfinished:
        raise RefusedError("A version is being read. Wait until it is ready, then change the kinds.")
    columns = current.profile.columns
    if current.number != version_number or len(kinds) != len(columns):
        raise RefusedError("The dataset changed since you opened this page. Look at its columns again.")
    if not set(kinds) <= set(KINDS):
        raise RefusedError("There is no such kind. Choose one of the list.")
    return current, {c.name: kind for c, kind in zip(columns, kinds, strict=True) if kind != c.kind}


def _next_version(dataset: Dataset, current: Version, key: str, kinds: dict[str, str]) -> Version:
    """The same original under a key of its own, so that each version can go without the other."""
    version = Version(
        number=dataset.latest.number + 1,
        key=key,
        original_name=current.original_name,
        original_bytes=current.original_bytes,
        original_sha256=current.original_sha256,
        kinds=kinds,
    )
    dataset.versions.append(version)
    db.session.flush()
    _start_ingest(version)
    return version


def _copy_original(old_key: str, new_key: str) -> None:
    """Give the original a second name; originals are never written to, so the bytes can be shared."""
    storage.make_folder(new_key)
    old, new = part.original(old_key), part.original(new_key)
    try:
        linked = new.with_name("original.part")
        os.link(old, linked)
    except FileNotFoundError as error:
        raise RefusedError("The file of this dataset is lost. Upload it again.") from error
    except OSError:  # a file system without hard links
        storage.write(new, storage.chunks(old))
    else:
        storage.publish(linked, new)


def _start_ingest(version: Version) -> None:
    version.job = jobs.enqueue(
        kind="ingest",
        owner_id=version.dataset.owner_id,
        title=f"Reading {version.original_name}",
        subject="dataset",
        subject_id=version.dataset_id,
        params={"version_id": version.id},
    )


def count_dependents(*, dataset: Dataset) -> Dependents:
    """Count what would be deleted with a dataset."""
    experiments = _experiments(dataset.id)
    models = select(TrainedModel.id).join(Run).where(Run.experiment_id.in_(experiments))
    batches = select(Batch.id).where(Batch.model_id.in_(models))
    return Dependents(
        n_experiments=_count(experiments),
        n_models=_count(models),
        n_batches=_count(batches),
    )


def _experiments(dataset_id: int) -> Any:
    return select(Experiment.id).join(Version).where(Version.dataset_id == dataset_id)


def _batches(dataset_id: int) -> Any:
    return (
        select(Batch.id).join(TrainedModel).join(Run).where(Run.experiment_id.in_(_experiments(dataset_id)))
    )


def _count(query: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(query.subquery())) or 0


def delete_dataset(*, dataset: Dataset, user_id: int, address: str = "") -> None:
    """Delete a dataset with all that was made from it, in the database and on disk; its jobs end first."""
    dataset_id = dataset.id
    for job_id in _job_ids(dataset_id, unfinished=True):
        jobs.cancel(job_id=job_id)
    keys = _keys(dataset_id)
    # The number may be given to another dataset one day; what is left of the jobs must not point there.
    forgotten = {"subject": "", "subject_id": None}
    db.session.execute(update(Job).where(Job.id.in_(_job_ids(dataset_id))).values(forgotten))
    db.session.execute(delete(Dataset).where(Dataset.id == dataset_id))
    audit.record(user_id=user_id, action="dataset-delete", subject=f"dataset {dataset_id}", address=address)
    db.session.commit()
    for key in keys:
        _remove_files(key)


def _job_ids(dataset_id: int, *, unfinished: bool = False) -> list[int]:
    """Jobs that work on the dataset, on its experiments or on batches of its models."""
    query = select(Job.id).where(
        or_(
            (Job.subject == "dataset") & (Job.subject_id == dataset_id),
            Job.id.in_(select(Version.job_id).where(Version.dataset_id == dataset_id)),
            Job.id.in_(select(Experiment.job_id).where(Experiment.id.in_(_experiments(dataset_id)))),
            Job.id.in_(select(Batch.job_id).where(Batch.id.in_(_batches(dataset_id)))),
        )
    )
    return list(db.session.scalars(query.where(Job.state.in_(UNFINISHED)) if unfinished else query))


def _keys(dataset_id: int) -> list[str]:
    """Storage keys of everything that goes with a dataset."""
    queries = (
        select(Version.key).where(Version.dataset_id == dataset_id),
        select(Experiment.key).where(Experiment.id.in_(_experiments(dataset_id))),
        select(Batch.key).where(Batch.id.in_(_batches(dataset_id))),
    )
    return [key for query in queries for key in db.session.scalars(query)]


def _remove_files(key: str) -> None:
    """Delete a folder; a job that is being killed may still write there, so it is tried twice."""
    for last in (False, True):
        try:
            storage.remove(key)
            return
        except OSError:
            if last:
                _log.exception("the files of key %s could not be deleted", key)
