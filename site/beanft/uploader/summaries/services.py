"""Makes a dataset of a summary: its table is worked out again, and comes in as any other file does."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from beanft import once, storage
from beanft.database import release_locks
from beanft.engine.errors import BusyError, EngineError
from beanft.engine.summaries.summarised import Summarised
from beanft.engine.summaries.summary import Summary
from beanft.engine.summaries.table import summarise
from beanft.engine.tables.files import verify_once
from beanft.engine.tables.queries.conditions import Filter
from beanft.engine.tables.queries.export import csv_rows
from beanft.engine.tables.queries.predicates import family_of
from beanft.engine.tables.text.header import unique_names
from beanft.engine.tables.wishes import ColumnWish, Wishes
from beanft.engine.tables.wording import listed, shown
from beanft.extensions import db, settings
from beanft.models import Dataset, Version
from beanft.uploader import names
from beanft.uploader.services import RefusedError, add_dataset, check_name, keep_file

_SOURCE_MOST = 500  # characters that the row of a dataset holds
_UNREADABLE = "This is no summary. Go back to the page of the summary and choose it again."


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A summary that somebody wants as a dataset, as the form sent it."""

    summary: Summary
    filters: tuple[Filter, ...]

    @classmethod
    def read(cls, summary: str, filters: str) -> Self:
        """Read the JSON of the form's hidden fields.

        Raises
        ------
        RefusedError
            When it is none.
        """
        try:
            described, triples = json.loads(summary), json.loads(filters or "[]")
            if not isinstance(described, dict) or not isinstance(triples, list):
                raise RefusedError(_UNREADABLE)
            found = tuple(_filter(one) for one in triples)
            return cls(summary=Summary.from_dict(described), filters=found)
        except (ValueError, RecursionError, EngineError) as error:
            raise RefusedError(_UNREADABLE) from error


def _filter(triple: Any) -> Filter:
    if not (isinstance(triple, list) and len(triple) == 3 and all(isinstance(one, str) for one in triple)):
        raise RefusedError(_UNREADABLE)
    return Filter(*triple)


def usual_name(dataset: Dataset, summary: Summary) -> str:
    """The name that a dataset of a summary gets where none is typed."""
    return f"{dataset.name} by {listed(summary.by)}"[: names.NAME_LENGTH].strip()


def find_version(*, dataset: Dataset, number: int | None) -> Version:
    """The version of that number that can be summarised.

    Raises
    ------
    RefusedError
        When there is none.
    """
    ready = (version for version in dataset.versions if version.state == "ready")
    found = next((version for version in ready if version.number == number), None)
    if found is None:
        raise RefusedError("This version is not there any more. Go back to the page of the summary.")
    return found


def save_summary(
    *, owner_id: int, version: Version, wanted: Wanted, name: str = "", form_key: str = ""
) -> Dataset:
    """Keep the table of a summary as a new dataset, and start reading it; the same form makes one.

    Raises
    ------
    RefusedError
        When the name cannot be used, the summary cannot be made, has no group, or there is no room for it.
    """
    name = check_name(name) or usual_name(version.dataset, wanted.summary)
    found = _summarise(version, wanted)
    header, _ = unique_names(found.header, from_file=False)
    content = "".join(csv_rows(header, found.rows, safe_for_spreadsheets=False)).encode()
    source = _source(version, found, wanted.filters)
    file_name = f"{usual_name(version.dataset, wanted.summary)}.csv".replace("/", " ").replace("\\", " ")
    release_locks()
    arrived = keep_file(file_name, [content], owner_id=owner_id)
    dataset = add_dataset(
        owner_id=owner_id,
        name=name,
        arrived=arrived,
        source=source,
        stamp=once.stamp(form_key, name, arrived.sha256),
        wishes=wishes_of(found, header),
    )
    db.session.commit()
    return dataset


def _summarise(version: Version, wanted: Wanted) -> Summarised:
    path, profile, sha256 = (
        storage.folder(version.key) / "table.parquet",
        version.profile,
        version.parquet_sha256,
    )
    release_locks()
    try:
        if sha256:
            verify_once(path, sha256)
        found = summarise(
            path,
            profile,
            wanted.summary,
            filters=wanted.filters,
            timeout_s=settings.query_timeout_s,
            memory_mb=settings.query_memory_mb,
        )
    except BusyError:
        raise  # the same will do later: the site says so with the status for it
    except EngineError as error:
        raise RefusedError(str(error)) from error
    if not found.rows:
        raise RefusedError("No row passes the filters, so there is nothing to save. Take a filter back.")
    return found


def wishes_of(found: Summarised, header: Sequence[str]) -> Wishes:
    """How the file is to be read, so that it holds what the summary showed: nothing is left to be guessed."""
    columns = {}
    for name, one in zip(header, found.groupings[: found.n_keys], strict=False):
        family = family_of(one.column)
        if one.edges:
            columns[name] = ColumnWish(kind="category", missing=())
        elif family == "text":
            kind = one.column.kind if one.column.kind in ("category", "text") else "text"
            columns[name] = ColumnWish(kind=kind, missing=())
        elif family == "date":
            columns[name] = ColumnWish(kind="date")
    return Wishes(
        encoding="utf-8", delimiter=",", quote='"', escape="double", header="yes", skip=0, columns=columns
    )


def _source(version: Version, found: Summarised, filters: Sequence[Filter]) -> str:
    """Where the table comes from, as the page of the dataset says it."""
    summary = found.summary
    of = f"rows by {listed(summary.by)}" + (f", across {shown(summary.across, 60)}" if summary.across else "")
    text = f"Summary of “{version.dataset.name}”, version {version.number}: {of}"
    if filters:
        text += f", {found.n_rows:,} rows that pass {len(filters)} filter{'s' if len(filters) > 1 else ''}"
    notes = [
        note for note in found.notes if "about right" in note or "estimates" in note or "largest" in note
    ]
    return f"{text}. {' '.join(notes)}".strip()[:_SOURCE_MOST]
