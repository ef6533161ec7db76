"""Fuzz of the reader: whatever the bytes, the outcome is a table or a sentence, and nothing is left behind.

The cases are read in processes whose memory is limited, as that of jobs is, and that a case that hangs ends.
`FUZZ_CASES=20000 pytest tests/engine/tables/test_fuzz.py` runs more cases, `FUZZ_SEED` others.
"""

import os
import random
import resource
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

import beanft
from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.read import ingest
from beanft.engine.tables.text.records import open_table

CASES = int(os.environ.get("FUZZ_CASES", "120"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
GROUPS = 2  # so that workers share the cases
MEMORY_MB = 128  # for the engine
BESIDE_MB = 512  # for programs and libraries, as jobs have
HANGS_S = 60  # one case; whole runs take seconds
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
            source=str(source),
            target=str(target),
            original_name="f",
            wishes=wishes,
            max_line_mb=1,
            memory_mb=MEMORY_MB,
        )
    except EngineError as error:
        return None, str(error)
    return Profile.from_dict(result["profile"]), ""


def ingest_case(folder: Path, number: int) -> None:
    """Any bytes give a table or a sentence."""
    chance = random.Random(f"{SEED}/{number}")
    content, wishes = file_of(chance), wishes_of(chance)
    source, target = folder / "upload.csv", folder / "out.parquet"
    source.write_bytes(content)
    expected = {"upload.csv"}
    profile, sentence = outcome(source, target, wishes)
    if profile is None:
        assert 10 < len(sentence) < 3000, sentence
        assert str(folder) not in sentence
    else:
        assert profile.n_rows > 0
        assert profile.columns
        expected |= {"out.parquet", *(["rejects.csv"] if profile.n_rejected else [])}
    assert {path.name for path in folder.iterdir()} == expected
    assert source.read_bytes() == content
    for path in folder.iterdir():
        path.unlink()


def text_case(folder: Path, number: int) -> None:
    """Rows of any bytes are as wide as the names."""
    source = folder / "upload.csv"
    source.write_bytes(file_of(random.Random(f"text/{SEED}/{number}")))
    with suppress(EngineError):
        opened = open_table(str(source), max_line_mb=1)
        for batch in opened:
            assert {len(row) for row in batch.rows} <= {len(opened.names)}
            assert batch.lines == sorted(set(batch.lines))
    source.unlink()


def memory_case(folder: Path, number: int) -> None:
    """More than is allowed: the limit is there."""
    bytearray((MEMORY_MB + BESIDE_MB) << 20)


def hanging_case(folder: Path, number: int) -> None:
    """A case that never ends."""
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    while True:
        pass


WHATS = {
    "ingest": ingest_case, "text": text_case, "memory": memory_case, "hanging": hanging_case,
}  # fmt: skip


def main(what: str, group: int, folder: Path) -> None:
    """Read every case of a group; the last number written is that of the case that failed."""
    limit = (MEMORY_MB + BESIDE_MB) << 20
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number in range(group, CASES, GROUPS):
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        signal.alarm(HANGS_S)  # nobody handles it: the process ends, also within a library
        WHATS[what](folder, number)
    sys.stdout.write("done\n")


def run(what: str, group: int, folder: Path) -> tuple[int, str, str]:
    """How the process ended, the last line that it wrote, and its errors."""
    done = subprocess.run(
        [sys.executable, __file__, what, str(group), str(folder)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(beanft.__file__).parents[1])},
    )
    return done.returncode, done.stdout.split()[-1], done.stderr


@pytest.mark.parametrize("group", range(GROUPS))
@pytest.mark.parametrize("what", ["ingest", "text"])
def test_any_bytes_give_a_table_or_a_sentence(tmp_path: Path, what, group):
    code, last, errors = run(what, group, tmp_path)
    assert (code, last) == (0, "done"), errors[-5000:]


def test_a_case_that_takes_too_much_memory_or_time_would_be_noticed(tmp_path: Path):
    code, last, errors = run("memory", 0, tmp_path)
    assert (code, last, "MemoryError" in errors) == (1, "0", True)
    assert run("hanging", 0, tmp_path)[:2] == (-signal.SIGALRM, "0")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
