"""The files in which the predictions of a batch are handed out."""

from pathlib import Path
from typing import BinaryIO

from beanft import storage
from beanft.database import release_locks
from beanft.engine.errors import EngineError
from beanft.engine.learning.batches.downloads import FORMATS, write_text
from beanft.engine.turns import Turns
from beanft.extensions import settings
from beanft.models import Batch
from beanft.predict.batches.services import predictions_path, why_no_workbook, workbook_path

TYPES = {
    "csv": "text/csv",
    "safe": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""The type of each format."""

_WRITE_S = 120.0  # what is not written by then would keep a thread of the web server for minutes
_turns = Turns(
    at_once=2,
    waiting=2,
    wait_s=5.0,
    sentence="Other files are being written. Try again in a few seconds.",
    each=1,
)


def write(*, batch: Batch, format: str) -> BinaryIO:
    """Open the predictions of a batch that is ready in one of the formats.

    CSV is written when it is asked for, to a file that has no name any more when this returns: its space is
    free once it is closed.

    Raises
    ------
    BusyError
        When two other files are being written, or one for the same user.
    EngineError
        When the format is unknown, the workbook is not written yet, or the predictions are lost.
    """
    path, result = predictions_path(batch), batch.result_json or {}
    if format not in FORMATS:
        raise EngineError("This format cannot be written. Choose csv, safe, parquet or xlsx.")
    if not path.is_file():
        raise EngineError("The predictions are lost. Predict the file again.")
    if format == "parquet":
        return path.open("rb")
    if format == "xlsx":
        return _open_workbook(batch)
    target = path.with_name(f"download-{storage.new_key()}.part")
    owner_id = batch.owner_id
    release_locks()
    with _turns.taken(owner_id):
        try:
            write_text(
                path, result, target, format=format, timeout_s=_WRITE_S, memory_mb=settings.query_memory_mb
            )
            return target.open("rb")
        finally:
            target.unlink(missing_ok=True)


def download_name(batch: Batch, format: str) -> str:
    """The name under which the predictions are saved."""
    use = "-for-spreadsheets" if format == "safe" else ""
    return f"{Path(batch.original_name).stem}-predictions{use}.{FORMATS[format]}"


def _open_workbook(batch: Batch) -> BinaryIO:
    try:
        return workbook_path(batch).open("rb")
    except FileNotFoundError:
        reason = why_no_workbook(batch) or "The workbook is not written yet. Ask for it on the batch's page."
        raise EngineError(reason) from None
