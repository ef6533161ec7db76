"""Which version of a dataset a page shows: the newest that can be looked at, or the one its address names."""

from flask import abort, request

from beanft.explore.services import find_version
from beanft.models import Dataset, Version


def shown_version(dataset: Dataset) -> Version | None:
    """The version that the address asks for; 404 where it names one that cannot be looked at."""
    if "version" not in request.args:
        return dataset.current
    number = request.args.get("version", -1, type=int)
    return find_version(dataset, number) or abort(404, "This dataset has no such version to look at.")


def version_args(dataset: Dataset, version: Version | None) -> dict[str, int]:
    """The part of an address that keeps an older version in view."""
    return {} if version is None or version is dataset.current else {"version": version.number}
