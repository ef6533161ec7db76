"""The pages on which datasets are brought in and listed, and the slices of uploads."""

from typing import Any

from flask import Response, abort, flash, jsonify, redirect, request, url_for
from flask_login import current_user

from beanft import pages, quota, storage
from beanft.access import accepts_body
from beanft.extensions import settings
from beanft.models import Dataset, Upload
from beanft.uploader import (
    services,
    tasks,  # noqa: F401  # registers the ingest job
)
from beanft.uploader.blueprint import bp
from beanft.uploader.forms import UploadForm
from beanft.uploader.samples import all_samples
from beanft.uploader.slices import part
from beanft.uploader.slices import services as slice_services


@bp.get("/datasets")
def index() -> Response:
    """The user's datasets, newest first."""
    listing = services.list_datasets(owner_id=current_user.id, page=pages.page_number())
    use = quota.use_of(current_user.id)
    datasets = [services.dataset_facts(dataset) for dataset in listing.items]
    return pages.page(
        "uploader/index.html",
        {"datasets": datasets, **listing.numbers(), "storage": use.facts()},
        listing=listing,
        samples=all_samples(),
        form_key=storage.new_key(),
        use=use,
    )


@bp.route("/datasets/new", methods=["GET", "POST"])
@accepts_body("form_upload_max_mb")
def new() -> Any:
    """The upload page; without JavaScript its form brings the whole file."""
    form = UploadForm()
    if form.validate_on_submit():
        try:
            return redirect(_keep_look(form) if form.check.data else _keep(form))
        except services.RefusedError as error:
            form.form_errors.append(str(error))
    errors = [*form.file.errors, *form.name.errors, *form.form_errors]
    return pages.page(
        "uploader/new.html",
        {"errors": errors, "upload_max_mb": settings.upload_max_mb, "samples": list(all_samples())},
        status=422 if errors else 200,
        form=form,
        uploads=slice_services.list_uploads(owner_id=current_user.id),
        samples=all_samples(),
        form_key=form.once.data,
        settings=settings,
        use=quota.use_of(current_user.id),
    )


def _keep(form: UploadForm) -> str:
    """Make the dataset of a file at once."""
    dataset = services.save_form(
        owner_id=current_user.id,
        name=form.name.data or "",
        file_name=form.file.data.filename,
        chunks=part.pieces(form.file.data.stream),
        form_key=form.once.data,
    )
    return _welcome(dataset)


def _keep_look(form: UploadForm) -> str:
    """Keep a file, and say where its owner can look at how it will be read."""
    name = services.check_name(form.name.data or "")
    upload = slice_services.keep_form(
        owner_id=current_user.id,
        file_name=form.file.data.filename,
        chunks=part.pieces(form.file.data.stream),
    )
    return _preview(upload, name)


def _preview(upload: Upload, name: str) -> str:
    return url_for("uploader.preview", key=upload.key, name=name or None)


def _welcome(dataset: Dataset) -> str:
    """Say what happens next, and the address of the dataset."""
    flash(f"“{dataset.name}” has arrived and is being read.", "ok")
    twin = services.find_twin(dataset=dataset)
    if twin:
        flash(f"You brought the very same file before: “{twin.name}”.", "warning")
    return url_for("explore.show", dataset=dataset.id)


@bp.post("/datasets/samples/<sample>")
def sample(sample: str) -> Any:
    """Make a dataset of a ready-made table."""
    try:
        dataset = services.save_sample(
            owner_id=current_user.id, key=sample, form_key=request.form.get("once", "")
        )
    except services.OverQuotaError as error:
        flash(str(error), "error")
        return redirect(url_for("uploader.new"))
    except services.RefusedError:
        abort(404)
    return redirect(_welcome(dataset))


@bp.post("/uploads")
def start() -> Any:
    """Begin an upload in slices: JSON with the file's name and size, and the dataset of a new version."""
    asked = pages.posted_object()
    size_bytes = asked.get("size")
    if isinstance(size_bytes, bool) or not isinstance(size_bytes, int):
        return jsonify(detail="Say the size of the file in bytes."), 422
    try:
        upload = slice_services.start_upload(
            owner_id=current_user.id,
            file_name=_name(asked),
            size_bytes=size_bytes,
            dataset_id=_dataset_id(asked),
        )
    except services.RefusedError as error:
        return _refusal(error)
    return jsonify(
        key=upload.key,
        url=url_for("uploader.continue_upload", upload=upload.key),
        finish_url=url_for("uploader.finish", key=upload.key),
        offset=0,
    ), 201


def _name(asked: dict[str, Any]) -> str:
    """The name that was sent; what is no text counts as none."""
    name = asked.get("name")
    return name if isinstance(name, str) else ""


def _dataset_id(asked: dict[str, Any]) -> int | None:
    """The dataset that was named; what is no number names one that is not there."""
    if asked.get("dataset") is None:
        return None
    number = asked["dataset"]
    return number if type(number) is int and 0 < number < 1 << 63 else 0


def _refusal(error: services.RefusedError) -> Any:
    statuses = {
        slice_services.GoneError: 404,
        slice_services.NoDatasetError: 404,
        slice_services.TooLargeError: 413,
        slice_services.TooManyError: 429,
        slice_services.DiskFullError: 507,
        services.OverQuotaError: 507,
    }
    return jsonify(detail=str(error)), statuses.get(type(error), 422)


@bp.route("/uploads/<upload>", methods=["HEAD"])
def look_up(upload: Upload) -> Any:
    """Where an upload stands."""
    return "", 200, {"Upload-Offset": str(upload.offset_bytes), "Upload-Length": str(upload.size_bytes)}


@bp.patch("/uploads/<upload>")
@accepts_body("slice_mb")
def continue_upload(upload: Upload) -> Any:
    """Take the next slice."""
    offset = request.headers.get("Upload-Offset", "")
    if not (offset.isascii() and offset.isdigit() and len(offset) < 19) or request.content_length is None:
        return jsonify(detail="A slice needs the headers Upload-Offset and Content-Length."), 400
    try:
        now_at = slice_services.append_slice(
            upload=upload,
            offset=int(offset),
            size_bytes=request.content_length,
            chunks=part.pieces(request.stream),
        )
    except slice_services.WrongOffsetError as error:
        answer = {"detail": f"The upload stands at byte {error.offset:,}.", "offset": error.offset}
        return jsonify(answer), 409, {"Upload-Offset": str(error.offset)}
    except services.RefusedError as error:
        return _refusal(error)
    return "", 204, {"Upload-Offset": str(now_at)}


@bp.delete("/uploads/<upload>")
def cancel_upload(upload: Upload) -> Any:
    """Forget an upload."""
    slice_services.drop_upload(upload=upload)
    return "", 204


@bp.post("/uploads/<key>/finish")
def finish(key: str) -> Any:
    """Make the dataset of an upload whose bytes are all there: JSON with the name, or nothing.

    With `check` true, and for a further version of a dataset, it is looked at first: the answer is the
    address where.
    """
    asked = pages.posted_object()
    name, owner_id = _name(asked), current_user.id
    try:
        upload = slice_services.complete_upload(owner_id=owner_id, key=key)
        if upload is not None and (asked.get("check") is True or upload.dataset_id):
            return jsonify(url=_preview(upload, services.check_name(name))), 201
        dataset = slice_services.finish_upload(owner_id=owner_id, key=key, name=name)
    except services.RefusedError as error:
        return _refusal(error)
    if dataset is None:
        abort(404)
    return jsonify(id=dataset.id, url=_welcome(dataset)), 201


@bp.post("/datasets/<dataset>/retry")
def retry(dataset: Dataset) -> Any:
    """Read the file of a failed or cancelled version again."""
    if services.retry(dataset=dataset):
        flash(f"“{dataset.name}” is being read again.", "ok")
    else:
        flash(f"“{dataset.name}” needs no second reading.", "info")
    return redirect(url_for("explore.show", dataset=dataset.id))
