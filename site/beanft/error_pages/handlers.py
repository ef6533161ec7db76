"""Answers for what goes wrong, as a designed page or, where JSON was asked for, as JSON."""

import errno
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

import humanize
from flask import Flask, Response, current_app, jsonify, make_response, render_template, request
from flask_limiter.errors import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError, default_exceptions

from beanft.access import is_api
from beanft.engine.errors import BusyError, EngineError
from beanft.error_pages.sentences import API_TYPES, FORM_TOO_OLD, OTHER_HOST, Words, words_for
from beanft.extensions import db, limiter
from beanft.logs import request_id
from beanft.pages import is_fragment, json_in_order, wants_json

_RETRY_AFTER_S = 5  # the database waits ten seconds for its lock before it says that it is busy
_KEPT_HEADERS = {"allow", "retry-after", "www-authenticate", "content-range"}
# SQLite reports a mistake in our SQL as an operational error too; that is no moment's trouble.
_OUR_MISTAKES = ("no such", "syntax error", "has no column")

_log = logging.getLogger("beanft.errors")


def init_app(app: Flask) -> None:
    """Register the answers; an unforeseen exception reaches `_http_error` as a 500."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _old_form)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    app.register_error_handler(RateLimitExceeded, _too_often)
    app.register_error_handler(SecurityError, _other_host)
    app.register_error_handler(EngineError, _engine_error)
    app.register_error_handler(OperationalError, _database_error)
    app.register_error_handler(PoolTimeoutError, _database_error)
    app.register_error_handler(ObjectDeletedError, _deleted)
    app.register_error_handler(StaleDataError, _deleted)
    app.register_error_handler(OSError, _disk_error)


def _http_error(error: HTTPException) -> Response:
    if error.response is not None or error.code is None:
        return make_response(error)
    words = _words(error.code)
    own_words = error.description != getattr(default_exceptions.get(error.code), "description", None)
    if own_words and error.description and error.code != 500:
        words = Words(words.title, error.description)
    kept = {name: value for name, value in error.get_headers() if name.lower() in _KEPT_HEADERS}
    return _answer(error.code, words, kept)


def _old_form(error: CSRFError) -> Response:
    _log.info("form refused: %s", error.description)
    return _answer(400, _words(400) if is_api() else FORM_TOO_OLD)


def _too_large(_error: RequestEntityTooLarge) -> Response:
    words = _words(413)
    size = humanize.naturalsize(request.max_content_length or 0, binary=True, format="%.3g")
    most = size.replace("Byte", "byte")
    here = "This address" if is_api() else "This page"
    return _answer(413, Words(words.title, f"{here} accepts at most {most} at a time. Send less."))


def _too_often(_error: RateLimitExceeded) -> Response:
    limit = limiter.current_limit
    seconds = max(1, round(limit.reset_at - time.time())) if limit else 60
    _log.warning("too many tries from %s at %s", request.remote_addr, request.path)
    again = humanize.precisedelta(
        seconds, minimum_unit="minutes" if seconds > 120 else "seconds", format="%.0f"
    )
    words = Words(_words(429).title, f"This was tried too often in a short time. Try again in {again}.")
    return _answer(429, words, {"Retry-After": str(seconds)})


def _other_host(_error: SecurityError) -> Response:
    return _answer(400, Words(_words(400).title, OTHER_HOST), bare=True)


def _engine_error(error: EngineError) -> Response:
    if isinstance(error, BusyError):
        return _answer(503, Words(_words(503).title, str(error)), {"Retry-After": str(_RETRY_AFTER_S)})
    return _answer(422, Words(_words(422).title, str(error)))


def _database_error(error: SQLAlchemyError) -> Response:
    """Answer 503 when the database is busy or gone, without asking it anything more."""
    reason = str(getattr(error, "orig", error))  # without the statement, which holds what users typed
    if any(words in reason for words in _OUR_MISTAKES):
        raise error
    _log.error("the database did not answer: %s", reason)
    return _answer(503, _words(503), {"Retry-After": str(_RETRY_AFTER_S)}, bare=True)


def _disk_error(error: OSError) -> Response:
    """Say that the disk is full; any other trouble with files is a mistake of ours."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        raise error
    _log.error("the disk is full: %s", error)
    return _answer(507, _words(507))


def _deleted(_error: ObjectDeletedError) -> Response:
    """What the address names was there when the request began, and went while its body arrived."""
    return _answer(404, _words(404))


def _words(status: int) -> Words:
    return words_for(status, api=is_api())


def _answer(
    status: int, words: Words, headers: dict[str, str] | None = None, *, bare: bool = False
) -> Response:
    reference = request_id()
    if is_api():
        return problem(status, words, headers)
    if wants_json():
        facts = {"status": status, "title": words.title, "detail": words.detail, "reference": reference}
        response = jsonify(facts)
    else:
        response = make_response(_html(bare, status=status, words=words, reference=reference))
    response.status_code = status
    response.headers.update(headers or {})
    response.vary.add("Accept")
    return response


def problem(
    status: int,
    words: Words,
    headers: dict[str, str] | None = None,
    *,
    errors: Sequence[Mapping[str, Any]] = (),
    **more: Any,
) -> Response:
    """Answer a program as RFC 9457 says; `errors` say where each of several faults is.

    The type names the sort of problem for programs, the title and the detail name it for people.
    """
    body = {
        "type": f"urn:beanft:problem:{API_TYPES.get(status, 'other')}",
        "title": words.title,
        "status": status,
        "detail": words.detail,
    }
    faults = {"errors": list(errors)} if errors else {}
    facts = body | faults | more | {"reference": request_id()}
    response = json_in_order(facts, status, mimetype="application/problem+json")
    response.headers.update(headers or {})
    return response


def _html(bare: bool, **context: Any) -> str:
    """Draw the page in the frame of the site; in a bare one when even that fails, or must not be tried.

    The frame asks the database who is there, and the address book of the site where things are: both can
    be what has just failed.
    """
    if is_fragment():
        return _draw("error_pages/_box.html", **context)
    if not bare:
        try:
            db.session.rollback()
            return render_template("error_pages/page.html", **context)
        except Exception:
            _log.exception("the error page could not be drawn in its frame")
    return _draw("error_pages/bare.html", root=request.script_root, **context)


def _draw(template: str, **context: Any) -> str:
    """Render without Flask's context processors: Flask-Login's looks for the user in the database."""
    return current_app.jinja_env.get_template(template).render(**context)
