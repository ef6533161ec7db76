"""Small multiples: the same chart once for each value of a column, with the same axes and bins in all."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from beanft.engine.charts.catalogue import KINDS, N_PANELS
from beanft.engine.charts.chart import Chart
from beanft.engine.charts.drawing import Drawing, Series
from beanft.engine.charts.expressions import part_of
from beanft.engine.charts.groups import Groups, named_groups
from beanft.engine.charts.links import Link, group_link
from beanft.engine.charts.rows import Rows
from beanft.engine.tables.queries.conditions import where
from beanft.engine.tables.wording import are, counted, shown

N_ACROSS = 3
"""Most panels side by side."""

_NUMBER = re.compile(r"[-−]?\d[\d,.]*(?:e[+-]?\d+)?")
_FEWEST_WORDS = 2  # that sentences begin with alike, to be put together

Kind = Callable[[Rows], Drawing]
"""What draws one kind of chart."""


@dataclass(frozen=True)
class _Frame(Rows):
    """The rows of all panels, which answers a question that every panel asks only once."""

    answers: dict[Any, list[tuple[Any, ...]]] = field(default_factory=dict, compare=False)

    def ask(self, select: str, parameters: Sequence[Any] = (), tables: str = "") -> list[tuple[Any, ...]]:
        question = select, repr(parameters), tables
        if question not in self.answers:
            self.answers[question] = super().ask(select, parameters, tables)
        return list(self.answers[question])


@dataclass(frozen=True)
class _Panels:
    """The values that have a panel, and what has none."""

    groups: Groups
    n_used: dict[str, int]
    """Complete rows by value."""
    n_rows: dict[str | None, int]
    """All rows by value, those without a value under None."""

    @property
    def left_out(self) -> tuple[int, int]:
        """Number of smaller values without a panel, and their complete rows."""
        drawn = set(self.groups.values)
        others = [n for value, n in self.n_used.items() if value not in drawn]
        return len(others), sum(others)


def is_faceted(chart: Chart) -> bool:
    """Tell whether a chart is drawn as small multiples.

    Parameters
    ----------
    chart : Chart
        The description.

    Returns
    -------
    bool
        True where a column is chosen for panels and the kind can have them.

    Examples
    --------
    >>> is_faceted(Chart(kind="bar", x="a", facet="b")), is_faceted(Chart(kind="pairs", facet="b"))
    (True, False)
    """
    return bool(chart.facet) and "facet" in KINDS[chart.kind].needs


def draw_facets(rows: Rows, kind: Kind) -> Drawing:
    """Draw one panel for each of the largest values of the facet's column.

    Groups, bins and ranges are chosen once from the rows of all panels. The values and their rows are counted
    in one statement; each panel then costs what its kind costs with one more filter.

    Parameters
    ----------
    rows : Rows
        The rows of the chart; at least one is complete.
    kind : callable
        Draws the kind of chart.

    Returns
    -------
    Drawing
        A drawing of panels; its table has the facet's value first.
    """
    chart = rows.chart
    found = _find(rows)
    frame = _frame(rows)
    drawn = [_panel(rows, frame, found, place, kind) for place in range(len(found.groups.values))]
    panels = tuple(_headed(panel, label) for panel, label in zip(drawn, found.groups.labels, strict=True))
    header, numbers = _numbers(chart, found.groups, panels)
    n_shown = sum(panel.n_shown for panel in panels)
    return Drawing(
        chart=chart,
        title=chart.title or f"{drawn[0].title if drawn else chart.y or chart.x} for each {chart.facet}",
        x_name=panels[0].x_name if panels else chart.x,
        y_name=panels[0].y_name if panels else chart.y,
        x_type=panels[0].x_type if panels else "category",
        y_type=panels[0].y_type if panels else "number",
        series=(),
        panels=panels,
        n_across=max(min(N_ACROSS, len(panels)), 1),
        places=found.groups.labels,
        place_keys=found.groups.values,
        header=header,
        rows=numbers,
        links=tuple(link for panel in panels for link in panel.links)
        if all(len(panel.links) == len(panel.rows) for panel in panels)
        else (),
        n_rows=rows.n_rows,
        n_missing=rows.n_rows - sum(found.n_used.values()),
        n_shown=n_shown,
        notes=(*_left_out_notes(chart, found), *_common_notes(found.groups, panels), *rows.notes),
        description=_description(chart, found.groups, panels),
    )


def _find(rows: Rows) -> _Panels:
    """Count the rows of each value, and choose the largest."""
    name = rows.chart.facet
    used = rows.ask(
        "SELECT kf::VARCHAR AS v, count(*) AS n FROM used WHERE kf IS NOT NULL GROUP BY v ORDER BY n DESC, v"
    )
    sizes: dict[str, int] = dict(used)
    n_rows: dict[str | None, int] = {value: n for value, n in used}  # noqa: C416 -- wider keys
    if rows.n_used < rows.n_rows:
        facet = part_of(rows.chart, rows.profile, "facet", name)
        sql = f"SELECT ({facet.key})::VARCHAR, count(*) {rows.source} GROUP BY ALL"
        n_rows = dict(rows.database.execute(sql, list(rows.values)).fetchall())
    n_rows[None] = rows.n_used - sum(sizes.values())
    groups = named_groups(rows, name, list(sizes)[:N_PANELS], n_other=0)
    return _Panels(groups, sizes, n_rows)


def _frame(rows: Rows) -> _Frame:
    chart = replace(rows.chart, facet="", title="")
    values = {one.name: getattr(rows, one.name) for one in fields(rows)}
    return _Frame(**{**values, "chart": chart})


def _panel(rows: Rows, frame: _Frame, found: _Panels, place: int, kind: Kind) -> Drawing:
    """Draw one value; its rows are those of all with one more filter."""
    chart, value = rows.chart, found.groups.values[place]
    link = group_link(rows, chart.facet, found.groups, place)
    condition, parameters = where(rows.profile, link)
    n_used = found.n_used[value]
    panel = Rows(
        rows.database,
        frame.chart,
        rows.profile,
        f"{rows.given} AND {condition}",
        (*rows.values, *parameters),
        found.n_rows[value],
        n_used,
        (),
        filters=(*rows.filters, *link),
        source=f"{rows.source} AND {condition}",
        whole=frame,
    )
    return _linked(kind(panel), link)


def _linked(drawing: Drawing, link: Link) -> Drawing:
    """Lead from every mark to the rows of its panel only."""
    return replace(
        drawing,
        series=tuple(_linked_series(series, link) for series in drawing.series),
        links=tuple((*link, *one) for one in drawing.links),
    )


def _linked_series(series: Series, link: Link) -> Series:
    return replace(series, filters=tuple((*link, *one) for one in series.filters))


def _headed(panel: Drawing, label: str) -> Drawing:
    """Name a panel after its value, with its number of rows."""
    title = f"{label} ({counted(panel.n_rows - panel.n_missing, 'row')})"
    return replace(panel, title=title, chart=replace(panel.chart, title=title))


def _numbers(
    chart: Chart, groups: Groups, panels: Sequence[Drawing]
) -> tuple[tuple[str, ...], tuple[tuple[Any, ...], ...]]:
    """The tables of all panels under each other, the facet's value first."""
    heads = {panel.header for panel in panels}
    if len(heads) == 1:
        header = heads.pop()
        rows = [
            (label, *row) for label, panel in zip(groups.labels, panels, strict=True) for row in panel.rows
        ]
        return (chart.facet, *header), tuple(rows)
    header = tuple(dict.fromkeys(head for panel in panels for head in panel.header))
    found = []
    for label, panel in zip(groups.labels, panels, strict=True):
        for row in panel.rows:
            known = dict(zip(panel.header, row, strict=True))
            found.append((label, *(known.get(head) for head in header)))
    return (chart.facet, *header), tuple(found)


def _left_out_notes(chart: Chart, found: _Panels) -> tuple[str, ...]:
    n_values, n_rows = found.left_out
    n_without = found.n_rows[None]
    notes = ["All panels have the same axes, so that they can be compared."]
    if n_values:
        notes.append(
            f"The {N_PANELS} largest values of {shown(chart.facet, 40)} have a panel; "
            f"{counted(n_values, 'smaller one')} with {counted(n_rows, 'row')} {are(n_values)} not drawn."
        )
    if n_without:
        notes.append(
            f"{counted(n_without, 'row')} with all else but no {shown(chart.facet, 40)} {are(n_without)} "
            "in no panel."
        )
    return tuple(notes)


def _common_notes(groups: Groups, panels: Sequence[Drawing]) -> tuple[str, ...]:
    """What is true of all panels once, then what is true of single ones with their name."""
    of_panels = [[_own_rows(note, panel) for note in panel.notes] for panel in panels]
    common = [note for note in of_panels[0] if all(note in notes for notes in of_panels)] if panels else []
    alike: dict[str, list[tuple[str, str]]] = {}
    for label, notes in zip(groups.labels, of_panels, strict=True):
        for note in notes:
            if note not in common:
                alike.setdefault(_NUMBER.sub("0", note), []).append((label, note))
    return (*common, *(sentence for told in alike.values() for sentence in _together(told)))


def _own_rows(note: str, panel: Drawing) -> str:
    """The number of rows, which the panel's title has already, makes every sentence another one."""
    rows = f"{counted(panel.n_rows - panel.n_missing, 'row')}"
    found = note.replace(f", {rows}.", ".")
    return re.sub(rf"(?<![\d,.]){re.escape(rows)}(?!\w)", "rows of the panel", found)


def _together(told: Sequence[tuple[str, str]]) -> list[str]:
    """Say once how sentences begin that differ in their numbers only."""
    words = [note.removesuffix(".").split(" ") for _, note in told]
    alike = [len(set(column)) == 1 for column in zip(*words, strict=True)]
    n = alike.index(False) if False in alike else len(alike)
    if len(told) == 1 or n < _FEWEST_WORDS or n == len(alike):
        return [f"{label}: {note}" for label, note in told]
    begin = " ".join(words[0][:n]).removesuffix(":")
    ends = [f"{label} {' '.join(one[n:])}" for (label, _), one in zip(told, words, strict=True)]
    return [f"{begin}: {'; '.join(ends)}."]


def _description(chart: Chart, groups: Groups, panels: Sequence[Drawing]) -> str:
    each = "one for each value" if len(panels) > 1 else "for the only value"
    begin = f"{counted(len(panels), 'panel')}, {each} of {chart.facet}."
    parts = [f"{label}: {panel.description}" for label, panel in zip(groups.labels, panels, strict=True)]
    return " ".join([begin, *parts])
