"""The charts of a dataset: the builder, the figure a picture is drawn from, the drawn numbers as CSV."""

from typing import Any

from flask import Response, jsonify, redirect, request, url_for

from beanft import pages
from beanft.engine.charts.catalogue import KINDS
from beanft.engine.charts.chart import Chart, measured_part
from beanft.engine.charts.suggest import MOST
from beanft.engine.tables.queries.conditions import NEEDLESS
from beanft.explore import chart_services, row_services
from beanft.explore.blueprint import bp
from beanft.explore.chart_forms import chart_args, column_groups, describes, parts_of
from beanft.explore.chart_page import ChartPage
from beanft.explore.chart_services import DrawnChart
from beanft.explore.row_columns import COLUMNS_LISTED
from beanft.explore.shown import shown_version, version_args
from beanft.models import Dataset, Version


@bp.get("/datasets/<dataset>/charts")
def charts(dataset: Dataset) -> Any:
    """One chart: its form, its picture, what must be known of it, and its numbers; at first, suggestions."""
    version = shown_version(dataset)
    if version is None:
        return redirect(url_for("explore.show", dataset=dataset.id))
    page = ChartPage.read(request.args, dataset, version)
    return pages.page(
        "explore/_charts.html" if pages.is_fragment() else "explore/charts.html",
        chart_services.facts(version, page.drawn),
        status=422 if page.drawn.error else 200,
        dataset=dataset,
        version=version,
        page=page,
        **_context(page),
    )


@bp.get("/datasets/<dataset>/charts/figure")
def figure(dataset: Dataset) -> Any:
    """The ECharts option of a chart, for chart.js."""
    version = shown_version(dataset)
    drawn = ChartPage.read(request.args, dataset, version).drawn if version else _NOT_READ
    if drawn.drawing is None:
        return jsonify(error=drawn.error), 422
    return jsonify(chart_services.figure(drawn.drawing))


@bp.get("/datasets/<dataset>/charts/numbers")
def numbers(dataset: Dataset) -> Any:
    """The drawn numbers as a CSV file."""
    version = shown_version(dataset)
    drawn = ChartPage.read(request.args, dataset, version).drawn if version else _NOT_READ
    if drawn.drawing is None:
        address = url_for("explore.charts", dataset=dataset.id)
        return redirect(f"{address}?{request.query_string.decode('latin-1')}")
    headers = {"Content-Disposition": 'attachment; filename="chart.csv"'}
    return Response(chart_services.write_numbers(drawn.drawing), mimetype="text/csv", headers=headers)


_LISTED = 100  # columns; of more, names are typed with suggestions, which keeps pages small
_NOT_READ = DrawnChart(drawing=None, error="The table is not read yet.")


def _context(page: ChartPage) -> dict[str, Any]:
    """What the templates need besides the chart."""
    columns, kind = page.version.profile.columns, KINDS[page.form.shown_kind]
    opened = not describes(request.args)
    target = request.args.get("target", "")
    return {
        "drawn": page.drawn,
        "drawing": page.drawn.drawing,
        "form": page.form,
        "address": page.address,
        "args": page.args(),
        "kinds": KINDS,
        "kind": kind,
        "parts": parts_of(kind),
        "measured": measured_part(Chart(kind=page.form.shown_kind)),
        "needs_by_takes": {need.takes: need for _, need in parts_of(kind)},
        "groups": lambda need: column_groups(columns, need),
        "suggestions": chart_services.suggestions(page.version, target) if opened else (),
        "suggestions_most": MOST,
        "target": target,
        "opened": opened,
        "chart_args": chart_args,
        "rows_shown": chart_services.ROWS_ANSWERED if "table" in request.args else chart_services.ROWS_SHOWN,
        "rows_most": chart_services.ROWS_ANSWERED,
        "parquet_name": row_services.file_name(page.version, "parquet"),
        "version_args": version_args(page.dataset, page.version),
        **_filter_context(page.version),
    }


def _filter_context(version: Version) -> dict[str, Any]:
    """What the form that adds a filter needs."""
    return {
        "families": row_services.families(),
        "needless": NEEDLESS,
        "family": row_services.family,
        "operator_label": row_services.operator_label,
        "value_label": row_services.value_label,
        "n_columns": len(version.profile.columns),
        "columns_listed": _LISTED,
        "columns_suggested": COLUMNS_LISTED,
        "about": None,
    }
