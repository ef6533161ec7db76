"""Predictions for a whole table: every row of a file or dataset into one Parquet file, in bounded memory."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from beanft.engine.errors import EngineError
from beanft.engine.learning import files
from beanft.engine.learning.answering import Answers, answer_rows
from beanft.engine.learning.batches.sources import Asked, Blocks, BrokenError, Table, open_table
from beanft.engine.learning.batches.spellings import Schema, Spellings
from beanft.engine.learning.batches.tally import Observe, Tally
from beanft.engine.learning.batches.written import Writer
from beanft.engine.learning.checking.tables import check_table
from beanft.engine.learning.inputs import Checked
from beanft.engine.learning.predict import applies, threshold_sentence
from beanft.engine.learning.uncertainty.kept import Uncertainty, load_uncertainty
from beanft.engine.progress import Progress, part_of
from beanft.engine.tables.files import sha256_of
from beanft.engine.tables.formats.sources import Limits
from beanft.engine.tables.ingest.load import Place
from beanft.engine.tables.wording import counted

__all__ = ["Observe", "predict_file"]

_OPENED = 0.1  # share of the work when a file was unpacked or converted
_LOOKED = 0.1  # of the rest when it is known how the cells are written
_THREADS = 2  # blocks answered at the same time


def predict_file(
    *,
    model_file: str,
    model_sha256: str,
    source: str,
    target: str,
    original_name: str = "",
    max_rows: int = 50_000_000,
    threshold: dict[str, Any] | None = None,
    level: float = 0.9,
    unreadable_as_missing: bool = False,
    sheet: str = "",
    kind: str = "file",
    folder: str = "",
    key: str = "",
    source_sha256: str = "",
    max_columns: int = 2000,
    max_line_mb: int = 4,
    unpacked_mb: int = 8192,
    memory_mb: int = 1024,
    room_bytes: int | None = None,
    observe: Callable[[], Observe] | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Predict every row of a table of any format that ingest takes.

    Parameters
    ----------
    model_file, model_sha256 : str
        The model file and its hash.
    source : str
        The table to predict.
    target : str
        The Parquet file that takes the result: all columns that came, in their order, as text exactly as it
        stood (typed where the source was typed), then those of `written.Added`. Written whole or not at all;
        what has to be written meanwhile lies beside it.
    original_name : str
        Name of the file for messages.
    max_rows : int
        Rows allowed.
    threshold : dict, optional
        The one that the model's owner chose: threshold and positive, see `predict.answer_of`.
    level : float
        Share of rows whose truth intervals and sets are to hold.
    unreadable_as_missing : bool
        Whether cells that cannot be read count as missing, and their rows have a warning.
    sheet : str
        Sheet of a workbook; empty for the first that holds a table.
    kind : str
        file, or dataset where the source is a version's own Parquet file.
    folder, key : str
        The experiment's folder and the run's key, by which the uncertainty is found.
    source_sha256 : str
        Digest that the source must have; empty where nobody knows it (never for a dataset).
    max_columns, max_line_mb, unpacked_mb, memory_mb : int
        Bounds, as for `read.ingest`.
    room_bytes : int, optional
        Disk space left; without it there is as much as is needed.
    observe : callable, optional
        Gives a listener that is told each block. It is asked for one again when the reading begins anew,
        and a listener may have heard blocks of a file that is refused in the end.
    progress : Progress, optional
        Listener.

    Returns
    -------
    dict
        n_rows, columns (all written), n_original (of them), added (see `written.Added.facts`), truth (the
        column that holds the target, or "") and has_truth, plain_first (as in `sources.Table`), restyled
        (whether a column is written in another way than in training), repairs (first 20 of each sort),
        repair_counts, repair_columns (by code and column), n_repairs, warning_counts, notes,
        label, sheet, level, why_no_interval ("" where there are intervals or sets), confidence_meaning,
        sha256, size_bytes; shares (label, n and share 0..1 of each class, most frequent first) or spread
        (minimum, lower quartile, median, upper quartile, maximum and mean of numbers, see
        `spread.Spread.facts`).

    Raises
    ------
    EngineError
        The file is no table, lacks columns, or holds cells that cannot be read and are not to count as
        missing: then nothing is written.
    """
    tell, goal = progress or Progress(), Path(target).resolve()
    model = files.load(Path(model_file), model_sha256)
    tell(0.0, "Opening the table")
    asked = Asked(
        path=Path(source),
        name=original_name,
        sheet=sheet,
        is_version=kind == "dataset",
        sha256=source_sha256,
        wanted=[column["name"] for column in model["schema"]],
    )
    limits = Limits(
        unpacked_mb=unpacked_mb,
        max_columns=max_columns,
        max_line_mb=max_line_mb,
        memory_mb=memory_mb,
        room_bytes=room_bytes,
    )
    way = _Way(
        model=model,
        uncertainty=load_uncertainty(Path(folder), key) if folder and key else None,
        threshold=threshold if threshold and applies(threshold, model["labels"]) else None,
        level=level,
        unreadable_as_missing=unreadable_as_missing,
    )
    bounds = _Bounds(max_rows, room_bytes)
    with open_table(asked, goal, limits=limits, progress=part_of(tell, 0.0, _OPENED)) as (table, place):
        begin = partial(Tally.begun, table.names, model["labels"], observe)
        tally, spelled = _predicted(table, place, way, begin, bounds, part_of(tell, _OPENED, 1.0))
        tally.refuse_errors(original_name)
        place.publish()
    tell(1.0, f"{counted(tally.n_rows, 'row')} predicted")
    said = [threshold_sentence(way.threshold)] if way.threshold else []
    truth = model["target"] if model["target"] in table.names else ""
    return tally.facts() | {
        "truth": truth,
        "has_truth": bool(truth),
        "plain_first": table.plain_first,
        "restyled": bool(spelled.notes),
        "notes": [*table.notes, *spelled.notes, *said],
        "label": table.label,
        "sheet": table.sheet,
        "level": level,
        "sha256": sha256_of(goal),
        "size_bytes": goal.stat().st_size,
    }


class _Bounds(NamedTuple):
    max_rows: int
    room_bytes: int | None


class _Seen(NamedTuple):
    """How cells are read."""

    schema: Schema
    plain_first: bool


@dataclass(frozen=True, kw_only=True)
class _Way:
    """How each row is answered."""

    model: Mapping[str, Any]
    uncertainty: Uncertainty | None
    threshold: Mapping[str, Any] | None
    level: float
    unreadable_as_missing: bool

    def answered(self, block: pa.RecordBatch, first_row: int, seen: _Seen) -> tuple[Checked, Answers | None]:
        """Check the rows of a block and answer them, unless some of their cells cannot be read."""
        checked = check_table(
            block,
            seen.schema,
            first_line=first_row,
            plain_first=seen.plain_first,
            unreadable_as_missing=self.unreadable_as_missing,
        )
        if checked.n_errors or not block.num_rows:
            return checked, None
        return checked, answer_rows(
            self.model, checked, uncertainty=self.uncertainty, level=self.level, threshold=self.threshold
        )


def _predicted(
    table: Table, place: Place, way: _Way, begin: Callable[[], Tally], bounds: _Bounds, progress: Progress
) -> tuple[Tally, Spellings]:
    """Read the rows in the quickest way that understands them all."""
    for number, entry in enumerate(table.entries, start=1):
        tally = begin()
        try:
            spelled = entry.spellings(way.model["schema"], part_of(progress, 0.0, _LOOKED))
            seen, tell = _Seen(spelled.schema, table.plain_first), part_of(progress, _LOOKED, 1.0)
            with Writer(place.part, bounds.room_bytes) as writer:
                for block, first, checked, answers in _answered(entry.blocks(), seen, way, bounds):
                    tally.add(checked, answers)
                    if answers is not None and not tally.n_errors:
                        writer.add(tally.added.beside(block, answers, first))
                    told = f"{counted(tally.n_rows, 'row')} predicted"
                    tell(min(0.99, tally.n_rows / table.n_rows), told)
                writer.flush()
            return tally, spelled
        except BrokenError as error:
            if number == len(table.entries):
                raise EngineError("The table cannot be read to its end: it is damaged.") from error.__cause__
    raise ValueError("there is no way to read the table")


def _answered(
    blocks: Blocks, seen: _Seen, way: _Way, bounds: _Bounds
) -> Iterator[tuple[pa.RecordBatch, int, Checked, Answers | None]]:
    """Answer blocks in their order, some at the same time: most of the work lets other threads run."""
    waiting: deque[tuple[pa.RecordBatch, int, Future[tuple[Checked, Answers | None]]]] = deque()
    first = 1
    with ThreadPoolExecutor(_THREADS) as pool:
        try:
            for block in blocks:
                if first + block.num_rows - 1 > bounds.max_rows:
                    raise EngineError(
                        f"The table has more than {bounds.max_rows:,} rows, the most for one prediction. "
                        "Split it and try again."
                    )
                waiting.append((block, first, pool.submit(way.answered, block, first, seen)))
                first += block.num_rows
                if len(waiting) > _THREADS:
                    done, row, future = waiting.popleft()
                    yield done, row, *future.result()
            while waiting:
                done, row, future = waiting.popleft()
                yield done, row, *future.result()
        finally:
            pool.shutdown(cancel_futures=True)
