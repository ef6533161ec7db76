"""Spellings that real files hold: raw lines of theirs, and what they mean."""

from pathlib import Path

import duckdb

from beanft.engine.learning.inputs import check
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.read import ingest


def read(folder: Path, content: str) -> Profile:
    (folder / "t.csv").write_text(content, encoding="utf-8")
    result = ingest(
        source=str(folder / "t.csv"), target=str(folder / "t.parquet"), original_name="t.csv", wishes=None
    )
    return Profile.from_dict(result["profile"])


def values(folder: Path) -> list:
    """The first column as it is stored."""
    with duckdb.connect() as database:
        return [row[0] for row in database.read_parquet(str(folder / "t.parquet")).fetchall()]


def test_what_databases_dump_for_null_is_missing(tmp_path):
    rows = ['"AT4","ATR 42",\\N', '"\\N","Airbus",31', '"A30","Airbus A300",32']
    profile = read(tmp_path, "\n".join(["code,name,n", *rows * 9]) + "\n")
    code, _, number = profile.columns
    assert (number.stored, number.n_missing, number.missing) == ("BIGINT", 9, (("\\N", 9),))
    assert (code.n_missing, values(tmp_path)[:3]) == (9, ["AT4", None, "A30"])
    schema = [{"name": "n", "kind": "number", "stored": "BIGINT"}]
    assert check(["n"], [["\\N"], ["5"]], schema).n_errors == 0
