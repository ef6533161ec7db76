"""From the web server to the site: requests come in whole, answers go out as fast as the visitor takes them.

The server waits for visitors without a thread each (ASGI); the site answers in threads (WSGI). A thread is
taken only while something is worked out: whoever sends or reads slowly keeps nobody else waiting.
"""

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from beanft.listening.threads import Threads

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Site = Callable[[dict[str, Any], Any], Iterable[bytes]]

_IN_MEMORY = 1 << 20
_PIECE = 1 << 18
_TOO_LARGE = b"Beanft accepts no request as large as this."
_PREDICTING = 4
_PATIENCE_S = 10
_PLAIN = {"CONTENT_TYPE", "CONTENT_LENGTH"}


class Gateway:
    """Hands requests to the site, and its answers back.

    Parameters
    ----------
    site : callable
        What answers, as WSGI has it.
    threads : int
        How many requests are answered at the same time.
    largest : int
        Bytes of the largest body that is received.
    """

    def __init__(self, site: Site, *, threads: int, largest: int) -> None:
        self._site, self._largest = site, largest
        self._threads, self._predicting = Threads(threads), Threads(min(_PREDICTING, threads))

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        with SpooledTemporaryFile(_IN_MEMORY) as body:
            length = await self._read(scope, receive, body)
            if length is None:
                return  # the visitor left
            if length > self._largest:
                await _refuse(send)
                return
            body.seek(0)
            answer = _Answer(self._site, _environ(scope, body, length))
            await self._answer(answer, scope["path"], receive, send)

    async def _read(self, scope: Message, receive: Receive, body: IO[bytes]) -> int | None:
        """Receive the body; tell how long it is, None when the visitor left before it was here."""
        headers = dict(scope["headers"])
        declared = int(headers.get(b"content-length", b"0"))
        length = declared if declared > self._largest else 0
        while length <= self._largest:
            message = await receive()
            if message["type"] != "http.request":
                return None
            length += body.write(message["body"])
            if not message["more_body"]:
                return length
        if b"expect" not in headers:  # then they wait for leave to send
            await _throw_away(receive)
        return length

    async def _answer(self, answer: "_Answer", path: str, receive: Receive, send: Send) -> None:
        """Send an answer piece by piece, until the visitor has it or is gone."""
        threads = self._predicting if _is_prediction(path) else self._threads
        call = partial(asyncio.get_running_loop().run_in_executor, threads)
        gone = None
        try:
            piece = await call(answer.begin)
            await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
            while not answer.ended:
                gone = gone or asyncio.ensure_future(receive())  # it returns when the visitor leaves
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                if gone.done():
                    return
                piece = await call(answer.more)
            await send({"type": "http.response.body", "body": piece, "more_body": False})
        finally:
            if gone:
                gone.cancel()
            if not answer.ended:
                await call(answer.close)


class _Answer:
    """An answer of the site; each step of it may run in another thread."""

    def __init__(self, site: Site, environ: dict[str, Any]) -> None:
        self._site, self._environ = site, environ
        self._answer: Iterable[bytes] = ()
        self._pieces: Iterator[bytes] = iter(())
        self._written: list[bytes] = []
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.ended = False

    def begin(self) -> bytes:
        """Ask the site; the first piece."""
        self._answer = self._site(self._environ, self._start)
        self._pieces = iter(self._answer)
        return self.more()

    def more(self) -> bytes:
        """The next piece; after the last one `ended` is set, and the answer closed."""
        gathered, size = self._written, 0
        while size < _PIECE:
            piece = next(self._pieces, None)
            if piece is None:
                self.close()
                break
            gathered.append(piece)
            size += len(piece)
        self._written = []
        return b"".join(gathered)

    def close(self) -> None:
        """Let go of what the answer holds, such as an open file."""
        self.ended = True
        if close := getattr(self._answer, "close", None):
            close()

    def _start(
        self, status: str, headers: list[tuple[str, str]], _error: Any = None
    ) -> Callable[[bytes], None]:
        self.status = int(status.split(" ", 1)[0])
        self.headers = [(name.encode("latin-1"), text.encode("latin-1")) for name, text in headers]
        return self._written.append


async def _throw_away(receive: Receive) -> None:
    """Take the rest of what is sent, for a while: who still sends would not read a refusal."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE_S):
            while (await receive()).get("more_body"):
                pass


def _is_prediction(path: str) -> bool:
    return path.startswith("/api/") and path.endswith("/predictions")


async def _refuse(send: Send) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(_TOO_LARGE)),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": _TOO_LARGE})


def _environ(scope: Message, body: IO[bytes], length: int) -> dict[str, Any]:
    """The request as WSGI has it; bytes of the outside stand in it as Latin-1."""
    (host, port), (address, *_) = scope["server"], scope["client"]
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": address,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, text in scope["headers"]:
        _add_header(environ, name.decode("latin-1"), text.decode("latin-1"))
    if length:
        environ["CONTENT_LENGTH"] = str(length)
    return environ


def _add_header(environ: dict[str, Any], name: str, text: str) -> None:
    if "_" in name or name == "transfer-encoding":
        return  # X_Forwarded_For would pass for X-Forwarded-For; a body in chunks has been put together
    key = name.upper().replace("-", "_")
    if key not in _PLAIN:
        key = f"HTTP_{key}"
    if key in environ:
        text = f"{environ[key]}{'; ' if name == 'cookie' else ','}{text}"
    environ[key] = text
