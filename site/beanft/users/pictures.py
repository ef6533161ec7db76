"""Profile pictures: whatever was sent is decoded and drawn anew, so that only pixels are kept."""

import io
import threading
from typing import BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError

from beanft.engine.errors import EngineError

SIDE = 256
"""Width and height of the picture that is kept, in pixels."""
_MOST_PIXELS = 25_000_000  # a 25-megapixel photograph takes 75 MB of memory while it is decoded
_FORMATS = ("PNG", "JPEG", "WEBP")

Image.MAX_IMAGE_PIXELS = _MOST_PIXELS  # Pillow itself refuses twice as many, before it decodes anything

_turn = threading.Lock()  # one at a time: twenty large pictures at once must not fill the memory


def square_webp(file: BinaryIO) -> bytes:
    """Decode a PNG, JPEG or WebP picture and return its middle as a square WebP of 256 pixels.

    Raises
    ------
    EngineError
        When the file is no such picture, is broken, or has too many pixels.
    """
    try:
        with _turn:
            return _drawn_anew(file)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise EngineError(
            f"This picture has more than {_MOST_PIXELS // 1_000_000} million pixels. Send a smaller one."
        ) from error
    except UnidentifiedImageError as error:
        raise EngineError(
            "This is not a PNG, JPEG or WebP picture. Save it as one of these first."
        ) from error
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError) as error:
        raise EngineError(
            "This picture is damaged. Open it in an image program and save it again."
        ) from error


def _drawn_anew(file: BinaryIO) -> bytes:
    """Nothing but pixels is carried over: no position, no comment, no second file glued to the end."""
    with Image.open(file, formats=_FORMATS) as picture:
        if picture.width * picture.height > _MOST_PIXELS:
            raise Image.DecompressionBombError
        picture.draft("RGB", (2 * SIDE, 2 * SIDE))
        upright = ImageOps.exif_transpose(picture)
        mode = "RGBA" if upright.has_transparency_data else "RGB"
        square = ImageOps.fit(upright.convert(mode), (SIDE, SIDE), Image.Resampling.LANCZOS)
    result = io.BytesIO()
    square.save(result, "WEBP", quality=85)
    return result.getvalue()
