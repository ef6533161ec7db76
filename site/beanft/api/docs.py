"""The OpenAPI document, and the page that shows it and sends tries."""

from typing import Any

from flask import Blueprint, Flask, Response, current_app, render_template, request

from beanft.access import public
from beanft.pages import json_in_order

bp = Blueprint("api_docs", __name__, url_prefix="/api")

_KEPT = "beanft-openapi"


def keep(app: Flask, document: dict[str, Any]) -> None:
    """Keep the document, which does not change while the site runs, and name its tags once."""
    document["tags"] = [tag for tag in document.get("tags", ()) if tag["name"] != "api"]
    app.extensions[_KEPT] = document


@bp.get("/docs")
@public
def docs() -> str:
    """Everything that a program can ask for, to read and to try."""
    return render_template("api/docs.html")


@bp.get("/v1/openapi.json")
@public
def document() -> Response:
    """The description of the API, from which clients are made; it names the address it was asked at."""
    answer = json_in_order(
        {**current_app.extensions[_KEPT], "servers": [{"url": request.url_root.rstrip("/")}]}
    )
    answer.headers["Cache-Control"] = "no-cache"
    return answer
