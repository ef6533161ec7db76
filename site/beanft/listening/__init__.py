"""The web server: listens on an address, alone or beside other processes of the site."""

import asyncio
import errno
import os
import resource
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, cast

import uvicorn
from flask import Flask

from beanft.listening.connections import IDLE_S, Connection
from beanft.listening.gateway import Gateway
from beanft.settings import Settings

Place = tuple[str, int]
"""An address in digits, and a port."""

_ROOM = 4
_CONNECTIONS = 1000
_GRACE_S = 5
_SWEEP_TICKS = 50  # of a tenth of a second
_KNOCKING = 128  # that are let in at a time
_FILES_EACH = 3  # its connection, its body, and what is opened to answer it
_NO_FILES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
_NOTED_EVERY_S = 60.0
_PATIENCE_S = 7.0
_PAUSE_S = 0.2


class Server(uvicorn.Server):
    """Answers where it listens, until a signal stops it.

    Parameters
    ----------
    app : Flask
        The site.
    sockets : sequence of socket
        Bound, and listening.
    """

    def __init__(self, app: Flask, settings: Settings, sockets: Sequence[socket.socket]) -> None:
        super().__init__(_configuration(app, settings))
        self._sockets = list(sockets)
        self._stopping: Callable[[], None] = lambda: None
        self._noted = -_NOTED_EVERY_S

    @property
    def places(self) -> list[Place]:
        """Where it listens."""
        return [one.getsockname()[:2] for one in self._sockets]

    def answer(self, stopping: Callable[[], None] = lambda: None) -> None:
        """Answer until SIGINT or SIGTERM, and then what was asked before for some seconds.

        Parameters
        ----------
        stopping : callable
            Called when the signal comes, before the last answers are given.
        """
        self._stopping = stopping
        self.run(self._sockets)

    def close(self) -> None:
        """Listen no longer."""
        for one in self._sockets:
            one.close()

    def handle_exit(self, _number: int, _frame: Any) -> None:
        """Stop, once."""
        if not self.should_exit:
            self.should_exit = True
            self._stopping()

    async def on_tick(self, counter: int) -> bool:
        """Let go of visitors who are silent, and tell whether it is time to end."""
        if counter % _SWEEP_TICKS == 0:
            for connection in list(self.server_state.connections):
                cast(Connection, connection).let_go_if_silent()
        return await super().on_tick(counter)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        asyncio.get_running_loop().set_exception_handler(self._note)
        await super().startup(sockets)

    def _note(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Log what goes wrong beside the answers, but not that files run out at each who knocks."""
        error, moment = context.get("exception"), loop.time()
        if isinstance(error, OSError) and error.errno in _NO_FILES:
            if moment < self._noted + _NOTED_EVERY_S:
                return
            self._noted = moment
        loop.default_exception_handler(context)


def listen(app: Flask, settings: Settings) -> Server:
    """Make the server; where there are to be more processes, `join` makes theirs.

    Raises
    ------
    OSError
        The address cannot be listened on.
    """
    deadline = time.monotonic() + (_PATIENCE_S if settings.processes > 1 else 0.0)
    while True:
        try:
            server = Server(app, settings, _bind(settings.host, settings.port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_S)  # processes of a site that was killed may be about to end
            continue
        if settings.processes == 1:
            return server
        places = server.places
        server.close()  # a socket that others may join would not have told that another program has the port
        return join(app, settings, places)


def join(app: Flask, settings: Settings, places: Iterable[Place]) -> Server:
    """Make a server that listens where others do; the system deals the connections out among them."""
    return Server(app, settings, [_open(place, reuse_port=True) for place in places])


def _bind(host: str, port: int) -> list[socket.socket]:
    """Listen on all addresses that a host has; they share a port that the system chooses."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets: list[socket.socket] = []
    try:
        for address in dict.fromkeys(str(one[4][0]) for one in found):
            sockets.append(_open((address, port)))
            port = sockets[0].getsockname()[1]
    except OSError:
        for one in sockets:
            one.close()
        raise
    return sockets


def _open(place: Place, *, reuse_port: bool = False) -> socket.socket:
    family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
    try:
        return socket.create_server(place, family=family, reuse_port=reuse_port)
    except OSError as error:
        raise OSError(error.errno, os.strerror(error.errno or 0)) from error  # without the address


def _configuration(app: Flask, settings: Settings) -> uvicorn.Config:
    # A body is received before the site may refuse it. Four times what a view takes leaves room for a
    # designed "too large" page, and bounds what a stranger can make the site write to disk.
    largest_mb = _ROOM * max(settings.form_upload_max_mb, settings.slice_mb)
    return uvicorn.Config(
        Gateway(app, threads=settings.threads, largest=largest_mb << 20),
        http=cast(Any, partial(Connection, most=_most_connections())),
        loop="asyncio",
        interface="asgi3",
        ws="none",
        lifespan="off",
        proxy_headers=False,  # the site knows which proxies it may believe
        headers=[("Server", "Beanft")],
        server_header=False,
        access_log=False,
        backlog=_KNOCKING,
        log_config=None,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=_GRACE_S,
    )


def _most_connections() -> int:
    """How many visitors may be connected; a connection costs a file, and systems begin with few."""
    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES_EACH * _CONNECTIONS
    if 0 <= files < wanted:
        files = wanted if most < 0 else min(wanted, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    return _CONNECTIONS if files < 0 else min(_CONNECTIONS, files // _FILES_EACH)
