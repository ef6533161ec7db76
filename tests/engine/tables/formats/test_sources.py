"""Whatever comes in, out comes one plain text or one typed table, and nothing else is left behind."""

import gzip
import io
import json
import random
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.progress import Progress
from beanft.engine.tables.formats.sources import Limits, Source, open_source, sample
from beanft.engine.tables.wishes import Wishes
from workbooks import ods, xlsx

CSV = "id,name\n" + "".join(f"{n},name {n}\n" for n in range(5000))
ROWS: list[list[object]] = [["id", "name"], *([n, f"name {n}"] for n in range(5000))]


def parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"id": range(5000), "name": [f"name {n}" for n in range(5000)]}), out)
    return out.getvalue()


def arrow(*, is_stream: bool) -> bytes:
    out = io.BytesIO()
    table = pa.table({"id": range(5000), "name": [f"name {n}" for n in range(5000)]})
    with (pa.ipc.new_stream if is_stream else pa.ipc.new_file)(out, table.schema) as file:
        file.write_table(table)
    return out.getvalue()


def zipped(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def workbook(tmp_path: Path) -> bytes:
    return xlsx(tmp_path / "made", {"Data": ROWS, "More": [["x"], [1]]}).read_bytes()


def made(tmp_path: Path, name: str) -> bytes:
    objects = [{"id": n, "name": f"name {n}"} for n in range(5000)]
    return {
        "csv": CSV.encode,
        "xlsx": lambda: workbook(tmp_path),
        "ods": lambda: ods(tmp_path / "made", {"Data": ROWS}).read_bytes(),
        "json lines": lambda: "\n".join(map(json.dumps, objects)).encode(),
        "json list": lambda: json.dumps(objects).encode(),
        "parquet": parquet,
        "arrow": lambda: arrow(is_stream=False),
        "arrow stream": lambda: arrow(is_stream=True),
    }[name]()


LABELS = {
    "csv": "CSV",
    "xlsx": "Excel workbook",
    "ods": "OpenDocument sheet",
    "json lines": "JSON lines",
    "json list": "JSON list",
    "parquet": "Parquet file",
    "arrow": "Arrow file",
    "arrow stream": "Arrow file",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def opened(tmp_path: Path, content: bytes, **options) -> Source:
    (tmp_path / "upload.csv").write_bytes(content)
    return open_source(
        tmp_path / "upload.csv", original_name="upload.csv", folder=tmp_path / "work", **options
    )


def content_of(source: Source) -> str:
    """The table as CSV, from either form."""
    assert (source.text_path is None) != (source.parquet_path is None)
    if source.text_path:
        return source.text_path.read_text(encoding="utf-8")
    rows = pq.read_table(source.parquet_path).to_pylist()
    return "id,name\n" + "".join(f"{row['id']},{row['name']}\n" for row in rows)


@pytest.mark.parametrize("name", LABELS)
def test_every_format_gives_the_same_table(tmp_path, folder, name):
    source = opened(tmp_path, made(tmp_path, name))
    assert content_of(source) == CSV
    assert source.label == LABELS[name]
    assert source.is_whole
    assert sorted(folder.iterdir()) == sorted(source.temporary)
    assert all(path.suffix == ".part" for path in source.temporary)


@pytest.mark.parametrize("name", LABELS)
def test_every_format_inside_an_archive(tmp_path, folder, name):
    source = opened(tmp_path, gzip.compress(made(tmp_path, name)))
    assert content_of(source) == CSV
    assert source.label == f"{LABELS[name]} in a gzip archive"
    assert sorted(folder.iterdir()) == sorted(source.temporary)
    assert content_of(opened(tmp_path, zipped("../a.csv", made(tmp_path, name)))) == CSV


def test_a_plain_text_is_read_where_it_lies(tmp_path, folder):
    source = opened(tmp_path, CSV.encode())
    assert source == Source(text_path=tmp_path / "upload.csv")


def test_what_is_known_of_the_text(tmp_path, folder):
    lines = opened(tmp_path, made(tmp_path, "json lines"))
    assert (lines.is_clean, lines.has_header) == (True, True)
    book = opened(tmp_path, workbook(tmp_path))
    assert (book.is_clean, book.has_header, book.sheet, book.sheets) == (
        True,
        False,
        "Data",
        ("Data", "More"),
    )
    packed = opened(tmp_path, gzip.compress(CSV.encode()))
    assert (packed.is_clean, packed.has_header) == (False, False)


def test_the_wished_sheet(tmp_path, folder):
    source = opened(tmp_path, workbook(tmp_path), wishes=Wishes(sheet="More"))
    assert content_of(source) == "x\n1\n"


def test_broken_lines_of_json_are_set_aside_on_request(tmp_path, folder):
    content = made(tmp_path, "json lines") + b"\noops\n"
    with pytest.raises(EngineError, match=r"line 5,001 is no JSON at character 1"):
        opened(tmp_path, content)
    source = opened(tmp_path, content, wishes=Wishes(bad_rows="aside"))
    assert (source.n_rejected, source.rejected) == (1, ((5001, "is no JSON at character 1", "oops"),))
    assert (folder / "rejects.csv").read_text() == "line,reason,text\n5001,is no JSON at character 1,oops\n"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\x89PNG\r\n\x1a\n", "This is a PNG picture"),
        (
            gzip.compress(gzip.compress(CSV.encode())),
            "The gzip archive holds another archive (a gzip archive).",
        ),
        (zipped("a.zip", zipped("a.csv", b"a,b")), "The zip archive holds another archive (a zip archive)."),
        (gzip.compress(b"\x80\x04\x95" + bytes(99)), "Pickles are never opened"),
        (gzip.compress(b"RDX3\nX\n\0\0\0"), "This is an R data file"),
        (gzip.compress(bytes(257) + b"ustar" + bytes(300)), "This is a tar archive"),
        (gzip.compress(bytes(30 << 20)), "more than 100 times its size"),
        (parquet()[:-100], "The Parquet file is damaged or not whole"),
        (arrow(is_stream=False)[:-100], "The Arrow file is damaged or not whole"),
        (arrow(is_stream=True)[:3000], "The Arrow file is damaged or not whole"),
        (gzip.compress(parquet())[:-100], "The gzip archive is damaged or not whole"),
    ],
)
def test_refusals_leave_nothing_behind(tmp_path, folder, content, sentence):
    with pytest.raises(EngineError) as refused:
        opened(tmp_path, content)
    assert sentence in str(refused.value)
    assert str(tmp_path) not in str(refused.value)
    assert list(folder.iterdir()) == []


def test_limits_reach_every_format(tmp_path, folder):
    for name in ("xlsx", "json lines", "parquet", "arrow"):
        with pytest.raises(EngineError, match=r"allowed"):
            opened(tmp_path, made(tmp_path, name), limits=Limits(max_columns=1))
        with pytest.raises(EngineError, match=r"allowed"):
            opened(tmp_path, made(tmp_path, name), limits=Limits(max_cells=9))
    with pytest.raises(EngineError, match=r"more than the 0 MB allowed"):
        opened(tmp_path, gzip.compress(CSV.encode()), limits=Limits(unpacked_mb=0))


def test_progress_never_goes_back(tmp_path, folder):
    told: list[float] = []

    class Listener(Progress):
        def __call__(self, share: float, message: str = "") -> None:
            told.append(share)

    opened(tmp_path, gzip.compress(made(tmp_path, "parquet")), progress=Listener())
    assert told == sorted(told)
    assert told[-1] == 1.0


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", LABELS)
def test_a_sample_is_the_beginning(tmp_path, folder, name, packed):
    content = made(tmp_path, name)
    (tmp_path / "upload").write_bytes(gzip.compress(content) if packed else content)
    source = sample(tmp_path / "upload", original_name="upload", folder=folder, rows=100)
    assert not source.is_whole
    lines = content_of(source).splitlines()
    assert 101 <= len(lines) <= 151
    assert lines == CSV.splitlines()[: len(lines)]
    assert sorted(folder.iterdir()) == sorted(source.temporary)


def test_a_short_text_is_its_own_sample(tmp_path, folder):
    (tmp_path / "upload").write_text("a,b\n1,2")
    source = sample(tmp_path / "upload", original_name="upload", folder=folder)
    assert source == Source(text_path=tmp_path / "upload")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_a_sample_ends_with_a_whole_row(tmp_path, folder, encoding):
    rows = "".join(f'{n},"né\n{"x" * 50}"\n' for n in range(40_000))
    (tmp_path / "upload").write_bytes(("a,b\n" + rows).encode(encoding))
    source = sample(tmp_path / "upload", original_name="upload", folder=folder, rows=100_000)
    text = source.text_path.read_bytes().decode(encoding)
    assert ("a,b\n" + rows).startswith(text)
    assert text.endswith('"\n')
    assert len(text) > 400_000


@pytest.mark.parametrize("name", ["xlsx", "parquet", "arrow", "arrow stream", "json list"])
def test_mutated_files_give_a_source_or_a_sentence(tmp_path, folder, name):
    small = [["id", "name"], [1, "a"], [2, "b"]]
    content = xlsx(tmp_path / "made", {"D": small}).read_bytes() if name == "xlsx" else made(tmp_path, name)
    chance, outcomes = random.Random(name), set()
    for _ in range(15 if name == "xlsx" else 60):
        broken = bytearray(content)
        for _ in range(chance.randrange(1, 5)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        try:
            for path in opened(tmp_path, bytes(broken)).temporary:
                path.unlink()
            outcomes.add("read")
        except EngineError:
            outcomes.add("refused")
        assert list(folder.iterdir()) == []
    assert "refused" in outcomes
