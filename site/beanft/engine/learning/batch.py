"""Predictions for a whole file: every row of a CSV into another CSV, in bounded memory."""

import csv
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from beanft.engine.errors import EngineError
from beanft.engine.learning import files
from beanft.engine.learning.inputs import LISTED, Checked, Remark, check
from beanft.engine.learning.predict import answer_of, applies, predict_rows, threshold_sentence
from beanft.engine.progress import Progress
from beanft.engine.tables.files import sha256_of
from beanft.engine.tables.queries.formulas import safe_text
from beanft.engine.tables.text.records import open_table
from beanft.engine.tables.wording import counted, shown

_DIGITS = 10
_PREVIEW = 50
_SHARES = 20  # classes named in the sum; the others are added up
_NAMED_ERRORS = 5


def predict_file(
    *,
    model_file: str,
    model_sha256: str,
    source: str,
    target: str,
    original_name: str = "",
    max_rows: int = 1_000_000,
    safe_for_spreadsheets: bool = False,
    threshold: dict[str, Any] | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Predict every row of a CSV into another CSV.

    Parameters
    ----------
    model_file, model_sha256 : str
        The model file and its hash.
    source : str
        The CSV to predict.
    target : str
        Where the result goes: all columns that came, in their order and with their text, then the prediction
        and for classification the probability of each class. Written whole or not at all.
    original_name : str
        Name of the file for messages.
    max_rows : int
        Rows allowed.
    safe_for_spreadsheets : bool
        Put an apostrophe before texts that a spreadsheet would take for a formula.
    threshold : dict, optional
        The one that the model's owner chose: threshold and positive, see `predict.answer_of`.
    progress : Progress, optional
        Listener.

    Returns
    -------
    dict
        n_rows, columns, n_original (of them), preview (first 50 rows), repairs (first 100), repair_counts,
        n_repairs, notes, sha256, size_bytes; shares (label, n and share 0..1 of each class, most frequent
        first) or spread (minimum, lower quartile, median, upper quartile, maximum and mean of numbers).

    Raises
    ------
    EngineError
        The file is no table, lacks columns or holds cells that cannot be read: then nothing is written.
    """
    model = files.load(Path(model_file), model_sha256)
    table = open_table(source)
    if threshold and not applies(threshold, model["labels"]):
        threshold = None
    batch = _Batch(
        model=model,
        names=table.names,
        max_rows=max_rows,
        safe=safe_for_spreadsheets,
        threshold=threshold,
    )
    part = Path(target + ".part")
    tell = progress or Progress()
    try:
        with part.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow([batch.cell(name) for name in batch.columns])
            for group in table:
                writer.writerows(batch.predicted(group.rows))
                # How long the file is shows only at its end, so the bar nears it without arriving.
                tell(batch.n_rows / (batch.n_rows + 20_000), f"{counted(batch.n_rows, 'row')} predicted")
            batch.refuse_errors(original_name)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    tell(1.0, f"{counted(batch.n_rows, 'row')} predicted")
    return batch.facts() | {
        "notes": [*table.notes, *([threshold_sentence(threshold)] if threshold else [])],
        "sha256": sha256_of(target),
        "size_bytes": Path(target).stat().st_size,
    }


@dataclass
class _Batch:
    """A file on its way through the model."""

    model: Mapping[str, Any]
    names: tuple[str, ...]
    max_rows: int
    safe: bool
    threshold: Mapping[str, Any] | None = None
    n_rows: int = 0
    n_errors: int = 0
    made: list[str] = field(default_factory=list)
    preview: list[list[str]] = field(default_factory=list)
    repairs: list[Remark] = field(default_factory=list)
    errors: list[Remark] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def columns(self) -> list[str]:
        """Names of the columns written."""
        labels = self.model["labels"]
        added = ["prediction", *(f"probability of {label}" for label in labels)]
        names = list(self.names)
        for name in added:
            names.append(_free(name, names))
        return names

    def predicted(self, rows: Sequence[list[str]]) -> list[list[str]]:
        """The rows to write for rows that came; none once an error was met, for then the file is refused."""
        checked = check(self.names, rows, self.model["schema"], first_line=self.n_rows + 1)
        self._count(checked, first=self.n_rows == 0)
        self.n_rows += len(rows)
        if self.n_rows > self.max_rows:
            raise EngineError(
                f"The file has more than {self.max_rows:,} rows, the most for one prediction. "
                "Split it and try again."
            )
        if self.n_errors:
            return []
        guesses = _written(predict_rows(self.model, checked.frame), self.model["labels"], self.threshold)
        made = [
            [*map(self.cell, row), self.cell(guess[0]), *guess[1:]]
            for row, guess in zip(rows, guesses, strict=True)
        ]
        self.preview += made[: _PREVIEW - len(self.preview)]
        self.made += [guess[0] for guess in guesses]
        return made

    def cell(self, text: str) -> str:
        """A text that no spreadsheet runs, when that was asked for."""
        return safe_text(text) if self.safe else text

    def refuse_errors(self, name: str) -> None:
        """Raise when cells could not be read or there was no row."""
        file = shown(name) if name else "The file"
        if self.n_rows == 0:
            raise EngineError(f"{file} has no rows to predict. Add rows below the header.")
        if self.n_errors:
            first = " ".join(error.text for error in self.errors[:_NAMED_ERRORS])
            more = f" … {self.n_errors - _NAMED_ERRORS:,} more." if self.n_errors > _NAMED_ERRORS else ""
            raise EngineError(
                f"{file} was not predicted, because {counted(self.n_errors, 'cell')} could not be read. "
                f"{first}{more} Correct them and try again."
            )

    def facts(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "n_rows": self.n_rows,
            "columns": self.columns,
            "preview": self.preview,
            "repairs": [repair.facts() for repair in self.repairs[:LISTED]],
            "repair_counts": dict(sorted(self.counts.items())),
            "n_repairs": sum(self.counts.values()),
            "n_original": len(self.names),
            "shares": _shares(self.made) if self.model["labels"] else [],
            "spread": None if self.model["labels"] else _spread(self.made),
        }

    def _count(self, checked: Checked, *, first: bool) -> None:
        """Add up remarks; those on the whole table count once, and an unfit table is refused at once."""
        whole = [error.sentence for error in checked.errors if error.row is None]
        if whole:
            raise EngineError(" ".join(whole))
        once = Counter(repair.code for repair in checked.repairs if repair.row is None)
        self.counts += Counter(checked.repair_counts) - (Counter() if first else once)
        if len(self.repairs) < LISTED:
            self.repairs += [repair for repair in checked.repairs if first or repair.row is not None]
        self.n_errors += checked.n_errors
        if len(self.errors) < _NAMED_ERRORS:
            self.errors += checked.errors


def _written(
    predicted: np.ndarray, labels: Sequence[str], threshold: Mapping[str, Any] | None
) -> list[list[str]]:
    """The cells to write beside each row."""
    found = answer_of(predicted, labels, threshold)
    if not labels:
        return [[_text(value)] for value in found]
    return [[answer, *map(_text, row)] for answer, row in zip(found, predicted.tolist(), strict=True)]


def _shares(classes: Sequence[str]) -> list[dict[str, Any]]:
    """How often each class was predicted, most frequent first."""
    counts = Counter(classes).most_common()
    named = [*counts[:_SHARES]]
    if left := sum(n for _, n in counts[_SHARES:]):
        named.append(("other classes", left))
    return [{"label": label, "n": n, "share": n / len(classes)} for label, n in named]


def _spread(numbers: Sequence[str]) -> dict[str, float]:
    """Where the predicted numbers lie."""
    values = np.array(numbers, dtype=float)
    names = ("minimum", "lower", "median", "upper", "maximum")
    cuts = np.quantile(values, [0, 0.25, 0.5, 0.75, 1]).tolist()
    return {**dict(zip(names, cuts, strict=True)), "mean": float(values.mean())}


def _text(value: float) -> str:
    return f"{value:.{_DIGITS}g}"


def _free(name: str, taken: Sequence[str]) -> str:
    """A name that is not taken: the name itself or with a number."""
    number, free, used = 1, name, {one.casefold() for one in taken}
    while free.casefold() in used:
        number += 1
        free = f"{name} {number}"
    return free
