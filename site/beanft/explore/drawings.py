"""Keeps the drawings of the last charts, up to a number of bytes."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import TypeVar

from beanft.engine.charts.drawing import Drawing

_CELL_BYTES = 40  # a number of Python with its place in a tuple; texts are mostly shared with the labels
_ROW_BYTES = 64
_FILTER_BYTES = 200
_LEAST_BYTES = 4000  # title, notes, description

Question = TypeVar("Question", bound=Hashable)


class Drawings:
    """Drawings by the question they answer: the page, its picture and its CSV ask for the same one.

    Threads may ask at once; two that ask a new question at the same moment both work it out.
    """

    def __init__(self, *, most_bytes: int) -> None:
        """Keep at most so many bytes; a drawing larger than a quarter of them is not kept."""
        self.most_bytes = most_bytes
        self.n_bytes = 0
        self._kept: OrderedDict[Hashable, tuple[Drawing, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, question: Question, answer: Callable[[Question], Drawing]) -> Drawing:
        """The drawing that is kept, or the one that `answer` gives."""
        with self._lock:
            if question in self._kept:
                self._kept.move_to_end(question)
                return self._kept[question][0]
        drawing = answer(question)
        self._keep(question, drawing)
        return drawing

    def _keep(self, question: Hashable, drawing: Drawing) -> None:
        """Put a drawing on top, and let those go that were not asked for the longest."""
        size = size_of(drawing)
        if size > self.most_bytes // 4:
            return
        with self._lock:
            self.n_bytes += size - self._kept.pop(question, (drawing, 0))[1]
            self._kept[question] = (drawing, size)
            while self.n_bytes > self.most_bytes:
                self.n_bytes -= self._kept.popitem(last=False)[1][1]


def size_of(drawing: Drawing) -> int:
    """About how many bytes of memory a drawing takes."""
    tables = [drawing.rows, *(part for one in drawing.series for part in (one.values, one.outliers, one.fit))]
    cells = sum(len(row) for table in tables for row in table)
    filters = sum(len(of_mark) for one in drawing.series for of_mark in one.filters)
    filters += sum(map(len, drawing.links))
    own = _LEAST_BYTES + cells * _CELL_BYTES + sum(map(len, tables)) * _ROW_BYTES + filters * _FILTER_BYTES
    return own + sum(size_of(panel) for panel in drawing.panels)
