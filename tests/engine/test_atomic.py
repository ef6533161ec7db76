"""A file that is written is whole or not there, whatever happens meanwhile."""

import os
import signal
import stat
import subprocess
import sys

import pytest

from beanft.engine.atomic import publish, whole


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_nothing_has_the_name_before_the_end(tmp_path):
    with whole(tmp_path / "a.npz") as part:
        part.write_bytes(b"half")
        assert not (tmp_path / "a.npz").exists()
        assert part.parent == tmp_path
        assert part.name.endswith(".part")
        part.write_bytes(b"whole")
    assert names(tmp_path) == ["a.npz"]
    assert (tmp_path / "a.npz").read_bytes() == b"whole"


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("before", [b"old", None])
def test_a_failure_inside_leaves_what_was(tmp_path, error, before):
    if before:
        (tmp_path / "a").write_bytes(before)

    def fail():
        with whole(tmp_path / "a") as part:
            part.write_bytes(b"half")
            raise error

    with pytest.raises(type(error)):
        fail()
    assert [path.read_bytes() for path in tmp_path.iterdir()] == ([before] if before else [])


def test_a_disk_that_fails_at_the_end_leaves_what_was(tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    (tmp_path / "a").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"), whole(tmp_path / "a") as part:
        part.write_bytes(b"new")
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"


def test_a_kill_leaves_the_old_file_and_a_half_that_the_janitor_knows(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    program = (
        "import os, pathlib, signal, sys\n"
        "from beanft.engine.atomic import whole\n"
        "with whole(pathlib.Path(sys.argv[1])) as part:\n"
        "    part.write_bytes(b'half')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run([sys.executable, "-c", program, str(tmp_path / "a")], env=paths)
    assert ended.returncode == -signal.SIGKILL
    assert (tmp_path / "a").read_bytes() == b"old"
    assert [path.read_bytes() for path in tmp_path.glob("*.part")] == [b"half"]


def test_two_who_write_at_once_mix_nothing(tmp_path):
    with whole(tmp_path / "a") as one, whole(tmp_path / "a") as other:
        one.write_bytes(b"one" * 1000)
        other.write_bytes(b"other")
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"one" * 1000  # the last to end


def test_the_bytes_are_on_disk_before_the_name_and_the_name_before_the_end(tmp_path, monkeypatch):
    flushed, plain = [], os.fsync

    def told(descriptor):
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        flushed.append(("folder" if is_folder else "file", (tmp_path / "a").exists()))
        plain(descriptor)

    monkeypatch.setattr(os, "fsync", told)
    (tmp_path / "b").write_bytes(b"x")
    publish(tmp_path / "b", tmp_path / "a")
    assert flushed == [("file", False), ("folder", True)]
