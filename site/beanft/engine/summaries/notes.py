"""What a reader of a summary must know, one plain sentence each."""

from collections.abc import Sequence

from beanft.engine.charts.words import FEW_ROWS
from beanft.engine.summaries.groups import Grouping
from beanft.engine.summaries.measures import Precision
from beanft.engine.summaries.summary import Summary
from beanft.engine.tables.wording import counted, shown


def notes_of(
    summary: Summary,
    precision: Precision,
    *,
    lacking: Sequence[Grouping],
    sizes: Sequence[int],
    behind: Sequence[int],
    n_groups: int,
) -> tuple[str, ...]:
    """Say what a reader of a summary must know.

    Parameters
    ----------
    summary : Summary
        What was asked.
    precision : Precision
        How exactly it was answered.
    lacking : sequence of Grouping
        Columns that some rows have no value of.
    sizes : sequence of int
        Rows of each group that is kept.
    behind : sequence of int
        The fewest rows or values behind a figure of each of them.
    n_groups : int
        Groups of the table, also those left out.

    Returns
    -------
    tuple of str
        One plain sentence each.
    """
    return (
        *_group_notes(n_groups, len(sizes)),
        *_lacking_notes(lacking),
        *_measure_notes(summary, sizes, behind),
        *_estimate_notes(summary, precision),
    )


def _group_notes(n_groups: int, n_kept: int) -> tuple[str, ...]:
    if n_groups <= n_kept:
        return ()
    return (
        f"There are {n_groups:,} groups; the {n_kept:,} largest are kept. "
        "Filter the rows, or put them together by a column with fewer values.",
    )


def _lacking_notes(groupings: Sequence[Grouping]) -> tuple[str, ...]:
    return tuple(
        f"Rows without {shown(one.column.name, 40)}{' or with an infinite one' if _mixes(one) else ''} "
        "are a group of their own, named “missing”."
        for one in groupings
    )


def _mixes(one: Grouping) -> bool:
    return bool(one.unit) and one.column.has_endless


def _measure_notes(summary: Summary, sizes: Sequence[int], behind: Sequence[int]) -> tuple[str, ...]:
    notes = []
    if any(measure.what == "mean" for measure in summary.measures):
        notes.append("Means have 95 % intervals (Student’s t); a mean of one value has none.")
    if summary.measures:
        notes.append("Missing and infinite values are in no figure but their own count.")
    n_few = sum(size < FEW_ROWS for size in sizes)
    if n_few and summary.measures:
        has = "has" if n_few == 1 else "have"
        notes.append(f"{counted(n_few, 'group')} {has} fewer than {FEW_ROWS} rows: their figures say little.")
    n_sparse = sum(0 < n < FEW_ROWS <= size for n, size in zip(behind, sizes, strict=True))
    if n_sparse and summary.measures:
        notes.append(
            f"In {counted(n_sparse, 'group')} of more rows, a figure comes from fewer than {FEW_ROWS} values "
            "and says little."
        )
    return tuple(notes)


_HOW = {"sample": "an even sample of the rows, the same every time", "digest": "a digest of all rows"}


def _estimate_notes(summary: Summary, precision: Precision) -> tuple[str, ...]:
    whats = {measure.what for measure in summary.measures}
    if not precision.is_estimate:
        return ()
    notes = []
    if whats & {"median", "q25", "q75"} and precision.quantiles in _HOW:
        how = _HOW[precision.quantiles]
        notes.append(f"Medians and quantiles are about right: they come from {how}.")
    if "distinct" in whats:
        notes.append("Numbers of different values are estimates, within a few per cent.")
    return tuple(notes)
