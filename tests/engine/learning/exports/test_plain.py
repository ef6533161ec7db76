"""A model taken apart and put together again: the same numbers to the last bit, for every learner."""

from __future__ import annotations

import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB

from beanft.engine.errors import EngineError
from beanft.engine.learning.exports.plain import from_plain, to_plain
from beanft.engine.learning.exports.skops_file import open_skops, write_skops
from beanft.engine.learning.learners import learners_for
from beanft.engine.learning.search.fitting import Terms, fit_fold


def rows(task: str) -> tuple[np.ndarray, np.ndarray]:
    """Two numbers with gaps, and a category of four levels."""
    random = np.random.default_rng(0)
    X = random.normal(size=(90, 3)).astype(np.float32)
    X[:, 2] = random.integers(0, 4, 90)
    X[::7, 0] = np.nan
    score = np.nan_to_num(X[:, 0]) + X[:, 1] + X[:, 2]
    return X, np.digitize(score, [0.8, 2.2]) if task == "classification" else np.abs(score)


@pytest.mark.parametrize("n_days", [0, 1])
@pytest.mark.parametrize("task", ["classification", "regression"])
def test_every_learner_comes_back_to_the_last_bit(task: str, n_days: int, tmp_path: Path):
    X, y = rows(task)
    X = np.hstack([np.arange(90, dtype=np.float32)[:, None], X][1 - n_days :])
    terms = Terms(
        task=task,
        n_classes=3 * (task == "classification"),
        n_native=1,
        n_days=n_days,
        balanced=False,
        n_folds=1,
    )
    part = (X[:70], y[:70], X[70:], y[70:])
    settings: dict[str, dict[str, Any]] = {"boosting": {"trees": 5}, "lightgbm": {"trees": 5}}
    members = {
        one.key: fit_fold(
            one.key,
            settings.get(one.key, {})
            | ({"log": True, "trend": one.key in settings} if task == "regression" else {}),
            terms,
            part,
            seed=0,
            slice_s=60.0,
            rounds=5,
        ).member
        for one in learners_for(task)
    }
    write_skops({"estimator": None, "members": members}, tmp_path / "model.skops")
    opened = open_skops(tmp_path / "model.skops")["members"]
    for key, member in members.items():
        assert type(opened[key].model) is type(member.model), key
        assert np.array_equal(opened[key].predict(X), member.predict(X)), key
        assert opened[key].made == member.made


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, 2.5, None, True, "x"], 3: ("y", float("inf"))},
        {},
        [],
        (),
        {2.5: 1, "2.5": 2},
        {"deep": {"er": [{"est": (1,)}]}},
        "text",
    ],
)
def test_plain_values_come_back(value: Any):
    assert from_plain(json.loads(json.dumps(to_plain(value)))) == value


def test_what_is_not_known_is_not_written():
    with pytest.raises(EngineError, match="Path"):
        to_plain({"a": Path()})
    with pytest.raises(EngineError, match="cannot be written"):
        to_plain({"a": np.array([object()])})


@pytest.mark.parametrize(
    "value", [{"#": "Path", "state": {}}, {"#": "json"}, {"a": 1}, {"#": "Member", "state": 3}]
)
def test_what_to_plain_never_gives_is_refused(value: Any):
    with pytest.raises(EngineError, match="does not hold a model"):
        from_plain(value)


def test_a_pickle_with_another_name_is_refused(tmp_path: Path):
    path = tmp_path / "model.skops"
    path.write_bytes(pickle.dumps({"estimator": 1}))
    with pytest.raises(EngineError, match="not a skops file"):
        open_skops(path)


def test_a_type_that_is_not_on_our_list_is_refused(tmp_path: Path):
    path = tmp_path / "model.skops"
    write_skops({"estimator": GaussianNB().fit(np.eye(2), [0, 1])}, path)
    assert open_skops(path)["estimator"].predict(np.eye(2)).tolist() == [0, 1]
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["schema.json"] = parts["schema.json"].replace(b'"GaussianNB"', b'"system"')
    parts["schema.json"] = parts["schema.json"].replace(b'"sklearn.naive_bayes"', b'"os"')
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(EngineError, match="asks for parts that a model does not have") as caught:
        open_skops(path)
    assert "os.system" in str(caught.value)


def test_a_damaged_file_is_refused(tmp_path: Path):
    path = tmp_path / "model.skops"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("schema.json", "{")
    with pytest.raises(EngineError, match="not a whole skops file"):
        open_skops(path)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("beanft.engine.learning.exports.skops_file._MOST_BYTES", 1_000_000)
    path = tmp_path / "model.skops"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("schema.json", b" " * 2_000_000)
    assert path.stat().st_size < 10_000
    with pytest.raises(EngineError, match="swells"):
        open_skops(path)
