"""Who may do what: login by default, @public, @accepts_body, and the one query that finds an object."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, request
from flask_login import current_user
from sqlalchemy import select

from beanft.extensions import db, login, settings
from beanft.models import Batch, Dataset, Experiment, Explanation, Job, TrainedModel, Upload

View = TypeVar("View", bound=Callable[..., Any])

# The name of a part of an address, and the table whose row it stands for.
_OBJECTS: dict[str, Any] = {
    "dataset": Dataset,
    "experiment": Experiment,
    "explanation": Explanation,
    "model": TrainedModel,
    "batch": Batch,
    "job": Job,
    "upload": Upload,
}


def public(view: View) -> View:
    """Mark a view that visitors without an account may see."""
    view.is_public = True  # type: ignore[attr-defined]  # a function attribute, read in _require_login
    return view


def accepts_body(limit: int | str) -> Callable[[View], View]:
    """Let a view receive a larger body than the usual MiB.

    `limit` is a number of bytes, or the name of a setting in MiB such as "slice_mb"; then one more MiB is
    allowed, for the form around the file.
    """

    def mark(view: View) -> View:
        view.body_limit = limit  # type: ignore[attr-defined]  # a function attribute, read in body_limit
        return view

    return mark


def body_limit(endpoint: str | None) -> int:
    """Most bytes that the body of a request to an endpoint may have."""
    view = current_app.view_functions.get(endpoint or "")
    limit = getattr(view, "body_limit", None)
    if isinstance(limit, str):
        return (int(getattr(settings, limit)) + 1) << 20
    return int(current_app.config["MAX_CONTENT_LENGTH"] if limit is None else limit)


def is_public(endpoint: str | None) -> bool:
    """Whether the view of an endpoint is marked @public; static files are."""
    view = current_app.view_functions.get(endpoint or "")
    return endpoint == "static" or getattr(view, "is_public", False)


def init_app(app: Flask) -> None:
    """Turn `<dataset>` and its like into rows, ask for a login everywhere, and limit bodies.

    The factory calls this before the CSRF check, which reads the form: a stranger's upload, or one that is
    too large, is refused before its body is.
    """
    app.url_value_preprocessor(_load_objects)
    app.before_request(require_login)
    app.before_request(_limit_body)


def require_login() -> Any:
    """Send visitors to the login page, wherever a view is not marked @public."""
    if request.endpoint is None or is_public(request.endpoint) or current_user.is_authenticated:
        return None
    return login.unauthorized()


def _limit_body() -> None:
    """Refuse a body that is too long for its view, and let no database lock wait for one that is coming.

    One of unknown length is refused too: Werkzeug cuts it off at the limit without a word.
    """
    limit = body_limit(request.endpoint)
    request.max_content_length = limit
    if request.content_length is None and "Transfer-Encoding" in request.headers:
        abort(411, "The request does not say how long it is. Send its length first.")
    if (request.content_length or 0) > limit:
        abort(413)
    if request.content_length:
        db.session.rollback()  # the rows at hand are read again when they are looked at


def _load_objects(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Replace each object's name in the address by the row that this user may see, or answer 404."""
    if not values or not current_user.is_authenticated:
        return  # visitors are sent to the login page next, and learn nothing of what exists
    for name in values.keys() & _OBJECTS.keys():
        values[name] = find(_OBJECTS[name], values[name])


def find(table: Any, reference: str | int) -> Any:
    """Return the row that `reference` names and the current user may see.

    Raises
    ------
    NotFound
        When there is none, or it is someone else's: the two cannot be told apart.
    """
    query = select(table).where(table.owner_id == current_user.id, _names(table, str(reference)))
    return db.session.scalar(query) or abort(404)


def _names(table: Any, reference: str) -> Any:
    """The condition that a reference states: an id, an upload's key, or the owner's name of a dataset."""
    if "\0" in reference:
        abort(404)  # no database holds a name with it, and PostgreSQL fails on the question
    if table is Upload:
        return Upload.key == reference
    if reference.isascii() and reference.isdigit() and len(reference) < 19:
        return table.id == int(reference)
    return Dataset.name == reference if table is Dataset else abort(404)
