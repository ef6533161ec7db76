"""What was repaired and noticed in a batch, gathered by sort."""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_EXAMPLES = 3
_NOTICED = ("range", "extra", "order")  # nothing in the row was changed
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


def n_repaired(result: Mapping[str, Any]) -> int:
    """Cells that were changed before they were predicted."""
    counts: Mapping[str, int] = result["repair_counts"]
    return sum(n for code, n in counts.items() if code not in _NOTICED)


def rows_of(path: Path) -> Iterator[list[str]]:
    """The rows of a CSV that the engine wrote, its header first."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.reader(file)


def _group(code: str, n: int, repairs: Sequence[Mapping[str, Any]]) -> RepairGroup:
    mine = [repair for repair in repairs if repair["code"] == code]
    columns = Counter(repair["column"] for repair in mine if repair["column"])
    return RepairGroup(
        title=_TITLES.get(code, code),
        n=n,
        columns=tuple(columns.most_common()),
        examples=tuple(repair["text"] for repair in mine[:_EXAMPLES]),
    )
