"""The kinds of charts: what each shows, which columns it needs and which choices it offers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

AGGREGATIONS: Mapping[str, str] = {
    "count": "Number of rows",
    "mean": "Mean",
    "median": "Median",
    "sum": "Sum",
    "min": "Minimum",
    "max": "Maximum",
    "sd": "Standard deviation",
    "distinct": "Number of different values",
}
"""Ways to make one number of a group's rows, and how people call them."""

LAYOUTS: Mapping[str, str] = {
    "grouped": "Side by side",
    "stacked": "Stacked",
    "share": "Stacked to 100 %",
}
"""How colours of bars and areas stand to each other; usual is the first for bars, the second for areas."""

ORDERS: Mapping[str, str] = {
    "": "Usual order",
    "-value": "Largest first",
    "value": "Smallest first",
    "name": "By name",
}
"""How categories are ordered; usual is by rows, and numbers, dates and true/false in their own order."""

BUCKETS: Mapping[str, str] = {
    "": "Chosen from the data",
    "minute": "Minute",
    "hour": "Hour",
    "day": "Day",
    "week": "Week",
    "month": "Month",
    "quarter": "Quarter",
    "year": "Year",
}
"""Calendar units that dates are put together by; weeks begin on Monday."""

TRENDS: Mapping[str, str] = {"": "None", "linear": "Straight line", "lowess": "Smooth (lowess)"}
"""Trend lines, all with a 95 % band."""

SHAPES: Mapping[str, str] = {"": "Chosen from the data", "points": "Points", "density": "Density"}
"""How many points are drawn: singly (a sample of them, which is said) or as cells that count them all."""

N_SERIES = 6
"""Most series of one chart; what is beyond becomes "other"."""

N_PANELS = 12
"""Most small multiples."""

OPTIONS = ("aggregation", "layout", "order", "top", "bucket", "bins", "trend", "shape", "log_x", "log_y")
"""The choices besides columns; each kind offers some."""


@dataclass(frozen=True, kw_only=True)
class Need:
    """What one part of a chart asks of its column."""

    takes: str
    """number, date, scale (numbers or dates), category or any."""
    label: str
    """What the form calls the part for this kind."""
    is_required: bool = False
    """Whether the chart cannot do without it."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of chart."""

    label: str
    """Name in lists."""
    article: str
    """Name in sentences, such as "A histogram"."""
    says: str
    """What it is good for, one plain sentence."""
    needs: Mapping[str, Need]
    """By part: x, y, z, colour, facet; `columns` for charts of several columns."""
    options: tuple[str, ...] = ()
    """Those of OPTIONS that it offers."""
    few: tuple[int, int] = field(default=(0, 0))
    """Fewest and most of `columns`, for charts of several columns."""


def _x(takes: str, label: str = "x (horizontal axis)") -> Need:
    return Need(takes=takes, label=label, is_required=True)


_COLOUR = Need(takes="category", label="Colour")
_FACET = Need(takes="category", label="One panel for each")
_SPLIT = {"colour": _COLOUR, "facet": _FACET}
_MEASURED = Need(takes="number", label="y (measured)")
_Y = Need(takes="number", label="y (vertical axis)", is_required=True)

KINDS: Mapping[str, Kind] = {
    "histogram": Kind(
        label="Histogram",
        article="A histogram",
        says="How the values of a number are spread.",
        needs={"x": _x("number"), **_SPLIT},
        options=("bins", "log_x", "log_y"),
    ),
    "density": Kind(
        label="Density",
        article="A density chart",
        says="The same as a smooth line, to compare groups of different size.",
        needs={"x": _x("number"), **_SPLIT},
        options=("log_x",),
    ),
    "bar": Kind(
        label="Bars",
        article="A bar chart",
        says="One number for each category: how many rows, or what they amount to.",
        needs={"x": _x("category"), "y": _MEASURED, **_SPLIT},
        options=("aggregation", "layout", "order", "top"),
    ),
    "line": Kind(
        label="Line",
        article="A line chart",
        says="How something changes over time, or along a number.",
        needs={"x": _x("scale"), "y": _MEASURED, **_SPLIT},
        options=("aggregation", "bucket", "log_y"),
    ),
    "area": Kind(
        label="Area",
        article="An area chart",
        says="How a total and its parts change over time.",
        needs={"x": _x("scale"), "y": _MEASURED, **_SPLIT},
        options=("aggregation", "layout", "bucket"),
    ),
    "scatter": Kind(
        label="Scatter",
        article="A scatter chart",
        says="How two numbers go together, row by row.",
        needs={
            "x": _x("number"),
            "y": _Y,
            "colour": Need(takes="any", label="Colour"),
            "facet": _FACET,
        },
        options=("shape", "trend", "log_x", "log_y"),
    ),
    "bubble": Kind(
        label="Bubbles",
        article="A bubble chart",
        says="Two numbers as places, a third as size.",
        needs={
            "x": _x("number"),
            "y": _Y,
            "z": Need(takes="number", label="Size", is_required=True),
            **_SPLIT,
        },
        options=("log_x", "log_y"),
    ),
    "box": Kind(
        label="Boxes",
        article="A box chart",
        says="The middle, the spread and the outliers of a number in each group.",
        needs={"x": Need(takes="category", label="Groups"), "y": _Y, **_SPLIT},
        options=("order", "top", "log_y"),
    ),
    "violin": Kind(
        label="Violins",
        article="A violin chart",
        says="The whole shape of a number in each group.",
        needs={"x": Need(takes="category", label="Groups"), "y": _Y, "facet": _FACET},
        options=("order", "top"),
    ),
    "heatmap": Kind(
        label="Heat map",
        article="A heat map",
        says="One number for each pair of two groupings, as colour.",
        needs={
            "x": _x("any"),
            "y": Need(takes="any", label="y (vertical axis)", is_required=True),
            "z": Need(takes="number", label="Measured"),
            "facet": _FACET,
        },
        options=("aggregation", "bucket", "top"),
    ),
    "correlations": Kind(
        label="Correlations",
        article="A correlation matrix",
        says="How strongly each pair of numbers goes together.",
        needs={"columns": Need(takes="number", label="Columns")},
        few=(2, 30),
    ),
    "pairs": Kind(
        label="Pairs",
        article="A pair plot",
        says="Every pair of a few numbers as a small scatter.",
        needs={"columns": Need(takes="number", label="Columns"), "colour": _COLOUR},
        few=(2, 5),
    ),
    "pareto": Kind(
        label="Pareto",
        article="A Pareto chart",
        says="Which few categories make up most of the whole.",
        needs={"x": _x("category"), "y": _MEASURED, "facet": _FACET},
        options=("aggregation", "top"),
    ),
    "quantiles": Kind(
        label="Quantiles (Q-Q)",
        article="A quantile chart",
        says="Whether a number is spread like the normal distribution.",
        needs={"x": _x("number"), **_SPLIT},
    ),
    "missing": Kind(
        label="Missing values",
        article="A chart of missing values",
        says="Where values are missing, and which columns lack them together.",
        needs={"columns": Need(takes="any", label="Columns")},
        few=(1, 60),
    ),
    "map": Kind(
        label="Map",
        article="A map",
        says="Places by longitude and latitude, without any outside service.",
        needs={
            "x": _x("number", "Longitude"),
            "y": Need(takes="number", label="Latitude", is_required=True),
            "colour": Need(takes="any", label="Colour"),
        },
        options=("shape",),
    ),
}
"""All kinds, in the order of lists."""
