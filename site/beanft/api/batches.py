"""Batches: a file or a dataset is predicted by a job, whose result is asked for later."""

from typing import Any

from flask import Response, abort, g, request, send_file, url_for
from flask_login import current_user
from marshmallow import Schema, ValidationError, fields, validate
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from beanft import access
from beanft.access import accepts_body, needs
from beanft.api.blueprint import bp, faults_of
from beanft.api.body import read_object
from beanft.api.paging import HEADERS, PageArguments, list_of
from beanft.api.problems import ProblemError, fault
from beanft.api.schemas import Batch as BatchSchema
from beanft.api.schemas import Batches, NewBatch
from beanft.engine.learning.uncertainty.quantiles import LEVELS
from beanft.models import Batch, Dataset, TrainedModel, Version
from beanft.pages import json_in_order
from beanft.predict.batches import downloads, services
from beanft.predict.batches.facts import facts_of
from beanft.predict.batches.words import LONGEST_SHEET, sheet_fault
from beanft.predict.rows import USUAL_LEVEL

_CHUNK_BYTES = 1 << 20
_KEY_MOST = 200
_MAY_NOT_READ = (
    "This token may not have a dataset predicted: the download would hold its rows, and it lacks the scope "
    "“read”. Send a file, or take another token."
)
_OF_BEFORE = (
    "This batch was predicted by an earlier release of Beanft, whose results this one cannot read. Send its "
    "file again, or predict it again on its page."
)
_FILE: dict[str, Any] = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {
            "type": "string",
            "format": "binary",
            "description": "CSV, Excel, Parquet …, packed or not.",
        },
        "level": {"type": "number", "enum": list(LEVELS), "default": USUAL_LEVEL},
        "sheet": {
            "type": "string",
            "maxLength": LONGEST_SHEET,
            "description": "Sheet of a workbook; the first one without it.",
        },
        "unreadable_as_missing": {
            "type": "boolean",
            "default": False,
            "description": "Whether cells that cannot be read count as missing, and refuse nothing.",
        },
    },
}
_BODY = {
    "required": True,
    "content": {
        "multipart/form-data": {"schema": _FILE},
        "application/json": {
            "schema": {"$ref": "#/components/schemas/NewBatch"},
            "example": {"dataset": "penguins", "level": 0.9},
        },
    },
}
_IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "maxLength": _KEY_MOST},
    "description": "Any text of yours: a request that is repeated with it and the same content makes no "
    "second batch.",
}


class _Format(Schema):
    """As what the predictions come."""

    format = fields.String(
        load_default="csv",
        validate=validate.OneOf(tuple(downloads.TYPES), error="Choose one of {choices}."),
        metadata={"description": "safe is a CSV whose texts no spreadsheet takes for formulas."},
    )


@bp.route("/batches", tags=["batches"])
@needs("predict", "read")
@bp.doc(operationId="list_batches", summary="List your batches, newest first")
@bp.arguments(PageArguments, location="query", arg_name="asked")
@bp.response(200, Batches, headers=HEADERS)
def batches(asked: dict[str, int]) -> Response:
    """Every file and dataset that you had predicted; for a token without “read”, what it sent itself."""
    query = select(Batch).where(access.in_reach(Batch)).order_by(Batch.id.desc())
    return list_of(query, asked, _brief)


@bp.route("/models/<int:model>/batches", methods=["POST"], tags=["batches"], parameters=[_IDEMPOTENCY_KEY])
@needs("predict")
@accepts_body("form_upload_max_mb")
@bp.doc(operationId="create_batch", summary="Predict a file or a dataset", requestBody=_BODY)
@bp.response(
    202, BatchSchema, headers={"Location": {"schema": {"type": "string"}, "description": "The batch."}}
)
@bp.alt_response(413, "REQUEST_ENTITY_TOO_LARGE")
def create_batch(model: TrainedModel) -> Response:
    """Queue the prediction; ask for the batch until its state is ready, failed or cancelled.

    A file that is larger than a request may be is sent packed (gzip, zstd, zip), or brought as a dataset.
    """
    made = _of_dataset(model) if request.is_json else _of_file(model)
    answer = json_in_order(_facts(made), 202)
    answer.headers["Location"] = url_for("api.batch", batch=made.id)
    return answer


@bp.route("/batches/<int:batch>", tags=["batches"])
@needs("predict", "read")
@bp.doc(operationId="read_batch", summary="Read a batch")
@bp.response(200, BatchSchema)
def batch(batch: Batch) -> Response:
    """Its state, how much is done, and, once it is ready, what was found."""
    return json_in_order(_facts(batch))


@bp.route("/batches/<int:batch>/download", tags=["batches"])
@needs("predict", "read")
@bp.doc(operationId="download_batch", summary="Download the predictions")
@bp.arguments(_Format, location="query", arg_name="asked")
@bp.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
@bp.alt_response(409, "CONFLICT")
def download_batch(batch: Batch, asked: dict[str, str]) -> Response:
    """The original columns in their order, then prediction, interval or set, confidence and warnings."""
    if batch.state != "ready":
        raise ProblemError(
            f"This batch is {batch.state}. Its predictions are there once it is ready.", status=409
        )
    if not services.has_results(batch):
        raise ProblemError(_OF_BEFORE, status=409)
    wanted = asked["format"]
    name, file = downloads.download_name(batch, wanted), downloads.write(batch=batch, format=wanted)
    answer = send_file(file, mimetype=downloads.TYPES[wanted], as_attachment=True, download_name=name)
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _of_dataset(model: TrainedModel) -> Batch:
    try:
        asked: dict[str, Any] = NewBatch().load(read_object(request))
    except ValidationError as error:
        raise ProblemError(
            "What was asked is not in the form that /api/docs describes. See “errors”.",
            errors=faults_of(error),
        ) from None
    if not access.may_read():
        abort(403, _MAY_NOT_READ)
    version = _version(_dataset(asked["dataset"]), asked["version"])
    made = services.create_from_dataset(
        model=model,
        user_id=current_user.id,
        version=version,
        level=asked["level"],
        unreadable_as_missing=asked["unreadable_as_missing"],
        form_key=_key(),
        token_id=g.get("token_id"),
    )
    return made or abort(404)


def _dataset(reference: Any) -> Dataset:
    if isinstance(reference, bool) or not isinstance(reference, (int, str)):
        raise _wrong("dataset", "A dataset is named by its number or by its name.")
    found: Dataset = access.find(Dataset, reference)
    return found


def _version(dataset: Dataset, number: int | None) -> Version:
    ready = {version.number: version for version in dataset.versions if version.state == "ready"}
    if not ready:
        raise _wrong("dataset", f"“{dataset.name}” has no version that is ready.")
    if number is not None and number not in ready:
        raise _wrong("version", f"“{dataset.name}” has no version {number} that is ready.")
    return ready[max(ready) if number is None else number]


def _of_file(model: TrainedModel) -> Batch:
    if strange := sorted(request.form.keys() - _FILE["properties"].keys()):
        raise _wrong(strange[0], "There is no such field.")
    file = request.files.get("file")
    if file is None:
        raise _wrong(
            "file", "Send a file in the field “file” of multipart/form-data, or JSON that names a dataset."
        )
    made = services.create_batch(
        model=model,
        user_id=current_user.id,
        name=file.filename or "",
        chunks=_chunks(file),
        form_key=_key(),
        sheet=_sheet(request.form.get("sheet", "")),
        level=_level(request.form.get("level", "")),
        unreadable_as_missing=_truth("unreadable_as_missing"),
        token_id=g.get("token_id"),
    )
    return made or abort(404)


def _chunks(file: FileStorage) -> Any:
    return iter(lambda: file.stream.read(_CHUNK_BYTES), b"")


def _sheet(name: str) -> str:
    if sentence := sheet_fault(name):
        raise _wrong("sheet", sentence)
    return name


def _level(text: str) -> float:
    found = next((level for level in LEVELS if text in (str(level), f"{level:g}")), None)
    if text and found is None:
        raise _wrong("level", f"Choose one of the levels {', '.join(f'{level:g}' for level in LEVELS)}.")
    return found or USUAL_LEVEL


def _truth(name: str) -> bool:
    text = request.form.get(name, "false")
    if text not in ("true", "false"):
        raise _wrong(name, f"“{name}” is true or false.")
    return text == "true"


def _key() -> str:
    """The key by which a request that is repeated is known; another token repeats nothing of this one."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > _KEY_MOST or not key.isprintable():
        raise _wrong("Idempotency-Key", f"An Idempotency-Key is one line of at most {_KEY_MOST} characters.")
    return f"api {g.get('token_hash', '')} {key}" if key else ""


def _wrong(field: str, sentence: str) -> ProblemError:
    return ProblemError(sentence, errors=[fault(sentence, field=field)])


def _brief(batch: Batch) -> dict[str, Any]:
    return _facts(batch, brief=True)


def _facts(batch: Batch, *, brief: bool = False) -> dict[str, Any]:
    # What came of each of a list is large, and not loaded to know whether an earlier release made it.
    there = batch.state == "ready" if brief else services.has_results(batch)
    at = url_for("api.download_batch", batch=batch.id) if there else None
    return facts_of(batch, brief=brief, narrow=not access.may_read()) | {"download": at}
