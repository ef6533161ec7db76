"""What is unpacked or spilled on the way lies in the folder of the job, which goes with it."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

from beanft.engine.learning.batches import workbook
from beanft.engine.learning.exports import reproduce_zip, skops_zip
from beanft.engine.learning.exports.wanted import Wanted
from engine.learning.batches.files import classes


class _KilledError(BaseException):
    """Stands for the kill: what is on the disk at this moment is looked at."""


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The job's own folder, which its process has as the temporary one."""
    folder = tmp_path / "job"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """The folder of an experiment or a batch, which stays."""
    folder = tmp_path / "kept"
    folder.mkdir()
    return folder


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_skops_file_is_tried_in_the_folder_of_the_job(
    wanted: Wanted, scratch: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(path: Path) -> dict[str, Any]:
        assert path.parent.parent == scratch
        assert _names(kept) == set()
        raise _KilledError

    monkeypatch.setattr(skops_zip, "open_skops", kill)
    with pytest.raises(_KilledError):
        skops_zip.write_skops_zip(wanted, kept / "model.zip")


def test_a_recipe_is_tried_in_the_folder_of_the_job(
    wanted: Wanted, scratch: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(_command: list[str], *, cwd: str, **_more: Any) -> None:
        assert Path(cwd).parent == scratch
        assert _names(kept) == {"again.zip"}
        raise _KilledError

    monkeypatch.setattr(subprocess, "run", kill)
    with pytest.raises(_KilledError):
        reproduce_zip.write_reproduce_zip(wanted, kept / "again.zip")


def test_a_workbook_spills_into_the_folder_of_the_job(
    scratch: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, facts = classes(kept)

    def kill(_source: Path, _names_of_columns: list[str]) -> None:
        assert len(_names(scratch)) > 0
        assert _names(kept) == {path.name}
        raise _KilledError

    monkeypatch.setattr(workbook, "_rows", kill)
    with pytest.raises(_KilledError):
        workbook.write_workbook(source=str(path), target=str(kept / "predictions.xlsx"), facts=facts)
