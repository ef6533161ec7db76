"""The pages on which versions of a dataset are listed, given kinds and roles, handed out and deleted."""

from typing import Any

from flask import Response, abort, flash, redirect, request, send_file, url_for
from flask_login import current_user

from beanft import pages, storage
from beanft.engine.tables.columns import KINDS, ROLES
from beanft.engine.tables.kinds.cells import format_choices
from beanft.models import Dataset, Version
from beanft.uploader import version_forms as forms
from beanft.uploader.blueprint import bp
from beanft.uploader.services import RefusedError
from beanft.uploader.slices import part
from beanft.uploader.versions import columns as column_wishes
from beanft.uploader.versions import history, services, words


@bp.get("/datasets/<dataset>/columns")
def columns(dataset: Dataset) -> Any:
    """Every column with what is known of it, and how it is read to change."""
    version = dataset.current
    if version is None:
        return redirect(url_for("explore.show", dataset=dataset.id))
    search = forms.SearchForm(request.args)
    found = forms.find_columns(version.profile.columns, search.words, pages.page_number())
    facts = {"id": dataset.id, "name": dataset.name, "version": version.number, **version.profile.to_dict()}
    return pages.page(
        "uploader/columns.html",
        facts,
        dataset=dataset,
        version=version,
        form=forms.ColumnsForm(version=version.number),
        search=search,
        found=found,
        kinds=KINDS,
        roles=ROLES,
        wishes=version.wishes.columns,
        format_choices=format_choices,
        known_forms=column_wishes.known_forms(),
        label_of=column_wishes.label_of,
        write_spellings=column_wishes.write_spellings,
        unreadable=words.unreadable,
    )


@bp.post("/datasets/<dataset>/columns")
def change_columns(dataset: Dataset) -> Any:
    """Read the file again as was chosen for the columns of a page; roles alone change at once."""
    form, version = forms.ColumnsForm(), dataset.current
    number = form.version.data if form.validate() else 0
    known = version.profile.columns if version else ()
    try:
        chosen = list(forms.choices(request.form, known))
        changed = services.change_columns(dataset=dataset, version_number=number, choices=chosen)
    except RefusedError as error:
        flash(str(error), "error")
        return redirect(_columns_again(dataset))
    return _changed(dataset, changed)


@bp.post("/datasets/<dataset>/columns/change")
def change_column(dataset: Dataset) -> Any:
    """Read the file again with one column read otherwise, as a button of a page asks."""
    form = forms.ChangeForm()
    number = form.version.data if form.validate() else 0
    try:
        changed = services.change_columns(dataset=dataset, version_number=number, choices=[form.choice()])
    except RefusedError as error:
        flash(str(error), "error")
        return redirect(_columns_again(dataset))
    return _changed(dataset, changed)


def _changed(dataset: Dataset, changed: services.Changed) -> Any:
    """Say what becomes of the change, and where it can be seen."""
    if changed.version is not None:
        number, name = changed.version.number, dataset.name
        flash(f"Version {number} of “{name}” is being read with what you chose.", "ok")
        return redirect(url_for("explore.show", dataset=dataset.id))
    if changed.roles:
        flash("The roles are saved. Charts and the next training use them.", "ok")
    else:
        flash("Nothing was changed: the columns are as they were.", "info")
    return redirect(_columns_again(dataset))


def _columns_again(dataset: Dataset) -> str:
    """The part of the columns page that the form was on."""
    kept: dict[str, Any] = {name: request.form[name] for name in ("page", "search") if request.form.get(name)}
    return url_for("uploader.columns", dataset=dataset.id, **kept)


@bp.get("/datasets/<dataset>/versions")
def versions(dataset: Dataset) -> Response:
    """The versions, newest first: how each was read, what changed, what was made from it, its files."""
    listing = history.list_versions(dataset=dataset, page=pages.page_number())
    facts = {
        "id": dataset.id,
        "name": dataset.name,
        "state": dataset.latest.state,
        "versions": [entry.facts() for entry in listing.items],
        **listing.numbers(),
    }
    return pages.page("uploader/versions.html", facts, dataset=dataset, listing=listing)


@bp.get("/datasets/<dataset>/original")
def original(dataset: Dataset) -> Response:
    """The newest file as it was brought, always as a download."""
    return _original(dataset.latest)


@bp.get("/datasets/<dataset>/versions/<int:number>/original")
def original_of(dataset: Dataset, number: int) -> Response:
    """The file that a version was read from, as it was brought."""
    return _original(_find(dataset, number))


@bp.get("/datasets/<dataset>/versions/<int:number>/parquet")
def parquet(dataset: Dataset, number: int) -> Response:
    """The typed table of a version, as Parquet."""
    version = _find(dataset, number)
    path = storage.folder(version.key) / "table.parquet"
    if version.state != "ready" or not path.is_file():
        abort(404, f"Version {number} has no table: it was not read, or its file is lost.")
    return _download(path, f"{dataset.name} version {number}.parquet")


def _find(dataset: Dataset, number: int) -> Version:
    return services.find_version(dataset=dataset, number=number) or abort(404)


def _original(version: Version) -> Response:
    path = part.original(version.key)
    if not path.is_file():
        abort(404, "The file as it was brought is lost. Upload it again, or ask the administrator.")
    return _download(path, version.original_name)


def _download(path: Any, name: str) -> Response:
    """Hand out a file that no browser may take for a page of ours."""
    response = send_file(path, mimetype="application/octet-stream", as_attachment=True, download_name=name)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@bp.route("/datasets/<dataset>/versions/<int:number>/delete", methods=["GET", "POST"])
def delete_version(dataset: Dataset, number: int) -> Any:
    """Delete one version, after what goes with it was shown."""
    form, version = forms.DeleteVersionForm(), _find(dataset, number)
    if form.validate_on_submit():
        return _delete_version(dataset, number)
    dependents = services.count_dependents(dataset=dataset, number=number)
    facts = {"id": dataset.id, "number": number, **vars(dependents), "only": len(dataset.versions) == 1}
    return pages.page(
        "uploader/delete_version.html",
        facts,
        dataset=dataset,
        version=version,
        form=form,
        dependents=dependents,
    )


def _delete_version(dataset: Dataset, number: int) -> Any:
    try:
        services.delete_version(
            dataset=dataset, number=number, user_id=current_user.id, address=request.remote_addr or ""
        )
    except RefusedError as error:
        flash(str(error), "error")
    else:
        flash(f"Version {number} of “{dataset.name}” and all that was made from it are deleted.", "ok")
    return redirect(url_for("uploader.versions", dataset=dataset.id))


@bp.route("/datasets/<dataset>/delete", methods=["GET", "POST"])
def delete(dataset: Dataset) -> Any:
    """Delete a dataset, after its name was typed."""
    form, name = forms.DeleteForm(), dataset.name
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
