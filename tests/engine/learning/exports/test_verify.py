"""A model is checked against its stored numbers, and fitted again from its recipe where it lost them."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from beanft.engine.learning import files
from beanft.engine.learning.exports.vectors import Vectors, keep_vectors, open_vectors, vectors_path
from beanft.engine.learning.exports.verify import verify
from beanft.engine.learning.exports.wanted import Wanted
from beanft.engine.learning.libraries import versions_now
from beanft.engine.learning.serving.rows import predict_rows


@pytest.fixture
def asked(wanted: Wanted, tmp_path: Path) -> dict[str, Any]:
    """What the job is given, for a copy of the experiment."""
    trained, facts = wanted.trained, wanted.trained.runs[wanted.key]
    folder = tmp_path / "experiment"
    shutil.copytree(trained.folder, folder)
    given = {
        "folder": str(folder),
        "key": wanted.key,
        "file": facts["file"],
        "sha256": facts["sha256"],
        "table": str(folder / "table.parquet"),
        "profile": trained.profile.to_dict(),
        "runs": {key: one | {"schema": None, "report": None} for key, one in trained.runs.items()},
        "weights": dict(trained.weights),
        "choices": dict(trained.choices),
    }
    return json.loads(json.dumps(given))  # type: ignore[no-any-return]  # as the queue hands it over


def _vectors(asked: dict[str, Any]) -> Vectors:
    kept = open_vectors(Path(asked["folder"]), asked["key"])
    assert kept is not None
    return kept


def _change(asked: dict[str, Any], **values: Any) -> None:
    keep_vectors(Path(asked["folder"]), asked["key"], replace(_vectors(asked), **values))


def test_the_same_numbers_are_the_same(asked: dict[str, Any]) -> None:
    found = verify(**asked)
    assert (found["code"], found["file"], found["largest"]) == ("same", None, 0.0)
    assert "same to the last bit" in found["sentence"]
    assert found["versions"] == versions_now()
    assert found["checked_sha256"] == asked["sha256"]


def test_an_upgrade_is_named(asked: dict[str, Any]) -> None:
    _change(asked, versions=versions_now() | {"numpy": "1.0"})
    found = verify(**asked)
    assert found["code"] == "same"
    assert f"(numpy 1.0 → {versions_now()['numpy']}), and it still gives" in found["sentence"]


def test_a_model_without_stored_numbers_gets_some(asked: dict[str, Any]) -> None:
    vectors_path(Path(asked["folder"]), asked["key"]).unlink()
    assert verify(**asked)["code"] == "first"
    assert verify(**asked)["code"] == "same"


def test_a_file_that_does_not_open_is_made_again(asked: dict[str, Any], wanted: Wanted) -> None:
    before = _vectors(asked)
    (Path(asked["folder"]) / asked["file"]).write_bytes(b"of another release")
    found = verify(**asked)
    assert found["code"] == "refitted", found["sentence"]
    assert found["file"] == f"{asked['key']}.again1.joblib"
    assert "gives the numbers of before" in found["sentence"]
    model = files.load(Path(asked["folder"]) / found["file"], found["sha256"])
    assert predict_rows(model, before.cells) == pytest.approx(before.expected, abs=1e-9)
    assert set(model) >= set(wanted.model) - {"all_rows"}
    asked |= {"file": found["file"], "sha256": found["sha256"]}
    assert verify(**asked)["code"] == "same"


def test_calibration_outlives_the_file(asked: dict[str, Any]) -> None:
    _change(asked, calibration={"kind": "temperature", "numbers": [2.0], "heights": []})
    (Path(asked["folder"]) / asked["file"]).unlink()
    found = verify(**asked)
    model = files.load(Path(asked["folder"]) / found["file"], found["sha256"])
    assert asdict(model["calibration"])["numbers"] == (2.0,)


def test_a_model_that_says_something_else_is_made_again(asked: dict[str, Any]) -> None:
    path, good = Path(asked["folder"]) / asked["file"], _vectors(asked)
    model = dict(files.load(path, asked["sha256"]))
    bag = model["estimator"]
    model["estimator"] = type(bag)(coder=bag.coder, layout=bag.layout, folds=bag.folds[:1])
    asked["sha256"] = files.save(path, model)
    _change(asked, sha256=asked["sha256"])
    found = verify(**asked)
    assert found["code"] == "refitted", found["sentence"]
    assert "which is too much" in found["sentence"]
    assert found["largest"] > 0
    assert _vectors(asked).expected == pytest.approx(good.expected, abs=1e-9)


def test_what_comes_no_nearer_is_left_as_it_is(asked: dict[str, Any]) -> None:
    expected = _vectors(asked).expected
    _change(asked, expected=np.roll(expected, 1, axis=0))
    found = verify(**asked)
    assert (found["code"], found["file"]) == ("different", None)
    assert "came no nearer" in found["sentence"]
    assert not list(Path(asked["folder"]).glob("*.again*"))


def test_without_a_recipe_it_says_so(asked: dict[str, Any]) -> None:
    (Path(asked["folder"]) / asked["file"]).unlink()
    asked["runs"] = {key: {**facts, "fold_rounds": None} for key, facts in asked["runs"].items()}
    for facts in asked["runs"].values():
        del facts["fold_rounds"]
    found = verify(**asked)
    assert found["code"] == "broken"
    assert "could not be fitted again" in found["sentence"]
