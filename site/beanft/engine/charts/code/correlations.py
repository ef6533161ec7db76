"""Lines of pandas that give the numbers of a correlation matrix, or of a pair plot."""

from beanft.engine.charts.catalogue import KINDS
from beanft.engine.charts.chart import Chart
from beanft.engine.charts.kinds.correlations import N_COLUMNS
from beanft.engine.charts.kinds.related import FEW, FLAT, HEADER, comparable
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.relations.pairs import FEWEST_ROWS


def correlations_code(chart: Chart, profile: Profile) -> list[str]:
    """Write the lines that turn the rows `t` into `numbers`, one row a pair of columns.

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
    return relation_lines(chart, profile, N_COLUMNS)


def relation_lines(chart: Chart, profile: Profile, most: int) -> list[str]:
    """Write the lines for the columns chosen, or for the most related ones.

    Parameters
    ----------
    chart : Chart
        A checked description.
    profile : Profile
        What is known of the table.
    most : int
        Columns that are kept where none are chosen.

    Returns
    -------
    list of str
        Python, one statement a line.
    """
    names = list(dict.fromkeys(chart.columns or comparable(profile, KINDS[chart.kind].article)))
    lines = [
        "import math",
        f"names = {names!r}",
        "x = t[names].astype('float64').replace([float('inf'), float('-inf')], float('nan'))",
        "found = []",
        "for place, a in enumerate(names):",
        "    for b in names[place + 1:]:",
        "        both = x[[a, b]].dropna()",
        "        varies = len(both) > 3 and both[a].nunique() > 1 and both[b].nunique() > 1",
        "        r = both[a].corr(both[b]) if varies else float('nan')",
        "        z = math.atanh(max(-1 + 1e-12, min(1 - 1e-12, r))) if varies else r",
        "        half = 1.959963984540054 / math.sqrt(len(both) - 3) if varies else r",
        f"        remark = {FEW!r} if len(both) < {FEWEST_ROWS} else '' if varies else {FLAT!r}",
        "        low, high = min(r, math.tanh(z - half)), max(r, math.tanh(z + half))",
        "        found.append((a, b, r, low, high, len(both), remark))",
    ]
    if not chart.columns and len(names) > most:
        lines += [
            "best = {name: max(abs(r) if r == r else -1 for a, b, r, *_ in found if name in (a, b)) "
            "for name in names}",
            f"kept = sorted(names, key=lambda name: -best[name])[:{most}]",
            "found = [one for one in found if one[0] in kept and one[1] in kept]",
        ]
    return [
        *lines,
        "found.sort(key=lambda one: -round(abs(one[2]) if one[2] == one[2] else -1, 9))",
        f"numbers = pd.DataFrame(found, columns={list(HEADER)!r})",
    ]
