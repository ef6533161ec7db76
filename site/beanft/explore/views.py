"""The page of a dataset."""

from typing import Any

from flask import Response, make_response, render_template

from beanft import pages
from beanft.explore import services
from beanft.explore.blueprint import bp
from beanft.explore.shown import shown_version, version_args
from beanft.models import Dataset

_LOOK_ROWS = 10


@bp.get("/datasets/<dataset>")
def show(dataset: Dataset) -> Response:
    """What a dataset is: its state, figures, columns and first rows."""
    if pages.is_fragment():
        return _progress(dataset)
    version = shown_version(dataset)
    context: dict[str, Any] = {"dataset": dataset, "latest": dataset.latest, "version": version}
    context["version_args"] = version_args(dataset, version)
    if version:
        context["look"] = services.find_rows(version=version, per=_LOOK_ROWS)
        context["kinds"] = services.count_kinds(version)
        context["share_missing"] = services.share_missing(version)
        context["how_read"] = services.how_read(version.profile)
    return pages.page("explore/show.html", services.facts(dataset, version), **context)


def _progress(dataset: Dataset) -> Response:
    """How far the reading is; at its end the browser loads the page anew."""
    job = dataset.latest.job
    if job and job.unfinished:
        return make_response(render_template("explore/_ingest.html", dataset=dataset, job=job))
    return Response(status=200, headers={"HX-Refresh": "true"})
