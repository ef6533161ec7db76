"""Questions to the tables of versions; a version never changes, so that an answer can be kept for a while."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from beanft.engine.errors import BusyError, EngineError
from beanft.engine.tables.columns import Profile
from beanft.explore.services import check_table, table_path
from beanft.extensions import settings
from beanft.models import Version

Found = TypeVar("Found")


@dataclass(frozen=True, kw_only=True)
class Question(Generic[Found]):
    """What an answer depends on; two equal questions have one answer."""

    work: Callable[..., Found]
    """Takes the path and the profile of each table, then what is asked, and the limits by name."""
    asked: tuple[Any, ...]
    content: tuple[Any, ...]
    """Versions, digests of their tables and the ingests that gave their columns their kinds."""
    tables: tuple[Path | Profile, ...] = field(compare=False)
    timeout_s: float = field(compare=False)
    memory_mb: int = field(compare=False)

    def answer(self) -> Found:
        """Do the work."""
        return self.work(*self.tables, *self.asked, timeout_s=self.timeout_s, memory_mb=self.memory_mb)


def ask(
    work: Callable[..., Found],
    versions: Sequence[Version],
    *asked: Any,
    keep: Callable[[Question[Any]], Any],
) -> tuple[Found | None, str]:
    """Answer a question through `keep`, which may know the answer; or say in a sentence why there is none."""
    question: Question[Any] = Question(
        work=work,
        asked=asked,
        content=tuple((one.id, one.parquet_sha256, one.job_id) for one in versions),
        tables=tuple(part for one in versions for part in (table_path(one), one.profile)),
        timeout_s=settings.query_timeout_s,
        memory_mb=settings.query_memory_mb,
    )
    try:
        for version in versions:
            check_table(version)
        return keep(question), ""
    except BusyError:
        raise  # the same question will do later: the site says so with the status for it
    except EngineError as error:
        return None, str(error)
