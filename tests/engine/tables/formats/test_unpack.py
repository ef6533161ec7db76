"""Archives: what comes out is what went in, damage and bombs are refused as soon as they show."""

import bz2
import gzip
import io
import lzma
import random
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.progress import Progress
from beanft.engine.tables.formats.unpack import unpack

TEXT = "".join(f"{n},{n * 7 % 1013},name {n * 31 % 977}\n" for n in range(20_000)).encode()


def zstd(content: bytes, codec: str = "zstd") -> bytes:
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, codec) as stream:
        stream.write(content)
    return out.getvalue().to_pybytes()


def zipped(files: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


PACK = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstd,
    "lz4": lambda content: zstd(content, "lz4"),
    "zip": lambda content: zipped({"a.csv": content}),
}


def unpacked(tmp_path: Path, kind: str, packed: bytes, **options) -> bytes:
    (tmp_path / "in").write_bytes(packed)
    unpack(tmp_path / "in", tmp_path / "out", kind=kind, **{"unpacked_mb": 8192, **options})
    return (tmp_path / "out").read_bytes()


@pytest.mark.parametrize("kind", PACK)
def test_what_went_in_comes_out(tmp_path, kind):
    assert unpacked(tmp_path, kind, PACK[kind](TEXT)) == TEXT


@pytest.mark.parametrize("kind", ["gzip", "bzip2", "xz", "zstd", "lz4"])
def test_archives_that_follow_each_other_are_one(tmp_path, kind):
    assert unpacked(tmp_path, kind, PACK[kind](b"a\n") + PACK[kind](b"1\n")) == b"a\n1\n"


def test_zeros_between_xz_streams_are_skipped(tmp_path):
    assert unpacked(tmp_path, "xz", lzma.compress(b"a\n") + b"\0" * 8 + lzma.compress(b"1\n")) == b"a\n1\n"


@pytest.mark.parametrize("kind", PACK)
def test_truncated_archives_are_refused(tmp_path, kind):
    packed = PACK[kind](TEXT)
    for end in (len(packed) // 2, len(packed) - 3):
        with pytest.raises(EngineError, match=r"damaged or not whole"):
            unpacked(tmp_path, kind, packed[:end])


@pytest.mark.parametrize("kind", PACK)
def test_flipped_bytes_are_refused_or_harmless(tmp_path, kind):
    packed, chance, n_noticed = PACK[kind](TEXT), random.Random(5), 0
    for _ in range(30):
        broken = bytearray(packed)
        broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        try:
            unpacked(tmp_path, kind, bytes(broken))
        except EngineError as error:
            n_noticed += str(error).endswith(".")
    assert n_noticed >= {"zstd": 1, "lz4": 1}.get(kind, 15)  # these two are made without checksums here


@pytest.mark.parametrize("kind", PACK)
def test_bombs_are_refused_before_they_fill_the_disk(tmp_path, kind):
    with pytest.raises(EngineError, match=r"more than 100 times its size \(1[0-9]\.\d MB so far\)"):
        unpacked(tmp_path, kind, PACK[kind](bytes(40 << 20)))
    assert (tmp_path / "out").stat().st_size <= 20 << 20


@pytest.mark.parametrize("kind", PACK)
def test_what_is_larger_than_allowed_is_refused(tmp_path, kind):
    with pytest.raises(EngineError) as refused:
        unpacked(tmp_path, kind, PACK[kind](random.Random(1).randbytes(1_200_000)), unpacked_mb=1)
    assert "holds more than the 1 MB allowed after unpacking" in str(refused.value)


def test_only_the_beginning_for_a_look(tmp_path):
    assert unpacked(tmp_path, "gzip", gzip.compress(TEXT), only_bytes=1000) == TEXT[:1000]


@pytest.mark.parametrize("kind", PACK)
def test_an_empty_file_inside_is_refused(tmp_path, kind):
    with pytest.raises(EngineError, match="is empty"):
        unpacked(tmp_path, kind, PACK[kind](b""))


def test_byproducts_in_a_zip_are_no_files(tmp_path):
    files = {"data/": b"", "data/a.csv": TEXT, "__MACOSX/data/._a.csv": b"x", "data/.DS_Store": b"x"}
    assert unpacked(tmp_path, "zip", zipped(files)) == TEXT


def test_several_files_are_named(tmp_path):
    files = {f"{n}.csv": b"x" for n in range(7)}
    with pytest.raises(EngineError) as refused:
        unpacked(tmp_path, "zip", zipped(files))
    assert str(refused.value) == (
        "The zip archive holds 7 files: “0.csv”, “1.csv”, “2.csv”, “3.csv”, “4.csv” and 2 more. "
        "Upload the one that is the table."
    )


def test_a_zip_of_folders_only_is_refused(tmp_path):
    with pytest.raises(EngineError, match=r"holds no file"):
        unpacked(tmp_path, "zip", zipped({"a/": b""}))


def test_names_inside_are_never_used(tmp_path):
    folder = tmp_path / "deep" / "er"
    folder.mkdir(parents=True)
    assert unpacked(folder, "zip", zipped({"../../evil.csv": TEXT})) == TEXT
    assert unpacked(folder, "zip", zipped({"/tmp/evil.csv": TEXT})) == TEXT
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["in", "out"]


def test_a_password_is_said(tmp_path):
    packed = bytearray(zipped({"a.csv": TEXT}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.index(mark) + at] |= 1
    with pytest.raises(EngineError, match=r"protected by a password\. Upload the table unpacked\."):
        unpacked(tmp_path, "zip", bytes(packed))


def test_an_unknown_method_is_said(tmp_path):
    packed = bytearray(zipped({"a.csv": TEXT}))
    for mark, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        packed[packed.index(mark) + at] = 9  # deflate64
    with pytest.raises(EngineError, match=r"cannot be read here"):
        unpacked(tmp_path, "zip", bytes(packed))


def test_progress_moves_by_the_bytes_of_the_archive(tmp_path):
    told: list[float] = []

    class Listener(Progress):
        def __call__(self, share: float, message: str = "") -> None:
            told.append(share)

    unpacked(tmp_path, "gzip", gzip.compress(random.Random(1).randbytes(5 << 20)), progress=Listener())
    assert told == sorted(told)
    assert len(told) >= 5
    assert told[-1] == 1.0
