"""The API made part of the site: its resources, its OpenAPI document and the page that shows that."""

from flask import Flask
from flask_smorest import Api

from beanft.api import batches, blueprint, datasets, docs, jobs, models, predictions, problems, schemas

RESOURCES = (models, predictions, batches, jobs, datasets)
"""The modules whose views are attached to the blueprint."""

_ABOUT = """Predict with the models that you trained, from a program.

Every request carries a token of yours: `Authorization: Bearer bft_…`. Your account page makes tokens, says
what each may do, and revokes them. A token never belongs in an address.

What cannot be done is answered as `application/problem+json` (RFC 9457); each fault in `errors` names its row
and column. Lists come in pages, see the headers `Link` and `X-Pagination`. Above the limit of requests the
answer is 429 with `Retry-After`. Numbers are written so that they read back to the same bits.
"""
_TAGS = {
    "models": "What is trained.",
    "predictions": "Rows, answered at once.",
    "batches": "Files and datasets, answered by a job.",
    "jobs": "Long work under way.",
    "datasets": "Tables that you brought.",
}
_OPTIONS = {"info": {"description": _ABOUT}, "security": [{"token": []}]}


class _Api(Api):
    """flask-smorest without its error handlers, which would turn the site's error pages into JSON."""

    ERROR_SCHEMA = schemas.Problem
    DEFAULT_RESPONSE_CONTENT_TYPE: str

    def _register_error_handlers(self) -> None:
        """Error_pages answers for the API, too."""

    def _register_responses(self) -> None:
        """Problems have a media type of their own."""
        usual = self.DEFAULT_RESPONSE_CONTENT_TYPE
        self.DEFAULT_RESPONSE_CONTENT_TYPE = "application/problem+json"
        super()._register_responses()
        self.DEFAULT_RESPONSE_CONTENT_TYPE = usual


def init_app(app: Flask) -> None:
    """Attach the API to an app."""
    app.config.from_mapping(
        API_TITLE="Beanft", API_VERSION="v1", OPENAPI_VERSION="3.1.0", API_SPEC_OPTIONS=_OPTIONS
    )
    api = _Api(app)
    api.spec.components.security_scheme(
        "token", {"type": "http", "scheme": "bearer", "description": "A token from your account page."}
    )
    api.spec.components.schema("NewBatch", schema=schemas.NewBatch)
    for name, words in _TAGS.items():
        api.spec.tag({"name": name, "description": words})
    api.register_blueprint(blueprint.bp)
    app.register_blueprint(docs.bp)
    problems.init_app(app)
    docs.keep(app, api.spec.to_dict())
