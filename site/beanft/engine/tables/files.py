"""Stored files carry a SHA-256: what was damaged on disk is named, never read."""

import hashlib
from pathlib import Path

from beanft.engine.errors import EngineError

_CHUNK = 1 << 20


def sha256_of(path: str | Path) -> str:
    """Compute the SHA-256 of a file.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    digest = hashlib.sha256()
    with Path(path).open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def verify(path: str | Path, sha256: str) -> None:
    """Refuse a stored file that is not what was once written.

    Parameters
    ----------
    path : str or Path
        The file.
    sha256 : str
        The digest noted when the file was written.

    Raises
    ------
    EngineError
        When the file is lost or damaged.
    """
    if not Path(path).is_file():
        raise EngineError("The stored table is lost. Upload the file again, or ask the administrator.")
    if sha256_of(path) != sha256:
        raise EngineError(
            "The stored table is damaged: it is not what was written. "
            "Upload the file again, or ask the administrator to restore it from a backup."
        )
