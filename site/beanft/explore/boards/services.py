"""Saved charts and boards: keep, rename, arrange, delete."""

import unicodedata
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from beanft import file_names
from beanft.engine.charts.chart import Chart
from beanft.engine.charts.rules import check
from beanft.engine.errors import EngineError
from beanft.engine.tables.queries.conditions import Filter, asked
from beanft.explore.boards.kept import to_json
from beanft.extensions import db
from beanft.models import Board, Dataset, SavedChart, Version

CHARTS_MOST = 100
"""Saved charts of one dataset."""

TILES_MOST = 24
"""Charts on a board; more than that nobody overlooks, and a file of them would be too large."""

_NUMBER_MOST = (1 << 63) - 1  # what a database can hold

NAME_MOST = 120
NOTE_MOST = 2000

WIDTHS: Mapping[str, str] = {
    "third": "One third",
    "half": "Half",
    "two-thirds": "Two thirds",
    "full": "Full",
}
"""How wide a chart stands on the board."""

HEIGHTS: Mapping[str, str] = {"small": "Small", "usual": "Usual", "tall": "Tall"}
"""How high it stands."""


class RefusedError(Exception):
    """Something cannot be done; the message is the sentence for the user."""


def list_charts(*, dataset_id: int) -> list[SavedChart]:
    """All saved charts of a dataset, the newest first."""
    query = select(SavedChart).where(SavedChart.dataset_id == dataset_id)
    return list(db.session.scalars(query.order_by(SavedChart.id.desc())))


def list_tiles(*, dataset_id: int) -> list[SavedChart]:
    """The saved charts that stand on the board, in their order."""
    query = select(SavedChart).where(SavedChart.dataset_id == dataset_id, SavedChart.place.is_not(None))
    return list(db.session.scalars(query.order_by(SavedChart.place, SavedChart.id)))


def find_chart(*, dataset_id: int, number: int) -> SavedChart | None:
    """The saved chart of that number, if it is one of this dataset."""
    if number > _NUMBER_MOST:
        return None
    query = select(SavedChart).where(SavedChart.dataset_id == dataset_id, SavedChart.id == number)
    return db.session.scalar(query)


def find_board(*, dataset_id: int) -> Board:
    """What stands above the charts; a board that nobody described is plain."""
    found = db.session.scalar(select(Board).where(Board.dataset_id == dataset_id))
    return found or Board(dataset_id=dataset_id, title="", note="")


def save_chart(
    *, version: Version, name: str, note: str, chart: Chart, filters: Sequence[Filter] = ()
) -> SavedChart:
    """Keep a chart of a version under a name; it goes to the end of the board while that has room.

    The same chart sent twice with the same name and note is kept once.

    Raises
    ------
    RefusedError
        When the chart cannot be drawn from the version, the name is taken, or there are too many.
    """
    name, note = _checked_name(name), _checked_note(note)
    try:
        check(chart, version.profile)
        asked(version.profile, filters)
    except EngineError as error:
        raise RefusedError(str(error)) from error
    dataset_id, chart_json = version.dataset_id, to_json(chart, filters)
    _lock(dataset_id)
    twin = _find_named(dataset_id, name)
    if twin and (twin.note, twin.chart_json) == (note, chart_json):
        return twin  # the form was sent twice
    if _count(dataset_id) >= CHARTS_MOST:
        raise RefusedError(
            f"This dataset has {CHARTS_MOST} saved charts, which is the most. Delete one that is not needed."
        )
    saved = SavedChart(dataset_id=dataset_id, note=note, kind=chart.kind, chart_json=chart_json)
    saved.place = _free_place(dataset_id)
    _name(saved, name)
    db.session.commit()
    return saved


def change_chart(*, saved: SavedChart, name: str, note: str) -> None:
    """Give a saved chart another name and note.

    Raises
    ------
    RefusedError
        When the name is taken, or one of them is too long.
    """
    name, saved.note = _checked_name(name), _checked_note(note)
    _name(saved, name)
    db.session.commit()


def delete_chart(*, saved: SavedChart) -> None:
    """Delete a saved chart; what it was drawn from stays as it is."""
    db.session.delete(saved)
    db.session.commit()


def put_on_board(*, saved: SavedChart) -> None:
    """Put a chart at the end of the board; one that stands there stays where it is.

    Raises
    ------
    RefusedError
        When the board is full.
    """
    _lock(saved.dataset_id)
    if saved.place is None:
        saved.place = _free_place(saved.dataset_id)
        if saved.place is None:
            raise RefusedError(f"The board holds at most {TILES_MOST} charts. Take one off first.")
    db.session.commit()


def take_off_board(*, saved: SavedChart) -> None:
    """Take a chart off the board; it stays saved."""
    saved.place = None
    db.session.commit()


def move(*, saved: SavedChart, steps: int = 0, to: int | None = None) -> None:
    """Move a chart on the board some steps earlier or later, or to a rank from 0; never beyond the ends."""
    _lock(saved.dataset_id)
    tiles = list_tiles(dataset_id=saved.dataset_id)
    if saved in tiles:
        wanted = tiles.index(saved) + steps if to is None else to
        tiles.remove(saved)
        tiles.insert(min(max(0, wanted), len(tiles)), saved)
    for place, tile in enumerate(tiles):
        tile.place = place
    db.session.commit()


def resize(*, saved: SavedChart, width: str, height: str) -> None:
    """Give a chart on the board another width and height.

    Raises
    ------
    RefusedError
        When there is no such width or height.
    """
    if width not in WIDTHS or height not in HEIGHTS:
        raise RefusedError("There is no such size. Choose one of the lists.")
    saved.width, saved.height = width, height
    db.session.commit()


def describe_board(*, dataset_id: int, title: str, note: str) -> None:
    """Set the title of a board and the text above its charts.

    Raises
    ------
    RefusedError
        When one of them is too long.
    """
    title, note = file_names.tidy(title), _checked_note(note)
    if len(title) > NAME_MOST:
        raise RefusedError(f"A title has at most {NAME_MOST} characters; this one has {len(title)}.")
    _lock(dataset_id)
    board = find_board(dataset_id=dataset_id)
    board.title, board.note = title, note
    db.session.add(board)
    db.session.commit()


def _checked_name(name: str) -> str:
    name = file_names.tidy(name)
    if not name:
        raise RefusedError("Give the chart a name.")
    if len(name) > NAME_MOST:
        raise RefusedError(f"A name has at most {NAME_MOST} characters; this one has {len(name)}.")
    return name


def _checked_note(note: str) -> str:
    """A note in its lines, without signs that no database or page takes."""
    text = note.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").strip()
    if len(text) > NOTE_MOST:
        raise RefusedError(f"A note has at most {NOTE_MOST:,} characters; this one has {len(text):,}.")
    return "".join(sign for sign in text if sign == "\n" or unicodedata.category(sign) != "Cc")


def _name(saved: SavedChart, name: str) -> None:
    """Give a chart a name that no other saved chart of its dataset has."""
    with db.session.no_autoflush:
        found = _find_named(saved.dataset_id, name)
    try:
        if found is not None and found is not saved:
            raise RefusedError(_taken(name))
        with db.session.begin_nested():
            saved.name = name
            db.session.add(saved)
    except IntegrityError as error:  # the other request of the two was a moment quicker
        raise RefusedError(_taken(name)) from error


def _find_named(dataset_id: int, name: str) -> SavedChart | None:
    query = select(SavedChart).where(SavedChart.dataset_id == dataset_id, SavedChart.name == name)
    return db.session.scalar(query)


def _taken(name: str) -> str:
    return f"This dataset has a saved chart “{name}” already. Choose another name."


def _count(dataset_id: int) -> int:
    query = select(func.count()).where(SavedChart.dataset_id == dataset_id)
    return db.session.scalar(query) or 0


def _free_place(dataset_id: int) -> int | None:
    """The place after the last one of a board; None where it is full."""
    tiles = list_tiles(dataset_id=dataset_id)
    if len(tiles) >= TILES_MOST:
        return None
    return max((tile.place or 0 for tile in tiles), default=-1) + 1


def _lock(dataset_id: int) -> None:
    """Let two requests change the charts of a dataset one after the other."""
    db.session.scalars(select(Dataset.id).where(Dataset.id == dataset_id).with_for_update()).all()
