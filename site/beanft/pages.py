"""What pages share: an answer for people or for programs, and the way back to where somebody came from."""

import math
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Response, abort, current_app, jsonify, make_response, render_template, request
from markupsafe import Markup

# An address of ours and nothing else: one slash, then printable ASCII without a backslash. Browsers read
# //host, /\host and tabs between them as another site, and Werkzeug turns "/<tab>/host" into "//host".
_LOCAL = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")


def wants_json() -> bool:
    """Whether the request prefers application/json to HTML."""
    best = request.accept_mimetypes.best_match(("text/html", "application/json"))
    return best == "application/json"


def is_fragment() -> bool:
    """Whether htmx asks for a part of the page only; going back in history it asks for the whole."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Request-Type") != "full"


def page_number() -> int:
    """The page of a list that the address asks for; the first where it says nothing that can be read."""
    number: int = request.args.get("page", 1, type=int)
    return number


def posted_object() -> dict[str, Any]:
    """The JSON object of the body; an empty one where nothing was sent.

    Raises
    ------
    BadRequest
        When the body is something else, or is nested so deeply that it cannot be read.
    """
    if not request.content_length:
        return {}
    try:
        found = request.get_json(silent=True)
    except RecursionError:
        found = None
    if not isinstance(found, dict):
        abort(400, "Send a JSON object with the content type application/json.")
    return found


def page(template: str, facts: dict[str, Any], status: int = 200, **context: Any) -> Response:
    """Render `template`, or answer `facts` as JSON with the same status.

    `facts` are plain values: what the page says of its object.
    """
    response = jsonify(facts) if wants_json() else make_response(render_template(template, **context))
    response.status_code = status
    response.vary.add("Accept")
    return response


def json_in_order(facts: Any, status: int = 200, *, mimetype: str = "application/json") -> Response:
    """Answer a program: names stand in the order in which they were put, text as it is."""
    text = current_app.json.dumps(facts, sort_keys=False, ensure_ascii=False)
    return current_app.response_class(text + "\n", status, mimetype=mimetype)


def json_value(value: Any) -> Any:
    """A cell as JSON knows it: dates and times in ISO 8601, and null for infinite numbers and NaN."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.isoformat() if hasattr(value, "isoformat") else value


def plain_lines(text: str) -> str:
    """What was sent as the table has it: browsers write line ends as CR LF, also in the names of columns."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def stored_text(text: str | None) -> str:
    """A text of several lines as it is stored: without NUL, which no database takes.

    >>> stored_text("a\\r\\nb\\0"), stored_text(None)
    ('a\\nb', '')
    """
    return plain_lines(text or "").replace("\0", "")


def local_address(address: str | None) -> str | None:
    """The path and query of an address of this site, whole or from its root; None for any other text.

    Visitors can write what they like into `next` and Referer; what is returned never leads to another host.
    """
    wanted = address or ""
    if not wanted.startswith("/"):
        wanted = _below_our_host(wanted)
    return wanted if _LOCAL.fullmatch(wanted) else None


def _below_our_host(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:  # such as “http://[”
        return ""
    if parts.netloc != request.host or parts.scheme not in ("http", "https"):
        return ""
    path = "/" + parts.path.lstrip("/\\")  # two slashes at its start would name another host
    return f"{path}?{parts.query}" if parts.query else path


def file_style(sheet: str) -> Markup:
    """One of our style sheets, for a page that is handed out as one file and may not ask for it."""
    return _style(Path(current_app.static_folder or "", "css", sheet))


@cache
def _style(path: Path) -> Markup:
    return Markup("<style>" + path.read_text(encoding="utf-8") + "</style>")  # noqa: S704  # our own file


def page_as_file(page: bytes, file_name: str) -> Response:
    """Hand out a page as a file; opened from here it still could not run anything."""
    response = make_response(page)
    response.mimetype = "text/html"
    response.headers.set("Content-Disposition", "attachment", filename=file_name)
    response.headers["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    )
    return response
