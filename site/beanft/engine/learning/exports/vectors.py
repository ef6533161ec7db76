"""Test vectors of a model: some real rows with its predictions, to the last bit, kept beside its file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from beanft.engine.atomic import whole
from beanft.engine.errors import EngineError
from beanft.engine.learning.evidence import open_evidence, read_rows
from beanft.engine.learning.libraries import versions_now
from beanft.engine.learning.serving.rows import Rows, predict_rows
from beanft.engine.tables.columns import Profile

STORED_ROWS = 50
"""Rows kept with a model."""


@dataclass(frozen=True, kw_only=True)
class Vectors:
    """Rows and what a model said of them."""

    rows: np.ndarray
    """Numbers of the rows in the table, int64 of shape (n_rows,)."""
    cells: dict[str, np.ndarray]
    """The training columns as `predict_rows` takes them: float64, datetime64, or text and None."""
    expected: np.ndarray
    """Predictions, float64 of shape (n_rows, n_classes) or (n_rows,)."""
    sha256: str
    """Digest of the model file that said it."""
    versions: dict[str, str]
    """Libraries that it was said with."""
    calibration: dict[str, Any] | None
    """How its probabilities were mended, in case that the file cannot be opened one day."""


def places_in(n_rows: int) -> np.ndarray:
    """Choose places evenly.

    Parameters
    ----------
    n_rows : int
        Rows that there are.

    Returns
    -------
    array of shape (n,), int64
        Ascending, at most STORED_ROWS.

    Examples
    --------
    >>> places_in(3).tolist(), len(places_in(10_000))
    ([0, 1, 2], 50)
    """
    most = min(STORED_ROWS, n_rows)
    return np.linspace(0, max(0, n_rows - 1), most).round().astype(np.int64)


def make_vectors(model: Mapping[str, Any], frame: Rows, rows: np.ndarray, sha256: str) -> Vectors:
    """Predict rows and note what was said.

    Parameters
    ----------
    model : mapping
        What a model file holds.
    frame : DataFrame of shape (n_rows, n_columns), or mapping of str to array
        Rows of the table; columns that the model does not take are passed over.
    rows : array of shape (n_rows,)
        Their numbers in the table.
    sha256 : str
        Digest of the model file.

    Returns
    -------
    Vectors
    """
    features = model["estimator"].coder.plan.features
    cells = {feature.name: _cells(pd.Series(frame[feature.name]), feature.role) for feature in features}
    calibration = model.get("calibration")
    return Vectors(
        rows=np.asarray(rows, dtype=np.int64),
        cells=cells,
        expected=predict_rows(model, cells),
        sha256=sha256,
        versions=versions_now(),
        calibration=None if calibration is None else calibration.to_dict(),
    )


def vectors_path(folder: Path, key: str) -> Path:
    """Tell where the vectors of a run's model lie.

    Parameters
    ----------
    folder : Path
        Folder of the experiment.
    key : str
        Key of the run.

    Returns
    -------
    Path
    """
    return folder / f"{key}.vectors.npz"


def keep_vectors(folder: Path, key: str, vectors: Vectors) -> None:
    """Write vectors beside their model, whole or not at all.

    Parameters
    ----------
    folder : Path
        Folder of the experiment.
    key : str
        Key of the run.
    vectors : Vectors
        What is kept.
    """
    arrays: dict[str, np.ndarray] = {"rows": vectors.rows, "expected": vectors.expected}
    for place, cells in enumerate(vectors.cells.values()):
        if cells.dtype == object:
            arrays[f"known{place}"] = np.array([cell is not None for cell in cells], dtype=bool)
            cells = np.array(["" if cell is None else cell for cell in cells], dtype=np.str_)
        arrays[f"cells{place}"] = cells
    words = {"names": list(vectors.cells)}
    words |= {name: getattr(vectors, name) for name in ("sha256", "versions", "calibration")}
    arrays["words"] = np.frombuffer(json.dumps(words).encode(), dtype=np.uint8)
    with whole(vectors_path(folder, key)) as part, part.open("wb") as stream:
        np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]  # names of arrays are free


def open_vectors(folder: Path, key: str) -> Vectors | None:
    """Open what `keep_vectors` wrote.

    Parameters
    ----------
    folder : Path
        Folder of the experiment.
    key : str
        Key of the run.

    Returns
    -------
    Vectors or None
        None where there are none, or they are damaged.
    """
    try:
        with vectors_path(folder, key).open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            arrays = dict(stored)
        words = json.loads(arrays["words"].tobytes())
        names = words.pop("names")
        cells = {name: _restored(arrays, place) for place, name in enumerate(names)}
    except (OSError, EOFError, ValueError, KeyError, BadZipFile):
        return None
    return Vectors(rows=arrays["rows"], expected=arrays["expected"], cells=cells, **words)


def vectors_of(
    *, folder: Path, key: str, model: Mapping[str, Any], sha256: str, table: Path, profile: Profile
) -> Vectors:
    """Open the vectors of a model, or make and keep them where there are none of this very model.

    Parameters
    ----------
    folder : Path
        Folder of the experiment.
    key : str
        Key of the run.
    model : mapping
        What the model file holds.
    sha256 : str
        Its digest.
    table : Path
        The version's Parquet file.
    profile : Profile
        Its profile.

    Returns
    -------
    Vectors

    Raises
    ------
    EngineError
        There are none, and the evidence or the table is lost.
    """
    known = open_vectors(folder, key)
    if known is not None and known.sha256 == sha256:
        return known
    evidence = open_evidence(folder)
    every = np.sort(np.concatenate([evidence.rows, evidence.rows_holdout]))
    rows = every[places_in(len(every))]
    try:
        frame = read_rows(table, profile, model["estimator"].coder.plan.names, rows)
    except OSError:
        raise EngineError("The table of this model is lost. Upload it again.") from None
    made = make_vectors(model, frame, rows, sha256)
    keep_vectors(folder, key, made)
    return made


def _cells(values: pd.Series, role: str) -> np.ndarray:
    """The cells of a column as `predict_rows` takes them."""
    if role in ("number", "code"):
        return values.to_numpy(dtype=float, na_value=np.nan)
    if role == "date":
        return values.to_numpy(dtype="datetime64[us]")
    return np.array([_text(value) for value in values.tolist()] + [None], dtype=object)[:-1]


def _text(value: Any) -> str | None:
    if value is None or value != value:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _restored(arrays: Mapping[str, np.ndarray], place: int) -> np.ndarray:
    cells = arrays[f"cells{place}"]
    known = arrays.get(f"known{place}")
    if known is None:
        return cells
    texts = [str(cell) if is_known else None for cell, is_known in zip(cells, known, strict=True)]
    return np.array([*texts, None], dtype=object)[:-1]
