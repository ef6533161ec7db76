"""How much disk space the files of a user fill, and whether there is room for more."""

from dataclasses import dataclass

from sqlalchemy import Select, func, select

from beanft import storage
from beanft.engine.errors import EngineError
from beanft.engine.tables.wording import bytes_in_words
from beanft.extensions import db, settings
from beanft.models import Batch, Dataset, Experiment, Upload, Version


class QuotaError(EngineError):
    """There is no room; the message is the sentence for the user."""


@dataclass(frozen=True, kw_only=True)
class Use:
    """What of a user's disk space is filled."""

    used_bytes: int
    """Bytes of all files, each counted once, and of uploads under way as they were announced."""
    limit_bytes: int
    """Bytes that may be filled; 0 for as much as there is."""

    @property
    def words(self) -> str:
        """The two figures as one sentence part.

        >>> Use(used_bytes=3_200_000_000, limit_bytes=20_000_000_000).words
        '3.2 GB of 20.0 GB used'
        >>> Use(used_bytes=500, limit_bytes=0).words
        '500 bytes used'
        """
        limit = f" of {bytes_in_words(self.limit_bytes)}" if self.limit_bytes else ""
        return f"{bytes_in_words(self.used_bytes)}{limit} used"

    def facts(self) -> dict[str, int | None]:
        """Plain values for JSON; no limit is null."""
        return {"used_bytes": self.used_bytes, "limit_bytes": self.limit_bytes or None}


def use_of(user_id: int) -> Use:
    """Measure what a user's files fill: versions, experiments, batches, and uploads under way."""
    keys = [key for table in (Experiment, Batch) for key in db.session.scalars(_keys(table, user_id)).all()]
    keys += db.session.scalars(select(Version.key).join(Dataset).where(Dataset.owner_id == user_id))
    promised = select(func.sum(Upload.size_bytes)).where(Upload.owner_id == user_id)
    return Use(
        used_bytes=storage.used_bytes(keys) + int(db.session.scalar(promised) or 0),
        limit_bytes=settings.storage_per_user_mb << 20,
    )


def _keys(table: type[Experiment | Batch], user_id: int) -> Select[str]:
    return select(table.key).where(table.owner_id == user_id)


def room_left(user_id: int) -> int | None:
    """Bytes that a user's files may still fill, never less than none; None for as much as there is."""
    use = use_of(user_id)
    return max(0, use.limit_bytes - use.used_bytes) if use.limit_bytes else None


def require(*, user_id: int, n_bytes: int) -> None:
    """Refuse what would fill more than a user may.

    Raises
    ------
    QuotaError
        It says how much is used, how much is needed and what to do.
    """
    if not settings.storage_per_user_mb:
        return
    use = use_of(user_id)
    if use.used_bytes + n_bytes > use.limit_bytes:
        raise QuotaError(
            f"There is no room for this: it needs {bytes_in_words(n_bytes)} more, and you have {use.words}. "
            "Delete datasets, versions or experiments that you no longer need, or ask the administrator for "
            "more space."
        )


def require_table(*, user_id: int, file_bytes: int, is_here: bool = False) -> None:
    """Refuse a table whose file and typed copy would fill more than a user may.

    The copy is reckoned at half the file. With `is_here` the file itself is counted already: it is about to
    be read, or shares its bytes with a version that was.

    Raises
    ------
    QuotaError
        It says how much is used, how much is needed and what to do.
    """
    require(user_id=user_id, n_bytes=file_bytes // 2 + (0 if is_here else file_bytes))
