"""The form that makes a dataset of a summary."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_login import current_user

from beanft import pages
from beanft.models import Dataset
from beanft.uploader.blueprint import bp
from beanft.uploader.services import OverQuotaError, RefusedError
from beanft.uploader.summaries import services


@bp.post("/datasets/<dataset>/summary/save")
def save_summary(dataset: Dataset) -> Any:
    """Work a summary out again and keep its table as a new dataset of who asks."""
    try:
        made = _save(dataset)
    except RefusedError as error:
        status = 507 if isinstance(error, OverQuotaError) and pages.wants_json() else 422
        return pages.page(
            "uploader/save_summary.html",
            {"error": str(error)},
            status=status,
            dataset=dataset,
            error=str(error),
            sent=request.form,
            back=pages.local_address(request.form.get("back"))
            or url_for("explore.summary", dataset=dataset.id),
        )
    flash(f"“{made.name}” was made of the summary and is being read.", "ok")
    return redirect(url_for("explore.show", dataset=made.id))


def _save(dataset: Dataset) -> Dataset:
    sent = request.form
    return services.save_summary(
        owner_id=current_user.id,
        version=services.find_version(dataset=dataset, number=sent.get("version", None, type=int)),
        wanted=services.Wanted.read(sent.get("summary", ""), sent.get("filters", "")),
        name=sent.get("name", ""),
        form_key=sent.get("once", ""),
    )
