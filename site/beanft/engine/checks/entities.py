"""Finds columns that name what several rows belong to: patients, customers, machines."""

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from beanft.engine.checks.table import Table
from beanft.engine.findings import Finding
from beanft.engine.plain import plain
from beanft.engine.tables.columns import Column
from beanft.engine.tables.connection import quote
from beanft.engine.tables.wording import counted, shown

CODE = "several-rows-each"
"""Code of the finding, which the question of a training looks for too."""

_PERSONS = (
    r"patient|subject|proband|participant|person|customer|kunden?|client|user|member|student|pupil|schueler|"
    r"schüler|player|employee|account|household|family|animal"
)
_THINGS = r"device|machine|sensor|vehicle|session|owner|worker|author|case|teilnehmer"
_NAMED = re.compile(rf"(?:^|[_\W])(?:{_PERSONS}|{_THINGS})[_\W]*(?:id|no|nr|number|nummer|code|key|name)?$")
_KEY = re.compile(
    rf"(?:^|[_\W])(?:(?:{_PERSONS}|{_THINGS}|\w+)[_\W]+(?:id|uid)|(?:{_PERSONS})(?:id|nr|no)?)$"
)
_CODED = re.compile(r"^[A-Za-z]{0,4}[-_]?[0-9]{2,}$")  # P005, M-00017
_FEWEST_GROUPS, _MANY_GROUPS = 12, 50
_LEAST, _MOST = 1.5, 20.0  # rows of a value on average; larger ones are categories
_MOST_NAMED = 60.0  # where the name says that it names something
_ROWS = 3_000
_MOST_TRIED, _MOST_OTHERS = 3, 60
_AGREES = 0.3  # of the variation lies between the values
_SURE = 5.0  # standard errors
_LISTED = 3


def find(table: Table) -> Iterator[Finding]:
    """Name columns of many values with several rows each, within which other columns hardly differ.

    Parameters
    ----------
    table : Table
        The table to look at.

    Yields
    ------
    Finding
        A note for the first such column; its `columns` begin with it and go on with those that agree.
    """
    tried = [column for column in table.profile.columns if _may_name(table, column)]
    tried.sort(key=lambda column: not _says_so(column))
    for column in tried[:_MOST_TRIED]:
        agreeing = _agreeing(table, column)
        if agreeing:
            yield _finding(table, column, agreeing)
            return


def _finding(table: Table, column: Column, agreeing: list[str]) -> Finding:
    size = table.n_values(column) / column.n_distinct
    named = ", ".join(shown(name, 40) for name in agreeing[:_LISTED])
    more = f" and {counted(len(agreeing) - _LISTED, 'more column')}" if len(agreeing) > _LISTED else ""
    return Finding(
        code=CODE,
        severity="note",
        columns=(column.name, *agreeing),
        sentence=(
            f"{shown(column.name)} may name what several rows belong to: {column.n_distinct:,} values with "
            f"{plain(size, 2)} rows each on average, and within one of them {named}{more} "
            f"{'differs' if len(agreeing) == 1 else 'differ'} less than between them."
        ),
        figure=size,
        remedy=(
            f"If new rows will be of others than these, keep the rows of one {shown(column.name)} together "
            "when you train."
        ),
    )


def _says_so(column: Column) -> bool:
    """Whether the name says that it names something; of numbers it must say more, for many are amounts."""
    name = re.sub(r"(?<=[a-zäöüß])(?=[A-Z])", "_", column.name).lower()
    return bool((_KEY if column.stored == "BIGINT" and column.kind == "number" else _NAMED).search(name))


def _may_name(table: Table, column: Column) -> bool:
    n = table.n_values(column)
    if column.stored not in ("VARCHAR", "BIGINT") or column.n_distinct < _FEWEST_GROUPS or not n:
        return False
    size, says_so = n / column.n_distinct, _says_so(column)
    if not _LEAST <= size <= (_MOST_NAMED if says_so else _MOST):
        return False
    if says_so or (column.kind == "identifier" and column.stored == "VARCHAR"):
        return True
    texts = [text for text, _ in column.top] if column.stored == "VARCHAR" else []
    return column.n_distinct >= _MANY_GROUPS and bool(texts) and all(map(_CODED.match, texts))


def _agreeing(table: Table, column: Column) -> list[str]:
    """Columns that vary less within the values than between them, the most alike first."""
    n = table.n_values(column)
    others = [one for one in table.profile.columns if one.name != column.name and _varies(one)][:_MOST_OTHERS]
    if not others:
        return []
    name, every = quote(column.name), max(1, round(n / _ROWS))
    wanted = ", ".join(quote(one.name) for one in others)
    # whole groups, which a sample of rows would tear apart
    sql = (
        f"SELECT {name}::VARCHAR, {wanted} FROM {table.source} "  # noqa: S608 -- quoted names
        f"WHERE {name} IS NOT NULL AND hash({name}) % {every} = 0 ORDER BY file_row_number LIMIT {2 * _ROWS}"
    )
    rows = pd.DataFrame(table.ask(sql), columns=range(len(others) + 1))
    if len(rows) < _FEWEST_GROUPS * _LEAST:
        return []
    groups = pd.factorize(rows[0])[0]
    shares = {one.name: _between(groups, _numbers(rows[i + 1], one)) for i, one in enumerate(others)}
    found = [name for name, share in shares.items() if share >= _AGREES]
    return sorted(found, key=lambda name: -shares[name])


def _varies(column: Column) -> bool:
    return column.kind in ("number", "category", "boolean") and column.n_distinct > 1


def _numbers(values: pd.Series, column: Column) -> np.ndarray:
    """Ranks of numbers, so that no large one decides; of words whether they are the most frequent one."""
    if column.kind == "number" and column.n_distinct > 2:
        return values.astype(float).rank().to_numpy(dtype=float)
    known = values.notna().to_numpy()
    most = values[known].mode()
    is_most = (values == most.iloc[0]).to_numpy(dtype=float) if len(most) else np.zeros(len(values))
    is_most[~known] = np.nan
    return is_most


def _between(groups: np.ndarray, values: np.ndarray) -> float:
    """Share of the variation between groups (intraclass correlation); 0 where chance may make it."""
    known = np.isfinite(values)
    codes, y = np.unique(groups[known], return_inverse=True)[1], values[known]
    sizes = np.bincount(codes).astype(float) if len(y) else np.zeros(0)
    n, k = len(y), len(sizes)
    if k < _FEWEST_GROUPS or n - k < _FEWEST_GROUPS:
        return 0.0
    means = np.bincount(codes, weights=y) / sizes
    within = float(((y - means[codes]) ** 2).sum()) / (n - k)
    between = float((sizes * (means - y.mean()) ** 2).sum()) / (k - 1)
    size = (n - float((sizes**2).sum()) / n) / (k - 1)
    total = between + (size - 1) * within
    if total <= 0:
        return 0.0
    share = (between - within) / total
    # of values that have nothing to do with the groups, by Fisher
    error = np.sqrt(2 * (n - 1) / (size**2 * (n - k) * (k - 1)))
    return share if share > _SURE * error else 0.0
