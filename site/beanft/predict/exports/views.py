"""The page of a model's files: what can be taken away, how well it agrees with the model, the downloads."""

from typing import Any

from flask import Response, abort, flash, redirect, send_file, url_for
from werkzeug.wrappers import Response as Redirect

from beanft.engine.errors import EngineError
from beanft.engine.learning.exports.kinds import KINDS
from beanft.models import ModelFile, TrainedModel
from beanft.pages import page
from beanft.predict.blueprint import bp
from beanft.predict.exports import services
from beanft.predict.exports import tasks as _tasks  # noqa: F401  # registers the job
from beanft.predict.exports.words import OFFERS

_TYPES = {"skops": "application/zip", "reproduce": "application/zip", "onnx": "application/octet-stream"}


@bp.get("/models/<model>/files")
def files(model: TrainedModel) -> Response:
    """What can be made of a model, and what was."""
    made = services.files_of(model=model)
    facts = {"model": model.id, "files": [_facts(one) for one in made.values()]}
    unfinished = any(one.job is not None and one.job.unfinished for one in made.values())
    return page(
        "predict/exports/files.html",
        facts,
        model=model,
        offers=OFFERS,
        tables=_tables(model),
        made=made,
        unfinished=unfinished,
        current={kind: services.is_current(one) for kind, one in made.items()},
        there={kind: services.path_of(one) is not None for kind, one in made.items()},
    )


@bp.post("/models/<model>/files/<kind>")
def make_file(model: TrainedModel, kind: str) -> Redirect:
    """Have a file made."""
    if kind not in KINDS:
        abort(404)
    try:
        services.make(model=model, kind=kind)
    except EngineError as error:
        flash(str(error), "error")
    return redirect(url_for("predict.files", model=model.id) + f"#{kind}")


@bp.get("/models/<model>/files/<kind>")
def download_file(model: TrainedModel, kind: str) -> Response:
    """A file that was made."""
    made = services.files_of(model=model).get(kind)
    path = services.path_of(made) if made else None
    if made is None or path is None:
        abort(404)
    name = services.download_name(made)
    response = send_file(path, mimetype=_TYPES[kind], as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _tables(model: TrainedModel) -> dict[str, str]:
    """Where the table that a model was trained on is downloaded, as it came and typed."""
    version = model.run.experiment.version
    where: dict[str, Any] = {"dataset": version.dataset_id, "number": version.number}
    return {
        "original": url_for("uploader.original_of", **where),
        "parquet": url_for("uploader.parquet", **where),
    }


def _facts(made: ModelFile) -> dict[str, Any]:
    return {
        "kind": made.kind,
        "state": made.state,
        "current": services.is_current(made),
        "sha256": made.sha256,
        "size_bytes": made.size_bytes,
        "error": made.job.error if made.job else None,
        "result": made.facts_json,
    }
