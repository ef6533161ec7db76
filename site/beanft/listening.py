"""The web server: listens on an address, alone or beside other processes of the site."""

import errno
import logging
import resource
import socket
import time
from collections.abc import Iterable
from typing import Any

import waitress
from flask import Flask

from beanft.settings import Settings

Place = tuple[str, int]
"""An address in digits, and a port."""

_ROOM = 4
_CONNECTIONS = 1000
_IDLE_S = 30
_PATIENCE_S = 7.0
_PAUSE_S = 0.2


def listen(app: Flask, settings: Settings) -> tuple[Any, list[Place]]:
    """Make the server and tell where it listens; where there are to be more processes, they may listen too.

    Raises
    ------
    OSError or ValueError
        The address cannot be listened on.
    """
    deadline = time.monotonic() + (_PATIENCE_S if settings.processes > 1 else 0.0)
    while True:
        channels: dict[int, Any] = {}
        try:
            server = _make(app, settings, channels, host=settings.host, port=settings.port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_S)  # processes of a site that was killed may be about to end
            continue
        places = [one.socket.getsockname()[:2] for one in channels.values() if one.accepting]
        if settings.processes == 1:
            return server, places
        server.task_dispatcher.shutdown()
        server.close()  # a socket that others may join would not have told that another program has the port
        return join(app, settings, places), places


def join(app: Flask, settings: Settings, places: Iterable[Place]) -> Any:
    """Make a server that listens where others do; the system deals the connections out among them."""
    sockets = [
        socket.create_server(
            place, family=socket.AF_INET6 if ":" in place[0] else socket.AF_INET, reuse_port=True
        )
        for place in places
    ]
    return _make(app, settings, {}, sockets=sockets)


def _make(app: Flask, settings: Settings, channels: dict[int, Any], **where: Any) -> Any:
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it logs every request that waits
    # Waitress receives a body before the site may refuse it. Four times what a view takes leaves room for a
    # designed "too large" page, and bounds what a stranger can make the site write to disk.
    largest_mb = _ROOM * max(settings.form_upload_max_mb, settings.slice_mb)
    return waitress.create_server(
        app,
        map=channels,
        **where,
        threads=settings.threads,
        max_request_body_size=largest_mb << 20,
        ident="Beanft",
        connection_limit=_connections(),
        channel_timeout=_IDLE_S,
        asyncore_use_poll=True,  # select() knows 1,024 files
        clear_untrusted_proxy_headers=not settings.proxies,
    )


def _connections() -> int:
    """How many visitors may be connected; a connection costs a file, and systems begin with few.

    Whoever opens connections and says nothing must not use them all up: waitress would take only 100.
    """
    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= files < 2 * _CONNECTIONS:
        files = 2 * _CONNECTIONS if most < 0 else min(2 * _CONNECTIONS, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    return _CONNECTIONS if files < 0 else min(_CONNECTIONS, files // 2)
