"""The janitor: leftovers go after a day, and nothing that is alive ever goes."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from flask import Flask

from beanft import janitor, storage
from beanft.extensions import db, settings
from beanft.models import Upload, User
from factories import make_dataset, make_job

pytestmark = pytest.mark.usefixtures("context")


def aged(path: Path, days: float = 2) -> Path:
    """Make a file or a folder, and all in it, look as if nobody had touched it for some days."""
    moment = time.time() - days * 86_400
    for one in (*path.rglob("*"), path):
        os.utime(one, (moment, moment))
    return path


def file(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


@pytest.fixture
def folder(alice: User) -> Path:
    """The folder of a living dataset."""
    return storage.folder(make_dataset(alice).latest.key)


def test_half_files_and_spilled_data_go_after_a_day(folder: Path) -> None:
    living = {path.name for path in folder.iterdir()}
    for name in ("table.parquet.part", "table.parquet.work.part", ".spilled-1/block"):
        file(folder / name)
    aged(folder)
    assert janitor.sweep() == 3
    assert {path.name for path in folder.iterdir()} == living


def test_what_was_touched_today_stays(folder: Path) -> None:
    half, spilled = file(folder / "table.parquet.part"), file(folder / ".spilled-1" / "block")
    doomed = file(folder.with_name(f"{folder.name}.removed-1") / "original")
    orphan = file(storage.folder(storage.new_key()) / "original")
    assert janitor.sweep(orphans=True) == 0
    assert half.exists()
    assert spilled.exists()
    assert doomed.exists()
    assert orphan.exists()


def test_an_idle_engine_keeps_the_folder_it_spills_into(folder: Path) -> None:
    (folder / ".spilled-1").mkdir()
    aged(folder)
    assert janitor.sweep() == 0
    assert (folder / ".spilled-1").exists()


def test_the_part_of_an_upload_is_gone_on_with(alice: User) -> None:
    key = storage.new_key()
    part = file(storage.folder(key) / "upload.part")
    aged(part.parent)
    db.session.add(Upload(owner_id=alice.id, key=key, name="a.csv", size_bytes=9, offset_bytes=1))
    db.session.commit()
    assert janitor.sweep(orphans=True) == 0
    assert part.exists()


def test_folders_that_are_being_deleted_go(folder: Path) -> None:
    doomed = aged(file(folder.with_name(f"{folder.name}.removed-1") / "original").parent)
    assert janitor.sweep() == 1
    assert not doomed.exists()


def test_files_that_no_row_names_go_and_those_of_every_kind_of_row_stay(folder: Path, alice: User) -> None:
    picture = storage.new_key()
    db.session.get_one(User, alice.id).picture = picture
    db.session.commit()
    face = file(storage.folder(picture) / "picture.webp")
    orphan = file(storage.folder(storage.new_key()) / "original").parent
    for path in (folder, face.parent, orphan):
        aged(path)
    assert janitor.sweep() == 1
    assert not orphan.exists()
    assert face.exists()
    assert (folder / "table.parquet").exists()
    assert (folder / "original").exists()


def test_nothing_is_believed_of_a_database_that_knows_hardly_any_file(app: Flask) -> None:
    orphan = aged(file(storage.folder(storage.new_key()) / "original").parent)
    assert janitor.sweep() == 0
    assert orphan.exists()
    answer = app.test_cli_runner().invoke(args=["beanft", "sweep", "--orphans"])
    assert "Leftovers removed: 1." in answer.output
    assert not orphan.exists()


def test_scratch_of_jobs_goes_unless_they_run(alice: User) -> None:
    jobs = settings.instance / "jobs"
    running, ended = make_job(alice, state="running").id, make_job(alice, state="failed").id
    db.session.commit()
    for job_id in (running, ended):
        aged(file(jobs / str(job_id) / "1" / "spec.json").parents[1])
    assert janitor.sweep() == 1
    assert [path.name for path in jobs.iterdir()] == [str(running)]


def test_scratch_of_previews_and_downloads_goes_after_a_day(folder: Path) -> None:
    preview = file(settings.instance / "jobs" / f"preview-{storage.new_key()}" / "sample.part")
    fresh = file(settings.instance / "jobs" / f"preview-{storage.new_key()}" / "sample.part")
    download = file(folder / f"download-{storage.new_key()}.part")
    aged(preview.parent)
    aged(download)
    assert janitor.sweep() == 2
    assert not preview.parent.exists()
    assert not download.exists()
    assert fresh.exists()
