"""Static files: addresses that change with the file, and how long a browser may keep it."""

import hashlib
from collections.abc import Iterable
from functools import cache, partial
from pathlib import Path
from typing import Any

from flask import Flask
from whitenoise import WhiteNoise

_FOLDER = Path(__file__).parent / "static"
_VENDORED = r"^/static/vendor/"  # the release stands in the name of its folder
_DIGITS = 12
_SAFE_METHODS = ("GET", "HEAD")


def init_app(app: Flask, headers: dict[str, str]) -> None:
    """Serve the folder of static files with these headers, and put a version into their addresses.

    Browsers ask each time whether a file of ours is still the same, so no upgrade leaves old code behind,
    not even under an address without its version.
    """
    app.url_defaults(_add_version)
    app.wsgi_app = _Files(  # type: ignore[method-assign]  # Flask's documented way to add middleware
        app.wsgi_app,
        root=str(_FOLDER),
        prefix="static/",
        max_age=0,
        immutable_file_test=_VENDORED,
        allow_all_origins=False,
        add_headers_function=partial(_add_headers, headers),
    )


def _add_headers(headers: dict[str, str], answer: Any, _path: str, _url: str) -> None:
    for name, value in headers.items():
        answer[name] = value


class _Files(WhiteNoise):
    """Leaves to the site whatever is no question for a file, so that its answer is one of the site's."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in _SAFE_METHODS:
            answer: Iterable[bytes] = self.application(environ, start_response)
            return answer
        return super().__call__(environ, start_response)  # type: ignore[no-any-return]  # WhiteNoise is untyped


def _add_version(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and "filename" in values:
        version = version_of(values["filename"])
        if version:
            values["v"] = version


@cache
def version_of(name: str) -> str:
    """The beginning of the SHA-256 of a static file; empty when there is none of that name."""
    path = _FOLDER / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:_DIGITS] if path.is_file() else ""
