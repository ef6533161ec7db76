"""What a time budget buys, found by timing small fits in a child process that a page waits for."""

import os
from collections.abc import Mapping
from typing import Any

from beanft import storage
from beanft.database import release_locks
from beanft.engine.errors import BusyError
from beanft.extensions import settings
from beanft.jobs import sandbox
from beanft.models import Version

_WORK = "beanft.engine.learning.pilot:estimate"
_MEMORY_MB = 1_024
_FITS_S = 4.0  # the child stops by itself after these, and after the sample was read and encoded
_TIMEOUT_S = 30.0  # loading libraries takes long on a busy machine; a page does not wait for longer
_WORDS = sandbox.Words(
    slow="The small fits took too long, so there is no estimate. The training itself keeps to its time.",
    large="The small fits needed more memory than a page may use, so there is none. Choose fewer columns.",
    wrong="Something went wrong inside Beanft during the small fits. The details are in the log.",
)
_BUSY = "Other small fits are being timed just now. Try again in a moment, or start the training."


def estimate(*, version: Version, question: Mapping[str, Any]) -> dict[str, Any]:
    """Say what a training would be likely to do; `question` is what `create_experiment` takes of a form.

    Raises
    ------
    BusyError
        When too many are asked for at once.
    EngineError
        When nothing can be learned, or the small fits cannot be done.
    """
    arguments = {
        "table": str(storage.folder(version.key) / "table.parquet"),
        "profile": version.profile.to_dict(),
        "max_rows": settings.training_rows_max,
        "memory_mb": settings.job_memory_mb,
        "cores": settings.training_cores or os.cpu_count() or 1,
        "seconds": _FITS_S,
        **question,
    }
    owner_id = version.dataset.owner_id
    release_locks()
    try:
        return sandbox.call(
            _WORK,
            arguments,
            user_id=owner_id,
            memory_mb=_MEMORY_MB,
            timeout_s=_TIMEOUT_S,
            words=_WORDS,
        )
    except BusyError as error:
        raise BusyError(_BUSY) from error
