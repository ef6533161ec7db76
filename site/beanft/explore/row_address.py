"""The address of the rows page, read and written: all that a view is stands in it, and nowhere else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any, Self

from werkzeug.datastructures import MultiDict

from beanft.engine.tables.queries.conditions import NEEDLESS, Filter
from beanft.engine.tables.queries.pages import Sort
from beanft.explore.row_columns import COLUMNS_SHOWN, arranged
from beanft.explore.row_marks import MARKS

PER_CHOICES = (25, 50, 100)
_MOST = 20  # sorts; more come from no form of ours
_SEARCH_MOST = 1000  # characters


@dataclass(frozen=True, kw_only=True)
class RowsAddress:
    """What `?column=…&operator=…&value=…&search=…&sort=-price&show=…&pin=…&hide=…&mark=heat&page=2` asks for.

    Filters are parallel lists, and a sort is a name with a sign before it, so that a name may hold any
    character. `do=verb:name` is a button of a column's menu: it changes the rest of the address.
    """

    filters: tuple[Filter, ...] = ()
    sorts: tuple[Sort, ...] = ()
    search: str = ""
    shown: tuple[str, ...] = ()
    """The columns chosen, in their order; none for the first hundred from `first_column` on."""
    hidden_columns: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()
    """Columns that stay at the left."""
    mark: str = ""
    """Which cells are highlighted: a key of MARKS, or empty."""
    version: int | None = None
    """Number of the version that is looked at; None for the newest."""
    page: int = 1
    per: int = 50
    first_column: int = 1

    @classmethod
    def read(cls, args: MultiDict[str, str], names: Iterable[str]) -> Self:
        """Read the query string; what is no number counts as not given, names of no column as not said."""
        places = {name: place for place, name in enumerate(names)}
        per, mark = args.get("per", 50, type=int), args.get("mark", "")
        address = cls(
            filters=tuple(_filters(args, places)),
            sorts=tuple(_sorts(args.getlist("sort"), set(places)))[:_MOST],
            search=args.get("search", "").strip()[:_SEARCH_MOST],
            shown=_names(args.getlist("show"), places),
            hidden_columns=_names(args.getlist("hide"), places),
            pinned=_names(args.getlist("pin"), places),
            mark=mark if mark in MARKS else "",
            version=args.get("version", None, type=int),
            page=max(1, args.get("page", 1, type=int)),
            per=per if per in PER_CHOICES else 50,
            first_column=min(max(1, args.get("from", 1, type=int)), max(1, len(places))),
        )
        verb, _, name = args.get("do", "").partition(":")
        return address._settled(list(places))._done(verb, _known(name, places), list(places))

    def args(self, **changes: Any) -> dict[str, Any]:
        """The parts of the address, with changes; every change but turning the page goes back to page 1."""
        state = replace(self, **{"page": 1, **changes})
        lists: dict[str, Any] = {
            "column": [one.column for one in state.filters],
            "operator": [one.operator for one in state.filters],
            "value": ["" if one.value is None else one.value for one in state.filters],
            "search": state.search,
            "sort": [_written(sort) for sort in state.sorts],
            "show": list(state.shown),
            "hide": list(state.hidden_columns),
            "pin": list(state.pinned),
            "mark": state.mark,
            "version": state.version,
        }
        defaults = (("page", state.page, 1), ("per", state.per, 50), ("from", state.first_column, 1))
        return {k: v for k, v in lists.items() if v} | {k: v for k, v, usual in defaults if v != usual}

    def without_filter(self, position: int) -> dict[str, Any]:
        """The address with one filter left out."""
        return self.args(filters=self.filters[:position] + self.filters[position + 1 :])

    def without_sort(self, position: int) -> dict[str, Any]:
        """The address with one sort left out."""
        return self.args(sorts=self.sorts[:position] + self.sorts[position + 1 :])

    def without_hidden(self, name: str) -> dict[str, Any]:
        """The address with one hidden column shown again."""
        return self.args(
            page=self.page, hidden_columns=tuple(one for one in self.hidden_columns if one != name)
        )

    def cleared(self) -> dict[str, Any]:
        """The address of the same version with every row and column, as it was first looked at."""
        return type(self)(version=self.version, per=self.per).args()

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
            for name, values in self.args(page=self.page).items()
            if name not in left_out
            for value in (values if isinstance(values, list) else [values])
        ]

    def columns(self, names: Sequence[str]) -> tuple[str, ...]:
        """The names of the columns that are shown beside each other, the pinned ones first."""
        usual = names[self.first_column - 1 : self.first_column - 1 + COLUMNS_SHOWN]
        return arranged(self.shown or usual, self.hidden_columns, self.pinned)[:COLUMNS_SHOWN]

    def all_columns(self, names: Sequence[str]) -> tuple[str, ...]:
        """The columns of the whole view, for files: the chosen ones, else all that are not hidden."""
        return arranged(self.shown or names, self.hidden_columns, self.pinned)

    def _settled(self, names: list[str]) -> Self:
        """The same view in the shortest address: what is usual is not said."""
        if not self.shown:
            return self
        chosen = tuple(name for name in self.shown if name not in self.hidden_columns)
        first = self.first_column - 1
        usual = list(chosen) == names[first : first + COLUMNS_SHOWN]
        return replace(self, shown=() if usual else chosen, hidden_columns=())

    def _done(self, verb: str, name: str | None, names: list[str]) -> Self:
        """The view after a button of a column's menu."""
        if name is None:
            return self
        others = tuple(sort for sort in self.sorts if sort.column != name)
        if verb in ("up", "down"):
            return replace(self, sorts=(Sort(name, verb == "down"),), page=1)
        if verb in ("then-up", "then-down"):
            return replace(self, sorts=(*others, Sort(name, verb == "then-down")), page=1)
        if verb == "unsort":
            return replace(self, sorts=others, page=1)
        if verb in ("pin", "unpin"):
            unpinned = tuple(one for one in self.pinned if one != name)
            return replace(self, pinned=(*unpinned, name) if verb == "pin" else unpinned)
        if verb == "hide":
            pinned = tuple(one for one in self.pinned if one != name)
            return replace(self, hidden_columns=(*self.hidden_columns, name), pinned=pinned)._settled(names)
        return self._moved(name, verb, names) if verb in ("left", "right") else self

    def _moved(self, name: str, verb: str, names: list[str]) -> Self:
        """The view with a column one place further on, among the pinned ones or among the others."""
        pinned = name in self.pinned
        group = [one for one in self.columns(names) if (one in self.pinned) == pinned]
        if name not in group:
            return self
        place = group.index(name)
        to = place - 1 if verb == "left" else place + 1
        if 0 <= to < len(group):
            group[place], group[to] = group[to], group[place]
        if pinned:
            return replace(self, pinned=tuple(group))
        return replace(self, shown=(*self.pinned, *group), hidden_columns=())._settled(names)


def _filters(args: MultiDict[str, str], places: dict[str, int]) -> Iterable[Filter]:
    """The triples of the parallel lists; a form whose column was left open adds none."""
    lists = (args.getlist("column"), args.getlist("operator"), args.getlist("value"))
    for column, operator, value in zip_longest(*lists, fillvalue=""):
        if column:
            name = _known(column, places) or column
            yield Filter(name, operator or "equals", None if operator in NEEDLESS else value)


def _names(values: Iterable[str], places: dict[str, int]) -> tuple[str, ...]:
    """Those that are columns, each once."""
    known = (_known(value, places) for value in values)
    return tuple(dict.fromkeys(name for name in known if name is not None))


def _known(name: str, places: dict[str, int]) -> str | None:
    """A column's name as the table has it; browsers send the line ends of values as two signs."""
    return next((one for one in (name, name.replace("\r\n", "\n")) if one in places), None)


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
