"""Writes a text as a typed Parquet file in one pass, with the cells converted as a sample suggests.

Beside the table stand the cells that the quick test of their column's likely form does not tell. From these
everything is counted that decides how a column is read. Where all columns are read as was likely, the columns
of the table are copied as they are stored, and the table is done; else it has to be written again. Where the
sample has too many such cells, none of this is worth while.
A column whose sample has such cells has a column of its own beside it. Of the others most have none, so they
share one list: the engine sets memory aside for each column that it writes, and without enough of it only one
thread works (with 640 MB at 44 columns; at 27 both do).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from beanft.engine.tables.connection import quote
from beanft.engine.tables.formats.footer import keep_columns
from beanft.engine.tables.ingest.load import Place, Rows, copy_sql
from beanft.engine.tables.kinds.cells import missing_sql
from beanft.engine.tables.kinds.counting import Counts, Question, count, is_quick, sure_sql
from beanft.engine.tables.kinds.forms import Form, trimmed
from beanft.engine.tables.kinds.reading import Reading
from beanft.engine.tables.kinds.survey import Survey, settle
from beanft.engine.tables.profiling.asking import source_sql

_FEW_CELLS = 200  # of the sample, for the quick test
_MOST_BESIDE = 0.2  # of all cells: to write them twice takes longer than to count beforehand


@dataclass(frozen=True, kw_only=True)
class _Trial:
    """One column: what is asked of it, and how its cells are converted meanwhile."""

    question: Question
    form: Form | None
    """None for text."""
    odd_share: float
    """Share of the cells of the sample that the quick test did not tell."""

    @property
    def is_alone(self) -> bool:
        """Whether a column of its own stands beside."""
        return bool(self.odd_share) or self.keeps_all

    @property
    def first(self) -> Form | None:
        """The form of the quick test."""
        return self.question.forms[0] if self.question.forms else None

    @property
    def keeps_all(self) -> bool:
        """Whether all cells stand beside: what the quick test tells says nothing of some of the forms."""
        forms, is_other = self.question.forms, self.form is not None and self.form is not self.first
        return is_other or not all(is_quick(form, forms[0]) for form in forms)


def attempt(place: Place, rows: Rows, asked: Survey) -> tuple[int, list[Reading], bool] | None:
    """Write the table as a sample suggests, and settle how its columns are read from what was written.

    Parameters
    ----------
    place : Place
        Where the table goes.
    rows : Rows
        The text.
    asked : Survey
        What is asked of its columns.

    Returns
    -------
    n_rows : int
        Rows of the table.
    readings : list of Reading
        How its columns are read, the same as `survey.read_columns` gives.
    is_right : bool
        Whether the sample was right and the file stands at `place.part`; else it has to be written as the
        readings say. None for all where the sample shows that it is not worth while.
    """
    trials = _trials(place.database, asked)
    if sum(1.0 if trial.keeps_all else trial.odd_share for trial in trials) > _MOST_BESIDE * len(trials):
        return None
    names = _free_names(asked.names)
    try:
        statement = _statement(rows.sql, asked.names, names, trials)
        place.database.execute(copy_sql(statement, place.wide, group_mb=place.group_mb))
        n_rows, counts = _count(place.database, place.wide, names, trials)
        _add_examples(place.database, rows.sql, asked, counts)
        readings = settle(place.database, rows.sql, asked, counts)
        is_right = all(reading.form is trial.form for reading, trial in zip(readings, trials, strict=True))
        if is_right:
            keep_columns(place.wide, place.part, len(trials))
            if (pq.read_metadata(place.part).num_rows, pq.read_metadata(place.part).num_columns) != (
                n_rows,
                len(trials),
            ):
                raise ValueError("the copied columns do not read back")
    finally:
        place.wide.unlink(missing_ok=True)
    return n_rows, readings, is_right


def _trials(database: duckdb.DuckDBPyConnection, asked: Survey) -> list[_Trial]:
    """Try the form that is likely for each column, and see what the quick test says of the sample."""
    questions = [replace(question, wants_examples=False) for question in asked.questions]
    cells = ", ".join(f"unnest(${i + 1}::VARCHAR[]) AS v{i}" for i in range(len(questions)))
    tests = [
        f"coalesce(avg((v{i} <> '' AND NOT coalesce({sure_sql(f'v{i}', question)}, false))::INTEGER), 0)"
        for i, question in enumerate(questions)
    ]
    some = [list(cells[:: 1 + len(cells) // _FEW_CELLS]) for cells in asked.cells]
    odd = database.execute(f"SELECT {', '.join(tests)} FROM (SELECT {cells})", some)  # noqa: S608 -- names of our own
    return [
        _Trial(question=question, form=form, odd_share=share)
        for question, form, share in zip(questions, asked.likely(), odd.fetchone() or (), strict=True)
    ]


def _free_names(names: Sequence[str]) -> list[str]:
    """Names of the columns beside, and of the list, that no column has, whatever the case of its letters."""
    prefix = "beside"
    while any(name.lower().startswith(prefix) for name in names):
        prefix += "_"
    return [f"{prefix}{number}" for number in range(len(names) + 1)]


def _statement(table: str, names: Sequence[str], beside: Sequence[str], trials: Sequence[_Trial]) -> str:
    """SQL of the columns and of what stands beside; each step uses the columns of the one before."""
    cells = [f"{trial.question.cell} AS v{i}" for i, trial in enumerate(trials)]
    inner = f"SELECT {', '.join(cells)} FROM {table}"  # noqa: S608 -- names of our own
    for step in zip(*(_steps(i, trial) for i, trial in enumerate(trials)), strict=True):
        if wanted := ", ".join(filter(None, step)):
            inner = f"SELECT *, {wanted} FROM ({inner})"  # noqa: S608 -- names of our own
    values = [
        f"{_value(i, trial)} AS {quote(name)}"
        for i, (name, trial) in enumerate(zip(names, trials, strict=True))
    ]
    own = [
        f"{'v' if trial.keeps_all else 'o'}{i} AS {beside[i]}"
        for i, trial in enumerate(trials)
        if trial.is_alone
    ]
    if others := ", ".join(f"o{i}" for i, trial in enumerate(trials) if not trial.is_alone):
        own.append(f"CASE WHEN coalesce({others}) IS NOT NULL THEN [{others}] END AS {beside[-1]}")
    return f"SELECT {', '.join([*values, *own])} FROM ({inner})"  # noqa: S608 -- quoted names


def _steps(i: int, trial: _Trial) -> tuple[str, ...]:
    """The value where it is sure, or as the quick test needs it; the other cells, their texts, and all texts.

    Cells that the test does not tell are few: where there are none, the later steps cost little.
    """
    question, first = trial.question, trial.first
    condition, cast = sure_sql(f"v{i}", question), first.cast.format(v=f"v{i}") if first else ""
    if cast and cast in condition:  # looks at the value, which is not computed twice then
        value, is_sure = cast, condition.replace(cast, f"s{i}")
    else:
        value, is_sure = f"CASE WHEN {condition} THEN {cast} END", f"s{i} IS NOT NULL" if cast else condition
    is_missing = missing_sql(f"r{i}", question.missing)
    return (
        f"{value} AS s{i}" if cast else "",
        f"CASE WHEN {is_sure} THEN NULL ELSE nullif(v{i}, '') END AS o{i}",
        f"CASE WHEN o{i} IS NOT NULL THEN {trimmed(f'o{i}')} END AS r{i}",
        f"CASE WHEN o{i} IS NULL THEN nullif(v{i}, '') WHEN {is_missing} THEN NULL ELSE r{i} END AS t{i}",
    )


def _value(i: int, trial: _Trial) -> str:
    """SQL of the value that is stored, the same as that of a Reading of the form."""
    form, own = trial.form, trial.question.missing
    if form is None:
        return f"t{i}"
    if form is not trial.first:
        return form.quick(f"t{i}")
    # The usual spellings of missing have no form; of the owner's some may.
    is_missing = f"WHEN {missing_sql(f'r{i}', own)} THEN NULL " if own else ""
    is_sure = f"WHEN o{i} IS NULL THEN s{i} " if form.cast else ""
    return f"CASE {is_sure}{is_missing}WHEN r{i} IS NOT NULL THEN {form.expression(f'r{i}')} END"


def _count(
    database: duckdb.DuckDBPyConnection, path: Path, beside: Sequence[str], trials: Sequence[_Trial]
) -> tuple[int, list[Counts]]:
    """Count rows and cells of the text from what was written."""
    n_rows, n_written = _held(path)
    table, alone = source_sql(path), [number for number, trial in enumerate(trials) if trial.is_alone]
    cells = {number: beside[number] for at, number in enumerate(alone) if n_written[len(trials) + at]}
    if len(alone) < len(trials) and n_written[-1]:
        cells |= _listed(database, table, beside[-1], [one for one in range(len(trials)) if one not in alone])
    found = {number: _counted(database, table, cell, trials[number]) for number, cell in cells.items()}
    counts = []
    for number, trial in enumerate(trials):
        odd = found.get(number, Counts(n_values=0, n_sure=0, fits=dict.fromkeys(trial.question.forms, 0)))
        counts.append(odd if trial.keeps_all else _with_sure(odd, trial.form, n_written[number]))
    return n_rows, counts


def _counted(database: duckdb.DuckDBPyConnection, table: str, cell: str, trial: _Trial) -> Counts:
    """Count in the rows alone that have something beside one column, which mostly are few."""
    some = f"(SELECT {cell} AS cell FROM {table} WHERE {cell} IS NOT NULL)"  # noqa: S608 -- names of our own
    _, (counts,) = count(database, some, [replace(trial.question, cell="cell")])
    return counts


def _listed(
    database: duckdb.DuckDBPyConnection, table: str, name: str, numbers: Sequence[int]
) -> dict[int, str]:
    """SQL of the cells in the shared list of each column that has some there."""
    cells = [f"{name}[{place}]" for place in range(1, len(numbers) + 1)]
    counted = ", ".join(f"count({cell})" for cell in cells)
    (n_cells,) = database.execute(f"SELECT {counted} FROM {table} WHERE {name} IS NOT NULL").fetchall()  # noqa: S608 -- names of our own
    return {number: cell for number, cell, n in zip(numbers, cells, n_cells, strict=True) if n}


def _held(path: Path) -> tuple[int, list[int]]:
    """Rows of a Parquet file, and how many values each column has, without reading any."""
    facts = pq.read_metadata(path)
    n_written = [0] * facts.num_columns
    for group in map(facts.row_group, range(facts.num_row_groups)):
        for number in range(facts.num_columns):
            column = group.column(number)
            n_written[number] += column.num_values - column.statistics.null_count
    return facts.num_rows, n_written


def _with_sure(odd: Counts, form: Form | None, n_written: int) -> Counts:
    """Add the cells that the quick test told, which all have a value, to the counts of the others."""
    n_sure = n_written - (odd.fits[form] if form else odd.n_values)
    return replace(
        odd,
        n_values=odd.n_values + n_sure,
        n_sure=odd.n_sure + n_sure,
        fits={one: n + n_sure for one, n in odd.fits.items()},
    )


def _add_examples(
    database: duckdb.DuckDBPyConnection, table: str, asked: Survey, counts: list[Counts]
) -> None:
    """See cells that do not fit of the columns of which the sample said little."""
    wanted = [
        number
        for number, (question, counted) in enumerate(zip(asked.questions, counts, strict=True))
        if question.wants_examples and counted.n_values > max(counted.fits.values(), default=0)
    ]
    if not wanted:
        return
    # The cells of the first column make the choice of examples differ from row to row.
    _, (_, *found) = count(database, table, [asked.questions[number] for number in (0, *wanted)])
    for number, counted in zip(wanted, found, strict=True):
        counts[number] = counted
