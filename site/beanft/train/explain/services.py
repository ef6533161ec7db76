"""Which questions about a model are asked, which answers are kept, and what a job is given for them."""

import hashlib
import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from beanft import audit, storage
from beanft.engine.learning.explaining.cases import Case, list_cases
from beanft.extensions import db
from beanft.jobs import enqueue
from beanft.models import Explanation, Job, TrainedModel

KINDS = ("overview", "effect", "pair", "row", "counter")
"""What can be asked."""
RECENT = 12
"""Earlier answers that a page lists."""

_TITLES = {
    "overview": "Explaining {title} for {target}",
    "effect": "Effect of {column} in {title}",
    "pair": "What {one} and {other} do together in {title}",
    "row": "Explaining row {row} by {title}",
    "counter": "What would change row {row} in {title}",
}
_LIMIT_S = 600.0  # the engine stops by itself after some three minutes
_MODEL = "sha256"  # part of each question: a model that was trained again is another one
_SAVED = "threshold"  # part of questions about rows, where one is saved
_BY_ROW = ("row", "counter")
_SEARCHED = 200  # answers looked through for those about one row


def ask(*, model: TrainedModel, kind: str, params: dict[str, Any]) -> Explanation:
    """Ask a question about a model; the same one is answered once, and again when it failed.

    `params` are those of `engine.learning.explaining.explain`.
    """
    made = find(model=model, kind=kind, params=params)
    if made is None:
        made = _add(model, kind, params)
    if made.job is None or made.state in ("failed", "cancelled"):
        _enqueue(made)
        audit.record(user_id=model.owner_id, action="explain", subject=f"model {model.id}")
    db.session.commit()
    return made


def ask_again(*, explanation: Explanation) -> None:
    """Ask a question that failed or was cancelled once more; any other is left alone."""
    ask(model=explanation.model, kind=explanation.kind, params=question_of(explanation))


def find(*, model: TrainedModel, kind: str, params: dict[str, Any]) -> Explanation | None:
    """The answer to a question, or what became of it so far."""
    same = (Explanation.model_id == model.id, Explanation.kind == kind)
    return db.session.scalar(
        select(Explanation).where(*same, Explanation.asked == _digest(kind, params | _marks(model, kind)))
    )


def recent(*, model: TrainedModel, kind: str) -> list[Explanation]:
    """The latest questions of a kind that were asked of a model as it is now, newest first."""
    return [one for one in _latest(model, kind) if is_current(one)][:RECENT]


def counters_of(*, explanation: Explanation) -> list[Explanation]:
    """What was asked about changes of the row of an explanation, newest first."""
    row = explanation.params_json["row"]
    found = _latest(explanation.model, "counter")
    return [one for one in found if one.params_json["row"] == row and is_current(one)]


def row_of_counter(*, counter: Explanation) -> Explanation | None:
    """The explanation of the row that a search for changes is about."""
    row = counter.params_json["row"]
    found = (one for one in _latest(counter.model, "row") if one.params_json["row"] == row)
    return next(found, None)


def is_current(explanation: Explanation) -> bool:
    """Whether the model is still the one that was explained."""
    params = explanation.params_json
    same = params.get(_SAVED) == _marks(explanation.model, explanation.kind).get(_SAVED)
    return same and params.get(_MODEL) == explanation.model.sha256


def has_outdated(model: TrainedModel) -> bool:
    """Whether answers are kept that are of the model before it was trained further."""
    asked = db.session.scalars(select(Explanation.params_json).where(Explanation.model_id == model.id))
    return any(params.get(_MODEL) not in (None, model.sha256) for params in asked)


def overview_of(model: TrainedModel) -> dict[str, Any] | None:
    """The newest explanation of a model, as it is now, as a whole; None where there is none yet."""
    made = (one.result_json for one in recent(model=model, kind="overview"))
    return next((result for result in made if result), None)


def question_of(explanation: Explanation) -> dict[str, Any]:
    """The parameters as they were asked."""
    return {name: value for name, value in explanation.params_json.items() if name not in (_MODEL, _SAVED)}


def cases_of(*, model: TrainedModel) -> list[Case]:
    """Rows worth explaining: the worst mistakes, the most uncertain, typical ones."""
    return list_cases(storage.folder(model.run.experiment.key), model.run.key, _threshold(model))


def column_names(model: TrainedModel) -> list[str]:
    """Names of the columns that a model takes."""
    return [column["name"] for column in model.schema_json["columns"]]


def job_arguments(*, explanation: Explanation) -> dict[str, Any]:
    """What the engine needs to answer."""
    model = explanation.model
    experiment = model.run.experiment
    version = experiment.version
    return {
        "kind": explanation.kind,
        "table": str(storage.folder(version.key) / "table.parquet"),
        "profile": version.profile.to_dict(),
        "folder": str(storage.folder(experiment.key)),
        "file": model.file,
        "sha256": model.sha256,
        "key": model.run.key,
        "params": question_of(explanation),
        "threshold": explanation.params_json.get(_SAVED),
    }


def store_result(*, explanation: Explanation, result: dict[str, Any]) -> None:
    """Keep an answer; the queue commits it together with the job's state."""
    explanation.result_json = result


def _marks(model: TrainedModel, kind: str) -> dict[str, Any]:
    """What an answer hangs on beside the question: the model, and for rows what counts as which class."""
    threshold = _threshold(model) if kind in _BY_ROW else None
    return {_MODEL: model.sha256} | ({_SAVED: threshold} if threshold else {})


def _threshold(model: TrainedModel) -> dict[str, Any] | None:
    saved = model.threshold_json
    return (
        {name: saved[name] for name in ("threshold", "positive")} if saved and saved.get("positive") else None
    )


def _latest(model: TrainedModel, kind: str) -> list[Explanation]:
    query = select(Explanation).where(Explanation.model_id == model.id, Explanation.kind == kind)
    return list(db.session.scalars(query.order_by(Explanation.id.desc()).limit(_SEARCHED)))


def _add(model: TrainedModel, kind: str, params: dict[str, Any]) -> Explanation:
    asked = params | _marks(model, kind)
    made = Explanation(
        owner_id=model.owner_id, model=model, kind=kind, asked=_digest(kind, asked), params_json=asked
    )
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError:  # the other request of the two was a moment quicker
        other = find(model=model, kind=kind, params=params)
        if other is None:
            raise
        return other
    return made


def _enqueue(explanation: Explanation) -> None:
    before: Job | None = explanation.job
    explanation.job = enqueue(
        kind="explain",
        owner_id=explanation.owner_id,
        title=title_of(explanation),
        subject="explanation",
        subject_id=explanation.id,
        time_limit_s=_LIMIT_S,
    )
    explanation.result_json = None
    if before is not None:
        db.session.flush()  # the explanation lets go of it first
        db.session.delete(before)


def title_of(explanation: Explanation) -> str:
    """What a question is called among the jobs and on its page."""
    run, params = explanation.model.run, explanation.params_json
    one, other = params.get("columns") or ("", "")
    return _TITLES[explanation.kind].format(
        title=run.title,
        target=run.experiment.target,
        column=params.get("column"),
        one=one,
        other=other,
        row=f"{params.get('row', 0) + 1:,}",
    )


def _digest(kind: str, params: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps([kind, params], sort_keys=True).encode()).hexdigest()
