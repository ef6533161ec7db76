"""Writes the few lines of pandas that give the same rows as a view of a table.

They start from the typed Parquet file, not from the original: there every value is already what the page
shows, so the lines stay short and the rows are equal to the last one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.queries.conditions import Filter, asked, column_of
from beanft.engine.tables.queries.pages import Sort
from beanft.engine.tables.queries.predicates import Predicate, family_of
from beanft.engine.tables.queries.search import sought

_INFINITIES = "[float('inf'), float('-inf')]"
_PANDAS = {
    "missing": "{raw}.isna()",
    "present": "{raw}.notna()",
    "equal": "{column} == {0}",
    "unequal": "({column} != {0}) | {column}.isna()",
    "at-least": "{column} >= {0}",
    "at-most": "{column} <= {0}",
    "more": "{column} > {0}",
    "less": "{column} < {0}",
    "in": "{column}.isin({all})",
    "not-in": "~{column}.isin({all})",
    "outside": "({column} < {0}) | ({column} > {1}) | {column}.isna()",
    "beyond": "({column} < {0}) | ({column} > {1})",
    "outlier": f"(({{column}} < {{0}}) | ({{column}} > {{1}})) & ~{{column}}.isin({_INFINITIES})",
    "infinite": f"{{column}}.isin({_INFINITIES})",
    "contains": "{column}.str.lower().str.contains({0}, regex=False)",
    "lacks": "~{column}.str.lower().str.contains({0}, regex=False) | {column}.isna()",
    "starts": "{column}.str.lower().str.startswith({0})",
    "ends": "{column}.str.lower().str.endswith({0})",
    "longer": "{column}.str.len() > {0}",
    "unlike": "~{column}.str.match({0})",
    "year": "{column}.dt.year == {0}",
    "month": "{column}.dt.month == {0}",
    "weekday": "{column}.dt.day_of_week + 1 == {0}",
}
_LOWERED = ("contains", "lacks", "starts", "ends")


def pandas_lines(
    profile: Profile,
    *,
    file_name: str,
    filters: Sequence[Filter] = (),
    sorts: Sequence[Sort] = (),
    search: str = "",
    columns: Sequence[str] = (),
    offset: int = 0,
    limit: int | None = None,
) -> str:
    """Write the lines of pandas that give the rows of a view.

    Parameters
    ----------
    profile : Profile
        The table's profile.
    file_name : str
        Name of the typed Parquet file once it is downloaded.
    filters : sequence of Filter
        Conditions that must all hold.
    sorts : sequence of Sort
        Orders, the most important first.
    search : str
        Text that some column of a row must hold.
    columns : sequence of str
        Columns wanted, in this order; all when empty.
    offset : int
        Rows left out at the start.
    limit : int, optional
        Rows wanted; all when not given.

    Returns
    -------
    str
        Python, one statement a line; names and values stand in it as literals, whatever they hold. The
        rows are in `t`, their index is the row number from 0.

    Raises
    ------
    EngineError
        When a column or operator is unknown, or a value does not fit.

    Examples
    --------
    >>> age = Column(name="age", kind="number", stored="BIGINT", n_missing=0, n_distinct=3)
    >>> print(pandas_lines(Profile(n_rows=3, columns=(age,)), file_name="people.parquet", limit=2))
    import pandas as pd
    <BLANKLINE>
    t = pd.read_parquet('people.parquet', dtype_backend='pyarrow')
    t = t.iloc[0:2]
    """
    lines = [f"t = pd.read_parquet({file_name!r}, dtype_backend='pyarrow')"]
    lines += [_filter_line(one) for one in asked(profile, filters) if one.name != "ever"]
    if search.strip():
        lines.append(_search_line(sought(profile, search)))
    if sorts:
        lines.append(_sort_line(profile, sorts))
    if columns:
        lines.append(f"t = t[{[column_of(profile, name).name for name in columns]!r}]")
    if offset or limit is not None:
        lines.append(f"t = t.iloc[{offset}:{'' if limit is None else offset + limit}]")
    imports = ["import pandas as pd"]
    if any("datetime.datetime(" in line for line in lines):
        imports.insert(0, "import datetime")
    return "\n".join([*imports, "", *lines])


def _filter_line(one: Predicate) -> str:
    if one.name == "never":
        return "t = t.iloc[:0]"
    values = [_folded(value) if one.name in _LOWERED else value for value in one.values]
    parts = {"raw": _raw(one.column), "column": _comparable(one.column), "all": repr(values)}
    return f"t = t[{_PANDAS[one.name].format(*(_literal(value) for value in values), **parts)}]"


def _search_line(places: Sequence[tuple[Column, str | int | float]]) -> str:
    texts = [column.name for column, value in places if isinstance(value, str)]
    found = [f"({_raw(column)} == {value!r})" for column, value in places if not isinstance(value, str)]
    if texts:
        lowered = next(_folded(value) for _, value in places if isinstance(value, str))
        look = f"lambda column: column.str.lower().str.contains({lowered!r}, regex=False)"
        found.insert(0, f"t[{texts!r}].apply({look}).any(axis=1)")
    return f"t = t[{' | '.join(found)}]" if found else "t = t.iloc[:0]"


def _sort_line(profile: Profile, sorts: Sequence[Sort]) -> str:
    names = [column_of(profile, sort.column).name for sort in sorts]
    ascending = [not sort.descending for sort in sorts]
    return f"t = t.sort_values({names!r}, ascending={ascending!r}, na_position='last', kind='stable')"


def _raw(column: Column) -> str:
    return f"t[{column.name!r}]"


def _comparable(column: Column) -> str:
    """The column as what its values are compared: see `conditions`."""
    family = family_of(column)
    if family == "date" and column.stored == "DATE":
        return f"{_raw(column)}.astype('timestamp[us][pyarrow]')"
    if family == "text" and column.stored == "DOUBLE":
        return f"{_raw(column)}.map(repr, na_action='ignore').astype('string[pyarrow]')"
    if family == "text" and column.stored != "VARCHAR":
        return f"{_raw(column)}.astype('string[pyarrow]')"
    return _raw(column)


def _literal(value: Any) -> str:
    return repr(value) if isinstance(value, (str, bool, int, float, datetime)) else ""


def _folded(text: str) -> str:
    """Small letters one by one, as the engine and Arrow make them; Python's own lower looks at neighbours."""
    return "".join(sign.lower()[0] for sign in text)
