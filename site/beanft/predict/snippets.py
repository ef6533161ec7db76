"""Requests to the API that are ready to run, for the page of a model."""

import json
from functools import lru_cache
from pprint import pformat
from typing import Any

from flask import url_for

from beanft import storage
from beanft.engine.errors import EngineError
from beanft.engine.learning.example import first_row
from beanft.extensions import db
from beanft.models import TrainedModel
from beanft.predict.blueprint import bp
from beanft.predict.services import columns_of

_WIDTH = 88
_KEPT = 256  # models whose row is remembered


@bp.app_template_global()
def snippets_of(model: TrainedModel) -> list[tuple[str, str, str]]:
    """Id, language and code of each snippet; the row is the first one of the table."""
    row = _row(model.id, model.sha256, str(storage.folder(model.run.experiment.key)))
    address = url_for("api.predict", model=model.id, _external=True)
    return [("curl", "curl", _curl(address, row)), ("python", "Python", _python(address, row))]


@lru_cache(maxsize=_KEPT)
def _row(model_id: int, _sha256: str, _folder: str) -> dict[str, Any]:
    """The row of a request; of typical values where the table is lost. Tables and models do not change."""
    model = db.session.get_one(TrainedModel, model_id)
    columns, version = columns_of(model), model.run.experiment.version
    try:
        names = [column["name"] for column in columns]
        found = first_row(storage.folder(version.key) / "table.parquet", version.profile, names)
    except (EngineError, LookupError):
        found = {}
    return found or {column["name"]: column.get("example") for column in columns}


def _curl(address: str, row: dict[str, Any]) -> str:
    body = json.dumps({"rows": [row]}, ensure_ascii=False).replace("'", "'\\''")
    return (
        f"curl -sS {address} \\\n"
        '  -H "Authorization: Bearer $BEANFT_TOKEN" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        f"  -d '{body}'"
    )


def _python(address: str, row: dict[str, Any]) -> str:
    return f"""import json, os, urllib.request

row = {pformat(row, width=_WIDTH, sort_dicts=False)}
request = urllib.request.Request(
    {address!r},
    data=json.dumps({{"rows": [row]}}).encode(),
    headers={{"Authorization": "Bearer " + os.environ["BEANFT_TOKEN"], "Content-Type": "application/json"}},
)
with urllib.request.urlopen(request) as answer:
    print(json.load(answer)["predictions"][0])"""
