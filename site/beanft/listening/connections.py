"""A visitor's connection: bounded in what may come before it is understood, and in how long it is silent."""

import socket
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEAD_BYTES = 1 << 16
IDLE_S = 30
"""How long a visitor may be silent."""

_TOO_LONG = "The head of this request is too long."


class Connection(HttpToolsProtocol):
    """Uvicorn's connection with the bounds that it leaves to a proxy.

    Parameters
    ----------
    most : int
        How many connections there may be; beyond it whoever was silent for the longest is let go.
    """

    def __init__(self, *args: Any, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._most = most
        self._silent_since = self.loop.time()
        self._unread = 0  # bytes since the last ones that were understood
        self._unsent = 0

    def connection_made(self, transport: Any) -> None:
        """Begin; small answers are sent at once."""
        super().connection_made(transport)
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if len(self.connections) > self._most:
            min(self.connections, key=_last_sign).transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take what came, unless it is a head, a trailer or the frame of a chunk that never ends."""
        self._silent_since = self.loop.time()
        self._unread += len(data)
        super().data_received(data)
        if self._unread > _HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response(_TOO_LONG)

    def on_headers_complete(self) -> None:
        """The head is understood."""
        self._unread = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Some of the body has come."""
        self._unread = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """All of the request has come; what follows belongs to the next one."""
        self._unread = 0
        super().on_message_complete()

    def let_go_if_silent(self) -> None:
        """End where nothing is heard of the visitor though it is their turn to send, or to read."""
        unsent = self.transport.get_write_buffer_size()
        if unsent != self._unsent or (not unsent and self._is_asked()):
            self._unsent = unsent
            self._silent_since = self.loop.time()
        if self.loop.time() - self._silent_since > IDLE_S:
            self.transport.abort()

    def _is_asked(self) -> bool:
        """Whether it is the site's turn."""
        return self.cycle is not None and not self.cycle.more_body and not self.cycle.response_complete


def _last_sign(connection: Any) -> float:
    return float(connection._silent_since)
