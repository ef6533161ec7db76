"""Removes what kills and power cuts leave on the disk: half files, spilled data, files that no row names."""

import logging
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select

from beanft import jobs, storage
from beanft.extensions import db, settings
from beanft.models import Batch, Experiment, Job, Upload, User, Version
from beanft.models.jobs import UNFINISHED

_DAY_S = 86_400
_KEY = re.compile("[0-9a-f]{32}")
_REMOVED = re.compile(r"[0-9a-f]{32}\.removed-.*")

_log = logging.getLogger(__name__)


def sweep(*, orphans: bool = False) -> int:
    """Remove leftovers that nobody has touched for a day, and return how many there were.

    Folders of keys that no row names go, too, unless there are more of them than of others: then the site
    may look at the wrong database, or at an old one. With `orphans` they go all the same.
    """
    folders = list(_folders())  # before the rows are asked: a folder is made before its row
    arriving, kept = _keys()
    removed = [path for path in folders if _REMOVED.fullmatch(path.name)]
    unknown = [path for path in folders if _KEY.fullmatch(path.name) and path.name not in arriving | kept]
    doomed = [*removed, *_halves(kept), *_scratch()]
    n_swept = sum(_remove(path) for path in doomed if _is_old(path))
    old = [path for path in unknown if _is_old(path)]
    if len(old) > len(arriving | kept) and not orphans:
        _log.warning("%d folders have no row; “flask beanft sweep --orphans” removes them", len(old))
        return n_swept
    for path in old:
        storage.remove(path.name)
    return n_swept + len(old)


def _folders() -> Iterator[Path]:
    return (settings.instance / "files").glob("??/*")


def _keys() -> tuple[set[str], set[str]]:
    """Keys of uploads under way and of everything else; an upload that ends meanwhile is in one of them.

    Asked outside of the session, without SQLite's write lock.
    """
    with db.engine.connect().execution_options(immediate=False) as connection:
        arriving = set(connection.scalars(select(Upload.key)))
        columns = (Version.key, Experiment.key, Batch.key, User.picture)
        return arriving, {key for column in columns for key in connection.scalars(select(column)) if key}


def _halves(keys: set[str]) -> Iterator[Path]:
    """Files that were being written, and what was spilled, in folders that are in use.

    The part of an upload is no leftover: it is gone on with. An engine that is still in use has an empty
    folder to spill into, which must stay.
    """
    for key in keys:
        for half in ("*.part", "*.part.wal"):
            yield from storage.folder(key).glob(half)
        for spilled in storage.folder(key).glob(".spilled-*"):
            if any(spilled.iterdir()):
                yield spilled


def _scratch() -> list[Path]:
    """Working folders of jobs that do not run any more."""
    with db.engine.connect().execution_options(immediate=False) as connection:
        unfinished = connection.scalars(select(Job.id).where(Job.state.in_(UNFINISHED)))
        alive = {str(job_id) for job_id in unfinished}
    return [path for path in (settings.instance / "jobs").glob("*") if path.name not in alive]


def _is_old(path: Path) -> bool:
    """Whether neither it nor anything in it was written to for a day, or for longer than a job may take."""
    limit = time.time() - max(_DAY_S, 2 * settings.job_timeout_s)
    try:
        return all(one.lstat().st_mtime < limit for one in (path, *path.rglob("*")))
    except FileNotFoundError:  # somebody is at work there
        return False


def _remove(path: Path) -> bool:
    """Delete a file or a folder; what another sweep takes away meanwhile is no trouble."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
    return True


def _sweep_quietly() -> None:
    n_swept = sweep()
    if n_swept:
        _log.info("leftovers removed: %d", n_swept)


jobs.register_chore(_sweep_quietly)
