"""Finds columns whose cells can be read in more than one way."""

from collections.abc import Iterator

from beanft.engine.checks.table import Table
from beanft.engine.findings import Finding
from beanft.engine.tables.wording import shown

_LETTERS = {"%d": "day", "%m": "month", "%Y": "year", "%y": "year", "%b": "month", "%B": "month"}


def find(table: Table) -> Iterator[Finding]:
    """Name each column of which all cells fit another form as well.

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
        if not column.other_formats:
            continue
        if column.kind == "date":
            one, other = _order(column.format), _order(column.other_formats[0])
            sentence = (
                f"The dates of {shown(column.name)} fit {other} as well as {one}; they were read as {one}."
            )
        else:
            one = column.format or "a plain number"
            other = column.other_formats[0] or "a plain number"
            sentence = f"The cells of {shown(column.name)} fit “{other}” as well; they were read as “{one}”."
        yield Finding(
            code="ambiguous-form",
            severity="warning",
            columns=(column.name,),
            sentence=sentence,
            figure=float(len(column.other_formats)),
            remedy="Look at some rows; if it is wrong, choose the other form under Columns.",
        )


def _order(form: str) -> str:
    """The order of the parts of a date.

    >>> _order("%d/%m/%Y %H:%M")
    'day/month/year'
    """
    parts = [_LETTERS[form[at : at + 2]] for at in range(len(form)) if form[at : at + 2] in _LETTERS]
    return "/".join(parts) or "the usual form"
