"""Test vectors keep rows and numbers to the last bit, beside the model, without a pickle."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.learning.exports.vectors import (
    keep_vectors,
    open_vectors,
    places_in,
    vectors_of,
    vectors_path,
)
from beanft.engine.learning.exports.wanted import Wanted
from beanft.engine.learning.libraries import upgraded, versions_now
from beanft.engine.learning.serving.rows import predict_rows


def test_training_leaves_them_beside_each_model(wanted: Wanted) -> None:
    trained = wanted.trained
    ready = [key for key, facts in trained.runs.items() if facts["state"] == "ready"]
    assert len(ready) > 2
    for key in ready:
        kept = open_vectors(trained.folder, key)
        assert kept is not None, key
        assert kept.sha256 == trained.runs[key]["sha256"]
        assert kept.versions == versions_now()


def test_the_numbers_are_those_of_the_model(wanted: Wanted) -> None:
    kept = open_vectors(wanted.trained.folder, wanted.key)
    assert kept is not None
    assert kept.expected.shape == (50, 3)
    assert np.array_equal(predict_rows(wanted.model, kept.cells), kept.expected)
    assert sorted(set(kept.rows.tolist())) == kept.rows.tolist()
    assert any(cell is None for cells in kept.cells.values() if cells.dtype == object for cell in cells)


def test_what_is_written_is_read_back(wanted: Wanted, tmp_path: Path) -> None:
    kept = open_vectors(wanted.trained.folder, wanted.key)
    assert kept is not None
    odd = replace(
        kept,
        cells=kept.cells | {"ö/..": np.array(["", None, "x"], dtype=object)},
        calibration={"kind": "none"},
    )
    keep_vectors(tmp_path, "odd", odd)
    again = open_vectors(tmp_path, "odd")
    assert again is not None
    assert again.cells["ö/.."].tolist() == ["", None, "x"]
    assert again.calibration == {"kind": "none"}
    for name, cells in kept.cells.items():
        assert again.cells[name].dtype == cells.dtype
        assert np.array_equal(again.cells[name], cells, equal_nan=cells.dtype != object)
    assert again.expected.tobytes() == kept.expected.tobytes()


def test_those_of_another_file_are_made_anew(wanted: Wanted, tmp_path: Path) -> None:
    trained = wanted.trained
    for name in ("rows.npz", "evidence.json"):
        shutil.copy(trained.folder / name, tmp_path)
    asked: dict[str, Any] = {"folder": tmp_path, "key": "x", "model": wanted.model, "table": trained.table}
    made = vectors_of(**asked, profile=trained.profile, sha256="a" * 64)
    assert vectors_of(**asked, profile=trained.profile, sha256="a" * 64).sha256 == "a" * 64
    assert vectors_of(**asked, profile=trained.profile, sha256="b" * 64).sha256 == "b" * 64
    assert np.array_equal(made.expected, predict_rows(wanted.model, made.cells))
    with pytest.raises(EngineError, match="missing or damaged"):
        vectors_of(**asked | {"folder": tmp_path / "gone"}, profile=trained.profile, sha256="a" * 64)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\5\6" + bytes(18), b"PK\3\4" + bytes(50)])
def test_damaged_ones_count_as_none(content: bytes, tmp_path: Path) -> None:
    vectors_path(tmp_path, "x").write_bytes(content)
    assert open_vectors(tmp_path, "x") is None
    assert open_vectors(tmp_path, "y") is None


def test_places_are_even() -> None:
    assert places_in(0).tolist() == []
    assert places_in(1).tolist() == [0]
    assert places_in(1_000)[[0, -1]].tolist() == [0, 999]


def test_only_changed_libraries_are_named() -> None:
    assert upgraded(versions_now(), versions_now()) == upgraded({}, versions_now()) == ""
    assert upgraded({"numpy": "1", "gone": "2"}, {"numpy": "3", "new": "1"}) == "numpy 1 → 3"
