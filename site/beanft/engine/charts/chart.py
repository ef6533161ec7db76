"""What a chart is: a description in words, and the numbers that were drawn from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.wording import shown

KINDS: Mapping[str, str] = {
    "histogram": "Histogram",
    "bar": "Bars",
    "line": "Line",
    "scatter": "Scatter",
    "box": "Boxes",
}
"""Kinds of charts and how people call them."""

AGGREGATIONS: Mapping[str, str] = {
    "count": "Number of rows",
    "mean": "Mean",
    "median": "Median",
    "sum": "Sum",
    "min": "Minimum",
    "max": "Maximum",
}
"""Ways to make one number of a group's rows, and how people call them."""

N_SERIES = 6
"""Most series of one chart; what is beyond becomes "other"."""

_NUMBERS = ("BIGINT", "DOUBLE")
_DATES = ("DATE", "TIMESTAMP")


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A description of a chart; equal descriptions give equal pictures of the same table."""

    kind: str
    """One of KINDS."""
    x: str = ""
    """Column along the main axis; only boxes can do without."""
    y: str = ""
    """Column of numbers that is measured; histograms and counts do without."""
    colour: str = ""
    """Column that splits the rows into series; empty for one series."""
    aggregation: str = "count"
    """One of AGGREGATIONS; bars and lines only."""
    bins: int = 0
    """Number of bins of a histogram that is aimed at; 0 lets the data decide."""
    title: str = ""
    """Heading; empty for one made of the choices."""


@dataclass(frozen=True, kw_only=True)
class Series:
    """One colour of a chart."""

    name: str
    """Value of the colour column, or what is measured."""
    values: tuple[tuple[float | str | None, ...], ...]
    """One tuple a mark, in drawing order. histogram: from, to, rows; bar: place on the axis, value, low,
    high, rows; line: x, value, low, high, rows; scatter: x, y or x, y, colour; box: place on the axis,
    low whisker, quartiles 1 to 3, high whisker, rows."""
    outliers: tuple[tuple[int, float], ...] = ()
    """Boxes only: (place on the axis, value) of the rows beyond the whiskers."""


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
    series: tuple[Series, ...]
    """At most N_SERIES."""
    places: tuple[str, ...] = ()
    """Labels along a category axis."""
    colour_range: tuple[float, float] | None = None
    """Smallest and largest colour value where colour is a number."""
    header: tuple[str, ...]
    """Heads of the table of drawn numbers."""
    rows: tuple[tuple[float | int | str | None, ...], ...]
    """The drawn numbers."""
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


def is_number(column: Column) -> bool:
    """Tell whether a column holds numbers, whatever it is used for.

    Parameters
    ----------
    column : Column
        A column's profile.

    Returns
    -------
    bool
        True for whole and decimal numbers.

    Examples
    --------
    >>> is_number(Column(name="a", kind="category", stored="BIGINT", n_missing=0, n_distinct=2))
    True
    """
    return column.stored in _NUMBERS


def is_date(column: Column) -> bool:
    """Tell whether a column holds dates or moments.

    Parameters
    ----------
    column : Column
        A column's profile.

    Returns
    -------
    bool
        True for dates and moments.

    Examples
    --------
    >>> is_date(Column(name="a", kind="date", stored="DATE", n_missing=0, n_distinct=2))
    True
    """
    return column.stored in _DATES


def default_chart(profile: Profile) -> Chart | None:
    """Choose the chart that a table opens with.

    Parameters
    ----------
    profile : Profile
        What is known of the table.

    Returns
    -------
    Chart or None
        Where a column has the role time, the first number over it; else a histogram of the first number, else
        bars of the first category, else rows over the first date. None where no column is worth a chart;
        those in the role ignore are not.

    Examples
    --------
    >>> age = Column(name="age", kind="number", stored="BIGINT", n_missing=0, n_distinct=40)
    >>> default_chart(Profile(n_rows=90, columns=(age,)))
    Chart(kind='histogram', x='age', y='', colour='', aggregation='count', bins=0, title='')
    """
    order = ["number", "category", "date", "text", "constant", "identifier"]
    usable = [column for column in profile.columns if column.n_distinct > 0 and column.role != "ignore"]
    if not usable:
        return None
    time = time_column(profile)
    if time in usable:
        return _over(time, usable)
    # booleans are as good as categories: the first of both is taken
    first = min(usable, key=lambda column: order.index(column.kind.replace("boolean", "category")))
    kind = "histogram" if is_number(first) else "line" if is_date(first) else "bar"
    return Chart(kind=kind, x=first.name)


def _over(time: Column, columns: Sequence[Column]) -> Chart:
    """The mean of the first number over the time, or the number of rows where there is none."""
    measured = next((one.name for one in columns if one.kind == "number" and one != time), "")
    return Chart(kind="line", x=time.name, y=measured, aggregation="mean" if measured else "count")


def time_column(profile: Profile) -> Column | None:
    """Find the column that tells the time.

    Parameters
    ----------
    profile : Profile
        What is known of the table, its columns in their roles.

    Returns
    -------
    Column or None
        The one in the role time, where it holds dates or numbers: a line chart begins with it.

    Examples
    --------
    >>> day = Column(name="day", kind="date", stored="DATE", n_missing=0, n_distinct=9, role="time")
    >>> time_column(Profile(n_rows=9, columns=(day,))).name
    'day'
    """
    for column in profile.columns:
        if column.role == "time" and (is_date(column) or is_number(column)):
            return column
    return None


def used_columns(chart: Chart) -> tuple[str, ...]:
    """List the columns a chart reads, each once.

    Parameters
    ----------
    chart : Chart
        The description.

    Returns
    -------
    tuple of str
        Names in the order x, y, colour; a count or histogram reads no y.

    Examples
    --------
    >>> used_columns(Chart(kind="bar", x="a", y="b", colour="a"))
    ('a',)
    """
    names = (chart.x, chart.y if measures(chart) else "", chart.colour)
    return tuple(dict.fromkeys(name for name in names if name))


def measures(chart: Chart) -> bool:
    """Tell whether a chart measures its y column.

    Parameters
    ----------
    chart : Chart
        The description.

    Returns
    -------
    bool
        False for histograms, and for bars and lines that count rows.

    Examples
    --------
    >>> measures(Chart(kind="line", x="day", y="price", aggregation="mean"))
    True
    """
    return chart.kind in ("scatter", "box") or (
        chart.kind in ("bar", "line") and chart.aggregation != "count"
    )


def check(chart: Chart, profile: Profile) -> None:
    """Refuse a chart whose columns cannot be drawn that way.

    Parameters
    ----------
    chart : Chart
        The description.
    profile : Profile
        What is known of the table.

    Raises
    ------
    EngineError
        Naming the column and what the kind of chart needs instead.
    """
    _check_words(chart, profile)
    columns = {column.name: column for column in profile.columns}
    if measures(chart):
        _check_measured(chart, columns.get(chart.y))
    if chart.x:
        _check_x(chart, columns[chart.x])
    if chart.colour:
        _check_colour(chart, columns[chart.colour])


_A = {
    "histogram": "A histogram",
    "bar": "A bar chart",
    "line": "A line chart",
    "scatter": "A scatter chart",
    "box": "A box chart",
}
_MANY = 30  # more different numbers than this are an axis, not categories


def _check_words(chart: Chart, profile: Profile) -> None:
    """Kind, aggregation and columns must exist, and x must be chosen."""
    if chart.kind not in KINDS:
        raise EngineError(f"There is no chart {shown(chart.kind, 40)}. Choose one of: {', '.join(KINDS)}.")
    if chart.aggregation not in AGGREGATIONS:
        raise EngineError(
            f"There is no {shown(chart.aggregation, 40)} of a group. "
            f"Choose one of: {', '.join(AGGREGATIONS)}."
        )
    names = {column.name for column in profile.columns}
    for name in (chart.x, chart.y, chart.colour):
        if name and name not in names:
            raise EngineError(f"There is no column {shown(name)}. Choose one of the list.")
    if not chart.x and chart.kind != "box":
        raise EngineError(f"{_A[chart.kind]} needs a column along the horizontal axis. Choose one for “x”.")


def _check_measured(chart: Chart, column: Column | None) -> None:
    what = _A[chart.kind]
    if chart.kind in ("bar", "line"):
        what += f" of the {AGGREGATIONS[chart.aggregation].lower()}"
    if column is None:
        raise EngineError(f"{what} needs a column of numbers to measure. Choose one for “y”.")
    if not is_number(column):
        raise EngineError(f"{what} needs numbers for “y”, but {_holds(column)}. Choose a number.")


def _check_x(chart: Chart, column: Column) -> None:
    a, holds, date = _A[chart.kind], _holds(column), is_date(column)
    if chart.kind == "histogram" and not is_number(column):
        other = "a line chart" if date else "a bar chart"
        raise EngineError(f"{a} needs numbers for “x”, but {holds}. Choose a number, or {other}.")
    if chart.kind == "scatter" and not is_number(column):
        raise EngineError(f"{a} needs numbers for “x”, but {holds}. Choose a number, or a box chart.")
    if chart.kind == "line" and not (is_number(column) or date):
        raise EngineError(f"{a} needs dates or numbers for “x”, but {holds}. Choose a bar chart for it.")
    if chart.kind in ("bar", "box") and _is_axis(column):
        other = "a histogram" if chart.kind == "bar" and not (date or measures(chart)) else "a line chart"
        raise EngineError(
            f"{a} needs categories for “x”, but {holds}, {column.n_distinct:,} different ones. "
            f"Choose {other} for it."
        )


def _check_colour(chart: Chart, column: Column) -> None:
    if _is_axis(column) and not (chart.kind == "scatter" and is_number(column)):
        raise EngineError(
            f"Colours need categories, but {_holds(column)}, {column.n_distinct:,} different ones. "
            "Choose a column with few different values."
        )


def _is_axis(column: Column) -> bool:
    """Whether a column has too many numbers or dates to treat them as categories."""
    return (is_number(column) or is_date(column)) and column.n_distinct > _MANY


def _holds(column: Column) -> str:
    if is_number(column):
        what = "numbers"
    elif is_date(column):
        what = "dates"
    else:
        known = {"text": "text", "boolean": "true and false", "identifier": "identifiers"}
        what = known.get(column.kind, "categories")
    return f"{shown(column.name, 40)} holds {what}"
