"""Datasets: what there is, with versions and columns."""

from typing import Any

from flask import Response
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from beanft.access import needs
from beanft.api.blueprint import bp
from beanft.api.paging import HEADERS, PageArguments, list_of
from beanft.api.schemas import DatasetDetails, Datasets
from beanft.models import Dataset, Version
from beanft.pages import json_in_order
from beanft.uploader.services import dataset_facts

_DETAILS = DatasetDetails()


@bp.route("/datasets", tags=["datasets"])
@needs("read")
@bp.doc(operationId="list_datasets", summary="List your datasets, newest first")
@bp.arguments(PageArguments, location="query", arg_name="asked")
@bp.response(200, Datasets, headers=HEADERS)
def datasets(asked: dict[str, int]) -> Response:
    """Tables that you brought, each with the size of its newest version that is ready."""
    query = select(Dataset).where(Dataset.owner_id == current_user.id).order_by(Dataset.id.desc())
    return list_of(query, asked, dataset_facts, selectinload(Dataset.versions))


@bp.route("/datasets/<dataset>", tags=["datasets"])
@needs("read")
@bp.doc(operationId="read_dataset", summary="Read a dataset, by its number or its name")
@bp.response(200, DatasetDetails)
def dataset(dataset: Dataset) -> Response:
    """Its versions, and the columns of the newest one that is ready."""
    current = dataset.current
    facts = dataset_facts(dataset) | {
        "versions": [_version(version) for version in dataset.versions],
        "columns": list(current.profile.columns) if current else [],
    }
    return json_in_order(_DETAILS.dump(facts))


def _version(version: Version) -> dict[str, Any]:
    return {
        "number": version.number,
        "state": version.state,
        "original_name": version.original_name,
        "original_sha256": version.original_sha256,
        "size_bytes": version.original_bytes,
        "n_rows": version.n_rows,
        "n_columns": version.n_columns,
        "created_at": version.created_at.isoformat(),
    }
