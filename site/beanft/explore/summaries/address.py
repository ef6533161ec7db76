"""The address of a summary, read and written: all that the page shows stands in it."""

from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any, Self

from werkzeug.datastructures import MultiDict

from beanft.engine.summaries.summary import Measure, Summary, usual_summary
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.queries.conditions import Filter
from beanft.explore.chart_services import rows_args
from beanft.explore.row_address import RowsAddress

_MOST = 40  # more columns or measures come from no form of ours
_DESCRIBES = {"by", "across", "what", "of"}


@dataclass(frozen=True, kw_only=True)
class SummaryAddress:
    """What `?by=town&across=sex&what=mean&of=price&bucket=month&order=-rows&column=…&page=2` asks for.

    Measures are parallel lists, as filters are; a measure whose column was left open is none.
    """

    summary: Summary
    filters: tuple[Filter, ...] = ()
    version: int | None = None
    """Number of the version that is looked at; None for the newest."""
    page: int = 1
    is_open: bool = True
    """Whether the address chose something itself, or is the only thing a table can do."""

    @classmethod
    def read(cls, args: MultiDict[str, str], profile: Profile) -> Self:
        """Read the query string; where it says nothing of a summary, the usual one of the table stands."""
        rows = RowsAddress.read(args, [column.name for column in profile.columns])
        chosen = bool(_DESCRIBES & args.keys())
        usual = Summary(by=()) if chosen else usual_summary(profile)
        return cls(
            summary=_summary(args)
            if chosen
            else replace(usual or Summary(by=()), order=_text(args, "order")),
            filters=rows.filters,
            version=rows.version,
            page=max(1, args.get("page", 1, type=int)),
            is_open=chosen or usual is not None,
        )

    def args(self, **changes: Any) -> dict[str, Any]:
        """The parts of the address, with changes; every change but turning the page goes back to page 1."""
        state = replace(self, **{"page": 1, **changes})
        lists: dict[str, Any] = {
            **summary_args(state.summary),
            **rows_args(state.filters),
            "version": state.version,
            "page": state.page if state.page > 1 else None,
        }
        return {name: value for name, value in lists.items() if value}

    def without_filter(self, position: int) -> dict[str, Any]:
        """The address with one filter left out."""
        return self.args(filters=self.filters[:position] + self.filters[position + 1 :])

    def direction(self, head: str) -> str:
        """How the groups are ordered by a column of the table, in the words of aria-sort."""
        order = self.summary.order
        if order == f"-{head}":
            return "descending"
        return "ascending" if order and order == _rising(head) else "none"

    def sorted_by(self, head: str) -> dict[str, Any]:
        """The address that a click on a head leads to: falling, then rising, then the groups' own order."""
        following = {"none": f"-{head}", "descending": _rising(head), "ascending": ""}
        return self.args(summary=replace(self.summary, order=following[self.direction(head)]))

    def hidden(self, *left_out: str) -> list[tuple[str, Any]]:
        """The parts as hidden fields of a form that sends others itself."""
        return [
            (name, value)
            for name, values in self.args().items()
            if name not in left_out
            for value in (values if isinstance(values, list) else [values])
        ]


def summary_args(summary: Summary) -> dict[str, Any]:
    """The parts of an address that describe a summary."""
    return {
        "by": list(summary.by),
        "across": summary.across,
        "what": [measure.what for measure in summary.measures],
        "of": [measure.column for measure in summary.measures],
        "bucket": summary.bucket,
        "order": summary.order,
    }


def _summary(args: MultiDict[str, str]) -> Summary:
    pairs = zip_longest(_texts(args, "what"), _texts(args, "of"), fillvalue="")
    return Summary(
        by=tuple(name for name in _texts(args, "by") if name),
        across=_text(args, "across"),
        measures=tuple(Measure(what=what or "mean", column=column) for what, column in pairs if column),
        bucket=_text(args, "bucket"),
        order=_text(args, "order"),
    )


def _texts(args: MultiDict[str, str], name: str) -> list[str]:
    """Browsers send the line ends of values as two signs."""
    return [value.replace("\r\n", "\n") for value in args.getlist(name)[:_MOST]]


def _text(args: MultiDict[str, str], name: str) -> str:
    return args.get(name, "").replace("\r\n", "\n")


def _rising(head: str) -> str:
    """A head that itself begins with a sign is always written with one more."""
    return f"+{head}" if head[:1] in ("-", "+") else head
