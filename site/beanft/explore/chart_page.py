"""A chart as its address describes it, drawn, and the addresses that lead on from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from flask import url_for
from werkzeug.datastructures import MultiDict

from beanft.engine.charts.chart import Chart, default_chart
from beanft.engine.tables.queries.conditions import Filter
from beanft.explore import chart_services
from beanft.explore.chart_forms import ChartForm, chart_args
from beanft.explore.chart_services import DrawnChart
from beanft.explore.row_address import RowsAddress
from beanft.explore.shown import version_args
from beanft.models import Dataset, Version


@dataclass(frozen=True)
class ChartPage:
    """A chart as its address describes it, and the addresses that lead on from it."""

    dataset: Dataset
    version: Version
    form: ChartForm
    address: RowsAddress
    drawn: DrawnChart

    @classmethod
    def read(cls, args: MultiDict[str, str], dataset: Dataset, version: Version) -> Self:
        """Read an address and draw what it describes."""
        form = ChartForm.read(args, version.profile, default_chart(version.profile))
        read = RowsAddress.read(args, [column.name for column in version.profile.columns])
        address = RowsAddress(filters=read.filters, version=read.version)
        if not form.validate():
            return cls(dataset, version, form, address, DrawnChart(drawing=None, error=form.first_error()))
        drawn = chart_services.draw_chart(version=version, chart=form.chart(), filters=address.filters)
        return cls(dataset, version, form, address, drawn)

    @cached_property
    def chart(self) -> Chart:
        """The description that the form holds."""
        return self.form.chart()

    def args(self, filters: Sequence[Filter] | None = None) -> dict[str, Any]:
        """The address of this chart, or of the same one with other filters."""
        return {
            **chart_args(self.chart),
            **self._rows_args(self.address.filters if filters is None else filters),
        }

    def without_filter(self, position: int) -> dict[str, Any]:
        """The address of the same chart with one filter left out."""
        return self.args(self.address.filters[:position] + self.address.filters[position + 1 :])

    def rows_url(self, filters: Sequence[Filter] = ()) -> str:
        """The grid with the rows of this chart, or with those of one of its marks."""
        return url_for(
            "explore.rows", dataset=self.dataset.id, **self._rows_args((*self.address.filters, *filters))
        )

    def hidden(self, args: dict[str, Any]) -> list[tuple[str, Any]]:
        """Parts of an address as hidden fields."""
        return [
            (name, value)
            for name, values in args.items()
            for value in (values if isinstance(values, list) else [values])
        ]

    @cached_property
    def filter_args(self) -> dict[str, Any]:
        """The filters and the version."""
        return self._rows_args(self.address.filters)

    @cached_property
    def number_columns(self) -> tuple[str, ...]:
        """The column of each number of the table: years are written as years, also as ends of bins."""
        drawing = self.drawn.drawing
        if drawing is None:
            return ()
        return tuple(drawing.chart.x if head in ("from", "to") else head for head in drawing.header)

    @cached_property
    def code_note(self) -> str:
        """Where those lines give other numbers than the chart."""
        drawing = self.drawn.drawing
        return chart_services.code_note(drawing) if drawing else ""

    @cached_property
    def code(self) -> str:
        """The lines of pandas that give the numbers."""
        drawing = self.drawn.drawing
        return chart_services.code(self.version, drawing, self.address.filters) if drawing else ""

    def _rows_args(self, filters: Sequence[Filter]) -> dict[str, Any]:
        return {**chart_services.rows_args(filters), **version_args(self.dataset, self.version)}
