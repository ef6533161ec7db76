"""What is said of a file to predict that cannot be read: it names no way out that a batch has not."""

from __future__ import annotations

from pathlib import Path

import pytest

from beanft.engine.errors import EngineError
from beanft.engine.learning.batches.sources import Asked, open_table
from beanft.engine.progress import Progress
from beanft.engine.tables.formats.sources import Limits

_NUL = b"a,b\n" + b"1,2\n" * 9 + b"3\x00,4\n"
_BROKEN = b"a,b\n" + "é,2\n".encode() * 300 + b"\xe9,3\n"
_UNCLEAR = b"a,b\n" + b"\x98\xd5,2\n" * 3
_WIDE = b"\xff\xfe" + "a,b\n1,2\n".encode("utf-16-le") + b"\x00\xd8\x00"
_RAGGED = b"a,b\n1,2\n3\n4,5\n"
_JSON = b'{"a": 1}\n{"a": 2}\n[3]\n{"a": 4}\n'


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (_NUL, "nul.csv", "holds 1 NUL byte, the first on line 11"),
        (_BROKEN, "broken.csv", "Line 302 is not UTF-8 text"),
        (_UNCLEAR, "unclear.csv", "not UTF-8"),
        (_WIDE, "wide.csv", "is not UTF-16"),
        (_RAGGED, "ragged.csv", "does not have the 2 cells"),
        (_JSON, "lines.jsonl", "is no JSON object"),
    ],
)
def test_a_refusal_names_no_way_out_that_a_batch_has_not(
    tmp_path: Path, content: bytes, name: str, sentence: str
):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(EngineError) as refused:
        _read(path, tmp_path / "predictions.parquet")
    said = str(refused.value)
    assert sentence in said
    assert "read it again" not in said
    assert "read the file again" not in said
    assert "Choose" not in said
    assert said.endswith(".")
    assert refused.value.remedies == ("other-table",)


def test_other_refusals_stay_as_they_are(tmp_path: Path):
    path = tmp_path / "empty.csv"
    path.write_bytes(b"")
    with pytest.raises(EngineError, match=r"The file is empty\."):
        _read(path, tmp_path / "predictions.parquet")


def _read(path: Path, target: Path) -> None:
    """Read a file to its end, in the way that names what is wrong with its rows."""
    asked = Asked(path=path, name=path.name)
    with open_table(asked, target, limits=Limits(), progress=Progress()) as (table, _):
        for _ in table.entries[-1].blocks():
            pass
