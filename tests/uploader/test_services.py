"""What is done to datasets, without HTTP."""

from __future__ import annotations

import errno
import hashlib
import os

import pytest
from sqlalchemy import select

from beanft import storage
from beanft.extensions import db, settings
from beanft.listing import PER_PAGE
from beanft.models import AuditEvent, Batch, Dataset, Experiment, Job, Run, TrainedModel, User, Version
from beanft.uploader import services
from beanft.uploader.samples import all_samples
from beanft.uploader.slices import part
from beanft.uploader.versions import services as version_services
from factories import make_dataset, make_job, run_job

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


def test_changing_a_kind_makes_a_new_version_of_the_same_file(alice: User) -> None:
    dataset = make_dataset(alice, csv="year,price\n2001,1.5\n2002,2.5\n2001,3\n")
    old = dataset.latest
    version = version_services.change_kinds(dataset=dataset, version_number=1, kinds=["category", "number"])
    assert version is not None
    assert (version.number, version.wishes.kinds, version.state) == (2, {"year": "category"}, "queued")
    assert dataset.current is old
    ingest_latest(dataset)
    assert dataset.current is version
    assert version.profile.column("year").kind == "category"
    assert old.profile.column("year").kind == "number"
    assert (storage.folder(version.key) / "original").read_bytes() == (
        storage.folder(old.key) / "original"
    ).read_bytes()


def test_a_chosen_kind_stays_when_another_is_chosen(alice: User) -> None:
    dataset = make_dataset(alice, csv="a,b\n1,2\n2,3\n1,4\n")
    version_services.change_kinds(dataset=dataset, version_number=1, kinds=["category", "number"])
    ingest_latest(dataset)
    version = version_services.change_kinds(dataset=dataset, version_number=2, kinds=["category", "text"])
    assert version is not None
    assert version.wishes.kinds == {"a": "category", "b": "text"}


@pytest.mark.parametrize(
    ("number", "kinds", "words"),
    [
        (7, ["number", "text"], "changed since"),
        (1, ["number"], "changed since"),
        (1, ["number", "money"], "no such kind"),
    ],
)
def test_kinds_that_do_not_fit_are_refused(alice: User, number: int, kinds: list[str], words: str) -> None:
    dataset = make_dataset(alice)
    with pytest.raises(services.RefusedError, match=words):
        version_services.change_kinds(dataset=dataset, version_number=number, kinds=kinds)


def test_kinds_cannot_be_changed_while_a_version_is_read(alice: User) -> None:
    dataset = bring(alice)
    with pytest.raises(services.RefusedError, match="being read"):
        version_services.change_kinds(dataset=dataset, version_number=1, kinds=["number", "category"])


def test_the_same_kinds_make_no_version(alice: User) -> None:
    dataset = make_dataset(alice)
    kinds = [column.kind for column in dataset.latest.profile.columns]
    assert version_services.change_kinds(dataset=dataset, version_number=1, kinds=kinds) is None


def with_everything(owner: User) -> tuple[Dataset, list[str]]:
    """A dataset with an experiment whose job runs, a model and a batch; and the keys of all their folders."""
    dataset = make_dataset(owner)
    experiment = Experiment(
        owner_id=owner.id,
        version=dataset.latest,
        job=make_job(owner, kind="train", state="running", subject="experiment", subject_id=1),
        key=storage.new_key(),
        target="a",
        features=["b"],
        task="regression",
        metric="r2",
        learners=["linear"],
        budget_s=60,
    )
    run = Run(experiment=experiment, learner="linear", title="Linear", state="ready", facts={})
    model = TrainedModel(
        owner_id=owner.id, run=run, file="m", sha256="0" * 64, schema_json={}, report_json={}
    )
    batch = Batch(
        owner_id=owner.id,
        model=model,
        job=make_job(owner, kind="predict", subject="batch", subject_id=1),
        key=storage.new_key(),
        original_name="new.csv",
        original_sha256="0" * 64,
    )
    db.session.add_all([experiment, run, model, batch])
    db.session.commit()
    keys = [dataset.latest.key, experiment.key, batch.key]
    for key in keys:
        (storage.make_folder(key) / "file").write_bytes(b"x")
    return dataset, keys


def test_what_depends_on_a_dataset_is_counted(alice: User) -> None:
    dataset, _ = with_everything(alice)
    assert version_services.count_dependents(dataset=dataset) == version_services.Dependents(
        n_experiments=1, n_models=1, n_batches=1
    )


def test_deleting_removes_rows_and_files_and_stops_jobs(alice: User) -> None:
    dataset, keys = with_everything(alice)
    folders = [storage.folder(key) for key in keys]
    version_services.delete_dataset(dataset=dataset, user_id=alice.id, address="192.0.2.1")
    for table in (Dataset, Version, Experiment, Run, TrainedModel, Batch):
        assert db.session.scalar(select(table)) is None, table
    assert not any(folder.exists() for folder in folders)
    running = db.session.scalars(select(Job).where(Job.kind == "train")).one()
    assert running.cancel
    assert all((job.subject, job.subject_id) == ("", None) for job in db.session.scalars(select(Job)))
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "dataset-delete")).one()
    assert (event.user_id, event.address) == (alice.id, "192.0.2.1")


def test_deleting_leaves_other_datasets_alone(alice: User) -> None:
    dataset, _ = with_everything(alice)
    other = make_dataset(alice, name="other")
    version_services.delete_dataset(dataset=dataset, user_id=alice.id)
    assert (storage.folder(other.latest.key) / "original").is_file()
    assert [job.subject_id for job in db.session.scalars(select(Job).where(Job.subject == "dataset"))] == [
        other.id
    ]


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


def test_without_hard_links_the_file_is_copied_before_the_rows_are_locked(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = bring(alice)
    version = ingest_latest(dataset)
    locked = []

    def no_links(*_paths: object) -> None:
        locked.append(db.session().in_transaction())
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(os, "link", no_links)
    kinds = ["category", *(column.kind for column in version.profile.columns[1:])]
    new = version_services.change_kinds(dataset=dataset, version_number=1, kinds=kinds)
    assert new is not None
    assert locked == [False]
    assert part.original(new.key).read_bytes() == CSV
    assert [path.name for path in storage.folder(new.key).iterdir()] == ["original"]


def test_a_version_that_cannot_be_stored_leaves_no_files(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = bring(alice)
    version = ingest_latest(dataset)
    before = sorted((settings.instance / "files").glob("*/*"))

    def broken(_version: Version) -> None:
        raise RuntimeError("no queue")

    monkeypatch.setattr(version_services, "start_ingest", broken)
    kinds = ["category", *(column.kind for column in version.profile.columns[1:])]
    with pytest.raises(RuntimeError):
        version_services.change_kinds(dataset=dataset, version_number=1, kinds=kinds)
    assert sorted((settings.instance / "files").glob("*/*")) == before
