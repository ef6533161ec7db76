"""What is done to versions of a dataset: read again in another way, given roles, deleted."""

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, false, or_, select, update

from beanft import audit, jobs, storage
from beanft.database import count_rows, release_locks
from beanft.engine.tables.wishes import Wishes
from beanft.extensions import db
from beanft.models import (
    Batch,
    Board,
    Dataset,
    Experiment,
    Explanation,
    Job,
    Run,
    SavedChart,
    TrainedModel,
    Upload,
    Version,
)
from beanft.models.jobs import UNFINISHED
from beanft.uploader.services import RefusedError, check_room, lock, start_ingest
from beanft.uploader.slices import part
from beanft.uploader.versions.columns import Choice, assign_roles, wish_again

_log = logging.getLogger(__name__)

_CHANGED = "The dataset changed since you opened this page. Look at it again."


@dataclass(frozen=True, kw_only=True)
class Dependents:
    """What is made from a dataset or from a version, and goes with it."""

    n_experiments: int
    n_models: int
    n_batches: int
    n_charts: int = 0
    """Saved charts, which are of a dataset and stay when one of its versions goes."""
    n_boards: int = 0


@dataclass(frozen=True, kw_only=True)
class Changed:
    """What a change of columns led to."""

    version: Version | None
    """The version that is being read because of it; None when nothing has to be read."""
    roles: bool
    """Whether roles changed."""


def find_version(*, dataset: Dataset, number: int) -> Version | None:
    """The version of that number, if the dataset has one."""
    return next((version for version in dataset.versions if version.number == number), None)


def change_columns(*, dataset: Dataset, version_number: int, choices: Sequence[Choice]) -> Changed:
    """Read the file again as was chosen for its columns; where only roles change, nothing is read.

    Raises
    ------
    RefusedError
        When a choice cannot be used, there is nothing to change yet, or the page was made before the
        newest version.
    """
    version = _readable(dataset, version_number)
    if version.state != "ready":
        raise RefusedError(_CHANGED)
    known = {column.name for column in version.profile.columns}
    if not {choice.name for choice in choices} <= known:
        raise RefusedError(_CHANGED)
    wishes = wish_again(version.profile, version.wishes, choices)
    roles = assign_roles(version.profile, version.roles, choices)
    changed = roles != version.roles
    made = read_anew(dataset=dataset, version_number=version_number, wishes=wishes, roles=roles)
    if made is None and changed:
        version.roles = roles
        vars(version).pop("profile", None)  # it was made with the roles of before
        db.session.commit()
    return Changed(version=made, roles=changed)


def read_anew(
    *, dataset: Dataset, version_number: int, wishes: Wishes, roles: Mapping[str, str] | None = None
) -> Version | None:
    """Read the file of a version with other wishes.

    A version that is ready stays, and a new one is made from the same original; the newest one that failed
    or was cancelled is read again itself, with the same wishes too. Returns None when nothing would change.
    Without `roles` the columns keep theirs.

    Raises
    ------
    RefusedError
        When a version is being read, the page was made before the newest version, the file is lost, or
        there is no room for another table.
    """
    lock(dataset)
    version = _readable(dataset, version_number)
    if version.state != "ready":
        return _read_again(version, wishes)
    if version.wishes == wishes:
        return None
    kept = dict(version.roles if roles is None else roles)
    check_room(owner_id=dataset.owner_id, file_bytes=version.original_bytes, is_here=True)
    original_key, key = version.key, storage.new_key()
    release_locks()
    try:
        _copy_original(original_key, key)
        lock(dataset)
        version = _readable(dataset, version_number)  # another window may have been quicker
        if version.key != original_key:
            raise RefusedError(_CHANGED)
        made = _next_version(version, key, wishes, kept)
        db.session.commit()
    except BaseException:
        db.session.rollback()
        storage.remove(key)
        raise
    return made


def _readable(dataset: Dataset, version_number: int) -> Version:
    """The version that a page showed: the newest that is ready, or the newest of all where that failed."""
    latest = dataset.latest
    if latest.job is None or latest.job.unfinished:
        raise RefusedError("A version is being read. Wait until it is ready, then change how it is read.")
    for version in (latest, dataset.current):
        if version is not None and version.number == version_number:
            return version
    raise RefusedError(_CHANGED)


def _read_again(version: Version, wishes: Wishes) -> Version:
    """The version that could not be read, with other wishes: nothing was made from it yet."""
    check_room(owner_id=version.dataset.owner_id, file_bytes=version.original_bytes, is_here=True)
    version.wishes_json = wishes.to_dict()
    start_ingest(version)
    db.session.commit()
    return version


def _next_version(version: Version, key: str, wishes: Wishes, roles: dict[str, str]) -> Version:
    """The same original under a key of its own, so that each version can go without the other."""
    dataset = version.dataset
    made = Version(
        number=dataset.next_number,
        key=key,
        original_name=version.original_name,
        original_bytes=version.original_bytes,
        original_sha256=version.original_sha256,
        wishes_json=wishes.to_dict(),
        roles=roles,
    )
    dataset.versions.append(made)
    db.session.flush()
    start_ingest(made)
    return made


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


def count_dependents(*, dataset: Dataset, number: int | None = None) -> Dependents:
    """Count what would be deleted with a dataset, or with one of its versions."""
    of = _versions(dataset.id, number)
    return Dependents(
        n_experiments=count_rows(_experiments(Experiment.id, of)),
        n_models=count_rows(_models(TrainedModel.id, of)),
        n_batches=count_rows(_batches(Batch.id, of)),
        n_charts=_count_kept(SavedChart, dataset) if number is None else 0,
        n_boards=_count_kept(Board, dataset) if number is None else 0,
    )


def _count_kept(model: type[SavedChart | Board], dataset: Dataset) -> int:
    """Rows of a model that belong to a dataset itself."""
    return count_rows(select(model.id).where(model.dataset_id == dataset.id))


def _versions(dataset_id: int, number: int | None = None) -> ColumnElement[bool]:
    """The condition for the versions of a dataset, or for one of them."""
    of = Version.dataset_id == dataset_id
    return of if number is None else of & (Version.number == number)


def _experiments(column: Any, of: ColumnElement[bool]) -> Select[Any]:
    """A column of the experiments that were made from versions."""
    return select(column).select_from(Experiment).join(Version).where(of)


def _models(column: Any, of: ColumnElement[bool]) -> Select[Any]:
    return select(column).select_from(TrainedModel).join(Run).join(Experiment).join(Version).where(of)


def _batches(column: Any, of: ColumnElement[bool]) -> Select[Any]:
    models = select(Batch).join(TrainedModel).join(Run).join(Experiment).join(Version)
    return models.with_only_columns(column).where(of)


def _explanations(column: Any, of: ColumnElement[bool]) -> Select[Any]:
    models = select(Explanation).join(TrainedModel).join(Run).join(Experiment).join(Version)
    return models.with_only_columns(column).where(of)


def delete_dataset(*, dataset: Dataset, user_id: int, address: str = "") -> None:
    """Delete a dataset with all that was made from it, in the database and on disk; its jobs end first."""
    dataset_id = dataset.id
    of = _versions(dataset_id)
    _cancel_jobs(of, dataset_id)
    uploads = select(Upload.key).where(Upload.dataset_id == dataset_id)
    keys = [*_keys(of), *db.session.scalars(uploads)]
    # The number may be given to another dataset one day; what is left of the jobs must not point there.
    _forget_subjects(_job_ids(of, dataset_id))
    db.session.execute(delete(Dataset).where(Dataset.id == dataset_id))
    audit.record(user_id=user_id, action="dataset-delete", subject=f"dataset {dataset_id}", address=address)
    db.session.commit()
    for key in keys:
        _remove_files(key)


def delete_version(*, dataset: Dataset, number: int, user_id: int, address: str = "") -> None:
    """Delete one version with all that was made from it, in the database and on disk; its jobs end first.

    Raises
    ------
    RefusedError
        When there is no such version, or it is the only one.
    """
    dataset_id = dataset.id
    _check_deletable(dataset, number)
    of = _versions(dataset_id, number)
    _cancel_jobs(of)
    lock(dataset)  # another window may have been quicker: each cancel ended a transaction
    _check_deletable(dataset, number)
    keys = _keys(of)
    _forget_subjects(_job_ids(of))
    dataset.last_deleted = max(dataset.last_deleted, number)
    db.session.execute(delete(Version).where(of))
    subject = f"dataset {dataset_id} version {number}"
    audit.record(user_id=user_id, action="version-delete", subject=subject, address=address)
    db.session.commit()
    for key in keys:
        _remove_files(key)


def _check_deletable(dataset: Dataset, number: int) -> None:
    if find_version(dataset=dataset, number=number) is None:
        raise RefusedError(f"Version {number} is gone already.")
    if len(dataset.versions) == 1:
        raise RefusedError("This is the only version. Delete the dataset instead.")


def _cancel_jobs(of: ColumnElement[bool], dataset_id: int | None = None) -> None:
    for job_id in _job_ids(of, dataset_id, unfinished=True):
        jobs.cancel(job_id=job_id)


def _forget_subjects(job_ids: Sequence[int]) -> None:
    forgotten = {"subject": "", "subject_id": None}
    db.session.execute(update(Job).where(Job.id.in_(job_ids)).values(forgotten))


def _job_ids(
    of: ColumnElement[bool], dataset_id: int | None = None, *, unfinished: bool = False
) -> list[int]:
    """Jobs that work on the versions, or on whatever was made from them, in earlier attempts too.

    With `dataset_id` also those that worked on the dataset before, such as first attempts at reading it.
    """
    keys = select(Version.id).where(of)
    query = select(Job.id).where(
        or_(
            (Job.subject == "dataset") & (Job.subject_id == dataset_id) if dataset_id else false(),
            (Job.subject == "dataset") & Job.params["version_id"].as_integer().in_(keys),
            Job.id.in_(select(Version.job_id).where(of)),
            (Job.subject == "experiment") & Job.subject_id.in_(_experiments(Experiment.id, of)),
            (Job.subject == "model") & Job.subject_id.in_(_models(TrainedModel.id, of)),
            (Job.subject == "explanation") & Job.subject_id.in_(_explanations(Explanation.id, of)),
            (Job.subject == "batch") & Job.subject_id.in_(_batches(Batch.id, of)),
        )
    )
    return list(db.session.scalars(query.where(Job.state.in_(UNFINISHED)) if unfinished else query))


def _keys(of: ColumnElement[bool]) -> list[str]:
    """Storage keys of everything that goes with the versions."""
    queries = (select(Version.key).where(of), _experiments(Experiment.key, of), _batches(Batch.key, of))
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
