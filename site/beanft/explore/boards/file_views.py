"""The board as one file: HTML that asks nothing of any server, and runs nothing."""

from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from flask import Response, abort, current_app, make_response, render_template, request
from markupsafe import Markup

from beanft import file_names
from beanft.access import accepts_body
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
    return _download(page, f"{dataset.name} board version {version.number}.html")


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
        style=_style(current_app.static_folder or ""),
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


@cache
def _style(folder: str) -> Markup:
    """Our own style sheet, for a file that may not ask for one."""
    text = (Path(folder) / "css" / "board-file.css").read_text(encoding="utf-8")
    return Markup("<style>" + text + "</style>")  # noqa: S704  # our own file


def _download(page: bytes, name: str) -> Response:
    """Hand out the file; opened from here it still could not run anything."""
    response: Any = make_response(page)
    response.mimetype = "text/html"
    response.headers.set("Content-Disposition", "attachment", filename=file_names.file_name(name))
    response.headers["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    )
    return response  # type: ignore[no-any-return]  # make_response knows no type for its answer
