"""The saved charts of a dataset: kept from the builder, listed, renamed, deleted."""

from typing import Any

from flask import Response, abort, flash, redirect, request, url_for

from beanft import pages
from beanft.explore.blueprint import bp
from beanft.explore.boards import services
from beanft.explore.boards.forms import SavedChartForm
from beanft.explore.boards.places import TilePlaces, saved_or_404
from beanft.explore.boards.tiles import lay_out
from beanft.explore.chart_forms import ChartForm, chart_args
from beanft.explore.row_address import RowsAddress
from beanft.explore.services import find_version
from beanft.explore.shown import shown_version, version_args
from beanft.models import Dataset, Version


@bp.get("/datasets/<dataset>/charts/saved")
def saved_charts(dataset: Dataset) -> Any:
    """All saved charts of a dataset, the newest first."""
    version = shown_version(dataset)
    if version is None:
        return redirect(url_for("explore.show", dataset=dataset.id))
    tiles = lay_out(version, services.list_charts(dataset_id=dataset.id))
    places = [TilePlaces(dataset, version, tile) for tile in tiles]
    facts = {"id": dataset.id, "version": version.number, "charts": [one.facts() for one in places]}
    return pages.page(
        "explore/saved_charts.html",
        facts,
        dataset=dataset,
        version=version,
        places=places,
        most=services.CHARTS_MOST,
    )


@bp.post("/datasets/<dataset>/charts/saved")
def save_chart(dataset: Dataset) -> Any:
    """Keep the chart that is looked at under a name."""
    read = RowsAddress.read(request.form, ())
    version = find_version(dataset, read.version) or abort(404)
    form, chart_form = SavedChartForm(), ChartForm.read(request.form, version.profile, None)
    address = RowsAddress.read(request.form, [column.name for column in version.profile.columns])
    is_chart = chart_form.validate()
    if not is_chart:
        form.form_errors.append(chart_form.first_error())
    args = {
        **(chart_args(chart_form.chart()) if is_chart else {}),
        **RowsAddress(filters=address.filters).args(),
        **version_args(dataset, version),
    }
    if form.validate() and is_chart and _save(version, form, chart_form, address):
        return redirect(url_for("explore.charts", dataset=dataset.id, **args))
    return _asked_again(dataset, form, args)


def _save(version: Version, form: SavedChartForm, chart_form: ChartForm, address: RowsAddress) -> bool:
    """Keep the chart and say where it is; where that is refused, the form says why."""
    try:
        saved = services.save_chart(
            version=version,
            name=form.name.data or "",
            note=form.note.data or "",
            chart=chart_form.chart(),
            filters=address.filters,
        )
    except services.RefusedError as error:
        form.name.errors = [str(error)]
        return False
    where = "and stands on the board" if saved.place is not None else "but the board is full"
    flash(f"“{saved.name}” is saved {where}.", "ok")
    return True


def _asked_again(dataset: Dataset, form: SavedChartForm, args: dict[str, Any]) -> Response:
    errors = [str(error) for errors in form.errors.values() for error in errors]
    return pages.page(
        "explore/saved_chart.html",
        {"id": dataset.id, "errors": errors},
        status=422,
        dataset=dataset,
        form=form,
        saved=None,
        action=url_for("explore.save_chart", dataset=dataset.id),
        back=url_for("explore.charts", dataset=dataset.id, **args),
        hidden=[(k, v) for k, vs in args.items() for v in (vs if isinstance(vs, list) else [vs])],
    )


@bp.route("/datasets/<dataset>/charts/saved/<int:number>", methods=["GET", "POST"])
def saved_chart(dataset: Dataset, number: int) -> Any:
    """Name and note of a saved chart, to change."""
    saved = saved_or_404(dataset, number)
    form = SavedChartForm(name=saved.name, note=saved.note)
    if form.validate_on_submit():
        try:
            services.change_chart(saved=saved, name=form.name.data or "", note=form.note.data or "")
            return redirect(url_for("explore.saved_charts", dataset=dataset.id))
        except services.RefusedError as error:
            form.name.errors = [str(error)]
    errors = [str(error) for errors in form.errors.values() for error in errors]
    return pages.page(
        "explore/saved_chart.html",
        {"id": saved.id, "name": saved.name, "note": saved.note, "errors": errors},
        status=422 if errors else 200,
        dataset=dataset,
        form=form,
        saved=saved,
        action=url_for("explore.saved_chart", dataset=dataset.id, number=number),
        back=url_for("explore.saved_charts", dataset=dataset.id),
        hidden=[],
    )


@bp.route("/datasets/<dataset>/charts/saved/<int:number>/delete", methods=["GET", "POST"])
def delete_saved_chart(dataset: Dataset, number: int) -> Any:
    """Delete a saved chart, after it was asked whether that is meant."""
    saved = saved_or_404(dataset, number)
    name = saved.name
    if request.method == "POST":
        services.delete_chart(saved=saved)
        flash(f"The saved chart “{name}” is deleted.", "ok")
        return redirect(url_for("explore.saved_charts", dataset=dataset.id))
    facts = {"id": saved.id, "name": name}
    return pages.page("explore/delete_saved_chart.html", facts, dataset=dataset, saved=saved)
