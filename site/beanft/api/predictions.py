"""Predictions of rows: one or many in a request, answered at once."""

from typing import Any

from flask import Response
from sqlalchemy import Row

from beanft.access import accepts_body, loads, may_read, needs, only_reads
from beanft.api.blueprint import bp
from beanft.api.problems import ProblemError, fault, of_remark
from beanft.api.schemas import Predictions, RowsToPredict
from beanft.extensions import settings
from beanft.pages import json_in_order
from beanft.predict.rows import Predicted, predict_many
from beanft.predict.served import COLUMNS, served_by

BODY_BYTES = 4 << 20
REASONS_MOST = 20
"""Rows whose reasons one request may ask for; each takes up to half a second."""

_EXAMPLE = {"rows": [{"age": 42, "city": "Oslo", "member": True, "since": None}], "level": 0.9}


@bp.route("/models/<int:model>/predictions", methods=["POST"], tags=["predictions"])
@needs("predict")
@only_reads
@loads(COLUMNS)
@accepts_body(BODY_BYTES)
@bp.doc(operationId="predict", summary="Predict one row or many")
@bp.arguments(RowsToPredict(), example=_EXAMPLE, arg_name="asked")
@bp.response(200, Predictions)
def predict(model: Row[Any], asked: dict[str, Any]) -> Response:
    """Each row gets its prediction, an interval or a set, warnings, and what was repaired in it.

    A row that cannot be read refuses the request; every fault is named by row and column. Nothing of the rows
    is kept, and a row's answer does not depend on the others.
    """
    _check_number(asked)
    about = {"model": model.id, "target": model.target, "task": model.task}
    predicted = predict_many(
        model=served_by(model),
        rows=asked["rows"],
        level=asked["level"],
        reasons=asked["reasons"],
        label=asked["label"],
    )
    if predicted.n_errors:
        raise _refused(predicted)
    return json_in_order(
        about
        | {
            "level": predicted.level,
            "predictions": [_within_reach(one) for one in predicted.answers],
            "baseline": predicted.baseline,
            "better_than_guessing": predicted.better,
            "limits": list(predicted.limits),
            "uncertainty": predicted.uncertainty,
            "confidence_meaning": predicted.confidence_meaning,
            "rule": predicted.rule,
            "repair_counts": predicted.repair_counts,
        }
    )


def _within_reach(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer; for who may not read, without the rows of the training table that are similar."""
    if may_read() or "reasons" not in answer:
        return answer
    return answer | {"reasons": {part: said for part, said in answer["reasons"].items() if part != "similar"}}


def _check_number(asked: dict[str, Any]) -> None:
    """Refuse no rows, and more than a request may take while somebody waits for its answer."""
    n_rows, most = len(asked["rows"]), settings.api_rows_max
    if not n_rows:
        sentence = "Send at least one row."
    elif n_rows > most:
        sentence = f"{n_rows:,} rows are more than the {most:,} of one request. Send them as a batch."
    elif asked["reasons"] and n_rows > REASONS_MOST:
        sentence = f"Reasons are given for at most {REASONS_MOST} rows of a request, and {n_rows:,} came."
    else:
        return
    raise ProblemError(sentence, errors=[fault(sentence, field="rows")])


def _refused(predicted: Predicted) -> ProblemError:
    first, n_errors = predicted.errors[0], predicted.n_errors
    more = f" And {n_errors - 1:,} more, see “errors”." if n_errors > 1 else ""
    return ProblemError(
        first.text + more, errors=[of_remark(one) for one in predicted.errors], n_errors=n_errors
    )
