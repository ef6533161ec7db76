"""Files are whole or absent, and no name of a user's becomes part of a path."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest

from beanft import storage


def test_what_is_written_is_whole_and_hashed(context: None) -> None:
    path = storage.make_folder(storage.new_key()) / "original"
    assert storage.write(path, [b"a,b\n", b"1,2\n"]) == (8, hashlib.sha256(b"a,b\n1,2\n").hexdigest())
    assert path.read_bytes() == b"a,b\n1,2\n"
    assert storage.sha256(path) == hashlib.sha256(b"a,b\n1,2\n").hexdigest()


def test_a_write_that_breaks_off_leaves_nothing(context: None) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise OSError("no space left on device")

    path = storage.make_folder(storage.new_key()) / "original"
    with pytest.raises(OSError, match="no space"):
        storage.write(path, broken())
    assert list(path.parent.iterdir()) == []


def test_a_write_that_breaks_off_keeps_the_old_file(context: None) -> None:
    path = storage.make_folder(storage.new_key()) / "original"
    storage.write(path, [b"old"])
    with pytest.raises(TypeError):
        storage.write(path, [b"new", None])  # that is what breaks
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("key", ["", "..", "../../etc/passwd", "A" * 32, "0" * 31 + "/", "0" * 33])
def test_only_our_own_keys_name_folders(context: None, key: str) -> None:
    for find in (storage.folder, storage.make_folder, storage.remove):
        with pytest.raises(ValueError, match="not a storage key"):
            find(key)


def test_looking_makes_no_folder_and_brings_none_back(context: None) -> None:
    key = storage.new_key()
    assert not storage.folder(key).exists()
    assert storage.size_bytes(key) == 0
    storage.remove(key)
    assert not storage.folder(key).exists()
    assert storage.make_folder(key).is_dir()
    storage.remove(key)
    assert not storage.folder(key).exists()


def test_removing_really_frees_the_disk(context: None) -> None:
    key = storage.new_key()
    storage.write(storage.make_folder(key) / "original", [b"12345"])
    assert storage.size_bytes(key) == 5
    storage.remove(key)
    assert storage.size_bytes(key) == 0


def test_a_file_with_two_names_is_counted_once(context: None) -> None:
    first, second = (storage.new_key() for _ in range(2))
    original = storage.make_folder(first) / "original"
    original.write_bytes(b"x" * 1000)
    (storage.make_folder(second) / "original").hardlink_to(original)
    deep = storage.folder(second) / "deep"
    deep.mkdir()
    (deep / "table").write_bytes(b"y" * 10)
    assert (storage.size_bytes(first), storage.size_bytes(second)) == (1000, 1010)
    assert storage.used_bytes([first, second, storage.new_key()]) == 1010
