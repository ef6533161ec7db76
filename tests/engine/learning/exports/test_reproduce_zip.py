"""The archive that fits a model again, in a process that knows nothing of Beanft."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.learning.evidence import read_rows
from beanft.engine.learning.exports.parity import numbers_of
from beanft.engine.learning.exports.recipe import recipe_of, refit_model
from beanft.engine.learning.exports.reproduce_zip import write_reproduce_zip
from beanft.engine.learning.exports.scripts import fit_again, predict_table
from beanft.engine.learning.exports.skops_zip import write_skops_zip
from beanft.engine.learning.exports.wanted import Wanted
from beanft.engine.learning.inputs import check
from beanft.engine.learning.serving.rows import predict_rows


def run(folder: Path, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program of an archive as its user does; Beanft cannot be imported there."""
    command = [sys.executable, "-E", "-s", script, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def unpacked(archive: Path, folder: Path) -> Path:
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    return folder


def test_the_program_fits_the_same_model_from_the_original_without_beanft(wanted: Wanted, tmp_path: Path):
    facts = write_reproduce_zip(wanted, tmp_path / "again.zip")
    assert facts["needs"] == "original"
    assert facts["tried"]
    assert facts["same"], facts["sentences"]
    assert "the same predictions and scores, to the last bit" in facts["sentences"][1]


def test_beanft_is_not_there_where_the_program_runs(tmp_path: Path):
    (tmp_path / "probe.py").write_text("import beanft")
    assert "No module named 'beanft'" in run(tmp_path, "probe.py").stderr


def test_another_table_is_refused(
    wanted: Wanted,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setattr("beanft.engine.learning.exports.reproduce_zip._TRIED_S", -1.0)
    facts = write_reproduce_zip(wanted, tmp_path / "again.zip")
    assert not facts["tried"]
    assert facts["warnings"][0].startswith("It was not run here")
    folder = unpacked(tmp_path / "again.zip", tmp_path / "again")
    other = tmp_path / "other.csv"
    other.write_bytes(wanted.original.read_bytes().replace(b"Sylt", b"Rhum", 1))
    assert fit_again.main(folder, [str(other)]) == 1
    assert "is not the table that was trained on" in capsys.readouterr().err
    assert fit_again.main(folder, [str(tmp_path / "none.csv")]) == 1
    assert "There is no file" in capsys.readouterr().err
    assert fit_again.main(folder, []) == 2
    recipe = json.loads((folder / "recipe.json").read_text())
    assert {one["learner"] for one in recipe["runs"]} <= {"boosting", "lightgbm", "network", "random_forest"}


def test_an_original_that_is_no_csv_needs_the_typed_table(
    wanted: Wanted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("beanft.engine.learning.exports.reproduce_zip._TRIED_S", -1.0)
    other = tmp_path / "original"
    other.write_bytes(wanted.trained.table.read_bytes())
    facts = write_reproduce_zip(replace(wanted, original=other), tmp_path / "again.zip")
    assert facts["needs"] == "parquet"
    assert facts["sentences"][0].startswith("The original is not a CSV that pandas reads as Beanft did.")


def test_a_model_of_an_earlier_release_has_no_recipe(wanted: Wanted):
    runs = {
        key: {name: value for name, value in facts.items() if name != "fold_rounds"}
        for key, facts in wanted.trained.runs.items()
    }
    with pytest.raises(EngineError, match="Train it again"):
        recipe_of(replace(wanted.trained, runs=runs), wanted.key, wanted.model)


def test_a_model_is_fitted_again_in_this_process_also_when_its_file_cannot_be_opened(wanted: Wanted):
    names = [column["name"] for column in wanted.model["schema"]]
    rows = read_rows(wanted.trained.table, wanted.trained.profile, names, wanted.rows)
    single = next(key for key in wanted.trained.runs if key.startswith("boosting"))
    made = refit_model(wanted.trained, wanted.key, wanted.model)
    assert np.array_equal(predict_rows(made, rows), predict_rows(wanted.model, rows))
    lost = refit_model(wanted.trained, single, None)
    assert lost["schema"] == wanted.model["schema"]
    assert predict_rows(lost, rows).shape == (len(rows), 3)


def test_the_skops_archive_predicts_without_beanft(wanted: Wanted, tmp_path: Path):
    facts = write_skops_zip(wanted, tmp_path / "model.zip")
    assert facts["agreement"]["is_same"]
    folder = unpacked(tmp_path / "model.zip", tmp_path / "model")
    checked = run(folder, "predict.py", "--check")
    assert checked.returncode == 0, checked.stderr
    assert "same to the last bit" in checked.stdout
    assert predict_table.main(folder, [str(folder / "stored_rows.csv"), str(folder / "out.csv")]) == 0
    header, *rows = list(csv.reader(io.StringIO((folder / "out.csv").read_text(encoding="utf-8"))))
    assert header[-4:] == ["prediction", *(f"probability of {one}" for one in ("Möwe", "Star", "Uhu"))]
    stored = numbers_of(json.loads((folder / "stored_numbers.json").read_text()))
    assert np.array_equal(np.array([list(map(float, row[-3:])) for row in rows]), stored)


def test_the_stored_rows_of_an_archive_are_rows_of_the_table(wanted: Wanted, tmp_path: Path):
    write_skops_zip(wanted, tmp_path / "model.zip")
    folder = unpacked(tmp_path / "model.zip", tmp_path / "model")
    names, *rows = list(csv.reader(io.StringIO((folder / "stored_rows.csv").read_text(encoding="utf-8"))))
    true_rows = read_rows(wanted.trained.table, wanted.trained.profile, names, wanted.rows)
    assert len(rows) == len(true_rows)
    checked = check(names, rows, wanted.model["schema"])
    for name in ("Größe", "Gewicht"):
        assert np.array_equal(checked.columns[name], true_rows[name].to_numpy(float), equal_nan=True)
    stored = numbers_of(json.loads((folder / "stored_numbers.json").read_text()))
    assert np.array_equal(stored, predict_rows(wanted.model, true_rows))


def test_a_changed_skops_file_is_not_opened_by_its_program(
    wanted: Wanted, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    write_skops_zip(wanted, tmp_path / "model.zip")
    folder = unpacked(tmp_path / "model.zip", tmp_path / "model")
    content = bytearray((folder / "model.skops").read_bytes())
    content[100] ^= 1
    (folder / "model.skops").write_bytes(content)
    assert predict_table.main(folder, ["--check"]) == 1
    told = capsys.readouterr().err
    assert told == "model.skops is not the file that was made: it was changed or damaged.\n"


def test_rows_that_cannot_be_read_are_named(
    wanted: Wanted, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    write_skops_zip(wanted, tmp_path / "model.zip")
    folder = unpacked(tmp_path / "model.zip", tmp_path / "model")
    header = (folder / "stored_rows.csv").read_text(encoding="utf-8").splitlines()[0]
    (folder / "rows.csv").write_text(f"{header}\nx,1,Sylt,true,2025-01-01,laut\n", encoding="utf-8")
    assert predict_table.main(folder, [str(folder / "rows.csv"), str(folder / "out.csv")]) == 1
    assert "Row 1, column “Größe”: “x” is not a number." in capsys.readouterr().err
    assert not (folder / "out.csv").exists()
