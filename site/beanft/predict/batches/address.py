"""Which rows of a batch an address asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from beanft.engine.learning.batches.results import ANY_WARNING, NO_WARNING, Wish
from beanft.predict.batches.words import WARNINGS

PER_PAGE = 25
"""Rows of a page where the address says nothing."""
PER_CHOICES = (25, 50, 100)
"""Rows that a page may have."""
_LONGEST = 200  # characters of a search


@dataclass(frozen=True, kw_only=True)
class BatchAddress:
    """The part of an address that says which rows are shown, in which order."""

    wish: Wish
    """Order and filters."""
    page: int = 1
    """Number of the page, from 1."""
    per: int = PER_PAGE
    """Rows on it."""

    @classmethod
    def read(cls, args: Mapping[str, str], result: Mapping[str, Any]) -> Self:
        """Read an address; what makes no sense counts as not said."""
        sort, warning, answer = args.get("sort", ""), args.get("warning", ""), args.get("answer", "")
        wish = Wish(
            sort=sort if sort in result["columns"] else "",
            descending=args.get("order") == "desc",
            warning=warning if warning in (ANY_WARNING, NO_WARNING, *WARNINGS) else "",
            answer=answer if answer in result["labels"] else "",
            search=args.get("q", "").replace("\0", "").strip()[:_LONGEST],
        )
        per = _whole(args.get("per", ""))
        return cls(
            wish=wish, page=max(1, _whole(args.get("page", ""))), per=per if per in PER_CHOICES else PER_PAGE
        )

    @property
    def offset(self) -> int:
        """Rows before the page."""
        return (self.page - 1) * self.per

    @property
    def filtered(self) -> bool:
        """Whether some rows are left out."""
        return bool(self.wish.warning or self.wish.answer or self.wish.search)

    def args(self, **changes: Any) -> dict[str, Any]:
        """The query of this address, or of one like it."""
        return _query(self) | changes

    def to_page(self, page: int) -> dict[str, Any]:
        """The query of another page."""
        return _query(replace(self, page=page))

    def cleared(self) -> dict[str, Any]:
        """The query without filters."""
        wish = Wish(sort=self.wish.sort, descending=self.wish.descending)
        return _query(replace(self, wish=wish, page=1))

    def sorted_by(self, name: str, *, first_descending: bool = False) -> dict[str, Any]:
        """The query of the next order by a column: one way, the other way, none."""
        wish = self.wish
        if wish.sort != name:
            changed = replace(wish, sort=name, descending=first_descending)
        elif wish.descending == first_descending:
            changed = replace(wish, descending=not first_descending)
        else:
            changed = replace(wish, sort="", descending=False)
        return _query(replace(self, wish=changed, page=1))

    def direction(self, name: str) -> str:
        """What aria-sort says of a column."""
        if self.wish.sort != name:
            return "none"
        return "descending" if self.wish.descending else "ascending"


def _query(address: BatchAddress) -> dict[str, Any]:
    wish = address.wish
    said = {
        "sort": wish.sort,
        "order": "desc" if wish.descending and wish.sort else "",
        "warning": wish.warning,
        "answer": wish.answer,
        "q": wish.search,
        "page": address.page if address.page > 1 else "",
        "per": address.per if address.per != PER_PAGE else "",
    }
    return {name: value for name, value in said.items() if value != ""}


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
