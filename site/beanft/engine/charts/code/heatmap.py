"""Lines of pandas that give the numbers of a heat map."""

import inspect

from beanft.engine.charts.chart import Chart, is_date, is_number, measures
from beanft.engine.charts.kinds.axis import MOST_PLACES, axis_heads, has_bins
from beanft.engine.charts.kinds.buckets import BUCKET_ENDS, N_BUCKETS, UNITS
from beanft.engine.charts.kinds.heatmap import heads
from beanft.engine.charts.kinds.places import N_BINS, most_categories
from beanft.engine.charts.kinds.ranges import cell_edges, inner_ends
from beanft.engine.charts.words import FEW_ROWS
from beanft.engine.tables.columns import Column, Profile

_AGGREGATE = {"mean": "mean", "median": "median", "sum": "sum", "min": "min", "max": "max", "sd": "std"}
_TEXT = "lambda v: format(v, '.0f') if v.is_integer() and abs(v) < 1e15 else repr(v)"
_CUT = "lambda text: text if len(text) <= 120 else text[:119] + '…'"
_INFINITE = "[float('inf'), float('-inf')]"
_CELL_EDGES = tuple(inspect.getsource(cell_edges).rstrip().split("\n"))
"""Read once, with the code that runs: the file may be replaced under a running server."""


def heatmap_code(chart: Chart, profile: Profile) -> tuple[list[str], list[str]]:
    """Write the lines that turn the rows `t` into `numbers`.

    Parameters
    ----------
    chart : Chart
        A checked description.
    profile : Profile
        What is known of the table.

    Returns
    -------
    first, each : list of str
        Python, one statement a line: what all panels share, then what is done with the rows of each.
    """
    columns = {part: profile.column(getattr(chart, part)) for part in ("x", "y")}
    lines = _imports(chart, tuple(columns.values()))
    parts = [f"{part!r}: {_values(column)}" for part, column in columns.items()]
    parts.append(f"'z': {_measured(chart, profile)}")
    lines += [
        f"rows = pd.DataFrame({{{', '.join(parts)}}})",
        f"rows = rows.replace({_INFINITE}, float('nan')).dropna()",
    ]
    for part, column in columns.items():
        lines += _axis(chart, part, column)
    texts = [f"{part} {end}" for part, column in columns.items() for end in _ends(column)]
    head = heads(chart, axis_heads(columns["x"]), axis_heads(columns["y"]))
    lines.append("numbers = rows")
    return lines, [*_aggregated(chart, texts), f"numbers.columns = {list(head)!r}"]


def _imports(chart: Chart, columns: tuple[Column, ...]) -> list[str]:
    lines = []
    if any(has_bins(one) for one in columns):
        lines += ["import math", "import numpy as np", "", *_CELL_EDGES, ""]
    if any(is_date(one) for one in columns):
        lines += [*_BUCKET, ""]
    if chart.aggregation == "mean":
        lines.append("from scipy import stats")
    return lines


def _values(column: Column) -> str:
    """The column as its axis takes it: numbers, moments or texts."""
    raw = f"t[{column.name!r}]"
    if is_date(column):
        return f"{raw}.astype('datetime64[us]')"
    if has_bins(column):
        return f"{raw}.astype('float64')"
    if column.stored == "BOOLEAN":
        return f"{raw}.astype('object').map({dict(zip((False, True), _truths(column), strict=True))!r})"
    if column.stored == "BIGINT":
        return f"{raw}.astype('object').map(str, na_action='ignore')"
    if column.stored == "DOUBLE":
        finite = f"{raw}.astype('float64').replace({_INFINITE}, float('nan'))"
        return f"{finite}.map({_TEXT}, na_action='ignore')"
    return f"{raw}.astype('object')"


def _truths(column: Column) -> tuple[str, ...]:
    return column.labels or ("false", "true")


def _measured(chart: Chart, profile: Profile) -> str:
    if not measures(chart):
        return "1"
    raw = f"t[{chart.z!r}]"
    return raw if not is_number(profile.column(chart.z)) else f"{raw}.astype('float64')"


def _ends(column: Column) -> tuple[str, ...]:
    """Columns of `rows` that name a place."""
    return ("from", "to") if has_bins(column) and not is_date(column) else ("text",)


def _axis(chart: Chart, part: str, column: Column) -> list[str]:
    """Lines that give each row its place, and what the table calls it."""
    if is_date(column):
        return _dates(chart, part, column)
    return _bins(part, column) if has_bins(column) else _categories(chart, part, column)


def _categories(chart: Chart, part: str, column: Column) -> list[str]:
    most = most_categories(chart, column)
    lines = [
        f"sizes = rows[{part!r}].value_counts().sort_index().sort_values(ascending=False, kind='stable')",
        f"kept = list(sizes.index[:{most - 1}] if len(sizes) > {most} else sizes.index)",
    ]
    if is_number(column):
        lines.append("kept.sort(key=float)")
    elif column.stored == "BOOLEAN":
        lines.append(f"kept.sort(key={list(_truths(column))!r}.index)")
    return [
        *lines,
        "places = {value: place for place, value in enumerate(kept)}",
        "other = f'other ({len(sizes) - len(kept):,} values)'",
        f"rows['{part} at'] = rows[{part!r}].map(lambda value: places.get(value, len(kept)))",
        f"rows['{part} text'] = rows[{part!r}].where(rows[{part!r}].isin(kept), other).map({_CUT})",
    ]


def _bins(part: str, column: Column) -> list[str]:
    lines = [f"low, high = rows[{part!r}].min(), rows[{part!r}].max()", "inner = low, high"]
    if ends := inner_ends(column.quantiles):
        q1, q3 = column.quantiles[1], column.quantiles[3]
        clipped = f"max(low, {ends[0]!r}), min(high, {ends[1]!r})"
        lines[1] = f"inner = ({clipped}) if low <= {q1!r} and high >= {q3!r} else (low, high)"
    return [
        *lines,
        f"edges = cell_edges(*inner, {column.stored == 'BIGINT'}, {N_BINS})",
        "ends = np.array([min(edges[0], low), *edges[1:-1], max(edges[-1], high)])",
        f"rows['{part} at'] = np.searchsorted(np.array(edges[1:-1]), rows[{part!r}], side='right')",
        f"rows['{part} from'] = ends[rows['{part} at']]",
        f"rows['{part} to'] = ends[rows['{part} at'] + 1]",
    ]


_BUCKET = [
    "def bucket(moment, unit):",
    "    if unit == 'week':",
    "        moment = moment - pd.Timedelta(days=moment.weekday())",
    "    if unit == 'quarter':",
    "        moment = moment.replace(day=1, month=(moment.month - 1) // 3 * 3 + 1)",
    "    years = {'decade': 10, 'century': 100, 'millennium': 1000}.get(unit, 1)",
    "    text = f'{moment.year // years * years:04d}' + moment.strftime('-%m-%d %H:%M')",
    f"    letters, end = {BUCKET_ENDS!r}[unit]",
    "    return text[:letters] + end",
]


def _dates(chart: Chart, part: str, column: Column) -> list[str]:
    names = [name for name, *_ in UNITS]
    first = names.index(chart.bucket) if chart.bucket else names.index("day") * (column.stored == "DATE")
    units = [(name, seconds) for name, _, seconds in UNITS[first:]]
    most = (MOST_PLACES if chart.bucket else N_BUCKETS) - 2
    return [
        f"span = (rows[{part!r}].max() - rows[{part!r}].min()).total_seconds()",
        f"units = {units!r}",
        f"unit = next((name for name, seconds in units if span / seconds <= {most}), 'millennium')",
        f"buckets = {{moment: bucket(moment, unit) for moment in rows[{part!r}].drop_duplicates()}}",
        f"rows['{part} text'] = rows['{part} at'] = rows[{part!r}].map(buckets)",
    ]


def _aggregated(chart: Chart, texts: list[str]) -> list[str]:
    lines = [
        "groups = numbers.groupby(['x at', 'y at'])",
        f"numbers = groups[{texts!r}].first()",
    ]
    if chart.aggregation == "distinct":
        lines.append("numbers['value'] = groups['z'].nunique()")
    elif measures(chart):
        lines.append(f"numbers['value'] = groups['z'].{_AGGREGATE[chart.aggregation]}()")
    if chart.aggregation == "mean":
        lines += [
            "n = groups.size()",
            "half = stats.t.ppf(0.975, n - 1) * groups['z'].std() / n**0.5",
            "numbers['low'], numbers['high'] = numbers['value'] - half, numbers['value'] + half",
        ]
    return [
        *lines,
        "numbers['rows'] = groups.size()",
        f"numbers['remark'] = ['few rows' if n < {FEW_ROWS} else '' for n in numbers['rows']]",
        "numbers = numbers.reset_index(drop=True)",
    ]
