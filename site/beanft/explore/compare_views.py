"""The pages that compare two columns, two groups of rows or two versions of a dataset."""

from typing import Any

from flask import abort, redirect, request, url_for

from beanft import pages
from beanft.explore import compare_services as services
from beanft.explore.blueprint import bp
from beanft.explore.compare_forms import ColumnsForm, GroupsForm, VersionsForm
from beanft.explore.row_columns import COLUMNS_LISTED
from beanft.explore.shown import shown_version, version_args
from beanft.models import Dataset


@bp.get("/datasets/<dataset>/compare")
def compare(dataset: Dataset) -> Any:
    """Two columns: how they go together, by the test that fits their kinds."""
    version = shown_version(dataset)
    if version is None:
        return redirect(url_for("explore.show", dataset=dataset.id))
    form = ColumnsForm.read(request.args)
    answer = services.columns(version=version, a=form.a.data or "", b=form.b.data or "")
    return pages.page(
        "explore/compare.html",
        services.facts(version, answer),
        status=422 if answer.error else 200,
        **_context(dataset, version),
        form=form,
        answer=answer,
        columns=services.comparable_columns(version.profile),
        suggestions=services.suggestions(version),
        chart_args=services.chart_args,
    )


@bp.get("/datasets/<dataset>/compare/groups")
def compare_groups(dataset: Dataset) -> Any:
    """Two groups of rows: in which columns they differ."""
    version = shown_version(dataset)
    if version is None:
        return redirect(url_for("explore.show", dataset=dataset.id))
    form = GroupsForm.read(request.args)
    by = form.by.data or ""
    one, other = services.usual_groups(version.profile, by, form.one.data or "", request.args.get("other"))
    answer = services.groups(version=version, by=by, one=one, other=other)
    return pages.page(
        "explore/compare_groups.html",
        services.facts(version, answer),
        status=422 if answer.error else 200,
        **_context(dataset, version),
        form=form,
        one=one,
        other=other,
        answer=answer,
        columns=services.grouping_columns(version.profile),
        values=services.values_of(version.profile, by),
        labels=services.labels_of(version.profile, by),
    )


@bp.get("/datasets/<dataset>/compare/versions")
def compare_versions(dataset: Dataset) -> Any:
    """Two versions: what changed in the columns, and how far their values moved."""
    form = VersionsForm.read(request.args)
    if not form.validate():
        abort(404, "This dataset has no such version to look at.")
    old, new = services.choose_versions(dataset=dataset, old=form.old.data, new=form.new.data)
    if new is None or (old is None and form.old.data is not None):
        return _no_version(dataset)
    answer: services.Answer[Any] = services.versions(old=old, new=new) if old else services.Answer()
    return pages.page(
        "explore/compare_versions.html",
        services.facts(new, answer),
        status=422 if answer.error else 200,
        **_context(dataset, new),
        old=old,
        answer=answer,
        ready=[version for version in dataset.versions if version.state == "ready"],
    )


def _no_version(dataset: Dataset) -> Any:
    """A number that no version has is an error; a dataset that is not read yet leads to its page."""
    if dataset.current:
        abort(404, "This dataset has no such version to look at.")
    return redirect(url_for("explore.show", dataset=dataset.id))


def _context(dataset: Dataset, version: Any) -> dict[str, Any]:
    return {
        "dataset": dataset,
        "version": version,
        "version_args": version_args(dataset, version),
        "many_columns": COLUMNS_LISTED,
    }
