"""What was repaired and noticed in a batch, gathered by sort."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_EXAMPLES = 3
_NOTICED = ("range", "missing", "extra", "order")  # nothing in the row was changed
_LOST = ("unreadable", "unknown")
_TITLES = {
    "unreadable": "Could not be read, taken as missing",
    "range": "Outside the range seen in training",
    "unknown": "Category never seen in training, treated as missing",
    "missing": "No value; the model works without it, as it learned to",
    "comma": "Decimal comma read",
    "style": "Number or date read in another spelling",
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
    """Columns with how often in each, most first."""
    examples: tuple[str, ...]
    """The first of them, with row and column."""


def repair_groups(result: Mapping[str, Any]) -> list[RepairGroup]:
    """Gather the repairs of a batch by sort, those that deserve a look first."""
    counts: Mapping[str, int] = result["repair_counts"]
    known = [code for code in _TITLES if code in counts]
    return [_group(code, counts[code], result) for code in (*known, *sorted(counts.keys() - _TITLES))]


def n_repaired(result: Mapping[str, Any]) -> int:
    """Cells that were changed before they were predicted."""
    counts: Mapping[str, int] = result["repair_counts"]
    return sum(n for code, n in counts.items() if code not in (*_NOTICED, *_LOST))


def n_lost(result: Mapping[str, Any]) -> int:
    """Cells that hold something and counted as missing all the same."""
    return sum(result["repair_counts"].get(code, 0) for code in _LOST)


def _group(code: str, n: int, result: Mapping[str, Any]) -> RepairGroup:
    columns = Counter(result["repair_columns"].get(code, {}))
    texts = [repair["text"] for repair in result["repairs"] if repair["code"] == code]
    return RepairGroup(
        title=_TITLES.get(code, code),
        n=n,
        columns=tuple(columns.most_common()),
        examples=tuple(texts[:_EXAMPLES]),
    )
