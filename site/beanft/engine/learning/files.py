"""Model files: written whole or not at all, and opened only when their hash is right."""

import hashlib
import io
import pickle
import zlib
from pathlib import Path
from typing import Any

import joblib

from beanft.engine.atomic import whole
from beanft.engine.errors import EngineError
from beanft.engine.learning.packed import packing, size_of, unpacking
from beanft.engine.learning.serving.shelf import Shelf

_MARK = b"beanft model 2\n"
_MARK_OF_ZLIB = b"beanft model 1\n"  # of earlier releases; joblib's files of before have none
_USUAL_MB = 256
_COPIES = 2  # a model takes its unpacked bytes, and about as many for what is made of it to answer quickly


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
    digest = hashlib.sha256()
    with whole(path) as part, part.open("wb") as stream:

        def write(block: bytes) -> None:
            digest.update(block)
            stream.write(block)

        write(_MARK)
        with packing(write) as plain:  # not joblib's pickler: it takes seconds for thousands of trees
            pickle.dump(content, plain, protocol=5)
    return digest.hexdigest()


def load(path: Path, sha256: str) -> dict[str, Any]:
    """Open a model file written by `save`; models in use stay in memory, see `keep_at_most`.

    Parameters
    ----------
    path : Path
        The file.
    sha256 : str
        Its hash as kept apart from it; checked before a byte is interpreted, because a pickle can run code.
        A model in memory is checked again when the file was touched.

    Returns
    -------
    dict
        What was saved. It is shared between callers and threads: do not change it.

    Raises
    ------
    EngineError
        The file is missing, is not the one that was saved, or is of an earlier release.
    """
    key = (str(path), sha256)
    try:
        found = path.stat()
    except OSError:
        _shelf.drop(key)
        raise EngineError("The model file is missing. Train the model again.") from None
    mark = (found.st_mtime_ns, found.st_size, found.st_ino)
    model: dict[str, Any] = _shelf.get(key, mark, lambda: _opened(path, sha256))
    return model


def keep_at_most(megabytes: int) -> None:
    """Limit the memory of models in use; beyond it the one that was not used longest goes.

    Parameters
    ----------
    megabytes : int
        In MiB. A model counts twice its unpacked bytes: once as it is, once for what is made of it to answer
        quickly. The last one used stays, however large it is.
    """
    _shelf.resize(megabytes << 20)


def forget() -> None:
    """Keep no model in memory."""
    _shelf.clear()


def _opened(path: Path, sha256: str) -> tuple[dict[str, Any], int]:
    """The model, and the bytes that it counts."""
    try:
        content = path.read_bytes()
    except OSError:
        raise EngineError("The model file is missing. Train the model again.") from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise EngineError("The model file is damaged and was not opened. Train the model again.")
    try:
        return _unpacked(content)
    except (AttributeError, ImportError):
        raise EngineError(
            "The model was made by an earlier release of Beanft, which this one cannot open. Train it again."
        ) from None


def _unpacked(content: bytes) -> tuple[dict[str, Any], int]:
    """What a file whose hash is right holds: this site wrote it; and the bytes that it counts."""
    model: dict[str, Any]
    if content.startswith(_MARK):
        packed = memoryview(content)[len(_MARK) :]
        model = pickle.load(unpacking(packed))  # noqa: S301 -- see above
        return model, _COPIES * size_of(packed)
    if content.startswith(_MARK_OF_ZLIB):
        plain = zlib.decompress(memoryview(content)[len(_MARK_OF_ZLIB) :])
        model = pickle.loads(plain)  # noqa: S301 -- see above
    else:
        plain = zlib.decompress(content)
        model = joblib.load(io.BytesIO(plain))
    return model, _COPIES * len(plain)


_shelf = Shelf(_USUAL_MB << 20)
