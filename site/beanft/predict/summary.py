"""What a batch came to: how often each class or where the numbers lie, and what was repaired."""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, quantiles
from typing import Any

_SHARES = 20  # classes named; the others are added up
_EXAMPLES = 3
_TITLES = {
    "range": "Outside the range seen in training",
    "unknown": "Category never seen in training, treated as missing",
    "missing": "No value, filled as in training",
    "comma": "Decimal comma read",
    "case": "Upper and lower case put right",
    "blanks": "Blanks around a value removed",
    "header": "Column recognised under another spelling",
    "extra": "Columns not needed",
    "order": "Columns put in order",
}


@dataclass(frozen=True, kw_only=True)
class RepairGroup:
    """One sort of repair."""

    title: str
    """What was done."""
    n: int
    """How often in the whole file."""
    columns: tuple[tuple[str, int], ...]
    """Columns with their repairs among those that are listed, most first."""
    examples: tuple[str, ...]
    """The first of them, with row and column."""


def repair_groups(result: Mapping[str, Any]) -> list[RepairGroup]:
    """Gather the repairs of a batch by sort, those that deserve a look first."""
    counts: Mapping[str, int] = result["repair_counts"]
    known = [code for code in _TITLES if code in counts]
    return [
        _group(code, counts[code], result["repairs"]) for code in (*known, *sorted(counts.keys() - _TITLES))
    ]


def rows_of(path: Path) -> Iterator[list[str]]:
    """The rows of a CSV that the engine wrote, its header first."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.reader(file)


def summarise(path: Path, *, place: int, classes: bool) -> dict[str, Any]:
    """Sum up the predictions in one column of a CSV: `shares` of classes, or the `spread` of numbers."""
    rows = rows_of(path)
    next(rows)
    made = [row[place] for row in rows]
    if classes:
        return {"shares": _shares(made), "spread": None}
    return {"shares": [], "spread": _spread([float(text) for text in made])}


def _group(code: str, n: int, repairs: Sequence[Mapping[str, Any]]) -> RepairGroup:
    mine = [repair for repair in repairs if repair["code"] == code]
    columns = Counter(repair["column"] for repair in mine if repair["column"])
    return RepairGroup(
        title=_TITLES.get(code, code),
        n=n,
        columns=tuple(columns.most_common()),
        examples=tuple(repair["text"] for repair in mine[:_EXAMPLES]),
    )


def _shares(classes: Sequence[str]) -> list[dict[str, Any]]:
    """How often each class was predicted, most frequent first."""
    counts = Counter(classes).most_common()
    shares = [{"label": label, "n": n, "share": n / len(classes)} for label, n in counts[:_SHARES]]
    left = sum(n for _, n in counts[_SHARES:])
    return [*shares, {"label": "other classes", "n": left, "share": left / len(classes)}] if left else shares


def _spread(numbers: list[float]) -> dict[str, float]:
    """Where the predicted numbers lie."""
    cuts = quantiles(numbers, n=4, method="inclusive") if len(numbers) > 1 else numbers * 3
    middle = dict(zip(("lower", "median", "upper"), cuts, strict=True))
    return {"minimum": min(numbers), "maximum": max(numbers), "mean": fmean(numbers)} | middle
