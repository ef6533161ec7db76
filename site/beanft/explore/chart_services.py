"""Draws a version's charts; a version never changes, so a drawing can be kept for a while."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from beanft.engine.charts.chart import Chart, Drawing
from beanft.engine.charts.draw import draw
from beanft.engine.errors import BusyError, EngineError
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.queries.conditions import Filter
from beanft.engine.tables.queries.export import csv_rows
from beanft.engine.tables.queries.formulas import safe_text
from beanft.explore.services import check_table, table_path
from beanft.extensions import settings
from beanft.models import Version

ROWS_SHOWN = 1000
"""Rows of the drawn numbers that a page or an answer holds; the CSV holds them all."""

_KEPT = 16  # drawings of at most about 2 MB: the page, its picture and its CSV ask for the same one


@dataclass(frozen=True, kw_only=True)
class DrawnChart:
    """A drawing, or the sentence that says why there is none."""

    drawing: Drawing | None
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class _Question:
    """What a drawing depends on; two equal questions have one answer."""

    path: Path
    content: tuple[int, str | None, int | None]
    """Version, digest of its table and the ingest that gave its columns their kinds."""
    chart: Chart
    filters: tuple[Filter, ...]
    profile: Profile = field(compare=False)
    timeout_s: float = field(compare=False)
    memory_mb: int = field(compare=False)


def draw_chart(*, version: Version, chart: Chart, filters: Sequence[Filter] = ()) -> DrawnChart:
    """Draw a chart of a version that is ready."""
    question = _Question(
        path=table_path(version),
        content=(version.id, version.parquet_sha256, version.job_id),
        chart=chart,
        filters=tuple(filters),
        profile=version.profile,
        timeout_s=settings.query_timeout_s,
        memory_mb=settings.query_memory_mb,
    )
    try:
        check_table(version)
        return DrawnChart(drawing=_answer(question))
    except BusyError:
        raise
    except EngineError as error:
        return DrawnChart(drawing=None, error=str(error))


@lru_cache(maxsize=_KEPT)
def _answer(question: _Question) -> Drawing:
    return draw(
        question.path,
        question.profile,
        question.chart,
        filters=question.filters,
        timeout_s=question.timeout_s,
        memory_mb=question.memory_mb,
    )


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
        "table": {"header": drawing.header, "rows": drawing.rows[:ROWS_SHOWN]},
    }


def write_numbers(drawing: Drawing) -> Iterator[str]:
    """The drawn numbers as lines of a CSV that spreadsheets can open safely."""
    header = [safe_text(name) for name in drawing.header]  # names of columns are a stranger's text, too
    return csv_rows(header, drawing.rows, safe_for_spreadsheets=True)
