"""Draws a version's charts; a version never changes, so a drawing can be kept for a while."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from beanft.engine.charts.chart import Chart
from beanft.engine.charts.code.lines import chart_lines, lines_note
from beanft.engine.charts.draw import draw
from beanft.engine.charts.drawing import Drawing
from beanft.engine.charts.figures.figure import to_figure
from beanft.engine.charts.figures.links import figure_links, triple
from beanft.engine.charts.suggest import suggest
from beanft.engine.charts.suggestion import Suggestion
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.queries.conditions import Filter
from beanft.engine.tables.queries.export import csv_rows
from beanft.engine.tables.queries.formulas import safe_text
from beanft.explore.drawings import Drawings
from beanft.explore.profile_services import read_correlations
from beanft.explore.questions import Question, ask
from beanft.explore.row_services import file_name
from beanft.models import Version

ROWS_ANSWERED = 1000
"""Rows of the drawn numbers that an answer as JSON and the whole table hold; the CSV holds them all."""

ROWS_SHOWN = 20
"""Rows of the drawn numbers that the page holds at first, each with the way to its rows."""

_KEPT_BYTES = 32_000_000  # about 300 usual drawings, or 15 of 5,000 points

_kept = Drawings(most_bytes=_KEPT_BYTES)


@dataclass(frozen=True, kw_only=True)
class DrawnChart:
    """A drawing, or the sentence that says why there is none."""

    drawing: Drawing | None
    error: str = ""


def draw_chart(*, version: Version, chart: Chart, filters: Sequence[Filter] = ()) -> DrawnChart:
    """Draw a chart of a version that is ready."""
    drawing, error = ask(_draw, (version,), chart, tuple(filters), keep=_keep)
    return DrawnChart(drawing=drawing, error=error)


def _draw(path: Path, profile: Profile, chart: Chart, filters: Sequence[Filter], **limits: Any) -> Drawing:
    return draw(path, profile, chart, filters=filters, **limits)


def _keep(question: Question[Any]) -> Drawing:
    return _kept.get(question, Question.answer)


def figure(drawing: Drawing) -> dict[str, Any]:
    """The ECharts option of a drawing, with the rows behind its marks under `links`."""
    option = to_figure(drawing)
    return {**option, "links": figure_links(option, drawing)}


def code(version: Version, drawing: Drawing, filters: Sequence[Filter]) -> str:
    """The lines of pandas that give the numbers of a drawing from the downloaded Parquet file."""
    name = file_name(version, "parquet")
    return chart_lines(version.profile, drawing.chart, file_name=name, filters=filters, drawing=drawing)


def code_note(drawing: Drawing) -> str:
    """Where those lines give other numbers than the chart, as one sentence; empty where they do not."""
    return lines_note(drawing)


def suggestions(version: Version, target: str) -> tuple[Suggestion, ...]:
    """The charts most worth seeing of a version, or of one of its columns; other names count as not said."""
    known = any(column.name == target for column in version.profile.columns)
    return suggest(version.profile, read_correlations(version), target=target if known else "")


def rows_args(filters: Sequence[Filter]) -> dict[str, list[str]]:
    """Filters as parts of an address of the grid, each once."""
    triples = list(dict.fromkeys(triple(one) for one in filters))
    columns, operators, values = zip(*triples, strict=True) if triples else ((), (), ())
    return {"column": list(columns), "operator": list(operators), "value": list(values)}


def facts(version: Version, drawn: DrawnChart) -> dict[str, Any]:
    """What the chart page says, as plain values."""
    facts: dict[str, Any] = {"id": version.dataset_id, "version": version.number}
    drawing = drawn.drawing
    if drawing is None:
        return {**facts, "error": drawn.error}
    return {
        **facts,
        "chart": asdict(drawing.chart),
        "title": drawing.title,
        "n_rows": drawing.n_rows,
        "n_missing": drawing.n_missing,
        "n_shown": drawing.n_shown,
        "notes": drawing.notes,
        "description": drawing.description,
        "table": {"header": drawing.header, "rows": drawing.rows[:ROWS_ANSWERED]},
    }


def write_numbers(drawing: Drawing) -> Iterator[str]:
    """The drawn numbers as lines of a CSV that spreadsheets can open safely."""
    header = [safe_text(name) for name in drawing.header]  # names of columns are a stranger's text, too
    return csv_rows(header, drawing.rows, safe_for_spreadsheets=True)
