"""Lists in pages: what a program asks for, and the headers that say where it is."""

import json
from collections.abc import Callable
from typing import Any

from flask import Response, request
from marshmallow import Schema, fields, validate
from sqlalchemy import Select, func
from sqlalchemy.sql.base import ExecutableOption

from beanft.extensions import db
from beanft.pages import json_in_order

PAGE_SIZE = 25
MOST = 100
_LAST = 1_000_000

HEADERS = {
    "X-Pagination": {
        "description": "JSON with page, page_size, n_pages and total.",
        "schema": {"type": "string"},
    },
    "Link": {
        "description": "Addresses of the first, prev, next and last page (RFC 8288).",
        "schema": {"type": "string"},
    },
}
"""What the answers of lists carry, for the OpenAPI document."""


class PageArguments(Schema):
    """Which page of a list, and how long a page is."""

    page = fields.Integer(
        load_default=1,
        validate=validate.Range(1, _LAST, error=f"A page is a number from 1 to {_LAST:,}."),
        metadata={"description": "Number of the page, from 1."},
    )
    page_size = fields.Integer(
        load_default=PAGE_SIZE,
        validate=validate.Range(1, MOST, error=f"A page has 1 to {MOST} items."),
        metadata={"description": "Items on a page."},
    )


def list_of(
    query: Select[Any],
    asked: dict[str, int],
    of_item: Callable[[Any], dict[str, Any]],
    *options: ExecutableOption,
) -> Response:
    """One page of what a query finds; a page behind the last one is empty."""
    page, size = asked["page"], asked["page_size"]
    total = db.session.scalar(
        query.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    )
    rows = db.session.scalars(query.options(*options).limit(size).offset((page - 1) * size)).unique().all()
    numbers = {
        "page": page,
        "page_size": size,
        "n_pages": max(1, -(-(total or 0) // size)),
        "total": total or 0,
    }
    answer = json_in_order({"items": [of_item(row) for row in rows], **numbers})
    answer.headers["X-Pagination"] = json.dumps(numbers)
    answer.headers["Link"] = _links(page, size, numbers["n_pages"])
    return answer


def _links(page: int, size: int, n_pages: int) -> str:
    here = f"{request.script_root}{request.path}"
    pages = {"first": 1, "prev": page - 1, "next": page + 1, "last": n_pages}
    return ", ".join(
        f'<{here}?page={number}&page_size={size}>; rel="{name}"'
        for name, number in pages.items()
        if 1 <= number <= n_pages
    )
