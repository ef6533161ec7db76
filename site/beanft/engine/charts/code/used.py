"""Lines of pandas that bars, lines, areas and boxes share: the rows they use, and their aggregates."""

from collections.abc import Sequence

from beanft.engine.charts.chart import Chart, is_date, measured_part, measures
from beanft.engine.charts.drawing import Drawing
from beanft.engine.charts.expressions import is_logarithmic
from beanft.engine.charts.words import FEW_ROWS
from beanft.engine.tables.columns import Column, Profile

_INFINITE = "[float('inf'), float('-inf')]"
_PANDAS = {
    "mean": "mean()",
    "median": "median()",
    "sum": "sum()",
    "min": "min()",
    "max": "max()",
    "sd": "std()",
    "distinct": "nunique()",
}


def used_lines(drawing: Drawing, profile: Profile, x: Sequence[str]) -> list[str]:
    """Write the lines that make `u`, the rows of a chart with columns x, c and y.

    Parameters
    ----------
    drawing : Drawing
        What was drawn.
    profile : Profile
        What is known of the table.
    x : sequence of str
        Lines that set u['x'].

    Returns
    -------
    list of str
        Python, one statement a line; c is the place of the colour.
    """
    chart = drawing.chart
    lines = ["u = pd.DataFrame(index=t.index)", *x]
    if chart.colour:
        lines += place_lines(profile.column(chart.colour), "c", drawing.colour_keys)
    if chart.y and (measures(chart) if measured_part(chart) else True):
        lines.append(f"u['y'] = {_measured(chart, profile.column(chart.y))}")
    lines.append("u = u.dropna()")
    if chart.y and is_logarithmic(chart, "y"):
        lines.append("u = u[u['y'] > 0]")
    return lines


def number(column: Column) -> str:
    """Write a column of numbers, the infinite ones as missing.

    Parameters
    ----------
    column : Column
        A column's profile.

    Returns
    -------
    str
        An expression of pandas.
    """
    plain = f"t[{column.name!r}].astype('float64')"
    return f"{plain}.replace({_INFINITE}, float('nan'))" if column.stored == "DOUBLE" else plain


def moment(column: Column) -> str:
    """Write a column of dates as milliseconds since 1970 UTC.

    Parameters
    ----------
    column : Column
        A column's profile.

    Returns
    -------
    str
        An expression of pandas.
    """
    moments = f"t[{column.name!r}].astype('timestamp[us][pyarrow]')"
    return f"{moments}.astype('int64[pyarrow]').astype('float64') / 1000"


def _measured(chart: Chart, column: Column) -> str:
    if chart.aggregation != "distinct" or not measured_part(chart):
        return number(column)
    return number(column) if column.stored == "DOUBLE" else f"t[{column.name!r}].astype('object')"


def place_lines(column: Column, part: str, keys: Sequence[str]) -> list[str]:
    """Write the lines that give each row the place of its category; the one after the last is "other".

    Parameters
    ----------
    column : Column
        The column of the categories.
    part : str
        Column of `u` that they set.
    keys : sequence of str
        The categories that stand alone, as text.

    Returns
    -------
    list of str
        Python, one statement a line.
    """
    places = ", ".join(f"{_key(column, key)}: {place}" for place, key in enumerate(keys))
    raw = f"t[{column.name!r}].astype('object')"
    if is_date(column):
        raw = f"t[{column.name!r}].astype('timestamp[us][pyarrow]').astype('datetime64[us]')"
    elif column.stored == "DOUBLE":
        raw = number(column)
    return [
        f"raw = {raw}",
        f"u[{part!r}] = raw.map({{{places}}}).astype('float64').fillna({len(keys)}).where(raw.notna())",
    ]


def _key(column: Column, key: str) -> str:
    if column.stored == "BIGINT":
        return str(int(key))
    if column.stored == "DOUBLE":
        return repr(float(key))
    if column.stored == "BOOLEAN":
        return str(key == "true")
    return f"pd.Timestamp({key!r})" if is_date(column) else repr(key)


def aggregate_lines(drawing: Drawing, groups: Sequence[str], *, interval: bool) -> list[str]:
    """Write the lines that make `numbers` of `u`: value, rows, and the interval of means.

    Parameters
    ----------
    drawing : Drawing
        What was drawn.
    groups : sequence of str
        Columns of `u` to group by; they become the index.
    interval : bool
        Whether means carry their interval.

    Returns
    -------
    list of str
        Python, one statement a line.
    """
    chart = drawing.chart
    value = f"g['y'].{_PANDAS[chart.aggregation]}" if measures(chart) else "g.size()"
    lines = [
        f"g = u.groupby({list(groups)!r})",
        f"numbers = pd.DataFrame({{'value': {value}, 'rows': g.size()}})",
    ]
    if interval:
        lines = [
            "from scipy.stats import t as student",
            *lines,
            "half = student.ppf(0.975, numbers['rows'] - 1) * g['y'].std() / numbers['rows'] ** 0.5",
            "numbers['from'], numbers['to'] = numbers['value'] - half, numbers['value'] + half",
        ]
    return lines


def share_line() -> str:
    """Write the line of per cents that add up to 100 at each x.

    Returns
    -------
    str
        One line of pandas.
    """
    return "numbers['share'] = 100 * numbers['value'] / numbers.groupby('x')['value'].transform('sum')"


def remark_line(*, is_single: bool = False) -> str:
    """Write the line that marks groups of few rows.

    Parameters
    ----------
    is_single : bool
        Whether each point is one row, which is then no small group.

    Returns
    -------
    str
        One line of pandas.
    """
    if is_single:
        return "numbers['remark'] = ''"
    few = f"numbers['rows'].between(1, {FEW_ROWS - 1})"
    return f"numbers['remark'] = {few}.map({{True: 'few rows', False: ''}})"


def label_line(part: str, labels: Sequence[str]) -> str:
    """Write the line that names the places of categories.

    Parameters
    ----------
    part : str
        Column of the frame that holds places.
    labels : sequence of str
        Their names.

    Returns
    -------
    str
        One line of pandas.
    """
    return f"numbers[{part!r}] = numbers[{part!r}].map(dict(enumerate({list(labels)!r})))"


def final_line(drawing: Drawing, order: Sequence[str]) -> str:
    """Write the line that picks the columns and names them as the table under the chart does.

    Parameters
    ----------
    drawing : Drawing
        What was drawn.
    order : sequence of str
        Columns of the frame in the order of the table.

    Returns
    -------
    str
        One line of pandas.
    """
    return f"numbers = numbers[{list(order)!r}].set_axis({list(drawing.header)!r}, axis=1)"
