"""What a chart is: a description in words, from which it can be drawn at any time."""

from collections.abc import Sequence
from dataclasses import dataclass

from beanft.engine.charts.catalogue import KINDS
from beanft.engine.tables.columns import Column, Profile

PARTS = ("x", "y", "z", "colour", "facet")
"""The parts of a chart that hold one column each."""

_NUMBERS = ("BIGINT", "DOUBLE")
_DATES = ("DATE", "TIMESTAMP")


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A description of a chart; equal descriptions give equal pictures of the same table."""

    kind: str
    """One of KINDS."""
    x: str = ""
    """Column along the main axis."""
    y: str = ""
    """Column of numbers that is measured, or stands along the vertical axis."""
    z: str = ""
    """Column of numbers that is the size of bubbles, or is measured by a heat map."""
    colour: str = ""
    """Column that splits the rows into series; empty for one series."""
    facet: str = ""
    """Column that splits the rows into small multiples; empty for one picture."""
    columns: tuple[str, ...] = ()
    """Columns of a chart of several; empty for those that suit it best."""
    aggregation: str = "count"
    """One of AGGREGATIONS."""
    layout: str = ""
    """One of LAYOUTS; empty for what is usual."""
    order: str = ""
    """One of ORDERS."""
    top: int = 0
    """Most categories that stand alone, the rest is "other"; 0 for what is usual."""
    bucket: str = ""
    """One of BUCKETS."""
    bins: int = 0
    """Number of bins of a histogram that is aimed at; 0 lets the data decide."""
    trend: str = ""
    """One of TRENDS."""
    shape: str = ""
    """One of SHAPES."""
    log_x: bool = False
    """Whether the horizontal axis is logarithmic; rows at or below zero are then left out, and counted."""
    log_y: bool = False
    """Whether the vertical axis is logarithmic."""
    title: str = ""
    """Heading; empty for one made of the choices."""


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
    >>> default_chart(Profile(n_rows=90, columns=(age,)))  # doctest: +ELLIPSIS
    Chart(kind='histogram', x='age', ...)
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


MANY = 30
"""Numbers or dates of more different values are an axis, not categories."""

MANY_COLOURS = 6
"""Numbers of more different values are a scale of colours, not categories."""


def is_axis(column: Column) -> bool:
    """Tell whether a column has too many numbers or dates to treat them as categories.

    Parameters
    ----------
    column : Column
        A column's profile.

    Returns
    -------
    bool
        False for texts, however many.

    Examples
    --------
    >>> is_axis(Column(name="a", kind="number", stored="BIGINT", n_missing=0, n_distinct=31))
    True
    """
    return (is_number(column) or is_date(column)) and column.n_distinct > MANY


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
        Names in the order x, y, z, colour, facet, columns; what the kind does not use is left out.

    Examples
    --------
    >>> used_columns(Chart(kind="bar", x="a", y="b", colour="a"))
    ('a',)
    """
    parts = KINDS[chart.kind].needs
    names = [getattr(chart, part) for part in PARTS if part in parts and part != measured_part(chart)]
    measured = measured_part(chart)
    if measured and measures(chart):
        names.insert(1, getattr(chart, measured))
    if "columns" in parts:
        names += chart.columns
    return tuple(dict.fromkeys(name for name in names if name))


def measured_part(chart: Chart) -> str:
    """Name the part of which groups of rows are aggregated.

    Parameters
    ----------
    chart : Chart
        The description.

    Returns
    -------
    str
        "z" for heat maps, "y" for the others that aggregate, empty for those that draw rows as they are.

    Examples
    --------
    >>> measured_part(Chart(kind="heatmap")), measured_part(Chart(kind="scatter"))
    ('z', '')
    """
    if "aggregation" not in KINDS[chart.kind].options:
        return ""
    return "z" if chart.kind == "heatmap" else "y"


def measures(chart: Chart) -> bool:
    """Tell whether a chart measures a column of numbers, not just counts rows.

    Parameters
    ----------
    chart : Chart
        The description.

    Returns
    -------
    bool
        False for histograms and the like, and where rows are counted.

    Examples
    --------
    >>> measures(Chart(kind="line", x="day", y="price", aggregation="mean"))
    True
    """
    if measured_part(chart):
        return chart.aggregation != "count"
    return "y" in KINDS[chart.kind].needs
