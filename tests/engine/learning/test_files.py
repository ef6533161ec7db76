"""Model files are whole or not there, and opened only when their hash is right."""

import pytest

from beanft.engine.errors import EngineError
from beanft.engine.learning import files


def test_what_was_saved_is_loaded(tmp_path):
    sha256 = files.save(tmp_path / "m.joblib", {"a": [1, 2]})
    assert files.load(tmp_path / "m.joblib", sha256) == {"a": [1, 2]}
    assert [path.name for path in tmp_path.iterdir()] == ["m.joblib"]


def test_a_changed_file_is_not_opened(tmp_path, monkeypatch):
    path = tmp_path / "m.joblib"
    sha256 = files.save(path, {"a": 1})
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    monkeypatch.setattr(files.joblib, "load", lambda *_: pytest.fail("it was opened"))
    with pytest.raises(EngineError, match="damaged"):
        files.load(path, sha256)


def test_a_lost_file_is_named(tmp_path):
    with pytest.raises(EngineError, match="missing"):
        files.load(tmp_path / "none.joblib", "0" * 64)


def test_a_model_in_use_is_read_once(tmp_path):
    path = tmp_path / "m.joblib"
    sha256 = files.save(path, {"a": 1})
    assert files.load(path, sha256) is files.load(path, sha256)


class Vanished:
    """Stands for a class that an earlier release had."""


def test_a_model_of_an_earlier_release_is_named(tmp_path, monkeypatch):
    sha256 = files.save(tmp_path / "m.joblib", {"estimator": Vanished()})
    monkeypatch.delitem(globals(), "Vanished")
    with pytest.raises(EngineError, match="earlier release"):
        files.load(tmp_path / "m.joblib", sha256)
