"""The work of one batch: predict a table, then say what was predicted, what moved and how good it was."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from beanft.engine.learning import files
from beanft.engine.learning.batches.batch import Batch
from beanft.engine.learning.batches.downloads import MOST_COLUMNS, QUICK_CELLS, n_cells
from beanft.engine.learning.batches.drift import Watcher
from beanft.engine.learning.batches.known import Known, flatters
from beanft.engine.learning.batches.run import predict_file
from beanft.engine.learning.batches.score import score
from beanft.engine.learning.batches.summary import Summer
from beanft.engine.learning.batches.tally import Observe
from beanft.engine.learning.batches.workbook import write_workbook
from beanft.engine.learning.evidence import evidence_or_none
from beanft.engine.learning.inputs import Checked
from beanft.engine.progress import Progress
from beanft.engine.tables.columns import Column
from beanft.engine.tables.connection import literal, reading


def predict_batch(
    *,
    training: Mapping[str, Any],
    progress: Progress | None = None,
    **asked: Any,
) -> dict[str, Any]:
    """Predict a table and sum up what came of it.

    Parameters
    ----------
    training : mapping
        The table that the model was trained on: table (its Parquet file), n_rows, columns (of its profile, as
        JSON: those that the model needs, and the target).
    progress : Progress, optional
        Listener.
    **asked : object
        Fields of Batch.

    Returns
    -------
    dict
        What `run.predict_file` gives, and types (SQL type of each column written), labels (the classes),
        summary (see `summary.Summer.found`), drift (see `drift.Watcher.found`), known (see
        `known.Known.found`) and score (see `score.score`); both are
        None where the table holds no true values). A small workbook is written at once, beside the
        predictions.

    Raises
    ------
    EngineError
        As `run.predict_file` does.
    """
    batch = Batch(**asked)
    model = files.load(Path(batch.model_file), batch.model_sha256)
    columns = {one["name"]: Column.from_dict(one) for one in training["columns"]}
    seen = _Seen(model, columns, training, batch)
    facts = predict_file(batch, observe=seen.begin, progress=progress)
    path, target = Path(batch.target), columns.get(model["target"])
    facts |= {"labels": list(model["labels"]), "types": _types(path, facts["columns"])}
    scored = known = None
    if facts["truth"] and target is not None:
        (progress or Progress())(1.0, "Comparing with the true values")
        scored = score(path, facts, target=target, labels=model["labels"], evidence=seen.evidence)
        known = seen.known.found(Path(training["table"]), model["schema"], training["n_rows"])
    if n_cells(facts) <= QUICK_CELLS and len(facts["columns"]) <= MOST_COLUMNS:
        write_workbook(source=str(path), target=str(path.with_suffix(".xlsx")), facts=facts)
    return facts | {
        "summary": seen.summer.found(),
        "drift": seen.watcher.found(is_scored=_is_fair(scored, known)),
        "known": known,
        "score": scored,
    }


class _Seen:
    """What is counted while the rows pass; it begins anew where the reading does."""

    def __init__(
        self,
        model: Mapping[str, Any],
        columns: Mapping[str, Column],
        training: Mapping[str, Any],
        batch: Batch,
    ) -> None:
        self.evidence = evidence_or_none(Path(batch.folder)) if batch.folder else None
        self._needed = [columns[one["name"]] for one in model["schema"] if one["name"] in columns]
        self._training = training
        self._summed = (model["labels"], self.evidence, batch.key, batch.threshold)
        self.begin()

    def begin(self) -> Observe:
        """Forget what was counted."""
        self.summer = Summer(*self._summed)
        self.watcher = Watcher(self._needed, self._training["n_rows"], Path(self._training["table"]))
        self.known = Known()
        return self._add

    def _add(self, checked: Checked, predicted: np.ndarray) -> None:
        self.watcher.add(checked.columns, checked.unknown)
        self.known.add(checked.columns)
        self.summer.add(predicted)


def _is_fair(scored: Mapping[str, Any] | None, known: Mapping[str, Any] | None) -> bool:
    """Whether there is a score, and on rows that the model did not learn from."""
    return scored is not None and not scored["why_not"] and not flatters(known)


def _types(path: Path, names: Sequence[str]) -> list[str]:
    with reading(path) as database:
        described = database.execute(f"DESCRIBE SELECT * FROM read_parquet({literal(str(path))})").fetchall()  # noqa: S608 -- our own path
    kinds = {row[0]: row[1] for row in described}
    return [kinds[name] for name in names]
