"""The pages that predict: a form for one row, a file for many, and what came of it."""

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, current_app, flash, redirect, request, send_file, url_for
from flask_login import current_user
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as Redirect

from beanft.access import accepts_body
from beanft.engine.errors import EngineError
from beanft.extensions import settings
from beanft.jobs import StillRunningError
from beanft.models import Batch, TrainedModel
from beanft.pages import is_fragment, page, page_number
from beanft.predict import services, tasks
from beanft.predict.answers import Answer, overall_worth
from beanft.predict.forms import BatchForm, fields_of, grouped
from beanft.predict.summary import n_repaired, repair_groups

bp = Blueprint("predict", __name__)

KIND = tasks.KIND
"""The kind of job that these pages start."""

_CSRF = "csrf_token"
_CHUNK_BYTES = 1 << 20
# Files of users are data: a browser saves them and never shows them as a page of this site.
_DOWNLOAD_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "no-store",
}


@bp.get("/models/<model>/predict")
def form(model: TrainedModel) -> Response:
    """The form of one row, filled in with an example or with what the address says."""
    return _form_page(model, values=_named(model, request.args.lists()))


@bp.post("/models/<model>/predict")
def answer(model: TrainedModel) -> Response:
    """The form with its prediction; for htmx the prediction alone."""
    values = _named(model, _posted())
    try:
        found = services.predict_row(model=model, values=values)
    except EngineError as error:
        return _form_page(model, values=values, failure=str(error), status=422)
    return _form_page(model, values=values, answer=found, status=422 if found.errors else 200)


@bp.route("/models/<model>/batches/new", methods=["GET", "POST"])
@accepts_body("form_upload_max_mb")
def new_batch(model: TrainedModel) -> Response | Redirect:
    """What a file must hold, the form to send one, and the batches there are."""
    batch_form = BatchForm()
    if batch_form.validate_on_submit():
        try:
            batch = _save(model, batch_form.file.data, batch_form.once.data)
            return redirect(url_for("predict.batch", batch=batch.id))
        except EngineError as error:
            batch_form.file.errors = [str(error)]
    return _new_batch_page(model, batch_form)


@bp.get("/models/<model>/template.csv")
def template(model: TrainedModel) -> Response:
    """A CSV with the right header and one row of examples."""
    text = services.template_csv(model=model)
    return _attachment(Response(text, mimetype="text/csv"), f"{model.run.experiment.target}-template.csv")


@bp.get("/batches/<batch>")
def batch(batch: Batch) -> Response:
    """A batch: its progress, then its predictions."""
    result = batch.result_json if batch.state == "ready" else None
    return page(
        "predict/batch.html",
        _batch_facts(batch),
        batch=batch,
        model=batch.model,
        result=result,
        groups=repair_groups(result) if result else [],
        n_repaired=n_repaired(result) if result else 0,
        worth=overall_worth(batch.model.run.experiment.task, services.worth_of(batch.model))
        if result
        else (),
        numbers=[name for name, kind, _ in services.needs_of(batch.model) if kind == "number"],
    )


@bp.get("/batches/<batch>/download")
def download(batch: Batch) -> Response:
    """The predictions as a file; `?safe=1` disarms formulas."""
    path = services.predictions_path(batch)
    if batch.state != "ready" or not path.is_file():
        abort(404)
    if request.args.get("safe") == "1":
        return _attachment(
            Response(services.safe_csv(path), mimetype="text/csv"), services.download_name(batch)
        )
    return _attachment(send_file(path, mimetype="text/csv"), services.download_name(batch))


@bp.get("/batches/<batch>/original")
def original(batch: Batch) -> Response:
    """The file as it came."""
    path = services.original_path(batch)
    if not path.is_file():
        abort(404)
    return _attachment(send_file(path, mimetype="application/octet-stream"), batch.original_name)


@bp.post("/batches/<batch>/retry")
def retry(batch: Batch) -> Redirect:
    """Predict a file again whose prediction failed."""
    services.retry(batch=batch)
    return redirect(url_for("predict.batch", batch=batch.id))


@bp.route("/batches/<batch>/delete", methods=["GET", "POST"])
def delete(batch: Batch) -> Response | Redirect:
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
    return page("predict/delete.html", facts, 409 if problem else 200, batch=batch, problem=problem)


def _form_page(
    model: TrainedModel,
    *,
    values: dict[str, str],
    answer: Answer | None = None,
    failure: str = "",
    status: int = 200,
) -> Response:
    errors = answer.errors if answer else {}
    fields = fields_of(services.columns_of(model), values, errors)
    return page(
        "predict/_answer.html" if is_fragment() else "predict/form.html",
        _form_facts(model, answer, failure),
        status,
        model=model,
        fields=fields,
        groups=grouped(fields),
        answer=answer,
        failure=failure,
        # htmx asks the form for `elements`; a column of that name would stand in for them.
        enhanced=all(field.name != "elements" for field in fields),
    )


def _form_facts(model: TrainedModel, answer: Answer | None, failure: str) -> dict[str, Any]:
    if answer:
        return answer.facts()
    if failure:
        errors = [{"row": None, "column": None, "code": "error", "sentence": failure, "text": failure}]
        return {"prediction": None, "probabilities": {}, "repairs": [], "errors": errors}
    return {
        "model": model.id,
        "target": model.run.experiment.target,
        "task": model.run.experiment.task,
        "columns": services.columns_of(model),
    }


def _posted() -> Iterator[tuple[str, list[str]]]:
    """The fields that were sent, without the CSRF token.

    A column may be called csrf_token too. The token comes first in the form, so what follows is the column's.
    """
    for name, texts in request.form.lists():
        mine = texts[1:] if name == _CSRF and current_app.config["WTF_CSRF_ENABLED"] else texts
        if mine:
            yield name, mine


def _named(model: TrainedModel, sent: Iterable[tuple[str, list[str]]]) -> dict[str, str]:
    """The values by the names of the columns and in their order, then what belongs to no column.

    Browsers write line ends in names and values as CR LF.
    """
    columns = {_plain_lines(column["name"]): column["name"] for column in services.columns_of(model)}
    values = {_plain_lines(name): _plain_lines(texts[-1]) for name, texts in sent}
    known = {name: values.pop(plain) for plain, name in columns.items() if plain in values}
    return known | values


def _plain_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _save(model: TrainedModel, file: FileStorage, form_key: str) -> Batch:
    chunks = iter(lambda: file.stream.read(_CHUNK_BYTES), b"")
    user_id: int = current_user.id
    return services.create_batch(
        model=model, user_id=user_id, name=file.filename or "", chunks=chunks, form_key=form_key
    )


def _new_batch_page(model: TrainedModel, batch_form: BatchForm) -> Response:
    listing = services.list_batches(model=model, page=page_number())
    errors = [str(error) for error in batch_form.file.errors]
    facts = {
        "model": model.id,
        "columns": [column["name"] for column in services.columns_of(model)],
        "batches": [_batch_facts(one, brief=True) for one in listing.items],
        **listing.numbers(),
        "errors": errors,
    }
    return page(
        "predict/new_batch.html",
        facts,
        422 if errors else 200,
        model=model,
        form=batch_form,
        columns=services.needs_of(model),
        listing=listing,
        limit_mb=settings.form_upload_max_mb,
    )


def _batch_facts(batch: Batch, *, brief: bool = False) -> dict[str, Any]:
    facts = {
        "id": batch.id,
        "state": batch.state,
        "model": batch.model_id,
        "file": batch.original_name,
        "sha256": batch.original_sha256,
        "n_rows": batch.n_rows,
        "error": batch.job.error if batch.job else None,
    }
    return facts if brief else facts | {"result": batch.result_json}


def _attachment(response: Response, name: str) -> Response:
    """Have a browser save the answer under a name, which is written as RFC 6266 says."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    names = {"filename": plain}
    if plain != name:
        names["filename*"] = f"UTF-8''{quote(name, safe='')}"
    response.headers.set("Content-Disposition", "attachment", **names)
    response.headers.update(_DOWNLOAD_HEADERS)
    return response
