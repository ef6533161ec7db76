"""What is done with models: predict a row, take in a file to predict, hand out and delete its result."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select

from beanft import audit, file_names, jobs, once, quota, storage
from beanft.agreed import agreed_report, judged_figures, threshold_in_use, with_judged
from beanft.engine.errors import EngineError
from beanft.engine.learning.learners import BASELINE
from beanft.engine.learning.predict import predict_one
from beanft.engine.learning.reports.worth import unseen_worth
from beanft.engine.learning.truth_words import in_owner_words, truth_words
from beanft.engine.tables.queries.formulas import safe_text
from beanft.extensions import db
from beanft.listing import Listing, list_page
from beanft.models import Batch, Job, Run, TrainedModel
from beanft.predict.answers import Answer, answer
from beanft.predict.summary import rows_of

_ROWS_AT_ONCE = 500


def predict_row(*, model: TrainedModel, values: Mapping[str, str]) -> Answer:
    """Predict one row; nothing that was typed is stored.

    Raises
    ------
    EngineError
        When the model's file is missing or damaged.
    """
    chosen, baseline = _file(model), _baseline(model)
    guessed = _file(baseline) if baseline and baseline.id != model.id else None
    worth, better, threshold = worth_of(model), _beats_guessing(model), threshold_in_use(model)
    db.session.rollback()  # a model takes a moment to load: no lock on the database waits for it
    prediction = predict_one(file=chosen[0], sha256=chosen[1], values=values, threshold=threshold)
    guess = _guess(guessed, values) if guessed else None
    return answer(prediction, guess, report=worth, better=better, threshold=threshold)


def worth_of(model: TrainedModel) -> dict[str, Any]:
    """What is known of a model's errors: its report, filled up from what it said of rows while unseen.

    Without either, what its run remembers of the folds.
    """
    known = judged_figures(model)["unseen"]
    try:
        folder = storage.folder(model.run.experiment.key)
        found = unseen_worth(folder, model.run.key, model.sha256)
    except EngineError:
        folds = model.run.facts.get("metrics") or {}
        means = {key: {"value": one.get("mean"), "low": None, "high": None} for key, one in folds.items()}
        found = {"unseen": {"metrics": means}}
    return found | {"unseen": with_judged(found["unseen"], known)} | agreed_report(model)


def create_batch(
    *, model: TrainedModel, user_id: int, name: str, chunks: Iterable[bytes], form_key: str = ""
) -> Batch:
    """Keep a file and queue its prediction.

    The same file from the same form, told by `form_key`, makes one batch.

    Raises
    ------
    EngineError
        When the file is empty, or the user has no room for it.
    """
    key, name = storage.new_key(), file_names.file_name(name)
    db.session.rollback()  # nothing was changed yet, and no lock waits while the file is written
    try:
        size, digest = storage.write(storage.make_folder(key) / "original", chunks)
        if size == 0:
            raise EngineError(f"“{name}” is empty. Choose a file with a header and rows.")
        quota.require(user_id=user_id, n_bytes=size)
        batch = Batch(
            owner_id=user_id,
            model_id=model.id,
            key=key,
            once=once.stamp(form_key, model.id, name, digest),
            original_name=name,
            original_sha256=digest,
        )
        made = once.add(batch)
        if made is batch:
            _enqueue(batch)
            audit.record(user_id=user_id, action="batch-create", subject=f"batch {batch.id}")
        db.session.commit()
    except BaseException:
        db.session.rollback()
        storage.remove(key)
        raise
    if made is not batch:
        storage.remove(key)
    return made


def retry(*, batch: Batch) -> None:
    """Queue a batch that failed or was cancelled once more; any other is left alone."""
    if batch.state not in ("failed", "cancelled"):
        return
    _enqueue(batch)
    batch.result_json = batch.n_rows = None
    db.session.commit()


def delete_batch(*, batch: Batch) -> None:
    """Delete a batch with its files and its jobs, those of earlier attempts too.

    Raises
    ------
    StillRunningError
        While the prediction is under way.
    """
    key, job = batch.key, batch.job
    jobs.require_ended([job] if job else [])
    audit.record(user_id=batch.owner_id, action="batch-delete", subject=f"batch {batch.id}")
    tried = select(Job).where(Job.subject == "batch", Job.subject_id == batch.id)
    for row in (batch, *db.session.scalars(tried).all()):
        db.session.delete(row)
    db.session.commit()
    # After the commit: a crash here leaves files without a row, never a row without files.
    storage.remove(key)


def list_batches(*, model: TrainedModel, page: int) -> Listing[Batch]:
    """One page of a model's batches, newest first."""
    query = select(Batch).where(Batch.model_id == model.id).order_by(Batch.id.desc())
    return list_page(query, page=page)


def store_result(*, batch: Batch, result: dict[str, Any]) -> None:
    """Keep what a finished job found; the queue commits it together with the job's state."""
    batch.result_json, batch.n_rows = result, result["n_rows"]


def job_arguments(*, batch: Batch) -> dict[str, Any]:
    """What the engine needs to predict a batch."""
    file, digest = _file(batch.model)
    return {
        "model_file": str(file),
        "model_sha256": digest,
        "source": str(original_path(batch)),
        "target": str(predictions_path(batch)),
        "original_name": batch.original_name,
        "threshold": batch.model.threshold_json,
    }


def original_path(batch: Batch) -> Path:
    """The file as it came."""
    return storage.folder(batch.key) / "original"


def predictions_path(batch: Batch) -> Path:
    """The file with the predictions; it is there once the batch is ready."""
    return storage.folder(batch.key) / "predictions.csv"


def download_name(batch: Batch) -> str:
    """The name under which the predictions are saved."""
    return f"{Path(batch.original_name).stem}-predictions.csv"


def columns_of(model: TrainedModel) -> list[dict[str, Any]]:
    """The training columns of a model, as `engine.learning.schema` describes them.

    Columns of true and false have the owner's words for both, too, as words.
    """
    columns: list[dict[str, Any]] = model.schema_json["columns"]
    version = model.run.experiment.version
    words = truth_words(version.profile) if version.profile_json else {}
    return [
        column | {"words": list(words[column["name"]])} if column["name"] in words else column
        for column in columns
    ]


def needs_of(model: TrainedModel) -> list[tuple[str, str, str]]:
    """Name, kind and example of each column that a file needs."""
    return [
        (column["name"], column["kind"], in_words(in_owner_words(column["example"], column.get("words"))))
        for column in columns_of(model)
    ]


def labels_of(model: TrainedModel) -> list[str]:
    """The classes of a model; none for regression."""
    return list(model.schema_json["labels"])


def template_csv(*, model: TrainedModel) -> str:
    """A CSV with the header that a model needs and one row of examples."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    needs = needs_of(model)
    writer.writerow([name for name, _, _ in needs])
    writer.writerow([example for _, _, example in needs])
    return stream.getvalue()


def in_words(value: Any, digits: int = 17) -> str:
    """Write a value of the schema as it could be typed: no thousands separators.

    >>> in_words(44.5), in_words(2007.0), in_words(None), in_words(1 / 3, digits=6)
    ('44.5', '2007', '', '0.333333')
    """
    if value is None:
        return ""
    if not isinstance(value, float):
        return str(value)
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value) if digits > 16 else f"{value:.{digits}g}"


def safe_csv(path: Path) -> Iterator[bytes]:
    """The rows of a CSV with an apostrophe before each text that a spreadsheet would run as a formula.

    It starts with a byte order mark, by which spreadsheets know UTF-8.
    """
    yield b"\xef\xbb\xbf"
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    for i, row in enumerate(rows_of(path), start=1):
        writer.writerow([safe_text(text) for text in row])
        if i % _ROWS_AT_ONCE == 0:
            yield _emptied(stream)
    yield _emptied(stream)


def _file(model: TrainedModel) -> tuple[Path, str]:
    return storage.folder(model.run.experiment.key) / model.file, model.sha256


def _baseline(model: TrainedModel) -> TrainedModel | None:
    """The baseline that was trained beside a model."""
    beside = Run.experiment_id == model.run.experiment_id
    return db.session.scalar(
        select(TrainedModel).join(TrainedModel.run).where(beside, Run.learner == BASELINE)
    )


def _guess(file: tuple[Path, str], values: Mapping[str, str]) -> Any:
    """What the baseline says; a prediction does without when the baseline's file is lost."""
    try:
        return predict_one(file=file[0], sha256=file[1], values=values)
    except EngineError:
        return None


def _beats_guessing(model: TrainedModel) -> bool | None:
    verdict = (model.run.experiment.result_json or {}).get("verdict") or {}
    better: bool | None = (verdict.get("better") or {}).get(model.run.learner)
    return better


def _enqueue(batch: Batch) -> None:
    job = jobs.enqueue(
        kind="predict",
        owner_id=batch.owner_id,
        title=f"Predicting {batch.original_name}",
        subject="batch",
        subject_id=batch.id,
    )
    batch.job = job


def _emptied(stream: io.StringIO) -> bytes:
    text = stream.getvalue()
    stream.seek(0)
    stream.truncate()
    return text.encode()
