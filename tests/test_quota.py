"""The files of a user fill at most what the setting says."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from beanft import quota, storage
from beanft.extensions import db, settings
from beanft.models import Dataset, Upload, User, Version
from beanft.uploader.services import save_form
from beanft.uploader.versions import services as version_services
from beanft.uploader.versions.columns import Choice
from factories import make_dataset, run_job

JSON = {"Accept": "application/json"}
MB = 1 << 20


@pytest.fixture
def limited(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each user may fill one MiB."""
    monkeypatch.setitem(app.config, "BEANFT", _with(app.config["BEANFT"], storage_per_user_mb=1))


def _with(known: Any, **values: Any) -> Any:
    return type(known)(**{**vars(known), **values})


def put(dataset: Dataset, n_bytes: int) -> None:
    (storage.folder(dataset.latest.key) / "table.duckdb").write_bytes(b"x" * n_bytes)


def test_versions_share_their_original_and_uploads_count_as_announced(context: None, alice: User) -> None:
    dataset = make_dataset(alice, csv=b"a\n" + b"12345\n" * 1000)
    one = quota.use_of(alice.id).used_bytes
    files = storage.folder(dataset.latest.key).iterdir()
    assert one == sum(path.stat().st_size for path in files)
    choices = [Choice(name="a", kind="text")]
    version_services.change_columns(dataset=dataset, version_number=1, choices=choices)
    assert quota.use_of(alice.id).used_bytes == one
    db.session.add(Upload(owner_id=alice.id, key=storage.new_key(), name="a", size_bytes=700, offset_bytes=9))
    db.session.commit()
    assert quota.use_of(alice.id).used_bytes == one + 700


def test_what_others_have_does_not_count(context: None, alice: User, bob: User) -> None:
    make_dataset(bob)
    assert quota.use_of(alice.id).used_bytes == 0


def test_without_a_limit_nothing_is_refused(app: Flask, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    unlimited = _with(app.config["BEANFT"], storage_per_user_mb=0)
    monkeypatch.setitem(app.config, "BEANFT", unlimited)
    with app.app_context():
        quota.require(user_id=alice.id, n_bytes=1 << 60)
        assert quota.use_of(alice.id).facts() == {"used_bytes": 0, "limit_bytes": None}
        assert quota.room_left(alice.id) is None


@pytest.mark.usefixtures("limited")
def test_an_upload_beyond_the_limit_is_refused_before_it_begins(as_alice: FlaskClient) -> None:
    answer = as_alice.post("/uploads", json={"name": "a.csv", "size": 800_000})
    assert answer.status_code == 507
    assert answer.get_json()["detail"] == (
        "There is no room for this: it needs 1.2 MB more, and you have 0 bytes of 1.0 MB used. "
        "Delete datasets, versions or experiments that you no longer need, or ask the administrator for more "
        "space."
    )
    assert as_alice.post("/uploads", json={"name": "a.csv", "size": 400_000}).status_code == 201
    assert as_alice.post("/uploads", json={"name": "b.csv", "size": 500_000}).status_code == 507, (
        "an upload under way counts as it was announced"
    )


@pytest.mark.usefixtures("limited")
@pytest.mark.parametrize("check", [{}, {"check": "yes"}])
def test_a_form_and_a_sample_beyond_the_limit_leave_nothing(
    app: Flask, as_alice: FlaskClient, alice: User, check: dict[str, str]
) -> None:
    with app.app_context():
        put(make_dataset(alice), MB - 1000)
        before = sorted((settings.instance / "files").glob("*/*"))
    answer = as_alice.post("/datasets/new", data={"file": (io.BytesIO(b"a\n" * 2000), "a.csv"), **check})
    assert answer.status_code == 422
    assert "no room for this" in answer.text
    sample = as_alice.post("/datasets/samples/iris", follow_redirects=True)
    assert "no room for this" in sample.text
    with app.app_context():
        assert len(db.session.scalars(select(Dataset)).all()) == 1
        assert sorted((settings.instance / "files").glob("*/*")) == before


@pytest.mark.usefixtures("limited")
def test_reading_again_needs_room_for_the_table(app: Flask, as_alice: FlaskClient, alice: User) -> None:
    with app.app_context():
        dataset = make_dataset(alice, csv=b"a\n" + b"1\n" * 1000)
        put(dataset, MB - 2500)
        dataset_id = dataset.id
    data = {"version": "1", "kind": "text"}
    page = as_alice.post(f"/datasets/{dataset_id}/columns", data=data, follow_redirects=True).text
    assert "no room for this" in page


@pytest.mark.usefixtures("limited")
def test_an_ingest_that_would_go_beyond_the_limit_fails_with_the_sentence(app: Flask, alice: User) -> None:
    with app.app_context():
        dataset = make_dataset(alice, csv=b"a\n" + b"1\n" * 1000)
        choices = [Choice(name="a", kind="text")]
        made = version_services.change_columns(dataset=dataset, version_number=1, choices=choices).version
        assert made is not None
        put(dataset, MB)
        version = db.session.get_one(Version, made.id)
        assert version.job is not None
        assert "no room for this" in (run_job(version.job).error or "")


def test_it_is_shown_to_its_owner(app: Flask, as_alice: FlaskClient, alice: User) -> None:
    with app.app_context():
        make_dataset(alice)
        use = quota.use_of(alice.id)
    assert "of 21.5 GB used" in use.words
    for address in ("/datasets", "/account"):
        page = as_alice.get(address).text
        assert use.words in page
        assert f'max="{20_480 * MB}"' in page
        assert as_alice.get(address, headers=JSON).get_json()["storage"] == use.facts()


@pytest.mark.usefixtures("limited")
def test_a_table_that_turns_out_larger_than_the_room_left_is_refused_and_leaves_nothing(
    app: Flask, alice: User
) -> None:
    with app.app_context():
        assert quota.room_left(alice.id) == MB
        put(make_dataset(alice, csv=b"a\n1\n"), MB - 3500)
        small = b"a,b\n" + b"1,x\n" * 5  # half of it is reckoned, but a Parquet file needs its frame
        dataset = save_form(owner_id=alice.id, name="b", file_name="b.csv", chunks=[small])
        left = quota.room_left(alice.id)
        assert left is not None
        assert len(small) < left < MB
        version = dataset.latest
        put(dataset, left - 50)
        assert version.job is not None
        job = run_job(version.job)
        assert "There is no room for this table: it takes" in (job.error or "")
        assert "and you have 50 bytes left." in (job.error or "")
        assert sorted(path.name for path in storage.folder(version.key).iterdir()) == [
            "original",
            "table.duckdb",
        ]


@pytest.mark.usefixtures("limited")
def test_there_is_never_less_than_no_room(context: None, alice: User) -> None:
    put(make_dataset(alice), 2 * MB)
    assert quota.room_left(alice.id) == 0
