"""The address of the rows page, read and written: filters, sorts, page, and nothing else remembers them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any, Self

from werkzeug.datastructures import MultiDict

from beanft.engine.tables.conditions import OPERATORS, Filter
from beanft.engine.tables.query import Sort

PER_CHOICES = (25, 50, 100)
NEEDLESS = ("is-missing", "is-not-missing")
"""Operators that compare with nothing."""
_MOST = 20  # filters and sorts; more come from no form of ours


def all_operators() -> dict[str, str]:
    """Every operator of any kind of column with its label."""
    labels: dict[str, str] = {}
    for operators in OPERATORS.values():
        labels = {**operators, **labels}
    return labels


@dataclass(frozen=True, kw_only=True)
class RowsAddress:
    """What `?column=…&operator=…&value=…&sort=-price&page=2&per=50&from=1` asks for.

    Filters are parallel lists, and a sort is a name with a sign before it, so that a name may hold any
    character.
    """

    filters: tuple[Filter, ...] = ()
    sorts: tuple[Sort, ...] = ()
    page: int = 1
    per: int = 50
    first_column: int = 1

    @classmethod
    def read(cls, args: MultiDict[str, str], names: Iterable[str]) -> Self:
        """Read the query string; what is no number counts as not given."""
        known = set(names)
        per = args.get("per", 50, type=int)
        return cls(
            filters=tuple(_filters(args))[:_MOST],
            sorts=tuple(_sorts(args.getlist("sort"), known))[:_MOST],
            page=max(1, args.get("page", 1, type=int)),
            per=per if per in PER_CHOICES else 50,
            first_column=min(max(1, args.get("from", 1, type=int)), max(1, len(known))),
        )

    def args(self, **changes: Any) -> dict[str, Any]:
        """The parts of the address, with changes; every change but turning the page goes back to page 1."""
        state = replace(self, **{"page": 1, **changes})
        args: dict[str, Any] = {
            "column": [one.column for one in state.filters],
            "operator": [one.operator for one in state.filters],
            "value": ["" if one.value is None else one.value for one in state.filters],
            "sort": [_written(sort) for sort in state.sorts],
        }
        defaults = (("page", state.page, 1), ("per", state.per, 50), ("from", state.first_column, 1))
        return {k: v for k, v in args.items() if v} | {k: v for k, v, usual in defaults if v != usual}

    def without_filter(self, position: int) -> dict[str, Any]:
        """The address with one filter left out."""
        return self.args(filters=self.filters[:position] + self.filters[position + 1 :])

    def without_sort(self, position: int) -> dict[str, Any]:
        """The address with one sort left out."""
        return self.args(sorts=self.sorts[:position] + self.sorts[position + 1 :])

    def direction(self, column: str) -> str:
        """How the rows are ordered by a column, in the words of aria-sort."""
        for sort in self.sorts:
            if sort.column == column:
                return "descending" if sort.descending else "ascending"
        return "none"

    def sorted_by(self, column: str) -> dict[str, Any]:
        """The address that a click on a column's head leads to: ascending, then descending, then unsorted."""
        following = {"none": (Sort(column),), "ascending": (Sort(column, True),), "descending": ()}
        return self.args(sorts=following[self.direction(column)])

    def to_page(self, number: int) -> dict[str, Any]:
        """The address of another page of the same rows."""
        return self.args(page=number)

    def hidden(self, *left_out: str) -> list[tuple[str, Any]]:
        """The parts as hidden fields of a form that sends others itself."""
        return [
            (name, value)
            for name, values in self.args().items()
            if name not in left_out
            for value in (values if isinstance(values, list) else [values])
        ]


def _filters(args: MultiDict[str, str]) -> Iterable[Filter]:
    """The triples of the parallel lists; a form whose column was left open adds none."""
    lists = (args.getlist("column"), args.getlist("operator"), args.getlist("value"))
    for column, operator, value in zip_longest(*lists, fillvalue=""):
        if column:
            yield Filter(column, operator or "equals", None if operator in NEEDLESS else value)


def _sorts(values: Iterable[str], known: set[str]) -> Iterable[Sort]:
    """Signed names; several may stand in one value with commas where no name is meant by the whole."""
    seen: set[str] = set()
    for value in values:
        whole = _sort(value, known)
        for sort in (
            [whole] if whole else [_sort(part, known) or Sort(part) for part in value.split(",") if part]
        ):
            if sort.column not in seen:
                seen.add(sort.column)
                yield sort


def _sort(value: str, known: set[str]) -> Sort | None:
    """A name with its sign; a name that itself begins with a sign is always written with one more."""
    if value[:1] in ("-", "+") and value[1:] in known:
        return Sort(value[1:], descending=value[0] == "-")
    return Sort(value) if value in known else None


def _written(sort: Sort) -> str:
    if sort.descending:
        return f"-{sort.column}"
    return f"+{sort.column}" if sort.column[:1] in ("-", "+") else sort.column
