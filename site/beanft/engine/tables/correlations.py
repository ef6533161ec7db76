"""Measures how columns go together, two by two, on a random sample of the rows."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from itertools import combinations, product
from pathlib import Path
from typing import Any, NamedTuple, Self

import duckdb
import numpy as np
from numpy.typing import NDArray

from beanft.engine.progress import Progress
from beanft.engine.tables.columns import Column
from beanft.engine.tables.connection import quote
from beanft.engine.tables.noncentral import noncentrality
from beanft.engine.tables.profile import source_sql
from beanft.engine.tables.sampling import Sample, take
from beanft.engine.tables.wording import counted

MEASURES: Mapping[str, str] = {
    "pearson": "Pearson",
    "cramer": "Cramér’s V",
    "eta": "correlation ratio",
}
"""Measures of two numbers, of two categories, and of a number and a category; and how people call them.

Booleans count as numbers beside numbers and each other, and as categories beside categories."""

_MOST_COLUMNS = 60  # 1,770 pairs: more than anybody reads
_MOST_CATEGORIES = 100  # rows of a cell are too few to tell anything beyond
_FEWEST_ROWS = 10
_WIDTH_95 = 1.959963984540054  # of the normal distribution
_SPEARMAN_WIDER = 1.06  # Fieller, Hartley and Pearson 1957: variance of Fisher's z of ranks is 1.06 / (n - 3)
_PARTS = 10
_T_95 = 2.262157  # of Student's distribution with nine degrees of freedom
_WORDS = ((0.9, "very strong"), (0.6, "strong"), (0.3, "moderate"), (0.1, "weak"), (0.0, "none that shows"))

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Pair:
    """How two columns go together."""

    a: str
    """Name of the column that comes first in the table."""
    b: str
    """Name of the other."""
    measure: str
    """A key of MEASURES."""
    value: float
    """-1..1 for two numbers, otherwise 0..1."""
    low: float | None = None
    """Lower end of the approximate 95 % interval; None where there are too few rows for one."""
    high: float | None = None
    """Upper end of the interval."""
    spearman: float | None = None
    """Spearman's rank correlation of two numbers, -1..1."""
    spearman_low: float | None = None
    """Lower end of its approximate 95 % interval."""
    spearman_high: float | None = None
    """Upper end of its interval."""
    n_rows: int
    """Rows of the sample in which both have a value."""

    @property
    def strength(self) -> float:
        """Strength without direction, 0..1: the larger one of Pearson and Spearman for two numbers."""
        return abs(self.stronger)

    @property
    def stronger(self) -> float:
        """Pearson's or Spearman's value, whichever is stronger; the value of other measures.

        Examples
        --------
        >>> Pair(a="x", b="y", measure="pearson", value=0.1, spearman=-0.5, n_rows=90).stronger
        -0.5
        """
        return max((self.value, self.spearman or 0.0), key=abs)

    @property
    def words(self) -> str:
        """The strength in words.

        Examples
        --------
        >>> Pair(a="x", b="y", measure="eta", value=0.7, n_rows=90).words
        'strong'
        """
        return next(words for least, words in _WORDS if self.strength >= least)


@dataclass(frozen=True, kw_only=True)
class Correlations:
    """How the columns of a table go together."""

    columns: tuple[str, ...]
    """Columns that were compared, in the order of the table."""
    pairs: tuple[Pair, ...]
    """Every pair that can be measured, the strongest first."""
    n_rows_used: int
    """Rows that the figures come from."""
    is_sample: bool
    """Whether these are a random sample of the rows."""
    notes: tuple[str, ...] = ()
    """What was left out, one plain sentence each."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_dict` and JSON made of correlations."""
        known = {field.name for field in fields(Pair)}
        return cls(
            columns=tuple(values["columns"]),
            pairs=tuple(
                Pair(**{key: value for key, value in pair.items() if key in known})
                for pair in values["pairs"]
            ),
            n_rows_used=values["n_rows_used"],
            is_sample=values["is_sample"],
            notes=tuple(values.get("notes", ())),
        )

    def of(self, name: str) -> tuple[Pair, ...]:
        """The pairs that a column is in, the strongest first."""
        return tuple(pair for pair in self.pairs if name in (pair.a, pair.b))


def measure(
    database: duckdb.DuckDBPyConnection,
    path: Path,
    columns: Sequence[Column],
    *,
    n_rows: int,
    progress: Progress = Progress(),  # noqa: B008 -- it holds nothing
) -> Correlations | None:
    """Measure how the columns of a table go together.

    Pearson's and Spearman's correlation for two numbers (dates count as seconds, true as 1), Cramér's V
    with Bergsma's correction of bias for two categories or a category and a boolean, and the correlation
    ratio eta, with Kelley's correction, for a number and a category. Each pair is measured on the rows in
    which both have a value; infinite numbers count as missing. Ranks are those of the whole column.
    Intervals are approximate: Fisher's for two numbers, otherwise the wider one, at either end, of two: that
    of the noncentral distribution, which is right where there is no relation, and one from the spread of
    the measure over ten parts of the rows, which is right where there is a strong one.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        A connection that may read the file.
    path : Path
        The Parquet file.
    columns : sequence of Column
        Described columns with their final kind and role. Constants, identifiers, free text, categories
        of more than 100 values and columns of role "ignore" are left out; of more than 60 columns those
        with the most missing values as well.
    n_rows : int
        Rows of the file; of more than 100,000 a random sample is used.
    progress : Progress
        Told the share of pairs that are done.

    Returns
    -------
    Correlations or None
        None where fewer than two columns or ten rows can be compared.

    References
    ----------
    Bergsma, W. (2013), A bias-correction for Cramér's V and Tschuprow's T, Journal of the Korean
    Statistical Society 42, 323-328.
    """
    chosen, notes = _chosen(columns)
    if len(chosen) < 2 or n_rows < _FEWEST_ROWS:
        return None
    sample = take(database, source_sql(path), [(c.name, c.stored) for c in columns], n_rows=n_rows)
    numbers, categories = _load(database, sample, chosen)
    booleans = {name: _truths(numbers[name]) for name in numbers if _is_boolean(chosen, name)}
    progress(0.3, "Comparing columns")
    names = [column.name for column in chosen]
    measured = {name: values for name, values in numbers.items() if name not in booleans}
    pairs = [
        *_number_pairs(numbers),
        *_mixed_pairs(measured, categories),
        *_category_pairs(combinations(categories.items(), 2)),
        *_category_pairs(product(booleans.items(), categories.items())),
    ]
    progress(1.0, "Comparing columns")
    place = {name: number for number, name in enumerate(names)}
    ordered = [_in_order(pair, place) for pair in pairs]
    return Correlations(
        columns=tuple(names),
        pairs=tuple(sorted(ordered, key=lambda pair: (-pair.strength, place[pair.a], place[pair.b]))),
        n_rows_used=sample.n_rows,
        is_sample=not sample.is_all,
        notes=notes,
    )


def _chosen(columns: Sequence[Column]) -> tuple[list[Column], tuple[str, ...]]:
    """Columns that can be compared, in the order of the table, and what is said of the others."""
    fit = [column for column in columns if _can_be_compared(column)]
    if len(fit) <= _MOST_COLUMNS:
        return fit, ()
    fewest = {column.name for column in sorted(fit, key=lambda column: column.n_missing)[:_MOST_COLUMNS]}
    note = (
        f"{counted(len(fit), 'column')} could be compared; these are the {_MOST_COLUMNS} with the fewest "
        "missing values."
    )
    return [column for column in fit if column.name in fewest], (note,)


def _can_be_compared(column: Column) -> bool:
    if column.role == "ignore" or column.n_distinct < 2:
        return False
    if column.kind == "category":
        return column.n_distinct <= _MOST_CATEGORIES
    return column.kind in ("number", "date", "boolean")


def _is_number(column: Column) -> bool:
    return column.kind in ("number", "date", "boolean") and column.stored != "VARCHAR"


def _is_boolean(columns: Sequence[Column], name: str) -> bool:
    return any(column.name == name and column.kind == "boolean" for column in columns)


def _truths(values: Floats) -> Codes:
    """Codes of false and true, -1 where missing; the values were moved so that their mean is 0."""
    return np.where(np.isnan(values), -1, values > 0).astype(np.int64)


def _load(
    database: duckdb.DuckDBPyConnection, sample: Sample, columns: Sequence[Column]
) -> tuple[dict[str, Floats], dict[str, Codes]]:
    """The sampled values by name: numbers as floats, categories as codes 0, 1, 2 …, -1 where missing.

    All come from one statement, so that the rows are the same in each.
    """
    listed = [f"list(DISTINCT {quote(column.name)}::VARCHAR)" for column in columns if not _is_number(column)]
    spellings = _one_row(database, f"SELECT {', '.join(listed)} FROM {sample.table}") if listed else ()  # noqa: S608 -- quoted names
    wanted = [f"{_expression(column)} AS c{number}" for number, column in enumerate(columns)]
    found = database.execute(
        f"SELECT {', '.join(wanted)} FROM {sample.table}",  # noqa: S608 -- quoted names
        [words or [] for words in spellings],
    ).fetchnumpy()
    numbers: dict[str, Floats] = {}
    categories: dict[str, Codes] = {}
    for number, column in enumerate(columns):
        if _is_number(column):
            numbers[column.name] = _floats(found[f"c{number}"])
        else:
            categories[column.name] = np.asarray(found[f"c{number}"], dtype=np.int64)
    return numbers, categories


def _one_row(database: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    return database.execute(sql).fetchone() or ()


def _expression(column: Column) -> str:
    """SQL of a column as a number, or as the place of its text in a bound list."""
    c = quote(column.name)
    if not _is_number(column):
        return f"coalesce(list_position(?::VARCHAR[], {c}::VARCHAR), 0)::BIGINT - 1"
    return f"epoch({c}::TIMESTAMP)" if column.stored in ("DATE", "TIMESTAMP") else f"{c}::DOUBLE"


def _floats(found: Any) -> Floats:
    """Floats with NaN for what is missing or infinite, moved and scaled so that sums keep their digits."""
    values: Floats = np.ma.filled(np.ma.asarray(found, dtype=np.float64), np.nan)
    values = np.where(np.isfinite(values), values, np.nan)
    if np.isnan(values).all():
        return values
    values = values / max(1.0, float(np.nanmax(np.abs(values))))  # squares of 1e300 are not finite
    centred: Floats = values - np.nanmean(values)
    return centred


def _ranks(values: Floats) -> Floats:
    """Average ranks of what is not missing, from -0.5 to 0.5."""
    there = np.flatnonzero(~np.isnan(values))
    order = there[np.argsort(values[there])]
    rising = values[order]
    starts = np.flatnonzero(np.concatenate(([True], rising[1:] != rising[:-1])))
    ends = np.concatenate((starts[1:], [rising.size]))
    ranks = np.full(values.shape, np.nan)
    ranks[order] = np.repeat((starts + ends) / 2, ends - starts) / max(1, rising.size) - 0.5
    return ranks


def _number_pairs(numbers: Mapping[str, Floats]) -> list[Pair]:
    names = list(numbers)
    if len(names) < 2:
        return []
    values = np.column_stack([numbers[name] for name in names])
    n, pearson = _correlations(values)
    _, spearman = _correlations(np.column_stack([_ranks(numbers[name]) for name in names]))
    pairs = []
    for i, j in combinations(range(len(names)), 2):
        if n[i, j] < _FEWEST_ROWS or not (np.isfinite(pearson[i, j]) and np.isfinite(spearman[i, j])):
            continue
        low, high = _fisher(pearson[i, j], n[i, j], 1.0)
        rank_low, rank_high = _fisher(spearman[i, j], n[i, j], _SPEARMAN_WIDER)
        pairs.append(
            Pair(
                a=names[i],
                b=names[j],
                measure="pearson",
                value=float(pearson[i, j]),
                low=low,
                high=high,
                spearman=float(spearman[i, j]),
                spearman_low=rank_low,
                spearman_high=rank_high,
                n_rows=int(n[i, j]),
            )
        )
    return pairs


def _correlations(values: Floats) -> tuple[Floats, Floats]:
    """Pairs of rows and product-moment correlations of all columns, on rows in which both are present."""
    there = (~np.isnan(values)).astype(np.float64)
    x = np.nan_to_num(values)
    n, sums, squares = there.T @ there, x.T @ there, (x * x).T @ there
    spread = n * squares - sums**2  # n² times the variance of i on the rows that j has too
    spread = np.where(spread > 1e-12 * n * squares, spread, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        r = (n * (x.T @ x) - sums * sums.T) / np.sqrt(spread * spread.T)
    return n, np.clip(r, -1.0, 1.0)


def _fisher(r: float, n: float, wider: float) -> tuple[float, float]:
    """Approximate 95 % interval of a correlation."""
    z = math.atanh(max(-1 + 1e-12, min(1 - 1e-12, float(r))))
    half = _WIDTH_95 * math.sqrt(wider / (n - 3))
    return math.tanh(z - half), math.tanh(z + half)


def _mixed_pairs(numbers: Mapping[str, Floats], categories: Mapping[str, Codes]) -> list[Pair]:
    pairs = []
    for a, values in numbers.items():
        for b, codes in categories.items():
            there = (codes >= 0) & ~np.isnan(values)
            x, k = values[there], codes[there]
            if x.size >= _FEWEST_ROWS:
                pairs += _pair(a, b, "eta", x.size, _etas(x, k))
    return pairs


def _category_pairs(two: Iterable[tuple[tuple[str, Codes], tuple[str, Codes]]]) -> list[Pair]:
    pairs = []
    for (a, left), (b, right) in two:
        there = (left >= 0) & (right >= 0)
        x, y = left[there], right[there]
        if x.size >= _FEWEST_ROWS:
            pairs += _pair(a, b, "cramer", x.size, _cramers(x, y))
    return pairs


class _Found(NamedTuple):
    """A measure and the statistic that says how much of it may be chance."""

    value: float
    statistic: float
    """F, or chi-squared divided by `df`."""
    df: int
    df_error: float
    """Infinite for chi-squared."""
    most: int = 1
    """Chi-squared of the strongest relation, divided by the rows."""


def _pair(a: str, b: str, measure: str, n_rows: int, found: Sequence[_Found | None]) -> list[Pair]:
    """A pair with its interval, which holds what chance may do and how far the parts of the rows differ."""
    whole, *parts = found
    if whole is None:
        return []
    value, low, high = whole.value, None, None
    measured = [part.value for part in parts if part is not None]
    if n_rows >= _PARTS * _FEWEST_ROWS and len(measured) == _PARTS:
        half = _T_95 * float(np.std(measured, ddof=1)) / math.sqrt(_PARTS)
        least, most = _by_statistic(whole, n_rows)
        low, high = max(0.0, min(value - half, least)), min(1.0, max(value + half, most))
    return [Pair(a=a, b=b, measure=measure, value=value, low=low, high=high, n_rows=n_rows)]


def _by_statistic(found: _Found, n_rows: int) -> tuple[float, float]:
    """Interval of the measure by the noncentral distribution of its statistic."""
    low, high = (
        end / (n_rows * found.most) for end in noncentrality(found.statistic, found.df, found.df_error)
    )
    if math.isfinite(found.df_error):
        low, high = low / (1 + low), high / (1 + high)
    return math.sqrt(low), math.sqrt(high)


def _parts(n_rows: int) -> Codes:
    """A tenth for each row, at random: every tenth row would meet whatever repeats in the table."""
    parts: Codes = np.random.default_rng(0).integers(0, _PARTS, n_rows)
    return parts


def _etas(values: Floats, codes: Codes) -> list[_Found | None]:
    """Correlation ratio of all rows, then of each tenth of them."""
    n_groups = int(codes.max()) + 1
    part = _parts(values.size)
    group = part * n_groups + codes
    shape, length = (_PARTS, n_groups), _PARTS * n_groups
    sizes = np.bincount(group, minlength=length).reshape(shape)
    sums = np.bincount(group, weights=values, minlength=length).reshape(shape)
    squares = np.bincount(part, weights=values * values, minlength=_PARTS)
    whole = _eta(sizes.sum(axis=0), sums.sum(axis=0), float(squares.sum()))
    return [
        whole,
        *(_eta(n, total, float(square)) for n, total, square in zip(sizes, sums, squares, strict=True)),
    ]


def _eta(sizes: Codes, sums: NDArray[Any], squares: float) -> _Found | None:
    """Correlation ratio, less what groups of so few rows give by chance (Kelley's epsilon)."""
    sizes, sums = sizes[sizes > 0], sums[sizes > 0]
    n, groups = int(sizes.sum()), sizes.size
    if groups < 2 or n <= groups:
        return None
    moved = float(sums.sum()) ** 2 / n
    total, between = squares - moved, float((sums**2 / sizes).sum()) - moved
    if total <= 1e-12 * squares:
        return None
    rest = max(1e-12, 1 - between / total)
    value = math.sqrt(max(0.0, 1 - min(1.0, rest) * (n - 1) / (n - groups)))
    statistic = max(0.0, 1 - rest) / (groups - 1) / (rest / (n - groups))
    return _Found(value, statistic, groups - 1, n - groups)


def _cramers(a: Codes, b: Codes) -> list[_Found | None]:
    """Cramér's V of all rows, then of each tenth of them."""
    height, width = int(a.max()) + 1, int(b.max()) + 1
    cell = (_parts(a.size) * height + a) * width + b
    counts = np.bincount(cell, minlength=_PARTS * height * width).reshape(_PARTS, height, width)
    return [_cramer(counts.sum(axis=0)), *(_cramer(part) for part in counts)]


def _cramer(counts: Codes) -> _Found | None:
    """Cramér's V with Bergsma's correction."""
    down, across = counts.sum(axis=1), counts.sum(axis=0)
    r, c, n = int((down > 0).sum()), int((across > 0).sum()), int(counts.sum())
    if r < 2 or c < 2:
        return None
    shares = counts[down > 0][:, across > 0].astype(np.float64)
    phi2 = max(0.0, float((shares**2 / np.outer(down[down > 0], across[across > 0])).sum()) - 1)
    df = (r - 1) * (c - 1)
    least = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    if least <= 0:
        return None
    value = math.sqrt(min(1.0, max(0.0, phi2 - df / (n - 1)) / least))
    return _Found(value, n * phi2 / df, df, math.inf, min(r, c) - 1)


def _in_order(pair: Pair, place: Mapping[str, int]) -> Pair:
    """The same pair, the column that comes first in the table first."""
    return pair if place[pair.a] <= place[pair.b] else replace(pair, a=pair.b, b=pair.a)
