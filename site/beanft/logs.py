"""The rotating log in instance/logs: one line an event, with the request id, without secrets."""

import contextlib
import logging
import os
import re
import time
import uuid
from logging.handlers import RotatingFileHandler
from typing import TextIO, cast

from flask import Flask, Response, g, has_request_context, request
from flask.logging import wsgi_errors_stream

from beanft.settings import Settings

_FORMAT = "%(asctime)sZ %(levelname)s [%(request_id)s] %(name)s: %(message)s"
_MOST_CHARACTERS = 20_000  # a traceback fits; what a visitor sends cannot fill the disk with one event
# Line ends of every kind and terminal codes: C0, DEL, C1, LINE and PARAGRAPH SEPARATOR, direction overrides.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

_UNFIT = re.compile(r"[^A-Za-z0-9.@-]")  # what a file's name should not hold
_KEPT_S = 30 * 86_400

_SERVERS = ("uvicorn.error", "asyncio")  # they warn of what any stranger can send

_requests = logging.getLogger("beanft.requests")


def request_id() -> str:
    """The id of the request at hand: it stands in its log lines, its answer and its error page."""
    if "request_id" not in g:
        g.request_id = uuid.uuid4().hex[:12]
    return str(g.request_id)


class _OneLine(logging.Formatter):
    """Writes an event on one line: what a visitor sent cannot forge a second one."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        if len(text) > _MOST_CHARACTERS:
            text = f"{text[:_MOST_CHARACTERS]} … ({len(text):,} characters)"
        return _CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


class _LogFile(RotatingFileHandler):
    """Begins its file anew when somebody took it away, instead of writing where nobody can read."""

    def emit(self, record: logging.LogRecord) -> None:
        if self.stream and not os.path.exists(self.baseFilename):  # noqa: PTH110 -- asked by every request
            self.stream.close()
            self.stream = None  # the next event opens it
        super().emit(record)


class _RequestId(logging.Filter):
    """Adds the id of the request at hand to every event."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id() if has_request_context() else "-"
        return True


def init_app(app: Flask, settings: Settings) -> None:
    """Send everything from `log_level` on to instance/logs/beanft.log, warnings to standard error as well."""
    write_to("beanft.log", settings)
    app.before_request(_start_clock)
    app.after_request(_note_request)


def write_to(name: str, settings: Settings) -> None:
    """Write this process's events to a file of that name; two processes cannot rotate the same one."""
    folder = settings.instance / "logs"
    folder.mkdir(mode=0o700, exist_ok=True)
    handler = _LogFile(
        folder / name, maxBytes=settings.log_max_mb << 20, backupCount=5, encoding="utf-8", delay=True
    )
    console = logging.StreamHandler(cast(TextIO, wsgi_errors_stream))
    console.setLevel(logging.WARNING)
    _install([handler, console], settings.log_level)


def write_as(worker: str, settings: Settings) -> None:
    """Write to a file of this worker's own, as many may share an instance.

    Those of workers that have been silent for a month go: hosts in containers have a new name each time.
    """
    oldest = time.time() - _KEPT_S
    for path in (settings.instance / "logs").glob("worker-*.log*"):
        with contextlib.suppress(FileNotFoundError):  # another worker that starts was quicker
            if path.stat().st_mtime < oldest:
                path.unlink()
    write_to(f"worker-{_UNFIT.sub('_', worker)}.log", settings)


def _install(handlers: list[logging.Handler], level: str) -> None:
    """Put these in the place of an earlier site's; a server's own would write what visitors send as it is."""
    for handler in handlers:
        handler.setFormatter(_OneLine(_FORMAT, datefmt="%Y-%m-%dT%H:%M:%S"))
        handler.addFilter(_RequestId())
    for name, least in (("beanft", level), *((server, "ERROR") for server in _SERVERS)):
        logger = logging.getLogger(name)
        for old in [old for old in logger.handlers if isinstance(old.formatter, _OneLine)]:
            logger.removeHandler(old)
            old.close()
        for handler in handlers:
            logger.addHandler(handler)
        logger.setLevel(least)
        logger.propagate = False


def _start_clock() -> None:
    g.started = time.monotonic()


def _note_request(response: Response) -> Response:
    """One line a request: the path without its query, which may hold cells of somebody's table."""
    milliseconds = 1000 * (time.monotonic() - g.get("started", time.monotonic()))
    _requests.info("%s %s %s %.0f ms", request.method, request.path, response.status_code, milliseconds)
    return response
