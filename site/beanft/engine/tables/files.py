"""Stored files carry a SHA-256: what was damaged on disk is named, never read."""

import hashlib
from functools import lru_cache
from pathlib import Path

from beanft.engine.errors import EngineError

_CHUNK = 1 << 20
_SEEN = 4096  # files whose digest is remembered; each takes some hundred bytes

LOST_OR_DAMAGED = (
    "The stored table is lost or damaged. Upload the file again, or ask the administrator to restore it from "
    "a backup."
)
"""What is said of a table that cannot be read."""


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


def verify_once(path: Path, sha256: str) -> None:
    """Refuse a stored file that is not what was written, reading it only when it is new or was touched.

    Parameters
    ----------
    path : Path
        The file.
    sha256 : str
        The digest noted when the file was written.

    Raises
    ------
    EngineError
        When the file is lost or damaged.
    """
    try:
        facts = path.stat()
        found = _sha256_as_it_stands(path, facts.st_mtime_ns, facts.st_size, facts.st_ino)
    except OSError as error:
        raise EngineError(LOST_OR_DAMAGED) from error
    if found != sha256:
        raise EngineError(LOST_OR_DAMAGED)


@lru_cache(maxsize=_SEEN)
def _sha256_as_it_stands(path: Path, _mtime_ns: int, _size_bytes: int, _inode: int) -> str:
    """The digest of a file, kept for as long as nothing says that it was written to."""
    return sha256_of(path)
