"""The chart page of a dataset, the figure its picture is drawn from, and the drawn numbers as CSV."""

from typing import Any

from flask import Response, jsonify, redirect, request, url_for

from beanft import pages
from beanft.engine.charts.chart import default_chart, time_column
from beanft.engine.charts.figure import to_figure
from beanft.explore import chart_services
from beanft.explore.blueprint import bp
from beanft.explore.chart_forms import ChartForm, chart_args
from beanft.explore.chart_services import DrawnChart
from beanft.explore.forms import RowsAddress, all_operators
from beanft.models import Dataset, Version


@bp.get("/datasets/<dataset>/charts")
def charts(dataset: Dataset) -> Any:
    """One chart: its form, its picture, what must be known of it, and its numbers."""
    version = dataset.current
    if version is None:
        return redirect(url_for("explore.show", dataset=dataset.id))
    form, address, drawn = _draw(version)
    return pages.page(
        "explore/charts.html",
        chart_services.facts(version, drawn),
        status=422 if drawn.error else 200,
        dataset=dataset,
        version=version,
        form=form,
        drawn=drawn,
        address=address,
        operators=all_operators(),
        args={**chart_args(form.chart()), **address.args(sorts=())},
        clear_args=chart_args(form.chart()),
        rows_shown=chart_services.ROWS_SHOWN,
    )


@bp.get("/datasets/<dataset>/charts/figure")
def figure(dataset: Dataset) -> Any:
    """The ECharts option of a chart, for chart.js."""
    version = dataset.current
    drawn = _draw(version)[2] if version else DrawnChart(drawing=None, error="The table is not read yet.")
    if drawn.drawing is None:
        return jsonify(error=drawn.error), 422
    return jsonify(to_figure(drawn.drawing))


@bp.get("/datasets/<dataset>/charts/numbers")
def numbers(dataset: Dataset) -> Any:
    """The drawn numbers as a CSV file."""
    version = dataset.current
    drawn = _draw(version)[2] if version else DrawnChart(drawing=None)
    if drawn.drawing is None:
        address: dict[str, Any] = request.args.to_dict(flat=False)
        return redirect(url_for("explore.charts", dataset=dataset.id, **address))
    headers = {"Content-Disposition": 'attachment; filename="chart.csv"'}
    return Response(chart_services.write_numbers(drawn.drawing), mimetype="text/csv", headers=headers)


def _draw(version: Version) -> tuple[ChartForm, RowsAddress, DrawnChart]:
    """Read the address and draw what it describes."""
    time = time_column(version.profile)
    form = ChartForm.read(request.args, default_chart(version.profile), time.name if time else "")
    address = RowsAddress.read(request.args, ())
    if not form.validate():
        return form, address, DrawnChart(drawing=None, error=form.first_error())
    return (
        form,
        address,
        chart_services.draw_chart(version=version, chart=form.chart(), filters=address.filters),
    )
