"""Packs what is taken away into one archive, with the digest of every file in it."""

import hashlib
import zipfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from beanft.engine.atomic import whole

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same content makes the same archive, whenever it is packed
_SUMS = "SHA256SUMS"
_LIBRARIES = ("scikit-learn", "lightgbm", "numpy", "pandas", "scipy", "skops", "threadpoolctl", "joblib")


def pack(contents: Mapping[str, str | bytes | Path], path: Path) -> None:
    """Write an archive, whole or not at all.

    Parameters
    ----------
    contents : mapping of str to str, bytes or Path
        Text, bytes or file by its name in the archive; SHA256SUMS is added.
    path : Path
        Where.
    """
    sums = []
    with whole(path) as part, zipfile.ZipFile(part, "w") as archive:
        for name, content in contents.items():
            data = _bytes(content)
            sums.append(f"{hashlib.sha256(data).hexdigest()}  {name}\n")
            _add(archive, name, data)
        _add(archive, _SUMS, "".join(sums).encode())


def _bytes(content: str | bytes | Path) -> bytes:
    if isinstance(content, Path):
        return content.read_bytes()
    return content.encode() if isinstance(content, str) else content


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.external_attr = 0o644 << 16
    # a skops file is an archive that is pressed already
    entry.compress_type = zipfile.ZIP_STORED if name.endswith(".skops") else zipfile.ZIP_DEFLATED
    archive.writestr(entry, data)


def versions(*more: str) -> dict[str, str]:
    """Give the versions of the libraries that a model needs.

    Parameters
    ----------
    *more : str
        Further libraries.

    Returns
    -------
    dict of str to str
        Version by name, as in a file of requirements.
    """
    return {name: version(name) for name in (*_LIBRARIES, *more)}


def requirements(found: Mapping[str, str]) -> str:
    """Write a file of requirements.

    Parameters
    ----------
    found : mapping of str to str
        Version by name.

    Returns
    -------
    str
        As pip reads it.

    Examples
    --------
    >>> requirements({"numpy": "2.0.0"})
    'numpy==2.0.0\\n'
    """
    return "".join(f"{name}=={number}\n" for name, number in found.items())
