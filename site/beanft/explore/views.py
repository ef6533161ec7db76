"""The page of a dataset and the pages of its rows."""

from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for

from beanft import pages
from beanft.explore import services
from beanft.explore.blueprint import bp
from beanft.explore.forms import PER_CHOICES, RowsAddress, all_operators
from beanft.models import Dataset, Version

_LOOK_ROWS = 10


@bp.get("/datasets/<dataset>")
def show(dataset: Dataset) -> Response:
    """What a dataset is: its state, figures, columns and first rows."""
    if pages.is_fragment():
        return _progress(dataset)
    version = dataset.current
    context: dict[str, Any] = {"dataset": dataset, "latest": dataset.latest, "version": version}
    if version:
        context["look"] = services.find_rows(version=version, per=_LOOK_ROWS)
        context["kinds"] = services.count_kinds(version)
        context["share_missing"] = services.share_missing(version)
        context["how_read"] = services.how_read(version.profile)
    return pages.page("explore/show.html", services.facts(dataset), **context)


def _progress(dataset: Dataset) -> Response:
    """How far the reading is; at its end the browser loads the page anew."""
    job = dataset.latest.job
    if job and job.unfinished:
        return make_response(render_template("explore/_ingest.html", dataset=dataset, job=job))
    return Response(status=200, headers={"HX-Refresh": "true"})


@bp.get("/datasets/<dataset>/rows")
def rows(dataset: Dataset) -> Any:
    """The rows in pages; sort, filters and page stand in the address."""
    version = dataset.current
    if version is None:
        return redirect(url_for("explore.show", dataset=dataset.id))
    names = [column.name for column in version.profile.columns]
    address = RowsAddress.read(request.args, names)
    found = services.find_rows(
        version=version,
        filters=address.filters,
        sorts=address.sorts,
        number=address.page,
        per=address.per,
        first_column=address.first_column,
    )
    return pages.page(
        "explore/_rows.html" if pages.is_fragment() else "explore/rows.html",
        _row_facts(dataset, version, found),
        status=422 if found.error else 200,
        dataset=dataset,
        version=version,
        address=address,
        found=found,
        operators=all_operators(),
        per_choices=PER_CHOICES,
        columns_shown=services.COLUMNS_SHOWN,
        columns=services.shown_columns(version, address.first_column),
        n_columns=len(names),
    )


def _row_facts(dataset: Dataset, version: Version, found: services.Rows) -> dict[str, Any]:
    facts: dict[str, Any] = {"id": dataset.id, "version": version.number, "n_rows": version.n_rows}
    if found.page is None:
        return {**facts, "error": found.error}
    return {
        **facts,
        "n_matching": found.page.n_matching,
        "page": found.number,
        "n_pages": found.n_pages,
        "columns": found.page.columns,
        "row_numbers": found.page.row_numbers,
        "rows": [[services.plain(value) for value in row] for row in found.page.rows],
    }
