"""Adds up what came of the blocks of a table that is predicted."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from beanft.engine.errors import EngineError
from beanft.engine.learning.answers import Answers
from beanft.engine.learning.batches.spread import Spread
from beanft.engine.learning.batches.written import Added
from beanft.engine.learning.inputs import Checked, Remark
from beanft.engine.tables.wording import counted, shown

_SHARES = 20  # classes named in the sum; the others are added up
_NAMED_ERRORS = 5
_EACH = 20  # repairs of each sort that are kept

Observe = Callable[[Checked, np.ndarray], None]
"""Told the checked rows of each block with what `predict.predict_rows` gave for them."""


class Tally:
    """What is known of a table after some of its blocks.

    Parameters
    ----------
    names : sequence of str
        Columns that came.
    labels : sequence of str
        Classes of the model; none for numbers.
    observe : callable, optional
        Told each block that was answered, see Observe.
    """

    def __init__(self, names: Sequence[str], labels: Sequence[str], observe: Observe | None = None) -> None:
        self.names, self.labels, self.observe = names, labels, observe
        self.added = Added(names, labels)
        self.n_rows = self.n_errors = 0
        self._made: Counter[str] = Counter()
        self._spread = Spread()
        self._repairs: list[Remark] = []
        self._room: defaultdict[str, int] = defaultdict(lambda: _EACH)
        self._errors: list[Remark] = []
        self._counts: Counter[str] = Counter()
        self._by_column: dict[str, Counter[str]] = {}
        self._warned: Counter[str] = Counter()
        self._why_no_interval = self._meaning = ""

    @classmethod
    def begun(
        cls, names: Sequence[str], labels: Sequence[str], begin: Callable[[], Observe] | None
    ) -> "Tally":
        """Make one that a new listener hears."""
        return cls(names, labels, begin() if begin else None)

    def add(self, checked: Checked, answers: Answers | None) -> None:
        """Add a block; an unfit table is refused at once."""
        self._count(checked)
        self.n_rows += checked.n_rows
        if answers is None:
            return
        if self.observe:
            self.observe(checked, answers.predicted)
        self._warned.update(answers.counts())
        self._why_no_interval, self._meaning = answers.why_not, answers.confidence_meaning
        if self.labels:
            self._made.update(answers.values)
        else:
            self._spread.add(np.asarray(answers.predicted, dtype=float))

    def refuse_errors(self, name: str) -> None:
        """Raise when cells could not be read or there was no row.

        Parameters
        ----------
        name : str
            The file's name, for the sentence.

        Raises
        ------
        EngineError
            It names the first cells.
        """
        file = shown(name) if name else "The file"
        if self.n_rows == 0:
            said = f"{file} has no rows to predict. Add rows below the header."
            raise EngineError(said, remedies=("other-table",))
        if self.n_errors:
            first = " ".join(error.text for error in self._errors[:_NAMED_ERRORS])
            more = f" … {self.n_errors - _NAMED_ERRORS:,} more." if self.n_errors > _NAMED_ERRORS else ""
            them = "it" if self.n_errors == 1 else "them"
            raise EngineError(
                f"{file} was not predicted, because {counted(self.n_errors, 'cell')} could not be read. "
                f"{first}{more} Correct {them} and try again, or have {them} count as missing.",
                remedies=("count-missing",),
            )

    def facts(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "n_rows": self.n_rows,
            "columns": [*self.names, *self.added.names],
            "n_original": len(self.names),
            "added": self.added.facts(),
            "repairs": [repair.facts() for repair in sorted(self._repairs, key=lambda one: one.row or 0)],
            "repair_counts": dict(sorted(self._counts.items())),
            "repair_columns": {code: dict(found) for code, found in sorted(self._by_column.items())},
            "n_repairs": sum(self._counts.values()),
            "warning_counts": dict(self._warned),
            "why_no_interval": self._why_no_interval,
            "confidence_meaning": self._meaning,
            "shares": _shares(self._made, self.n_rows) if self.labels else [],
            "spread": None if self.labels else self._spread.facts(),
        }

    def _count(self, checked: Checked) -> None:
        """Add up remarks; those on the whole table count once."""
        whole = [error.sentence for error in checked.errors if error.row is None]
        if whole:
            raise EngineError(" ".join(whole), remedies=("other-table",))
        first = self.n_rows == 0
        once = Counter(repair.code for repair in checked.repairs if repair.row is None)
        self._counts += Counter(checked.repair_counts) - (Counter() if first else once)
        for code, found in checked.repair_columns.items():
            if first or code != "header":
                self._by_column.setdefault(code, Counter()).update(found)
        for repair in checked.repairs:
            if (first or repair.row is not None) and self._room[repair.code] > 0:
                self._room[repair.code] -= 1
                self._repairs.append(repair)
        self.n_errors += checked.n_errors
        if len(self._errors) < _NAMED_ERRORS:
            self._errors += checked.errors


def _shares(counts: Counter[str], n_rows: int) -> list[dict[str, Any]]:
    """How often each class was predicted, most frequent first."""
    named = counts.most_common()[:_SHARES]
    if left := n_rows - sum(n for _, n in named):
        named.append(("other classes", left))
    return [{"label": label, "n": n, "share": n / n_rows} for label, n in named]
