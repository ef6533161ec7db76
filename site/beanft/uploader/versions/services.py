"""What is done to versions of a dataset: given other kinds, deleted."""

import logging
import os
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import delete, func, or_, select, update

from beanft import audit, jobs, storage
from beanft.engine.tables.columns import KINDS
from beanft.engine.tables.wishes import ColumnWish
from beanft.extensions import db
from beanft.models import Batch, Dataset, Experiment, Job, Run, TrainedModel, Version
from beanft.models.jobs import UNFINISHED
from beanft.uploader.services import RefusedError, start_ingest
from beanft.uploader.slices import part

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Dependents:
    """What is made from a dataset and goes with it."""

    n_experiments: int
    n_models: int
    n_batches: int


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
        version = _next_version(dataset, current, key, changed)
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


def _next_version(dataset: Dataset, current: Version, key: str, changed: dict[str, str]) -> Version:
    """The same original under a key of its own, so that each version can go without the other."""
    wishes = current.wishes
    columns = {**wishes.columns, **{name: ColumnWish(kind=kind) for name, kind in changed.items()}}
    version = Version(
        number=dataset.latest.number + 1,
        key=key,
        original_name=current.original_name,
        original_bytes=current.original_bytes,
        original_sha256=current.original_sha256,
        wishes_json=replace(wishes, columns=columns).to_dict(),
        roles=current.roles,
    )
    dataset.versions.append(version)
    db.session.flush()
    start_ingest(version)
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
