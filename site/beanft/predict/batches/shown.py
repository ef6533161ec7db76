"""What the pages of batches show, gathered for their templates."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from beanft.engine.errors import BusyError, EngineError
from beanft.engine.learning.answers import OUTSIDE
from beanft.engine.learning.batches.results import ANY_WARNING, NO_WARNING, Predicted, Predictions
from beanft.engine.learning.checking.ranges import measured_until
from beanft.engine.learning.truth_words import in_owner_words, truth_words
from beanft.extensions import settings
from beanft.models import Batch, TrainedModel, Version
from beanft.pages import json_value
from beanft.predict.batches import needs, services, words
from beanft.predict.batches.address import PER_CHOICES, BatchAddress
from beanft.predict.batches.repairs import n_lost, n_repaired, repair_groups
from beanft.predict.services import weights_of, worth_of
from beanft.predict.worth import chance_in_words, overall_worth


@dataclass(frozen=True, kw_only=True)
class Rows:
    """One page of predictions, or why there is none."""

    found: Predictions | None
    """The rows; None where they could not be read."""
    address: BatchAddress
    """Where they stand."""
    error: str = ""
    """What is wrong."""
    status: int = 200
    """Of the answer."""

    @property
    def n_pages(self) -> int:
        """Pages in all, at least 1."""
        return max(1, -(-(self.found.n_matching if self.found else 0) // self.address.per))

    def facts(self) -> dict[str, Any]:
        """Plain values for JSON."""
        if self.found is None:
            return {"error": self.error}
        return {
            "n_matching": self.found.n_matching,
            "page": self.address.page,
            "n_pages": self.n_pages,
            "columns": list(self.found.columns),
            "cut_at": self.found.cut_at,
            "rows": [_facts(row) for row in self.found.rows],
        }


def rows_of(batch: Batch, address: BatchAddress) -> Rows:
    """The rows that an address asks for."""
    try:
        found = services.find_predictions(
            batch=batch, wish=address.wish, offset=address.offset, limit=address.per
        )
    except BusyError as error:
        return Rows(found=None, address=address, error=str(error), status=503)
    except EngineError as error:
        return Rows(found=None, address=address, error=str(error), status=422)
    return Rows(found=_in_owner_words(batch, found), address=address)


def _in_owner_words(batch: Batch, found: Predictions) -> Predictions:
    """Write true and false of a dataset's own columns as its file did: ja, nein."""
    if batch.version is None:
        return found
    known = truth_words(batch.version.profile)
    words = [known.get(name) for name in found.columns]
    if not any(words):
        return found
    rows = [
        replace(row, cells=tuple(_worded(cell, own) for cell, own in zip(row.cells, words, strict=True)))
        for row in found.rows
    ]
    return replace(found, rows=tuple(rows))


def _worded(cell: Any, words: tuple[str, ...] | None) -> Any:
    return in_owner_words(str(cell), words) if isinstance(cell, bool) else cell


def table_context(batch: Batch) -> dict[str, Any]:
    """What the table of predictions needs besides its rows."""
    result = batch.result_json or {}
    return {
        "batch": batch,
        "result": result,
        "added": result["added"],
        "is_number": not result["labels"],
        "target": batch.model.run.experiment.target,
        "warnings": words.WARNINGS,
        "warning_name": words.warning_name,
        "not_measured": words.NOT_MEASURED,
        "outside_codes": OUTSIDE,
        "chance_in_words": chance_in_words,
        "per_choices": PER_CHOICES,
        "any_warning": ANY_WARNING,
        "no_warning": NO_WARNING,
    }


def context_of(batch: Batch) -> dict[str, Any]:
    """What the page of a batch that is ready needs besides its rows."""
    result, model = batch.result_json or {}, batch.model
    task, score = model.run.experiment.task, result.get("score")
    known, is_training_table = words.known_sentence(result), services.is_training_table(batch)
    fair = None if not score or score["why_not"] or known or is_training_table else score
    return table_context(batch) | {
        "model": model,
        "groups": repair_groups(result),
        "n_repaired": n_repaired(result),
        "n_lost": n_lost(result),
        "worth": overall_worth(task, worth_of(model)) + measured_until(model.schema_json["columns"]),
        "score": score,
        "scores": words.scores_of(score) if score and not score["why_not"] else [],
        "covered": words.covered_sentence(score, sets=bool(result["labels"])) if score else "",
        "drift": result["drift"],
        "is_training_table": is_training_table,
        "known": known,
        "is_fair": fair is not None,
        "here": _here(batch, fair) if fair else (),
        "holds_fewer": words.holds_fewer(fair),
        "outside": words.outside_of(result, fair, weights_of(model)),
        "summary": result["summary"],
        "workbook_there": services.workbook_path(batch).is_file(),
        "workbook_job": services.workbook_job(batch),
        "why_no_workbook": services.why_no_workbook(batch),
    }


def _here(batch: Batch, score: Mapping[str, Any]) -> tuple[str, ...]:
    source = "file" if batch.source_kind == "file" else "dataset"
    return words.measured_here(score, batch.model.run.experiment.target, source=source)


def new_context(model: TrainedModel, *, user_id: int, page: int) -> dict[str, Any]:
    """What the page of a new batch needs besides its forms."""
    versions = services.versions_to_choose(user_id=user_id)
    fitting = [one for one in versions if services.fits(model=model, version=one)]
    return {
        "model": model,
        "columns": needs.needs_of(model),
        "listing": services.list_batches(model=model, page=page),
        "choices": [(one.id, _called(one)) for one in fitting],
        "n_unfit": len(versions) - len(fitting),
        "settings": settings,
    }


def _called(version: Version) -> str:
    """A version as a list names it, so that no two are alike."""
    made = f"{version.created_at:%Y-%m-%d}"
    return f"{version.dataset.name}, version {version.number} of {made} ({version.n_rows or 0:,} rows)"


def _facts(row: Predicted) -> dict[str, Any]:
    facts = {name: json_value(value) for name, value in asdict(row).items()}
    return facts | {"cells": [json_value(cell) for cell in row.cells]}
