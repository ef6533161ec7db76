"""Predictions for a whole table: every row of a file or dataset into one Parquet file, in bounded memory."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from beanft.engine.errors import EngineError
from beanft.engine.learning import files
from beanft.engine.learning.batches.batch import Batch
from beanft.engine.learning.batches.blocks import Answered, Way, answered
from beanft.engine.learning.batches.sources import BrokenError, Entry, Table, open_table
from beanft.engine.learning.batches.spellings import Spellings
from beanft.engine.learning.batches.tally import Observe, Tally
from beanft.engine.learning.batches.written import Writer
from beanft.engine.learning.predict import applies, threshold_sentence
from beanft.engine.learning.uncertainty.kept import load_uncertainty
from beanft.engine.progress import Progress, part_of
from beanft.engine.tables.files import sha256_of
from beanft.engine.tables.ingest.load import Place
from beanft.engine.tables.wording import counted

_OPENED = 0.1  # share of the work when a file was unpacked or converted
_LOOKED = 0.1  # of the rest when it is known how the cells are written


def predict_file(
    batch: Batch, *, observe: Callable[[], Observe] | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """Predict every row of a table of any format that ingest takes.

    The result holds all columns that came, in their order, as text exactly as it stood (typed where the
    source was typed), then those of `written.Added`. It is written whole or not at all.

    Parameters
    ----------
    batch : Batch
        The table and the model.
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
    tell, target = progress or Progress(), Path(batch.target).resolve()
    model = files.load(Path(batch.model_file), batch.model_sha256)
    tell(0.0, "Opening the table")
    way, opening = _way(batch, model), part_of(tell, 0.0, _OPENED)
    with open_table(batch.asked(model), target, limits=batch.limits, progress=opening) as (table, place):
        begin = partial(Tally.begun, table.names, model["labels"], observe)
        reading = _Reading(table, place, way, batch, begin, part_of(tell, _OPENED, 1.0))
        tally, spelled = reading.predict()
        tally.refuse_errors(batch.original_name)
        place.publish()
    tell(1.0, f"{counted(tally.n_rows, 'row')} predicted")
    facts = tally.facts() | _facts(table, spelled, way)
    return facts | {"sha256": sha256_of(target), "size_bytes": target.stat().st_size}


def _way(batch: Batch, model: Mapping[str, Any]) -> Way:
    known = batch.folder and batch.key
    chosen = batch.threshold and applies(batch.threshold, model["labels"])
    return Way(
        model=model,
        uncertainty=load_uncertainty(Path(batch.folder), batch.key) if known else None,
        threshold=batch.threshold if chosen else None,
        level=batch.level,
        unreadable_as_missing=batch.unreadable_as_missing,
    )


@dataclass(frozen=True)
class _Reading:
    """The rows of a table on their way into the result."""

    table: Table
    place: Place
    way: Way
    batch: Batch
    begin: Callable[[], Tally]
    progress: Progress

    def predict(self) -> tuple[Tally, Spellings]:
        """Read the rows in the quickest way that understands them all."""
        *quicker, last = self.table.entries
        for entry in quicker:
            with suppress(BrokenError):
                return self._predict_by(entry)
        try:
            return self._predict_by(last)
        except BrokenError as error:
            raise EngineError("The table cannot be read to its end: it is damaged.") from error.__cause__

    def _predict_by(self, entry: Entry) -> tuple[Tally, Spellings]:
        tally = self.begin()
        spelled = entry.spellings(self.way.model["schema"], part_of(self.progress, 0.0, _LOOKED))
        answer = partial(self.way.answer, schema=spelled.schema, plain_first=self.table.plain_first)
        tell = part_of(self.progress, _LOOKED, 1.0)
        with Writer(self.place.part, self.batch.room_bytes) as writer:
            for one in answered(entry.blocks(), answer, max_rows=self.batch.max_rows):
                _keep(one, tally, writer)
                told = f"{counted(tally.n_rows, 'row')} predicted"
                tell(min(0.99, tally.n_rows / self.table.n_rows), told)
            writer.flush()
        return tally, spelled


def _keep(one: Answered, tally: Tally, writer: Writer) -> None:
    """Count a block, and write it as long as nothing was unreadable."""
    tally.add(one.checked, one.answers)
    if one.answers is not None and not tally.n_errors:
        writer.add(tally.added.beside(one.block, one.answers, one.first_row))


def _facts(table: Table, spelled: Spellings, way: Way) -> dict[str, Any]:
    """What is known of the table besides its rows."""
    said = [threshold_sentence(way.threshold)] if way.threshold else []
    truth = way.model["target"] if way.model["target"] in table.names else ""
    return {
        "truth": truth,
        "has_truth": bool(truth),
        "plain_first": table.plain_first,
        "restyled": _writes_numbers_otherwise(spelled, way),
        "notes": [*table.notes, *spelled.notes, *said],
        "label": table.label,
        "sheet": table.sheet,
        "level": way.level,
    }


def _writes_numbers_otherwise(spelled: Spellings, way: Way) -> bool:
    """Whether a column of numbers is written otherwise than in training; dates tell nothing of numbers."""
    both = zip(spelled.schema, way.model["schema"], strict=True)
    return any(own != before and before["kind"] == "number" for own, before in both)
