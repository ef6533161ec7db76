"""A real row as a request holds it."""

from __future__ import annotations

from pathlib import Path

from beanft.engine.learning.example import first_row
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.read import ingest


def _table(folder: Path, csv: str) -> tuple[Path, Profile]:
    source, target = folder / "original", folder / "table.parquet"
    source.write_text(csv)
    found = ingest(source=str(source), target=str(target), original_name="a.csv")
    return target, Profile.from_dict(found["profile"])


def test_the_first_row_is_plain_values_in_the_order_asked_for(tmp_path: Path) -> None:
    table, profile = _table(tmp_path, "n,word,day,gone\n1.5,red,2026-01-02,\n2,blue,2026-01-03,x\n")
    assert first_row(table, profile, ["day", "n", "gone", "word"]) == {
        "day": "2026-01-02", "n": 1.5, "gone": None, "word": "red",
    }  # fmt: skip
