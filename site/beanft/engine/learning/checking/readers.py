"""The readers of all training columns, and where among the names that came each column is found."""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from beanft.engine.learning.checking.cells import Reader
from beanft.engine.tables.wording import listed, shown

_MOST_SCHEMAS = 16  # about as many as there are models in memory
_MOST_LAYOUTS = 8
_MOST_NAMES = 3_000  # layouts of more are not kept


@dataclass(frozen=True)
class Layout:
    """Where the training columns are."""

    places: Mapping[str, int]
    """Place of each training column among the names that came; those that did not come are absent."""
    repairs: tuple[tuple[str | None, str, str], ...] = ()
    """Column, code and sentence of what was put right."""
    doubled: tuple[tuple[str, str], ...] = ()
    """Columns that came more than once, with a sentence."""
    absent: tuple[str, ...] = ()
    """Training columns that did not come."""
    in_order: bool = True
    """Whether they came in the order of training."""


@dataclass
class Readers:
    """The readers of a model's columns."""

    all: tuple[Reader, ...]
    """In the order of training."""
    _layouts: dict[tuple[str, ...], Layout] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Names of the training columns."""
        return [reader.name for reader in self.all]

    def layout(self, names: Sequence[str]) -> Layout:
        """Find the training columns among names; the last few answers are kept."""
        key = tuple(names)
        found = self._layouts.get(key)
        if found is None:
            found = layout_of(key, self.names)
            if len(key) <= _MOST_NAMES:
                if len(self._layouts) >= _MOST_LAYOUTS:
                    self._layouts.clear()
                self._layouts[key] = found
        return found


_kept: OrderedDict[tuple[int, bool], tuple[Sequence[Mapping[str, Any]], Readers]] = OrderedDict()
_lock = threading.Lock()


def readers_of(schema: Sequence[Mapping[str, Any]], *, plain_first: bool = False) -> Readers:
    """Give the readers of a schema; those of the last few schemas are kept.

    Parameters
    ----------
    schema : sequence of mapping
        The training columns as `schema.describe` gives them; a schema that was asked for is not changed.
    plain_first : bool
        As in Reader.

    Returns
    -------
    Readers
        The same for the same schema object.

    Examples
    --------
    >>> readers_of([{"name": "age", "kind": "number", "stored": "DOUBLE", "format": ""}]).names
    ['age']
    """
    key = (id(schema), plain_first)
    with _lock:
        found = _kept.get(key)
        if found is not None and found[0] is schema:
            _kept.move_to_end(key)
            return found[1]
    made = Readers(tuple(Reader(column, plain_first=plain_first) for column in schema))
    with _lock:
        _kept[key] = (schema, made)  # as long as the schema is kept here, no other has its number
        while len(_kept) > _MOST_SCHEMAS:
            _kept.popitem(last=False)
    return made


def layout_of(names: Sequence[str], wanted: Sequence[str]) -> Layout:
    """Find columns by their names, or else by their names without regard to case and blanks.

    Parameters
    ----------
    names : sequence of str
        Names that came.
    wanted : sequence of str
        Names of the training columns.

    Returns
    -------
    Layout

    Examples
    --------
    >>> layout_of(["Age ", "city"], ["age", "height"]).absent
    ('height',)
    """
    exact: dict[str, list[int]] = {}
    loose: dict[str, list[int]] = {}
    own = set(wanted)
    for place, name in enumerate(names):
        exact.setdefault(name, []).append(place)
        if name not in own:
            loose.setdefault(_folded(name), []).append(place)
    places: dict[str, int] = {}
    repairs: list[tuple[str | None, str, str]] = []
    doubled, absent = [], []
    for name in wanted:
        found = exact.get(name) or loose.get(_folded(name), [])
        if len(found) > 1:
            doubled.append((name, f"The column {shown(name)} came more than once. Keep one of them."))
        elif found:
            places[name] = found[0]
            if names[found[0]] != name:
                taken = f"The column {shown(names[found[0]])} was taken for {shown(name)}."
                repairs.append((name, "header", taken))
        else:
            absent.append(name)
    used = set(places.values())
    extra = [name for place, name in enumerate(names) if place not in used]
    if extra:
        were = "column was" if len(extra) == 1 else "columns were"
        repairs.append((None, "extra", f"{len(extra):,} {were} not needed and left aside: {listed(extra)}."))
    order = list(places.values())
    return Layout(places, tuple(repairs), tuple(doubled), tuple(absent), order == sorted(order))


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
