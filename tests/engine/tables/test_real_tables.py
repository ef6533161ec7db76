"""Real tables get the kinds that a person would give their columns (real_tables.json).

`python tools/real_tables.py .cache/real-tables` brings them; their licences forbid to keep them here.
"""

import json
import os
from pathlib import Path

import pytest

from beanft.engine.tables.columns import Profile
from beanft.engine.tables.read import ingest

_EXPECTED = json.loads((Path(__file__).parent / "real_tables.json").read_text())
_FOLDER = Path(__file__).parents[3] / ".cache" / "real-tables"


@pytest.mark.skipif(
    not _FOLDER.is_dir() and "CI" not in os.environ,
    reason="the real tables are not here: python tools/real_tables.py .cache/real-tables",
)
@pytest.mark.parametrize("table", _EXPECTED["kinds"])
def test_kinds_are_those_a_person_would_give(tmp_path, table):
    source = _FOLDER / f"{table}.csv"
    result = ingest(source=str(source), target=str(tmp_path / "t.parquet"), original_name=source.name)
    profile = Profile.from_dict(result["profile"])
    found = {column.name: column.kind for column in profile.columns}
    kinds = _EXPECTED["kinds"][table]
    assert found == {name: kind for kind, names in kinds.items() for name in names.split()}
    assert not [column.name for column in profile.columns if column.n_unreadable]
