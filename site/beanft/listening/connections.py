"""A visitor's connection: one request at a time, bounded before it is understood, and let go when silent."""

import contextlib
import fcntl
import re
import socket
import struct
import termios
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEAD_BYTES, _HEADERS = 1 << 16, 200
_UPGRADE = re.compile(rb"\r\nupgrade[ \t]*:", re.IGNORECASE)
IDLE_S = 30
"""How long a visitor may be silent."""

_TOO_LONG = "The head of this request is too long."


class _RefusedError(Exception):
    """What came is no request that is answered; the parser stops."""


class Connection(HttpToolsProtocol):
    """Uvicorn's connection with the bounds that it leaves to a proxy.

    Parameters
    ----------
    most : int
        How many connections there may be; beyond it those go that wait for nothing, the longest silent first.
    """

    def __init__(self, *args: Any, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._most = most
        self._since = self.loop.time()  # that something was understood, or taken
        self._unread = 0  # bytes since the last ones that were understood
        self._unsent = 0
        self._in_head = True

    def connection_made(self, transport: Any) -> None:
        """Begin; small answers are sent at once."""
        super().connection_made(transport)
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.client is None:  # gone before they were let in
            self.end()
        while len(self.connections) > self._most:
            cast(Connection, min(self.connections, key=_rank)).end()

    def data_received(self, data: bytes) -> None:
        """Take what came, unless it is a head, a trailer or the frame of a chunk that never ends."""
        self._unread += len(data)
        super().data_received(self._without_upgrade(data) if self._in_head else data)
        if self._unread > _HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response(_TOO_LONG)

    def _without_upgrade(self, data: bytes) -> bytes:
        """Offers of other protocols are declined; the parser would take the body for one of them."""
        head, end, rest = data.partition(b"\r\n\r\n")
        return _UPGRADE.sub(b"\r\nX-Declined:", head) + end + rest

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, or a trailer, which is none."""
        if len(self.headers) >= _HEADERS:
            raise _RefusedError
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is understood: answer, unless the one before is not answered yet."""
        if self.is_asked or self.parser.should_upgrade():  # such as by an offer that came in two parts
            self.end()
            raise _RefusedError
        self._understood()
        self._in_head = False
        super().on_headers_complete()
        self.headers = []  # trailers do not reach the site

    def on_body(self, body: bytes) -> None:
        """Some of the body has come."""
        self._understood()
        super().on_body(body)

    def on_message_complete(self) -> None:
        """All of the request has come; what follows belongs to the next one."""
        self._understood()
        self._in_head = True
        super().on_message_complete()

    def shutdown(self) -> None:
        """The site ends: what has come is answered, for what is still coming there is no time."""
        if self.is_asked and self.cycle.more_body:
            self.transport.close()
        super().shutdown()

    def let_go_if_silent(self) -> None:
        """End where nothing is heard of the visitor though it is their turn to send, or to read."""
        unsent = self.unsent
        if unsent != self._unsent or (not unsent and self.is_asked and not self.cycle.more_body):
            self._unsent, self._since = unsent, self.loop.time()
        if self.loop.time() - self._since > IDLE_S:
            self.end()

    @property
    def is_asked(self) -> bool:
        """Whether a request was made that is not answered yet."""
        return self.cycle is not None and not self.cycle.response_complete

    @property
    def unsent(self) -> int:
        """Bytes that the visitor has not taken yet, those in the hands of the system too."""
        count = self.transport.get_write_buffer_size()
        with contextlib.suppress(OSError):  # not every system tells
            number = self.transport.get_extra_info("socket").fileno()
            count += struct.unpack("i", fcntl.ioctl(number, termios.TIOCOUTQ, bytes(4)))[0]
        return count

    def _understood(self) -> None:
        self._unread, self._since = 0, self.loop.time()

    def end(self) -> None:
        """End at once; the place is free before the system has closed the connection."""
        self.connections.discard(self)
        self.transport.abort()


def _rank(connection: Any) -> tuple[bool, float]:
    """Who waits for an answer, or reads one, stays longest."""
    return connection.is_asked and not connection.cycle.more_body, connection._since
