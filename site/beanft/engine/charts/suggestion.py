"""What a suggestion is, what it is made from, and how it words its figures."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from beanft.engine.charts.chart import Chart, is_number
from beanft.engine.charts.words import figure
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.relations.pairs import Pair
from beanft.engine.tables.wording import is_year

_FEW_NUMBERS = 10  # numbers of so few values are drawn like categories
_CODE_WORDS = "id|code|key|no|nr|num|zip|plz|postcode|phone|flight"
_CODE = re.compile(rf"(^|[^a-z])({_CODE_WORDS})([^a-z]|$)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A chart worth seeing."""

    chart: Chart
    """What to draw."""
    title: str
    """A few words for its card."""
    reason: str
    """Why it is worth seeing, one plain sentence with its figure."""
    score: float
    """How much it is worth, from 0; only the order matters."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it is about."""
        chart = self.chart
        return tuple(name for name in (chart.x, chart.y, chart.z, chart.colour, *chart.columns) if name)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the ingest measured of the columns that can be drawn."""

    profile: Profile
    """These columns."""
    pairs: Sequence[Pair] = ()
    """How they go together."""
    is_sample: bool = False
    """Whether that was measured in a sample of the rows."""
    target: str = ""
    """Column that the charts should be about; empty for the whole table."""
    alike: Mapping[str, str] = field(default_factory=dict)
    """Of columns that say the same thing: the one that stands for them."""


def is_code(column: Column) -> bool:
    """Tell whether whole numbers are names rather than amounts, by what the column is called.

    Parameters
    ----------
    column : Column
        A column's profile.

    Returns
    -------
    bool
        True for numbers of flights, customers or post codes.

    Examples
    --------
    >>> is_code(Column(name="zip_code", kind="number", stored="BIGINT", n_missing=0, n_distinct=900))
    True
    """
    return column.stored == "BIGINT" and bool(_CODE.search(column.name))


def is_scale(column: Column) -> bool:
    """Tell whether a column holds numbers of so many values that they are an axis.

    Parameters
    ----------
    column : Column
        A column's profile.

    Returns
    -------
    bool
        True for more than ten different numbers.
    """
    return is_number(column) and column.n_distinct > _FEW_NUMBERS


def written(value: float, column: Column) -> str:
    """Write a number of a column in a sentence, years without separators.

    Parameters
    ----------
    value : float
        The number.
    column : Column
        Its column.

    Returns
    -------
    str
        Such as "1,234" or "1986".
    """
    return f"{value:.0f}" if is_year(column.name, value) else figure(value)


def rows_of(pair: Pair, known: Known) -> str:
    """Write which rows a measure comes from.

    Parameters
    ----------
    pair : Pair
        What was measured.
    known : Known
        Whether that was in a sample.

    Returns
    -------
    str
        Such as "37,368 rows", or "a sample of 100,133 rows".
    """
    return f"a sample of {pair.n_rows:,} rows" if known.is_sample else f"{pair.n_rows:,} rows"


def measure_of(pair: Pair) -> str:
    """Write the stronger measure of a pair with its interval.

    Parameters
    ----------
    pair : Pair
        What was measured.

    Returns
    -------
    str
        Such as "correlation 0.80 (95 % interval 0.78 to 0.82)".
    """
    names = {"pearson": "correlation", "cramer": "Cramér’s V", "eta": "correlation ratio"}
    is_rank = pair.stronger != pair.value
    low, high = (pair.spearman_low, pair.spearman_high) if is_rank else (pair.low, pair.high)
    name = "rank correlation" if is_rank else names[pair.measure]
    if low is None or high is None:
        return f"{name} {_rounded(pair.stronger)}"
    interval = f"95 % interval {_rounded(low)} to {_rounded(high)}"
    return f"{name} {_rounded(pair.stronger)} ({interval})"


def _rounded(value: float) -> str:
    """Two decimals; what rounds to nothing has no sign."""
    return f"{round(value, 2) + 0.0:.2f}"
