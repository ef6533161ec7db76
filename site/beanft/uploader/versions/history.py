"""The versions of a dataset with what is known of each, what changed and what was made from it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import undefer

from beanft import storage
from beanft.engine.tables.compare import Comparison, compare
from beanft.extensions import db
from beanft.listing import Listing
from beanft.models import Batch, Dataset, Experiment, Run, TrainedModel, Version
from beanft.uploader.versions.services import Dependents
from beanft.uploader.versions.words import in_words

_PER_PAGE = 10  # each is compared with the one before, which reads two profiles
_COMPARED_COLUMNS = 500  # comparing wider tables would make the page slow


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One version in the list."""

    version: Version
    copy_bytes: int
    """Bytes of the quick copy beside the table; 0 without one."""
    asked: list[str]
    """What the owner asked for of how it is read, in words."""
    before: Version | None
    """The readable version before, that it is compared with."""
    comparison: Comparison | None
    """How it differs from that one; None where one of them cannot be read, or is too wide."""
    dependents: Dependents
    """What was made from it."""
    same_file: tuple[int, ...] = ()
    """Numbers of the earlier versions that were read from the very same file."""

    def facts(self) -> dict[str, Any]:
        """Plain values for JSON."""
        version = self.version
        return {
            "number": version.number,
            "state": version.state,
            "file": version.original_name,
            "n_rows": version.n_rows,
            "n_columns": version.n_columns,
            "original_bytes": version.original_bytes,
            "table_bytes": version.parquet_bytes,
            "copy_bytes": self.copy_bytes,
            "sha256": version.original_sha256,
            "created_at": version.created_at.isoformat(),
            "same_file": self.same_file,
            "asked": self.asked,
            "compared_with": self.before.number if self.before and self.comparison else None,
            "changes": [change.sentence for change in self.comparison.changes] if self.comparison else None,
            **vars(self.dependents),
        }


def list_versions(*, dataset: Dataset, page: int) -> Listing[Entry]:
    """One page of the versions of a dataset, newest first."""
    newest_first = dataset.versions[::-1]
    n_pages = max(1, -(-len(newest_first) // _PER_PAGE))
    page = min(max(1, page), n_pages)
    shown = newest_first[(page - 1) * _PER_PAGE : page * _PER_PAGE]
    ids = [version.id for version in shown]
    query = select(Version).where(Version.id.in_(ids))
    db.session.scalars(query.options(undefer(Version.wishes_json))).all()  # once for all of them
    made = _dependents(ids)
    items = [_entry(version, dataset.versions, made[version.id]) for version in shown]
    return Listing(items=items, page=page, n_pages=n_pages, total=len(newest_first))


def _entry(version: Version, versions: Iterable[Version], dependents: Dependents) -> Entry:
    earlier = [one for one in versions if one.number < version.number and one.state == "ready"]
    before = earlier[-1] if earlier else None
    return Entry(
        version=version,
        copy_bytes=_copy_bytes(version),
        asked=in_words(version.wishes),
        before=before,
        comparison=_compared(before, version) if before else None,
        dependents=dependents,
        same_file=_same_file(version, versions),
    )


def _same_file(version: Version, versions: Iterable[Version]) -> tuple[int, ...]:
    sha256, number = version.original_sha256, version.number
    return tuple(one.number for one in versions if one.number < number and one.original_sha256 == sha256)


def _compared(before: Version, version: Version) -> Comparison | None:
    if version.state != "ready" or max(before.n_columns or 0, version.n_columns or 0) > _COMPARED_COLUMNS:
        return None
    return compare(before.profile, version.profile)


def _copy_bytes(version: Version) -> int:
    """The quick copy lies beside the Parquet under a name that says which table it copies."""
    try:
        return sum(path.stat().st_size for path in storage.folder(version.key).glob("table*.duckdb"))
    except FileNotFoundError:  # it was made anew this very moment
        return 0


def _dependents(version_ids: list[int]) -> dict[int, Dependents]:
    """What was made from each version, counted in three questions for all of them."""
    models = select(Experiment.version_id, func.count(TrainedModel.id)).join(
        Run, Run.experiment_id == Experiment.id
    )
    models = models.join(TrainedModel, TrainedModel.run_id == Run.id)
    batches = models.with_only_columns(Experiment.version_id, func.count(Batch.id))
    n_experiments = _counts(select(Experiment.version_id, func.count(Experiment.id)), version_ids)
    n_models = _counts(models, version_ids)
    n_batches = _counts(batches.join(Batch, Batch.model_id == TrainedModel.id), version_ids)
    return {
        id_: Dependents(
            n_experiments=n_experiments.get(id_, 0),
            n_models=n_models.get(id_, 0),
            n_batches=n_batches.get(id_, 0),
        )
        for id_ in version_ids
    }


def _counts(query: Select[int, int], version_ids: list[int]) -> dict[int, int]:
    grouped = query.where(Experiment.version_id.in_(version_ids)).group_by(Experiment.version_id)
    return {row[0]: row[1] for row in db.session.execute(grouped)}
