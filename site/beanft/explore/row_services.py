"""Files and code of a view of rows, and what its page must know of the columns."""

import re
from collections.abc import Sequence
from typing import Any, BinaryIO

from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Column
from beanft.engine.tables.queries.code import pandas_lines
from beanft.engine.tables.queries.conditions import OPERATORS, Filter, operators_of
from beanft.engine.tables.queries.export import FORMATS, csv_rows, write
from beanft.engine.tables.queries.pages import Sort
from beanft.engine.tables.queries.predicates import family_of
from beanft.engine.tables.wording import is_year
from beanft.engine.turns import Turns
from beanft.explore.services import Rows, check_table, table_path
from beanft.extensions import settings
from beanft.models import Version
from beanft.storage import new_key

_WRITE_S = 60.0  # what is not written by then would keep a thread of the web server for minutes
_PAIRS_NAMED = 3  # pairs of words for true and false that a menu names
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?", re.ASCII)  # as links of charts write numbers
_NO_FILE = str.maketrans('"*/:<>?\\|', "_" * 9)  # browsers save files so, and the lines of code name them
# Two of the four questions to tables that a process answers at once, and one of them for one user.
_turns = Turns(
    at_once=2,
    waiting=2,
    wait_s=5.0,
    sentence="Other files are being written. Try again in a few seconds.",
    each=1,
)


def write_rows(
    *,
    version: Version,
    format: str,
    filters: Sequence[Filter] = (),
    sorts: Sequence[Sort] = (),
    search: str = "",
    columns: Sequence[str] = (),
) -> BinaryIO:
    """Write the rows of a view to a file, and return it open for reading.

    The file has no name any more: its space is free once it is closed, whatever becomes of the process. Until
    then it is a .part file beside the table, which the janitor knows.

    Raises
    ------
    BusyError
        When two other files are being written, or one for the same user.
    EngineError
        When the format or a column is unknown, a value does not fit, or it takes longer than a minute.
    """
    path = table_path(version)
    target = path.with_name(f"download-{new_key()}.part")
    with _turns.taken(version.dataset.owner_id):
        check_table(version)
        try:
            write(
                path,
                version.profile,
                target,
                format=format,
                filters=filters,
                sorts=sorts,
                search=search,
                columns=columns,
                timeout_s=_WRITE_S,
                memory_mb=settings.query_memory_mb,
            )
            return target.open("rb")
        except FileNotFoundError as error:
            raise EngineError("The dataset was deleted while its rows were written.") from error
        finally:
            target.unlink(missing_ok=True)


def file_name(version: Version, format: str) -> str:
    """Name of a file with rows of a version; no two versions or formats have the same."""
    use = " for spreadsheets" if format == "safe" else ""
    name = version.dataset.name.translate(_NO_FILE)
    return f"{name} version {version.number}{use}.{FORMATS.get(format, 'csv')}"


def page_csv(found: Rows, *, safe: bool) -> str:
    """The rows of one page as CSV, or separated by tabs and made safe for spreadsheets; for the clipboard."""
    if found.page is None:
        return ""
    delimiter = "\t" if safe else ","
    lines = csv_rows(found.page.columns, found.page.rows, safe_for_spreadsheets=safe, delimiter=delimiter)
    return "".join(lines)


def code(
    *,
    version: Version,
    filters: Sequence[Filter],
    sorts: Sequence[Sort],
    search: str,
    columns: Sequence[str],
    number: int,
    per: int,
) -> str:
    """The lines of pandas that give one page of a view from the downloaded Parquet file."""
    whole = tuple(column.name for column in version.profile.columns)
    return pandas_lines(
        version.profile,
        file_name=file_name(version, "parquet"),
        filters=filters,
        sorts=sorts,
        search=search,
        columns=() if tuple(columns) == whole else columns,
        offset=(number - 1) * per,
        limit=per,
    )


def families() -> dict[str, dict[str, str]]:
    """The operators by what a column is compared as, for the form that adapts to the chosen column."""
    return {family: OPERATORS[family] for family in ("number", "date", "boolean", "text")}


def truths(version: Version) -> list[str]:
    """How files write the values of columns whose true and false have words of the owner."""
    pairs = dict.fromkeys(column.labels for column in version.profile.columns if len(column.labels) == 2)
    return [f"true and false for {yes} and {no}" for no, yes in list(pairs)[:_PAIRS_NAMED]]


def family(column: Column) -> str:
    """What a column is compared as: number, date, boolean or text."""
    return family_of(column)


def operator_label(version: Version, one: Filter) -> str:
    """An operator in the words for its column; what is none of it is shown as it was asked for."""
    try:
        return operators_of(version.profile.column(one.column)).get(one.operator, one.operator)
    except KeyError:
        return one.operator


def value_label(version: Version, one: Filter) -> str | None:
    """What a filter compares with, as people write it; None where there is nothing."""
    if one.value is None:
        return None
    text = str(one.value)
    try:
        column = version.profile.column(one.column)
    except KeyError:
        return text
    if column.labels:  # true and false in the owner's words
        return dict(zip(("false", "true"), column.labels, strict=True)).get(text, text)
    if family_of(column) not in ("number", "date"):
        return text
    ends = text.split("..") if one.operator == "between" else [text]
    return " and ".join(_end_label(column, end.strip()) for end in ends)


def _end_label(column: Column, text: str) -> str:
    """A number without the digits that only its storage has, a moment without a fraction that is nothing."""
    if family_of(column) == "date":
        return text.removesuffix(".000000")
    if not _DECIMAL.fullmatch(text):
        return text
    value = float(text)
    return f"{value:.12g}" if is_year(column.name, value) else f"{value:,.12g}"


def facts(version: Version, found: Rows) -> dict[str, Any]:
    """What the page of rows says, but for the values of the cells."""
    facts: dict[str, Any] = {"id": version.dataset_id, "version": version.number, "n_rows": version.n_rows}
    if found.page is None:
        return {**facts, "error": found.error}
    return {
        **facts,
        "n_matching": found.page.n_matching,
        "page": found.number,
        "n_pages": found.n_pages,
        "columns": found.page.columns,
        "row_numbers": found.page.row_numbers,
    }
