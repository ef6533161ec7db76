"""The pages that predict a whole table: what it must hold, its progress, and what came of it."""

import unicodedata
from typing import Any
from urllib.parse import quote

from flask import Response, abort, flash, jsonify, redirect, request, send_file, url_for
from flask_login import current_user
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as Redirect
from wtforms import SelectChoice

from beanft import file_names
from beanft.access import accepts_body
from beanft.engine.charts.batches import predicted_figure
from beanft.engine.errors import BusyError, EngineError
from beanft.jobs import StillRunningError
from beanft.models import Batch, TrainedModel
from beanft.pages import page, page_number, posted_object
from beanft.predict.batches import downloads, needs, services, shown
from beanft.predict.batches import tasks as _tasks  # noqa: F401  # registers the jobs
from beanft.predict.batches.address import BatchAddress
from beanft.predict.batches.facts import facts_of
from beanft.predict.batches.forms import BatchForm, DatasetForm
from beanft.predict.blueprint import bp

_CHUNK_BYTES = 1 << 20
_LONGEST = 10  # characters of a level
# Files of users are data: a browser saves them and never shows them as a page of this site.
_DOWNLOAD_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "no-store",
}


@bp.get("/batches")
def batches() -> Response:
    """All tables that the user had predicted, newest first."""
    listing = services.list_all(user_id=current_user.id, page=page_number())
    facts = {"batches": [facts_of(one, brief=True) for one in listing.items], **listing.numbers()}
    return page("predict/batches/index.html", facts, listing=listing)


@bp.route("/models/<model>/batches/new", methods=["GET", "POST"])
@accepts_body("form_upload_max_mb")
def new_batch(model: TrainedModel) -> Response | Redirect:
    """What a file must hold, the forms to send one or choose a dataset, and the batches there are."""
    form = BatchForm()
    if form.validate_on_submit():
        try:
            return redirect(url_for("predict.batch", batch=_save(model, form).id))
        except EngineError as error:
            form.file.errors = [str(error)]
    return _new_batch_page(model, form, DatasetForm(formdata=None))


@bp.post("/models/<model>/batches/datasets")
def new_dataset_batch(model: TrainedModel) -> Response | Redirect:
    """Predict a version of a dataset."""
    form = DatasetForm()
    try:
        made = _choose(model, form)
    except EngineError as error:
        form.version.errors = [str(error)]
        return _new_batch_page(model, BatchForm(formdata=None), form)
    return redirect(url_for("predict.batch", batch=made.id))


@bp.post("/models/<model>/batches/uploads/<key>")
def new_upload_batch(model: TrainedModel, key: str) -> Any:
    """Predict a file that arrived in slices: JSON with sheet, level and unreadable_as_missing."""
    asked, user_id = posted_object(), current_user.id
    sheet = asked.get("sheet") if isinstance(asked.get("sheet"), str) else ""
    try:
        batch = services.create_from_upload(
            model=model,
            user_id=user_id,
            key=key,
            sheet=sheet or "",
            level=_level(asked.get("level")),
            unreadable_as_missing=asked.get("unreadable_as_missing") is True,
        )
    except EngineError as error:
        return jsonify(detail=str(error)), 422
    if batch is None:
        abort(404)
    return jsonify(id=batch.id, url=url_for("predict.batch", batch=batch.id)), 201


@bp.get("/models/<model>/template.csv")
def template(model: TrainedModel) -> Response:
    """A CSV with the right header and one row of examples."""
    text = needs.template_csv(model=model)
    name = file_names.file_name(f"{model.run.experiment.target}-template.csv".replace("/", "-"))
    return _attachment(Response(text, mimetype="text/csv"), name)


@bp.get("/batches/<batch>")
def batch(batch: Batch) -> Response:
    """A batch: its progress, then its predictions and what is to be known of them."""
    if not services.has_results(batch):
        facts = facts_of(batch)
        return page("predict/batches/batch.html", facts, batch=batch, model=batch.model, result=None)
    address = BatchAddress.read(request.args, batch.result_json or {})
    rows = shown.rows_of(batch, address)
    facts = facts_of(batch) | {"predictions": rows.facts()}
    context = shown.context_of(batch)
    return page("predict/batches/batch.html", facts, rows.status, address=address, rows=rows, **context)


@bp.get("/batches/<batch>/rows")
def batch_rows(batch: Batch) -> Response:
    """The table of predictions alone, for htmx and for programs."""
    if not services.has_results(batch):
        abort(404)
    address = BatchAddress.read(request.args, batch.result_json or {})
    rows = shown.rows_of(batch, address)
    context = shown.table_context(batch) | {"address": address, "rows": rows}
    response = page("predict/batches/_rows.html", rows.facts(), rows.status, **context)
    # The address of the whole page, so that going back, and a link sent to others, lead to these rows.
    response.headers["HX-Push-Url"] = url_for("predict.batch", batch=batch.id, **address.args())
    return response


@bp.get("/batches/<batch>/figures/<name>")
def batch_figure(batch: Batch, name: str) -> Response:
    """What was predicted, as a picture."""
    if not services.has_results(batch) or name != "predicted":
        abort(404)
    return jsonify(predicted_figure((batch.result_json or {})["summary"], batch.model.run.experiment.target))


@bp.get("/batches/<batch>/download")
def download(batch: Batch) -> Any:
    """The predictions as a file: `?format=` csv, safe (formulas disarmed), parquet or xlsx."""
    if not services.has_results(batch):
        abort(404)
    chosen = request.args.get("format") or ("safe" if request.args.get("safe") == "1" else "csv")
    name = downloads.download_name(batch, chosen) if chosen in downloads.TYPES else ""
    try:
        file = downloads.write(batch=batch, format=chosen)
    except BusyError:
        raise  # answered with 503 and when to come again
    except EngineError as error:
        abort(409 if chosen in downloads.TYPES else 422, str(error))
    return _attachment(send_file(file, mimetype=downloads.TYPES[chosen]), name)


@bp.post("/batches/<batch>/workbook")
def ask_workbook(batch: Batch) -> Redirect:
    """Have a large workbook written."""
    try:
        services.ask_workbook(batch=batch)
    except EngineError as error:
        flash(str(error), "error")
    return redirect(url_for("predict.batch", batch=batch.id) + "#downloads")


@bp.get("/batches/<batch>/original")
def original(batch: Batch) -> Response:
    """The file as it came."""
    path = services.original_path(batch)
    if not path.is_file():
        abort(404)
    return _attachment(send_file(path, mimetype="application/octet-stream"), batch.original_name)


@bp.post("/batches/<batch>/retry")
def retry_batch(batch: Batch) -> Redirect:
    """Predict a table again whose prediction failed; `unreadable`, refuse or missing, says how."""
    as_missing = {"refuse": False, "missing": True}.get(request.form.get("unreadable", ""))
    services.retry(batch=batch, unreadable_as_missing=as_missing)
    return redirect(url_for("predict.batch", batch=batch.id))


@bp.route("/batches/<batch>/delete", methods=["GET", "POST"])
def delete_batch(batch: Batch) -> Response | Redirect:
    """Ask, then delete a batch."""
    name, model_id, problem = batch.original_name, batch.model_id, None
    if request.method == "POST":
        try:
            services.delete_batch(batch=batch)
        except StillRunningError as error:
            problem = str(error)
        else:
            flash(f"“{name}” and its predictions were deleted.", "ok")
            return redirect(url_for("predict.new_batch", model=model_id))
    facts = {"id": batch.id, "file": name, "error": problem}
    return page("predict/batches/delete.html", facts, 409 if problem else 200, batch=batch, problem=problem)


def _save(model: TrainedModel, form: BatchForm) -> Batch:
    """Queue the prediction of the file that was sent."""
    file: FileStorage = form.file.data
    made = services.create_batch(
        model=model,
        user_id=current_user.id,
        name=file.filename or "",
        chunks=iter(lambda: file.stream.read(_CHUNK_BYTES), b""),
        form_key=form.once.data or "",
        sheet=form.sheet.data or "",
        level=float(form.level.data),
        unreadable_as_missing=form.unreadable_as_missing.data,
    )
    return made or abort(404)


def _choose(model: TrainedModel, form: DatasetForm) -> Batch:
    """Queue the prediction of the dataset that was chosen."""
    user_id = current_user.id
    version = services.find_version(user_id=user_id, version_id=form.version.data)
    if version is None or not form.validate():
        raise EngineError("Choose a dataset and a level of the lists.")
    key, level = form.once.data or "", float(form.level.data)
    made = services.create_from_dataset(
        model=model,
        user_id=user_id,
        version=version,
        level=level,
        unreadable_as_missing=form.unreadable_as_missing.data,
        form_key=key,
    )
    return made or abort(404)


def _level(asked: Any) -> float:
    """The level of a JSON object; the usual one where it says nothing, and none where that is no number."""
    if asked is None:
        return 0.9
    text = str(asked)
    return float(text) if text.replace(".", "", 1).isdecimal() and len(text) < _LONGEST else 0.0


def _new_batch_page(model: TrainedModel, form: BatchForm, dataset_form: DatasetForm) -> Response:
    errors = [str(error) for one in (form, dataset_form) for found in one.errors.values() for error in found]
    context = shown.new_context(model, user_id=current_user.id, page=page_number())
    facts = {
        "model": model.id,
        "columns": [name for name, _, _ in context["columns"]],
        "batches": [facts_of(one, brief=True) for one in context["listing"].items],
        **context["listing"].numbers(),
        "errors": errors,
    }
    dataset_form.version.choices = [SelectChoice(str(number), words) for number, words in context["choices"]]
    return page(
        "predict/batches/new_batch.html",
        facts,
        422 if errors else 200,
        form=form,
        dataset_form=dataset_form,
        **context,
    )


def _attachment(response: Response, name: str) -> Response:
    """Have a browser save the answer under a name, which is written as RFC 6266 says."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    names = {"filename": plain}
    if plain != name:
        names["filename*"] = f"UTF-8''{quote(name, safe='')}"
    response.headers.set("Content-Disposition", "attachment", **names)
    response.headers.update(_DOWNLOAD_HEADERS)
    return response
