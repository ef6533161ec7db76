"""The pages that predict one row in a form: from an example, a row of the table, or what an address says."""

from collections.abc import Iterable, Iterator
from typing import Any

from flask import Response, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from beanft.access import only_reads
from beanft.engine.errors import EngineError
from beanft.engine.learning.uncertainty.quantiles import LEVELS
from beanft.models import TrainedModel
from beanft.pages import is_fragment, page, plain_lines
from beanft.predict import rows, services, starts
from beanft.predict.answers import Answer
from beanft.predict.blueprint import bp
from beanft.predict.forms import fields_of, layout_of
from beanft.predict.pictures import picture_of
from beanft.predict.starts import Start
from beanft.predict.why import Why

_CSRF = "csrf_token"
_PARTS = {"answer": "predict/_answer.html", "why": "predict/_why.html"}


@bp.get("/models/<model>/predict")
def form(model: TrainedModel) -> Response:
    """The form of one row, filled in with an example or with what the address says."""
    return _form_page(model, values=_named(model, request.args.lists()))


@bp.post("/models/<model>/predict")
@only_reads
def answer(model: TrainedModel) -> Response:
    """The form with its prediction and the reasons; for a script one part of them alone."""
    values, part = _named(model, _posted()), request.args.get("part", "answer")
    found, why = None, None
    try:
        if part != "why":
            found = services.predict_row(model=model, values=values, level=_level())
        if part == "why" or not (is_fragment() or found is None or found.errors):
            why = services.why_row(model=model, values=values, label=_label(model))
    except EngineError as error:
        return _form_page(model, values=values, failure=str(error), status=422)
    wrong = found.errors if found else why is None
    return _form_page(model, values=values, answer=found, why=why, status=422 if wrong else 200)


@bp.get("/models/<model>/predict/rows")
def start(model: TrainedModel) -> AnyResponse:
    """The way to the form filled in with a row of the table: that of a number, or one drawn by chance."""
    wanted = request.args.get("row", "").strip().replace(",", "")
    if not wanted:
        return redirect(url_for("predict.start_row", model=model.id, row=starts.any_row(model)))
    if not wanted.isdecimal() or len(wanted) > 15:
        return _form_page(model, values={}, no_start=f"“{wanted[:40]}” is no number of a row.", status=422)
    return redirect(url_for("predict.start_row", model=model.id, row=int(wanted)))


@bp.get("/models/<model>/predict/rows/<int:row>")
def start_row(model: TrainedModel, row: int) -> Response:
    """The form filled in with a row of the table."""
    try:
        found = starts.start_of(model=model, row=row)
    except EngineError as error:
        return _form_page(model, values={}, no_start=str(error), status=404)
    return _form_page(model, values=found.values, start=found)


def _form_page(
    model: TrainedModel,
    *,
    values: dict[str, str],
    answer: Answer | None = None,
    why: Why | None = None,
    start: Start | None = None,
    failure: str = "",
    no_start: str = "",
    status: int = 200,
) -> Response:
    errors = answer.errors if answer else {}
    columns = services.columns_of(model)
    fields = fields_of(columns, values, errors, services.shapes_of(model))
    part = _PARTS.get(request.args.get("part", "answer"), _PARTS["answer"])
    return page(
        part if is_fragment() else "predict/form.html",
        _form_facts(model, answer, why, failure or no_start) | ({"start": vars(start)} if start else {}),
        status,
        model=model,
        fields=fields,
        layout=layout_of(fields, services.weights_of(model)),
        answer=answer,
        picture=picture_of(answer, services.target_of(model)) if answer else None,
        why=why,
        start=start,
        enhanced=is_fragment(),
        failure=failure,
        no_start=no_start,
        n_rows=starts.n_rows_of(model),
        levels=LEVELS,
        level=_level(),
        labels=model.labels,
        label=_label(model),
    )


def _form_facts(model: TrainedModel, answer: Answer | None, why: Why | None, failure: str) -> dict[str, Any]:
    if failure:
        errors = [{"row": None, "column": None, "code": "error", "sentence": failure, "text": failure}]
        return {"prediction": None, "probabilities": {}, "repairs": [], "errors": errors}
    if answer or why:
        return (answer.facts() if answer else {}) | ({"why": why.facts()} if why else {})
    return {
        "model": model.id,
        "target": model.run.experiment.target,
        "task": model.run.experiment.task,
        "columns": services.columns_of(model),
    }


def _level() -> float:
    """The level that was asked for, in percent; the usual one where it is none of those offered.

    It stands in the address of what is posted, where no column can have its name.
    """
    wanted = request.args.get("level", "") if request.method == "POST" else ""
    return next((level for level in LEVELS if f"{100 * level:.6g}" == wanted), rows.USUAL_LEVEL)


def _label(model: TrainedModel) -> str | None:
    """The class whose probability is to be explained; None where nobody chose one."""
    wanted = request.args.get("label") if request.method == "POST" else None
    return wanted if wanted in model.labels else None


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
    columns = {plain_lines(column["name"]): column["name"] for column in services.columns_of(model)}
    values = {plain_lines(name): plain_lines(texts[-1]) for name, texts in sent}
    known = {name: values.pop(plain) for plain, name in columns.items() if plain in values}
    return known | values
