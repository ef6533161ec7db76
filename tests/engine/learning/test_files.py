"""Model files are whole or not there, opened only when their hash is right, and kept while in use."""

import hashlib
import io
import os
import pickle
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.learning import files


@pytest.fixture(autouse=True)
def nothing_kept():
    files.forget()
    yield
    files.forget()
    files.keep_at_most(256)


def test_what_was_saved_is_loaded(tmp_path):
    sha256 = files.save(tmp_path / "m.joblib", {"a": [1, 2]})
    assert files.load(tmp_path / "m.joblib", sha256) == {"a": [1, 2]}
    assert [path.name for path in tmp_path.iterdir()] == ["m.joblib"]


def test_two_that_write_at_once_mix_nothing(tmp_path, monkeypatch):
    path, plain = tmp_path / "m.joblib", os.fsync

    def interrupted(number):  # another writes the same file whole before this one is done
        monkeypatch.setattr(os, "fsync", plain)
        files.save(path, {"by": "the other"})
        plain(number)

    monkeypatch.setattr(os, "fsync", interrupted)
    sha256 = files.save(path, {"by": "the first"})
    assert files.load(path, sha256) == {"by": "the first"}
    assert [one.name for one in tmp_path.iterdir()] == ["m.joblib"]


def test_a_disk_that_is_full_leaves_nothing(tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        files.save(tmp_path / "m.joblib", {"a": 1})
    assert list(tmp_path.iterdir()) == []


def test_a_changed_file_is_not_opened(tmp_path, monkeypatch):
    path = tmp_path / "m.joblib"
    sha256 = files.save(path, {"a": 1})
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    for module, name in (
        *((files.pickle, "load"), (files.pickle, "loads"), (files.joblib, "load")),
        *((files, "unpacking"), (files.zlib, "decompress")),
    ):
        monkeypatch.setattr(module, name, lambda *_: pytest.fail("it was opened"))
    with pytest.raises(EngineError, match="damaged"):
        files.load(path, sha256)


def test_a_file_that_is_changed_while_its_model_is_in_use_is_noticed(tmp_path):
    path = tmp_path / "m.joblib"
    sha256 = files.save(path, {"a": 1})
    files.load(path, sha256)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    os.utime(path, ns=(1, 1))
    with pytest.raises(EngineError, match="damaged"):
        files.load(path, sha256)


def test_a_lost_file_is_named_also_while_its_model_is_in_use(tmp_path):
    with pytest.raises(EngineError, match="missing"):
        files.load(tmp_path / "none.joblib", "0" * 64)
    sha256 = files.save(tmp_path / "m.joblib", {"a": 1})
    files.load(tmp_path / "m.joblib", sha256)
    (tmp_path / "m.joblib").unlink()
    with pytest.raises(EngineError, match="missing"):
        files.load(tmp_path / "m.joblib", sha256)


def test_a_model_in_use_is_read_once(tmp_path):
    path = tmp_path / "m.joblib"
    sha256 = files.save(path, {"a": 1})
    assert files.load(path, sha256) is files.load(path, sha256)


def test_models_leave_the_memory_when_it_is_full_the_longest_unused_first(tmp_path):
    size = 300_000  # of an array; twice that counts
    names = ["a", "b", "c"]
    hashes = {name: files.save(tmp_path / name, {name: np.zeros(size // 8)}) for name in names}
    files.keep_at_most(1)
    first = files.load(tmp_path / "a", hashes["a"])
    assert files.load(tmp_path / "a", hashes["a"]) is first
    files.load(tmp_path / "b", hashes["b"])
    assert files.load(tmp_path / "a", hashes["a"]) is not first


def test_requests_for_a_cold_model_load_it_once(tmp_path, monkeypatch):
    sha256, begin, calls = files.save(tmp_path / "m", {"a": 1}), threading.Barrier(5), []
    opened = files._opened

    def counted(path, digest):
        calls.append(path)
        return opened(path, digest)

    monkeypatch.setattr(files, "_opened", counted)

    def ask(_):
        begin.wait()
        return files.load(tmp_path / "m", sha256)

    with ThreadPoolExecutor(5) as pool:
        found = list(pool.map(ask, range(5)))
    assert len(calls) == 1
    assert all(one is found[0] for one in found)


class Vanished:
    """Stands for a class that an earlier release had."""


def test_a_model_of_an_earlier_release_is_named(tmp_path, monkeypatch):
    sha256 = files.save(tmp_path / "m.joblib", {"estimator": Vanished()})
    monkeypatch.delitem(globals(), "Vanished")
    with pytest.raises(EngineError, match="earlier release"):
        files.load(tmp_path / "m.joblib", sha256)


def by_joblib(content):
    buffer = io.BytesIO()
    joblib.dump(content, buffer, compress=1)
    return buffer.getvalue()


def by_zlib(content):
    return b"beanft model 1\n" + zlib.compress(pickle.dumps(content, protocol=5), 1)


@pytest.mark.parametrize("written", [by_joblib, by_zlib])
def test_a_file_that_an_earlier_release_wrote_still_opens(tmp_path, written):
    content = written({"a": np.arange(5)})
    (tmp_path / "m.joblib").write_bytes(content)
    found = files.load(tmp_path / "m.joblib", hashlib.sha256(content).hexdigest())
    assert found["a"].tolist() == [0, 1, 2, 3, 4]


def test_a_large_model_comes_back(tmp_path):
    large = {
        "a": np.random.default_rng(0).normal(size=400_000),
        "b": ["word"] * 100_000,
        "c": b"x" * 3_000_000,
    }
    sha256 = files.save(tmp_path / "m.joblib", large)
    assert hashlib.sha256((tmp_path / "m.joblib").read_bytes()).hexdigest() == sha256
    found = files.load(tmp_path / "m.joblib", sha256)
    assert np.array_equal(found["a"], large["a"])
    assert (found["b"], found["c"]) == (large["b"], large["c"])
