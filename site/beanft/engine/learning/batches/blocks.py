"""Answers the blocks of a table: each is checked and predicted, some at a time, told in their order."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa

from beanft.engine.errors import EngineError
from beanft.engine.learning.answering import answer_rows
from beanft.engine.learning.answers import Answers
from beanft.engine.learning.batches.sources import Blocks
from beanft.engine.learning.batches.spellings import Schema
from beanft.engine.learning.checking.tables import check_table
from beanft.engine.learning.inputs import Checked
from beanft.engine.learning.uncertainty.kept import Uncertainty

_THREADS = 2  # blocks answered at the same time


class Answered(NamedTuple):
    """A block with what came of it."""

    block: pa.RecordBatch
    """The rows as they came."""
    first_row: int
    """Number of the first of them in the table, from 1."""
    checked: Checked
    """The rows as they were read."""
    answers: Answers | None
    """What the model says of them; None when there are none, or cells that cannot be read."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """How each row is answered."""

    model: Mapping[str, Any]
    """What the model file holds."""
    uncertainty: Uncertainty | None
    """How far its predictions can be trusted, where that is known."""
    threshold: Mapping[str, Any] | None
    """The one that its owner chose, where it applies."""
    level: float
    """Share of rows whose truth intervals and sets are to hold, 0..1."""
    unreadable_as_missing: bool
    """Whether cells that cannot be read count as missing."""

    def answer(self, block: pa.RecordBatch, first_row: int, *, schema: Schema, plain_first: bool) -> Answered:
        """Check the rows of a block and answer them, unless some of their cells cannot be read."""
        checked = check_table(
            block,
            schema,
            first_line=first_row,
            plain_first=plain_first,
            unreadable_as_missing=self.unreadable_as_missing,
        )
        if checked.n_errors or not block.num_rows:
            return Answered(block, first_row, checked, None)
        answers = answer_rows(
            self.model, checked, uncertainty=self.uncertainty, level=self.level, threshold=self.threshold
        )
        return Answered(block, first_row, checked, answers)


def answered(
    blocks: Blocks, answer: Callable[[pa.RecordBatch, int], Answered], *, max_rows: int
) -> Iterator[Answered]:
    """Answer blocks in their order, some at the same time: most of the work lets other threads run.

    Parameters
    ----------
    blocks : iterator of RecordBatch
        The rows of a table.
    answer : callable
        A block and the number of its first row -> what came of it.
    max_rows : int
        Rows allowed.

    Yields
    ------
    Answered
        Each block once.

    Raises
    ------
    EngineError
        There are more rows than that.
    """
    waiting: deque[Future[Answered]] = deque()
    with ThreadPoolExecutor(_THREADS) as pool:
        try:
            for block, first_row in _numbered(blocks, max_rows):
                waiting.append(pool.submit(answer, block, first_row))
                if len(waiting) > _THREADS:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _numbered(blocks: Blocks, max_rows: int) -> Iterator[tuple[pa.RecordBatch, int]]:
    """Blocks with the numbers of their first rows, as long as there are not too many rows."""
    n_rows = 0
    for block in blocks:
        first_row, n_rows = n_rows + 1, n_rows + block.num_rows
        if n_rows > max_rows:
            raise EngineError(
                f"The table has more than {max_rows:,} rows, the most for one prediction. "
                "Split it and try again."
            )
        yield block, first_row
