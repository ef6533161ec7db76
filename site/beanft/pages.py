"""One answer for people and programs: a template, or its main facts as JSON where JSON was asked for."""

from typing import Any

from flask import Response, jsonify, make_response, render_template, request


def wants_json() -> bool:
    """Whether the request prefers application/json to HTML."""
    best = request.accept_mimetypes.best_match(("text/html", "application/json"))
    return best == "application/json"


def is_fragment() -> bool:
    """Whether htmx asks for a part of the page only; going back in history it asks for the whole."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Request-Type") != "full"


def page(template: str, facts: dict[str, Any], status: int = 200, **context: Any) -> Response:
    """Render `template`, or answer `facts` as JSON with the same status.

    `facts` are plain values: what the page says of its object.
    """
    response = jsonify(facts) if wants_json() else make_response(render_template(template, **context))
    response.status_code = status
    response.vary.add("Accept")
    return response
