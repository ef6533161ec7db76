"""What a board shows of a version: each chart with all filters that hold for it, or why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from beanft.engine.charts.catalogue import KINDS
from beanft.engine.charts.chart import PARTS, Chart
from beanft.engine.charts.rules import check
from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.queries.conditions import FILTERS_MOST, Filter, asked
from beanft.engine.tables.wording import shown
from beanft.explore.boards.kept import Kept, from_json
from beanft.models import SavedChart, Version


@dataclass(frozen=True, kw_only=True)
class Tile:
    """A saved chart as a version can show it."""

    saved: SavedChart
    kept: Kept | None
    """The description; None where it cannot be read."""
    filters: tuple[Filter, ...] = ()
    """Those of the chart and those of the board."""
    error: str = ""
    """Why it cannot be drawn."""

    @property
    def label(self) -> str:
        """What people call the kind of chart."""
        return KINDS[self.kept.chart.kind].label if self.kept else "Unreadable"

    def facts(self) -> dict[str, Any]:
        """Plain values for JSON."""
        saved = self.saved
        return {
            "id": saved.id,
            "name": saved.name,
            "note": saved.note,
            "kind": saved.kind,
            "on_board": saved.place is not None,
            "width": saved.width,
            "height": saved.height,
            "created_at": saved.created_at.isoformat(),
            "error": self.error,
        }


def filters_error(version: Version, filters: Sequence[Filter]) -> str:
    """What is wrong with the filters of a board; empty when nothing is."""
    try:
        asked(version.profile, filters)
    except EngineError as error:
        return str(error)
    return ""


def lay_out(
    version: Version, charts: Sequence[SavedChart], filters: Sequence[Filter] = ()
) -> tuple[Tile, ...]:
    """Read saved charts for a version; one that does not fit it says so, and the others go on."""
    return tuple(_tile(version, saved, filters) for saved in charts)


def _tile(version: Version, saved: SavedChart, filters: Sequence[Filter]) -> Tile:
    try:
        kept = from_json(saved.chart_json)
    except EngineError as error:
        return Tile(saved=saved, kept=None, error=str(error))
    every = (*kept.filters, *(one for one in filters if one not in kept.filters))
    return Tile(saved=saved, kept=kept, filters=every, error=_misfit(version, kept, every))


def _misfit(version: Version, kept: Kept, filters: Sequence[Filter]) -> str:
    """Why a chart cannot be drawn from a version, in a sentence that names both."""
    gone = _gone(kept, version.profile)
    if gone:
        names = ", ".join(shown(name, 40) for name in gone)
        columns = "column" if len(gone) == 1 else "columns"
        return f"Version {version.number} has no {columns} {names}. This chart needs {_pronoun(gone)}."
    if len(filters) > FILTERS_MOST:
        return (
            f"With those of the board, this chart has {len(filters)} filters, and {FILTERS_MOST} are "
            "the most. Remove some of the board."
        )
    try:
        check(kept.chart, version.profile)
        asked(version.profile, filters)
    except EngineError as error:
        return f"It does not fit version {version.number}. {error}"
    return ""


def _gone(kept: Kept, profile: Profile) -> list[str]:
    """The columns that a chart or its own filters name and the version does not have."""
    there = {column.name for column in profile.columns}
    wanted = (*_columns(kept.chart), *(one.column for one in kept.filters))
    return [name for name in dict.fromkeys(wanted) if name and name not in there]


def _columns(chart: Chart) -> tuple[str, ...]:
    return (*(getattr(chart, part) for part in PARTS), *chart.columns)


def _pronoun(names: Sequence[str]) -> str:
    return "it" if len(names) == 1 else "them"
