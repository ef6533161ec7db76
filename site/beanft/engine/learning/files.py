"""Model files: written whole or not at all, and opened only when their hash is right."""

import hashlib
import io
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import joblib

from beanft.engine.errors import EngineError

_COMPRESSION = 1  # more takes seconds for a forest and saves a tenth
_KEPT_IN_MEMORY = 4  # models of the forms in use; a forest takes some 20 MB


def save(path: Path, content: dict[str, Any]) -> str:
    """Write a model file.

    Parameters
    ----------
    path : Path
        Where; written beside it first, synced and renamed, so that no half file is ever found there.
    content : dict
        The fitted estimator and what belongs to it.

    Returns
    -------
    str
        SHA-256 of the file, which `load` asks for.
    """
    buffer = io.BytesIO()
    joblib.dump(content, buffer, compress=_COMPRESSION)
    part = path.with_name(path.name + ".part")
    with part.open("wb") as stream:
        stream.write(buffer.getbuffer())
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)
    return hashlib.sha256(buffer.getbuffer()).hexdigest()


@lru_cache(maxsize=_KEPT_IN_MEMORY)
def load(path: Path, sha256: str) -> dict[str, Any]:
    """Open a model file written by `save`; the last few stay in memory.

    Parameters
    ----------
    path : Path
        The file.
    sha256 : str
        Its hash as kept apart from it; checked before a byte is interpreted, because a pickle can run code.

    Returns
    -------
    dict
        What was saved. It is shared between callers: do not change it.

    Raises
    ------
    EngineError
        The file is missing, is not the one that was saved, or is of an earlier release.
    """
    try:
        content = path.read_bytes()
    except OSError:
        raise EngineError("The model file is missing. Train the model again.") from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise EngineError("The model file is damaged and was not opened. Train the model again.")
    try:
        loaded: dict[str, Any] = joblib.load(io.BytesIO(content))
    except (AttributeError, ImportError):
        raise EngineError(
            "The model was made by an earlier release of Beanft, which this one cannot open. Train it again."
        ) from None
    return loaded
