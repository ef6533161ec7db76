"""What an experiment leaves beside its models: rows, their truth, and what each run said of them unseen."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from beanft.engine.atomic import whole
from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.queries.pages import frame

if TYPE_CHECKING:  # it brings scikit-learn, which pages that only read evidence do without
    from beanft.engine.learning.question import Question

_ROWS, _WORDS = "rows.npz", "evidence.json"
_ODD = (OSError, ValueError, LookupError, TypeError, EOFError, BadZipFile, zlib.error)  # of damaged files
_LOST = "The files of this experiment are missing or damaged. Train it again."


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The rows of an experiment, their truth and how they were cut."""

    folder: Path
    """Where the predictions of the runs lie."""
    task: str
    """classification or regression."""
    target: str
    """Column that was predicted."""
    metric: str
    """Key of the metric that ranks."""
    labels: tuple[str, ...]
    """The classes in the order of their codes; empty for regression."""
    features: tuple[str, ...]
    """Columns that took part."""
    by: str
    """group, time, or empty for chance: what the rows were cut by."""
    seed: int
    """Seed of everything random."""
    rows: np.ndarray
    """Numbers in the table of the development rows, int64 of shape (n_dev,)."""
    rows_holdout: np.ndarray
    """Numbers in the table of the locked rows, int64 of shape (n_holdout,)."""
    y: np.ndarray
    """Class codes or numbers of the development rows, of shape (n_dev,)."""
    y_holdout: np.ndarray
    """The same of the locked rows."""
    order: np.ndarray | None
    """Group or moment of each development row, int64 of shape (n_dev,); None when cut by chance."""
    order_holdout: np.ndarray | None
    """The same of the locked rows."""
    fold: np.ndarray
    """Fold in which each development row was tested, int64 of shape (n_dev,); -1 for never."""

    @property
    def tested(self) -> np.ndarray:
        """Positions of the development rows that were predicted unseen, ascending."""
        return np.flatnonzero(self.fold >= 0)

    def oof(self, key: str) -> np.ndarray:
        """Read what a run said of the tested development rows while they were not in its training.

        Parameters
        ----------
        key : str
            Key of the run.

        Returns
        -------
        array of shape (n_tested, n_classes) or (n_tested,), float32
            Probabilities or numbers, in the order of `tested`.

        Raises
        ------
        EngineError
            The run left none.
        """
        return _read(self.folder / f"{key}.oof.npy", len(self.tested))

    def holdout(self, key: str) -> np.ndarray | None:
        """Read what a run said of the locked rows; None when they were not opened for it.

        Parameters
        ----------
        key : str
            Key of the run.

        Returns
        -------
        array of shape (n_holdout, n_classes) or (n_holdout,), or None
        """
        path = self.folder / f"{key}.holdout.npy"
        return _read(path, len(self.y_holdout)) if path.exists() else None

    def save_oof(self, key: str, predicted: np.ndarray) -> None:
        """Keep the out-of-fold predictions of a run, in the order of `tested`."""
        _write(self.folder / f"{key}.oof.npy", predicted.astype(np.float32))

    def save_holdout(self, key: str, predicted: np.ndarray) -> None:
        """Keep what a run said of the locked rows."""
        _write(self.folder / f"{key}.holdout.npy", predicted.astype(np.float32))

    def save(self) -> None:
        """Write rows, truth and words into the folder, once for an experiment."""
        arrays = {name: getattr(self, name) for name in _ARRAYS if getattr(self, name) is not None}
        with whole(self.folder / _ROWS) as part, part.open("wb") as stream:
            np.savez_compressed(stream, **arrays)
        words = {name: getattr(self, name) for name in _NAMES}
        with whole(self.folder / _WORDS) as part:
            part.write_text(json.dumps(words), encoding="utf-8")


_ARRAYS = ("rows", "rows_holdout", "y", "y_holdout", "order", "order_holdout", "fold")
_NAMES = ("task", "target", "metric", "labels", "features", "by", "seed")


def evidence_of(question: "Question", folder: Path, target: str) -> Evidence:
    """Collect what is known of an experiment's rows before any learner has run.

    Parameters
    ----------
    question : Question
        The experiment made ready.
    folder : Path
        Where its files go.
    target : str
        Column to predict.

    Returns
    -------
    Evidence
        Not yet saved.
    """
    split, order = question.split, question.order
    fold = np.full(len(split.train), -1, dtype=np.int64)
    for i, (_, test) in enumerate(question.folds.parts):
        fold[test] = i % question.folds.n_folds
    return Evidence(
        folder=folder,
        task=question.task,
        target=target,
        metric=question.metric,
        labels=question.labels,
        features=tuple(question.plan.names),
        by=split.by,
        seed=question.seed,
        rows=question.rows[split.train],
        rows_holdout=question.rows[split.holdout],
        y=question.y_train,
        y_holdout=question.y_holdout,
        order=None if order is None else order.codes[split.train],
        order_holdout=None if order is None else order.codes[split.holdout],
        fold=fold,
    )


def open_evidence(folder: Path) -> Evidence:
    """Open what an experiment left.

    Parameters
    ----------
    folder : Path
        Its folder.

    Returns
    -------
    Evidence

    Raises
    ------
    EngineError
        The files are missing or damaged.
    """
    try:
        words = json.loads((folder / _WORDS).read_text(encoding="utf-8"))
        # numpy leaves a file open that it opened itself and cannot read
        with (folder / _ROWS).open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            arrays: dict[str, Any] = {name: stored.get(name) for name in _ARRAYS}
        words["labels"], words["features"] = tuple(words["labels"]), tuple(words["features"])
        return Evidence(folder=folder, **words, **arrays)
    except _ODD:
        raise EngineError(_LOST) from None


def evidence_or_none(folder: Path) -> Evidence | None:
    """Open what an experiment left, where it left anything: else its rows stay without their truth.

    Parameters
    ----------
    folder : Path
        The experiment's folder.

    Returns
    -------
    Evidence or None
        None where files are missing or damaged.
    """
    try:
        return open_evidence(folder)
    except EngineError:
        return None


def read_rows(table: Path, profile: Profile, columns: Sequence[str], rows: np.ndarray) -> pd.DataFrame:
    """Read some rows of a table by their numbers, as learning sees them.

    Parameters
    ----------
    table : Path
        The version's Parquet file.
    profile : Profile
        Its profile.
    columns : sequence of str
        Columns wanted.
    rows : array of shape (n_rows,)
        Numbers of the rows, as in `Evidence.rows`.

    Returns
    -------
    DataFrame of shape (n_rows, n_columns)
        In the order of `rows`, index from 0; values as `queries.pages.frame` gives them.

    Raises
    ------
    EngineError
        When a column is unknown or the rows do not fit into memory.
    """
    data = frame(table, profile, columns=columns, rows=rows)
    return data.loc[rows].reset_index(drop=True)


def _read(path: Path, n_rows: int) -> np.ndarray:
    try:
        predicted: np.ndarray = np.load(path, allow_pickle=False)
    except (OSError, ValueError):
        raise EngineError(_LOST) from None
    if len(predicted) != n_rows:
        raise EngineError(_LOST)
    return predicted


def _write(path: Path, predicted: np.ndarray) -> None:
    with whole(path) as part, part.open("wb") as stream:
        np.save(stream, predicted, allow_pickle=False)
