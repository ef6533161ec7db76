"""Profile pictures: only pixels get through."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from beanft.engine.errors import EngineError
from beanft.users import pictures


def _file(picture: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def _opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def _png_header(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is huge."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("size", [(900, 300), (20, 700), (1, 1), (256, 256)])
def test_any_picture_becomes_a_square_webp(kind: str, size: tuple[int, int]) -> None:
    result = _opened(pictures.square_webp(io.BytesIO(_file(Image.new("RGB", size, "teal"), kind))))
    assert (result.format, result.size) == ("WEBP", (256, 256))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_every_kind_of_pixels_is_understood(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    result = _opened(pictures.square_webp(io.BytesIO(_file(Image.new(mode, (40, 40)), kind))))
    assert result.size == (256, 256)


def test_the_middle_is_kept_and_stays_upright() -> None:
    wide = Image.new("RGB", (300, 100), "black")
    wide.paste("white", (100, 0, 200, 100))
    turned = Image.Exif()
    turned[0x0112] = 6  # the camera was held sideways
    result = _opened(pictures.square_webp(io.BytesIO(_file(wide, "PNG"))))
    assert min(result.convert("L").crop((10, 10, 246, 246)).getextrema()) > 240
    tall = Image.new("RGB", (100, 100), "black")
    tall.paste("white", (0, 0, 50, 100))
    upright = _opened(pictures.square_webp(io.BytesIO(_file(tall, "PNG", exif=turned)))).convert("L")
    assert upright.getpixel((128, 40)) > 240
    assert upright.getpixel((128, 216)) < 15


def test_nothing_but_pixels_is_carried_over() -> None:
    exif = Image.Exif()
    exif[0x010E] = "SECRET-PLACE"
    sent = _file(Image.new("RGB", (50, 50)), "JPEG", exif=exif, comment=b"SECRET-NOTE")
    sent += b"<script>alert(1)</script>PK\x03\x04SECRET-TAIL"
    kept = pictures.square_webp(io.BytesIO(sent))
    assert b"SECRET" not in kept
    assert b"script" not in kept


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        _file(Image.new("P", (10, 10)), "GIF"),
        _file(Image.new("RGB", (10, 10)), "BMP"),
        _file(Image.new("RGB", (10, 10)), "TIFF"),
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b"<html><script>alert(1)</script>",
        b"%PDF-1.7",
        b"%!PS-Adobe-3.0 EPSF-3.0",
    ],
)
def test_what_is_no_picture_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(EngineError, match="PNG, JPEG or WebP"):
        pictures.square_webp(io.BytesIO(content))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_cut_off_picture_is_refused_with_a_sentence(kind: str, share: float) -> None:
    content = _file(Image.effect_noise((200, 200), 80).convert("RGB"), kind)
    with pytest.raises(EngineError):
        pictures.square_webp(io.BytesIO(content[: int(len(content) * share)]))


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")  # we refuse them ourselves
@pytest.mark.parametrize("side", [5001, 7000, 30_000, 2_000_000])
def test_a_bomb_is_refused_before_it_is_decoded(side: int) -> None:
    with pytest.raises(EngineError, match="25 million pixels"):
        pictures.square_webp(io.BytesIO(_png_header(side, side)))
