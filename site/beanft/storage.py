"""Where the files of a row are, and how they are written so that a crash leaves whole files or none."""

import hashlib
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

from beanft.engine import atomic
from beanft.engine.tables.files import sha256_of
from beanft.extensions import settings

_CHUNK_BYTES = 1 << 20


def new_key() -> str:
    """A name that nobody chose: 32 hexadecimal digits. No text of a user ever becomes part of a path."""
    return uuid.uuid4().hex


def folder(key: str) -> Path:
    """Where the folder of a key is, or would be: looking at files never brings a deleted folder back."""
    if len(key) != 32 or not all(digit in "0123456789abcdef" for digit in key):
        raise ValueError("not a storage key")
    return settings.instance / "files" / key[:2] / key


def make_folder(key: str) -> Path:
    """The folder of a key, made when it is missing: for whoever writes there."""
    path = folder(key)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def write(path: Path, chunks: Iterable[bytes]) -> tuple[int, str]:
    """Write `chunks` to `path` under a temporary name, flush to disk, rename; return bytes and SHA-256."""
    digest, size = hashlib.sha256(), 0
    with atomic.whole(path) as part, part.open("wb") as file:
        for chunk in chunks:
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return size, digest.hexdigest()


def publish(part: Path, path: Path) -> None:
    """Give a finished file its final name, so that both survive a power cut."""
    atomic.publish(part, path)


def sha256(path: Path) -> str:
    """SHA-256 of a file, read in chunks."""
    return sha256_of(path)


def chunks(path: Path) -> Iterable[bytes]:
    """The bytes of a file, a MiB at a time."""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def remove(key: str) -> None:
    """Delete the folder of a key; nothing happens when it is gone already.

    It is renamed first, so that work under way that is just being killed cannot write into half of it.
    """
    path = folder(key)
    doomed = path.with_name(f"{key}.removed-{uuid.uuid4().hex}")
    try:
        path.rename(doomed)
    except FileNotFoundError:
        return
    shutil.rmtree(doomed)


def size_bytes(key: str) -> int:
    """Bytes on disk of everything under a key."""
    return used_bytes([key])


def used_bytes(keys: Iterable[str]) -> int:
    """Bytes on disk of everything under some keys; a file with several names counts once."""
    sizes = {inode: size for key in keys for inode, size in _files(folder(key))}
    return sum(sizes.values())


def _files(path: Path | str) -> Iterator[tuple[tuple[int, int], int]]:
    """Identity and size of every file below a folder; what goes away meanwhile is passed over."""
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from _files(entry.path)
                else:
                    facts = entry.stat(follow_symlinks=False)
                    yield (facts.st_dev, facts.st_ino), facts.st_size
    except FileNotFoundError:
        return
