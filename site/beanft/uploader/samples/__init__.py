"""The ready-made tables that come with Beanft, with their source and licence."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One ready-made table."""

    key: str
    """Name of the file without its ending; stands in addresses."""
    title: str
    """Name of the dataset that is made of it."""
    about: str
    """One sentence on what the rows are."""
    question: str
    """What one can try to forecast with it."""
    source: str
    """Who measured it and where it was published."""
    licence: str
    """The licence under which it is passed on."""

    @property
    def path(self) -> Path:
        """The CSV."""
        return _FOLDER / f"{self.key}.csv"


@lru_cache
def all_samples() -> dict[str, Sample]:
    """Return the samples by key, in the order in which they are offered."""
    entries = tomllib.loads((_FOLDER / "samples.toml").read_text(encoding="utf-8"))
    return {key: Sample(key=key, **values) for key, values in entries.items()}
