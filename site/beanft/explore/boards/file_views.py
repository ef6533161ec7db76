"""The board as one file: HTML that asks nothing of any server, and runs nothing."""

from collections.abc import Sequence
from functools import partial

from flask import Response, abort, render_template, request

from beanft import file_names, pages
from beanft.access import accepts_body, only_reads
from beanft.explore import row_services
from beanft.explore.blueprint import bp
from beanft.explore.boards import file, services
from beanft.explore.boards.forms import BoardAddress
from beanft.explore.boards.pictures import PICTURE_MOST
from beanft.explore.boards.tiles import filters_error, lay_out
from beanft.explore.services import find_version
from beanft.models import Board, Dataset, Version
from beanft.models.types import now

_BODY_MOST = 8 << 20  # board.js sends less
_PICTURE = "picture-"


@bp.post("/datasets/<dataset>/board/file")
@accepts_body(_BODY_MOST)
@only_reads  # up to 24 charts are drawn, which nobody's writing should wait for
def board_file(dataset: Dataset) -> Response:
    """The board with all its charts, their words and numbers, and the pictures that the browser made."""
    version = find_version(dataset, request.form.get("version", None, type=int)) or abort(404)
    address = BoardAddress.of_board(request.form, version)
    error = filters_error(version, address.filters)
    if error:
        abort(422, error)
    board = services.find_board(dataset_id=dataset.id)
    tiles = lay_out(version, services.list_tiles(dataset_id=dataset.id), address.filters)
    try:
        page = file.fit(
            file.draw_entries(version, tiles, _pictures()), partial(_render, board, version, address)
        )
    except services.RefusedError as refused:
        abort(422, str(refused))
    name = file_names.file_name(f"{dataset.name} board version {version.number}.html")
    return pages.page_as_file(page, name)


def _render(
    board: Board, version: Version, address: BoardAddress, entries: Sequence[file.Entry], n_rows: int
) -> str:
    return render_template(
        "explore/board_file.html",
        dataset=version.dataset,
        version=version,
        board=board,
        filters=address.filters,
        entries=entries,
        rows_shown=n_rows,
        made_at=now(),
        style=pages.file_style("board-file.css"),
        theme="dark" if request.form.get("theme") == "dark" else "light",
        operator_label=row_services.operator_label,
        value_label=row_services.value_label,
    )


def _pictures() -> dict[int, str]:
    """The SVG texts that the browser sent, by the number of their chart."""
    found: dict[int, str] = {}
    for name, sent in request.files.items():
        number = name.removeprefix(_PICTURE)
        if name.startswith(_PICTURE) and number.isascii() and number.isdigit() and len(number) < 19:
            found[int(number)] = sent.read(PICTURE_MOST + 1).decode("utf-8", "replace")
    return found
