"""What the pages of a dataset show: rows answered by the query engine, and figures of the profile."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from beanft import storage
from beanft.engine.errors import BusyError, EngineError
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.files import verify_once
from beanft.engine.tables.kinds.cells import format_choices
from beanft.engine.tables.queries.conditions import Filter
from beanft.engine.tables.queries.pages import Page, Sort, page
from beanft.engine.tables.text.candidates import ENCODINGS
from beanft.explore.row_columns import COLUMNS_SHOWN
from beanft.extensions import settings
from beanft.models import Dataset, Version

_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_DATE_LETTERS = {
    **{"%d": "DD", "%m": "MM", "%Y": "YYYY", "%y": "YY", "%b": "Mon", "%B": "Month"},
    **{"%H": "hh", "%I": "hh", "%M": "mm", "%S": "ss", "%f": "fraction", "%z": "zone", "%p": "AM/PM"},
}


@dataclass(frozen=True, kw_only=True)
class Rows:
    """One page of rows, or the sentence that says why there is none."""

    page: Page | None
    number: int
    """Number of the page, from 1; never beyond the last one."""
    n_pages: int
    error: str = ""


def table_path(version: Version) -> Path:
    """The Parquet file of a version."""
    return storage.folder(version.key) / "table.parquet"


def find_version(dataset: Dataset, number: int | None = None) -> Version | None:
    """The version of that number if it can be looked at; the newest such one where no number is given."""
    if number is None:
        return dataset.current
    ready = (version for version in dataset.versions if version.state == "ready")
    return next((version for version in ready if version.number == number), None)


def how_read(profile: Profile) -> str:
    """What was found of the file, in one sentence: what it is, its header, forms of numbers and dates."""
    found = [profile.source]
    if profile.sheet:
        found.append(f"sheet “{profile.sheet}”")
    if "CSV" in profile.source:
        delimiter = _DELIMITERS.get(profile.delimiter, f"“{profile.delimiter}”")
        found += [ENCODINGS.get(profile.encoding, profile.encoding), f"{delimiter} between cells"]
        found.append("a header" if profile.has_header else "no header")
    found += sorted({form_words(column) for column in profile.columns if column.format})
    return f"Read as {', '.join(found)}."


def form_words(column: Column) -> str:
    """How the numbers or dates of a column are written, as people say it; empty for the plain form.

    >>> counts = {"n_missing": 0, "n_distinct": 2}
    >>> form_words(Column(name="a", kind="date", stored="DATE", format="%d.%m.%Y", **counts))
    'dates like 31.12.2024 (day.month.year)'
    >>> form_words(Column(name="a", kind="date", stored="DATE", format="%Y, %d %b", **counts))
    'dates like YYYY, DD Mon'
    """
    form = column.format
    what = "numbers" if column.stored in ("BIGINT", "DOUBLE") else "dates"
    known = {key: label for kind in ("number", "date") for key, label in format_choices(kind)}
    if form not in known:
        for code, letters in _DATE_LETTERS.items():
            form = form.replace(code, letters)
    return f"{what} like {known.get(form, form)}" if form else ""


def check_table(version: Version) -> None:
    """Refuse a table that is not what the ingest wrote; one that nobody touched is read only once.

    Raises
    ------
    EngineError
        When the file is lost or damaged.
    """
    if version.parquet_sha256:
        verify_once(table_path(version), version.parquet_sha256)


def find_rows(
    *,
    version: Version,
    filters: Sequence[Filter] = (),
    sorts: Sequence[Sort] = (),
    search: str = "",
    number: int = 1,
    per: int = 50,
    columns: Sequence[str] = (),
) -> Rows:
    """Fetch one page of rows; a number beyond the end gives the last page.

    Without names of columns the first hundred are fetched.
    """
    names = columns or [column.name for column in version.profile.columns[:COLUMNS_SHOWN]]
    ask = partial(_page, version, filters, sorts, search, per, names)
    number = min(max(1, number), _n_pages(version.profile.n_rows, per))
    try:
        check_table(version)
        found = ask(number)
        n_pages = _n_pages(found.n_matching, per)
        if number > n_pages:
            number = n_pages
            found = ask(number)
    except BusyError:
        raise  # the same question will do later: the site says so with the status for it
    except EngineError as error:
        return Rows(page=None, number=1, n_pages=1, error=str(error))
    return Rows(page=found, number=number, n_pages=n_pages)


def _page(
    version: Version,
    filters: Sequence[Filter],
    sorts: Sequence[Sort],
    search: str,
    per: int,
    columns: Sequence[str],
    number: int,
) -> Page:
    return page(
        table_path(version),
        version.profile,
        filters=filters,
        sorts=sorts,
        search=search,
        offset=(number - 1) * per,
        limit=per,
        columns=columns,
        timeout_s=settings.query_timeout_s,
        memory_mb=settings.query_memory_mb,
    )


def _n_pages(n_rows: int, per: int) -> int:
    return max(1, -(-n_rows // per))


def share_missing(version: Version) -> float:
    """Share of the cells that hold no value, 0..1."""
    columns = version.profile.columns
    cells = version.profile.n_rows * len(columns)
    return sum(column.n_missing for column in columns) / cells if cells else 0.0


def count_kinds(version: Version) -> dict[str, int]:
    """How many columns there are of each kind, the most frequent kind first."""
    kinds = [column.kind for column in version.profile.columns]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds), key=lambda k: (-kinds.count(k), k))}


def facts(dataset: Dataset, version: Version | None) -> dict[str, Any]:
    """What the dataset's page says of one of its versions, as plain values."""
    latest = dataset.latest
    columns = version.profile.columns if version else ()
    return {
        "id": dataset.id,
        "name": dataset.name,
        "state": latest.state,
        "error": latest.job.error if latest.job else None,
        "version": (version or latest).number,
        "n_rows": version.n_rows if version else None,
        "n_columns": version.n_columns if version else None,
        "columns": [
            {"name": c.name, "kind": c.kind, "missing": c.n_missing, "distinct": c.n_distinct}
            for c in columns
        ],
    }
