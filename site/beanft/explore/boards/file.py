"""A board as one file: what stands in it, and how it is kept below its size."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from beanft.engine.turns import Turns
from beanft.explore.boards.pictures import clean
from beanft.explore.boards.services import RefusedError
from beanft.explore.boards.tiles import Tile
from beanft.explore.chart_services import DrawnChart, draw_chart
from beanft.models import Version

MOST_BYTES = 1_000_000
"""Size of the file, so that it can be sent by mail."""

_ROWS = (200, 50, 10)  # of each table: the first that keeps the file small enough


_NONE = Markup()

# Two dozen drawings and eight megabytes of pictures keep a thread of the web server busy.
_turns = Turns(
    at_once=2,
    waiting=2,
    wait_s=5.0,
    sentence="Other boards are being written. Try again in a few seconds.",
    each=1,
)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One chart of the file."""

    tile: Tile
    drawn: DrawnChart
    picture: Markup = _NONE
    """Its SVG; empty where the browser made none."""
    left_out: bool = False
    """Whether there was a picture that is too large for the file, or cannot be read."""


def draw_entries(version: Version, tiles: Sequence[Tile], pictures: Mapping[int, str]) -> tuple[Entry, ...]:
    """Draw each chart, and take its picture where the browser sent one.

    Raises
    ------
    BusyError
        When the tables answer other questions, or other boards are being drawn.
    """
    with _turns.taken(version.dataset.owner_id):
        return tuple(_entry(version, tile, pictures.get(tile.saved.id)) for tile in tiles)


def _entry(version: Version, tile: Tile, picture: str | None) -> Entry:
    if tile.kept is None or tile.error:
        return Entry(tile=tile, drawn=DrawnChart(drawing=None, error=tile.error))
    drawn = draw_chart(version=version, chart=tile.kept.chart, filters=tile.filters)
    if drawn.drawing is None or picture is None:
        return Entry(tile=tile, drawn=drawn)
    cleaned = clean(picture, f"c{tile.saved.id}")
    return Entry(tile=tile, drawn=drawn, picture=cleaned, left_out=not cleaned)


def fit(
    entries: Sequence[Entry],
    render: Callable[[Sequence[Entry], int], str],
    most_bytes: int = MOST_BYTES,
) -> bytes:
    """Render the file with as much as it may hold: first tables get shorter, then the largest pictures go.

    Raises
    ------
    RefusedError
        When it is too large even without pictures.
    """
    for n_rows in _ROWS:
        page = render(entries, n_rows).encode()
        if len(page) <= most_bytes:
            return page
    left = list(entries)
    while any(entry.picture for entry in left):
        largest = max(range(len(left)), key=lambda place: len(left[place].picture))
        left[largest] = replace(left[largest], picture=_NONE, left_out=True)
        page = render(left, _ROWS[-1]).encode()
        if len(page) <= most_bytes:
            return page
    raise RefusedError("The file would be larger than 1 MB even without pictures. Take charts off the board.")
