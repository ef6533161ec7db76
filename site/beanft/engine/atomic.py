"""How files are written so that a crash, a full disk or a power cut leaves whole ones or none."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a name to write to; what stands there at the end becomes the file, an error leaves what was.

    Parameters
    ----------
    path : Path
        The file to make, or to put something else in place of.

    Yields
    ------
    Path
        A name of its own in the same folder, so that two who write at once mix nothing. It ends in `.part`:
        the janitor removes what a killed process left under such names.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with whole(Path(folder) / "a.txt") as part:
    ...         _ = part.write_text("all of it")
    ...     [(one.name, one.read_text()) for one in Path(folder).iterdir()]
    [('a.txt', 'all of it')]
    """
    part = path.with_name(f"{path.name}.{uuid4().hex}.part")
    try:
        yield part
        publish(part, path)
    finally:
        part.unlink(missing_ok=True)


def publish(part: Path, path: Path) -> None:
    """Make a finished file durable, then give it its name: for files whose first name must be a certain one.

    Parameters
    ----------
    part : Path
        The file as it was written, closed.
    path : Path
        Its name, in the same folder. The folder is flushed as well, so that the name survives a power cut.
    """
    _flush(part)
    part.replace(path)
    _flush(path.parent)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
