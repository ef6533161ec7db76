"""Compares two versions of a table: columns that came, went and changed, and what that breaks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.wording import counted, shown

WEIGHTS = ("breaks", "note")
"""How much a difference matters: it breaks charts and models made before, or is good to know."""

_NAMED = 10
_TYPES = {"BIGINT": "number", "DOUBLE": "number", "BOOLEAN": "boolean", "DATE": "date", "TIMESTAMP": "date"}


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference between two versions."""

    code: str
    """'removed', 'added', 'moved', 'kind', 'form' or 'rows'."""
    weight: str
    """One of WEIGHTS."""
    columns: tuple[str, ...] = ()
    """Columns that it is about."""
    sentence: str
    """The difference in plain words, with what follows from it."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """All differences between two versions of a table, those that break something first."""

    changes: tuple[Change, ...]
    """None when the columns are the same and so is the number of rows."""

    @property
    def n_breaking(self) -> int:
        """How many of the differences break charts or models made before."""
        return sum(change.weight == "breaks" for change in self.changes)

    @property
    def summary(self) -> str:
        """The whole comparison in one sentence."""
        if not self.changes:
            return "The columns are the same, in the same order and of the same kinds."
        if self.n_breaking:
            return f"{counted(self.n_breaking, 'difference')} can break charts and models made before."
        return "Charts and models made before can go on with this version."


def compare(old: Profile, new: Profile, *, rows: bool = True) -> Comparison:
    """Compare two versions of a table by their profiles.

    Parameters
    ----------
    old : Profile
        The version before.
    new : Profile
        The version after.
    rows : bool
        Whether the rows are compared, too; a sample knows nothing of the rest.

    Returns
    -------
    Comparison
        The differences in plain sentences.

    Examples
    --------
    >>> one = Column(name="a", kind="number", stored="BIGINT", n_missing=0, n_distinct=2)
    >>> two = Column(name="b", kind="text", stored="VARCHAR", n_missing=0, n_distinct=2)
    >>> found = compare(Profile(n_rows=2, columns=(one,)), Profile(n_rows=2, columns=(one, two)))
    >>> [change.sentence for change in found.changes]
    ['1 column is new: “b”.']
    """
    before = {column.name: column for column in old.columns}
    after = {column.name: column for column in new.columns}
    both = [(before[name], after[name]) for name in before if name in after]
    changes = [*_gone(before, after), *_kinds(both), *_added(before, after), *_moved(before, after)]
    changes += [*_forms(both), *(_rows(old, new) if rows else ())]
    return Comparison(changes=tuple(sorted(changes, key=lambda change: WEIGHTS.index(change.weight))))


def _gone(before: dict[str, Column], after: dict[str, Column]) -> Iterator[Change]:
    names = tuple(name for name in before if name not in after)
    if names:
        verb, them = ("is", "it") if len(names) == 1 else ("are", "one of them")
        yield Change(
            code="removed",
            weight="breaks",
            columns=names,
            sentence=f"{counted(len(names), 'column')} {verb} gone: {_named(names)}. "
            f"Charts and models that use {them} do not work with this version.",
        )


def _added(before: dict[str, Column], after: dict[str, Column]) -> Iterator[Change]:
    names = tuple(name for name in after if name not in before)
    if names:
        verb = "is" if len(names) == 1 else "are"
        yield Change(
            code="added",
            weight="note",
            columns=names,
            sentence=f"{counted(len(names), 'column')} {verb} new: {_named(names)}.",
        )


def _moved(before: dict[str, Column], after: dict[str, Column]) -> Iterator[Change]:
    kept_before = [name for name in before if name in after]
    kept_after = [name for name in after if name in before]
    if kept_before != kept_after:
        moved = tuple(old for old, new in zip(kept_before, kept_after, strict=True) if old != new)
        yield Change(
            code="moved",
            weight="note",
            columns=moved,
            sentence="The columns stand in another order; nothing depends on that, they are told by name.",
        )


def _kinds(both: Sequence[tuple[Column, Column]]) -> Iterator[Change]:
    for old, new in both:
        if old.kind == new.kind and _type(old) == _type(new):
            continue
        breaks = _type(old) != _type(new)
        follows = "Charts and models that use it may not work with this version." if breaks else ""
        is_now = f"is {new.kind} now" if old.kind != new.kind else f"is now stored as {_type(new)}"
        yield Change(
            code="kind",
            weight="breaks" if breaks else "note",
            columns=(new.name,),
            sentence=f"{shown(new.name)} was {old.kind} and {is_now}. {follows}".strip(),
        )


def _type(column: Column) -> str:
    """What charts and models see of a column."""
    return "text" if column.kind == "category" else _TYPES.get(column.stored, "text")


def _forms(both: Sequence[tuple[Column, Column]]) -> Iterator[Change]:
    for old, new in both:
        if old.kind == new.kind and (old.format, old.unit) != (new.format, new.unit):
            yield Change(
                code="form",
                weight="breaks" if old.unit != new.unit and _type(new) != "date" else "note",
                columns=(new.name,),
                sentence=_form_sentence(old, new),
            )


def _form_sentence(old: Column, new: Column) -> str:
    if old.unit != new.unit and _type(new) == "date":
        also = f" {_written_sentence(old, new)}" if old.format != new.format else ""
        return f"{_zone_sentence(old, new)}{also}"
    if old.unit != new.unit:
        return (
            f"{shown(new.name)} was in {old.unit or 'no unit'} and is in {new.unit or 'no unit'} now. "
            "Numbers of the two versions cannot be compared as they are."
        )
    return _written_sentence(old, new)


def _zone_sentence(old: Column, new: Column) -> str:
    """What the columns show: versions of an older Beanft show no zone of the same times."""
    was, is_now = (f"in {one.unit}" if one.unit else "without a zone" for one in (old, new))
    return (
        f"Times of {shown(new.name)} were shown {was} and are shown {is_now} now; in both versions those "
        "that have a zone in the file are stored in UTC."
    )


def _written_sentence(old: Column, new: Column) -> str:
    return (
        f"{shown(new.name)} was written as {old.format or 'usual'} and is written as {new.format or 'usual'} "
        "now; the values are read alike."
    )


def _rows(old: Profile, new: Profile) -> Iterator[Change]:
    if old.n_rows != new.n_rows:
        yield Change(
            code="rows",
            weight="note",
            sentence=f"There were {counted(old.n_rows, 'row')}, and there are {new.n_rows:,} now "
            f"({new.n_rows - old.n_rows:+,}).",
        )


def _named(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(shown(name, 40) for name in names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
