"""Fuzz of the reader: whatever the bytes, the outcome is a table or a sentence, and nothing is left behind.

`FUZZ_CASES=20000 pytest tests/engine/tables/test_fuzz.py` runs more cases, `FUZZ_SEED` others.
"""

import os
import random
from contextlib import suppress
from pathlib import Path

import pytest

from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.read import ingest
from beanft.engine.tables.text.records import open_table

CASES = int(os.environ.get("FUZZ_CASES", "120"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
GROUPS = 8  # so that a failure names a range and workers share the cases
CELLS = [
    *("1", "-2.5", "1e400", "007", "12345678901234567890", "1,5", "1.234,5", "12 %", "€ 5", "(5)", "NA", ""),
    *("2024-01-31", "31.01.2024", "01/31/2024 9:05 PM", "2024-01-31T10:00:00Z", "1900-01-00", "0000-00-00"),
    *("yes", "no", "true", "=cmd|' /C calc'!A0", "<b>", "a\tb", 'say "x"', "O'Brien", "C:\\dir\\", '\\"'),
    *("two\nlines", "cr\rlf\r\n", "é", "ß", "москва", "東京", "\u200b", "\xa0", " x ", "#", "x" * 300, "--"),
]
DELIMITERS = [*",;\t|", ":", "^", "~", " ", "\x1f", ", ", ""]
QUOTES = ['"', "'", ""]
ENDINGS = ["\n", "\r\n", "\r", "\n\n", ""]
ENCODINGS = [
    "utf-8",
    "utf-8-sig",
    "cp1252",
    "utf-16",
    "utf-16-le",
    "utf-32",
    "cp1251",
    "cp932",
    "gb18030",
    "koi8-r",
]
PIECES = [
    b'"',
    b"'",
    b"\n",
    b"\r",
    b"\0",
    b",",
    b";",
    b"\xff",
    b"\xe9",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\\",
    b'""',
]


def table(chance: random.Random) -> bytes:
    """A table of some dialect, mostly well written."""
    delimiter, quote = chance.choice(DELIMITERS), chance.choice(QUOTES)
    ending, width = chance.choice(ENDINGS), chance.choice([1, 2, 3, 8, 40])
    regular = chance.random() < 0.7
    columns = [chance.sample(CELLS, 3) if regular else CELLS for _ in range(width)]
    lines = [delimiter.join(f"c{number}" for number in range(width))] * chance.randint(0, 1)
    for _ in range(chance.choice([0, 1, 2, 30, 300])):
        cells = [chance.choice(column) for column in columns]
        lines.append(delimiter.join(quoted(cell, quote, delimiter, chance) for cell in cells))
    return ending.join(lines).encode(chance.choice(ENCODINGS), "replace")


def quoted(cell: str, quote: str, delimiter: str, chance: random.Random) -> str:
    needs = any(sign and sign in cell for sign in (quote, delimiter, "\n", "\r"))
    if not quote or not (needs or chance.random() < 0.1):
        return cell
    return quote + cell.replace(quote, chance.choice([quote * 2, "\\" + quote])) + quote


def mutated(content: bytes, chance: random.Random) -> bytes:
    """A few pieces deleted, doubled, changed or moved, or the end cut off."""
    data = bytearray(content)
    for _ in range(chance.choice([0, 1, 1, 2, 5, 30])):
        at, length = chance.randrange(len(data) + 1), chance.choice([1, 1, 2, 20, 500])
        match chance.randrange(6):
            case 0:
                del data[at : at + length]
            case 1:
                data[at:at] = data[at : at + length] * chance.choice([1, 3])
            case 2:
                data[at:at] = chance.choice(PIECES)
            case 3:
                data[at : at + 1] = chance.randbytes(1)
            case 4:
                del data[at:]
            case _:
                other = chance.randrange(len(data) + 1)
                data[other:other] = data[at : at + length]
    return bytes(data)


def file_of(chance: random.Random) -> bytes:
    kind = chance.random()
    if kind < 0.05:
        return chance.randbytes(chance.choice([1, 10, 1000, 70_000]))
    if kind < 0.1:
        return bytes(chance.choice(b"\",;\n\r\t ab1.\\'#") for _ in range(chance.choice([3, 50, 2000])))
    if kind < 0.12:
        return b"a,b\n" + b"x" * chance.choice([70_000, 1_200_000]) + chance.choice([b"", b",1\n", b'"\n'])
    return mutated(table(chance), chance)


def wishes_of(chance: random.Random) -> dict[str, object]:
    wishes: dict[str, object] = {"bad_rows": "aside"} if chance.random() < 0.5 else {}
    if chance.random() < 0.4:
        wishes["bad_bytes"] = "replace"
    choices = {
        "encoding": [*ENCODINGS, "iso8859-2", "big5", "rot13", "\0"],
        "delimiter": [*DELIMITERS, "ab", "x", '"', "\n", "\0"],
        "quote": [*QUOTES, "none", "x"],
        "escape": ["double", "backslash", "x"],
        "header": ["yes", "no"],
        "skip": [0, 1, 3, 1000],
    }
    for name, values in choices.items():
        if chance.random() < 0.08:
            wishes[name] = chance.choice(values)
    return wishes


def outcome(source: Path, target: Path, wishes: dict[str, object]) -> tuple[Profile | None, str]:
    try:
        result = ingest(
            source=str(source), target=str(target), original_name="f", wishes=wishes, max_line_mb=1
        )
    except EngineError as error:
        return None, str(error)
    return Profile.from_dict(result["profile"]), ""


@pytest.mark.parametrize("group", range(GROUPS))
def test_any_bytes_give_a_table_or_a_sentence(tmp_path: Path, group):
    for number in range(group, CASES, GROUPS):
        chance = random.Random(f"{SEED}/{number}")
        content, wishes = file_of(chance), wishes_of(chance)
        folder = tmp_path / str(number)
        folder.mkdir()
        source, target = folder / "upload.csv", folder / "out.parquet"
        source.write_bytes(content)
        expected = {"upload.csv"}
        profile, sentence = outcome(source, target, wishes)
        assert profile or (10 < len(sentence) < 3000 and str(folder) not in sentence), (number, sentence)
        if profile:
            assert profile.n_rows > 0
            assert profile.columns
            assert bool(profile.n_rejected) == (folder / "rejects.csv").exists(), number
            expected |= {"out.parquet", *(["rejects.csv"] if profile.n_rejected else [])}
        assert {path.name for path in folder.iterdir()} == expected, number
        assert source.read_bytes() == content
        for path in folder.iterdir():
            path.unlink()


@pytest.mark.parametrize("group", range(GROUPS))
def test_rows_of_any_bytes_are_as_wide_as_the_names(tmp_path: Path, group):
    source = tmp_path / "upload.csv"
    for number in range(group, CASES, GROUPS):
        source.write_bytes(file_of(random.Random(f"text/{SEED}/{number}")))
        with suppress(EngineError):
            opened = open_table(str(source), max_line_mb=1)
            for batch in opened:
                assert {len(row) for row in batch.rows} <= {len(opened.names)}
                assert batch.lines == sorted(set(batch.lines))
