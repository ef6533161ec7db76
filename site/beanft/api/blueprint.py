"""The one flat blueprint of the API, to which every resource attaches, and what all of them do alike."""

from collections.abc import Mapping
from typing import Any, NoReturn

from flask import Request
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import ValidationError
from webargs.flaskparser import FlaskParser

from beanft.api.body import read_object
from beanft.api.problems import ProblemError, fault
from beanft.extensions import csrf, limiter, settings


class _Parser(FlaskParser):
    """Reads bodies strictly, and says in plain words what is wrong with arguments."""

    DEFAULT_UNKNOWN_BY_LOCATION = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {"query": None}

    def load_json(self, req: Request, _schema: Any) -> Any:
        """The object of the body."""
        return read_object(req)

    def handle_error(self, error: Any, req: Any, schema: Any, **_more: Any) -> NoReturn:  # noqa: ARG002 -- as webargs calls it
        """Answer 422 with one fault for each argument."""
        raise ProblemError(
            "What was asked is not in the form that /api/docs describes. See “errors”.",
            errors=faults_of(error),
        )


class _Blueprint(Blueprint):
    ARGUMENTS_PARSER = _Parser()


def faults_of(error: ValidationError) -> list[dict[str, Any]]:
    """What a schema found wrong, as faults of the fields."""
    return [fault(sentence, field=place) for place, sentence in _flat(error.messages)]


def _flat(messages: Any, place: str = "") -> list[tuple[str, str]]:
    """Marshmallow's nested messages as (place, sentence)."""
    if isinstance(messages, Mapping):
        # The outermost key is where it stood: json, query, files.
        return [
            pair
            for key, inner in messages.items()
            for pair in _flat(
                inner, place if key in _LOCATIONS and not place else f"{place}.{key}".strip(".")
            )
        ]
    return [(place, str(message)) for message in messages]


_LOCATIONS = ("json", "query", "files", "headers", "form")

bp = _Blueprint("api", __name__, url_prefix="/api/v1", description="Everything at /api/v1.")

csrf.exempt(bp)  # cookies alone never authorise here: see access


def _who() -> str:
    """Whose requests are counted together: all programs of one user."""
    return f"api {current_user.id}" if current_user.is_authenticated else "api"


limiter.limit(lambda: f"{settings.api_requests_per_minute} per minute", key_func=_who)(bp)
