"""Uploads in slices, without HTTP."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from sqlalchemy import select

from beanft import storage
from beanft.extensions import db
from beanft.models import Dataset, Job, Upload, User
from beanft.models.types import now
from beanft.uploader.services import RefusedError
from beanft.uploader.slices import part
from beanft.uploader.slices import services as slice_services

pytestmark = pytest.mark.usefixtures("context")

CSV = b"a,b\n" + b"1,2\n" * 100


def start(owner: User, size: int = len(CSV)) -> Upload:
    return slice_services.start_upload(owner_id=owner.id, file_name="big.csv", size_bytes=size)


def send(upload: Upload, offset: int, content: bytes) -> int:
    return slice_services.append_slice(
        upload=upload, offset=offset, size_bytes=len(content), chunks=[content]
    )


def test_slices_make_the_file(alice: User) -> None:
    upload = start(alice)
    key = upload.key
    assert send(upload, 0, CSV[:100]) == 100
    assert send(upload, 100, CSV[100:]) == len(CSV)
    dataset = slice_services.finish_upload(owner_id=alice.id, key=key, name="")
    assert dataset is not None
    assert (dataset.name, dataset.latest.state, dataset.latest.key) == ("big", "queued", key)
    assert dataset.latest.original_sha256 == hashlib.sha256(CSV).hexdigest()
    assert part.original(key).read_bytes() == CSV
    assert db.session.scalar(select(Upload)) is None


def test_the_hash_is_right_when_another_process_took_the_first_slice(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = start(alice)
    key = upload.key
    send(upload, 0, CSV[:100])
    monkeypatch.setattr(part, "_hashes", part._Hashes())
    send(upload, 100, CSV[100:])
    dataset = slice_services.finish_upload(owner_id=alice.id, key=key, name="")
    assert dataset is not None
    assert dataset.latest.original_sha256 == hashlib.sha256(CSV).hexdigest()


def test_a_slice_at_the_wrong_place_changes_nothing(alice: User) -> None:
    upload = start(alice)
    send(upload, 0, CSV[:100])
    for offset in (0, 50, 150):
        with pytest.raises(slice_services.WrongOffsetError) as caught:
            send(upload, offset, b"x" * 10)
        assert caught.value.offset == 100
    assert (storage.folder(upload.key) / "upload.part").read_bytes() == CSV[:100]


def test_what_came_before_the_connection_broke_is_kept(alice: User) -> None:
    def broken() -> Iterator[bytes]:
        yield CSV[:60]
        raise ConnectionAbortedError

    upload = start(alice)
    key = upload.key
    with pytest.raises(RefusedError):
        slice_services.append_slice(upload=upload, offset=0, size_bytes=len(CSV), chunks=broken())
    assert upload.offset_bytes == 60
    send(upload, 60, CSV[60:])
    dataset = slice_services.finish_upload(owner_id=alice.id, key=key, name="")
    assert dataset is not None
    assert dataset.latest.original_sha256 == hashlib.sha256(CSV).hexdigest()


def test_bytes_written_before_a_crash_are_written_over(alice: User) -> None:
    upload = start(alice)
    key = upload.key
    (storage.folder(key) / "upload.part").write_bytes(b"z" * 1000)  # flushed, but the offset was never stored
    send(upload, 0, CSV)
    slice_services.finish_upload(owner_id=alice.id, key=key, name="")
    assert part.original(key).read_bytes() == CSV


def test_two_writers_at_once_are_kept_apart(alice: User) -> None:
    upload = start(alice)
    with part.opened(upload.key), pytest.raises(slice_services.WrongOffsetError):
        send(upload, 0, CSV)
    assert upload.offset_bytes == 0


@pytest.mark.parametrize(
    ("offset", "content", "words"),
    [
        (0, b"x" * (len(CSV) + 1), "beyond the end"),
        (len(CSV), b"x", "beyond the end"),
        (0, b"x" * 9_000_000, "8 MiB"),
    ],
)
def test_a_slice_that_is_too_long_is_refused(alice: User, offset: int, content: bytes, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        send(start(alice), offset, content)


@pytest.mark.parametrize(("size", "words"), [(0, "empty"), (-1, "empty"), ((2048 << 20) + 1, "2,048 MiB")])
def test_a_size_that_cannot_be_taken_is_refused(alice: User, size: int, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        start(alice, size)


def test_a_full_disk_is_said_before_the_upload(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slice_services, "_SPARE_BYTES", 1 << 60)
    with pytest.raises(slice_services.DiskFullError, match="no room"):
        start(alice)


def test_an_incomplete_upload_cannot_be_finished(alice: User) -> None:
    upload = start(alice)
    send(upload, 0, CSV[:10])
    with pytest.raises(RefusedError, match="not complete"):
        slice_services.finish_upload(owner_id=alice.id, key=upload.key, name="")


def test_finishing_twice_gives_the_same_dataset(alice: User) -> None:
    upload = start(alice)
    key = upload.key
    send(upload, 0, CSV)
    first = slice_services.finish_upload(owner_id=alice.id, key=key, name="once")
    assert slice_services.finish_upload(owner_id=alice.id, key=key, name="once") is first
    assert len(db.session.scalars(select(Dataset)).all()) == 1
    assert len(db.session.scalars(select(Job)).all()) == 1


def test_finishing_goes_on_after_a_crash_between_file_and_row(alice: User) -> None:
    upload = start(alice)
    key = upload.key
    send(upload, 0, CSV)
    part.complete(key, len(CSV))  # the file has its name, the row was never written
    dataset = slice_services.finish_upload(owner_id=alice.id, key=key, name="")
    assert dataset is not None
    assert dataset.latest.original_sha256 == hashlib.sha256(CSV).hexdigest()


def test_a_bad_name_keeps_the_upload(alice: User) -> None:
    upload = start(alice)
    key = upload.key
    send(upload, 0, CSV)
    with pytest.raises(RefusedError, match="digits only"):
        slice_services.finish_upload(owner_id=alice.id, key=key, name="2024")
    assert slice_services.finish_upload(owner_id=alice.id, key=key, name="of 2024") is not None


def test_somebody_elses_upload_cannot_be_finished(alice: User, charlie: User) -> None:
    upload = start(alice)
    send(upload, 0, CSV)
    assert slice_services.finish_upload(owner_id=charlie.id, key=upload.key, name="") is None


def test_dropping_removes_the_bytes(alice: User) -> None:
    upload = start(alice)
    folder = storage.folder(upload.key)
    send(upload, 0, CSV[:10])
    slice_services.drop_upload(upload=upload)
    assert not folder.exists()
    assert db.session.scalar(select(Upload)) is None


def test_a_slice_that_comes_after_the_upload_was_dropped_brings_nothing_back(alice: User) -> None:
    upload = start(alice)
    folder = storage.folder(upload.key)
    storage.remove(upload.key)
    with pytest.raises(RefusedError, match="dropped meanwhile"):
        send(upload, 0, CSV[:10])
    assert not folder.exists()


def test_forgotten_uploads_go_when_the_next_begins(alice: User, bob: User) -> None:
    with time_machine.travel(now() - timedelta(days=4)):
        old, others = start(alice), start(bob)
        folder, others_key = storage.folder(old.key), others.key
    fresh = start(alice)
    assert not folder.exists()
    assert not storage.folder(others_key).exists()
    assert {upload.key for upload in db.session.scalars(select(Upload))} == {fresh.key}


def test_bytes_that_are_promised_to_others_are_no_room(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = slice_services._SPARE_BYTES + 1000
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=room))
    first = start(alice, 900)
    with pytest.raises(slice_services.DiskFullError):
        start(bob, 200)
    send(first, 0, b"x" * 850)  # now they are on the disk, which knows of them by itself
    assert start(bob, 200)


def test_dropping_twice_does_no_harm(alice: User) -> None:
    upload = start(alice)
    slice_services.drop_upload(upload=upload)
    assert db.session.scalar(select(Upload)) is None
