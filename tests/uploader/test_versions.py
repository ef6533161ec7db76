"""What is done to versions: read in another way, given roles, listed, deleted, without HTTP."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence

import pytest
from sqlalchemy import event, select

from beanft import storage
from beanft.engine.tables.wishes import ColumnWish, Wishes
from beanft.extensions import db, settings
from beanft.models import (
    AuditEvent,
    Batch,
    Board,
    Dataset,
    Experiment,
    Job,
    Run,
    SavedChart,
    TrainedModel,
    Upload,
    User,
    Version,
)
from beanft.uploader.reading import services as reading_services
from beanft.uploader.services import RefusedError, add_version, keep_file, save_form
from beanft.uploader.slices import part
from beanft.uploader.slices import services as slice_services
from beanft.uploader.versions import history, services, words
from beanft.uploader.versions.columns import Choice, read_spellings, write_spellings
from factories import make_dataset, make_job, run_job

pytestmark = pytest.mark.usefixtures("context")

CSV = b"price,place\n1.5,north\n2.5,south\n,north\n"
VISITS = "patient,day,pulse\n" + "".join(f"p{n % 7},2024-01-{n + 1:02},{60 + n}\n" for n in range(28))


def bring(owner: User, content: bytes = CSV) -> Dataset:
    return save_form(owner_id=owner.id, name="", file_name="prices.csv", chunks=[content])


def ingest_latest(dataset: Dataset) -> Version:
    assert dataset.latest.job is not None
    run_job(dataset.latest.job)
    db.session.refresh(dataset)
    return dataset.latest


def change(dataset: Dataset, *choices: Choice, number: int | None = None) -> services.Changed:
    number = number or dataset.latest.number
    return services.change_columns(dataset=dataset, version_number=number, choices=choices)


def kinds(names: Sequence[str], *found: str) -> list[Choice]:
    return [Choice(name=name, kind=kind) for name, kind in zip(names, found, strict=True)]


# Kinds, forms, spellings


def test_changing_a_kind_makes_a_new_version_of_the_same_file(alice: User) -> None:
    dataset = make_dataset(alice, csv="year,price\n2001,1.5\n2002,2.5\n2001,3\n")
    old = dataset.latest
    version = change(dataset, *kinds(["year", "price"], "category", "number")).version
    assert version is not None
    assert (version.number, version.wishes.kinds, version.state) == (2, {"year": "category"}, "queued")
    assert dataset.current is old
    ingest_latest(dataset)
    assert dataset.current is version
    assert version.profile.column("year").kind == "category"
    assert old.profile.column("year").kind == "number"
    assert part.original(version.key).samefile(part.original(old.key))


def test_a_chosen_kind_stays_when_another_is_chosen(alice: User) -> None:
    dataset = make_dataset(alice, csv="a,b\n1,2\n2,3\n1,4\n")
    change(dataset, Choice(name="a", kind="category"))
    ingest_latest(dataset)
    version = change(dataset, *kinds("ab", "category", "text")).version
    assert version is not None
    assert version.wishes.kinds == {"a": "category", "b": "text"}


def test_a_choice_can_be_taken_back(alice: User) -> None:
    dataset = make_dataset(alice, csv="a,b\n1,2\n2,3\n1,4\n", kinds={"a": "text"})
    version = change(dataset, Choice(name="a", kind="")).version
    assert version is not None
    assert version.wishes == Wishes()
    assert ingest_latest(dataset).profile.column("a").kind == "number"


def test_a_text_becomes_dates_of_a_form(alice: User) -> None:
    dataset = make_dataset(alice, csv="day\n01/02/2024\n05/02/2024\n03/04/2024\n", kinds={"day": "text"})
    version = change(dataset, Choice(name="day", kind="text", format="%m/%d/%Y")).version
    assert version is not None
    assert version.wishes.columns["day"] == ColumnWish(kind="date", format="%m/%d/%Y")
    column = ingest_latest(dataset).profile.column("day")
    assert (column.kind, column.minimum) == ("date", "2024-01-02")


def test_a_form_of_another_kind_does_not_stay(alice: User) -> None:
    dataset = make_dataset(alice, csv="day\n01/02/2024\n05/02/2024\n03/04/2024\n")
    change(dataset, Choice(name="day", format="%m/%d/%Y"))
    ingest_latest(dataset)
    version = change(dataset, Choice(name="day", kind="text", format="%m/%d/%Y")).version
    assert version is not None
    assert version.wishes.columns["day"] == ColumnWish(kind="text")


def test_spellings_of_missing_can_be_named_and_the_usual_ones_brought_back(alice: User) -> None:
    dataset = make_dataset(alice, csv="a\nx\nNA\nleft out\nx\n")
    change(dataset, Choice(name="a", missing="left out"))
    version = ingest_latest(dataset)
    assert (version.wishes.columns["a"].missing, version.profile.column("a").n_missing) == (("left out",), 1)
    assert {value for value, _ in version.profile.column("a").top} == {"x", "NA"}
    change(dataset, Choice(name="a", missing="usual"))
    assert dataset.latest.wishes == Wishes()
    assert ingest_latest(dataset).profile.column("a").n_missing == 1


@pytest.mark.parametrize("missing", [None, (), ("NA",), ("usual",), (";", "a;b"), ("-", "?")])
def test_spellings_are_written_as_they_are_read(missing: tuple[str, ...] | None) -> None:
    assert read_spellings(write_spellings(missing)) == missing


@pytest.mark.parametrize(
    ("number", "choices", "sentence"),
    [
        (7, [Choice(name="a", kind="text")], "changed since"),
        (1, [Choice(name="nothing", kind="text")], "changed since"),
        (1, [Choice(name="a", kind="money")], "no such kind"),
        (1, [Choice(name="a", format="'; DROP TABLE")], "no form “'; DROP TABLE”"),
        (1, [Choice(name="a", missing=";".join(f"{n}" for n in range(101)))], "At most 100"),
        (1, [Choice(name="a", missing="x" * 101)], "at most 100 characters"),
        (1, [Choice(name="a", role="king")], "no such role"),
        (1, [Choice(name="b", role="time")], "cannot tell the time"),
        (1, [Choice(name="a", role="group"), Choice(name="b", role="group")], "Only one column can group"),
    ],
)
def test_what_cannot_be_chosen_is_refused(
    alice: User, number: int, choices: list[Choice], sentence: str
) -> None:
    dataset = make_dataset(alice)
    with pytest.raises(RefusedError, match=sentence):
        change(dataset, *choices, number=number)
    assert (len(dataset.versions), dataset.latest.roles) == (1, {})


def test_nothing_can_be_changed_while_a_version_is_read(alice: User) -> None:
    dataset = bring(alice)
    with pytest.raises(RefusedError, match="being read"):
        change(dataset, Choice(name="price", kind="text"))


def test_the_same_choices_make_no_version(alice: User) -> None:
    dataset = make_dataset(alice)
    same = [Choice(name=one.name, kind=one.kind, missing="usual") for one in dataset.latest.profile.columns]
    assert change(dataset, *same) == services.Changed(version=None, roles=False)


# Roles


def test_roles_change_at_once_and_nothing_is_read(alice: User) -> None:
    dataset = make_dataset(alice, csv=VISITS)
    changed = change(dataset, Choice(name="patient", role="group"), Choice(name="day", role="time"))
    assert changed == services.Changed(version=None, roles=True)
    assert dataset.latest.roles == {"patient": "group", "day": "time"}
    assert dataset.latest.profile.column("day").role == "time"
    change(dataset, Choice(name="patient", role=""))
    assert dataset.latest.roles == {"day": "time"}


def test_roles_go_on_to_the_next_version(alice: User) -> None:
    dataset = make_dataset(alice, csv=VISITS)
    change(dataset, Choice(name="patient", role="group"))
    changed = change(dataset, Choice(name="pulse", kind="text"), Choice(name="day", role="time"))
    assert changed.version is not None
    assert changed.version.roles == {"patient": "group", "day": "time"}
    assert dataset.versions[0].roles == {"patient": "group"}


# Read anew


def test_a_failed_version_is_read_again_with_other_wishes(alice: User) -> None:
    dataset = bring(alice, b"a,b\n1,2\n3\n")
    assert ingest_latest(dataset).state == "failed"
    version = services.read_anew(dataset=dataset, version_number=1, wishes=Wishes(bad_rows="aside"))
    assert version is dataset.latest
    assert (version.number, version.state, version.wishes.bad_rows) == (1, "queued", "aside")
    assert ingest_latest(dataset).state == "ready"


def test_a_version_that_is_ready_is_read_anew_as_the_next_one(alice: User) -> None:
    dataset = make_dataset(alice, csv="a,b\n1,2\n3,4\n")
    assert services.read_anew(dataset=dataset, version_number=1, wishes=Wishes()) is None
    version = services.read_anew(dataset=dataset, version_number=1, wishes=Wishes(header="no"))
    assert version is not None
    assert version.number == 2
    assert ingest_latest(dataset).n_rows == 3


def test_what_another_window_read_meanwhile_is_not_read_again(alice: User) -> None:
    dataset = make_dataset(alice)
    services.read_anew(dataset=dataset, version_number=1, wishes=Wishes(header="no"))
    ingest_latest(dataset)
    with pytest.raises(RefusedError, match="changed since"):
        services.read_anew(dataset=dataset, version_number=1, wishes=Wishes(header="yes"))


def test_without_hard_links_the_file_is_copied_before_the_rows_are_locked(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = bring(alice)
    ingest_latest(dataset)
    locked = []

    def no_links(*_paths: object) -> None:
        locked.append(db.session().in_transaction())
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(os, "link", no_links)
    new = change(dataset, Choice(name="price", kind="category")).version
    assert new is not None
    assert locked == [False]
    assert part.original(new.key).read_bytes() == CSV
    assert [path.name for path in storage.folder(new.key).iterdir()] == ["original"]


def test_a_version_that_cannot_be_stored_leaves_no_files(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = bring(alice)
    ingest_latest(dataset)
    before = sorted((settings.instance / "files").glob("*/*"))

    def broken(_version: Version) -> None:
        raise RuntimeError("no queue")

    monkeypatch.setattr(services, "start_ingest", broken)
    with pytest.raises(RuntimeError):
        change(dataset, Choice(name="price", kind="category"))
    assert sorted((settings.instance / "files").glob("*/*")) == before


# What is known of the versions


def test_the_list_says_how_each_was_read_and_what_changed(alice: User) -> None:
    dataset = make_dataset(alice, csv="a,b\n1,2\n3,4\n3,5\n")
    change(dataset, Choice(name="a", kind="text"))
    ingest_latest(dataset)
    newest, first = history.list_versions(dataset=dataset, page=1).items
    assert (newest.version.number, newest.asked, newest.before) == (2, ["“a” as text"], first.version)
    assert newest.comparison is not None
    assert "“a”" in newest.comparison.changes[0].sentence
    assert (first.asked, first.before, first.comparison) == ([], None, None)


def test_wishes_are_told_in_words() -> None:
    wishes = Wishes(
        encoding="cp1252",
        delimiter="\t",
        header="no",
        skip=1,
        bad_rows="aside",
        columns={"day": ColumnWish(kind="date", format="%d.%m.%Y"), "n": ColumnWish(missing=())},
    )
    assert words.in_words(wishes) == [
        "encoding Windows-1252 (Western Europe)",
        "tabs between cells",
        "without a header",
        "1 line left out at the start",
        "bad rows set aside",
        "“day” as date, in the form 31.12.2024 (day.month.year)",
        "“n” missing only where it is empty",
    ]


# Deletion


def with_everything(owner: User, dataset: Dataset | None = None) -> tuple[Dataset, list[str]]:
    """A dataset with an experiment whose job runs, a model and a batch; and the keys of all their folders."""
    dataset = dataset or make_dataset(owner)
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
    run = Run(experiment=experiment, key="linear", learner="linear", title="Linear", state="ready", facts={})
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
    assert services.count_dependents(dataset=dataset) == services.Dependents(
        n_experiments=1, n_models=1, n_batches=1
    )
    assert history.list_versions(dataset=dataset, page=9).items[0].dependents.n_batches == 1


def test_saved_charts_and_the_board_go_with_the_dataset_and_not_with_a_version(alice: User) -> None:
    dataset = make_dataset(alice)
    charts = [SavedChart(dataset_id=dataset.id, name=name, kind="bar", chart_json={}) for name in "ab"]
    db.session.add_all([*charts, Board(dataset_id=dataset.id)])
    db.session.commit()
    of_dataset = services.count_dependents(dataset=dataset)
    assert (of_dataset.n_charts, of_dataset.n_boards) == (2, 1)
    of_version = services.count_dependents(dataset=dataset, number=1)
    assert (of_version.n_charts, of_version.n_boards) == (0, 0)


def test_deleting_removes_rows_and_files_and_stops_jobs(alice: User) -> None:
    dataset, keys = with_everything(alice)
    folders = [storage.folder(key) for key in keys]
    services.delete_dataset(dataset=dataset, user_id=alice.id, address="192.0.2.1")
    for table in (Dataset, Version, Experiment, Run, TrainedModel, Batch):
        assert db.session.scalar(select(table)) is None, table
    assert not any(folder.exists() for folder in folders)
    running = db.session.scalars(select(Job).where(Job.kind == "train")).one()
    assert running.cancel
    assert all((job.subject, job.subject_id) == ("", None) for job in db.session.scalars(select(Job)))
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "dataset-delete")).one()
    assert (event.user_id, event.address) == (alice.id, "192.0.2.1")


def test_deleting_takes_the_uploads_of_further_versions(alice: User) -> None:
    dataset = make_dataset(alice)
    upload = slice_services.start_upload(
        owner_id=alice.id, file_name="more.csv", size_bytes=9, dataset_id=dataset.id
    )
    folder = storage.folder(upload.key)
    assert folder.is_dir()
    services.delete_dataset(dataset=dataset, user_id=alice.id)
    assert not folder.exists()
    assert db.session.scalar(select(Upload)) is None


def test_deleting_leaves_other_datasets_alone(alice: User) -> None:
    dataset, _ = with_everything(alice)
    other = make_dataset(alice, name="other")
    services.delete_dataset(dataset=dataset, user_id=alice.id)
    assert (storage.folder(other.latest.key) / "original").is_file()
    assert [job.subject_id for job in db.session.scalars(select(Job).where(Job.subject == "dataset"))] == [
        other.id
    ]


def test_deleting_a_version_takes_what_was_made_from_it_and_nothing_else(alice: User) -> None:
    dataset = make_dataset(alice)
    first = dataset.latest
    change(dataset, Choice(name="a", kind="text"))
    ingest_latest(dataset)
    dataset, keys = with_everything(alice, dataset)
    assert services.count_dependents(dataset=dataset, number=1).n_experiments == 0
    assert services.count_dependents(dataset=dataset, number=2).n_experiments == 1
    services.delete_version(dataset=dataset, number=2, user_id=alice.id, address="192.0.2.1")
    assert [version.id for version in db.session.scalars(select(Version))] == [first.id]
    assert db.session.scalar(select(Experiment)) is None
    assert not any(storage.folder(key).exists() for key in keys)
    assert part.original(first.key).is_file()
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "version-delete")).one()
    assert event.subject == f"dataset {dataset.id} version 2"
    running = db.session.scalars(select(Job).where(Job.kind == "train")).one()
    assert (running.cancel, running.subject) == (True, "")
    assert first.job is not None
    assert first.job.subject_id == dataset.id


def test_deleting_a_version_cancels_its_reading(alice: User) -> None:
    dataset = make_dataset(alice)
    version = change(dataset, Choice(name="a", kind="text")).version
    assert version is not None
    job = version.job
    assert job is not None
    services.delete_version(dataset=dataset, number=2, user_id=alice.id)
    db.session.refresh(job)
    assert job.state == "cancelled"


def test_the_only_version_cannot_go_alone(alice: User) -> None:
    dataset = make_dataset(alice)
    for number, sentence in ((1, "only version"), (9, "gone already")):
        with pytest.raises(RefusedError, match=sentence):
            services.delete_version(dataset=dataset, number=number, user_id=alice.id)
    assert storage.folder(dataset.latest.key).is_dir()


def test_an_original_that_versions_share_is_on_the_disk_until_the_last_is_deleted(alice: User) -> None:
    content = b"a\n" + b"1234567890123456789\n" * 50_000
    dataset = make_dataset(alice, csv=content)
    change(dataset, Choice(name="a", kind="text"))
    first, second = (part.original(version.key) for version in dataset.versions)
    assert first.stat().st_nlink == 2
    services.delete_version(dataset=dataset, number=1, user_id=alice.id)
    assert not first.parent.exists()
    with second.open("rb") as open_file:
        assert os.fstat(open_file.fileno()).st_nlink == 1
        services.delete_dataset(dataset=dataset, user_id=alice.id)
        assert os.fstat(open_file.fileno()).st_nlink == 0, "no name keeps the bytes on the disk"
    assert not second.parent.exists()


def test_the_number_of_a_deleted_version_is_never_given_again(alice: User) -> None:
    dataset = make_dataset(alice)
    assert dataset.next_number == 2
    change(dataset, Choice(name="a", kind="text"))
    ingest_latest(dataset)
    services.delete_version(dataset=dataset, number=2, user_id=alice.id)
    db.session.refresh(dataset)
    assert ([one.number for one in dataset.versions], dataset.next_number) == ([1], 3)
    assert reading_services.subject_of_dataset(dataset).number == 3
    made = change(dataset, Choice(name="a", kind="text")).version
    assert made is not None
    assert made.number == 3
    ingest_latest(dataset)
    services.delete_version(dataset=dataset, number=1, user_id=alice.id)
    arrived = keep_file("more.csv", [CSV], owner_id=alice.id)
    assert add_version(dataset_id=dataset.id, arrived=arrived).latest.number == 4


def test_a_form_of_dates_has_an_end(alice: User) -> None:
    dataset = make_dataset(alice, csv="day\n2024-01-31\n2024-02-01\n")
    with pytest.raises(RefusedError, match="at most 255 characters"):
        change(dataset, Choice(name="day", format="%Y" * 200))


def test_what_was_asked_for_is_loaded_once_for_a_page_of_versions_and_not_with_them(alice: User) -> None:
    dataset = make_dataset(alice)
    for kind in ("text", "category", "number"):
        change(dataset, Choice(name="a", kind=kind))
        ingest_latest(dataset)
    db.session.expire_all()
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert len(dataset.versions) == 4
        assert not any("wishes_json" in statement for statement in asked)
        shown = history.list_versions(dataset=dataset, page=1).items
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert [bool(entry.asked) for entry in shown] == [True, True, True, False]
    assert sum("wishes_json" in statement for statement in asked) == 1
