"""Who may do what: login by default, @public, @needs, @accepts_body; the one query that finds an object."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, request
from flask_login import current_user
from sqlalchemy import ColumnElement, Select, and_, bindparam, false, select
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from beanft.database import release_locks
from beanft.extensions import csrf, db, login, settings
from beanft.models import ApiToken, Batch, Dataset, Experiment, Explanation, Job, TrainedModel, Upload

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
    "token": ApiToken,
}

_API = "/api/"
_QUERIES = 256
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_SEND_ONE = "Send a token in the header “Authorization: Bearer bft_…”. Your account page makes one."
_SHUT = {
    "unknown": "This token opens nothing: it is mistyped or revoked. Your account page makes a new one.",
    "expired": "This token has expired. Your account page makes a new one.",
}
_COOKIE_ALONE = (
    "A login in a browser is not enough to change or predict something through the API. " + _SEND_ONE
)
_IN_ADDRESS = (
    "A token does not belong in the address, which ends up in logs and histories. Revoke it, make a new one, "
    "and send that in the header “Authorization: Bearer bft_…”."
)


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


def needs(*scopes: str) -> Callable[[View], View]:
    """Say which tokens a view of the API answers to: those that have one of these scopes."""

    def mark(view: View) -> View:
        view.scopes = frozenset(scopes)  # type: ignore[attr-defined]  # a function attribute, read in _open_api
        return view

    return mark


def only_reads(view: View) -> View:
    """Mark a view that is asked by POST and writes nothing: it takes no lock on the database."""
    view.only_reads = True  # type: ignore[attr-defined]  # a function attribute, read in _open_api
    return view


def may_read() -> bool:
    """Whether the request at hand may read what its user has; a token without the scope “read” may not."""
    return "token_id" not in g or "read" in g.token_scopes


def in_reach(table: Any) -> ColumnElement[bool]:
    """The condition that the request at hand may see a row: it is the user's.

    A token that only predicts sees no more than it needs: the models, the batches that it made itself, and
    their jobs.
    """
    return _within(table, current_user.id, g.get("token_id"), narrow=not may_read())


def _within(table: Any, user_id: Any, token_id: Any, *, narrow: bool) -> ColumnElement[bool]:
    mine: ColumnElement[bool] = table.owner_id == user_id
    if not narrow or table is TrainedModel:
        return mine
    sent: ColumnElement[bool] = Batch.token_id == token_id
    own = select(Batch.id).where(Batch.owner_id == user_id, sent)
    is_of_one: ColumnElement[bool] = (Job.subject == "batch") & Job.subject_id.in_(own)
    if table is Batch:
        return and_(mine, sent)
    return and_(mine, is_of_one) if table is Job else false()


def loads(columns: Select[Any]) -> Callable[[View], View]:
    """Give a view these columns of the object in its address, and what is joined to it, as one plain row.

    For views that are asked often: an object of the ORM takes longer to make than to read.
    """

    def mark(view: View) -> View:
        view.load_columns = columns  # type: ignore[attr-defined]  # a function attribute, read in _load_objects
        return view

    return mark


def is_api() -> bool:
    """Whether the request at hand is one to the API."""
    return request.path.startswith(_API)


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
    app.url_value_preprocessor(_open_api)
    app.url_value_preprocessor(_load_objects)
    app.before_request(require_login)
    app.before_request(_limit_body)


def require_login() -> Any:
    """Send visitors to the login page, wherever a view is not marked @public."""
    if request.endpoint is None or is_public(request.endpoint) or current_user.is_authenticated:
        return None
    return login.unauthorized()


def _open_api(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let programs in by their token, to what its scopes open, before anything is looked up.

    A cookie alone reads, as in the browser's address bar; what changes or predicts something needs a token,
    or the CSRF token of a page of this site.
    """
    view = current_app.view_functions.get(endpoint or "")
    g.only_reads = getattr(view, "only_reads", False)
    if not is_api() or endpoint is None or is_public(endpoint):
        return
    if "bft_" in request.query_string.decode("ascii", "replace"):
        abort(400, _IN_ADDRESS)
    if not current_user.is_authenticated:
        raise _no_entry(_SHUT.get(g.get("token_problem", ""), _SEND_ONE))
    if "token_id" not in g:
        _require_own_page()
        return
    scopes: frozenset[str] = getattr(view, "scopes", frozenset())
    if not scopes.intersection(g.token_scopes):
        wanted = " or ".join(f"“{scope}”" for scope in sorted(scopes))
        abort(
            403, f"This token may not do this: it lacks the scope {wanted}. Your account page makes another."
        )


def _require_own_page() -> None:
    """Refuse what a cookie alone asks for, as any page elsewhere could make a browser ask."""
    if request.method in _SAFE_METHODS:
        return
    if not request.headers.get("X-CSRFToken"):
        raise _no_entry(_COOKIE_ALONE)
    csrf.protect()


def _no_entry(sentence: str) -> Unauthorized:
    problem = {"error": "invalid_token"} if "Authorization" in request.headers else {}
    return Unauthorized(sentence, www_authenticate=WWWAuthenticate("bearer", {"realm": "Beanft", **problem}))


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
    if request.content_length and not g.get("only_reads"):
        release_locks()


def _load_objects(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Replace each object's name in the address by the row that this user may see, or answer 404."""
    if not values or not current_user.is_authenticated:
        return  # visitors are sent to the login page next, and learn nothing of what exists
    columns = getattr(current_app.view_functions.get(endpoint or ""), "load_columns", None)
    named = values.keys() & _OBJECTS.keys()
    if columns is not None and len(named) != 1:
        raise TypeError("columns are of one object, and this address names several")
    for name in named:
        values[name] = find(_OBJECTS[name], values[name], columns)


def find(table: Any, reference: str | int, columns: Select[Any] | None = None) -> Any:
    """Return the object that `reference` names and the current user may see, or `columns` of it.

    Raises
    ------
    NotFound
        When there is none, or it is out of reach, as someone else's is: the two cannot be told apart.
    """
    by, wanted = _meant(table, str(reference))
    query = _query(table, by, not may_read(), columns)
    asked = {"wanted": wanted, "user_id": current_user.id, "token_id": g.get("token_id")}
    if columns is None:
        return db.session.scalar(query, asked) or abort(404)
    return db.session.connection().execute(query, asked).first() or abort(404)


def _meant(table: Any, reference: str) -> tuple[str, str | int]:
    """What a reference states: an id, an upload's key, or the owner's name of a dataset."""
    if "\0" in reference:
        abort(404)  # no database holds a name with it, and PostgreSQL fails on the question
    if table is Upload:
        return "key", reference
    if reference.isascii() and reference.isdigit() and len(reference) < 19:
        return "id", int(reference)
    return ("name", reference) if table is Dataset else abort(404)


@lru_cache(maxsize=_QUERIES)
def _query(table: Any, by: str, narrow: bool, columns: Select[Any] | None) -> Select[Any]:
    """The question for one object, put together once: every request asks one."""
    within = _within(table, bindparam("user_id"), bindparam("token_id"), narrow=narrow)
    asked = select(table) if columns is None else columns
    if table.__table__ not in set(asked.columns_clause_froms):
        raise TypeError(f"these are no columns of {table.__tablename__}")
    return asked.where(within, getattr(table, by) == bindparam("wanted"))
