"""The page of one column, which the grid also opens beside the rows, and the page of correlations."""

from typing import Any

from flask import abort, redirect, url_for

from beanft import pages
from beanft.explore import profile_services as services
from beanft.explore.blueprint import bp
from beanft.explore.services import form_words
from beanft.explore.shown import shown_version, version_args
from beanft.models import Dataset


@bp.app_context_processor
def _parts() -> dict[str, Any]:
    """What the list of findings calls, which stands on pages of several views."""
    return {
        "overview_of": services.overview,
        "rows_args": services.rows_args,
        "positions_of": services.positions,
        "shown_value": services.shown_value,
    }


@bp.get("/datasets/<dataset>/columns/<int:number>")
def column(dataset: Dataset, number: int) -> Any:
    """All that is known of one column; for htmx only the part that fits beside the rows."""
    version = shown_version(dataset)
    if version is None:
        return redirect(url_for("explore.show", dataset=dataset.id))
    found = services.find_column(version, number) or abort(404, f"The table has no column number {number}.")
    correlations = services.read_correlations(version)
    return pages.page(
        "explore/_column.html" if pages.is_fragment() else "explore/column.html",
        services.column_facts(version, number, found),
        dataset=dataset,
        version=version,
        column=found,
        number=number,
        found=services.findings_of(version.profile, found.name),
        bins=services.bins(found),
        compared=correlations is not None and found.name in correlations.columns,
        pairs=services.strong_pairs(correlations, found.name),
        chart_of=services.chart_of,
        form_words=form_words,
        version_args=version_args(dataset, version),
    )


@bp.get("/datasets/<dataset>/correlations")
def correlations(dataset: Dataset) -> Any:
    """How the columns go together: a heat map and a sorted list."""
    version = shown_version(dataset)
    if version is None:
        return redirect(url_for("explore.show", dataset=dataset.id))
    found = services.read_correlations(version)
    return pages.page(
        "explore/correlations.html",
        services.correlation_facts(version, found),
        dataset=dataset,
        version=version,
        found=found,
        cells=services.by_names(found) if found else {},
        positions=services.positions(version.profile),
        shade=services.shade,
        chart_of=services.chart_of,
        measured=services.measured,
        pairs_shown=services.PAIRS_SHOWN,
        listed=services.telling(found) if found else ((), ()),
        version_args=version_args(dataset, version),
    )
