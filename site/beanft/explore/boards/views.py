"""The board of a dataset: its saved charts beside each other, arranged, filtered, and as one file."""

from typing import Any

from flask import abort, flash, redirect, request, url_for

from beanft import pages
from beanft.engine.tables.queries.conditions import NEEDLESS, Filter
from beanft.explore import chart_services, row_services
from beanft.explore.blueprint import bp
from beanft.explore.boards import services
from beanft.explore.boards.forms import BoardAddress, BoardForm
from beanft.explore.boards.places import TilePlaces, saved_or_404
from beanft.explore.boards.tiles import Tile, filters_error, lay_out
from beanft.explore.row_columns import COLUMNS_LISTED
from beanft.explore.services import find_version
from beanft.explore.shown import shown_version
from beanft.models import Dataset, SavedChart, Version

_TILE_ROWS = 100  # of the table in a tile; the CSV holds them all


@bp.get("/datasets/<dataset>/board")
def board(dataset: Dataset) -> Any:
    """The saved charts of a dataset beside each other, drawn from its newest version or an older one."""
    version = shown_version(dataset)
    if version is None:
        return redirect(url_for("explore.show", dataset=dataset.id))
    return _page(dataset, version, BoardAddress.of_board(request.args, version))


@bp.post("/datasets/<dataset>/board")
def describe_board(dataset: Dataset) -> Any:
    """Set the title of the board and the text above its charts."""
    version, address, form = *_posted(dataset), BoardForm()
    try:
        if form.validate():
            title, note = form.title.data or "", form.note.data or ""
            services.describe_board(dataset_id=dataset.id, title=title, note=note)
            return redirect(_here(dataset, address))
    except services.RefusedError as error:
        form.title.errors = [str(error)]
    return _page(dataset, version, address, form)


def _page(dataset: Dataset, version: Version, address: BoardAddress, form: BoardForm | None = None) -> Any:
    described = services.find_board(dataset_id=dataset.id)
    saved = services.list_tiles(dataset_id=dataset.id)
    error = filters_error(version, address.filters)
    tiles = lay_out(version, saved, () if error else address.filters)
    places = [TilePlaces(dataset, version, tile) for tile in tiles]
    facts = {
        "id": dataset.id,
        "title": described.title,
        "note": described.note,
        "version": version.number,
        "n_versions": dataset.latest.number,
        "n_rows": version.n_rows,
        "filters": [vars(one) for one in address.filters],
        "error": error or (form.errors if form else ""),
        "charts": [one.facts() for one in places],
    }
    return pages.page(
        "explore/board.html",
        facts,
        status=422 if error or form else 200,
        dataset=dataset,
        version=version,
        address=address,
        board=described,
        form=form or BoardForm(title=described.title, note=described.note),
        error=error,
        places=places,
        n_saved=len(saved) or len(services.list_charts(dataset_id=dataset.id)),
        widths=services.WIDTHS,
        heights=services.HEIGHTS,
        versions=[one for one in reversed(dataset.versions) if one.state == "ready"],
        **_filter_context(version),
    )


def _filter_context(version: Version) -> dict[str, Any]:
    """What the form that adds a filter needs."""
    return {
        "families": row_services.families(),
        "needless": NEEDLESS,
        "family": row_services.family,
        "operator_label": row_services.operator_label,
        "value_label": row_services.value_label,
        "n_columns": len(version.profile.columns),
        "columns_listed": COLUMNS_LISTED,
        "about": None,
    }


@bp.get("/datasets/<dataset>/board/charts/<int:number>")
def board_chart(dataset: Dataset, number: int) -> Any:
    """One chart of the board: its picture, what it shows, and its numbers."""
    version = shown_version(dataset) or abort(404)
    address = BoardAddress.of_board(request.args, version)
    tile = lay_out(version, [saved_or_404(dataset, number)], address.filters)[0]
    drawn = draw(version, tile)
    return pages.page(
        "explore/_board_chart.html",
        {**tile.facts(), **chart_services.facts(version, drawn)},
        status=422 if drawn.error else 200,
        tile=tile,
        drawn=drawn,
        place=TilePlaces(dataset, version, tile),
        operators=_labels(version, tile),
        rows_shown=_TILE_ROWS,
    )


@bp.post("/datasets/<dataset>/board/charts/<int:number>")
def arrange_board(dataset: Dataset, number: int) -> Any:
    """Move a chart on the board, give it another size, put it on or take it off."""
    saved = saved_or_404(dataset, number)
    try:
        _arrange(saved, request.form.get("move", ""))
    except services.RefusedError as error:
        if pages.is_fragment():
            abort(422, str(error))
        flash(str(error), "error")
    if pages.is_fragment():
        return "", 204
    if request.form.get("back") == "saved":
        return redirect(url_for("explore.saved_charts", dataset=dataset.id))
    return redirect(f"{_here(dataset, _posted(dataset)[1])}#chart-{number}")


def _arrange(saved: SavedChart, verb: str) -> None:
    """Do what a button of a chart asks for; anything else changes nothing."""
    if verb in ("earlier", "later"):
        services.move(saved=saved, steps=-1 if verb == "earlier" else 1)
    elif verb == "to":
        services.move(saved=saved, to=request.form.get("place", 0, type=int))
    elif verb == "size":
        services.resize(
            saved=saved, width=request.form.get("width", ""), height=request.form.get("height", "")
        )
    elif verb == "on":
        services.put_on_board(saved=saved)
    elif verb == "off":
        services.take_off_board(saved=saved)


def draw(version: Version, tile: Tile) -> chart_services.DrawnChart:
    """Draw a chart of the board, or say why it cannot be drawn."""
    if tile.kept is None or tile.error:
        return chart_services.DrawnChart(drawing=None, error=tile.error)
    return chart_services.draw_chart(version=version, chart=tile.kept.chart, filters=tile.filters)


def _labels(version: Version, tile: Tile) -> list[tuple[Filter, str, str | None]]:
    """The filters of a chart with their operators and values in words."""
    return [
        (one, row_services.operator_label(version, one), row_services.value_label(version, one))
        for one in tile.filters
    ]


def _posted(dataset: Dataset) -> tuple[Version, BoardAddress]:
    """The version and the filters that a form of the board was sent from."""
    number = request.form.get("version", None, type=int)
    version = find_version(dataset, number) or dataset.current or abort(404)
    return version, BoardAddress.of_board(request.form, version)


def _here(dataset: Dataset, address: BoardAddress) -> str:
    return url_for("explore.board", dataset=dataset.id, **address.args())
