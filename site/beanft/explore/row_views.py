"""The rows of a version in pages, and as files."""

import os
from typing import Any

from flask import Response, abort, redirect, request, send_file, url_for

from beanft import pages
from beanft.engine.tables.queries.conditions import NEEDLESS
from beanft.explore import row_services, services
from beanft.explore.blueprint import bp
from beanft.explore.row_address import PER_CHOICES, RowsAddress
from beanft.explore.row_columns import COLUMNS_LISTED, COLUMNS_SHOWN, PINS_MOST
from beanft.explore.row_marks import HEAT_STEPS, MARKS, marker
from beanft.explore.shown import shown_version
from beanft.models import Dataset, Version

_TYPES = {"csv": "text/csv", "safe": "text/csv", "parquet": "application/vnd.apache.parquet"}


@bp.get("/datasets/<dataset>/rows")
def rows(dataset: Dataset) -> Any:
    """The rows in pages; what is shown, and how, stands in the address."""
    version = shown_version(dataset)
    if version is None:
        return redirect(url_for("explore.show", dataset=dataset.id))
    address = RowsAddress.read(request.args, [column.name for column in version.profile.columns])
    found = _find(version, address)
    return pages.page(
        "explore/_rows.html" if pages.is_fragment() else "explore/rows.html",
        _facts(version, found),
        status=422 if found.error else 200,
        dataset=dataset,
        version=version,
        address=address,
        found=found,
        **_context(version, address, found),
    )


@bp.get("/datasets/<dataset>/rows/download")
def download(dataset: Dataset) -> Any:
    """The rows of a view as a file: CSV, CSV safe for spreadsheets, or Parquet."""
    version = shown_version(dataset) or abort(404)
    names = [column.name for column in version.profile.columns]
    address, format = RowsAddress.read(request.args, names), request.args.get("format", "csv")
    columns = address.all_columns(names)
    file = row_services.write_rows(
        version=version,
        format=format,
        filters=address.filters,
        sorts=address.sorts,
        search=address.search,
        columns=() if list(columns) == names else columns,
    )
    name = row_services.file_name(version, format)
    response = send_file(file, mimetype=_TYPES[format], as_attachment=True, download_name=name)
    response.content_length = os.fstat(file.fileno()).st_size
    return response


@bp.get("/datasets/<dataset>/rows/copy")
def copy(dataset: Dataset) -> Any:
    """The page of rows that is shown as text for the clipboard: CSV, or with tabs for a spreadsheet."""
    version = shown_version(dataset) or abort(404)
    address = RowsAddress.read(request.args, [column.name for column in version.profile.columns])
    found = _find(version, address)
    if found.error:
        abort(422, found.error)
    safe = request.args.get("format") == "safe"
    headers = {"Content-Disposition": 'attachment; filename="rows.txt"'}
    return Response(row_services.page_csv(found, safe=safe), mimetype="text/plain", headers=headers)


def _find(version: Version, address: RowsAddress) -> services.Rows:
    return services.find_rows(
        version=version,
        filters=address.filters,
        sorts=address.sorts,
        search=address.search,
        number=address.page,
        per=address.per,
        columns=address.columns([column.name for column in version.profile.columns]),
    )


def _context(version: Version, address: RowsAddress, found: services.Rows) -> dict[str, Any]:
    """What the templates need besides the rows."""
    every = {column.name: column for column in version.profile.columns}
    shown = address.columns(list(every))
    code = "" if found.error else _code(version, address, found, shown)
    return {
        "columns": [every[name] for name in shown],
        "positions": {name: place for place, name in enumerate(every, 1)},
        "about": every.get(request.args.get("about", "")),
        "families": row_services.families(),
        "needless": NEEDLESS,
        "truths": row_services.truths(version),
        "family": row_services.family,
        "operator_label": row_services.operator_label,
        "value_label": row_services.value_label,
        "marked": marker(address.mark),
        "marks": MARKS,
        "heat_steps": HEAT_STEPS,
        "code": code,
        "parquet_name": row_services.file_name(version, "parquet"),
        "per_choices": PER_CHOICES,
        "columns_shown": COLUMNS_SHOWN,
        "pins_most": PINS_MOST,
        "n_columns": len(every),
        "columns_listed": COLUMNS_LISTED,
        "panel_open": "panel" in request.args,
    }


def _code(version: Version, address: RowsAddress, found: services.Rows, columns: tuple[str, ...]) -> str:
    return row_services.code(
        version=version,
        filters=address.filters,
        sorts=address.sorts,
        search=address.search,
        columns=columns,
        number=found.number,
        per=address.per,
    )


def _facts(version: Version, found: services.Rows) -> dict[str, Any]:
    facts = row_services.facts(version, found)
    if found.page is None:
        return facts
    return {**facts, "rows": [[pages.json_value(value) for value in row] for row in found.page.rows]}
