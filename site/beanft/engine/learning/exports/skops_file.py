"""A model as a skops file: opening it runs no code, and only types of a list of our own are made from it."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import skops.io
from skops.io.exceptions import UntrustedTypesFoundException

from beanft.engine.errors import EngineError
from beanft.engine.learning.exports.plain import from_plain, to_plain

TRUSTED = (
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.tree._tree.Tree",
)
"""Types that are made from a file beside those that skops knows to be harmless; never taken from the file."""
_MOST_BYTES = 4 << 30  # of everything in a file; a small one that swells beyond is no model
_MOST_PARTS = 200_000


def write_skops(model: Mapping[str, Any], path: Path) -> None:
    """Write a model.

    Parameters
    ----------
    model : mapping
        What a model file holds.
    path : Path
        Where.

    Raises
    ------
    EngineError
        A part of it cannot be written.
    """
    skops.io.dump(to_plain(dict(model)), path, compression=zipfile.ZIP_DEFLATED, compresslevel=6)


def open_skops(path: Path) -> dict[str, Any]:
    """Open what `write_skops` wrote.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    dict
        What the model file held.

    Raises
    ------
    EngineError
        It is no such file, asks for a type that is not on our list, or swells beyond all measure.
    """
    _check_size(path)
    try:
        held = skops.io.load(path, trusted=list(TRUSTED))
    except UntrustedTypesFoundException as error:
        raise EngineError(
            f"The file asks for parts that a model does not have, so it was not opened: {error}"
        ) from None
    except Exception as error:  # whatever a file that was tampered with brings about in the reader
        raise EngineError(
            f"The file is not a whole skops file of a model ({type(error).__name__})."
        ) from None
    model = from_plain(held)
    if not isinstance(model, dict) or "estimator" not in model:
        raise EngineError("The file does not hold a model of Beanft.")
    return model


def _check_size(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (OSError, zipfile.BadZipFile):
        raise EngineError("The file is not a skops file: it is no archive.") from None
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_BYTES:
        raise EngineError("The file swells beyond what a model can be, so it was not opened.")
