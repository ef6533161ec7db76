"""The pages on which versions of a dataset are given kinds, handed out and deleted."""

from typing import Any

from flask import Response, abort, flash, redirect, request, send_file, url_for
from flask_login import current_user

from beanft import pages
from beanft.engine.tables.columns import KINDS
from beanft.models import Dataset
from beanft.uploader.blueprint import bp
from beanft.uploader.forms import DeleteForm, KindsForm
from beanft.uploader.services import RefusedError
from beanft.uploader.slices import part
from beanft.uploader.versions import services


@bp.get("/datasets/<dataset>/columns")
def columns(dataset: Dataset) -> Any:
    """Every column with what is known of it, and its kind to change."""
    version = dataset.current
    if version is None:
        return redirect(url_for("explore.show", dataset=dataset.id))
    form = KindsForm(version=version.number)
    facts = {"id": dataset.id, "name": dataset.name, "version": version.number, **version.profile.to_dict()}
    return pages.page(
        "uploader/columns.html", facts, dataset=dataset, version=version, form=form, kinds=KINDS
    )


@bp.post("/datasets/<dataset>/columns")
def change_columns(dataset: Dataset) -> Any:
    """Read the file again with the chosen kinds."""
    form = KindsForm()
    number = form.version.data if form.validate() else 0
    try:
        version = services.change_kinds(
            dataset=dataset, version_number=number, kinds=request.form.getlist("kind")
        )
    except RefusedError as error:
        flash(str(error), "error")
        return redirect(url_for("uploader.columns", dataset=dataset.id))
    if version is None:
        flash("Nothing was changed: the kinds are as they were.", "info")
        return redirect(url_for("uploader.columns", dataset=dataset.id))
    flash(f"Version {version.number} of “{dataset.name}” is being read with the new kinds.", "ok")
    return redirect(url_for("explore.show", dataset=dataset.id))


@bp.get("/datasets/<dataset>/original")
def original(dataset: Dataset) -> Response:
    """The file as it was brought, always as a download."""
    version = dataset.latest
    path = part.original(version.key)
    if not path.is_file():
        abort(404, "The file as it was brought is lost. Upload it again, or ask the administrator.")
    response = send_file(
        path,
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=version.original_name,
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@bp.route("/datasets/<dataset>/delete", methods=["GET", "POST"])
def delete(dataset: Dataset) -> Any:
    """Delete a dataset, after its name was typed."""
    form, name = DeleteForm(), dataset.name
    if form.validate_on_submit():
        if form.name.data.strip() == name:
            services.delete_dataset(
                dataset=dataset, user_id=current_user.id, address=request.remote_addr or ""
            )
            flash(f"“{name}” and all that was made from it are deleted.", "ok")
            return redirect(url_for("uploader.index"))
        form.name.errors = ["This is not the name of the dataset. Type it exactly as shown."]
    dependents = services.count_dependents(dataset=dataset)
    facts = {"id": dataset.id, "name": name, **vars(dependents), "errors": list(form.name.errors)}
    return pages.page(
        "uploader/delete.html",
        facts,
        status=422 if form.is_submitted() else 200,
        dataset=dataset,
        form=form,
        dependents=dependents,
    )
