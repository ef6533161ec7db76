"""The saved chart of an address, and addresses that lead on from it: its page in the builder, its rows."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import abort, url_for

from beanft.explore.boards import services
from beanft.explore.boards.tiles import Tile
from beanft.explore.chart_forms import chart_args
from beanft.explore.row_address import RowsAddress
from beanft.explore.shown import version_args
from beanft.models import Dataset, SavedChart, Version


@dataclass(frozen=True)
class TilePlaces:
    """The addresses of one saved chart, drawn from one version with the filters that hold for it."""

    dataset: Dataset
    version: Version
    tile: Tile

    @cached_property
    def builder(self) -> str:
        """The chart in the builder."""
        return self._of("explore.charts", version_args(self.dataset, self.version))

    @cached_property
    def figure(self) -> str:
        """What its picture is drawn from; the version is always said, so that text and picture agree."""
        return self._of("explore.figure", {"version": self.version.number})

    @cached_property
    def numbers(self) -> str:
        """The drawn numbers as CSV."""
        return self._of("explore.numbers", {"version": self.version.number})

    @cached_property
    def rows(self) -> str:
        """The grid with the rows of the chart."""
        args = {**self._filters(), **version_args(self.dataset, self.version)}
        return url_for("explore.rows", dataset=self.dataset.id, **args)

    def facts(self) -> dict[str, Any]:
        """What the tile says, with its address."""
        return {**self.tile.facts(), "address": self.builder}

    def _of(self, endpoint: str, version: dict[str, Any]) -> str:
        chart = chart_args(self.tile.kept.chart) if self.tile.kept else {}
        return url_for(endpoint, dataset=self.dataset.id, **chart, **self._filters(), **version)

    def _filters(self) -> dict[str, Any]:
        return RowsAddress(filters=self.tile.filters).args()


def saved_or_404(dataset: Dataset, number: int) -> SavedChart:
    """The saved chart of a dataset that an address names."""
    return services.find_chart(dataset_id=dataset.id, number=number) or abort(404)
