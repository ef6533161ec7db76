"""Lines of pandas that give the numbers of a chart of missing values."""

from beanft.engine.charts.chart import Chart
from beanft.engine.charts.kinds.missing import HEADER, N_PATTERNS, TOGETHER, chosen_columns
from beanft.engine.tables.columns import Profile


def missing_code(chart: Chart, profile: Profile) -> list[str]:
    """Write the lines that turn the rows `t` into `numbers`: each column, then what is missing together.

    Parameters
    ----------
    chart : Chart
        A checked description.
    profile : Profile
        What is known of the table.

    Returns
    -------
    list of str
        Python, one statement a line.
    """
    names = [column.name for column in chosen_columns(profile.columns, chart.columns)[0]]
    return [
        f"names = {names!r}",
        "lacks = t[names].isna()",
        "found = [(name, int(lacks[name].sum()), '') for name in names]",
        "some = [name for name, n, _ in found if n]",
        "bits = sum(lacks[name].astype('int64') * 2**place for place, name in enumerate(some))",
        "sizes = pd.Series(bits, index=t.index).value_counts().sort_index()",
        "sizes = sizes.sort_values(ascending=False, kind='stable')",
        f"several = [(bits, n) for bits, n in sizes.items() if int(bits).bit_count() > 1][:{N_PATTERNS}]",
        "for bits, n in several:",
        "    together = ' + '.join(name for place, name in enumerate(some) if int(bits) >> place & 1)",
        f"    found.append((together, n, {TOGETHER!r}))",
        "rows = [(what, n, n / len(t), remark) for what, n, remark in found]",
        f"numbers = pd.DataFrame(rows, columns={list(HEADER)!r})",
    ]
