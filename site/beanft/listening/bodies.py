"""What visitors send: received whole before the site is asked, each body bounded and all of them together."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from tempfile import SpooledTemporaryFile
from typing import IO, Any

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]

_IN_MEMORY = 1 << 20
_MOST = 32  # bodies of the largest size that there is room for at the same time
_PATIENCE_S = 10


class LeftError(Exception):
    """The visitor left before all was here."""


class RefusedError(Exception):
    """A body for which there is no room.

    Parameters
    ----------
    status : int
        Of the answer.
    sentence : str
        What the visitor reads.
    """

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


class Bodies:
    """Receives bodies.

    Parameters
    ----------
    largest : int
        Bytes of the largest one that is received.
    """

    def __init__(self, largest: int) -> None:
        self._largest, self._held = largest, 0

    @contextlib.asynccontextmanager
    async def received(self, scope: Message, receive: Receive) -> AsyncIterator[tuple[IO[bytes], int]]:
        """Receive the body of a request, and keep it until the request is answered; its file and its length.

        Raises
        ------
        LeftError
            The visitor left.
        RefusedError
            It is too large, or too much is being received at once.
        """
        headers = dict(scope["headers"])
        length = 0
        with SpooledTemporaryFile(_IN_MEMORY) as file:
            try:
                self._check(int(headers.get(b"content-length", b"0")))
                while (message := await receive())["type"] == "http.request":
                    length += len(message["body"])
                    self._held += len(message["body"])
                    self._check(length)
                    _write(file, message["body"])
                    if not message["more_body"]:
                        break
                else:
                    raise LeftError
                file.seek(0)
                yield file, length
            except RefusedError:
                file.truncate(0)
                if b"expect" not in headers:  # then they wait for leave to send
                    await _throw_away(receive)
                raise
            finally:
                self._held -= length

    def _check(self, length: int) -> None:
        if length > self._largest:
            raise RefusedError(413, "Beanft accepts no request as large as this.")
        # A small one, as a login is, takes no disk and is always let in.
        if length > _IN_MEMORY and self._held > _MOST * self._largest:
            raise RefusedError(503, "Too much is being sent to Beanft at the moment. Try again in a minute.")


def _write(file: IO[bytes], piece: bytes) -> None:
    try:
        file.write(piece)
    except OSError as error:
        raise RefusedError(507, "The disk of this site is full. Tell whoever runs it.") from error


async def _throw_away(receive: Receive) -> None:
    """Take the rest of what is sent, for a while: who still sends would not read a refusal."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE_S):
            while (await receive()).get("more_body"):
                pass
