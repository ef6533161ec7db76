"""The pages that explain a model: as a whole, one column or two, and one row."""

from typing import Any

from flask import Response, abort, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from beanft.models import Explanation, TrainedModel
from beanft.pages import is_fragment, page
from beanft.train.blueprint import bp
from beanft.train.explain import figures, services, words
from beanft.train.explain import tasks as _tasks  # noqa: F401  # registers the job
from beanft.train.explain.forms import CounterForm, EffectForm, OverviewForm, PairForm, RowForm


@bp.get("/models/<model>/explain")
def explain(model: TrainedModel) -> Response:
    """A model as a whole: what it needs, what columns do, which act together; and the way to its rows."""
    return _overview(model)


@bp.post("/models/<model>/explain")
def ask_overview(model: TrainedModel) -> AnyResponse:
    """Have a model explained as a whole."""
    form = OverviewForm(model)
    if not form.validate():
        return _overview(model, overview_form=form)
    label = form.chosen_label()
    services.ask(model=model, kind="overview", params={"label": label})
    return redirect(url_for("train.explain", model=model.id, label=label))


@bp.post("/models/<model>/explain/effects")
def ask_effect(model: TrainedModel) -> AnyResponse:
    """Have the effect of one column drawn, with single rows."""
    form = EffectForm(model)
    if not form.validate():
        return _overview(model, effect_form=form)
    params = {"column": form.column.data, "label": form.chosen_label()}
    return _opened(services.ask(model=model, kind="effect", params=params))


@bp.post("/models/<model>/explain/pairs")
def ask_pair(model: TrainedModel) -> AnyResponse:
    """Have drawn what two columns do together."""
    form = PairForm(model)
    if not form.validate():
        return _overview(model, pair_form=form)
    params = {"columns": [form.one.data, form.other.data], "label": form.chosen_label()}
    return _opened(services.ask(model=model, kind="pair", params=params))


@bp.get("/models/<model>/explain/rows")
def explain_rows(model: TrainedModel) -> Response:
    """Rows worth explaining, and the way to any other."""
    return _rows(model, RowForm(model))


@bp.post("/models/<model>/explain/rows")
def ask_row(model: TrainedModel) -> AnyResponse:
    """Have one row explained."""
    form = RowForm(model)
    if not form.validate():
        return _rows(model, form)
    params = {"row": (form.row.data or 0) - 1, "label": form.chosen_label()}
    return _opened(services.ask(model=model, kind="row", params=params))


@bp.get("/explanations/<explanation>")
def explanation(explanation: Explanation) -> AnyResponse:
    """One answer: a column's effect, two columns together, or a row; as a fragment while it is made."""
    if explanation.kind == "overview":
        label = explanation.params_json.get("label")
        return redirect(url_for("train.explain", model=explanation.model_id, label=label))
    if explanation.kind == "counter":
        return redirect(_row_address(explanation))
    return _explanation(explanation)


@bp.post("/explanations/<explanation>/counter")
def ask_counter(explanation: Explanation) -> AnyResponse:
    """Have a search made for what would have changed the prediction of a row."""
    if explanation.kind != "row":
        abort(404)
    form = CounterForm(explanation.model)
    if not form.validate():
        return _explanation(explanation, form)
    params = form.question(explanation.params_json["row"])
    services.ask(model=explanation.model, kind="counter", params=params)
    return redirect(url_for("train.explanation", explanation=explanation.id) + "#changes")


@bp.post("/explanations/<explanation>/again")
def ask_again(explanation: Explanation) -> AnyResponse:
    """Ask a question that failed or was cancelled once more."""
    services.ask_again(explanation=explanation)
    return redirect(url_for("train.explanation", explanation=explanation.id))


@bp.get("/explanations/<explanation>/figures/<name>")
def explanation_figure(explanation: Explanation, name: str) -> Response:
    """One picture of an answer."""
    option = figures.figure(name, explanation.result_json or {})
    return jsonify(option) if option else abort(404)


def _overview(
    model: TrainedModel,
    *,
    overview_form: OverviewForm | None = None,
    effect_form: EffectForm | None = None,
    pair_form: PairForm | None = None,
) -> Response:
    label = request.args.get("label")
    label = label if label in model.labels else None
    made = services.find(model=model, kind="overview", params={"label": label})
    forms = [form for form in (overview_form, effect_form, pair_form) if form is not None]
    errors = {name: list(found) for form in forms for name, found in form.errors.items()}
    return page(
        "train/explain/_overview.html" if is_fragment() else "train/explain/overview.html",
        facts_of(made) | {"model": model.id, "errors": errors},
        422 if errors else 200,
        model=model,
        explanation=made,
        label=label,
        result=made.result_json if made and made.state == "ready" else None,
        overview_form=overview_form or OverviewForm(model),
        effect_form=effect_form or EffectForm(model),
        pair_form=pair_form or PairForm(model),
        earlier=[*services.recent(model=model, kind="effect"), *services.recent(model=model, kind="pair")],
        title_of=services.title_of,
        words=words,
        most_bars=figures.MOST_BARS,
    )


def _rows(model: TrainedModel, form: RowForm) -> Response:
    cases = services.cases_of(model=model)
    errors = {name: list(found) for name, found in form.errors.items()}
    return page(
        "train/explain/rows.html",
        {"model": model.id, "rows": [vars(case) | {"row": case.row + 1} for case in cases], "errors": errors},
        422 if errors else 200,
        model=model,
        form=form,
        cases=cases,
        earlier=services.recent(model=model, kind="row"),
        words=words,
    )


def _explanation(explanation: Explanation, form: CounterForm | None = None) -> Response:
    counters = services.counters_of(explanation=explanation) if explanation.kind == "row" else []
    errors = {name: list(found) for name, found in form.errors.items()} if form else {}
    return page(
        "train/explain/_explanation.html" if is_fragment() else "train/explain/explanation.html",
        facts_of(explanation) | {"counters": [facts_of(one) for one in counters], "errors": errors},
        422 if errors else 200,
        explanation=explanation,
        model=explanation.model,
        result=explanation.result_json if explanation.state == "ready" else None,
        title=services.title_of(explanation),
        current=services.is_current(explanation),
        counters=counters,
        form=form or CounterForm(explanation.model),
        words=words,
    )


def _opened(explanation: Explanation) -> AnyResponse:
    return redirect(url_for("train.explanation", explanation=explanation.id))


def _row_address(counter: Explanation) -> str:
    """The page of the row that a search for changes is about."""
    row = services.row_of_counter(counter=counter)
    if row is None:
        return url_for("train.explain_rows", model=counter.model_id)
    return url_for("train.explanation", explanation=row.id) + "#changes"


def facts_of(explanation: Explanation | None) -> dict[str, Any]:
    """An explanation as plain values; its state is “none” before anybody asked."""
    if explanation is None:
        return {"id": None, "state": "none", "result": None}
    job = explanation.job
    return {
        "id": explanation.id,
        "model": explanation.model_id,
        "kind": explanation.kind,
        "state": explanation.state,
        "question": services.question_of(explanation),
        "progress": job.progress if job else None,
        "job": job.id if job else None,
        "error": job.error if job else None,
        "result": explanation.result_json,
    }
