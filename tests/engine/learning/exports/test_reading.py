"""The original read again by pandas: the very values that learning saw, or a sentence."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.learning.evidence import read_rows
from beanft.engine.learning.exports.reading import differing, digest_of, read_csv, read_parquet
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.read import ingest

ODD = (
    "name;price;when;paid;code\r\n"
    "a;1.234,50 €;31.12.2024 21:05;ja;007\r\n"
    '"b; c";-0,5 €;01.02.2023 00:00;nein;8\r\n'
    ";n/a;;;\r\n"
    '"say ""no""";12 €;15.06.2024 12:30;ja;9\r\n'
).encode("cp1252")
PLAIN = (
    b"\xef\xbb\xbfx\ty\td\tz\n1\t2.5\t2024-01-31\ttrue\n\n2\t1e3\t2024-02-01\tfalse\n-3\t\t2024-02-02\ttrue\n"
)


def brought(
    folder: Path, content: bytes, kinds: dict[str, str] | None = None
) -> tuple[Profile, list[dict[str, Any]], dict[str, Any]]:
    (folder / "original").write_bytes(content)
    found = ingest(
        source=str(folder / "original"),
        target=str(folder / "table.parquet"),
        original_name="t.csv",
        wishes={"columns": {name: {"kind": kind} for name, kind in (kinds or {}).items()}},
    )
    profile = Profile.from_dict(found["profile"])
    names = ("encoding", "delimiter", "quote", "escape", "n_skipped", "has_header")
    columns = [
        {key: value for key, value in column.items() if key != "top"} | {"place": place}
        for place, column in enumerate(found["profile"]["columns"])
    ]
    return profile, columns, {name: getattr(profile, name) for name in names}


NAMES = b"n,b,t,x\n1,0,2024-01-31 10:00,0.5\n,1,,1e20\n3,,2024-02-01 11:30,\n3,1,2024-02-01 11:30,2\n"


@pytest.mark.parametrize(
    ("content", "kinds"),
    [
        (ODD, {}),
        (PLAIN, {}),
        (b"Title\n\n" + PLAIN[3:].replace(b"\n\n", b"\n"), {}),
        (NAMES, {"n": "category", "b": "boolean", "t": "category", "x": "category"}),
        (NAMES, {}),
    ],
)
def test_the_original_gives_what_learning_saw(content: bytes, kinds: dict[str, str], tmp_path: Path):
    profile, columns, source = brought(tmp_path, content, kinds)
    rows = np.arange(profile.n_rows)
    names = [column.name for column in profile.columns]
    seen = read_rows(tmp_path / "table.parquet", profile, names, rows)
    digests = {name: digest_of(seen[name]) for name in names}
    assert differing(read_csv(tmp_path / "original", source, columns, rows), digests) == []
    assert differing(read_parquet(tmp_path / "table.parquet", columns, rows), digests) == []
    assert [str(one) for one in seen.dtypes] == [
        str(one) for one in read_csv(tmp_path / "original", source, columns, rows).dtypes
    ]


def test_some_rows_and_columns_are_read_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("beanft.engine.learning.exports.reading._ROWS_AT_ONCE", 7)
    chance = random.Random(0)
    lines = [f"{i},{chance.random()},{chance.choice('abc')}" for i in range(50)]
    profile, columns, source = brought(tmp_path, ("n,x,c\n" + "\n".join(lines) + "\n").encode())
    rows = np.array([0, 6, 7, 13, 49])
    found = read_csv(tmp_path / "original", source, [columns[2], columns[0]], rows)
    assert list(found) == ["c", "n"]
    assert found["n"].tolist() == rows.tolist()
    assert found["c"].tolist() == [lines[row][-1] for row in rows]
    assert profile.n_rows == 50


def test_a_changed_cell_is_told_by_its_column(tmp_path: Path):
    profile, columns, source = brought(tmp_path, PLAIN)
    rows = np.arange(profile.n_rows)
    seen = read_csv(tmp_path / "original", source, columns, rows)
    digests = {name: digest_of(seen[name]) for name in seen.columns}
    (tmp_path / "original").write_bytes(PLAIN.replace(b"1e3", b"1e4"))
    assert differing(read_csv(tmp_path / "original", source, columns, rows), digests) == ["y"]


def test_too_few_rows_or_no_csv_are_told(tmp_path: Path):
    _, columns, source = brought(tmp_path, PLAIN)
    with pytest.raises(EngineError, match="row 10 is needed"):
        read_csv(tmp_path / "original", source, columns, np.array([9]))
    (tmp_path / "original").write_bytes(b"\x00\xff\xfe" * 100)
    with pytest.raises(EngineError, match="pandas cannot read"):
        read_csv(tmp_path / "original", source, columns, np.array([0]))
