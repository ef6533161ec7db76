"""The page of a summary, and its table as a file."""

from typing import Any

from flask import Response, abort, redirect, request, url_for

from beanft import pages
from beanft.engine.charts.catalogue import BUCKETS
from beanft.engine.charts.chart import is_date
from beanft.engine.summaries.summary import MEASURES, MOST_BY, MOST_MEASURES
from beanft.engine.tables.queries.conditions import NEEDLESS
from beanft.explore import row_services
from beanft.explore.blueprint import bp
from beanft.explore.row_columns import COLUMNS_LISTED
from beanft.explore.shown import shown_version, version_args
from beanft.explore.summaries import services
from beanft.explore.summaries.address import SummaryAddress
from beanft.models import Dataset, Version
from beanft.storage import new_key

_LISTED = 100  # columns; of more, names are typed with suggestions, which keeps pages small


@bp.get("/datasets/<dataset>/summary")
def summary(dataset: Dataset) -> Any:
    """Groups of rows with their figures; what is asked stands in the address."""
    version = shown_version(dataset)
    if version is None:
        return redirect(url_for("explore.show", dataset=dataset.id))
    address = SummaryAddress.read(request.args, version.profile)
    answer = _find(version, address)
    response = pages.page(
        "explore/_summary.html" if pages.is_fragment() else "explore/summary.html",
        services.facts(version, answer),
        status=422 if answer.error else 200,
        **_context(dataset, version, address, answer),
    )
    if pages.is_fragment():
        args = address.args(page=answer.page)
        response.headers["HX-Push-Url"] = url_for("explore.summary", dataset=dataset.id, **args)
    return response


@bp.get("/datasets/<dataset>/summary/download")
def summary_file(dataset: Dataset) -> Any:
    """All groups of a summary as CSV; with `format=safe` made safe for spreadsheets."""
    version = shown_version(dataset) or abort(404)
    answer = _find(version, SummaryAddress.read(request.args, version.profile))
    if answer.found is None:
        abort(422, answer.error or "This table has no column that puts its rows together.")
    lines = services.write_csv(answer.found, safe=request.args.get("format") == "safe")
    headers = {"Content-Disposition": 'attachment; filename="summary.csv"'}
    return Response("".join(lines), mimetype="text/csv", headers=headers)


def _find(version: Version, address: SummaryAddress) -> services.Answer:
    if not address.is_open:
        return services.Answer()
    return services.find_summary(
        version=version, summary=address.summary, filters=address.filters, number=address.page
    )


def _context(
    dataset: Dataset, version: Version, address: SummaryAddress, answer: services.Answer
) -> dict[str, Any]:
    """What the templates need."""
    columns = version.profile.columns
    return {
        "dataset": dataset,
        "version": version,
        "version_args": version_args(dataset, version),
        "address": address,
        "answer": answer,
        "services": services,
        "code": services.code(version, answer.found, address.filters) if answer.found else "",
        "parquet_name": row_services.file_name(version, "parquet"),
        "measures": MEASURES,
        "buckets": BUCKETS if any(is_date(column) for column in columns) else {},
        "most_by": MOST_BY,
        "most_measures": MOST_MEASURES,
        "form_key": new_key(),
        "n_columns": len(columns),
        "columns_listed": _LISTED,
        "columns_suggested": COLUMNS_LISTED,
        "families": row_services.families(),
        "needless": NEEDLESS,
        "family": row_services.family,
        "operator_label": row_services.operator_label,
        "value_label": row_services.value_label,
        "about": None,
    }
