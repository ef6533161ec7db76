"""Writes the lines of pandas that give the table of a summary."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from beanft.engine.charts.chart import is_date
from beanft.engine.summaries.groups import Grouping
from beanft.engine.summaries.summarised import Summarised
from beanft.engine.summaries.summary import Measure
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.queries.code import pandas_lines
from beanft.engine.tables.queries.conditions import Filter

_INFINITE = "[float('inf'), float('-inf')]"
_PANDAS = {
    "mean": "mean()",
    "median": "median()",
    "sum": "sum(min_count=1)",
    "min": "min()",
    "max": "max()",
    "sd": "std()",
    "q25": "quantile(0.25)",
    "q75": "quantile(0.75)",
    "distinct": "nunique()",
    "missing": "sum()",
}
_FORMS = {
    "minute": "%Y-%m-%d %H:%M:00",
    "hour": "%Y-%m-%d %H:00:00",
    "day": "%Y-%m-%d",
    "month": "%Y-%m-01",
    "year": "%Y-01-01",
}


def summary_lines(
    profile: Profile, found: Summarised, *, file_name: str, filters: Sequence[Filter] = ()
) -> str:
    """Write the lines of pandas that give the table of a summary.

    Parameters
    ----------
    profile : Profile
        What is known of the table.
    found : Summarised
        The summary, whose bins and crossed values the lines name.
    file_name : str
        Name of the typed Parquet file once it is downloaded.
    filters : sequence of Filter
        Conditions on the rows.

    Returns
    -------
    str
        Python, one statement a line; names and values stand in it as literals, whatever they hold. The table
        is in `numbers`, with the header and rows of the summary; what that estimates is exact there.

    Raises
    ------
    EngineError
        When a filter does not fit.
    """
    lines = pandas_lines(profile, file_name=file_name, filters=filters).split("\n")
    measures = found.summary.measures
    imports = ["import numpy as np"] if any(one.edges for one in found.groupings) else []
    if any(measure.what == "mean" for measure in measures):
        imports.append("from scipy.stats import t as student")
    at = lines.index("")
    lines[at:at] = imports
    keys = [f"k{place}" for place in range(len(found.groupings))]
    return "\n".join(
        [
            *lines,
            "u = pd.DataFrame(index=t.index)",
            *(line for key, one in zip(keys, found.groupings, strict=True) for line in _key_lines(key, one)),
            *(f"u['y{at}'] = {_value(one, profile)}" for at, one in enumerate(measures)),
            f"g = u.groupby({keys!r}, dropna=False, sort=False)",
            "numbers = g.size().rename('rows').reset_index()",
            *(line for at, one in enumerate(measures) for line in _measure_lines(at, one, profile)),
            *_count_lines(found),
            *_largest_lines(found, keys),
            f"numbers = numbers.sort_values({keys!r}, na_position='last', kind='stable')",
            *(_across_lines(found, keys) if found.summary.across else ()),
            *_label_lines(found),
            f"numbers = numbers.set_axis({list(found.header)!r}, axis=1)",
            *_order_lines(found),
        ]
    )


def _key_lines(key: str, one: Grouping) -> list[str]:
    """Lines that set a key: a number, a text, or the place of a bin."""
    column, raw = one.column, f"t[{one.column.name!r}]"
    if is_date(column):
        return [f"d = {_moments(column)}", *_date_lines(key, one)]
    if one.edges:
        last = len(one.edges) - 2
        return [
            f"d = {raw}.astype('float64')",
            f"b = np.clip(np.searchsorted({list(one.edges)!r}, d, side='right') - 1, 0, {last})",
            f"b = np.where(d == float('inf'), {last + 1}, np.where(d == float('-inf'), -1, b))",
            f"u[{key!r}] = pd.Series(b, index=t.index).astype('float64').where(d.notna())",
        ]
    if column.stored == "VARCHAR":
        return [f"u[{key!r}] = {raw}.astype('object').where({raw}.notna(), None)"]
    type_ = {"BIGINT": "Int64", "BOOLEAN": "Int64"}.get(column.stored, "float64")
    return [f"u[{key!r}] = {raw}.astype({type_!r})"]


def _date_lines(key: str, one: Grouping) -> list[str]:
    if one.unit == "week":
        text = "(d - pd.to_timedelta(d.dt.day_of_week, unit='D')).dt.strftime('%Y-%m-%d')"
    elif one.unit == "quarter":
        month = "(d.dt.quarter * 3 - 2).map('{:02.0f}-01'.format, na_action='ignore')"
        text = f"d.dt.strftime('%Y-') + {month}"
    elif one.unit == "decade":
        text = "(d.dt.year // 10 * 10).map('{:04.0f}-01-01'.format, na_action='ignore')"
    elif one.unit or one.column.stored == "DATE":
        text = f"d.dt.strftime({_FORMS[one.unit or 'day']!r})"
    else:
        text = "d.map(str, na_action='ignore')"
    return [f"u[{key!r}] = ({text}).astype('object').where(d.notna(), None)"]


def _moments(column: Column) -> str:
    return f"t[{column.name!r}].astype('timestamp[us][pyarrow]').astype('datetime64[us]')"


def _value(measure: Measure, profile: Profile) -> str:
    """The values of a measure, infinite numbers as missing."""
    column = profile.column(measure.column)
    raw = f"t[{column.name!r}]"
    if measure.what == "missing":
        return f"{raw}.isna().astype('int64')"
    if is_date(column):
        return _moments(column)
    if column.stored == "BIGINT" and measure.what in ("min", "max", "distinct"):
        return f"{raw}.astype('Int64')"
    if column.stored in ("BIGINT", "DOUBLE"):
        return f"{raw}.astype('float64').replace({_INFINITE}, float('nan'))"
    return f"{raw}.astype('object')"


def _measure_lines(at: int, measure: Measure, profile: Profile) -> list[str]:
    """The groups of g stand in the same order whatever is asked of them."""
    name = f"y{at}"
    figure = f"g[{name!r}].{_PANDAS[measure.what]}"
    if measure.what in ("min", "max") and is_date(profile.column(measure.column)):
        is_day = profile.column(measure.column).stored == "DATE"
        text = "lambda one: str(one.date())" if is_day else "str"
        return [f"numbers[{name!r}] = {figure}.map({text}, na_action='ignore').to_numpy()"]
    lines = [f"numbers[{name!r}] = {figure}.to_numpy()"]
    if measure.what == "mean":
        lines += [
            f"n = g[{name!r}].count().to_numpy()",
            f"half = student.ppf(0.975, n - 1) * g[{name!r}].std().to_numpy() / n ** 0.5",
            f"numbers['{name}from'] = numbers[{name!r}] - half",
            f"numbers['{name}to'] = numbers[{name!r}] + half",
        ]
    return lines


def _count_lines(found: Summarised) -> list[str]:
    """Lines that count the values behind the figures, of columns that some rows have none of."""
    measures = list(enumerate(found.summary.measures))
    ats = [
        next(at for at, one in measures if one.column == name and one.what != "missing")
        for name in found.counted
    ]
    return [f"numbers['n{at}'] = g['y{at}'].count().to_numpy()" for at in ats]


def _largest_lines(found: Summarised, keys: Sequence[str]) -> list[str]:
    if found.is_whole:
        return []
    order = ["rows", *keys]
    falling = [False, *(True for _ in keys)]
    return [f"numbers = numbers.sort_values({order!r}, ascending={falling!r}).head({len(found.rows)})"]


def _across_lines(found: Summarised, keys: Sequence[str]) -> list[str]:
    """Lines that set the groups of each crossed value beside each other; missing keys meet, too."""
    by, key = list(keys[:-1]), keys[-1]
    codes = [_code(value, found.groupings[-1]) for value in found.across]
    return [
        "flat = numbers",
        f"numbers = flat[{by!r}].drop_duplicates()",
        f"for place, value in enumerate([{', '.join(codes)}]):",
        f"    part = flat[flat[{key!r}].isna() if value is None else flat[{key!r}] == value]",
        f"    part = part.drop(columns={key!r}).set_index({by!r}).add_prefix(f'{{place}} ').reset_index()",
        f"    numbers = numbers.merge(part, how='left', on={by!r})",
        "    numbers[f'{place} rows'] = numbers[f'{place} rows'].fillna(0).astype('int64')",
    ]


def _code(value: Any, one: Grouping) -> str:
    """A crossed value as its key holds it."""
    if value is None:
        return "None"
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, date):
        return repr(one.label(value))
    return f"float({str(value)!r})" if isinstance(value, float) else repr(value)


def _label_lines(found: Summarised) -> list[str]:
    """Lines that write bins by their edges, and true and false as the page does."""
    lines = []
    for place, one in enumerate(found.groupings[: found.n_keys]):
        labels: dict[int, Any] = {}
        if one.edges:
            labels = {at: one.label(at) for at in range(-1, len(one.edges))}
        elif one.column.stored == "BOOLEAN":
            labels = {int(value): one.label(value) for value in (False, True)}
        if labels:
            lines.append(f"numbers['k{place}'] = numbers['k{place}'].map({labels!r})")
    return lines


def _order_lines(found: Summarised) -> list[str]:
    order = found.summary.order
    has_sign = order[:1] in ("+", "-") and order[1:] in found.header
    wished = order[1:] if has_sign else order
    if wished not in found.header:
        return []
    rising = not (has_sign and order[0] == "-")
    return [
        f"numbers = numbers.sort_values({wished!r}, ascending={rising}, na_position='last', kind='stable')"
    ]
