"""The pages on which somebody looks at how a file is read, changes it, and has it read."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import Response, abort, flash, redirect, request, send_file, url_for
from flask_login import current_user

from beanft import pages, quota
from beanft.access import accepts_body
from beanft.engine.tables.found import Preview
from beanft.engine.tables.wishes import Wishes
from beanft.extensions import settings
from beanft.models import Dataset, Upload
from beanft.quota import QuotaError
from beanft.uploader.blueprint import bp
from beanft.uploader.forms import UploadForm
from beanft.uploader.reading import choices, fields, services
from beanft.uploader.services import RefusedError
from beanft.uploader.slices import part
from beanft.uploader.slices import services as slice_services
from beanft.uploader.versions import services as version_services

_FORM_BYTES = 4 << 20  # the kinds of thousands of columns


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where the page of a preview leads."""

    here: str
    accept: str
    back: str
    button: str
    discard: str = ""


@bp.get("/uploads/<key>/preview")
def preview(key: str) -> Any:
    """How a file that has arrived will be read; one that was read already leads to its dataset."""
    upload = slice_services.find_upload(owner_id=current_user.id, key=key)
    if upload is None:
        dataset = slice_services.find_finished(owner_id=current_user.id, key=key) or abort(404)
        return redirect(url_for("explore.show", dataset=dataset.id))
    try:
        subject = services.subject_of_upload(upload)
    except RefusedError as error:
        flash(str(error), "warning")
        return redirect(url_for("uploader.new"))
    return _page(subject, _addresses(upload, subject), dataset_id=upload.dataset_id)


def _addresses(upload: Upload, subject: services.Subject) -> Addresses:
    to_dataset = upload.dataset_id is not None
    versions = url_for("uploader.versions", dataset=upload.dataset_id) if to_dataset else ""
    return Addresses(
        here=url_for("uploader.preview", key=upload.key),
        accept=url_for("uploader.read_upload", key=upload.key),
        discard=url_for("uploader.discard", upload=upload.key),
        back=versions or url_for("uploader.new"),
        button=f"Read as version {subject.number}" if to_dataset else "Read this table",
    )


def _page(subject: services.Subject, to: Addresses, dataset_id: int | None = None) -> Response:
    """Show what would be read with the settings in the address; alone for htmx, with its own address."""
    asked = choices.parse(request.args, subject.base, max_columns=settings.columns_max)
    found = services.look(subject=subject, wishes=asked.wishes)
    name = request.args.get("name", "")
    state = _state(name, found.wishes, subject.base)
    setting_fields, column_fields = fields.setting_fields(found), fields.column_fields(found)
    comparison = services.compared(subject=subject, preview=found)
    response = pages.page(
        "uploader/_preview.html" if pages.is_fragment() else "uploader/preview.html",
        {**_facts(found), "errors": list(asked.errors), "same": subject.same},
        status=422 if asked.errors else 200,
        subject=subject,
        found=found,
        errors=asked.errors,
        to=to,
        unseen=fields.unseen(state, setting_fields, column_fields),
        name=name,
        summary=fields.summary(found),
        notes=fields.notes(found),
        setting_fields=setting_fields,
        changed=any("." not in field and field != "name" for field, _ in state),
        column_fields=column_fields,
        comparison=comparison,
        with_state=partial(_with_state, state),
        dataset_id=dataset_id,
    )
    if pages.is_fragment():
        response.headers["HX-Replace-Url"] = f"{to.here}?{urlencode(state)}" if state else to.here
    return response


def _state(name: str, wishes: Wishes, base: Wishes) -> list[tuple[str, str]]:
    """The fields of a page's address: only what differs from what it begins with, so that it stays short."""
    return [*([("name", name)] if name else []), *choices.written(wishes, base)]


def _with_state(state: list[tuple[str, str]], **changes: str) -> str:
    """The query of the page's own address, with some fields changed."""
    return urlencode([*(one for one in state if one[0] not in changes), *changes.items()])


def _facts(found: Preview) -> dict[str, Any]:
    """What the preview says, as plain values."""
    columns = found.profile.columns if found.profile else ()
    return {
        "source": found.source,
        "sheet": found.sheet,
        "sheets": found.sheets,
        "encoding": found.encoding,
        "encodings": [{"encoding": name, "line": line} for name, _, line in found.candidates],
        "delimiter": found.delimiter,
        "quote": found.quote,
        "escape": found.escape,
        "header": found.has_header,
        "skip": found.n_skipped,
        "columns": [{"name": c.name, "kind": c.kind, "format": c.format} for c in columns],
        "rows": found.rows,
        "is_whole": found.is_whole,
        "notes": found.notes,
        "error": found.error,
    }


@bp.post("/uploads/<key>/preview")
@accepts_body(_FORM_BYTES)
def read_upload(key: str) -> Any:
    """Make the dataset, or the version, of a file that was looked at; a second click finds it made."""
    upload = slice_services.find_upload(owner_id=current_user.id, key=key)
    address = url_for("uploader.preview", key=key)
    base = _tried(lambda: services.subject_of_upload(upload).base if upload else Wishes())
    if isinstance(base, str):
        return _refused(base, address, Wishes())

    def read() -> Dataset | None:
        return slice_services.finish_upload(
            owner_id=current_user.id,
            key=key,
            name=request.form.get("name", ""),
            wishes=_wishes(base),
        )

    dataset = _tried(read)
    if isinstance(dataset, str):
        return _refused(dataset, address, base)
    if dataset is None:
        abort(404)
    flash(f"“{dataset.name}” has arrived and is being read.", "ok")
    return redirect(url_for("explore.show", dataset=dataset.id))


def _wishes(base: Wishes) -> Wishes:
    """The wishes of the posted form.

    Raises
    ------
    RefusedError
        When a field cannot be used: the page never sends such a one.
    """
    asked = choices.parse(request.form, base, max_columns=settings.columns_max)
    if asked.errors:
        raise RefusedError(" ".join(asked.errors))
    return asked.wishes


def _tried(work: Callable[[], Any]) -> Any:
    """What the work gives, or the sentence with which it is refused."""
    try:
        return work()
    except (RefusedError, QuotaError) as error:
        return str(error)


def _refused(sentence: str, address: str, base: Wishes) -> Any:
    """Back to the page with what was typed, and the sentence."""
    if pages.wants_json():
        return {"error": sentence}, 422
    flash(sentence, "error")
    asked = choices.parse(request.form, base, max_columns=settings.columns_max)
    kept = _state(request.form.get("name", ""), asked.wishes, base)
    return redirect(f"{address}?{urlencode(kept)}" if kept else address)


@bp.post("/uploads/<upload>/discard")
def discard(upload: Upload) -> Any:
    """Forget an upload, by its button."""
    name = upload.name
    slice_services.drop_upload(upload=upload)
    flash(f"“{name}” was discarded.", "ok")
    return redirect(url_for("uploader.new"))


@bp.get("/datasets/<dataset>/reading")
def reading(dataset: Dataset) -> Any:
    """How the file of a dataset is read, to be changed."""
    try:
        subject = services.subject_of_dataset(dataset)
    except RefusedError as error:
        flash(str(error), "warning")
        return redirect(url_for("explore.show", dataset=dataset.id))
    address = url_for("uploader.reading", dataset=dataset.id)
    to = Addresses(
        here=address,
        accept=address,
        back=url_for("explore.show", dataset=dataset.id),
        button="Read again" if dataset.latest.state != "ready" else f"Read as version {subject.number}",
    )
    return _page(subject, to, dataset_id=dataset.id)


@bp.post("/datasets/<dataset>/reading")
@accepts_body(_FORM_BYTES)
def read_again(dataset: Dataset) -> Any:
    """Read the file of a dataset again in the way that was chosen."""
    number = request.form.get("version", -1, type=int)
    address = url_for("uploader.reading", dataset=dataset.id)
    base = _tried(lambda: services.subject_of_dataset(dataset).base)
    if isinstance(base, str):
        return _refused(base, address, Wishes())

    def read() -> Any:
        return version_services.read_anew(dataset=dataset, version_number=number, wishes=_wishes(base))

    version = _tried(read)
    if isinstance(version, str):
        return _refused(version, address, base)
    if version is None:
        flash("Nothing was changed: the file is read in this way already.", "info")
    else:
        flash(f"Version {version.number} of “{dataset.name}” is being read.", "ok")
    return redirect(url_for("explore.show", dataset=dataset.id))


@bp.get("/datasets/<dataset>/rejects")
def rejects(dataset: Dataset) -> Any:
    """The rows of a version that were set aside, as a download."""
    number = request.args.get("version", (dataset.current or dataset.latest).number, type=int)
    version = version_services.find_version(dataset=dataset, number=number) or abort(404)
    try:
        path = services.rejects(version=version)
    except RefusedError as error:
        abort(404, str(error))
    return send_file(
        path,
        mimetype="text/csv",
        as_attachment=True,
        download_name=f"{version.original_name} rejected rows.csv",
    )


@bp.route("/datasets/<dataset>/versions/new", methods=["GET", "POST"])
@accepts_body("form_upload_max_mb")
def new_version(dataset: Dataset) -> Any:
    """The upload page of a further version; what comes is looked at before anything is read."""
    form = UploadForm()
    if form.validate_on_submit():
        try:
            upload = slice_services.keep_form(
                owner_id=current_user.id,
                file_name=form.file.data.filename,
                chunks=part.pieces(form.file.data.stream),
                dataset_id=dataset.id,
            )
        except RefusedError as error:
            form.form_errors.append(str(error))
        else:
            return redirect(url_for("uploader.preview", key=upload.key))
    errors = [*form.file.errors, *form.name.errors, *form.form_errors]
    return pages.page(
        "uploader/new_version.html",
        {"errors": errors, "dataset": dataset.id, "upload_max_mb": settings.upload_max_mb},
        status=422 if errors else 200,
        dataset=dataset,
        form=form,
        uploads=slice_services.list_uploads(owner_id=current_user.id, dataset_id=dataset.id),
        settings=settings,
        use=quota.use_of(current_user.id),
    )
