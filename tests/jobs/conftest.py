"""Theatres: one that many tests share, and one that a test may burn down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.theatre import Theatre
from jobs.tryout import add_kinds

collect_ignore = ["stage.py", "work.py", "heavy_work.py"]  # programs: they act when they are imported


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    """A site with its worker, running; tests leave it running."""
    theatre = Theatre(tmp_path_factory.mktemp("house"))
    theatre.open()
    yield theatre
    theatre.close()


@pytest.fixture
def theatre(tmp_path: Path) -> Iterator[Theatre]:
    """An instance whose site the test starts, kills and starts again."""
    theatre = Theatre(tmp_path / "theatre")
    yield theatre
    theatre.close()


@pytest.fixture
def kind() -> None:
    """The test kind, known to this process too."""
    add_kinds()
