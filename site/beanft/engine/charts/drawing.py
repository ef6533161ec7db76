"""What was drawn: the numbers of a chart, and all that is needed to say what it shows."""

from dataclasses import dataclass

from beanft.engine.charts.chart import Chart
from beanft.engine.tables.queries.conditions import Filter


@dataclass(frozen=True, kw_only=True)
class Series:
    """One colour of a chart."""

    name: str
    """Value of the colour column, or what is measured."""
    values: tuple[tuple[float | str | None, ...], ...]
    """One tuple a mark, in drawing order. histogram: from, to, rows; bar: place on the axis, value, low,
    high, rows; line: x, value, low, high, rows; scatter: x, y or x, y, colour; box: place on the axis,
    low whisker, quartiles 1 to 3, high whisker, rows. The other kinds say it in their own module."""
    outliers: tuple[tuple[int, float], ...] = ()
    """Boxes only: (place on the axis, value) of the rows beyond the whiskers."""
    fit: tuple[tuple[float, float | None, float | None, float | None], ...] = ()
    """Trend of these rows: x, value, low, high of its 95 % band, x rising."""
    filters: tuple[tuple[Filter, ...], ...] = ()
    """The rows behind each mark as filters, one tuple a mark of `values`; a chart of points has none, since
    its points tell their x and y."""


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """All that is needed to draw a chart and to say what it shows, as plain values."""

    chart: Chart
    """The description it was drawn from."""
    title: str
    """Heading."""
    x_name: str
    """Name of the horizontal axis."""
    y_name: str
    """Name of the vertical axis."""
    x_type: str
    """number, date or category."""
    y_type: str = "number"
    """number, date or category."""
    series: tuple[Series, ...]
    """At most N_SERIES."""
    places: tuple[str, ...] = ()
    """Labels along a horizontal category axis; of small multiples, the value of each panel."""
    place_keys: tuple[str, ...] = ()
    """The values behind `places` as text, for the lines of code; "other", which is last, has none."""
    colour_keys: tuple[str, ...] = ()
    """The same of the series."""
    is_other_drawn: bool = True
    """Bars: False where "other", the last of `places`, stands in the table only: it would hide the rest."""
    begins: tuple[float, ...] = ()
    """Lines and areas: where each of `places` begins along the axis, for the lines of code."""
    y_places: tuple[str, ...] = ()
    """Labels along a vertical category axis, from the bottom."""
    panels: tuple["Drawing", ...] = ()
    """Small multiples and pairs: the parts side by side, row after row; such a drawing has no series."""
    n_across: int = 1
    """Panels in one row."""
    brush: tuple[str, str] = ("", "")
    """Columns along the horizontal and the vertical axis of which a selected range can become a filter; empty
    where an axis shows no column of numbers or dates."""
    colour_range: tuple[float, float] | None = None
    """Smallest and largest colour value where colour is a scale of numbers."""
    header: tuple[str, ...]
    """Heads of the table of drawn numbers."""
    rows: tuple[tuple[float | int | str | None, ...], ...]
    """The drawn numbers."""
    links: tuple[tuple[Filter, ...], ...] = ()
    """The rows of the table behind each row of `rows` as filters; empty where there is nothing to lead to."""
    n_rows: int
    """Rows of the table that pass the filters."""
    n_missing: int
    """Of them, rows left out because a needed value is missing or not finite."""
    n_shown: int
    """Rows that the picture stands for; fewer than the rest only where points were sampled."""
    notes: tuple[str, ...]
    """What a reader must know beside the picture, one plain sentence each."""
    description: str
    """The picture in words and numbers, for screen readers."""
