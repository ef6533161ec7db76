"""Stored files carry a SHA-256: what was damaged on disk is named, never read."""

import hashlib
from functools import lru_cache
from pathlib import Path

from beanft.engine.errors import EngineError

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
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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


def copy_name(path: Path, sha256: str) -> Path:
    """Where the quick copy of a table of this digest is, or would be.

    Parameters
    ----------
    path : Path
        The version's Parquet file.
    sha256 : str
        Its digest.

    Returns
    -------
    Path
        A file beside it.

    Examples
    --------
    >>> copy_name(Path("a/table.parquet"), "0123456789abcdef" * 4).as_posix()
    'a/table-0123456789abcdef.duckdb'
    """
    return path.with_name(f"{path.stem}-{sha256[:16]}.duckdb")


def copies_of(path: Path) -> list[Path]:
    """List the quick copies beside a table, also those of what the table was before.

    Parameters
    ----------
    path : Path
        The version's Parquet file.

    Returns
    -------
    list of Path
        Whole ones only.
    """
    return sorted(path.parent.glob(f"{path.stem}-*.duckdb"))


def copy_of(path: Path) -> Path | None:
    """Find the quick copy of a table as it stands; one of other bytes is none.

    Parameters
    ----------
    path : Path
        The version's Parquet file.

    Returns
    -------
    Path or None
        The copy. None where there is none, or where the table itself is lost.
    """
    copies = copies_of(path)
    if not copies:
        return None
    try:
        facts = path.stat()
        sha256 = _sha256_as_it_stands(path, facts.st_mtime_ns, facts.st_size, facts.st_ino)
    except OSError:
        return None
    wanted = copy_name(path, sha256)
    return wanted if wanted in copies else None


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
