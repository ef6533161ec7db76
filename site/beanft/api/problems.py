"""What goes wrong for a program: problem+json (RFC 9457) with a fault for each row and column."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Flask, Response

from beanft.engine.learning.inputs import Remark
from beanft.error_pages.handlers import problem
from beanft.error_pages.sentences import Words

_TITLES = {
    400: "This request cannot be read",
    409: "This cannot be done now",
    413: "This is too large",
    415: "This kind of content is not understood",
    422: "What was sent does not fit",
}


class ProblemError(Exception):
    """A request cannot be done; `errors` say where each fault is, as `fault` makes them."""

    def __init__(
        self, detail: str, *, status: int = 422, errors: Iterable[Mapping[str, Any]] = (), **more: Any
    ) -> None:
        super().__init__(detail)
        self.detail, self.status, self.errors, self.more = detail, status, list(errors), more


def fault(
    sentence: str,
    *,
    row: int | None = None,
    column: str | None = None,
    field: str | None = None,
    code: str = "error",
) -> dict[str, Any]:
    """One fault: a sentence and its place, a row with a column or a field of the request."""
    return {"row": row, "column": column, "field": field, "code": code, "sentence": sentence}


def of_remark(remark: Remark) -> dict[str, Any]:
    """A remark of the input checker as a fault."""
    return fault(remark.sentence, row=remark.row, column=remark.column, code=remark.code)


def init_app(app: Flask) -> None:
    """Answer problems of the API."""
    app.register_error_handler(ProblemError, _answer)


def _answer(error: ProblemError) -> Response:
    words = Words(_TITLES[error.status], error.detail)
    return problem(error.status, words, errors=error.errors, **error.more)
