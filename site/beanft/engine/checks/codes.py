"""Finds whole numbers that are rather names of things."""

import re
from collections.abc import Iterator

from beanft.engine.checks.table import Table, different
from beanft.engine.findings import Finding
from beanft.engine.tables.columns import Column
from beanft.engine.tables.wording import shown

_PLACES = re.compile(
    r"(^|[^a-z])(zip|zipcode|postal|postcode|plz|phone|tel|telephone|fips|iban|isbn)([^a-z]|$)"
)
_CODES = re.compile(
    r"(^|[^a-z])(code|type|class|category|kind|status|group|flag|gender|sex|cluster)([^a-z]|$)"
)
_KEYS = re.compile(r"(^|[^a-z])((id|key|nr)([^a-z]|$)|no([^a-z0-9]|$))")  # NO2 is a gas
_FEW_CODES = 30
_CATEGORY_MOST = 1000


def find(table: Table) -> Iterator[Finding]:
    """Name whole-number columns whose name says that nobody calculates with them.

    Parameters
    ----------
    table : Table
        The table to look at.

    Yields
    ------
    Finding
        What was found.
    """
    for column in table.profile.columns:
        if column.kind == "number" and column.stored == "BIGINT" and _named_so(column):
            kind = "category" if column.n_distinct <= _CATEGORY_MOST else "identifier"
            yield Finding(
                code="code-as-number",
                severity="note",
                columns=(column.name,),
                sentence=(
                    f"{shown(column.name)} was read as a number, but its name says that it is a code: "
                    f"{different(column)} from {column.minimum:.15g} to {column.maximum:.15g}."
                ),
                figure=column.n_distinct,
                remedy=f"If a mean of it makes no sense, change its kind to {kind}.",
                kind=kind,
            )


def named_as_key(column: Column) -> bool:
    """Tell whether the name of a column says that its values are names of things.

    Parameters
    ----------
    column : Column
        A described column.

    Returns
    -------
    bool

    Examples
    --------
    >>> named_as_key(Column(name="customerId", kind="number", stored="BIGINT", n_missing=0, n_distinct=9))
    True
    """
    name = _plain(column.name)
    return bool(_PLACES.search(name) or _KEYS.search(name))


def _named_so(column: Column) -> bool:
    return named_as_key(column) or (
        bool(_CODES.search(_plain(column.name))) and column.n_distinct <= _FEW_CODES
    )


def _plain(name: str) -> str:
    """Customer_id and customerId are alike."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
