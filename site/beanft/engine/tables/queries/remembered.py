"""What was learnt of the views of tables that were asked for lately."""

import threading
from array import array
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from beanft.engine.tables.queries.landmarks import Landmarks

_VIEWS = 256  # views of which something is remembered; each takes some tens of kilobytes at most
_BOOKMARKS = 100  # of one view
_PAGES = 4  # of one view, whose row numbers are remembered
_LONGEST = 200  # characters of a key; rows with longer ones get no bookmark
_ENDLESS = (date.max, date.min, datetime.max, datetime.min)  # infinite dates come out as these, but are not


@dataclass
class _Remembered:
    """What was learnt of a view."""

    n_matching: int | None = None
    rows: OrderedDict[int, tuple[Any, ...]] = field(default_factory=OrderedDict)
    """Keys and number of the row at a position."""
    pages: OrderedDict[tuple[int, int], "array[int]"] = field(default_factory=OrderedDict)
    """Numbers of the rows of a page, by its offset and limit: a version never changes."""
    landmarks: Landmarks | None = None


class Memory:
    """What was learnt of the views asked for lately."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._views: OrderedDict[str, _Remembered] = OrderedDict()

    def count(self, view: str) -> int | None:
        """Rows of a view, if they were counted."""
        with self._lock:
            return self._of(view).n_matching

    def keep_count(self, view: str, n_matching: int) -> None:
        """Remember how many rows a view has."""
        with self._lock:
            self._of(view).n_matching = n_matching

    def page(self, view: str, offset: int, limit: int) -> list[int] | None:
        """Numbers of the rows of a page that was found before."""
        with self._lock:
            found = self._of(view).pages.get((offset, limit))
            return None if found is None else list(found)

    def keep_page(self, view: str, offset: int, limit: int, numbers: Sequence[int]) -> None:
        """Remember a page; the one kept first goes when there are too many."""
        with self._lock:
            pages = self._of(view).pages
            pages[offset, limit] = array("q", numbers)
            if len(pages) > _PAGES:
                pages.popitem(last=False)

    def landmarks(self, view: str) -> Landmarks | None:
        """The landmarks of its first key, if they were looked for."""
        with self._lock:
            return self._of(view).landmarks

    def keep_landmarks(self, view: str, landmarks: Landmarks) -> None:
        """Remember those whose values come back as what they were."""
        marks = tuple(mark for mark in landmarks.marks if _can_be_bound(mark[1]))
        with self._lock:
            self._of(view).landmarks = Landmarks(marks, landmarks.share_missing)

    def rows(self, view: str) -> dict[int, tuple[Any, ...]]:
        """Keys and number of the rows known, by position."""
        with self._lock:
            return dict(self._of(view).rows)

    def keep_row(self, view: str, position: int, row: tuple[Any, ...]) -> None:
        """Remember a row whose keys come back as what they were."""
        if not all(map(_can_be_bound, row)):
            return
        with self._lock:
            rows = self._of(view).rows
            rows[position] = row
            if len(rows) > _BOOKMARKS:
                rows.popitem(last=False)

    def _of(self, view: str) -> _Remembered:
        found = self._views.setdefault(view, _Remembered())
        self._views.move_to_end(view)
        if len(self._views) > _VIEWS:
            self._views.popitem(last=False)
        return found


def _can_be_bound(value: Any) -> bool:
    """Whether a key comes back as the value that it was."""
    if isinstance(value, str):
        return len(value) <= _LONGEST
    return value is None or (isinstance(value, (int, float, Decimal, date)) and value not in _ENDLESS)
