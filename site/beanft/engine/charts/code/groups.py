"""Lines of pandas that smooth curves and quantiles share: groups with "other", and our own arithmetic."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

from beanft.engine.charts.chart import is_date, is_number
from beanft.engine.charts.samples import SCRAMBLE
from beanft.engine.tables.columns import Column

_LABEL_CHARACTERS = 120  # as in rows.py


def group_lines(column: Column, part: str, most: int, *, order: str = "") -> list[str]:
    """Write the lines that put small groups together as "other".

    Parameters
    ----------
    column : Column
        The column of the groups.
    part : str
        Its name in `numbers`.
    most : int
        Most groups, "other" among them.
    order : str
        One of ORDERS; by value means by the median of `numbers['y']`.

    Returns
    -------
    list of str
        Python, one statement a line. `groups` holds the labels in drawing order, and the column of `numbers`
        the label of each row.
    """
    owners = dict(zip(("false", "true"), column.labels, strict=False))
    by = f"numbers.groupby({part!r})"
    ranked = f"{by}['y'].median()" if order in ("value", "-value") else f"{by}.size()"
    return [
        f"sizes = {ranked}.reset_index(name='n')",
        f"sizes = sizes.sort_values(['n', {part!r}], ascending=[{order == 'value'}, True])",
        f"groups = list(sizes[{part!r}].iloc[:{most} if len(sizes) <= {most} else {most - 1}])",
        *_sorting(column, order),
        f"known = numbers[{part!r}].isin(groups)",
        "n_other = len(sizes) - len(groups)",
        "other = f'other ({n_other:,} value' + ('' if n_other == 1 else 's') + ')'",
        f"owners = {owners!r}",
        "label = lambda v: owners.get(v, v) if len(owners.get(v, v)) <= "
        f"{_LABEL_CHARACTERS} else owners.get(v, v)[:{_LABEL_CHARACTERS - 1}] + '…'",
        f"numbers[{part!r}] = numbers[{part!r}].map(label).where(known, other)",
        "groups = [label(v) for v in groups] + ([other] if n_other else [])",
    ]


def _sorting(column: Column, order: str) -> Sequence[str]:
    """The usual order of numbers, dates and true/false is their own."""
    if order in ("value", "-value"):
        return ()
    if is_number(column):
        return ("groups.sort(key=float)",)
    if is_date(column) or column.stored == "BOOLEAN":
        return ("groups.sort()",)
    return ("groups.sort(key=lambda v: (v.casefold(), v))",) if order == "name" else ()


def sample_lines() -> list[str]:
    """Write the lines that choose the rows of which quantiles are computed: all, or some of very many.

    Returns
    -------
    list of str
        Python; the choice is in `some`, true for each chosen row of `numbers`.
    """
    return [
        "every = 1 if len(numbers) <= 1_000_000 else len(numbers) // 250_000",
        f"some = (numbers['row'] * {SCRAMBLE}) % 2**32 < 2**32 // every",
    ]


def source_of(function: Callable[..., Any]) -> list[str]:
    """Write a function of ours as lines of Python, without its types and its description.

    It is to be called while modules are imported: the file may be replaced under a running server later.

    Parameters
    ----------
    function : callable
        A function that needs nothing but modules which the lines import.

    Returns
    -------
    list of str
        Its definition, and an empty line.
    """
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    (definition,) = tree.body
    if not isinstance(definition, ast.FunctionDef):
        raise TypeError(f"{function!r} is no plain function")
    definition.returns = None
    definition.body = definition.body[1:]
    for argument in definition.args.args:
        argument.annotation = None
    return [*ast.unparse(tree).split("\n"), ""]
