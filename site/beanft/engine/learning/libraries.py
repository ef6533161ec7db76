"""The libraries that a model's numbers hang on, and their releases."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import version

LIBRARIES = ("scikit-learn", "lightgbm", "numpy", "pandas", "scipy")
"""Names as they are installed by."""


def versions_now() -> dict[str, str]:
    """Name the releases that are installed; what is upgraded later is not what this process has loaded.

    Returns
    -------
    dict of str to str

    Examples
    --------
    >>> sorted(versions_now())[:2]
    ['lightgbm', 'numpy']
    """
    return {name: _installed(name) for name in LIBRARIES}


@cache
def _installed(name: str) -> str:
    """A release; it is read from a file, and asked for with each run of a training."""
    return version(name)


def upgraded(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Say which libraries are others than before.

    Parameters
    ----------
    before, now : mapping of str to str
        Releases by library; libraries that are in one of them only are passed over.

    Returns
    -------
    str
        Such as numpy 2.1 → 2.2; empty where none is.

    Examples
    --------
    >>> upgraded({"numpy": "2.1", "scipy": "1.0"}, {"numpy": "2.2", "scipy": "1.0"})
    'numpy 2.1 → 2.2'
    """
    changed = [
        f"{name} {before[name]} → {now[name]}" for name in now if before.get(name, now[name]) != now[name]
    ]
    return ", ".join(changed)
