"""The web server: listens on an address, or on sockets that another process listens on."""

import logging
import resource
import socket
from collections.abc import Sequence
from typing import Any

import waitress
from flask import Flask

from beanft.settings import Settings

_ROOM = 4
_CONNECTIONS = 1000
_IDLE_S = 30


def listen(app: Flask, settings: Settings, sockets: Sequence[socket.socket] = ()) -> tuple[Any, list[int]]:
    """Make the server, and tell the numbers of the sockets it listens on.

    Raises
    ------
    OSError or ValueError
        The address cannot be listened on.
    """
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it logs every request that waits
    # Waitress receives a body before the site may refuse it. Four times what a view takes leaves room for a
    # designed "too large" page, and bounds what a stranger can make the site write to disk.
    largest_mb = _ROOM * max(settings.form_upload_max_mb, settings.slice_mb)
    where: dict[str, Any] = {"host": settings.host, "port": settings.port}
    channels: dict[int, Any] = {}
    server = waitress.create_server(
        app,
        map=channels,
        **({"sockets": list(sockets)} if sockets else where),
        threads=settings.threads,
        max_request_body_size=largest_mb << 20,
        ident="Beanft",
        connection_limit=_connections(),
        channel_timeout=_IDLE_S,
        asyncore_use_poll=True,  # select() knows 1,024 files
        clear_untrusted_proxy_headers=not settings.proxies,
    )
    return server, [number for number, channel in channels.items() if channel.accepting]


def _connections() -> int:
    """How many visitors may be connected; a connection costs a file, and systems begin with few.

    Whoever opens connections and says nothing must not use them all up: waitress would take only 100.
    """
    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= files < 2 * _CONNECTIONS:
        files = 2 * _CONNECTIONS if most < 0 else min(2 * _CONNECTIONS, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    return _CONNECTIONS if files < 0 else min(_CONNECTIONS, files // 2)
