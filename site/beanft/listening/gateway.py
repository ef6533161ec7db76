"""From the web server to the site: requests come in whole, answers go out as fast as the visitor takes them.

The server waits for visitors without a thread each (ASGI); the site answers in threads (WSGI). A thread is
taken only while something is worked out: whoever sends or reads slowly keeps nobody else waiting.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from beanft.listening.bodies import Bodies, LeftError, Message, Receive, RefusedError
from beanft.listening.threads import Threads

Send = Callable[[Message], Awaitable[None]]
Site = Callable[[dict[str, Any], Any], Iterable[bytes]]

_PIECE = 1 << 18
_PREDICTING = 4
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
        self._site, self._bodies = site, Bodies(largest)
        self._threads, self._predicting = Threads(threads), Threads(min(_PREDICTING, threads))

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            async with self._bodies.received(scope, receive) as (body, length):
                answer = _Answer(self._site, _environ(scope, body, length))
                await self._answer(answer, scope["path"], receive, send)
        except LeftError:
            return
        except RefusedError as error:
            await _refuse(send, error)

    async def _answer(self, answer: "_Answer", path: str, receive: Receive, send: Send) -> None:
        """Send an answer piece by piece, until the visitor has it or is gone."""
        threads = self._predicting if _is_prediction(path) else self._threads
        gone = asyncio.ensure_future(receive())  # it returns when the visitor leaves
        try:
            if (piece := await _unless(gone, threads.submit(answer.begin))) is None:
                answer.ended = True  # before it began
                return
            await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
            while not answer.ended:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                if gone.done():
                    return
                piece = await asyncio.wrap_future(threads.submit(answer.more))
            await send({"type": "http.response.body", "body": piece, "more_body": False})
        finally:
            gone.cancel()
            if not answer.ended:
                await asyncio.wrap_future(threads.submit(answer.close))


async def _unless(gone: asyncio.Future[Any], call: Future[bytes]) -> bytes | None:
    """What a call gives; None where the visitor left before it began."""
    gone.add_done_callback(lambda _: call.cancel())  # one that has begun goes on
    try:
        return await asyncio.wrap_future(call)
    except asyncio.CancelledError:
        if gone.done() and call.cancelled():
            return None
        raise


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


def _is_prediction(path: str) -> bool:
    return path.startswith("/api/") and path.endswith("/predictions")


async def _refuse(send: Send, error: RefusedError) -> None:
    said = error.sentence.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(said)),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": said})


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
