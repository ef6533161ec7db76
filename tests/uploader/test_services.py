"""What is done to datasets, without HTTP."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import select

from beanft import storage
from beanft.extensions import db
from beanft.listing import PER_PAGE
from beanft.models import Dataset, Job, User, Version
from beanft.uploader import services
from beanft.uploader.samples import all_samples
from beanft.uploader.versions import services as version_services
from factories import run_job

pytestmark = pytest.mark.usefixtures("context")

CSV = b"price,place\n1.5,north\n2.5,south\n,north\n"


def bring(owner: User, content: bytes = CSV, *, name: str = "", file_name: str = "prices.csv") -> Dataset:
    return services.save_form(owner_id=owner.id, name=name, file_name=file_name, chunks=[content])


def ingest_latest(dataset: Dataset) -> Version:
    assert dataset.latest.job is not None
    run_job(dataset.latest.job)
    db.session.refresh(dataset)
    return dataset.latest


def test_a_file_becomes_dataset_version_and_job(alice: User) -> None:
    dataset = bring(alice)
    version = dataset.latest
    assert (dataset.name, version.number, version.state) == ("prices", 1, "queued")
    assert version.original_sha256 == hashlib.sha256(CSV).hexdigest()
    assert (storage.folder(version.key) / "original").read_bytes() == CSV
    assert version.job is not None
    assert (version.job.kind, version.job.subject, version.job.subject_id) == (
        "ingest",
        "dataset",
        dataset.id,
    )


def test_the_job_reads_the_file(alice: User) -> None:
    version = ingest_latest(bring(alice))
    assert (version.state, version.n_rows, version.n_columns) == ("ready", 3, 2)
    assert version.profile.column("price").n_missing == 1
    parquet = storage.folder(version.key) / "table.parquet"
    assert version.parquet_sha256 == storage.sha256(parquet)


def test_names_are_made_unique_for_each_owner(alice: User, bob: User) -> None:
    assert [bring(alice).name for _ in range(3)] == ["prices", "prices (2)", "prices (3)"]
    assert bring(bob).name == "prices"


def test_a_typed_name_wins(alice: User) -> None:
    assert bring(alice, name="  My\nprices ").name == "My prices"


@pytest.mark.parametrize(("name", "words"), [("123", "digits only"), ("x" * 121, "at most 120")])
def test_a_name_that_cannot_be_used_is_refused(alice: User, name: str, words: str) -> None:
    with pytest.raises(services.RefusedError, match=words):
        bring(alice, name=name)
    assert db.session.scalar(select(Dataset)) is None


def test_an_empty_file_is_refused_and_leaves_nothing(alice: User) -> None:
    with pytest.raises(services.RefusedError, match="empty"):
        bring(alice, b"")
    files = storage.folder(storage.new_key()).parents[1]
    assert not [path for path in files.rglob("*") if path.is_file()]


def test_the_same_bytes_twice_name_the_first_dataset(alice: User, bob: User) -> None:
    first, second, others = bring(alice, name="first"), bring(alice, name="second"), bring(bob)
    assert services.find_twin(dataset=second) is first
    assert services.find_twin(dataset=others) is None


@pytest.mark.parametrize("key", list(all_samples()))
def test_each_sample_is_read_and_names_source_and_licence(alice: User, key: str) -> None:
    dataset = services.save_sample(owner_id=alice.id, key=key)
    version = ingest_latest(dataset)
    assert version.state == "ready", version.job and version.job.error
    assert "Licence: " in dataset.source
    assert len(dataset.source) <= 500
    assert all_samples()[key].path.stat().st_size < 200_000


def test_the_penguins_have_missing_values_and_text(alice: User) -> None:
    profile = ingest_latest(services.save_sample(owner_id=alice.id, key="penguins")).profile
    assert profile.n_rows == 344
    assert profile.column("sex").n_missing == 11  # palmerpenguins counts 11 birds of unknown sex
    assert profile.column("species").kind == "category"


def test_an_unknown_sample_is_refused(alice: User) -> None:
    with pytest.raises(services.RefusedError, match="no such sample"):
        services.save_sample(owner_id=alice.id, key="../settings")


def test_a_failed_ingest_keeps_the_file_and_can_be_tried_again(alice: User) -> None:
    dataset = bring(alice, b"a,b\n1,2\n3\n")
    version = ingest_latest(dataset)
    assert version.state == "failed"
    assert version.job is not None
    assert "line 3" in (version.job.error or "")
    assert (storage.folder(version.key) / "original").is_file()
    assert services.retry(dataset=dataset)
    assert dataset.latest.state == "queued"
    assert not services.retry(dataset=dataset), "a second click must not make a second job"
    assert len(db.session.scalars(select(Job)).all()) == 2


def test_a_file_changed_on_disk_is_not_read(alice: User) -> None:
    dataset = bring(alice)
    (storage.folder(dataset.latest.key) / "original").write_bytes(b"a,b\n9,9\n")
    version = ingest_latest(dataset)
    assert version.state == "failed"
    assert version.job is not None
    assert "changed on disk" in (version.job.error or "")


def test_a_job_whose_dataset_is_gone_fails_with_a_sentence(alice: User) -> None:
    dataset = bring(alice)
    job = dataset.latest.job
    assert job is not None
    version_services.delete_dataset(dataset=dataset, user_id=alice.id)
    db.session.refresh(job)
    assert job.state == "cancelled"
    assert "deleted" in (run_job(job).error or "")


def test_the_list_is_paged_newest_first_and_ones_own(alice: User, bob: User) -> None:
    for number in range(PER_PAGE + 1):
        bring(alice, name=f"table {number}x")
    bring(bob)
    listing = services.list_datasets(owner_id=alice.id, page=99)
    assert [dataset.name for dataset in listing.items] == ["table 0x"]
    assert listing.numbers() == {"page": 2, "n_pages": 2, "total": PER_PAGE + 1}
