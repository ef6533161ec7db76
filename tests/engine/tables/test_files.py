"""Digests of stored files."""

import os

import pytest

from beanft.engine.errors import EngineError
from beanft.engine.tables import files


@pytest.fixture
def stored(tmp_path):
    """A file with its digest."""
    path = tmp_path / "table.parquet"
    path.write_bytes(b"some bytes")
    return path, files.sha256_of(path)


def test_a_file_that_nobody_touched_is_read_once(stored, monkeypatch):
    path, digest = stored
    read = []
    monkeypatch.setattr(files, "sha256_of", lambda path: read.append(path) or digest)
    for _ in range(3):
        files.verify_once(path, digest)
    assert read == [path]


@pytest.mark.parametrize("content", [b"some bytez", b"", b"some bytes and more"])
def test_a_file_that_was_changed_is_refused(stored, content):
    path, digest = stored
    files.verify_once(path, digest)
    path.write_bytes(content)
    os.utime(path, ns=(1, 1))  # clocks of file systems tick slowly
    with pytest.raises(EngineError, match="lost or damaged"):
        files.verify_once(path, digest)


def test_a_lost_file_is_refused(stored):
    path, digest = stored
    files.verify_once(path, digest)
    path.unlink()
    with pytest.raises(EngineError, match="lost or damaged"):
        files.verify_once(path, digest)
