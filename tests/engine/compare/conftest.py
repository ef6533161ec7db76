"""A table for comparisons: a CSV read by the real ingest, so that the profile is the real one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from beanft.engine.tables.columns import Profile
from beanft.engine.tables.read import ingest

Table = tuple[Path, Profile]
Load = Callable[..., Table]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Write a frame as CSV and read it as an upload is read."""

    def load_frame(frame: pd.DataFrame, name: str = "table", **kinds: str) -> Table:
        folder = tmp_path / name
        folder.mkdir()
        source, target = folder / "original", folder / "table.parquet"
        frame.to_csv(source, index=False)
        wishes = {"columns": {column: {"kind": kind} for column, kind in kinds.items()}} if kinds else {}
        found = ingest(source=str(source), target=str(target), original_name="table.csv", wishes=wishes)
        return target, Profile.from_dict(json.loads(json.dumps(found["profile"])))

    return load_frame
